package activation

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// approverOf is a Graph whose request has the next of these statuses at each look, the last again and
// again. It takes whatever is posted to it.
func approverOf(t *testing.T, statuses ...string) *graph.Client {
	t.Helper()
	looks := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"status":"Revoked"}`)
			return
		}
		if r.Header.Get("Authorization") != "Bearer own" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		status := statuses[min(looks, len(statuses)-1)]
		looks++
		_, _ = fmt.Fprintf(w, `{"value":[
			{"id":"first","action":"selfActivate","status":"Provisioned","roleDefinitionId":"role","justification":"run","createdDateTime":"2025-12-31T23:50:00Z"},
			{"id":"theirs","action":"selfActivate","status":"Provisioned","roleDefinitionId":"role","justification":"incident","createdDateTime":"2026-01-01T00:17:59Z"},
			{"id":"ours","action":"selfActivate","status":%q,"roleDefinitionId":"role","justification":"run","createdDateTime":"2026-01-01T00:12:00Z"}]}`, status)
	}))
	t.Cleanup(server.Close)
	reader, err := graph.New(graph.Options{
		BaseURL: server.URL + "/v1.0", Clock: &jumpingClock{now: minute(18)},
		Token: func(context.Context, string) (secret.Text, error) { return secret.New("application"), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

// pendingProof is a proof whose activation waits for an approver since minute 12.
func pendingProof(reader *graph.Client, await time.Duration) (*proof, *int) {
	given := new(int)
	return &proof{
		Deps:    Deps{Reader: reader, AdminID: "admin", Clock: &jumpingClock{now: minute(12)}, Recorder: silentRecorder{}},
		request: Request{AwaitApproval: await, Justification: "run", Role: verdict.Role{DefinitionID: "role", DirectoryScopeID: "/"}},
		latest:  signin.Result{Access: secret.New("own"), AccessClaims: tokens.AccessClaims{Expires: minute(90)}},
		given:   &granted{at: minute(12), n: 1, pending: true, done: func(context.Context) error { *given++; return nil }},
		seen:    verdict.Observation{Activations: []verdict.Activation{{N: 1, Outcome: "pending", At: minute(12)}}},
	}, given
}

func TestAnApproverIsAwaited(t *testing.T) {
	for name, row := range map[string]struct {
		statuses []string
		want     string
		pending  bool
		at       time.Time // by when
	}{
		"agrees at the third look": {[]string{"PendingApproval", "PendingApproval", "Provisioned"}, "approved", false, minute(13)},
		"agrees at once":           {[]string{"Granted"}, "approved", false, minute(12)},
		"declines":                 {[]string{"PendingApproval", "AdminDenied"}, "AdminDenied", true, minute(12).Add(30 * time.Second)},
		"says nothing":             {[]string{"PendingApproval"}, "undecided", true, minute(14).Add(10 * time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			reader := approverOf(t, row.statuses...)
			p, _ := pendingProof(reader, 2*time.Minute+10*time.Second)
			if err := p.awaitApproval(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := p.current().Approval; got != row.want || p.given.pending != row.pending || !p.now().Equal(row.at) {
				t.Errorf("approval %q, pending %t at %s; want %q, %t at %s", got, p.given.pending, p.now(), row.want, row.pending, row.at)
			}
			if !row.pending && !p.given.at.Equal(row.at) {
				t.Errorf("PIM's five minutes count from %s, want %s", p.given.at, row.at)
			}
		})
	}
}

func TestAnApprovalThatCannotBeReadBreaksNoProof(t *testing.T) {
	reader := approverOf(t, "PendingApproval")
	p, _ := pendingProof(reader, time.Hour)
	p.latest.Access = secret.New("another")
	if err := p.awaitApproval(t.Context()); err != nil || p.current().Approval != "" || !p.given.pending {
		t.Errorf("error %v, approval %q", err, p.current().Approval)
	}
}

func TestAnActiveRoleIsNotWaitedFor(t *testing.T) {
	p, _ := pendingProof(nil, time.Hour)
	p.given.pending = false
	if err := p.awaitApproval(t.Context()); err != nil || !p.now().Equal(minute(12)) {
		t.Errorf("error %v at %s", err, p.now())
	}
}

func TestOnlyWhatPassesIsAskedForAgain(t *testing.T) {
	for name, row := range map[string]struct {
		answer graph.Answer
		want   bool
	}{
		"too young":       {graph.Answer{Status: 400, Code: graph.CodeActiveTooShort}, true},
		"throttled":       {graph.Answer{Status: 429}, true},
		"another refusal": {graph.Answer{Status: 400, Code: "RoleAssignmentRequestPolicyValidationFailed"}, false},
		// To give a role back twice is harmless, and the second answer tells whether the first was acted on.
		"an outage":               {graph.Answer{Status: 504}, true},
		"a token that is no good": {graph.Answer{Status: 401}, true},
	} {
		if got := comesBack(row.answer); got != row.want {
			t.Errorf("%s: %t, want %t", name, got, row.want)
		}
	}
}
