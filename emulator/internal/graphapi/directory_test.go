package graphapi_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

func namesOf(list []*document.Object, property string) []string {
	out := []string{}
	for _, o := range list {
		out = append(out, o.String(property))
	}
	slices.Sort(out)
	return out
}

// namesOfAny are the display names of a list as it stands in an answer.
func namesOfAny(list any) []string {
	var names []string
	elements, _ := list.([]any)
	for _, e := range elements {
		o, _ := e.(*document.Object)
		names = append(names, o.String("displayName"))
	}
	return names
}

func TestPagesAreFollowedToTheEnd(t *testing.T) {
	l := newLab(t)
	l.with(func(tenant *store.Tenant) {
		for i := range 250 {
			u := &store.User{ID: tenant.NewID(), UPN: fmt.Sprintf("u%03d@contoso.example", i), DisplayName: fmt.Sprintf("u%03d", i)}
			tenant.Users.Put(u.ID, u)
		}
	})
	path := "/v1.0/users?$filter=startswith(displayName,'u')&$select=id&$orderby=displayName&$count=true&$top=100"
	seen, pages := map[string]bool{}, 0
	for path != "" {
		a := l.doWith(eventual, "app", http.MethodGet, path, "")
		if a.status != http.StatusOK {
			t.Fatalf("page %d: %d %s", pages, a.status, pretty(a.body))
		}
		for _, u := range a.values() {
			if seen[u.String("id")] || len(u.Keys()) != 1 {
				t.Fatalf("page %d: %s again, or more than was selected", pages, pretty(u))
			}
			seen[u.String("id")] = true
		}
		if n, _ := a.body.Int("@odata.count"); n != 250 {
			t.Errorf("count %d on page %d, want 250", n, pages)
		}
		pages++
		path = ""
		if next := a.body.String("@odata.nextLink"); next != "" {
			u, err := url.Parse(next)
			if err != nil || u.Host != "graph.microsoft.com" {
				t.Fatalf("next link %q: %v", next, err)
			}
			path = u.RequestURI()
		}
	}
	if len(seen) != 250 || pages != 3 {
		t.Errorf("%d users on %d pages, want 250 on 3", len(seen), pages)
	}
	if a := l.do("app", http.MethodGet, "/v1.0/users?$top=1000", ""); a.status != http.StatusBadRequest {
		t.Errorf("a page of 1000: %d", a.status)
	}
	if a := l.do("app", http.MethodGet, "/v1.0/users?$skiptoken=x", ""); a.status != http.StatusBadRequest {
		t.Errorf("a made-up skip token: %d", a.status)
	}
}

func TestCompressedBody(t *testing.T) {
	l := newLab(t)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(`{"displayName":"x","isAvailable":true}`)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"gzip": http.StatusNoContent, "": http.StatusBadRequest} {
		r := httptest.NewRequest(http.MethodPatch, "https://graph.microsoft.com"+contexts+"/c1", bytes.NewReader(zipped.Bytes()))
		r.Header.Set("Authorization", "Bearer app")
		r.Header.Set("Content-Encoding", name)
		if got := l.send(r); got.status != want {
			t.Errorf("a compressed body with Content-Encoding %q: %d, want %d", name, got.status, want)
		}
	}
}

func TestPagesOfOtherOriginsMayCall(t *testing.T) {
	l := newLab(t)
	const frame = "https://sandbox-1.reactblade.portal.azure.net"
	preflight := httptest.NewRequest(http.MethodOptions, "https://graph.microsoft.com"+assignments, nil)
	preflight.Header.Set("Origin", frame)
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	preflight.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
	got := l.send(preflight)
	if got.status != http.StatusNoContent || got.header.Get("Access-Control-Allow-Origin") != frame ||
		!strings.Contains(got.header.Get("Access-Control-Allow-Headers"), "authorization") || !strings.Contains(got.header.Get("Access-Control-Allow-Methods"), "PATCH") {
		t.Errorf("preflight: %d %v", got.status, got.header)
	}
	call := httptest.NewRequest(http.MethodGet, "https://graph.microsoft.com"+assignments, nil)
	call.Header.Set("Origin", frame)
	if refused := l.send(call); refused.status != http.StatusUnauthorized || refused.header.Get("Access-Control-Allow-Origin") != frame {
		t.Errorf("a refusal that the page cannot read: %d %v", refused.status, refused.header)
	}
}

func TestBatch(t *testing.T) {
	l := newLab(t)
	a := l.must(http.StatusOK, http.MethodPost, "/v1.0/$batch", `{"requests":[
 {"id":"1","method":"PATCH","url":"/identity/conditionalAccess/authenticationContextClassReferences/c1","body":{"displayName":"x","isAvailable":true},"headers":{"Content-Type":"application/json"}},
 {"id":"2","method":"GET","url":"/identity/conditionalAccess/authenticationContextClassReferences/c1","dependsOn":["1"]},
 {"id":"3","method":"GET","url":"/users/nobody"},
 {"id":"4","method":"GET","url":"/users","dependsOn":["3"]}]}`)
	v, _ := a.body.Get("responses")
	var got []string
	for _, e := range v.([]any) {
		r := e.(*document.Object)
		status, _ := r.Int("status")
		got = append(got, fmt.Sprintf("%s %d %s", r.String("id"), status, r.Object("body").String("id")))
	}
	if diff := cmp.Diff([]string{"1 204 ", "2 200 c1", "3 404 ", "4 424 "}, got); diff != "" {
		t.Error(diff)
	}
	for name, body := range map[string]string{
		"no requests":       `{"requests":[]}`,
		"an id twice":       `{"requests":[{"id":"1","method":"GET","url":"/users"},{"id":"1","method":"GET","url":"/users"}]}`,
		"no url":            `{"requests":[{"id":"1","method":"GET"}]}`,
		"too many requests": `{"requests":[` + strings.Repeat(`{"id":"1","method":"GET","url":"/users"},`, 20) + `{"id":"2","method":"GET","url":"/users"}]}`,
	} {
		if a := l.do("app", http.MethodPost, "/v1.0/$batch", body); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}

func TestLifeOfAContext(t *testing.T) {
	l := newLab(t)
	policy := l.protect()
	unpublish := func() { l.must(http.StatusNoContent, http.MethodPatch, contexts+"/c1", `{"isAvailable":false}`) }
	l.must(http.StatusForbidden, http.MethodDelete, contexts+"/c1", "")
	unpublish()
	l.must(http.StatusBadRequest, http.MethodDelete, contexts+"/c1", "")
	l.must(http.StatusNoContent, http.MethodDelete, policies+"/"+policy, "")
	l.must(http.StatusNoContent, http.MethodDelete, contexts+"/c1", "")
	l.must(http.StatusNotFound, http.MethodGet, contexts+"/c1", "")
	l.must(http.StatusCreated, http.MethodPost, contexts, `{"id":"c1","displayName":"again","isAvailable":false}`)
	l.must(http.StatusConflict, http.MethodPost, contexts, `{"id":"c1","displayName":"again"}`)
}

func TestPatchOfAPolicy(t *testing.T) {
	l := newLab(t)
	id := l.protect()
	l.must(http.StatusNoContent, http.MethodPatch, policies+"/"+id, `{"state":"EnabledForReportingButNotEnforced","conditions":{"platforms":{"includePlatforms":["IOS"]}}}`)
	got := l.must(http.StatusOK, http.MethodGet, policies+"/"+id, "").body
	if got.String("state") != "enabledForReportingButNotEnforced" {
		t.Errorf("state %q is not in the service's spelling", got.String("state"))
	}
	conditions := got.Object("conditions")
	if diff := cmp.Diff([]string{"iOS"}, conditions.Object("platforms").Strings("includePlatforms")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"c1"}, conditions.Object("applications").Strings("includeAuthenticationContextClassReferences")); diff != "" {
		t.Errorf("the context is lost: %s", diff)
	}
	if v, _ := got.Get("modifiedDateTime"); v == nil {
		t.Error("modifiedDateTime is null after a change")
	}
	l.must(http.StatusNoContent, http.MethodPatch, policies+"/"+id, `{"grantControls":{"operator":"OR","builtInControls":["Mfa"]},"sessionControls":null}`)
	got = l.must(http.StatusOK, http.MethodGet, policies+"/"+id, "").body
	if v, ok := got.Get("sessionControls"); v != nil || !ok {
		t.Errorf("session controls after null: %v", v)
	}
	if diff := cmp.Diff([]string{"mfa"}, got.Object("grantControls").Strings("builtInControls")); diff != "" {
		t.Error(diff)
	}
}

func TestAPolicyWritesItsStrengthOut(t *testing.T) {
	l := newLab(t)
	strength := l.must(http.StatusCreated, http.MethodPost, "/v1.0/policies/authenticationStrengthPolicies", `{"displayName":"ours","allowedCombinations":["FIDO2"]}`).body.String("id")
	policy := func(grant string) string {
		return `{"displayName":"p","state":"disabled","conditions":{"applications":{"includeApplications":["All"]},"users":{"includeUsers":["All"]}},"grantControls":{"operator":"OR",` + grant + `}}`
	}
	byID := l.must(http.StatusCreated, http.MethodPost, policies, policy(`"authenticationStrength":{"id":"`+strength+`"}`)).body
	l.must(http.StatusCreated, http.MethodPost, policies, policy(`"authenticationStrength@odata.bind":"https://graph.microsoft.com/v1.0/policies/authenticationStrengthPolicies/`+strength+`"`))
	if diff := cmp.Diff([]string{"fido2"}, byID.Object("grantControls").Object("authenticationStrength").Strings("allowedCombinations")); diff != "" {
		t.Error(diff)
	}
	l.must(http.StatusBadRequest, http.MethodDelete, "/v1.0/policies/authenticationStrengthPolicies/"+strength, "")
	l.must(http.StatusOK, http.MethodPost, "/v1.0/policies/authenticationStrengthPolicies/"+strength+"/updateAllowedCombinations", `{"allowedCombinations":["password,softwareOath"]}`)
	now := l.must(http.StatusOK, http.MethodGet, policies+"/"+byID.String("id"), "").body
	if diff := cmp.Diff([]string{"password,softwareOath"}, now.Object("grantControls").Object("authenticationStrength").Strings("allowedCombinations")); diff != "" {
		t.Errorf("the policy has an old copy of its strength: %s", diff)
	}
}

func TestGroupsAndTheirMembers(t *testing.T) {
	l := newLab(t)
	group := func(name, members string) string {
		return l.must(http.StatusCreated, http.MethodPost, "/v1.0/groups", `{"displayName":"`+name+`","mailNickname":"`+name+`","mailEnabled":false,"securityEnabled":true,"members@odata.bind":[`+members+`]}`).body.String("id")
	}
	reference := func(id string) string { return `"https://graph.microsoft.com/v1.0/directoryObjects/` + id + `"` }
	inner := group("inner", reference(l.admin))
	outer := group("outer", reference(inner))
	members := func(path string) []string {
		return namesOf(l.must(http.StatusOK, http.MethodGet, "/v1.0/groups/"+outer+"/"+path, "").values(), "displayName")
	}
	if diff := cmp.Diff([]string{"inner"}, members("members")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"admin", "inner"}, members("transitiveMembers")); diff != "" {
		t.Error(diff)
	}
	of := l.must(http.StatusOK, http.MethodGet, "/v1.0/users/"+l.admin+"/transitiveMemberOf", "").values()
	if diff := cmp.Diff([]string{"inner", "outer"}, namesOf(of, "displayName")); diff != "" {
		t.Error(diff)
	}
	if of[0].String("@odata.type") != "#microsoft.graph.group" {
		t.Errorf("a membership without its type: %s", pretty(of[0]))
	}
	l.must(http.StatusNoContent, http.MethodPost, "/v1.0/groups/"+outer+"/members/$ref", `{"@odata.id":`+reference(l.other)+`}`)
	l.must(http.StatusBadRequest, http.MethodPost, "/v1.0/groups/"+outer+"/members/$ref", `{"@odata.id":`+reference(l.other)+`}`)
	l.must(http.StatusNoContent, http.MethodDelete, "/v1.0/groups/"+outer+"/members/"+l.other+"/$ref", "")
	l.must(http.StatusNotFound, http.MethodDelete, "/v1.0/groups/"+outer+"/members/"+l.other+"/$ref", "")
	l.must(http.StatusNoContent, http.MethodDelete, "/v1.0/groups/"+inner, "")
	if got := members("transitiveMembers"); len(got) != 0 {
		t.Errorf("members of a deleted group are still there: %q", got)
	}
}

func TestEligibilityOfAGroupShowsForItsMembers(t *testing.T) {
	l := newLab(t)
	id := l.must(http.StatusCreated, http.MethodPost, "/v1.0/groups", `{"displayName":"g","mailNickname":"g","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true,"members@odata.bind":["https://graph.microsoft.com/v1.0/users/`+l.admin+`"]}`).body.String("id")
	l.makeEligible(id)
	token := l.tokens["admin"]
	token.Scopes = append(token.Scopes, "RoleEligibilitySchedule.Read.Directory")
	l.tokens["admin"] = token
	mine := l.do("admin", http.MethodGet, "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')", "").values()
	if len(mine) != 1 || mine[0].String("memberType") != "Group" || mine[0].String("principalId") != l.admin {
		t.Errorf("eligible through the group: %v", mine)
	}
	all := l.must(http.StatusOK, http.MethodGet, "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal", "").values()
	if len(all) != 1 || all[0].String("memberType") != "Direct" || all[0].Object("principal").String("@odata.type") != "#microsoft.graph.group" {
		t.Errorf("the group's own eligibility: %v", all)
	}
}

func TestLifeOfACustomRole(t *testing.T) {
	const roles = "/v1.0/roleManagement/directory/roleDefinitions"
	l := newLab(t)
	body := `{"displayName":"Harmless","description":"x","isEnabled":true,"rolePermissions":[{"allowedResourceActions":["microsoft.directory/applications/basic/read"]}]}`
	made := l.must(http.StatusCreated, http.MethodPost, roles, body).body
	if made.Bool("isBuiltIn") || made.String("templateId") != made.String("id") {
		t.Errorf("a custom role: %s", pretty(made))
	}
	l.must(http.StatusCreated, http.MethodPost, roles, body) // display names need not be unique
	found := l.must(http.StatusOK, http.MethodGet, roles+"?$filter=displayName eq 'harmless' and isBuiltIn eq false", "").values()
	if len(found) != 2 {
		t.Errorf("found %d roles by name", len(found))
	}
	l.must(http.StatusCreated, http.MethodPost, eligibility, `{"action":"adminAssign","justification":"x","roleDefinitionId":"`+made.String("id")+`","directoryScopeId":"/","principalId":"`+l.admin+`","scheduleInfo":{"expiration":{"type":"noExpiration"}}}`)
	l.must(http.StatusBadRequest, http.MethodDelete, roles+"/"+made.String("id"), "")
	l.must(http.StatusCreated, http.MethodPost, eligibility, `{"action":"adminRemove","roleDefinitionId":"`+made.String("id")+`","directoryScopeId":"/","principalId":"`+l.admin+`"}`)
	l.must(http.StatusNoContent, http.MethodDelete, roles+"/"+made.String("id"), "")
}

func TestAccessPass(t *testing.T) {
	l := newLab(t)
	path := "/v1.0/users/" + l.admin + "/authentication/temporaryAccessPassMethods"
	first := l.must(http.StatusCreated, http.MethodPost, path, `{"startDateTime":"2026-11-23T09:10:00Z","lifetimeInMinutes":60,"isUsableOnce":true}`).body
	if first.String("temporaryAccessPass") == "" || first.Bool("isUsable") || first.String("methodUsabilityReason") != "NotYetValid" {
		t.Errorf("a pass that starts later: %s", pretty(first))
	}
	second := l.must(http.StatusCreated, http.MethodPost, path, `{}`).body
	list := l.must(http.StatusOK, http.MethodGet, path, "").values()
	if len(list) != 1 || list[0].String("id") != second.String("id") {
		t.Fatalf("a new pass does not replace the old: %v", list)
	}
	if v, ok := list[0].Get("temporaryAccessPass"); v != nil || !ok {
		t.Errorf("the pass is shown again: %v", v)
	}
	l.advance(time.Hour)
	if got := l.must(http.StatusOK, http.MethodGet, path+"/"+second.String("id"), "").body.String("methodUsabilityReason"); got != "Expired" {
		t.Errorf("after an hour it is %q", got)
	}
	l.must(http.StatusNoContent, http.MethodDelete, path+"/"+second.String("id"), "")
}

func TestLifeOfAUser(t *testing.T) {
	l := newLab(t)
	made := l.must(http.StatusCreated, http.MethodPost, "/v1.0/users", `{"accountEnabled":true,"displayName":"New","mailNickname":"new","userPrincipalName":"New@contoso.example","passwordProfile":{"password":"p"}}`).body
	l.must(http.StatusBadRequest, http.MethodPost, "/v1.0/users", `{"accountEnabled":true,"displayName":"New","mailNickname":"new","userPrincipalName":"new@CONTOSO.example","passwordProfile":{"password":"p"}}`)
	l.must(http.StatusNoContent, http.MethodPatch, "/v1.0/users/new@contoso.example", `{"accountEnabled":false}`)
	got := l.must(http.StatusOK, http.MethodGet, "/v1.0/users/"+made.String("id")+"?$select=accountEnabled,userType", "").body
	if got.Bool("accountEnabled") || got.String("userType") != "Member" || got.Has("displayName") {
		t.Errorf("selected: %s", pretty(got))
	}
	if whole := l.must(http.StatusOK, http.MethodGet, "/v1.0/users/"+made.String("id"), "").body; whole.Has("accountEnabled") {
		t.Error("accountEnabled is answered without being selected")
	}
	l.must(http.StatusNoContent, http.MethodDelete, "/v1.0/users/"+made.String("id"), "")
	l.must(http.StatusNotFound, http.MethodGet, "/v1.0/users/"+made.String("id"), "")
}

func TestWhatIf(t *testing.T) {
	l := newLab(t)
	id := l.protect()
	ask := func(context, more string) map[string]string {
		a := l.must(http.StatusOK, http.MethodPost, "/v1.0/identity/conditionalAccess/evaluate", `{"signInIdentity":{"@odata.type":"#microsoft.graph.userSignIn","userId":"`+l.admin+`"},
 "signInContext":`+context+`,"signInConditions":{"clientAppType":"browser"}`+more+`}`)
		out := map[string]string{}
		for _, o := range a.values() {
			out[o.String("id")] = fmt.Sprint(o.Bool("policyApplies"), " ", o.String("analysisReasons"))
		}
		return out
	}
	onC1 := `{"@odata.type":"#microsoft.graph.authContext","authenticationContextValue":"c1"}`
	if diff := cmp.Diff(map[string]string{id: "true notSet"}, ask(onC1, "")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{id: "false authenticationContext"}, ask(strings.Replace(onC1, "c1", "c2", 1), "")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{}, ask(strings.Replace(onC1, "c1", "c2", 1), `,"appliedPoliciesOnly":true`)); diff != "" {
		t.Error(diff)
	}
	l.must(http.StatusNoContent, http.MethodPatch, policies+"/"+id, `{"state":"disabled"}`)
	if diff := cmp.Diff(map[string]string{id: "false policyNotEnabled"}, ask(onC1, "")); diff != "" {
		t.Error(diff)
	}
}

// Who may not give roles may not make a group that can hold one, nor change its members.
func TestRoleAssignableGroupsWantThePermissionOnRoles(t *testing.T) {
	l := newLab(t)
	const body = `{"displayName":"g","mailNickname":"g","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`
	group := l.must(http.StatusCreated, http.MethodPost, "/v1.0/groups", body).body.String("id")
	plain := l.caller(false, []string{"Group.ReadWrite.All", "GroupMember.ReadWrite.All"})
	reference := `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/` + l.admin + `"}`
	for _, refused := range [][3]string{
		{http.MethodPost, "/v1.0/groups", body},
		{http.MethodPost, "/v1.0/groups/" + group + "/members/$ref", reference},
		{http.MethodDelete, "/v1.0/groups/" + group + "/members/" + l.admin + "/$ref", ""},
	} {
		if a := l.do(plain, refused[0], refused[1], refused[2]); a.status != http.StatusForbidden {
			t.Errorf("%s %s: %d", refused[0], refused[1], a.status)
		}
	}
	l.must(http.StatusNoContent, http.MethodPost, "/v1.0/groups/"+group+"/members/$ref", reference)
}

// The pair is in the documented example of a role-assignable group.
func TestSecurityIdentifierOfAGroup(t *testing.T) {
	l := newLab(t)
	const id = "e77cbb23-0ff2-4e18-819c-690f58269752"
	l.with(func(tenant *store.Tenant) { tenant.Groups.Put(id, &store.Group{ID: id, RoleAssignable: true}) })
	got := l.must(http.StatusOK, http.MethodGet, "/v1.0/groups/"+id, "").body
	if got.String("securityIdentifier") != "S-1-12-1-3883711267-1310199794-258579585-1385637464" || got.String("visibility") != "Private" {
		t.Error(pretty(got))
	}
}

// What somebody holds through a group is theirs, also for a filter on their own id.
func TestWhatOneHoldsThroughAGroup(t *testing.T) {
	l := newLab(t)
	l.with(func(tenant *store.Tenant) {
		tenant.Groups.Put("g", &store.Group{ID: "g", RoleAssignable: true, Members: []string{l.admin}})
	})
	l.makeEligible("g")
	bearer := l.caller(true, []string{"RoleEligibilitySchedule.Read.Directory"})
	for _, kind := range []string{"roleEligibilitySchedules", "roleEligibilityScheduleInstances"} {
		path := "/v1.0/roleManagement/directory/" + kind + "/filterByCurrentUser(on='principal')?$filter=principalId eq '" + l.admin + "'"
		got := l.do(bearer, http.MethodGet, path, "").values()
		if len(got) != 1 || got[0].String("memberType") != "Group" {
			t.Errorf("%s: %v", kind, got)
		}
	}
}
