package pim_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const role = store.RoleApplicationAdministrator

// lab is a tenant in which the admin is eligible for a role, a group is there, and the
// role setting is Entra's default.
type lab struct {
	*testing.T
	st     *store.Store
	tenant string
	admin  string
	boss   string // Privileged Role Administrator
	group  string
	// caller is who sends the requests of a test: the admin, with MFA, context c1 and cp1.
	caller pim.Caller
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{T: t, st: store.New(7, func() time.Time { return start })}
	id, err := l.st.Create(func(tenant *store.Tenant) error {
		for _, name := range []string{"admin", "boss"} {
			tenant.Users.Put(name, &store.User{ID: name, UPN: name + "@contoso.example", DisplayName: name})
		}
		tenant.Groups.Put("group", &store.Group{ID: "group", DisplayName: "group", RoleAssignable: true})
		tenant.Apps.Put("app", &store.Application{ClientID: "app", ServiceID: "app-service"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	l.tenant, l.admin, l.boss, l.group = id, "admin", "boss", "group"
	l.caller = pim.Caller{UserID: "admin", AppID: "harness", TokenID: "token", AMR: []string{"pwd", "mfa"}, ACRS: []string{"c1"}, XMSCC: []string{"CP1"}}
	l.with(func(t *store.Tenant) {
		t.Tokens.Put("token", &store.IssuedToken{ID: "token", Grant: store.Grant{
			UserID: "admin", Session: "session", Contexts: []string{"c1"}, AuthTime: start, Factors: []store.Factor{{Method: store.MethodTOTP, At: start, Secondary: true}},
		}})
		t.Sessions.Put("session", &store.Session{Handle: "session", UserID: "admin"})
	})
	l.mustSubmit(l.fixtures(), l.eligibilityFor("admin"))
	boss := pim.Input{Kind: store.Assignment, Action: pim.AdminAssign, PrincipalID: "boss", Target: tenantWide(store.RolePrivilegedRoleAdministrator), Justification: "test", Schedule: &pim.Schedule{Type: "noExpiration"}}
	l.mustSubmit(l.fixtures(), boss)
	return l
}

func (l *lab) fixtures() pim.Caller { return pim.Caller{AppID: "app"} }

func tenantWide(id string) pim.Target { return pim.Target{RoleDefinitionID: id, DirectoryScopeID: "/"} }

func (l *lab) with(f func(*store.Tenant)) {
	l.Helper()
	if err := l.st.With(l.tenant, func(t *store.Tenant) error { f(t); return nil }); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) advance(d time.Duration) {
	l.Helper()
	l.with(func(t *store.Tenant) {
		if err := t.Advance(d); err != nil {
			l.Fatal(err)
		}
	})
}

func (l *lab) submit(caller pim.Caller, in pim.Input) (r store.ScheduleRequest, err error) {
	l.Helper()
	l.with(func(t *store.Tenant) { r, err = pim.Submit(t, caller, in) })
	return r, err
}

func (l *lab) mustSubmit(caller pim.Caller, in pim.Input) store.ScheduleRequest {
	l.Helper()
	r, err := l.submit(caller, in)
	if err != nil {
		l.Fatalf("%s %s: %v", in.Action, in.Kind, err)
	}
	return r
}

func (l *lab) eligibilityFor(principal string) pim.Input {
	return pim.Input{Kind: store.Eligibility, Action: pim.AdminAssign, PrincipalID: principal, Target: tenantWide(role), Schedule: &pim.Schedule{Type: "noExpiration"}}
}

// activation is the request of every row before the row changes it.
func (l *lab) activation() pim.Input {
	return pim.Input{
		Kind: store.Assignment, Action: pim.SelfActivate, PrincipalID: l.admin, Target: tenantWide(role), Justification: "test",
		Schedule: &pim.Schedule{Type: "AfterDuration", Duration: "PT1H"},
	}
}

func (l *lab) deactivation() pim.Input {
	return pim.Input{Kind: store.Assignment, Action: pim.SelfDeactivate, PrincipalID: l.admin, Target: tenantWide(role)}
}

// rule changes a rule of the role's setting: name as in the setting, properties as JSON.
func (l *lab) rule(id, kind, properties string) error {
	l.Helper()
	return l.ruleOf(tenantWide(role), id, kind, properties)
}

func (l *lab) ruleOf(target pim.Target, id, kind, properties string) (err error) {
	l.Helper()
	body, parseErr := document.Parse([]byte(fmt.Sprintf(`{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicy%sRule","id":%q,%s}`, kind, id, properties)))
	if parseErr != nil {
		l.Fatal(parseErr)
	}
	l.with(func(t *store.Tenant) {
		err = pim.PatchRule(t, l.fixtures(), pim.SettingOf(t, target).ID, id, body)
	})
	return err
}

func (l *lab) mustRule(id, kind, properties string) {
	l.Helper()
	if err := l.rule(id, kind, properties); err != nil {
		l.Fatal(err)
	}
}

// enable sets the enablement rule of activations.
func (l *lab) enable(words string) {
	l.Helper()
	l.mustRule("Enablement_EndUser_Assignment", "Enablement", `"enabledRules":[`+words+`]`)
}

// require makes the role ask for the context, and for justification.
func (l *lab) require(context string) {
	l.Helper()
	l.enable(`"Justification"`)
	l.mustRule("AuthenticationContext_EndUser_Assignment", "AuthenticationContext", fmt.Sprintf(`"isEnabled":true,"claimValue":%q`, context))
}

// policyOn puts a policy on the context into the tenant.
func (l *lab) policyOn(context, state string) {
	l.Helper()
	raw := fmt.Sprintf(`{"id":"p","displayName":"p","state":%q,"conditions":{"applications":{"includeApplications":[],"includeAuthenticationContextClassReferences":[%q]},"users":{"includeUsers":["All"]}},"grantControls":{"operator":"OR","builtInControls":["mfa"]}}`, state, context)
	l.with(func(t *store.Tenant) { t.Policies.Put("p", store.Policy{ID: "p", Raw: []byte(raw)}, t.Now()) })
}

// refusal is the code and message of a refused request, "" when it was not refused.
func refusal(err error) string {
	var refused *pim.Error
	if errors.As(err, &refused) {
		return refused.Error()
	}
	if err != nil {
		return "not a refusal: " + err.Error()
	}
	return ""
}

// audits lists the activities of PIM, oldest first.
func (l *lab) audits() (list []string) {
	l.with(func(t *store.Tenant) {
		pim.Settle(t)
		for _, row := range t.Audits {
			list = append(list, row.Activity)
		}
	})
	return list
}
