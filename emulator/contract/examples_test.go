package contract_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// documentedExamples is how many requests of Microsoft's API reference are replayed.
const documentedExamples = 58

// situation is what a documented request needs beside the tenant of the examples.
type situation struct {
	at      string              // the tenant's time; without it, 2022-04-13T08:52:32Z
	as      string              // the user that calls; without one the application
	fill    map[string]string   // stray commas of the request to take out
	before  []string            // requests that were made before, as "POST /v1.0/… {…}"
	prepare func(*store.Tenant) // what no request can have made
	from    string              // path of the collection whose first id stands for {id}
}

// situations are those that differ from the usual one, by the name of the example.
var situations = map[string]situation{
	"conditionalaccesspolicy-get.01":                                          {from: "/v1.0/identity/conditionalAccess/policies", before: []string{aPolicy}},
	"conditionalaccesspolicy-update.01":                                       {from: "/v1.0/identity/conditionalAccess/policies", before: []string{aPolicy}, fill: map[string]string{"\"low\",": "\"low\""}},
	"conditionalaccessroot-list-policies.01":                                  {before: []string{aPolicy}},
	"beta-conditionalaccessroot-post-authenticationcontextclassreferences.01": {before: []string{"PATCH " + contextC1 + ` {"isAvailable":false}`, "DELETE " + contextC1 + " "}},
	"directoryaudit-get.01":                                                   {from: "/v1.0/auditLogs/directoryAudits"},
	"beta-rbacapplication-post-roleassignmentschedulerequests.02":             {at: "2021-08-17T10:00:00Z", as: "c6ad1942-4afa-47f8-8d48-afb5d8d69d2f"},
	"rbacapplication-post-roleassignmentschedulerequests.02":                  {as: documentedUser},
	"rbacapplication-post-roleassignmentschedulerequests.01":                  {before: []string{revoke(documentedUser, groupsAdmin)}},
	"rbacapplication-post-roleeligibilityschedulerequests.01":                 {before: []string{ineligible(documentedUser, attributeAdmin)}},
	"tutorial-assign-azureadroles.03":                                         {at: "2021-09-03T20:45:28Z", before: []string{ineligible(documentedHelp, "fe930be7-5e62-47db-91af-98c3a49a38b1")}},
	"tutorial-assign-azureadroles.05":                                         {at: "2021-09-03T21:10:49Z", as: documentedAline},
	"unifiedroleassignmentscheduleinstance-filterbycurrentuser.01":            {as: documentedUser},
	"unifiedroleeligibilityschedule-filterbycurrentuser.01":                   {as: documentedUser},
	"unifiedroleeligibilityscheduleinstance-filterbycurrentuser.01":           {as: documentedUser},
	"unifiedroleassignmentschedulerequest-cancel.01":                          {prepare: postpone},
	"signin-list.01": {prepare: func(t *store.Tenant) { addSignIns(t, 1000) }},
	"signin-list.02": {prepare: func(t *store.Tenant) { addSignIns(t, 10) }},
	"authentication-post-temporaryaccesspassmethods.01": {at: "2022-06-04T10:00:00Z"},
}

const (
	contextC1 = "/v1.0/identity/conditionalAccess/authenticationContextClassReferences/c1"
	aPolicy   = `POST /v1.0/identity/conditionalAccess/policies {"displayName":"p","state":"disabled","conditions":{"signInRiskLevels":["low"],"clientAppTypes":["other"],` +
		`"applications":{"includeApplications":["All"],"excludeApplications":["499b84ac-1321-427f-aa17-267ca6975798"]},` +
		`"users":{"includeUsers":["a702a13d-a437-4a07-8a7e-8c052de62dfd"],"excludeUsers":["124c5b6a-ffa5-483a-9b88-04c3fce5574a"],"includeRoles":["` + developer + `"],"excludeRoles":["b0f54661-2d74-4c50-afa3-1ec803f12efe"]},` +
		`"platforms":{"includePlatforms":["all"],"excludePlatforms":["iOS"]},"locations":{"includeLocations":["AllTrusted"],"excludeLocations":["d2136c9c-b049-47ae-b9cf-316e04ef7198"]}},` +
		`"grantControls":{"operator":"OR","builtInControls":["mfa"],"termsOfUse":["ce580154-086a-40fd-91df-8a60abac81a0"]},` +
		`"sessionControls":{"cloudAppSecurity":{"cloudAppSecurityType":"blockDownloads","isEnabled":true},"signInFrequency":{"value":4,"type":"hours","isEnabled":true}}}`
)

func revoke(user, role string) string {
	return `POST /v1.0/roleManagement/directory/roleAssignmentScheduleRequests {"action":"adminRemove","principalId":"` + user + `","roleDefinitionId":"` + role + `","directoryScopeId":"/"}`
}

func ineligible(user, role string) string {
	return `POST /v1.0/roleManagement/directory/roleEligibilityScheduleRequests {"action":"adminRemove","principalId":"` + user + `","roleDefinitionId":"` + role + `","directoryScopeId":"/"}`
}

// example is a documented request with its documented answer.
type example struct {
	name   string
	method string
	url    string
	body   string
	status int
	answer *document.Object // nil: none
}

func readExample(t *testing.T, path string) example {
	t.Helper()
	name := strings.TrimSuffix(filepath.Base(path), ".request.http")
	s := situations[name]
	first, body := readMessage(t, path)
	x := example{name: name, body: body}
	x.method, x.url, _ = strings.Cut(first, " ")
	for old, new := range s.fill {
		x.body = strings.ReplaceAll(x.body, old, new)
	}
	first, _ = readMessage(t, strings.Replace(path, ".request.http", ".response.http", 1))
	status, err := strconv.Atoi(strings.Fields(first)[1])
	if err != nil {
		t.Fatalf("%s: %q has no status", name, first)
	}
	x.status = status
	// The JSON beside the message has the documentation's stray commas taken out.
	text, err := os.ReadFile(strings.Replace(path, ".request.http", ".response.json", 1))
	if err == nil {
		if x.answer, err = document.Parse(text); err != nil {
			t.Fatalf("%s: read the documented answer: %v", name, err)
		}
	}
	return x
}

// readMessage splits a message into its first line and its body.
func readMessage(t *testing.T, path string) (first, body string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n\n")
	first, _, _ = strings.Cut(head, "\n")
	return strings.TrimSpace(first), strings.TrimSpace(body)
}

// TestDocumentedExamples replays the requests of Microsoft's API reference word by word, in
// a tenant that has what they name: each is accepted, and answered with everything that the
// documented answer has. What the documentation itself has wrong is in mistakes.
func TestDocumentedExamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(published(t, "examples"), "*.request.http"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		x := readExample(t, path)
		t.Run(x.name, x.replay)
	}
	if len(paths) != documentedExamples {
		t.Errorf("%d examples were replayed, want %d", len(paths), documentedExamples)
	}
}

func (x example) replay(t *testing.T) {
	s := situations[x.name]
	at := "2022-04-13T08:52:32Z"
	if s.at != "" {
		at = s.at
	}
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	tenant := newDocumentedTenant(t, now)
	if s.prepare != nil {
		tenant.with(s.prepare)
	}
	bearer := tenant.as("", everyPermission(t)...)
	for _, earlier := range s.before {
		method, rest, _ := strings.Cut(earlier, " ")
		path, body, _ := strings.Cut(rest, " ")
		if got := tenant.do(bearer, method, path, body); got.answered.Code >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d %s", method, path, got.answered.Code, got.answered.Body)
		}
	}
	url := x.url
	if s.from != "" {
		first := values(tenant.do(bearer, http.MethodGet, s.from, "").answer(t))[0]
		url = strings.ReplaceAll(url, "{id}", first.String("id"))
	}
	got := tenant.do(tenant.as(s.as, everyPermission(t)...), x.method, url, x.body)
	x.compare(t, got)
}

func (x example) compare(t *testing.T, got exchange) {
	t.Helper()
	wrong := mistakes[x.name]
	status := x.status
	if wrong.status != 0 {
		status = wrong.status
	}
	if got.answered.Code != status {
		t.Fatalf("answered %d, want %d: %s", got.answered.Code, status, got.answered.Body)
	}
	if x.answer == nil {
		return
	}
	want := x.answer
	if wrong.list {
		want = values(want)[0]
	}
	var found []string
	differences(want, got.answer(t), "", &found)
	excused := map[string]bool{}
	for _, difference := range found {
		path, _, _ := strings.Cut(difference, ":")
		if excused[path] = wrong.properties[path] != ""; !excused[path] {
			t.Error(difference)
		}
	}
	for path := range wrong.properties {
		if !excused[path] {
			t.Errorf("%s is excused, and needs no excuse", path)
		}
	}
}

// differences lists what the documented answer has and the other lacks, or has in another
// kind. Null stands for any kind; of a list the first element counts.
func differences(want, have *document.Object, path string, found *[]string) {
	for _, name := range want.Keys() {
		at := strings.TrimPrefix(path+"/"+name, "/")
		w, _ := want.Get(name)
		h, there := have.Get(name)
		if !there {
			*found = append(*found, at+": missing")
			continue
		}
		differ(w, h, at, found)
	}
}

func differ(want, have any, at string, found *[]string) {
	if want == nil || have == nil {
		return
	}
	if w, h := fmt.Sprintf("%T", want), fmt.Sprintf("%T", have); w != h {
		*found = append(*found, fmt.Sprintf("%s: %s, documented is %s", at, h, w))
		return
	}
	switch want := want.(type) {
	case *document.Object:
		differences(want, have.(*document.Object), at, found)
	case []any:
		list := have.([]any)
		switch {
		case len(want) == 0:
		case len(list) == 0:
			*found = append(*found, at+": an empty list")
		default:
			differ(want[0], list[0], at, found)
		}
	}
}

// mistake is what a documented answer has wrong, or older or newer than the service is.
type mistake struct {
	status     int               // of the real service, where the example shows another one
	list       bool              // the example shows a list of one where the service answers the object
	properties map[string]string // path and why it is not held against the answer
}

const (
	oldOne = "retired: the API metadata has it no longer"
	noID   = "shown only where the client asks for full metadata"
)

var mistakes = map[string]mistake{
	// The metadata of the collection and the schema say 201.
	"beta-conditionalaccessroot-post-authenticationcontextclassreferences.01": {status: http.StatusCreated},
	"conditionalaccessroot-post-policies.04":                                  {properties: map[string]string{"conditions/times": oldOne, "conditions/applications/includeProtectionLevels": oldOne}},
	"directoryaudit-get.01":                                                   {list: true, properties: map[string]string{"targetResource": "spelt targetResources in the metadata and in the list"}},
	"directoryaudit-list.01":                                                  {properties: map[string]string{"value/targetResources/Type": "spelt type in the metadata and in later examples"}},
	"signin-get.01":                                                           {list: true},
	"tutorial-assign-azureadroles.01":                                         {properties: map[string]string{"@odata.id": noID}},
	// The tutorial shows 200 for calls whose reference says 201.
	"tutorial-assign-azureadroles.02": {status: http.StatusCreated, properties: map[string]string{"@odata.id": noID}},
	"tutorial-assign-azureadroles.03": {status: http.StatusCreated},
	"tutorial-assign-azureadroles.05": {status: http.StatusCreated},
}

func everyPermission(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, l := range leastPermissions(t) {
		for _, p := range slices.Concat(l.delegated, l.application) {
			if !slices.Contains(all, p) && p != "Application.ReadWrite.OwnedBy" {
				all = append(all, p)
			}
		}
	}
	slices.Sort(all)
	return all
}
