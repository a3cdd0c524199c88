package pim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const (
	challengeC1 = `RoleAssignmentRequestAcrsValidationFailed: &claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22%3A%22c1%22%7D%7D%7D`
	tooShort    = "ActiveDurationTooShort: The Active duration is too short. Miniumum Required is 5 minutes."
)

func failed(rules string) string {
	return "RoleAssignmentRequestPolicyValidationFailed: The following policy rules failed: [" + rules + "]"
}

// row is one activation; it differs from a granted one in one thing.
type row struct {
	name  string
	given func(*lab, *pim.Input)
	want  string // refusal, "" for granted
}

func (r row) run(t *testing.T) {
	l := newLab(t)
	in := l.activation()
	if r.given != nil {
		r.given(l, &in)
	}
	_, err := l.submit(l.caller, in)
	if diff := cmp.Diff(r.want, refusal(err)); diff != "" {
		t.Error(diff)
	}
}

func runAll(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, r.run)
	}
}

func TestActivationRules(t *testing.T) {
	runAll(t, []row{
		{name: "as the default setting wants it"},
		{name: "without a justification", given: func(_ *lab, in *pim.Input) { in.Justification = " " }, want: failed(`"JustificationRule"`)},
		{name: "without a justification where none is wanted", given: func(l *lab, in *pim.Input) { l.enable(""); in.Justification = "" }},
		{name: "longer than the maximum", given: func(_ *lab, in *pim.Input) { in.Schedule.Duration = "PT9H" }, want: failed(`"ExpirationRule"`)},
		{name: "exactly the maximum", given: func(_ *lab, in *pim.Input) { in.Schedule.Duration = "PT480M" }},
		{name: "without an end", given: func(_ *lab, in *pim.Input) { in.Schedule.Type = "noExpiration" }, want: failed(`"ExpirationRule"`)},
		{name: "without a schedule", given: func(_ *lab, in *pim.Input) { in.Schedule = nil }, want: failed(`"ExpirationRule"`)},
		{name: "until an instant within the maximum", given: func(_ *lab, in *pim.Input) {
			in.Schedule.Type, in.Schedule.End = "afterDateTime", "2026-11-23T12:00:00+01:00"
		}},
		{name: "shorter than five minutes", given: func(_ *lab, in *pim.Input) { in.Schedule.Duration = "PT4M59S" }, want: tooShort},
		{name: "the shortest allowed", given: func(_ *lab, in *pim.Input) { in.Schedule.Duration = "PT5M" }},
		{name: "without a ticket where one is wanted", given: func(l *lab, _ *pim.Input) { l.enable(`"Ticketing"`) }, want: failed(`"TicketingRule"`)},
		{name: "with a ticket", given: func(l *lab, in *pim.Input) { l.enable(`"ticketing"`); in.TicketNumber = "42" }},
		{name: "without MFA in the token", given: func(l *lab, _ *pim.Input) { l.caller.AMR = []string{"pwd"} }, want: failed(`"MfaRule"`)},
		{name: "without MFA where none is wanted", given: func(l *lab, _ *pim.Input) { l.enable(`"Justification"`); l.caller.AMR = []string{"pwd"} }},
		{name: "two rules at once", given: func(l *lab, in *pim.Input) { in.Justification, in.Schedule.Duration = "", "P1D" }, want: failed(`"ExpirationRule","JustificationRule"`)},
		{name: "without eligibility", given: func(_ *lab, in *pim.Input) { in.Target = tenantWide(store.RoleUserAdministrator) }, want: failed(`"EligibilityRule"`)},
		{name: "in a narrower scope than the eligibility", given: func(l *lab, in *pim.Input) {
			l.with(func(t *store.Tenant) { t.Units.Put("unit", &store.AdministrativeUnit{ID: "unit"}) })
			in.Target.DirectoryScopeID = "/administrativeUnits/unit"
		}},
		{name: "for somebody else", given: func(_ *lab, in *pim.Input) { in.PrincipalID = "boss" }, want: "UnauthorizedAccessException: Attempted to perform an unauthorized operation."},
		{name: "by an application", given: func(l *lab, _ *pim.Input) { l.caller = l.fixtures() }, want: "UnauthorizedAccessException: Attempted to perform an unauthorized operation."},
		{name: "of an unknown role", given: func(_ *lab, in *pim.Input) { in.Target = tenantWide("nothing") }, want: "RoleNotFound: The role is not found."},
		{name: "in an unknown scope", given: func(_ *lab, in *pim.Input) { in.Target.DirectoryScopeID = "/administrativeUnits/nothing" }, want: `InvalidRoleAssignmentRequest: The directoryScopeId "/administrativeUnits/nothing" is not valid.`},
		{name: "with a start that has no offset", given: func(_ *lab, in *pim.Input) { in.Schedule.Start = "2026-11-23T09:00:00" }, want: `InvalidRoleAssignmentRequest: The startDateTime "2026-11-23T09:00:00" is not a date and time with an offset from UTC.`},
		{name: "with a duration that is none", given: func(_ *lab, in *pim.Input) { in.Schedule.Duration = "1 hour" }, want: `InvalidRoleAssignmentRequest: The duration "1 hour" is not valid.`},
		{name: "in a tenant without licence", given: func(l *lab, _ *pim.Input) { l.with(func(t *store.Tenant) { t.LicenceP2 = false }) }, want: "AadPremiumLicenseRequired: The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."},
		{name: "of a role that is active", given: func(l *lab, _ *pim.Input) { l.mustSubmit(l.caller, l.activation()) }, want: "RoleAssignmentExists: The Role assignment already exists."},
		{name: "again after it has run out", given: func(l *lab, _ *pim.Input) { l.mustSubmit(l.caller, l.activation()); l.advance(time.Hour) }},
		{name: "beside one that is scheduled", given: func(l *lab, _ *pim.Input) {
			later := l.activation()
			later.Schedule.Start = "2026-11-23T11:00:00Z"
			l.mustSubmit(l.caller, later)
		}, want: "OverlapsPendingRoleAssignmentRequests: The request overlaps with pending Role assignment requests."},
	})
}

func TestAuthenticationContext(t *testing.T) {
	required := func(change func(*lab, *pim.Input)) func(*lab, *pim.Input) {
		return func(l *lab, in *pim.Input) {
			l.require("c1")
			l.policyOn("c1", "enabled")
			if change != nil {
				change(l, in)
			}
		}
	}
	setting := func(change func(*store.Settings)) func(*lab, *pim.Input) {
		return required(func(l *lab, _ *pim.Input) { l.with(func(t *store.Tenant) { change(&t.Settings) }) })
	}
	runAll(t, []row{
		{name: "with the context in the token", given: required(nil)},
		{name: "without it", given: required(func(l *lab, _ *pim.Input) { l.caller.ACRS = nil }), want: challengeC1},
		{name: "with another", given: required(func(l *lab, _ *pim.Input) { l.caller.ACRS = []string{"c2"} }), want: challengeC1},
		{name: "from a client without cp1", given: required(func(l *lab, _ *pim.Input) { l.caller.XMSCC = nil }), want: challengeC1},
		{name: "from a client without cp1 where none is wanted", given: func(l *lab, in *pim.Input) {
			setting(func(s *store.Settings) { s.CP1Required = false })(l, in)
			l.caller.XMSCC = nil
		}},
		{name: "without MFA, with a policy on the context", given: required(func(l *lab, _ *pim.Input) { l.caller.AMR = []string{"pwd"} })},
		{name: "without MFA and any policy on the context", given: func(l *lab, _ *pim.Input) { l.require("c1"); l.caller.AMR = []string{"pwd"} }, want: failed(`"MfaRule"`)},
		{name: "without MFA, the policy on the context is off", given: func(l *lab, _ *pim.Input) {
			l.require("c1")
			l.policyOn("c1", "disabled")
			l.caller.AMR = []string{"pwd"}
		}},
		{name: "without MFA, the policy on the context reports only", given: func(l *lab, _ *pim.Input) {
			l.require("c1")
			l.policyOn("c1", "enabledForReportingButNotEnforced")
			l.caller.AMR = []string{"pwd"}
		}},
		{name: "without MFA, a policy on another context only", given: func(l *lab, _ *pim.Input) {
			l.require("c1")
			l.policyOn("c2", "enabled")
			l.caller.AMR = []string{"pwd"}
		}, want: failed(`"MfaRule"`)},
		{name: "a stepped-up token after both windows", given: required(func(l *lab, _ *pim.Input) { l.advance(30 * time.Minute) })},
		{name: "a stepped-up token after both windows where it is not taken", given: func(l *lab, in *pim.Input) {
			setting(func(s *store.Settings) { s.ReplaySteppedUp = false })(l, in)
			l.advance(10 * time.Minute)
		}, want: challengeC1},
		{name: "a stepped-up token within the windows where it is not taken later", given: func(l *lab, in *pim.Input) {
			setting(func(s *store.Settings) { s.ReplaySteppedUp = false })(l, in)
			l.advance(9 * time.Minute)
		}},
		{name: "a validation without the context", given: required(func(l *lab, in *pim.Input) { l.caller.ACRS, in.ValidationOnly = nil, true }), want: challengeC1},
		{name: "a validation without the context where it does not look", given: func(l *lab, in *pim.Input) {
			setting(func(s *store.Settings) { s.ValidationOnlyChecksContext = false })(l, in)
			l.caller.ACRS, in.ValidationOnly = nil, true
		}},
		{name: "an active role is not asked for the context", given: required(func(l *lab, _ *pim.Input) {
			l.mustSubmit(l.caller, l.activation())
			l.caller.ACRS = nil
		}), want: "RoleAssignmentExists: The Role assignment already exists."},
		{name: "a setting that has not taken effect", given: func(l *lab, _ *pim.Input) {
			l.with(func(t *store.Tenant) { t.Lag[store.LagRoleSetting] = time.Minute })
			l.require("c1")
			l.caller.ACRS = nil
		}},
		{name: "a setting that has taken effect", given: func(l *lab, _ *pim.Input) {
			l.with(func(t *store.Tenant) { t.Lag[store.LagRoleSetting] = time.Minute })
			l.require("c1")
			l.caller.ACRS = nil
			l.advance(time.Minute)
		}, want: challengeC1},
	})
}

func TestThePIMWindowBeginsWithTheSignInAndDoesNotSlide(t *testing.T) {
	l := newLab(t)
	l.require("c1")
	l.advance(8 * time.Minute)
	l.mustSubmit(l.caller, l.activation())
	l.with(func(tenant *store.Tenant) {
		u, _ := tenant.Users.Get(l.admin)
		s, _ := tenant.Sessions.Get("session")
		if !u.PIMStepUpAt.Equal(start) || !s.PIMStepUp.Equal(start) {
			t.Errorf("window of the user begins %s, of the session %s; want %s", u.PIMStepUpAt, s.PIMStepUp, start)
		}
	})
}

func TestAnActivationWithoutContextOpensNoWindow(t *testing.T) {
	l := newLab(t)
	l.mustSubmit(l.caller, l.activation())
	l.with(func(tenant *store.Tenant) {
		if u, _ := tenant.Users.Get(l.admin); !u.PIMStepUpAt.IsZero() {
			t.Errorf("PIM's window began at %s", u.PIMStepUpAt)
		}
	})
}

func TestDeactivation(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		want  string
	}{
		"before five minutes":  {5*time.Minute - time.Second, tooShort},
		"at five minutes":      {5 * time.Minute, ""},
		"after it has run out": {time.Hour, "RoleAssignmentDoesNotExist: The Role assignment does not exist."},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.mustSubmit(l.caller, l.activation())
			l.advance(test.after)
			r, err := l.submit(l.caller, l.deactivation())
			if diff := cmp.Diff(test.want, refusal(err)); diff != "" {
				t.Fatal(diff)
			}
			if err == nil && r.Status != "Revoked" {
				t.Errorf("status %s, want Revoked", r.Status)
			}
			l.with(func(tenant *store.Tenant) {
				if active := slices.Contains(tenant.RolesOf(l.admin, tenant.Now()), role); active != (test.want == tooShort) {
					t.Errorf("the role is active afterwards: %v", active)
				}
			})
		})
	}
}

func TestDeactivatingWhatIsNotActive(t *testing.T) {
	l := newLab(t)
	if _, err := l.submit(l.caller, l.deactivation()); refusal(err) != "RoleAssignmentDoesNotExist: The Role assignment does not exist." {
		t.Errorf("refused with %q", refusal(err))
	}
}

func TestAValidationLeavesNoTrace(t *testing.T) {
	l := newLab(t)
	before := l.audits()
	in := l.activation()
	in.ValidationOnly = true
	l.mustSubmit(l.caller, in)
	if diff := cmp.Diff(before, l.audits()); diff != "" {
		t.Errorf("the audit log changed: %s", diff)
	}
	l.with(func(tenant *store.Tenant) {
		if slices.Contains(tenant.RolesOf(l.admin, tenant.Now()), role) {
			t.Error("the role is active")
		}
		if n := tenant.Requests.Len(); n != 2 {
			t.Errorf("%d requests are kept, want the two of the lab", n)
		}
	})
}

func TestActivationExpiresByTheTenantsClock(t *testing.T) {
	l := newLab(t)
	l.mustSubmit(l.caller, l.activation())
	l.advance(3 * time.Hour)
	last := l.audits()[len(l.audits())-1]
	if last != "Remove member from role (PIM activation expired)" {
		t.Errorf("last audit %q", last)
	}
	l.with(func(tenant *store.Tenant) {
		row := tenant.Audits[len(tenant.Audits)-1]
		if want := start.Add(time.Hour); !row.At.Equal(want) {
			t.Errorf("it expired at %s, want %s", row.At, want)
		}
		if u, _ := tenant.Users.Get(l.admin); !u.RolesChangedAt.Equal(start.Add(time.Hour)) {
			t.Errorf("roles changed at %s", u.RolesChangedAt)
		}
	})
}

func TestAnActivationDoesNotOutlastItsEligibility(t *testing.T) {
	l := newLab(t)
	in := l.eligibilityFor(l.admin)
	in.Action, in.Schedule = pim.AdminUpdate, &pim.Schedule{Type: "afterDuration", Duration: "PT20M"}
	l.mustSubmit(l.fixtures(), in)
	l.mustSubmit(l.caller, l.activation())
	l.advance(20 * time.Minute)
	l.with(func(tenant *store.Tenant) {
		if slices.Contains(tenant.RolesOf(l.admin, tenant.Now()), role) {
			t.Error("the role is active after the eligibility has ended")
		}
	})
}

func TestScheduledActivation(t *testing.T) {
	l := newLab(t)
	in := l.activation()
	in.Schedule.Start = "2026-11-23T11:00:00Z"
	r := l.mustSubmit(l.caller, in)
	if r.Status != "Granted" {
		t.Errorf("status %s before its start, want Granted", r.Status)
	}
	active := func() (yes bool) {
		l.with(func(t *store.Tenant) { pim.Settle(t); yes = slices.Contains(t.RolesOf(l.admin, t.Now()), role) })
		return yes
	}
	if active() {
		t.Error("active before its start")
	}
	l.advance(2*time.Hour + time.Minute)
	if !active() {
		t.Error("not active after its start")
	}
	l.with(func(t *store.Tenant) {
		if kept, _ := t.Requests.Get(r.ID); kept.Status != "Provisioned" {
			l.Errorf("status %s after its start, want Provisioned", kept.Status)
		}
	})
}

func TestAuditOfAnActivation(t *testing.T) {
	l := newLab(t)
	before := len(l.audits())
	l.mustSubmit(l.caller, l.activation())
	l.advance(10 * time.Minute)
	l.mustSubmit(l.caller, l.deactivation())
	want := []string{
		"Add member to role requested (PIM activation)", "Add member to role completed (PIM activation)",
		"Remove member from role requested (PIM deactivate)", "Remove member from role completed (PIM deactivate)",
	}
	if diff := cmp.Diff(want, l.audits()[before:]); diff != "" {
		t.Error(diff)
	}
}

func TestEligibilityThroughANestedGroup(t *testing.T) {
	l := newLab(t)
	l.mustSubmit(l.fixtures(), pim.Input{Kind: store.Eligibility, Action: pim.AdminRemove, PrincipalID: l.admin, Target: tenantWide(role)})
	l.mustSubmit(l.fixtures(), l.eligibilityFor(l.group))
	if _, err := l.submit(l.caller, l.activation()); !strings.Contains(refusal(err), "EligibilityRule") {
		t.Fatalf("outside of the group: %q", refusal(err))
	}
	l.with(func(t *store.Tenant) {
		t.Groups.Put("inner", &store.Group{ID: "inner", Members: []string{l.admin}})
		g, _ := t.Groups.Get(l.group)
		g.Members = []string{"inner"}
	})
	l.mustSubmit(l.caller, l.activation())
}
