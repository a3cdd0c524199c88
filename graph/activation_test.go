package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

func request() graph.ActivationRequest {
	return graph.ActivationRequest{
		PrincipalID: "u", RoleDefinitionID: "R", DirectoryScopeID: "/", Justification: "reprompt run 1",
		Duration: 30 * time.Minute, TicketNumber: "7",
	}
}

func TestActivateSendsExactlyThis(t *testing.T) {
	s := serve(t, reply{status: 201, body: `{"id":"q","status":"Provisioned","targetScheduleId":"sch"}`, header: map[string]string{"request-id": "r"}})
	got, err := s.clientWith(t, nil).Activate(t.Context(), secret.New("admin"), request())
	if err != nil {
		t.Fatal(err)
	}
	want := graph.Answer{Status: 201, RequestID: "r", RequestStatus: "Provisioned", ID: "q", TargetScheduleID: "sch"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	sent := s.only(t)
	if sent.method != "POST" || sent.path != "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests" {
		t.Errorf("%s %s", sent.method, sent.path)
	}
	if sent.header.Get("Authorization") != "Bearer admin" {
		t.Error("the request does not carry the given token")
	}
	body := map[string]any{
		"action": "selfActivate", "principalId": "u", "roleDefinitionId": "R", "directoryScopeId": "/", "justification": "reprompt run 1",
		"scheduleInfo": map[string]any{"expiration": map[string]any{"type": "afterDuration", "duration": "PT30M"}},
		"ticketInfo":   map[string]any{"ticketNumber": "7"},
	}
	if diff := cmp.Diff(body, decoded(t, sent.body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestCancelWithdrawsOneRequestAsTheAdmin(t *testing.T) {
	s := serve(t, reply{status: 204})
	got, err := s.clientWith(t, nil).Cancel(t.Context(), secret.New("admin"), "q")
	if err != nil || !got.Accepted() {
		t.Fatalf("answer %+v, error %v", got, err)
	}
	sent := s.only(t)
	if sent.method != "POST" || sent.path != "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests/q/cancel" || sent.body != "" {
		t.Errorf("%s %s %q", sent.method, sent.path, sent.body)
	}
	if sent.header.Get("Authorization") != "Bearer admin" {
		t.Error("the request does not carry the given token")
	}
	if _, err := s.clientWith(t, nil).Cancel(t.Context(), secret.Text{}, "q"); err == nil {
		t.Error("a request without a token was sent")
	}
}

func TestRefusalIsAnAnswer(t *testing.T) {
	const demand = "&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22%3A%22c1%22%7D%7D%7D"
	challenge := refusal(401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge")
	challenge.header = map[string]string{"WWW-Authenticate": `Bearer error="insufficient_claims", claims="e30="`}
	for name, test := range map[string]struct {
		reply reply
		want  graph.Answer
	}{
		"PIM wants the context": {
			refusal(400, graph.CodeContextRequired, demand),
			graph.Answer{Status: 400, Code: graph.CodeContextRequired, Message: demand, RequestID: "inner"},
		},
		"Graph revoked the token": {
			challenge,
			graph.Answer{
				Status: 401, Code: "InvalidAuthenticationToken", Message: "Continuous access evaluation resulted in challenge",
				AuthenticateHeader: `Bearer error="insufficient_claims", claims="e30="`, RequestID: "inner",
			},
		},
		"throttled": {
			reply{status: 429, header: map[string]string{"Retry-After": "3"}, body: "{}"},
			graph.Answer{Status: 429, RetryAfter: 3 * time.Second},
		},
		"an outage": {
			reply{status: 503, body: "<html>"},
			graph.Answer{Status: 503},
		},
		"a redirect": {
			reply{status: 307, header: map[string]string{"Location": "http://127.0.0.1:1/"}},
			graph.Answer{Status: 307},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.reply)
			got, err := s.client(t).Activate(t.Context(), secret.New("admin"), request())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Accepted() {
				t.Error("it counts as accepted")
			}
			s.only(t) // nothing was tried again
		})
	}
}

func TestDeactivateSendsNoSchedule(t *testing.T) {
	s := serve(t, reply{status: 201, body: `{"id":"q","status":"Revoked"}`})
	got, err := s.client(t).Deactivate(t.Context(), secret.New("admin"), request())
	if err != nil || got.RequestStatus != "Revoked" {
		t.Fatalf("answer %+v, error %v", got, err)
	}
	want := map[string]any{
		"action": "selfDeactivate", "principalId": "u", "roleDefinitionId": "R", "directoryScopeId": "/", "justification": "reprompt run 1",
	}
	if diff := cmp.Diff(want, decoded(t, s.only(t).body)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGroupActivationHasItsOwnPath(t *testing.T) {
	s := serve(t, reply{status: http.StatusCreated, body: `{}`})
	r := request()
	r.RoleDefinitionID, r.Group, r.ValidationOnly = "", &graph.GroupMembership{ID: "g", Access: "member"}, true
	r.Start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	if _, err := s.client(t).Activate(t.Context(), secret.New("admin"), r); err != nil {
		t.Fatal(err)
	}
	sent := s.only(t)
	if sent.path != "/v1.0/identityGovernance/privilegedAccess/group/assignmentScheduleRequests" {
		t.Errorf("path %s", sent.path)
	}
	body := decoded(t, sent.body)
	if body["groupId"] != "g" || body["accessId"] != "member" || body["isValidationOnly"] != true || body["directoryScopeId"] != nil {
		t.Errorf("body %v", body)
	}
	if got := at(body, "scheduleInfo", "startDateTime"); got != "2026-03-02T08:00:00Z" {
		t.Errorf("start %v", got)
	}
}

func TestActivateRefusesNonsense(t *testing.T) {
	s := serve(t, reply{status: 201, body: `{}`})
	both := request()
	both.Group = &graph.GroupMembership{ID: "g", Access: "member"}
	endless := request()
	endless.Duration = 0
	for name, test := range map[string]struct {
		token   secret.Text
		request graph.ActivationRequest
	}{
		"no token":         {secret.Text{}, request()},
		"a role and group": {secret.New("t"), both},
		"no duration":      {secret.New("t"), endless},
	} {
		if _, err := s.client(t).Activate(t.Context(), test.token, test.request); err == nil {
			t.Errorf("%s: it was sent", name)
		}
	}
	if len(s.calls) != 0 {
		t.Errorf("%d requests were sent", len(s.calls))
	}
}

func TestNoAnswerIsAnErrorWithoutTheToken(t *testing.T) {
	s := serve(t, ok("{}"))
	c := s.client(t)
	s.Close()
	_, err := c.Activate(t.Context(), secret.New("super-secret"), request())
	if err == nil || strings.Contains(err.Error(), "super-secret") {
		t.Errorf("error %v", err)
	}
}

func TestOwnRequestsAreReadAsTheAdmin(t *testing.T) {
	s := serve(t, reply{status: 200, body: `{"value":[{"id":"q","action":"selfActivate"}]}`})
	got, err := s.client(t).OwnAssignmentRequests(t.Context(), secret.New("admin"))
	if err != nil || len(got) != 1 || got[0].ID != "q" {
		t.Fatalf("requests %+v, error %v", got, err)
	}
	sent := s.only(t)
	if sent.path != "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests/filterByCurrentUser(on='principal')" || sent.header.Get("Authorization") != "Bearer admin" {
		t.Errorf("%s with %s", sent.path, sent.header.Get("Authorization"))
	}
}
