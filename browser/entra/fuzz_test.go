package entra

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// FuzzReport reads anything as what a page's script told of its $Config and its elements. It is refused, or
// it comes to a page of the table, or to none; a page that is known shows what the table demands of it.
func FuzzReport(f *testing.F) {
	f.Add(`{"pgid":"ConvergedSignIn","host":"LOGIN.microsoftonline.com","path":"/common","shown":{"password":true},"present":["password"]}`)
	f.Add(`{"pgid":"ConvergedError","errorCode":"50058","exception":"AADSTS50058: x"}`)
	f.Add(`{"pgid":1}`)
	f.Add(`{"shown":{"password":"yes"}}`)
	f.Add(`[]`)
	f.Add(``)
	f.Fuzz(func(t *testing.T, report string) {
		s, err := readReport(report)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "read what the page shows: ") {
				t.Errorf("refused without saying what: %v", err)
			}
			return
		}
		if s.Host != strings.ToLower(s.Host) {
			t.Errorf("the host %q is compared as it is", s.Host)
		}
		p := recognise(s)
		if p == nil || len(p.pgid) == 0 {
			return
		}
		if !s.named(s.PGID) {
			t.Errorf("%q was taken for a page by another name", s.PGID)
		}
	})
}

// FuzzCaptured captures a page with anything in its $Config and in an element. No text of it that could be
// somebody's is kept, and what is kept is captured again as it is.
func FuzzCaptured(f *testing.F) {
	f.Add("pgid", "sFT", "planted secret", "value")
	f.Add("urlPost", "https://login.example/planted@contoso.example/x?planted", "arr", "AADSTS50020: planted")
	f.Add("sErrorCode", "«3 characters»", "a b", "planted.onmicrosoft.com")
	f.Fuzz(func(t *testing.T, key, text, element, bind string) {
		c := &Captured{
			Path: "/" + text, Config: map[string]any{key: text, "list": []any{text, map[string]any{key: text}}},
			Elements: []CapturedElement{{Tag: "input", ID: element, Name: text, Bind: bind}},
		}
		c.redact()
		kept, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if personal := strings.IndexFunc(text, unicode.IsSpace) > 0 && strings.Contains(text, "@"); personal {
			if quoted, _ := json.Marshal(text); strings.Contains(string(kept), string(quoted)) {
				t.Errorf("%q was kept: %s", text, kept)
			}
		}
		var again Captured
		if err := json.Unmarshal(kept, &again); err != nil {
			t.Fatal(err)
		}
		again.redact()
		if twice, _ := json.Marshal(again); string(twice) != string(kept) {
			t.Errorf("captured again it is\n%s, was\n%s", twice, kept)
		}
	})
}
