package activation

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser"
)

const (
	graphRequests  = "https://graph.microsoft.com/v1.0/roleManagement/directory/roleAssignmentScheduleRequests"
	legacyRequests = "https://api.azrbac.mspim.azure.com/api/v2/privilegedAccess/aadroles/roleAssignmentRequests"
	authorizeURL   = "https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize"
	tokenURL       = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token"
)

func TestAnActivationIsRecognisedByWhatItIs(t *testing.T) {
	for name, row := range map[string]struct {
		method, url, body string
		want              bool
	}{
		"on Graph":                         {"POST", graphRequests, `{"action":"selfActivate"}`, true},
		"on Graph beta":                    {"POST", "https://graph.microsoft.com/beta/roleManagement/directory/roleAssignmentScheduleRequests", `{"action":"SelfActivate"}`, true},
		"on Graph, only validated":         {"POST", graphRequests, `{"action":"selfActivate","isValidationOnly":true}`, false},
		"a deactivation":                   {"POST", graphRequests, `{"action":"selfDeactivate"}`, false},
		"a list":                           {"GET", graphRequests, "", false},
		"on the legacy host":               {"POST", legacyRequests, `{"assignmentState":"Active","type":"UserAdd"}`, true},
		"on the legacy host, only checked": {"POST", legacyRequests + "?evaluateOnly=true", `{"assignmentState":"Active","type":"UserAdd"}`, false},
		"legacy deactivation":              {"POST", legacyRequests, `{"assignmentState":"Active","type":"UserRemove"}`, false},
		"an eligibility":                   {"POST", "https://graph.microsoft.com/v1.0/roleManagement/directory/roleEligibilityScheduleRequests", `{"action":"selfActivate"}`, false},
		"not JSON":                         {"POST", graphRequests, `action=selfActivate`, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := isActivation(browser.Exchange{Method: row.method, URL: row.url, PostData: []byte(row.body)})
			if got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func exchange(second int, method, address string, status int) browser.Exchange {
	at := time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC)
	return browser.Exchange{At: at, Answered: at, Method: method, URL: address, Status: status}
}

func asking(context string) string {
	claims := `{"access_token":{"acrs":{"essential":true,"value":"` + context + `"}}}`
	return authorizeURL + "?" + url.Values{"claims": {claims}}.Encode()
}

func TestTheWireIsReadInOrder(t *testing.T) {
	activation := exchange(9, http.MethodPost, graphRequests, 201)
	activation.PostData = []byte(`{"action":"selfActivate"}`)
	refused := activation
	refused.At, refused.Status = activation.At.Add(-8*time.Second), 400
	history := []browser.Exchange{
		exchange(0, http.MethodGet, asking("c1"), 302), // before the activation was begun
		refused,
		exchange(2, http.MethodPost, tokenURL, 200), // no step-up yet
		exchange(3, http.MethodGet, asking("c2"), 302),
		exchange(4, http.MethodGet, authorizeURL, 302),
		exchange(5, http.MethodGet, asking("c1"), 200),
		exchange(6, http.MethodPost, tokenURL, 400),
		exchange(7, http.MethodPost, tokenURL, 200),
		exchange(8, http.MethodPost, tokenURL, 200),
		activation,
	}
	got := readWire(history, history[0].At.Add(time.Second), "c1")
	for what, pair := range map[string][2]*browser.Exchange{
		"step-up":    {got.stepUp, &history[5]},
		"token":      {got.token, &history[7]},
		"activation": {got.activation, &history[9]},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %v, want %v", what, pair[0], pair[1])
		}
	}
}

func TestWhatBecameOfAnActivationOnTheWire(t *testing.T) {
	for name, row := range map[string]struct {
		status        int
		body          string
		outcome, code string
	}{
		"Graph took it":               {201, `{"status":"Provisioned"}`, "active", ""},
		"Graph waits for approval":    {201, `{"status":"PendingApproval"}`, "pending", ""},
		"the legacy host took it":     {201, `{"status":{"status":"Closed","subStatus":"Provisioned"}}`, "active", ""},
		"the legacy host waits":       {201, `{"status":{"status":"InProgress","subStatus":"PendingAdminDecision"}}`, "pending", ""},
		"Graph refused":               {400, `{"error":{"code":"RoleAssignmentExists","message":"x"}}`, "refused", "RoleAssignmentExists"},
		"the legacy host refused":     {400, `{"error":{"code":"UnknownError","message":"{\"errorCode\":\"RoleAssignmentExists\",\"message\":\"x\"}"}}`, "refused", "RoleAssignmentExists"},
		"an answer nobody could read": {500, `<html>`, "refused", ""},
	} {
		t.Run(name, func(t *testing.T) {
			outcome, code := outcomeOnWire(browser.Exchange{Status: row.status, Body: []byte(row.body)})
			if outcome != row.outcome || code != row.code {
				t.Errorf("got %q %q, want %q %q", outcome, code, row.outcome, row.code)
			}
		})
	}
}
