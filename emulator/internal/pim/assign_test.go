package pim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestAdministratorsRequests(t *testing.T) {
	eligible := func(action, principal string) pim.Input {
		return pim.Input{Kind: store.Eligibility, Action: action, PrincipalID: principal, Target: tenantWide(role), Schedule: &pim.Schedule{Type: "noExpiration"}}
	}
	for name, test := range map[string]struct {
		caller string
		in     pim.Input
		want   string
	}{
		"an application makes somebody eligible": {"app", eligible(pim.AdminAssign, "boss"), ""},
		"a Privileged Role Administrator does":   {"boss", eligible(pim.AdminAssign, "boss"), ""},
		"an admin who is only eligible does":     {"admin", eligible(pim.AdminAssign, "boss"), "UnauthorizedAccessException: Attempted to perform an unauthorized operation."},
		"who is eligible already":                {"app", eligible(pim.AdminAssign, "admin"), "RoleAssignmentExists: The Role assignment already exists."},
		"a group":                                {"app", eligible(pim.AdminAssign, "group"), ""},
		"nobody":                                 {"app", eligible(pim.AdminAssign, "nobody"), "SubjectNotFound: The subject is not found."},
		"in another case of letters":             {"app", eligible("AdminAssign", "boss"), ""},
		"with an action that is none":            {"app", eligible("assign", "boss"), `InvalidRoleAssignmentRequest: The action "assign" is not valid.`},
		"self-activation of an eligibility":      {"admin", eligible(pim.SelfActivate, "admin"), "InvalidRoleAssignmentRequest: The action selfActivate is not valid for this request."},
		"removing what is there":                 {"app", eligible(pim.AdminRemove, "admin"), ""},
		"removing what is not there":             {"app", eligible(pim.AdminRemove, "boss"), "RoleAssignmentDoesNotExist: The Role assignment does not exist."},
		"updating what is not there":             {"app", eligible(pim.AdminUpdate, "boss"), "RoleAssignmentDoesNotExist: The Role assignment does not exist."},
		"an assignment without justification":    {"app", pim.Input{Kind: store.Assignment, Action: pim.AdminAssign, PrincipalID: "admin", Target: tenantWide(role)}, failed(`"JustificationRule"`)},
		"an end before the start":                {"app", pim.Input{Kind: store.Eligibility, Action: pim.AdminAssign, PrincipalID: "boss", Target: tenantWide(role), Schedule: &pim.Schedule{Type: "afterDateTime", End: "2026-11-22T00:00:00Z"}}, "InvalidRoleAssignmentRequest: The endDateTime must be after the startDateTime."},
		"without a scope":                        {"app", pim.Input{Kind: store.Eligibility, Action: pim.AdminAssign, PrincipalID: "boss", Target: pim.Target{RoleDefinitionID: role}}, "InvalidRoleAssignmentRequest: The directoryScopeId is required."},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			callers := map[string]pim.Caller{"app": l.fixtures(), "admin": l.caller, "boss": {UserID: "boss", AMR: []string{"mfa"}}}
			_, err := l.submit(callers[test.caller], test.in)
			if diff := cmp.Diff(test.want, refusal(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRemovalAnswersWithoutSchedule(t *testing.T) {
	l := newLab(t)
	r := l.mustSubmit(l.fixtures(), pim.Input{Kind: store.Eligibility, Action: pim.AdminRemove, PrincipalID: l.admin, Target: tenantWide(role)})
	if r.Status != "Revoked" || r.TargetScheduleID != "" || r.Start != nil || r.CompletedAt != nil {
		t.Errorf("answered %+v; want Revoked without target, schedule and completion", r)
	}
}

func TestLimitsOfAdministrators(t *testing.T) {
	l := newLab(t)
	l.mustRule("Expiration_Admin_Eligibility", "Expiration", `"isExpirationRequired":true,"maximumDuration":"P30D"`)
	in := l.eligibilityFor(l.boss)
	for kind, want := range map[string]string{"noExpiration": failed(`"ExpirationRule"`), "P31D": failed(`"ExpirationRule"`), "P30D": ""} {
		in.Schedule = &pim.Schedule{Type: "afterDuration", Duration: kind}
		if kind == "noExpiration" {
			in.Schedule = &pim.Schedule{Type: kind}
		}
		in.ValidationOnly = true
		if _, err := l.submit(l.fixtures(), in); refusal(err) != want {
			t.Errorf("%s: %q, want %q", kind, refusal(err), want)
		}
	}
}

func TestAuditOfEligibility(t *testing.T) {
	want := []string{"Add eligible member to role in PIM requested (permanent)", "Add eligible member to role in PIM completed (permanent)"}
	if diff := cmp.Diff(want, newLab(t).audits()[:2]); diff != "" {
		t.Error(diff)
	}
}

func TestCancel(t *testing.T) {
	l := newLab(t)
	scheduled := l.activation()
	scheduled.Schedule.Start = "2026-11-24T09:00:00Z"
	r := l.mustSubmit(l.caller, scheduled)
	var err error
	l.with(func(t *store.Tenant) { err = pim.Cancel(t, pim.Caller{UserID: l.boss}, store.Assignment, r.ID) })
	if refusal(err) == "" {
		t.Error("somebody else canceled the request")
	}
	l.with(func(t *store.Tenant) { err = pim.Cancel(t, l.caller, store.Assignment, r.ID) })
	if err != nil {
		t.Fatal(err)
	}
	l.mustSubmit(l.caller, l.activation()) // nothing overlaps any more
	l.with(func(t *store.Tenant) { err = pim.Cancel(t, l.caller, store.Assignment, r.ID) })
	if refusal(err) == "" {
		t.Error("a canceled request was canceled again")
	}
	if !slices.Contains(l.audits(), "Add member to role canceled (PIM activation)") {
		t.Errorf("no audit row: %q", l.audits())
	}
}

const approvedByAnyone = `"setting":{"isApprovalRequired":true,"approvalStages":[{"approvalStageTimeOutInDays":1,"isApproverJustificationRequired":true,"escalationTimeInMinutes":0,"isEscalationEnabled":false,"primaryApprovers":[],"escalationApprovers":[]}]}`

func TestApproval(t *testing.T) {
	for name, test := range map[string]struct {
		approver string
		decision pim.Decision
		after    time.Duration
		refused  string
		status   string
		active   bool
	}{
		"approved":                     {"boss", pim.Decision{Approve: true, Justification: "ok"}, 0, "", "Provisioned", true},
		"denied":                       {"boss", pim.Decision{Justification: "no"}, 0, "", "AdminDenied", false},
		"approved without a reason":    {"boss", pim.Decision{Approve: true}, 0, failed(`"JustificationRule"`), "PendingApproval", false},
		"approved by the admin itself": {"admin", pim.Decision{Approve: true, Justification: "ok"}, 0, "UnauthorizedAccessException: Attempted to perform an unauthorized operation.", "PendingApproval", false},
		"approved too late":            {"boss", pim.Decision{Approve: true, Justification: "ok"}, 24 * time.Hour, "InvalidRoleAssignmentRequest: The request is in status TimedOut and waits for no approval.", "TimedOut", false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.mustRule("Approval_EndUser_Assignment", "Approval", approvedByAnyone)
			r := l.mustSubmit(l.caller, l.activation())
			if r.Status != "PendingApproval" || r.ApprovalID == "" {
				t.Fatalf("answered %+v", r)
			}
			if _, err := l.submit(l.caller, l.activation()); refusal(err) != "PendingRoleAssignmentRequest: There is already an existing pending Role assignment request." {
				t.Errorf("a second request: %q", refusal(err))
			}
			l.advance(test.after)
			var err error
			l.with(func(tenant *store.Tenant) {
				err = pim.Decide(tenant, pim.Caller{UserID: test.approver}, r.ApprovalID, test.decision)
				kept, _ := tenant.Requests.Get(r.ID)
				active := slices.Contains(tenant.RolesOf(l.admin, tenant.Now()), role)
				if kept.Status != test.status || active != test.active {
					t.Errorf("status %s, active %v; want %s, %v", kept.Status, active, test.status, test.active)
				}
			})
			if diff := cmp.Diff(test.refused, refusal(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnApproverByName(t *testing.T) {
	l := newLab(t)
	l.mustRule("Approval_EndUser_Assignment", "Approval", `"setting":{"isApprovalRequired":true,"approvalStages":[{"primaryApprovers":[{"@odata.type":"#microsoft.graph.singleUser","userId":"somebody"}]}]}`)
	r := l.mustSubmit(l.caller, l.activation())
	decide := func(user string) (err error) {
		l.with(func(t *store.Tenant) {
			err = pim.Decide(t, pim.Caller{UserID: user}, r.ApprovalID, pim.Decision{Approve: true})
		})
		return err
	}
	if refusal(decide(l.boss)) == "" {
		t.Error("an administrator approved although somebody else is named")
	}
	if err := decide("somebody"); err != nil {
		t.Error(err)
	}
}

func TestPIMForGroups(t *testing.T) {
	l := newLab(t)
	target := pim.Target{GroupID: l.group, AccessID: "member"}
	l.mustSubmit(l.fixtures(), pim.Input{Kind: store.Eligibility, Action: pim.AdminAssign, PrincipalID: l.admin, Target: target, Schedule: &pim.Schedule{Type: "noExpiration"}})
	if err := l.ruleOf(target, "Enablement_EndUser_Assignment", "Enablement", `"enabledRules":[]`); err != nil {
		t.Fatal(err)
	}
	if err := l.ruleOf(target, "AuthenticationContext_EndUser_Assignment", "AuthenticationContext", `"isEnabled":true,"claimValue":"c1"`); err != nil {
		t.Fatal(err)
	}
	in := l.activation()
	in.Target = target
	plain := l.caller
	plain.ACRS = nil
	if _, err := l.submit(plain, in); refusal(err) != challengeC1 {
		t.Errorf("a plain token: %q", refusal(err))
	}
	r := l.mustSubmit(l.caller, in)
	if want := l.group + "_member_"; len(r.TargetScheduleID) <= len(want) || r.TargetScheduleID[:len(want)] != want {
		t.Errorf("target schedule %q, want it to begin with %q", r.TargetScheduleID, want)
	}
	l.with(func(tenant *store.Tenant) {
		if !slices.Contains(tenant.GroupsAt(l.admin, tenant.Now()), l.group) {
			t.Error("the admin is not in the group")
		}
	})
	owner := in
	owner.Target.AccessID = "owner"
	if _, err := l.submit(l.caller, owner); refusal(err) != failed(`"EligibilityRule"`) {
		t.Errorf("ownership without eligibility: %q", refusal(err))
	}
}

func TestLagOfAssignments(t *testing.T) {
	l := newLab(t)
	l.with(func(t *store.Tenant) { t.Lag[store.LagAssignment] = 8 * time.Second })
	l.mustSubmit(l.caller, l.activation())
	active := func() (yes bool) {
		l.with(func(t *store.Tenant) { yes = slices.Contains(t.RolesOf(l.admin, t.Now()), role) })
		return yes
	}
	if active() {
		t.Error("in effect before the lag has passed")
	}
	if _, err := l.submit(l.caller, l.activation()); refusal(err) != "RoleAssignmentExists: The Role assignment already exists." {
		t.Errorf("PIM does not know its own write: %q", refusal(err))
	}
	l.advance(8 * time.Second)
	if !active() {
		t.Error("not in effect after the lag has passed")
	}
}
