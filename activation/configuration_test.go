package activation

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
)

const (
	provedRole    = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	privilegedAdm = "e8611ab8-c189-46e8-94e1-60213ab1f814"
	globalAdm     = "62e90394-69f5-4237-9190-012177145e10"
)

// directory is a Graph that answers lists, by the last part of their path, filtered by equality, and
// 404 or 403 for what refused names.
type directory struct {
	lists   map[string][]map[string]any
	refused map[string]int // by path
}

var comparison = regexp.MustCompile(`(\w+) eq '([^']*)'`)

func (d directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1.0")
	w.Header().Set("Content-Type", "application/json")
	if status := d.refused[path]; status != 0 {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"error":{"code":"refused"}}`))
		return
	}
	name := path[strings.LastIndex(path, "/")+1:]
	if list, ok := d.lists[path]; ok {
		d.answer(w, list, "")
		return
	}
	if strings.Contains(path, "/privilegedAccess/group/") {
		name = "group " + name
	}
	d.answer(w, d.lists[name], r.URL.Query().Get("$filter"))
}

func (directory) answer(w http.ResponseWriter, list []map[string]any, filter string) {
	kept := []map[string]any{}
	for _, one := range list {
		keep := true
		for _, want := range comparison.FindAllStringSubmatch(filter, -1) {
			if value, ok := one[want[1]]; ok && value != want[2] {
				keep = false
			}
		}
		if keep {
			kept = append(kept, one)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"value": kept})
}

func (d directory) client(t *testing.T) *graph.Client {
	t.Helper()
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	c, err := graph.New(graph.Options{
		BaseURL: server.URL + "/v1.0",
		Token:   func(context.Context, string) (secret.Text, error) { return secret.New("t"), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func instance(id, principal, role, scope string) map[string]any {
	return map[string]any{
		"id": id, "principalId": principal, "roleDefinitionId": role, "directoryScopeId": scope, "assignmentType": "Assigned",
	}
}

func setting(scope, kind, role string, on bool) map[string]any {
	return map[string]any{
		"scopeId": scope, "scopeType": kind, "roleDefinitionId": role, "policyId": "P",
		"policy": map[string]any{"rules": []any{map[string]any{
			"id": graph.RuleContext, "isEnabled": on, "claimValue": "c1",
		}}},
	}
}

// A row is a directory, and the objects of the ways around the control that it holds.
func TestOtherPaths(t *testing.T) {
	const (
		assignments   = "roleAssignmentScheduleInstances"
		eligibilities = "roleEligibilityScheduleInstances"
		settings      = "roleManagementPolicyAssignments"
		joins         = "group eligibilityScheduleInstances"
	)
	holds := instance("a1", "group-1", provedRole, "/")
	join := map[string]any{"id": "j1", "groupId": "group-1", "principalId": "admin", "accessId": "member"}
	for name, row := range map[string]struct {
		directory
		want []string
	}{
		"nothing beside": {directory: directory{lists: map[string][]map[string]any{
			eligibilities: {instance("e1", "admin", provedRole, "/")},
		}}},
		"the role itself is active: that is no way around": {directory: directory{lists: map[string][]map[string]any{
			assignments: {instance("a1", "admin", provedRole, "/")},
		}}},
		"active at another scope": {directory{lists: map[string][]map[string]any{
			assignments: {instance("a1", "admin", provedRole, "/administrativeUnits/u1")},
		}}, []string{"/roleManagement/directory/roleAssignmentScheduleInstances/a1"}},
		"eligible at another scope, under the same setting": {directory: directory{lists: map[string][]map[string]any{
			eligibilities: {instance("e1", "admin", provedRole, "/"), instance("e2", "admin", provedRole, "/administrativeUnits/u1")},
		}}},
		"eligible for a ruling role without a context": {directory{lists: map[string][]map[string]any{
			eligibilities: {instance("e1", "admin", privilegedAdm, "/")}, settings: {setting("/", "DirectoryRole", privilegedAdm, false)},
		}}, []string{"/roleManagement/directory/roleEligibilityScheduleInstances/e1"}},
		"through a group of the admin's": {directory{lists: map[string][]map[string]any{
			eligibilities: {instance("e1", "mine", globalAdm, "/")}, settings: {setting("/", "DirectoryRole", globalAdm, false)},
		}}, []string{"/roleManagement/directory/roleEligibilityScheduleInstances/e1"}},
		"eligible for a ruling role with a context": {directory: directory{lists: map[string][]map[string]any{
			eligibilities: {instance("e1", "admin", privilegedAdm, "/")}, settings: {setting("/", "DirectoryRole", privilegedAdm, true)},
		}}},
		"somebody else is": {directory: directory{lists: map[string][]map[string]any{
			eligibilities: {instance("e1", "grace", privilegedAdm, "/")}, settings: {setting("/", "DirectoryRole", privilegedAdm, false)},
		}}},
		"standing in a ruling role": {directory{lists: map[string][]map[string]any{
			assignments: {instance("a1", "admin", globalAdm, "/")},
		}}, []string{"/roleManagement/directory/roleAssignmentScheduleInstances/a1"}},
		"may join a group that holds the role": {directory{lists: map[string][]map[string]any{
			assignments: {holds}, joins: {join}, settings: {setting("group-1", "Group", "member", false)},
		}}, []string{"/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances/j1"}},
		"may join it with a context": {directory: directory{lists: map[string][]map[string]any{
			assignments: {holds}, joins: {join}, settings: {setting("group-1", "Group", "member", true)},
		}}},
		"owns a group that holds the role": {directory{lists: map[string][]map[string]any{
			assignments: {holds}, "/groups/group-1/owners": {{"@odata.type": "#microsoft.graph.user", "id": "admin"}},
		}}, []string{"/groups/group-1/owners"}},
		"another user holds the role": {directory: directory{
			lists: map[string][]map[string]any{assignments: {holds}}, refused: map[string]int{"/groups/group-1/owners": http.StatusNotFound},
		}},
		"group settings are not for us to see": {directory: directory{
			lists:   map[string][]map[string]any{assignments: {holds}, joins: {join}},
			refused: map[string]int{"/policies/roleManagementPolicyAssignments": http.StatusForbidden},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := configurationReader{ctx: t.Context(), graph: row.client(t)}
			paths := r.otherPaths([]string{"admin", "mine"}, verdict.Role{Name: "Application Administrator", DefinitionID: provedRole, DirectoryScopeID: "/"})
			if r.err != nil {
				t.Fatal(r.err)
			}
			var got []string
			for _, path := range paths {
				got = append(got, path.Object)
				if !strings.HasSuffix(path.Text, ".") {
					t.Errorf("no sentence: %q", path.Text)
				}
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
}

// A Graph that fails says nothing about ways around: the configuration is then not known.
func TestOtherPathsKeepTheError(t *testing.T) {
	d := directory{refused: map[string]int{"/roleManagement/directory/roleAssignmentScheduleInstances": http.StatusBadRequest}}
	r := configurationReader{ctx: t.Context(), graph: d.client(t)}
	r.otherPaths([]string{"admin"}, verdict.Role{DefinitionID: provedRole, DirectoryScopeID: "/"})
	if r.err == nil {
		t.Error("the refusal was forgotten")
	}
}

// What the reader may not read is not a riddle: the tenant is not ready, and the permission is named.
func TestAForbiddenReadNamesThePermission(t *testing.T) {
	role := verdict.Role{Name: "Application Administrator", DefinitionID: provedRole, DirectoryScopeID: "/"}
	lists := map[string][]map[string]any{
		"roleManagementPolicyAssignments":  {setting("/", "DirectoryRole", provedRole, true)},
		"roleEligibilityScheduleInstances": {instance("e1", "admin", provedRole, "/")},
	}
	for path, want := range map[string]string{
		"/policies/roleManagementPolicyAssignments":                        "RoleManagement.Read.All",
		"/roleManagement/directory/roleAssignmentScheduleInstances":        "RoleAssignmentSchedule.Read.Directory",
		"/roleManagement/directory/roleEligibilityScheduleInstances":       "RoleEligibilitySchedule.Read.Directory",
		"/users/admin/transitiveMemberOf":                                  "Directory.Read.All",
		"/identity/conditionalAccess/policies":                             "Policy.Read.All",
		"/identity/conditionalAccess/authenticationContextClassReferences": "Policy.Read.All",
	} {
		t.Run(path, func(t *testing.T) {
			d := directory{lists: lists, refused: map[string]int{path: http.StatusForbidden}}
			p := proof{Deps: Deps{Reader: d.client(t), AdminID: "admin"}, request: Request{Role: role}}
			err := p.readConfiguration(t.Context())
			if err == nil || codeOf(err) != verdict.TenantNotReady || !strings.Contains(err.Error(), "application permission "+want+" ") {
				t.Errorf("got %s: %v; want %s", codeOf(err), err, want)
			}
		})
	}
}

// group is a member of a group that is one itself.
func group(id, name string) map[string]any {
	return map[string]any{"@odata.type": "#microsoft.graph.group", "id": id, "displayName": name}
}

// The groups of the admin on the way down are named; a ring of groups ends the search, not the proof.
func TestThePathOfNestedGroupsIsRead(t *testing.T) {
	admin := map[string]any{"@odata.type": "#microsoft.graph.user", "id": "admin"}
	d := directory{lists: map[string][]map[string]any{
		"/groups/outer/members": {group("other", "Other"), group("mid", "Mid")},
		"/groups/mid/members":   {group("outer", "Outer"), group("inner", "Inner")},
		"/groups/inner/members": {admin},
		"/groups/ring/members":  {group("ring", "Ring")},
	}}
	r := configurationReader{ctx: t.Context(), graph: d.client(t)}
	policies := []verdict.Policy{{ExcludeGroups: []string{"inner", "outer", "ring"}}}
	got := map[string][]verdict.Named{}
	for _, g := range r.groups(policies, "admin", []string{"inner", "mid", "outer", "ring"}) {
		got[g.ID] = g.AdminPath
	}
	want := map[string][]verdict.Named{"inner": nil, "outer": {{ID: "mid", Name: "Mid"}, {ID: "inner", Name: "Inner"}}, "ring": nil}
	if diff := cmp.Diff(want, got); diff != "" || r.err != nil {
		t.Errorf("paths (-want +got):\n%s%v", diff, r.err)
	}
}

// Names are for people: what may not be read or is gone has none, and nothing fails.
func TestNamesOfLocationsAndRoles(t *testing.T) {
	const locations = "/identity/conditionalAccess/namedLocations"
	policies := []verdict.Policy{{
		IncludeLocations: []string{"place-1"}, ExcludeLocations: []string{"AllTrusted"}, IncludeRoles: []string{"gone"},
	}}
	lists := map[string][]map[string]any{locations: {{"id": "place-1", "displayName": "Office"}, {"id": "place-2", "displayName": "Home"}}}
	for name, row := range map[string]struct {
		refused map[string]int
		want    []verdict.Named
	}{
		"readable":  {map[string]int{"/roleManagement/directory/roleDefinitions/gone": http.StatusNotFound}, []verdict.Named{{ID: "place-1", Name: "Office"}}},
		"forbidden": {map[string]int{locations: http.StatusForbidden, "/roleManagement/directory/roleDefinitions/gone": http.StatusForbidden}, nil},
	} {
		r := configurationReader{ctx: t.Context(), graph: directory{lists: lists, refused: row.refused}.client(t)}
		if diff := cmp.Diff(row.want, r.names(policies)); diff != "" || r.err != nil {
			t.Errorf("%s (-want +got):\n%s%v", name, diff, r.err)
		}
	}
}

// A policy on applications is read beside only where it can be in the way of a proof, and the strength
// that a policy demands by its name.
func TestPoliciesThatCanBeInTheWayAreReadBeside(t *testing.T) {
	policy := func(id, state string, grants []string, everyTime bool) map[string]any {
		session := map[string]any{}
		if everyTime {
			session["signInFrequency"] = map[string]any{"isEnabled": true, "frequencyInterval": "everyTime"}
		}
		return map[string]any{
			"id": id, "displayName": id, "state": state, "sessionControls": session,
			"conditions":    map[string]any{"applications": map[string]any{"includeApplications": []string{"All"}}, "users": map[string]any{"includeUsers": []string{"All"}}},
			"grantControls": map[string]any{"operator": "OR", "builtInControls": grants, "authenticationStrength": map[string]any{"id": "strength-1"}},
		}
	}
	onContext := policy("context", "enabled", nil, true)
	onContext["conditions"].(map[string]any)["applications"] = map[string]any{"includeAuthenticationContextClassReferences": []string{"c1"}}
	d := directory{lists: map[string][]map[string]any{
		"/identity/conditionalAccess/policies": {
			onContext, policy("every time", "enabled", nil, true), policy("device", "enabled", []string{"compliantDevice"}, false),
			policy("mfa", "enabled", []string{"mfa"}, false), policy("off", "disabled", nil, true),
		},
		"/policies/authenticationStrengthPolicies": {{"id": "strength-1", "displayName": "Keys only"}},
	}}
	r := configurationReader{ctx: t.Context(), graph: d.client(t)}
	policies, beside := r.policies("c1")
	if len(policies) != 1 || policies[0].ID != "context" || r.err != nil {
		t.Errorf("on the context: %+v (%v)", policies, r.err)
	}
	if len(beside) != 2 || beside[0].ID != "every time" || beside[1].ID != "device" || beside[0].Applications[0] != "All" {
		t.Errorf("beside: %+v", beside)
	}
	if diff := cmp.Diff([]verdict.Named{{ID: "strength-1", Name: "Keys only"}}, r.names(policies)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
