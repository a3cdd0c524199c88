package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
)

const contextRule = `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule",` +
	`"id":"AuthenticationContext_EndUser_Assignment","isEnabled":false,"claimValue":null,"newInGraph":{"a":[1]},` +
	`"target":{"caller":"EndUser","operations":["All"],"level":"Assignment","inheritableSettings":[],"enforcedSettings":[]}}`

const demandRule = `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",` +
	`"id":"Enablement_EndUser_Assignment","enabledRules":["MultiFactorAuthentication","Justification"],` +
	`"target":{"caller":"EndUser","operations":["All"],"level":"Assignment"}}`

const setting = `{"value":[{"id":"a","policyId":"P","roleDefinitionId":"R","policy":{"id":"P","rules":[` +
	`{"id":"Expiration_EndUser_Assignment","maximumDuration":"PT8H"},` +
	`{"id":"Approval_EndUser_Assignment","setting":{"isApprovalRequired":true}},` + contextRule + `,` + demandRule + `]}}]}`

func TestRoleSetting(t *testing.T) {
	s := serve(t, ok(setting))
	got, err := s.client(t).RoleSetting(t.Context(), "R")
	if err != nil {
		t.Fatal(err)
	}
	request := s.only(t)
	if want := "scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq 'R'"; request.query.Get("$filter") != want {
		t.Errorf("filter %q, want %q", request.query.Get("$filter"), want)
	}
	if want := "policy($expand=rules)"; request.query.Get("$expand") != want {
		t.Errorf("expand %q, want %q", request.query.Get("$expand"), want)
	}
	if got.PolicyID != "P" || got.ContextEnabled || !got.MFARequired || !got.ApprovalRequired || got.MaximumDuration != "PT8H" || len(got.Rules) != 4 {
		t.Errorf("setting %+v", got)
	}
}

func TestRoleSettingMustBeOne(t *testing.T) {
	s := serve(t, ok(`{"value":[]}`))
	if _, err := s.client(t).RoleSetting(t.Context(), "R"); err == nil {
		t.Error("a role without a policy has a setting")
	}
}

// A rule goes back as it came: with members that nobody here knows, and operations in Graph's case.
func TestSetRuleSendsWhatWasRead(t *testing.T) {
	s := serve(t, ok(setting), reply{status: http.StatusNoContent})
	c := s.client(t)
	read, err := c.RoleSetting(t.Context(), "R")
	if err != nil {
		t.Fatal(err)
	}
	rule, _ := read.Rule(graph.RuleContext)
	changed, err := rule.WithContext("c7")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetRule(t.Context(), "P", changed); err != nil {
		t.Fatal(err)
	}
	sent := s.calls[1]
	if want := "/v1.0/policies/roleManagementPolicies/P/rules/AuthenticationContext_EndUser_Assignment"; sent.path != want || sent.method != "PATCH" {
		t.Errorf("%s %s, want PATCH %s", sent.method, sent.path, want)
	}
	want := decoded(t, contextRule)
	want["isEnabled"], want["claimValue"] = true, "c7"
	if diff := cmp.Diff(want, decoded(t, sent.body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if types := sent.header.Values("Content-Type"); len(types) != 1 || types[0] != "application/json" {
		t.Errorf("content types %q", types)
	}
}

func TestRuleDemands(t *testing.T) {
	rule := func(raw string) graph.Rule {
		var r graph.Rule
		if err := json.Unmarshal([]byte(raw), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for name, test := range map[string]struct {
		a, b string
		same bool
	}{
		"off is off, whatever it still names": {`{"id":"x","isEnabled":false,"claimValue":"c1"}`, `{"id":"x","isEnabled":false,"claimValue":null}`, true},
		"on with another context":             {`{"id":"x","isEnabled":true,"claimValue":"c1"}`, `{"id":"x","isEnabled":true,"claimValue":"c2"}`, false},
		"on against off":                      {`{"id":"x","isEnabled":true,"claimValue":"c1"}`, `{"id":"x","isEnabled":false,"claimValue":"c1"}`, false},
		"demands in another order":            {`{"id":"x","enabledRules":["A","B"]}`, `{"id":"x","enabledRules":["B","A"]}`, true},
		"one demand less":                     {`{"id":"x","enabledRules":["A","B"]}`, `{"id":"x","enabledRules":["A"]}`, false},
		"another rule":                        {`{"id":"x"}`, `{"id":"y"}`, false},
	} {
		if got := rule(test.a).Demands(rule(test.b)); got != test.same {
			t.Errorf("%s: %t, want %t", name, got, test.same)
		}
	}
}

func TestCreatePolicyEveryTime(t *testing.T) {
	s := serve(t, reply{status: 201, body: `{"id":"p1"}`})
	_, err := s.client(t).CreatePolicy(t.Context(), graph.Policy{
		Name: "x", State: graph.PolicyReportOnly, Contexts: []string{"c1"}, IncludeUsers: []string{"u"}, ExcludeUsers: []string{"b"},
		Strength:  graph.StrengthPhishingResistant,
		Frequency: &graph.Frequency{Enabled: true, Interval: graph.FrequencyEveryTime, AuthenticationType: graph.FrequencyFull},
	})
	if err != nil {
		t.Fatal(err)
	}
	body := decoded(t, s.only(t).body)
	for _, test := range []struct {
		path []string
		want any
	}{
		{[]string{"state"}, "enabledForReportingButNotEnforced"},
		{[]string{"conditions", "applications", "includeApplications"}, []any{}},
		{[]string{"conditions", "applications", "includeAuthenticationContextClassReferences"}, []any{"c1"}},
		{[]string{"conditions", "users", "includeUsers"}, []any{"u"}},
		{[]string{"conditions", "users", "excludeUsers"}, []any{"b"}},
		{[]string{"conditions", "clientAppTypes"}, []any{"all"}},
		{[]string{"conditions", "platforms"}, nil},
		{[]string{"grantControls", "operator"}, "OR"},
		{[]string{"grantControls", "authenticationStrength", "id"}, graph.StrengthPhishingResistant},
		{[]string{"sessionControls", "signInFrequency", "frequencyInterval"}, "everyTime"},
		{[]string{"sessionControls", "signInFrequency", "authenticationType"}, "primaryAndSecondaryAuthentication"},
		{[]string{"sessionControls", "signInFrequency", "isEnabled"}, true},
		{[]string{"sessionControls", "signInFrequency", "type"}, nil},
		{[]string{"sessionControls", "signInFrequency", "value"}, nil},
	} {
		if diff := cmp.Diff(test.want, at(body, test.path...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.path, diff)
		}
	}
}

func TestCreatePolicyRefusesUnknownEnum(t *testing.T) {
	s := serve(t, reply{status: 201, body: `{}`})
	for _, policy := range []graph.Policy{
		{State: "on"},
		{State: graph.PolicyEnabled, ClientAppTypes: []string{"toaster"}},
		{State: graph.PolicyEnabled, Grants: []string{"please"}},
		{State: graph.PolicyEnabled, Frequency: &graph.Frequency{Interval: "sometimes"}},
	} {
		if _, err := s.client(t).CreatePolicy(t.Context(), policy); err == nil {
			t.Errorf("%+v was taken", policy)
		}
	}
	if len(s.calls) != 0 {
		t.Errorf("%d requests were sent", len(s.calls))
	}
}

// The SDK's models would read "somethingNew" as the first member of the enum.
func TestPolicyKeepsUnknownEnumValues(t *testing.T) {
	s := serve(t, ok(`{"id":"p1","displayName":"x","state":"somethingNew","conditions":{"clientAppTypes":["somethingNew"],
		"platforms":null,"users":{"includeUsers":["All"]},"devices":{"deviceFilter":{"mode":"exclude","rule":"device.x"}}},
		"grantControls":{"operator":"AND","builtInControls":["somethingNew"],"authenticationStrength":{"id":"s"}},
		"sessionControls":{"signInFrequency":{"value":4,"type":"hours","isEnabled":true,"frequencyInterval":"timeBased","authenticationType":null}}}`))
	got, err := s.client(t).Policy(t.Context(), "p1")
	if err != nil {
		t.Fatal(err)
	}
	got.Raw = nil
	want := graph.Policy{
		ID: "p1", Name: "x", State: "somethingNew", ClientAppTypes: []string{"somethingNew"}, IncludeUsers: []string{"All"},
		DeviceFilterMode: "exclude", DeviceFilter: "device.x", GrantOperator: "AND", Grants: []string{"somethingNew"}, Strength: "s",
		Frequency: &graph.Frequency{Enabled: true, Interval: "timeBased", Type: "hours", Value: 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSetContext(t *testing.T) {
	s := serve(t, reply{status: http.StatusNoContent})
	want := graph.Context{ID: "c3", Name: "n", Description: "d", Published: true}
	if err := s.client(t).SetContext(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	sent := s.only(t)
	if sent.method != "PATCH" || sent.path != "/v1.0/identity/conditionalAccess/authenticationContextClassReferences/c3" {
		t.Errorf("%s %s", sent.method, sent.path)
	}
	var got graph.Context
	if err := json.Unmarshal([]byte(sent.body), &got); err != nil || got != want {
		t.Errorf("sent %+v (%v), want %+v", got, err, want)
	}
}

func TestAddEligibility(t *testing.T) {
	s := serve(t, reply{status: 201, body: `{"id":"q","status":"Provisioned","targetScheduleId":"sch"}`})
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CET", 3600))
	made, err := s.client(t).AddEligibility(t.Context(), graph.Grant{
		PrincipalID: "u", RoleDefinitionID: "R", DirectoryScopeID: "/", Justification: "j", Start: start, Lasting: 90 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	if made.TargetScheduleID != "sch" {
		t.Errorf("schedule %q, want sch", made.TargetScheduleID)
	}
	body := decoded(t, s.only(t).body)
	for _, test := range []struct {
		path []string
		want any
	}{
		{[]string{"action"}, "adminAssign"},
		{[]string{"scheduleInfo", "startDateTime"}, "2026-03-02T08:00:00Z"},
		{[]string{"scheduleInfo", "expiration", "type"}, "afterDuration"},
		{[]string{"scheduleInfo", "expiration", "duration"}, "PT1H30M"},
	} {
		if diff := cmp.Diff(test.want, at(body, test.path...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.path, diff)
		}
	}
}

func TestHoldings(t *testing.T) {
	s := serve(t, ok(`{"value":[{"id":"i","principalId":"u","roleDefinitionId":"R","directoryScopeId":"/","startDateTime":null,
		"endDateTime":"2026-03-02T09:00:00.1234567Z","assignmentType":"Activated","memberType":"Direct","roleAssignmentScheduleId":"sch"}]}`))
	got, err := s.client(t).Assignments(t.Context(), graph.Holding{RoleDefinitionID: "R", PrincipalID: "o'neill"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "roleDefinitionId eq 'R' and principalId eq 'o''neill'"; s.only(t).query.Get("$filter") != want {
		t.Errorf("filter %q, want %q", s.only(t).query.Get("$filter"), want)
	}
	want := []graph.Instance{{
		ID: "i", PrincipalID: "u", RoleDefinitionID: "R", DirectoryScopeID: "/", AssignmentType: graph.Activated,
		MemberType: graph.MemberDirect, ScheduleID: "sch", End: time.Date(2026, 3, 2, 9, 0, 0, 123456700, time.UTC),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRole(t *testing.T) {
	s := serve(t, ok(`{"value":[{"id":"1","displayName":"Reader"},{"id":"2","displayName":"Reader"}]}`))
	_, err := s.client(t).Role(t.Context(), "Reader")
	var ambiguous *graph.AmbiguousRoleError
	if !errors.As(err, &ambiguous) || !cmp.Equal(ambiguous.IDs, []string{"1", "2"}) {
		t.Errorf("error %v, want both ids", err)
	}
	var unknown *graph.UnknownRoleError
	if _, err := serve(t, ok(`{"value":[]}`)).client(t).Role(t.Context(), "Raeder"); !errors.As(err, &unknown) {
		t.Errorf("error %v, want unknown role", err)
	}
	missing := serve(t, refusal(404, "Request_ResourceNotFound", "no"))
	if _, err := missing.client(t).Role(t.Context(), "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"); !errors.As(err, &unknown) {
		t.Errorf("error %v, want unknown role", err)
	}
	if path := missing.only(t).path; path != "/v1.0/roleManagement/directory/roleDefinitions/9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3" {
		t.Errorf("an id was looked up at %s", path)
	}
}

func TestMembersHaveTypes(t *testing.T) {
	s := serve(t, ok(`{"value":[{"@odata.type":"#microsoft.graph.user","id":"u","userPrincipalName":"a@b"},
		{"@odata.type":"#microsoft.graph.group","id":"g","displayName":"G"},
		{"@odata.type":"#microsoft.graph.directoryRole","id":"d","roleTemplateId":"R"}]}`))
	got, err := s.client(t).MemberOf(t.Context(), "u")
	if err != nil {
		t.Fatal(err)
	}
	want := []graph.Object{
		{ID: "u", Type: "user", UPN: "a@b"},
		{ID: "g", Type: "group", DisplayName: "G"},
		{ID: "d", Type: "directoryRole", RoleTemplate: "R"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEligibleUsersBehindGroups(t *testing.T) {
	missing := refusal(404, "Request_ResourceNotFound", "no")
	s := serve(t,
		ok(`{"value":[{"principalId":"u","directoryScopeId":"/"},{"principalId":"g","directoryScopeId":"/administrativeUnits/a"},{"principalId":"app","directoryScopeId":"/"}]}`),
		ok(`{"id":"u","userPrincipalName":"u@x"}`),
		missing, ok(`{"id":"g","displayName":"G"}`),
		ok(`{"value":[{"@odata.type":"#microsoft.graph.user","id":"v","userPrincipalName":"v@x"},
			{"@odata.type":"#microsoft.graph.group","id":"inner"},{"@odata.type":"#microsoft.graph.user","id":"u","userPrincipalName":"u@x"}]}`),
		missing, missing,
		ok(`{"value":[{"@odata.type":"#microsoft.graph.group","id":"g"},{"@odata.type":"#microsoft.graph.directoryRole","id":"d","roleTemplateId":"R"}]}`),
		ok(`{"value":[]}`))
	got, err := s.client(t).EligibleUsers(t.Context(), "R")
	if err != nil {
		t.Fatal(err)
	}
	u := graph.Memberships{Groups: []string{"g"}, Roles: []string{"R"}}
	want := []graph.EligibleUser{
		{ID: "u", Name: "u@x", Via: graph.Direct, Scope: "/", Memberships: u},
		{ID: "v", Name: "v@x", Via: "g", Scope: "/administrativeUnits/a"},
		{ID: "u", Name: "u@x", Via: "g", Scope: "/administrativeUnits/a", Memberships: u},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(s.calls) != 9 {
		t.Errorf("%d calls, want 9: who is eligible twice is looked up once", len(s.calls))
	}
}

func TestSignInsAskBeta(t *testing.T) {
	s := serve(t, ok(`{"value":[{"id":"r","isInteractive":true,"uniqueTokenIdentifier":"dXRp","sessionId":"s",
		"authenticationContextClassReferences":[{"id":"c1","detail":"required"}],
		"sessionLifetimePolicies":[{"expirationRequirement":"signInFrequencyEveryTime","detail":"x"}]}]}`))
	rows, err := s.client(t).SignIns(t.Context(), graph.LogQuery{UserID: "u", Since: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	sent := s.only(t)
	if sent.path != "/beta/auditLogs/signIns" {
		t.Errorf("asked %s", sent.path)
	}
	want := "userId eq 'u' and createdDateTime ge 2026-03-02T08:00:00Z and signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')"
	if got := sent.query.Get("$filter"); got != want {
		t.Errorf("filter %q, want %q", got, want)
	}
	if len(rows) != 1 || rows[0].Contexts[0].Detail != "required" || rows[0].SessionLifetimes[0].Requirement != "signInFrequencyEveryTime" || len(rows[0].Raw) == 0 {
		t.Errorf("rows %+v", rows)
	}
}

func TestProtectedActionsNameAContext(t *testing.T) {
	s := serve(t, ok(`{"value":[{"name":"a","authenticationContextId":"c1"},{"name":"b","authenticationContextId":null}]}`))
	got, err := s.client(t).ProtectedActions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]graph.ProtectedAction{{Name: "a", ContextID: "c1"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadsSayWhatTheyCouldNotRead(t *testing.T) {
	s := serve(t, ok(`{"value":"nonsense"}`))
	if _, err := s.client(t).Policies(context.Background()); err == nil {
		t.Error("nonsense was read as policies")
	}
}
