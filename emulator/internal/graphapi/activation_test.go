package graphapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const (
	contexts     = "/v1.0/identity/conditionalAccess/authenticationContextClassReferences"
	policies     = "/v1.0/identity/conditionalAccess/policies"
	assignments  = "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests"
	eligibility  = "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests"
	applications = store.RoleApplicationAdministrator
)

// protect puts the four settings right: context, policy, role setting, eligibility.
func (l *lab) protect() (policyID string) {
	l.t.Helper()
	l.must(http.StatusNoContent, http.MethodPatch, contexts+"/c1", `{"displayName":"Activation","description":"","isAvailable":true}`)
	created := l.must(http.StatusCreated, http.MethodPost, policies, fmt.Sprintf(everyTimePolicy, l.admin))
	l.require("c1")
	l.makeEligible(l.admin)
	return created.body.String("id")
}

const everyTimePolicy = `{"displayName":"Sign in again to activate","state":"enabled",
 "conditions":{"clientAppTypes":["all"],"applications":{"includeApplications":[],"includeAuthenticationContextClassReferences":["c1"]},"users":{"includeUsers":[%q]}},
 "sessionControls":{"signInFrequency":{"isEnabled":true,"authenticationType":"primaryAndSecondaryAuthentication","frequencyInterval":"everyTime"}}}`

// require makes Application Administrator ask for the context.
func (l *lab) require(context string) {
	l.t.Helper()
	found := l.must(http.StatusOK, http.MethodGet, "/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '"+applications+"'&$expand=policy($expand=rules)", "")
	if len(found.values()) != 1 {
		l.t.Fatalf("%d policy assignments for one role", len(found.values()))
	}
	rules := "/v1.0/policies/roleManagementPolicies/" + found.values()[0].String("policyId") + "/rules/"
	target := `"target":{"caller":"EndUser","operations":["All"],"level":"Assignment","inheritableSettings":[],"enforcedSettings":[]}`
	l.must(http.StatusNoContent, http.MethodPatch, rules+"Enablement_EndUser_Assignment",
		`{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyEnablementRule","id":"Enablement_EndUser_Assignment","enabledRules":["Justification"],`+target+`}`)
	l.must(http.StatusNoContent, http.MethodPatch, rules+"AuthenticationContext_EndUser_Assignment",
		`{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule","id":"AuthenticationContext_EndUser_Assignment","isEnabled":true,"claimValue":"`+context+`",`+target+`}`)
}

func (l *lab) makeEligible(principal string) {
	l.t.Helper()
	l.must(http.StatusCreated, http.MethodPost, eligibility, `{"action":"adminAssign","justification":"test","roleDefinitionId":"`+applications+`","directoryScopeId":"/",
 "principalId":"`+principal+`","scheduleInfo":{"startDateTime":"2026-11-01T00:00:00Z","expiration":{"type":"noExpiration"}}}`)
}

func selfActivate(principal string) string {
	return `{"action":"SelfActivate","principalId":"` + principal + `","roleDefinitionId":"` + applications + `","directoryScopeId":"/","justification":"test",
 "scheduleInfo":{"startDateTime":null,"expiration":{"type":"AfterDuration","duration":"PT5M"}}}`
}

// stepUp makes a token that carries the context, as sign-in does after a prompt.
func (l *lab) stepUp() {
	token := l.tokens["admin"]
	token.ACRS, token.TokenID = []string{"c1"}, "stepped-up"
	l.tokens["stepped-up"] = l.token(token)
	l.with(func(t *store.Tenant) {
		t.Tokens.Put("stepped-up", &store.IssuedToken{ID: "stepped-up", Grant: store.Grant{
			UserID: l.admin, Contexts: []string{"c1"}, AuthTime: t.Now(), Factors: []store.Factor{{Method: store.MethodPassword, At: t.Now(), Primary: true}},
		}})
	})
}

func TestActivationIsChallengedAndThenGranted(t *testing.T) {
	l := newLab(t)
	l.protect()

	refused := l.do("admin", http.MethodPost, assignments, selfActivate(l.admin))
	if refused.status != http.StatusBadRequest || refused.code() != "RoleAssignmentRequestAcrsValidationFailed" {
		t.Fatalf("plain token: %d %s", refused.status, pretty(refused.body))
	}
	const want = `&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22%3A%22c1%22%7D%7D%7D`
	if diff := cmp.Diff(want, refused.message()); diff != "" {
		t.Errorf("the challenge differs from the observed one: %s", diff)
	}
	if h := refused.header.Get("WWW-Authenticate"); h != "" {
		t.Errorf("PIM's challenge has a WWW-Authenticate: %s", h)
	}

	l.stepUp()
	granted := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin))
	if granted.status != http.StatusCreated || granted.body.String("status") != "Provisioned" || granted.body.String("action") != "selfActivate" {
		t.Fatalf("stepped-up token: %d %s", granted.status, pretty(granted.body))
	}
	mine := l.do("admin", http.MethodGet, "/v1.0/roleManagement/directory/roleAssignmentScheduleInstances/filterByCurrentUser(on='principal')?$expand=roleDefinition", "")
	if len(mine.values()) != 1 || mine.values()[0].String("assignmentType") != "Activated" || mine.values()[0].Object("roleDefinition").String("displayName") != "Application Administrator" {
		t.Fatalf("instances of the admin: %s", pretty(mine.body))
	}
	again := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin))
	if again.code() != "RoleAssignmentExists" {
		t.Errorf("activating an active role: %s", pretty(again.body))
	}
}

func TestAnActivationRemembersWhenTheAdminSignedIn(t *testing.T) {
	l := newLab(t)
	l.protect()
	l.stepUp()
	l.advance(3 * time.Minute)
	if a := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin)); a.status != http.StatusCreated {
		t.Fatal(pretty(a.body))
	}
	l.with(func(tenant *store.Tenant) {
		u, _ := tenant.Users.Get(l.admin)
		if !u.PIMStepUpAt.Equal(start) {
			t.Errorf("PIM's window begins at %s, want the sign-in at %s", u.PIMStepUpAt, start)
		}
	})
}

func TestActivationIsInTheAuditLog(t *testing.T) {
	l := newLab(t)
	l.protect()
	l.stepUp()
	l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin))
	log := l.must(http.StatusOK, http.MethodGet, "/v1.0/auditLogs/directoryAudits?$filter=loggedByService eq 'PIM' and initiatedBy/user/id eq '"+l.admin+"'&$orderby=activityDateTime", "")
	var got []string
	for _, row := range log.values() {
		got = append(got, row.String("activityDisplayName"))
	}
	want := []string{"Add member to role completed (PIM activation)", "Add member to role requested (PIM activation)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLagHidesAnActivationFromTheInstances(t *testing.T) {
	l := newLab(t)
	l.protect()
	l.stepUp()
	l.with(func(t *store.Tenant) { t.Lag[store.LagAssignment] = 10 * time.Second })
	if a := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin)); a.status != http.StatusCreated {
		t.Fatal(pretty(a.body))
	}
	instances := "/v1.0/roleManagement/directory/roleAssignmentScheduleInstances"
	if n := len(l.must(http.StatusOK, http.MethodGet, instances, "").values()); n != 0 {
		t.Errorf("%d instances before the lag has passed", n)
	}
	l.advance(11 * time.Second)
	if n := len(l.must(http.StatusOK, http.MethodGet, instances, "").values()); n != 1 {
		t.Errorf("%d instances after the lag has passed", n)
	}
}

func TestContinuousAccessEvaluationRefusesAnOldTokenAndTakesANewOne(t *testing.T) {
	l := newLab(t)
	l.with(func(t *store.Tenant) { t.Settings.CAE = true })
	l.advance(time.Minute)
	l.protect()

	old := l.do("admin", http.MethodGet, "/v1.0/me", "")
	challenge := old.header.Get("WWW-Authenticate")
	if old.status != http.StatusUnauthorized || !strings.Contains(challenge, `error="insufficient_claims"`) || !strings.Contains(challenge, `claims="ey`) {
		t.Fatalf("a token older than the policy: %d %q", old.status, challenge)
	}
	if app := l.do("app", http.MethodGet, policies, ""); app.status != http.StatusOK {
		t.Errorf("an application's token is subject to it: %d", app.status)
	}
	without := l.tokens["admin"]
	without.XMSCC = nil
	l.tokens["without cp1"] = without
	if a := l.do("without cp1", http.MethodGet, "/v1.0/me", ""); a.status != http.StatusOK {
		t.Errorf("a client without cp1 is subject to it: %d", a.status)
	}

	l.tokens["admin"] = l.token(l.tokens["admin"])
	if a := l.do("admin", http.MethodGet, "/v1.0/me", ""); a.status != http.StatusOK {
		t.Errorf("a token newer than the policy: %d %s", a.status, pretty(a.body))
	}
	l.stepUp()
	if a := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin)); a.status != http.StatusCreated {
		t.Fatalf("a right client's activation: %s", pretty(a.body))
	}
	l.advance(time.Minute)
	l.tokens["admin"] = l.token(l.tokens["admin"])
	if a := l.do("admin", http.MethodGet, "/v1.0/me", ""); a.status != http.StatusOK {
		t.Errorf("a token newer than the activation: %d", a.status)
	}
}

// A token of before the activation, and one of before a revocation, are refused afterwards;
// those of somebody else are not.
func TestContinuousAccessEvaluationAfterRoleChangesAndRevocation(t *testing.T) {
	l := newLab(t)
	l.with(func(t *store.Tenant) { t.Settings.CAE = true })
	l.protect()
	l.tokens["bystander"] = l.token(graphapi.Token{AppID: "harness", UserID: l.other, Scopes: []string{"User.Read"}, XMSCC: []string{"cp1"}})
	l.tokens["admin"] = l.token(l.tokens["admin"])
	l.advance(time.Minute)
	l.stepUp()
	if a := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin)); a.status != http.StatusCreated {
		t.Fatal(pretty(a.body))
	}
	refused := func(why string) {
		t.Helper()
		if a := l.do("admin", http.MethodGet, "/v1.0/me", ""); a.status != http.StatusUnauthorized || !strings.Contains(a.message(), "TokenCreatedWithOutdatedPolicies") {
			t.Errorf("%s: %d %s", why, a.status, pretty(a.body))
		}
		if a := l.do("bystander", http.MethodGet, "/v1.0/me", ""); a.status != http.StatusOK {
			t.Errorf("%s: somebody else is refused: %d", why, a.status)
		}
	}
	refused("after the activation")
	l.tokens["admin"] = l.token(l.tokens["admin"])
	l.advance(6 * time.Minute) // the activation was for five
	refused("after the activation ended")
	l.tokens["admin"] = l.token(l.tokens["admin"])
	l.advance(time.Minute)
	l.must(http.StatusOK, http.MethodPost, "/v1.0/users/"+l.admin+"/revokeSignInSessions", "")
	refused("after the revocation")
}

func TestContinuousAccessEvaluationWaitsForThePolicyToTakeEffect(t *testing.T) {
	l := newLab(t)
	l.with(func(t *store.Tenant) {
		t.Settings.CAE = true
		t.Lag[store.LagPolicy] = time.Hour
	})
	l.advance(time.Minute)
	l.must(http.StatusNoContent, http.MethodPatch, contexts+"/c1", `{"displayName":"x","isAvailable":true}`)
	l.must(http.StatusCreated, http.MethodPost, policies, fmt.Sprintf(everyTimePolicy, l.admin))
	if a := l.do("admin", http.MethodGet, "/v1.0/me", ""); a.status != http.StatusOK {
		t.Errorf("before the policy takes effect: %d", a.status)
	}
	l.advance(time.Hour)
	if a := l.do("admin", http.MethodGet, "/v1.0/me", ""); a.status != http.StatusUnauthorized {
		t.Errorf("after the policy took effect: %d", a.status)
	}
}
