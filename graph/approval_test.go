package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/secret"
)

// The approver answers the step that is theirs and still open, with their own token and not the reader's.
func TestAnApproverAnswersTheirOwnStep(t *testing.T) {
	for name, row := range map[string]struct {
		steps string
		want  string // the path that is patched; empty: none
	}{
		"one of two":      {`{"id":"s1","assignedToMe":false,"status":"InProgress"},{"id":"s2","assignedToMe":true,"status":"InProgress"}`, "s2"},
		"answered before": {`{"id":"s1","assignedToMe":true,"status":"Completed"}`, ""},
		"somebody else's": {`{"id":"s1","assignedToMe":false,"status":"InProgress"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, ok(`{"value":[`+row.steps+`]}`), reply{status: http.StatusNoContent})
			err := s.client(t).Decide(t.Context(), secret.New("approver"), "a1", false, "not now")
			if row.want == "" {
				if err == nil || !strings.Contains(err.Error(), "a1 has no step that waits for this approver") || len(s.calls) != 1 {
					t.Errorf("%d calls, %v", len(s.calls), err)
				}
				return
			}
			if err != nil || len(s.calls) != 2 {
				t.Fatalf("%d calls, %v", len(s.calls), err)
			}
			sent := s.calls[1]
			if want := "/beta/roleManagement/directory/roleAssignmentApprovals/a1/steps/" + row.want; sent.method != http.MethodPatch || sent.path != want {
				t.Errorf("%s %s, want PATCH %s", sent.method, sent.path, want)
			}
			if body := decoded(t, sent.body); body["reviewResult"] != "Deny" || body["justification"] != "not now" {
				t.Errorf("body %v", body)
			}
			for _, c := range s.calls {
				if got := c.header.Get("Authorization"); got != "Bearer approver" {
					t.Errorf("%s %s with %q", c.method, c.path, got)
				}
			}
		})
	}
}
