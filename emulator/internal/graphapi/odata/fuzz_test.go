package odata_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/odata"
)

// FuzzParseFilter: no text panics, and what parses means the same inside parentheses and
// the opposite behind not.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{
		"scopeId eq '/' and scopeType eq 'DirectoryRole'", "startswith(displayName,'a') eq false", "not (count gt 2 or enabled)", "name eq 'O''Neil'",
		"types/any(t: t eq 'x')", "parts/all(p:p/id ne 'c1' and p/detail in ('a','b'))", "types/any()", "createdDateTime ge 2026-11-01T10:00:00Z",
		"status/errorCode eq 0", "none eq null", "a//b eq 1", "(((", "'", "eq eq eq", "in in (in)", "any(x:x eq 1)", "parts/any(:1 eq 1)", "\x00 eq 1", "not not not enabled",
		"parts/any(p: p/any(q: q eq 1))", "id eq 00000000-0000-0000-0000-000000000000", "count eq 1e3", "displayName in ()",
	} {
		f.Add(seed)
	}
	object := document.MustParse([]byte(row))
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := odata.ParseFilter(text)
		if err != nil {
			return
		}
		matches := filter.Match(object)
		if len(filter.Paths()) < len(filter.Properties()) {
			t.Errorf("%q names %v, in full %v", text, filter.Properties(), filter.Paths())
		}
		for wrapped, want := range map[string]bool{"(" + text + ")": matches, "not (" + text + ")": !matches, "(" + text + ") and (" + text + ")": matches} {
			again, err := odata.ParseFilter(wrapped)
			if err != nil && strings.Contains(err.Error(), "levels") {
				continue // the text was as deep as a filter may be
			}
			if err != nil {
				t.Fatalf("%q is read, %q is not: %v", text, wrapped, err)
			}
			if got := again.Match(object); got != want {
				t.Errorf("%q matches %t, %q matches %t", text, matches, wrapped, got)
			}
		}
	})
}

// FuzzParseQuery: no query string panics.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		"$expand=policy($expand=rules($select=id);$top=1)&$count=true", "$expand=a(b", "$expand=)", "$expand=a();b", "$orderby=a desc,b", "$select=,&$top=-1", "$expand=a($filter=b eq ')')",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q, err := odata.Parse(values)
		if err == nil && (q.Top < 0 || q.Skip < 0) {
			t.Errorf("%q: a page of %d after %d", text, q.Top, q.Skip)
		}
	})
}
