package watch

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
)

// policyJSON is a policy as the log has it; contexts is the JSON of its list.
func policyJSON(contexts string) string {
	return `{"id":"p","displayName":"every time","state":"enabled","conditions":{"applications":{"includeApplications":[],"includeAuthenticationContextClassReferences":` + contexts + `}}}`
}

func policyRow(before, after string) graph.AuditRow {
	return graph.AuditRow{Activity: "Update Conditional Access policy", Category: "Policy", Targets: []graph.AuditTarget{{
		ID: "p", Type: "Policy", Name: "every time", Modified: []graph.AuditProperty{{Name: "ConditionalAccessPolicy", Old: before, New: after}},
	}}}
}

func entry(activity, category string, targets ...graph.AuditTarget) graph.AuditRow {
	return graph.AuditRow{Activity: activity, Category: category, Targets: targets}
}

func TestWhichRolesAChangeTouches(t *testing.T) {
	const guest = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
	roles := []Role{
		{ID: appAdmin, Context: "c1", Watched: true},
		{ID: userAdmin, Context: "c2", Watched: true},
		{ID: reader},               // has no context, and was never proved
		{ID: guest, Watched: true}, // was proved before, and lost its context
		{ID: "shy", Context: "c1"}, // is not wanted
	}
	everyone := []string{appAdmin, userAdmin, guest}
	role := func(id string) graph.AuditTarget { return graph.AuditTarget{ID: id, Type: "Role"} }
	request := graph.AuditTarget{ID: "request", Type: "Request"}
	for _, tt := range []struct {
		name string
		row  graph.AuditRow
		want []string
	}{
		{"a policy on a context", policyRow(policyJSON(`["c1"]`), policyJSON(`["c1"]`)), []string{appAdmin}},
		{"a policy that let go of a context", policyRow(policyJSON(`["c2"]`), policyJSON(`[]`)), []string{userAdmin}},
		{"a policy that moved to another context", policyRow(policyJSON(`["c2"]`), policyJSON(`["c1"]`)), []string{appAdmin, userAdmin}},
		{"a policy that was deleted", policyRow(policyJSON(`["c2"]`), ""), []string{userAdmin}},
		{"a policy on a context that no role names", policyRow("", policyJSON(`["c9"]`)), nil},
		{"a policy on applications", policyRow("", policyJSON(`[]`)), everyone},
		{"a policy without the property", policyRow("", `{"conditions":{"applications":{}}}`), everyone},
		{"a policy that cannot be read", policyRow("", "…"), everyone},
		{"a policy of which nothing is told", entry("Delete Conditional Access policy", "Policy"), everyone},
		{"a policy in another spelling", policyRow("", `{"Conditions":{"Applications":{"IncludeAuthenticationContextClassReferences":["c1"]}}}`), []string{appAdmin}},
		{"a context", entry("Update AuthenticationContextClassReference", "Policy", graph.AuditTarget{ID: "c2"}), []string{userAdmin}},
		{"a context that no role names", entry("Add AuthenticationContextClassReference", "Policy", graph.AuditTarget{ID: "c9"}), nil},
		{"a context that is not named", entry("Delete AuthenticationContextClassReference", "Policy"), everyone},
		{"the setting of a role", entry("Update role setting in PIM", "RoleManagement", role(userAdmin)), []string{userAdmin}},
		{"the setting of a role that lost its context", entry("Update role setting in PIM", "RoleManagement", role(guest)), []string{guest}},
		{"the setting of a role that nobody watches", entry("Update role setting in PIM", "RoleManagement", role(reader)), nil},
		{"the setting of a role that is not there", entry("Update role setting in PIM", "RoleManagement", role("?")), everyone},
		{"an eligibility", entry("Add eligible member to role in PIM completed (timebound)", "RoleManagement", role(appAdmin), request), []string{appAdmin}},
		{"an assignment that ended", entry("Remove member from role in PIM completed (permanent)", "RoleManagement", role(appAdmin), request), []string{appAdmin}},
		{"an assignment past PIM", entry("Add member to role outside of PIM (permanent)", "RoleManagement", role(appAdmin)), []string{appAdmin}},
		{"a named location", entry("Update named location", "Policy"), everyone},
		{"an authentication strength", entry("Authentication Strength Policy Update", "ApplicationManagement"), everyone},
		{"security defaults", entry("Update security defaults", "Policy"), everyone},

		// What changes no configuration, or not that of a directory role.
		{"a request for an eligibility", entry("Add eligible member to role in PIM requested (timebound)", "RoleManagement", role(appAdmin)), nil},
		{"an activation, as our own proofs make", entry("Add member to role completed (PIM activation)", "RoleManagement", role(appAdmin)), nil},
		{"a deactivation", entry("Remove member from role completed (PIM deactivate)", "RoleManagement", role(appAdmin)), nil},
		{"an eligibility for a group", entry("Add eligible member to role in PIM completed (permanent)", "GroupManagement"), nil},
		{"the setting of an Azure resource", entry("Update role setting in PIM", "ResourceManagement"), nil},
		{"terms of use", entry("Edit Terms Of Use", "Policy"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var changes []Change
			if c, ok := ChangeOf(tt.row); ok {
				changes = append(changes, c)
			}
			if diff := cmp.Diff(tt.want, Touched(changes, roles)); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAChangeThatFailedIsNone(t *testing.T) {
	row := policyRow("", policyJSON(`["c1"]`))
	for result, want := range map[string]bool{"success": true, "timeout": true, "failure": false, "": true} {
		row.Result = result
		if _, got := ChangeOf(row); got != want {
			t.Errorf("result %q counts: %t, want %t", result, got, want)
		}
	}
}

// Every activity that matters is asked for.
func TestQueriesReachEveryActivity(t *testing.T) {
	for name, kind := range activities {
		reached := false
		for _, q := range Queries(noon) {
			category := "Policy"
			if kind == OfSetting || kind == OfAssignment {
				category = "RoleManagement"
			}
			reached = reached || q.Activity == name || q.Activity == "" && q.Category == category
		}
		if !reached {
			t.Errorf("%s is not asked for", name)
		}
	}
}

func TestAChangeIsSaidForPeople(t *testing.T) {
	row := policyRow("", policyJSON(`["c1"]`))
	row.At, row.Initiator.User.UPN = noon, "ann@contoso.example"
	c, _ := ChangeOf(row)
	if got, want := c.String(), `Update Conditional Access policy "every time" by ann@contoso.example at 2026-03-14T12:00:00Z`; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
