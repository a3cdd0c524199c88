package activation

import (
	"context"
	"errors"
	"slices"
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

// notes is a journal that says what it is told.
type notes struct{ told []string }

func (n *notes) Activating(context.Context, string, verdict.Role, string) (func(context.Context) error, error) {
	n.told = append(n.told, "noted")
	return func(context.Context) error { n.told = append(n.told, "nothing left"); return nil }, nil
}

// The journal holds an activation from before the first request until nothing is left of any: a refusal takes
// nothing back, so that no further request goes out that it does not hold.
func TestTheJournalHoldsAllRequestsOfAnActivation(t *testing.T) {
	refused := graph.Answer{Status: 400, Code: graph.CodeContextRequired, Message: pimChallenge}
	granted := graph.Answer{Status: 201, RequestStatus: "Provisioned"}
	for name, row := range map[string]struct {
		answers []graph.Answer
		lost    bool // no answer came to the last
		want    []string
	}{
		"refused to the end":  {[]graph.Answer{refused, refused}, false, []string{"noted", "sent", "sent", "nothing left"}},
		"granted in the end":  {[]graph.Answer{refused, refused, granted}, false, []string{"noted", "sent", "sent", "sent"}},
		"granted at once":     {[]graph.Answer{granted}, false, []string{"noted", "sent"}},
		"failed in the end":   {[]graph.Answer{refused, {Status: 503}}, false, []string{"noted", "sent", "sent"}},
		"lost in the end":     {[]graph.Answer{refused, {}}, true, []string{"noted", "sent", "sent"}},
		"nothing was sent":    {nil, false, nil},
		"one more once given": {[]graph.Answer{granted, refused}, false, []string{"noted", "sent", "given back", "noted", "sent", "nothing left"}},
	} {
		t.Run(name, func(t *testing.T) {
			journal := &notes{}
			p := proof{Deps: Deps{Clock: &jumpingClock{now: minute(1)}, Recorder: silentRecorder{}, Journal: journal}}
			for i, answer := range row.answers {
				var err error
				if row.lost && i == len(row.answers)-1 {
					err = errors.New("no answer")
				}
				_, got := p.journalled(t.Context(), 1, func() (graph.Answer, error) {
					journal.told = append(journal.told, "sent")
					return answer, err
				})
				if !errors.Is(got, err) {
					t.Fatal(got)
				}
				if p.given != nil && i < len(row.answers)-1 {
					p.given, journal.told = nil, append(journal.told, "given back")
				}
			}
			held := p.given != nil
			if err := p.strike(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(journal.told, row.want) || held && p.given.done == nil {
				t.Errorf("told %q, want %q", journal.told, row.want)
			}
		})
	}
}
