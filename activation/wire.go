package activation

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// Requests are recognised by what they are, not by where the portal of the day sends them from:
// top frame, cross-origin frame, worker, Graph or the legacy PIM host.

// isAuthorize reports a request for the sign-in host's authorize endpoint, v1 or v2.
func isAuthorize(e browser.Exchange) bool { return pathEnds(e, "/authorize") }

// isTokenAnswer reports a token endpoint's answer that gave tokens.
func isTokenAnswer(e browser.Exchange) bool {
	return e.Method == http.MethodPost && pathEnds(e, "/token") && e.Status == http.StatusOK
}

// pathEnds reports whether the path below /oauth2/ (v1) or /oauth2/v2.0/ ends so.
func pathEnds(e browser.Exchange, end string) bool {
	path, _, _ := strings.Cut(e.URL, "?")
	return strings.Contains(path, "/oauth2/") && strings.HasSuffix(path, end)
}

// isActivation reports a request that asks PIM to make a role active, on Graph or on the legacy
// PIM host (observed: the portal still used that for directory roles in 2026).
func isActivation(e browser.Exchange) bool {
	if e.Method != http.MethodPost {
		return false
	}
	var body struct {
		Action           string `json:"action"`
		AssignmentState  string `json:"assignmentState"`
		Type             string `json:"type"`
		IsValidationOnly bool   `json:"isValidationOnly"`
	}
	path, query, _ := strings.Cut(strings.ToLower(e.URL), "?")
	switch {
	case isOnGraph(e):
		return json.Unmarshal(e.PostData, &body) == nil && !body.IsValidationOnly &&
			strings.EqualFold(body.Action, graph.ActionSelfActivate)
	case strings.Contains(path, "/privilegedaccess/") && strings.HasSuffix(path, "/roleassignmentrequests"):
		return !strings.Contains(query, "evaluateonly=true") && json.Unmarshal(e.PostData, &body) == nil &&
			strings.EqualFold(body.AssignmentState, "Active") && strings.EqualFold(body.Type, "UserAdd")
	}
	return false
}

// isOnGraph reports a request for Graph's collection of activations.
func isOnGraph(e browser.Exchange) bool {
	path, _, _ := strings.Cut(strings.ToLower(e.URL), "?")
	return strings.HasSuffix(path, "/roleassignmentschedulerequests")
}

// authorizeRequest reads what an authorize request on the wire asked for.
func (p *proof) authorizeRequest(e browser.Exchange) verdict.AuthorizeRequest {
	query := e.Query()
	for name, values := range e.Form() {
		query[name] = append(query[name], values...)
	}
	return verdict.AuthorizeRequest{
		At: p.tenantTime(e.At), ClientID: query.Get("client_id"),
		Contexts: tokens.ContextsOf(query.Get("claims")), Forced: tokens.ForcedBy(query),
	}
}

// wire is what the wiretap saw of one activation through the portal.
type wire struct {
	stepUp     *browser.Exchange // first authorize request whose claims name the context
	token      *browser.Exchange // first tokens after it
	activation *browser.Exchange // last activation request that was answered
}

// readWire picks an activation's requests out of what went over the wire since an instant of the
// machine's clock.
func readWire(history []browser.Exchange, since time.Time, contextID string) wire {
	var w wire
	for i := range history {
		e := &history[i]
		switch {
		case e.At.Before(since):
		case isActivation(*e) && e.Status != 0:
			w.activation = e
		case w.stepUp == nil && isAuthorize(*e) && contextID != "" && asksFor(*e, contextID):
			w.stepUp = e
		case w.token == nil && w.stepUp != nil && isTokenAnswer(*e) && !e.At.Before(w.stepUp.At):
			w.token = e
		}
	}
	return w
}

func asksFor(e browser.Exchange, contextID string) bool {
	claims := e.Query().Get("claims")
	if claims == "" {
		claims = e.Form().Get("claims")
	}
	return slices.Contains(tokens.ContextsOf(claims), contextID)
}

// fromWire fills the current activation with what went over the wire.
func (p *proof) fromWire(w wire) {
	current := p.current()
	if w.stepUp != nil {
		asked := p.authorizeRequest(*w.stepUp)
		current.Challenge = &verdict.Challenge{At: asked.At, Source: "portal", Contexts: asked.Contexts}
		current.StepUp.Authorize = asked
	}
	if w.token != nil {
		current.TokenAt, current.TokenHost = p.tenantTime(w.token.Answered), w.token.Host
	}
	if w.activation == nil {
		return
	}
	current.At, current.Status = p.tenantTime(w.activation.Answered), w.activation.Status
	current.RequestID = w.activation.ResponseHeaders.Get("request-id")
	current.Outcome, current.Code = outcomeOnWire(*w.activation)
	claims, err := tokens.ReadAccess(secret.New(w.activation.Bearer()))
	if err != nil {
		current.TokenProblem = err.Error() // names a claim and its type, never the token
		return
	}
	current.Token = &claims
}

// outcomeOnWire says what became of an activation request that the portal sent, and the error
// code of a refusal.
func outcomeOnWire(e browser.Exchange) (outcome, code string) {
	var body struct {
		Status json.RawMessage `json:"status"` // a word on Graph, an object on the legacy host
		Error  struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(e.Body, &body) // a body that cannot be read has no status and no code
	switch {
	case e.Status >= 300:
		return "refused", legacyCode(body.Error.Code, body.Error.Message)
	case strings.Contains(string(body.Status), "PendingApproval"), strings.Contains(string(body.Status), "PendingAdminDecision"):
		return "pending", ""
	}
	return "active", ""
}

// legacyCode unwraps the legacy host's error, whose message is JSON text with the real code (observed).
func legacyCode(code, message string) string {
	var wrapped struct {
		ErrorCode string `json:"errorCode"`
	}
	if json.Unmarshal([]byte(message), &wrapped) == nil && wrapped.ErrorCode != "" {
		return wrapped.ErrorCode
	}
	return code
}
