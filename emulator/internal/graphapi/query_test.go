package graphapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// eventual asks for the index of the directory: an advanced query.
var eventual = map[string]string{"ConsistencyLevel": "eventual"}

// query is a request with options, and how many rows it finds or why it is refused.
type query struct {
	name    string
	header  map[string]string
	path    string
	rows    int
	status  int    // 200
	message string // part of the refusal: what was not understood
}

func (q query) run(t *testing.T) {
	l := newLab(t)
	l.protect()
	l.addSignIn("interactiveUser", 0)
	a := l.doWith(q.header, "app", http.MethodGet, strings.ReplaceAll(q.path, "{admin}", l.admin), "")
	want := q.status
	if want == 0 {
		want = http.StatusOK
	}
	if a.status != want || !strings.Contains(a.message(), q.message) {
		t.Fatalf("status %d, want %d with %q: %s", a.status, want, q.message, pretty(a.body))
	}
	if got := len(a.values()); got != q.rows {
		t.Errorf("%d rows, want %d", got, q.rows)
	}
}

func TestQueries(t *testing.T) {
	const (
		users   = "/v1.0/users?"
		signIns = "/beta/auditLogs/signIns?"
		holders = "/v1.0/roleManagement/directory/roleEligibilitySchedules?"
	)
	for _, q := range []query{
		{name: "eq", path: users + "$filter=userPrincipalName eq 'admin@contoso.example'", rows: 1},
		{name: "in", path: users + "$filter=displayName in ('admin','other')", rows: 2},
		{name: "ne in an advanced query", header: eventual, path: users + "$count=true&$filter=displayName ne 'admin'", rows: 1},
		{name: "ne by itself", path: users + "$filter=displayName ne 'admin'", status: 400, message: "operator 'ne'"},
		{name: "ne without the count", header: eventual, path: users + "$filter=displayName ne 'admin'", status: 400, message: "operator 'ne'"},
		{name: "not by itself", path: users + "$filter=not startswith(displayName,'a')", status: 400, message: "operator 'not'"},
		{name: "endswith by itself", path: users + "$filter=endswith(userPrincipalName,'example')", status: 400, message: "operator 'endswith'"},
		{name: "endswith in an advanced query", header: eventual, path: users + "$count=true&$filter=endswith(userPrincipalName,'example')", rows: 2},
		{name: "contains, which the directory has not", header: eventual, path: users + "$count=true&$filter=contains(displayName,'dm')", status: 400, message: "operator 'contains'"},
		{name: "ordered and filtered", path: users + "$orderby=displayName&$filter=startswith(displayName,'a')", status: 400, message: "displayName"},
		{name: "ordered", path: users + "$orderby=displayName desc", rows: 2},
		{name: "ordered by what is none", path: users + "$orderby=colour", status: 400, message: "'colour'"},
		{name: "contains in the log", path: signIns + "$filter=contains(userPrincipalName,'contoso')", rows: 1},
		{name: "a nested property of the log", path: signIns + "$filter=status/errorCode eq 0", rows: 1},
		{name: "a nested property that is none", path: signIns + "$filter=status/code eq 0", status: 400, message: "'code' on the type of 'status'"},
		{name: "an element's property that is none", path: signIns + "$filter=authenticationContextClassReferences/any(c: c/name eq 'c1')", status: 400, message: "'name' on the type of 'authenticationContextClassReferences'"},
		{name: "a nested property of a request", path: "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests?$filter=ticketInfo/ticketNumber eq null", rows: 1},
		{name: "a nested property of a request that is none", path: "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests?$filter=ticketInfo/number eq '1'", status: 400, message: "'number' on the type of 'ticketInfo'"},
		{name: "a condition that is none", path: policies + "?$filter=conditions/weather eq 'fair'", status: 400, message: "'weather' on the type of 'conditions'"},
		{name: "a function that is none", path: signIns + "$filter=tolower(userPrincipalName) eq 'x'", status: 400, message: `"tolower"`},
		{name: "arithmetic", path: signIns + "$filter=status/errorCode add 1 eq 1", status: 400, message: `"add"`},
		{name: "an operator that is none", path: signIns + "$filter=userPrincipalName like 'x'", status: 400, message: `"like"`},
		{name: "a literal that is none", path: signIns + "$filter=userPrincipalName eq x", status: 400, message: `"x" is not a literal`},
		{name: "an open text", path: signIns + "$filter=userPrincipalName eq 'x", status: 400, message: "'x"},
		{name: "searching", path: users + "$search=\"displayName:a\"", status: 400, message: "'$search'"},
		{name: "an expansion", path: holders + "$expand=principal($select=id),roleDefinition", rows: 1},
		{name: "an expansion's selection that is none", path: holders + "$filter=principalId eq 'nobody'&$expand=roleDefinition($select=colour)", status: 400, message: "'colour'"},
		{name: "an expansion of an expansion that is none", path: holders + "$expand=roleDefinition($expand=rules)", status: 400, message: "'rules'"},
		{name: "a page of none", path: users + "$top=0", status: 400, message: "'$top'"},
	} {
		t.Run(q.name, q.run)
	}
}

// Of the directory only an advanced query is counted; elsewhere $count suffices.
func TestCounts(t *testing.T) {
	l := newLab(t)
	for _, row := range []struct {
		path    string
		header  map[string]string
		counted bool
	}{
		{"/v1.0/users?$count=true", nil, false},
		{"/v1.0/users?$count=true", eventual, true},
		{"/v1.0/users", eventual, false},
		{"/v1.0/roleManagement/directory/roleDefinitions?$count=true", nil, true},
	} {
		a := l.doWith(row.header, "app", http.MethodGet, row.path, "")
		if _, counted := a.body.Int("@odata.count"); a.status != http.StatusOK || counted != row.counted {
			t.Errorf("%s with %v: %d, counted %t", row.path, row.header, a.status, counted)
		}
	}
}

// …/$count answers a number as text, of what the filter matches.
func TestCountOfTheDirectory(t *testing.T) {
	l := newLab(t)
	for path, want := range map[string]string{
		"/v1.0/users/$count": "2", "/v1.0/users/$count?$filter=displayName ne 'admin'": "1", "/v1.0/groups/$count": "0",
	} {
		r := httptest.NewRequest(http.MethodGet, "https://graph.microsoft.com"+strings.ReplaceAll(path, " ", "%20"), nil)
		r.Header.Set("Authorization", "Bearer app")
		r.Header.Set("ConsistencyLevel", "eventual")
		w := httptest.NewRecorder()
		l.handler.ServeHTTP(w, r)
		if got := w.Body.String(); w.Code != http.StatusOK || got != want || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %q as %s, want %s", path, w.Code, got, w.Header().Get("Content-Type"), want)
		}
	}
	if a := l.do("app", http.MethodGet, "/v1.0/users/$count", ""); a.status != http.StatusBadRequest || a.code() != "Request_BadRequest" {
		t.Errorf("without ConsistencyLevel: %d %s", a.status, pretty(a.body))
	}
}

// The options of an expansion are applied, not only parsed.
func TestOptionsOfAnExpansion(t *testing.T) {
	l := newLab(t)
	var group string
	l.with(func(tenant *store.Tenant) {
		g := &store.Group{ID: tenant.NewID(), DisplayName: "g", Members: []string{l.admin, l.other}}
		tenant.Groups.Put(g.ID, g)
		group = g.ID
	})
	for options, want := range map[string]string{
		"":                                   "admin other",
		"($orderby=displayName desc)":        "other admin",
		"($top=1)":                           "admin",
		"($skip=1)":                          "other",
		"($filter=displayName eq 'other')":   "other",
		"($orderby=displayName desc;$top=1)": "other",
		"($select=displayName;$orderby=id;$top=2;$filter=displayName eq 'none')": "",
	} {
		got := l.must(http.StatusOK, http.MethodGet, "/v1.0/groups/"+group+"?$expand=members"+options, "").body
		list, _ := got.Get("members")
		names := strings.Join(namesOfAny(list), " ")
		if names != want {
			t.Errorf("members%s: %q, want %q", options, names, want)
		}
	}
}
