package verdict_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/verdict"
)

func onlyPolicy(o *verdict.Observation) *verdict.Policy { return &o.Configuration.Policies[0] }

// diagnosis is a row: one fault put into a configuration that is right otherwise.
type diagnosis struct {
	name   string
	change func(*verdict.Observation)
	codes  []verdict.CauseCode
	object string // of the first cause
	says   string // its text holds this
	mend   string // its mend holds this
}

func (d diagnosis) run(t *testing.T) {
	o := unasked()
	onlyPolicy(&o).State = "enabled"
	d.change(&o)
	causes := verdict.Diagnose(o)
	codes := []verdict.CauseCode{}
	for _, c := range causes {
		codes = append(codes, c.Code)
		if !strings.HasPrefix(c.Object, "/") || !strings.HasSuffix(c.Text, ".") || !strings.HasSuffix(c.Mend, ".") {
			t.Errorf("cause without a path or a sentence: %+v", c)
		}
	}
	if diff := cmp.Diff(d.codes, codes); diff != "" {
		t.Fatalf("causes (-want +got):\n%s", diff)
	}
	if len(causes) > 0 && !strings.Contains(causes[0].Mend, d.mend) {
		t.Errorf("mend %q; want %q", causes[0].Mend, d.mend)
	}
	if len(causes) > 0 && (!strings.HasSuffix(causes[0].Object, d.object) || !strings.Contains(causes[0].Text, d.says)) {
		t.Errorf("cause %+v; want object …%s and a text that says %q", causes[0], d.object, d.says)
	}
}

func codes(all ...verdict.CauseCode) []verdict.CauseCode {
	return append([]verdict.CauseCode{}, all...)
}

func TestDiagnose(t *testing.T) {
	for _, d := range []diagnosis{
		{name: "nothing is wrong", change: func(*verdict.Observation) {}, codes: codes()},
		{name: "two factors are required, and the policy is content with any", change: func(o *verdict.Observation) {
			o.Require, onlyPolicy(o).Grants = verdict.RequireMFA, nil
		}, codes: codes(verdict.PolicyGrantTooWeak), object: "/policies/policy-1", says: "is content with any factor; mfa is required"},
		{name: "a phishing-resistant method is required, and the policy is content with two factors", change: func(o *verdict.Observation) {
			o.Require = verdict.RequirePhishingResistant
		}, codes: codes(verdict.PolicyGrantTooWeak), says: "is content with any two factors; phishing-resistant is required"},
		{name: "a phishing-resistant method is required, and the policy's strength is weaker", change: func(o *verdict.Observation) {
			o.Require, onlyPolicy(o).Grants, onlyPolicy(o).Strength = verdict.RequirePhishingResistant, nil, "00000000-0000-0000-0000-000000000002"
		}, codes: codes(verdict.PolicyGrantTooWeak)},
		{name: "a phishing-resistant method is required and asked for", change: func(o *verdict.Observation) {
			o.Require, onlyPolicy(o).Grants, onlyPolicy(o).Strength = verdict.RequirePhishingResistant, nil, "00000000-0000-0000-0000-000000000004"
		}, codes: codes()},
		{name: "two factors are required, and a strength asks for them", change: func(o *verdict.Observation) {
			o.Require, onlyPolicy(o).Grants, onlyPolicy(o).Strength = verdict.RequireMFA, nil, "00000000-0000-0000-0000-000000000002"
		}, codes: codes()},
		{name: "any factor will do", change: func(o *verdict.Observation) { onlyPolicy(o).Grants = nil }, codes: codes()},
		{name: "the role setting asks for MFA only", change: func(o *verdict.Observation) {
			o.Setting.ContextEnabled, o.Setting.MFARequired = false, true
		}, codes: codes(verdict.RoleSettingNoContext), object: "/rules/AuthenticationContext_EndUser_Assignment", says: "only multifactor"},
		{
			name: "the role setting asks for nothing", change: func(o *verdict.Observation) { o.Setting.ContextEnabled = false },
			codes: codes(verdict.RoleSettingNoContext), says: "asks for nothing",
		},
		{
			name: "the context does not exist", change: func(o *verdict.Observation) { o.Configuration.Contexts = nil },
			codes: codes(verdict.ContextMissing), object: "/authenticationContextClassReferences/c1", says: "c1",
		},
		{
			name: "the context is not published", change: func(o *verdict.Observation) { o.Configuration.Contexts[0].Published = false },
			codes: codes(verdict.ContextNotPublished), object: "/authenticationContextClassReferences/c1", says: "Privileged roles",
		},
		{
			name: "no policy targets the context", change: func(o *verdict.Observation) { onlyPolicy(o).Contexts = []string{"c2"} },
			codes: codes(verdict.PolicyMissing), object: "/policies", says: "falls back to multifactor",
		},
		{
			name: "the policy is off", change: func(o *verdict.Observation) { onlyPolicy(o).State = "disabled" },
			codes: codes(verdict.PolicyDisabled), object: "/policies/policy-1", says: "is off",
		},
		{
			name: "the policy only reports", change: func(o *verdict.Observation) { onlyPolicy(o).State = "enabledForReportingButNotEnforced" },
			codes: codes(verdict.PolicyReportOnly), object: "/policies/policy-1", says: "report-only",
		},
		{
			name: "the policy covers somebody else", change: func(o *verdict.Observation) { onlyPolicy(o).IncludeUsers = []string{"someone-else"} },
			codes: codes(verdict.PolicyUserNotCovered), object: "/policies/policy-1", says: "does not include ada@contoso.example",
		},
		{
			name: "the policy excludes the admin", change: func(o *verdict.Observation) { onlyPolicy(o).ExcludeUsers = []string{adminID} },
			codes: codes(verdict.PolicyUserExcluded), object: "/policies/policy-1", says: "directly",
		},
		{name: "the policy excludes a group of the admin's", change: func(o *verdict.Observation) {
			o.Configuration.AdminGroups, onlyPolicy(o).ExcludeGroups = []string{"break-glass"}, []string{"break-glass"}
		}, codes: codes(verdict.PolicyUserExcluded), says: "group break-glass"},
		{name: "the policy excludes an active role of the admin's", change: func(o *verdict.Observation) {
			o.Configuration.AdminRoles, onlyPolicy(o).ExcludeRoles = []string{"role-1"}, []string{"role-1"}
		}, codes: codes(verdict.PolicyUserExcluded), says: "active role role-1"},
		{name: "the policy reaches the admin through the role being activated", change: func(o *verdict.Observation) {
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeRoles = nil, []string{o.Role.DefinitionID}
		}, codes: codes(verdict.PolicyScopedToInactiveRole), object: "/policies/policy-1", says: "none of which is active"},
		{name: "the policy reaches the admin through a role that is active", change: func(o *verdict.Observation) {
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeRoles = nil, []string{"role-1"}
			o.Configuration.AdminRoles = []string{"ROLE-1"}
		}, codes: codes()},
		{
			name: "the policy blocks", change: func(o *verdict.Observation) { onlyPolicy(o).Grants = []string{"block"} },
			codes: codes(verdict.PolicyBlocks), object: "/policies/policy-1", says: "blocks",
		},
		{name: "a second policy blocks", change: func(o *verdict.Observation) {
			second := everyTimePolicy()
			second.ID, second.Grants = "policy-2", []string{"block"}
			o.Configuration.Policies = append(o.Configuration.Policies, second)
		}, codes: codes(verdict.PolicyBlocks), object: "/policies/policy-2", says: "blocks"},
		{
			name: "the policy sets no sign-in frequency", change: func(o *verdict.Observation) { onlyPolicy(o).Frequency = nil },
			codes: codes(verdict.SignInFrequencyMissing), object: "/policies/policy-1", says: "no sign-in frequency",
		},
		{
			name: "the sign-in frequency is switched off", change: func(o *verdict.Observation) { onlyPolicy(o).Frequency.Enabled = false },
			codes: codes(verdict.SignInFrequencyDisabled), says: "switched off",
		},
		{name: "the sign-in frequency is an hour", change: func(o *verdict.Observation) {
			onlyPolicy(o).Frequency = &verdict.Frequency{Enabled: true, Interval: "timeBased", Type: "hours", Value: 1}
		}, codes: codes(verdict.SignInFrequencyTimeBased), object: "/policies/policy-1", says: "only after 1 hour."},
		{name: "only the second factor is asked for again", change: func(o *verdict.Observation) {
			onlyPolicy(o).Frequency.AuthenticationType = "secondaryAuthentication"
		}, codes: codes(verdict.SignInFrequencySecondary), says: "second factor"},
		{
			name: "the policy applies on Windows only", change: func(o *verdict.Observation) { onlyPolicy(o).IncludePlatforms = []string{"windows"} },
			codes: codes(verdict.PolicyConditionNarrows), object: "/policies/policy-1", says: "platforms windows",
		},
		{
			name: "the policy leaves out trusted locations", change: func(o *verdict.Observation) { onlyPolicy(o).ExcludeLocations = []string{"AllTrusted"} },
			codes: codes(verdict.PolicyConditionNarrows), says: "AllTrusted",
		},
		{
			name: "the policy applies to browsers only", change: func(o *verdict.Observation) { onlyPolicy(o).ClientAppTypes = []string{"browser"} },
			codes: codes(verdict.PolicyConditionNarrows), says: "client apps browser",
		},
		{name: "several faults of one policy, in the order of the chain", change: func(o *verdict.Observation) {
			p := onlyPolicy(o)
			p.State, p.ExcludeUsers, p.Frequency, p.SignInRisk = "disabled", []string{adminID}, nil, []string{"high"}
		}, codes: codes(verdict.PolicyDisabled, verdict.PolicyUserExcluded, verdict.SignInFrequencyMissing, verdict.PolicyConditionNarrows)},
		{name: "of two policies the one nearest to right comes first", change: func(o *verdict.Observation) {
			near := everyTimePolicy()
			near.ID, near.State = "policy-2", "enabledForReportingButNotEnforced"
			p := onlyPolicy(o)
			p.State, p.Frequency = "disabled", nil
			o.Configuration.Policies = append(o.Configuration.Policies, near)
		}, codes: codes(verdict.PolicyReportOnly, verdict.PolicyDisabled, verdict.SignInFrequencyMissing), object: "/policies/policy-2"},
		{name: "one right policy is enough beside a wrong one", change: func(o *verdict.Observation) {
			wrong := everyTimePolicy()
			wrong.ID, wrong.State = "policy-2", "disabled"
			o.Configuration.Policies = append(o.Configuration.Policies, wrong)
		}, codes: codes()},
		{name: "the role is active already", change: func(o *verdict.Observation) {
			o.Active = []verdict.ActiveAssignment{{ID: "assignment-1", Type: "Assigned"}}
		}, codes: codes(verdict.CauseRoleAlreadyActive), object: "/roleAssignmentScheduleInstances/assignment-1", says: "active"},
		{
			name: "the admin is not eligible", change: func(o *verdict.Observation) { o.Eligible, o.Configuration.Principals = false, nil },
			codes: codes(verdict.CauseRoleNotEligible), object: "/roleEligibilityScheduleInstances", says: "not eligible",
		},
		{name: "the admin is eligible in an administrative unit only", change: func(o *verdict.Observation) {
			o.Eligible, o.Configuration.Principals[0].Scope = false, "/administrativeUnits/unit-1"
		}, codes: codes(verdict.EligibilityScoped), object: "/roleEligibilityScheduleInstances", says: "/administrativeUnits/unit-1"},
		{name: "another way to the same power", change: func(o *verdict.Observation) {
			o.Configuration.OtherPaths = []verdict.OtherPath{{Object: "/groups/g1", Text: "Membership of g1 holds the role."}}
		}, codes: codes(verdict.UnprotectedPath), object: "/groups/g1", says: "g1"},
		{
			name: "an approver decides", change: func(o *verdict.Observation) { o.Setting.ApprovalRequired = true },
			codes: codes(verdict.ApprovalRequired), object: "/rules/Approval_EndUser_Assignment", says: "approver",
		},
		{name: "the rule of the role setting is off and still names a context", change: func(o *verdict.Observation) {
			o.Setting.ContextEnabled, o.Setting.MFARequired = false, true
		}, codes: codes(verdict.RoleSettingNoContext), says: "the context c1 stands in its rule, which is switched off"},
		{name: "the role setting names another context", change: func(o *verdict.Observation) {
			o.Setting.ContextID = "c2"
			o.Configuration.Contexts = append(o.Configuration.Contexts, verdict.Context{ID: "c2", Name: "Other", Published: true})
		}, codes: codes(verdict.PolicyMissing), object: "/policies", says: "context c2"},
		{name: "the context was deleted after the role setting named it", change: func(o *verdict.Observation) {
			o.Configuration.Contexts, o.Configuration.Policies = nil, nil
		}, codes: codes(verdict.ContextMissing, verdict.PolicyMissing), object: "/authenticationContextClassReferences/c1"},
		{name: "the admin is excluded by a nested group", change: func(o *verdict.Observation) {
			o.Configuration.AdminGroups, onlyPolicy(o).ExcludeGroups = []string{"inner", "outer"}, []string{"outer"}
			o.Configuration.Groups = []verdict.Group{{ID: "outer", Name: "Break glass", Users: 1}}
		}, codes: codes(verdict.PolicyUserExcluded), says: `"Break glass" (outer), through a group nested in it`},
		{name: "the admin is excluded by a nested group whose path was read", change: func(o *verdict.Observation) {
			o.Configuration.AdminGroups, onlyPolicy(o).ExcludeGroups = []string{"inner", "outer"}, []string{"outer"}
			o.Configuration.Groups = []verdict.Group{{ID: "outer", Name: "Outer exclusions", Users: 1, AdminPath: []verdict.Named{{ID: "inner", Name: "Inner"}}}}
		}, codes: codes(verdict.PolicyUserExcluded), says: `"Outer exclusions" (outer), through the group "Inner" (inner) nested in it`, mend: `out of the group "Inner" (inner)`},
		{name: "the admin is excluded two groups down", change: func(o *verdict.Observation) {
			o.Configuration.AdminGroups, onlyPolicy(o).ExcludeGroups = []string{"inner", "mid", "outer"}, []string{"outer"}
			o.Configuration.Groups = []verdict.Group{{ID: "outer", Name: "Outer", Users: 1, AdminPath: []verdict.Named{{ID: "mid", Name: "Mid"}, {ID: "inner", Name: "Inner"}}}}
		}, codes: codes(verdict.PolicyUserExcluded), says: `through the groups nested in it "Mid" (mid) > "Inner" (inner)`, mend: `out of the group "Inner" (inner)`},
		{name: "the admin is excluded by an active role", change: func(o *verdict.Observation) {
			o.Configuration.AdminRoles, onlyPolicy(o).ExcludeRoles = []string{"role-1"}, []string{"role-1"}
			o.Configuration.Names = []verdict.Named{{ID: "role-1", Name: "Global Reader"}}
		}, codes: codes(verdict.PolicyUserExcluded), says: `by the active role "Global Reader" (role-1)`, mend: "out of what the policy excludes"},
		{name: "the policy includes roles only", change: func(o *verdict.Observation) {
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeRoles = nil, []string{"role-1", "role-2"}
			o.Configuration.Names = []verdict.Named{{ID: "role-1", Name: "Global Reader"}}
		}, codes: codes(verdict.PolicyScopedToInactiveRole), says: `("Global Reader" (role-1), role-2)`},
		{name: "the policy is narrowed to a named location", change: func(o *verdict.Observation) {
			onlyPolicy(o).IncludeLocations, onlyPolicy(o).ExcludeLocations = []string{"place-1"}, []string{"AllTrusted"}
			o.Configuration.Names = []verdict.Named{{ID: "place-1", Name: "Office"}}
		}, codes: codes(verdict.PolicyConditionNarrows), says: `only from the locations "Office" (place-1) and not from the locations AllTrusted`},
		{name: "the admin is excluded by a group that holds them directly", change: func(o *verdict.Observation) {
			o.Configuration.AdminGroups, onlyPolicy(o).ExcludeGroups = []string{"outer"}, []string{"outer"}
			o.Configuration.Groups = []verdict.Group{{ID: "outer", Name: "Break glass", Users: 1, AdminDirect: true}}
		}, codes: codes(verdict.PolicyUserExcluded), says: `by membership in the group "Break glass" (outer).`, mend: `out of the group "Break glass" (outer)`},
		{name: "the policy includes a group in which nobody is", change: func(o *verdict.Observation) {
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeGroups = nil, []string{"empty"}
			o.Configuration.Groups = []verdict.Group{{ID: "empty", Name: "Admins"}}
		}, codes: codes(verdict.PolicyUserNotCovered), object: "/policies/policy-1", says: `the group "Admins" (empty), in which nobody is`},
		{name: "the policy includes a group that was deleted", change: func(o *verdict.Observation) {
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeGroups = nil, []string{"gone"}
			o.Configuration.Groups = []verdict.Group{{ID: "gone"}}
		}, codes: codes(verdict.PolicyUserNotCovered), says: "does not exist any more"},
		{name: "the policy includes a group nested in the admin's group", change: func(o *verdict.Observation) {
			o.Configuration.AdminGroups = []string{"outer"}
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeGroups = nil, []string{"inner"}
			o.Configuration.Groups = []verdict.Group{{ID: "inner", Name: "Inner", Users: 3}}
		}, codes: codes(verdict.PolicyUserNotCovered), says: `only the group "Inner" (inner).`},
		{name: "a strength is the only control", change: func(o *verdict.Observation) {
			p := onlyPolicy(o)
			p.Grants, p.Strength, p.Frequency = nil, "00000000-0000-0000-0000-000000000004", nil
		}, codes: codes(verdict.SignInFrequencyMissing), object: "/policies/policy-1", says: "need not satisfy again"},
		{name: "the sign-in frequency is four days", change: func(o *verdict.Observation) {
			onlyPolicy(o).Frequency = &verdict.Frequency{Enabled: true, Interval: "timeBased", Type: "days", Value: 4}
		}, codes: codes(verdict.SignInFrequencyTimeBased), says: "only after 4 days."},
		{name: "a device filter", change: func(o *verdict.Observation) {
			onlyPolicy(o).DeviceFilter = `include: device.model -eq "PAW"`
		}, codes: codes(verdict.PolicyConditionNarrows), says: "PAW"},
		{name: "user risk", change: func(o *verdict.Observation) { onlyPolicy(o).UserRisk = []string{"high"} }, codes: codes(verdict.PolicyConditionNarrows), says: "user risk high"},
		{name: "a block beside a policy with faults", change: func(o *verdict.Observation) {
			second := everyTimePolicy()
			second.ID, second.Grants = "policy-2", []string{"block"}
			onlyPolicy(o).Frequency = nil
			o.Configuration.Policies = append(o.Configuration.Policies, second)
		}, codes: codes(verdict.PolicyBlocks, verdict.SignInFrequencyMissing), object: "/policies/policy-2"},
		{name: "a block from elsewhere, with nothing that asks", change: func(o *verdict.Observation) {
			onlyPolicy(o).Grants, onlyPolicy(o).ExcludeLocations = []string{"block"}, []string{"AllTrusted"}
		}, codes: codes(verdict.PolicyMissing), object: "/policies", says: "only block"},
		{name: "a block from elsewhere that was seen to block", change: func(o *verdict.Observation) {
			onlyPolicy(o).Grants, onlyPolicy(o).ExcludeLocations = []string{"block"}, []string{"AllTrusted"}
			o.Failure = &verdict.Failure{Code: verdict.PolicyBlocksSignIn}
		}, codes: codes(verdict.PolicyBlocks), object: "/policies/policy-1", says: "blocks"},
		{name: "a policy for others does not come before the admin's", change: func(o *verdict.Observation) {
			others := everyTimePolicy()
			others.ID, others.IncludeUsers = "policy-0", []string{"someone-else"}
			p := onlyPolicy(o)
			p.State, p.Frequency = "disabled", nil
			o.Configuration.Policies = append([]verdict.Policy{others}, o.Configuration.Policies...)
		}, codes: codes(verdict.PolicyDisabled, verdict.SignInFrequencyMissing, verdict.PolicyUserNotCovered), object: "/policies/policy-1"},
		{name: "several faults at once, in the order of the chain", change: func(o *verdict.Observation) {
			o.Active = []verdict.ActiveAssignment{{ID: "assignment-1", Type: "Assigned"}}
			o.Setting.ApprovalRequired = true
			o.Configuration.Contexts[0].Published = false
			o.Configuration.OtherPaths = []verdict.OtherPath{{Object: "/groups/g1/owners", Text: "The admin owns g1."}}
			onlyPolicy(o).State = "disabled"
		}, codes: codes(verdict.CauseRoleAlreadyActive, verdict.ContextNotPublished, verdict.PolicyDisabled, verdict.UnprotectedPath, verdict.ApprovalRequired)},
		{name: "the configuration was not read", change: func(o *verdict.Observation) { o.Configuration = nil }, codes: codes()},
	} {
		t.Run(d.name, d.run)
	}
}

// What is right in its own way must not be called a fault, even where the behaviour was not.
func TestDiagnoseAccusesNoRightConfiguration(t *testing.T) {
	for name, change := range map[string]func(*verdict.Observation){
		"included by a group, directly": func(o *verdict.Observation) {
			o.Configuration.AdminGroups = []string{"admins"}
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeGroups = nil, []string{"admins"}
		},
		"included by a nested group": func(o *verdict.Observation) {
			o.Configuration.AdminGroups = []string{"inner", "OUTER"}
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeGroups = nil, []string{"outer"}
		},
		"all users, with others excluded": func(o *verdict.Observation) {
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).ExcludeUsers = []string{"All"}, []string{"glass"}
			onlyPolicy(o).ExcludeGroups, onlyPolicy(o).ExcludeRoles = []string{"others"}, []string{"other-role"}
		},
		"a role and a group": func(o *verdict.Observation) {
			o.Configuration.AdminGroups = []string{"admins"}
			p := onlyPolicy(o)
			p.IncludeUsers, p.IncludeRoles, p.IncludeGroups = nil, []string{"role-1"}, []string{"admins"}
		},
		"a strength and every time": func(o *verdict.Observation) {
			onlyPolicy(o).Grants, onlyPolicy(o).Strength = nil, "00000000-0000-0000-0000-000000000004"
		},
		"every time and no grant": func(o *verdict.Observation) { onlyPolicy(o).Grants = nil },
		"one policy asks every time, another for a strength": func(o *verdict.Observation) {
			strength := everyTimePolicy()
			strength.ID, strength.Frequency, strength.Strength = "policy-2", nil, "00000000-0000-0000-0000-000000000004"
			o.Configuration.Policies = append(o.Configuration.Policies, strength)
		},
		"a second frequency in hours": func(o *verdict.Observation) {
			hours := everyTimePolicy()
			hours.ID = "policy-2"
			hours.Frequency = &verdict.Frequency{Enabled: true, Interval: "timeBased", Type: "hours", Value: 4}
			o.Configuration.Policies = append(o.Configuration.Policies, hours)
		},
		"a second policy blocks from elsewhere": func(o *verdict.Observation) {
			block := everyTimePolicy()
			block.ID, block.Grants, block.ExcludeLocations = "policy-2", []string{"block"}, []string{"AllTrusted"}
			o.Configuration.Policies = append(o.Configuration.Policies, block)
		},
		"a second policy blocks others": func(o *verdict.Observation) {
			block := everyTimePolicy()
			block.ID, block.Grants, block.IncludeUsers = "policy-2", []string{"block"}, []string{"someone-else"}
			o.Configuration.Policies = append(o.Configuration.Policies, block)
		},
		"all platforms, all locations, browsers and apps": func(o *verdict.Observation) {
			p := onlyPolicy(o)
			p.IncludePlatforms, p.IncludeLocations = []string{"all"}, []string{"All"}
			p.ClientAppTypes = []string{"browser", "mobileAppsAndDesktopClients"}
		},
		"eligible through a group": func(o *verdict.Observation) {
			o.Configuration.AdminGroups = []string{"admins"}
			o.Configuration.Principals[0].Via = "admins"
		},
		"ids in another letter case": func(o *verdict.Observation) {
			o.Configuration.AdminGroups = []string{"ADMINS"}
			onlyPolicy(o).IncludeUsers, onlyPolicy(o).IncludeGroups = nil, []string{"admins"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := unasked()
			onlyPolicy(&o).State = "enabled"
			change(&o)
			if causes := verdict.Diagnose(o); len(causes) > 0 {
				t.Errorf("accused: %+v", causes)
			}
		})
	}
}

func TestBesideEnforcedOnlyWaysAroundAndApprovalRemain(t *testing.T) {
	o := enforced()
	o.Configuration.OtherPaths = []verdict.OtherPath{{Object: "/groups/g1", Text: "Membership of g1 holds the role."}}
	o.Setting.ApprovalRequired = true
	v := verdict.Decide(o)
	if len(v.Causes) != 2 || v.Causes[0].Code != verdict.UnprotectedPath || v.Causes[1].Code != verdict.ApprovalRequired {
		t.Errorf("causes %v", v.Causes)
	}
	if !strings.Contains(v.Summary, "for this admin, this way") {
		t.Errorf("the summary claims too much: %s", v.Summary)
	}
}

func TestScope(t *testing.T) {
	grace := verdict.Principal{ID: "grace", Via: "group-1", Groups: []string{"group-1"}}
	windowsOnly := func(o *verdict.Observation) { onlyPolicy(o).IncludePlatforms = []string{"windows"} }
	for name, row := range map[string]struct {
		change func(*verdict.Observation)
		want   verdict.Scope
		clean  bool
	}{
		"everybody is covered": {
			func(*verdict.Observation) {},
			verdict.Scope{Eligible: 1, Covered: 1, NotCovered: []verdict.NotCovered{}, NarrowedBy: []verdict.Narrowing{}, OtherPaths: []verdict.OtherPath{}},
			true,
		},
		"another eligible admin is not covered": {
			func(o *verdict.Observation) {
				o.Configuration.Principals = append(o.Configuration.Principals, grace, grace)
			},
			verdict.Scope{
				Eligible: 2, Covered: 1, NarrowedBy: []verdict.Narrowing{}, OtherPaths: []verdict.OtherPath{},
				NotCovered: []verdict.NotCovered{{ID: "grace", Why: `the policy "Re-authenticate for roles" does not include this principal`}},
			},
			false,
		},
		"another eligible admin is covered by a group": {
			func(o *verdict.Observation) {
				o.Configuration.Principals = append(o.Configuration.Principals, grace)
				onlyPolicy(o).IncludeGroups = []string{"group-1"}
			},
			verdict.Scope{Eligible: 2, Covered: 2, NotCovered: []verdict.NotCovered{}, NarrowedBy: []verdict.Narrowing{}, OtherPaths: []verdict.OtherPath{}},
			true,
		},
		"a condition narrows": {
			windowsOnly,
			verdict.Scope{
				Eligible: 1, Covered: 1, NotCovered: []verdict.NotCovered{}, OtherPaths: []verdict.OtherPath{},
				NarrowedBy: []verdict.Narrowing{{Policy: "policy-1", Condition: "only on the platforms windows"}},
			},
			false,
		},
		"a condition narrows one policy, another has none": {
			func(o *verdict.Observation) {
				windowsOnly(o)
				second := everyTimePolicy()
				second.ID = "policy-2"
				o.Configuration.Policies = append(o.Configuration.Policies, second)
			},
			verdict.Scope{Eligible: 1, Covered: 1, NotCovered: []verdict.NotCovered{}, NarrowedBy: []verdict.Narrowing{}, OtherPaths: []verdict.OtherPath{}},
			true,
		},
		"the configuration was not read": {func(o *verdict.Observation) { o.Configuration = nil }, verdict.Scope{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := enforced()
			row.change(&o)
			got := verdict.ScopeOf(o)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Clean() != row.clean {
				t.Errorf("clean is %t", got.Clean())
			}
			claimsAll := !strings.Contains(verdict.Decide(o).Summary, "for this admin, this way")
			if claimsAll != row.clean {
				t.Errorf("summary %q for a scope that is clean: %t", verdict.Decide(o).Summary, row.clean)
			}
		})
	}
}
