package activation

import (
	"testing"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// pimChallenge is the message with which PIM asks for context c1 (observed).
const pimChallenge = "&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22%3A%22c1%22%7D%7D%7D"

// caeHeader is Graph's continuous access evaluation challenge; its claims are {"access_token":{"nbf":{"essential":true}}}.
const caeHeader = `Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="`

func TestAnswersToAReplayAreSorted(t *testing.T) {
	for name, row := range map[string]struct {
		answer  graph.Answer
		want    verdict.ReplayAnswer
		context string
	}{
		"PIM names the context of the role setting": {
			graph.Answer{Status: 400, Code: graph.CodeContextRequired, Message: pimChallenge}, verdict.AnswerRefused, "c1",
		},
		"PIM names another context": {
			graph.Answer{Status: 400, Code: graph.CodeContextRequired, Message: "&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22%3A%22c2%22%7D%7D%7D"},
			verdict.AnswerNotObserved, "c2",
		},
		"PIM's code without claims": {
			graph.Answer{Status: 400, Code: graph.CodeContextRequired, Message: "no"}, verdict.AnswerNotObserved, "",
		},
		"PIM's code with another status": {
			graph.Answer{Status: 403, Code: graph.CodeContextRequired, Message: pimChallenge}, verdict.AnswerNotObserved, "",
		},
		"another refusal by PIM": {
			graph.Answer{Status: 400, Code: "RoleAssignmentRequestPolicyValidationFailed", Message: pimChallenge}, verdict.AnswerNotObserved, "",
		},
		"the role was active already": {
			graph.Answer{Status: 400, Code: graph.CodeAssignmentExists}, verdict.AnswerNotObserved, "",
		},
		"continuous access evaluation is not PIM's refusal": {
			graph.Answer{Status: 401, Code: "InvalidAuthenticationToken", AuthenticateHeader: caeHeader}, verdict.AnswerRevoked, "",
		},
		"an unauthorised token without a challenge": {
			graph.Answer{Status: 401, Code: "InvalidAuthenticationToken"}, verdict.AnswerNotObserved, "",
		},
		"the role became active": {
			graph.Answer{Status: 201, RequestStatus: "Provisioned"}, verdict.AnswerAccepted, "",
		},
		"the role waits for approval": {
			graph.Answer{Status: 201, RequestStatus: "PendingApproval"}, verdict.AnswerAccepted, "",
		},
		"the server is broken": {
			graph.Answer{Status: 503}, verdict.AnswerNotObserved, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, context := sortAnswer(row.answer, "c1")
			if got != row.want || context != row.context {
				t.Errorf("got %s naming %q, want %s naming %q", got, context, row.want, row.context)
			}
		})
	}
}

func TestOutcomeOfAnActivation(t *testing.T) {
	for name, row := range map[string]struct {
		answer graph.Answer
		want   string
	}{
		"at once":           {graph.Answer{Status: 201, RequestStatus: "Provisioned"}, "active"},
		"later":             {graph.Answer{Status: 201, RequestStatus: "Granted"}, "active"},
		"waits for a human": {graph.Answer{Status: 201, RequestStatus: "PendingApproval"}, "pending"},
		"refused":           {graph.Answer{Status: 400, RequestStatus: "Provisioned"}, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := outcomeOf(row.answer); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}
