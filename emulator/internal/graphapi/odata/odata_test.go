package odata_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/odata"
)

const row = `{"scopeId":"/","displayName":"Application Administrator","count":3,"enabled":true,"none":null,
"createdDateTime":"2026-11-01T10:00:00.1234567Z","status":{"errorCode":0},"types":["interactiveUser","x"],
"parts":[{"id":"c1","detail":"required"},{"id":"c2","detail":"notApplicable"}],"name":"O'Neil","empty":[]}`

func TestFilter(t *testing.T) {
	object := document.MustParse([]byte(row))
	for filter, want := range map[string]bool{
		"scopeId eq '/'": true,
		"scopeId eq '/' and displayName eq 'application administrator'": true,
		"scopeId ne '/'":                                        false,
		"not (scopeId eq '/')":                                  false,
		"not scopeId eq 'x' and count gt 2":                     true,
		"count ge 3 and count le 3 and count lt 4":              true,
		"count eq 4 or enabled":                                 true,
		"enabled eq false":                                      false,
		"none eq null":                                          true,
		"missing eq null":                                       true,
		"none ne null":                                          false,
		"startswith(displayName,'app')":                         true,
		"startswith(displayName, 'app') eq false":               false,
		"endswith(displayName,'TOR')":                           true,
		"contains(displayName,'zzz')":                           false,
		"name eq 'O''Neil'":                                     true,
		"createdDateTime ge 2026-11-01T10:00:00Z":               true,
		"createdDateTime lt 2026-11-01T10:00:00.1234568Z":       true,
		"createdDateTime gt 2026-11-02":                         false,
		"status/errorCode eq 0":                                 true,
		"types/any(t: t eq 'interactiveUser')":                  true,
		"types/any(t:t eq 'nonInteractiveUser')":                false,
		"types/all(t: t ne 'y')":                                true,
		"types/any()":                                           true,
		"empty/any()":                                           false,
		"empty/all(e: e eq 'x')":                                true,
		"parts/any(p: p/id eq 'c1' and p/detail eq 'required')": true,
		"parts/any(p: p/id eq 'c2' and p/detail eq 'required')": false,
		"displayName in ('x', 'Application Administrator')":     true,
		"(scopeId eq 'a' or scopeId eq '/') and (count eq 3)":   true,
	} {
		f, err := odata.ParseFilter(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		if got := f.Match(object); got != want {
			t.Errorf("%s: matched %v, want %v", filter, got, want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	for _, filter := range []string{
		"", "scopeId eq", "scopeId eq '/' and", "scopeId eq '/", "scopeId like 'x'", "substringof('a',b)",
		"(scopeId eq '/'", "scopeId eq '/')", "types/any(t eq 'x')", "types/any(t: t eq 'x'", "scopeId eq bogus",
		"displayName in ('a'", "displayName in 'a'", "'a' eq scopeId", "a//b eq 1", "startswith(displayName)", "1 eq 1",
	} {
		if f, err := odata.ParseFilter(filter); err == nil {
			t.Errorf("%q: parsed as %v, want an error", filter, f)
		}
	}
}

func TestFilterNamesItsProperties(t *testing.T) {
	f, err := odata.ParseFilter("a eq 1 and b/any(x: x/c eq 2) or startswith(d/e,'f')")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "d"}, f.Properties()); diff != "" {
		t.Error(diff)
	}
}

func TestFilterEquals(t *testing.T) {
	f, err := odata.ParseFilter("scopeId eq '/' and (scopeType eq 'DirectoryRole' or x eq 'y')")
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := f.Equals("scopeId"); !ok || v != "/" {
		t.Errorf("scopeId demanded to be %q, %v", v, ok)
	}
	if v, ok := f.Equals("scopeType"); ok {
		t.Errorf("scopeType demanded to be %q inside an or", v)
	}
}

func TestQuery(t *testing.T) {
	q, err := odata.Parse(url.Values{
		"$expand": {"principal,policy($expand=rules($select=id);$select=id,rules)"}, "$select": {"id, displayName"},
		"$orderby": {"createdDateTime desc,id"}, "$top": {"5"}, "$count": {"true"}, "api": {"ignored"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := odata.Query{
		Select: []string{"id", "displayName"}, Top: 5, Count: true,
		OrderBy: []odata.Order{{Property: "createdDateTime", Descending: true}, {Property: "id"}},
		Expand: []odata.Expand{{Property: "principal"}, {Property: "policy", Query: odata.Query{
			Select: []string{"id", "rules"},
			Expand: []odata.Expand{{Property: "rules", Query: odata.Query{Select: []string{"id"}}}},
		}}},
	}
	if diff := cmp.Diff(want, q, cmpopts.IgnoreUnexported(odata.Filter{})); diff != "" {
		t.Error(diff)
	}
}

func TestQueryRefuses(t *testing.T) {
	for name, values := range map[string]url.Values{
		"an unknown option":       {"$apply": {"x"}},
		"an option twice":         {"$top": {"1", "2"}},
		"a negative top":          {"$top": {"-1"}},
		"a top that is no number": {"$top": {"many"}},
		"an open expand":          {"$expand": {"policy($expand=rules"}},
		"a strange order":         {"$orderby": {"id sideways"}},
		"a strange count":         {"$count": {"perhaps"}},
		"another format":          {"$format": {"xml"}},
	} {
		if q, err := odata.Parse(values); err == nil {
			t.Errorf("%s: parsed as %+v, want an error", name, q)
		}
	}
}
