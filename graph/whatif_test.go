package graph_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
)

func TestWhatIfAsksForTheContext(t *testing.T) {
	s := serve(t, ok(`{"value":[
		{"id":"p1","displayName":"Every time","state":"enabled","policyApplies":true,"analysisReasons":"notSet",
		 "sessionControls":{"signInFrequency":{"isEnabled":true,"frequencyInterval":"everyTime"}}},
		{"id":"p2","state":"disabled","policyApplies":false,"analysisReasons":"policyNotEnabled"}]}`))
	got, err := s.client(t).WhatIf(t.Context(), graph.WhatIfQuery{UserID: "u1", ContextID: "c1", ClientApp: "browser", Platform: "linux"})
	if err != nil {
		t.Fatal(err)
	}
	sent := s.only(t)
	if want := "/v1.0/identity/conditionalAccess/evaluate"; sent.method != "POST" || sent.path != want {
		t.Errorf("%s %s, want POST %s", sent.method, sent.path, want)
	}
	want := map[string]any{
		"signInIdentity":      map[string]any{"@odata.type": "#microsoft.graph.userSignIn", "userId": "u1"},
		"signInContext":       map[string]any{"@odata.type": "#microsoft.graph.authContext", "authenticationContextValue": "c1"},
		"signInConditions":    map[string]any{"clientAppType": "browser", "devicePlatform": "linux"},
		"appliedPoliciesOnly": false,
	}
	if diff := cmp.Diff(want, decoded(t, sent.body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if len(got) != 2 {
		t.Fatalf("%d policies, want 2", len(got))
	}
	if p := got[0]; !p.Applies || p.Policy.ID != "p1" || p.Policy.Frequency == nil || p.Policy.Frequency.Interval != graph.FrequencyEveryTime {
		t.Errorf("first policy %+v", p)
	}
	if p := got[1]; p.Applies || p.Reasons != "policyNotEnabled" || p.Policy.State != graph.PolicyDisabled {
		t.Errorf("second policy %+v", p)
	}
}

func TestWhatIfWithoutPermissionIsForbidden(t *testing.T) {
	s := serve(t, refusal(http.StatusForbidden, "AccessDenied", "no"))
	if _, err := s.client(t).WhatIf(t.Context(), graph.WhatIfQuery{UserID: "u1", ContextID: "c1"}); !graph.IsForbidden(err) {
		t.Errorf("error is %v, want Graph's 403", err)
	}
}

func TestWhatIfSendsNoPlatformThatGraphDoesNotKnow(t *testing.T) {
	s := serve(t, ok(`{"value":[]}`))
	if _, err := s.client(t).WhatIf(t.Context(), graph.WhatIfQuery{UserID: "u1", ContextID: "c1", Platform: "plan9"}); err == nil || len(s.calls) > 0 {
		t.Errorf("error is %v after %d calls, want one before any", err, len(s.calls))
	}
}
