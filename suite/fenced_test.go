package suite

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/verdict"
)

// without is the list of a tenant's cloud with every pattern for a host left out.
func without(tenant *config.Tenant, host string) []string {
	return slices.DeleteFunc(tenant.BrowserHosts(), func(pattern string) bool { return strings.TrimPrefix(pattern, "*.") == host })
}

// A host that the browser needs and may not ask for leaves the proof undecided, and is named: in the
// reason, to whoever watches, and in the evidence.
func TestAHostThatIsNotOnTheListIsNamed(t *testing.T) {
	for _, row := range []struct {
		host string
		way  verdict.Way
		code verdict.Code // empty: whatever the page made of it
	}{
		{"login.microsoftonline.com", verdict.WayGraph, verdict.HostRefused},
		{"entra.microsoft.com", verdict.WayPortal, verdict.HostRefused},
		{"graph.microsoft.com", verdict.WayPortal, ""},
	} {
		t.Run(row.host, func(t *testing.T) {
			tenant := lab(t, true)
			var watch strings.Builder
			options := Options{Tenant: tenant, EvidenceDir: t.TempDir(), Progress: &watch, browserHosts: without(tenant, row.host)}
			proofs, err := Prove(t.Context(), options, ProveRequest{Roles: []string{embeddedRole}, Way: row.way}, nil)
			if err != nil {
				t.Fatal(err)
			}
			proof := proofs[0]
			if proof.Verdict == nil || proof.Verdict.Outcome != verdict.Inconclusive {
				t.Fatalf("verdict = %+v", proof.Verdict)
			}
			reason := proof.Verdict.Reasons[0]
			if row.code != "" && reason.Code != row.code {
				t.Errorf("reason %s, want %s", reason.Code, row.code)
			}
			for what, text := range map[string]string{"the reason": reason.Text, "what was said": watch.String()} {
				if !strings.Contains(text, "--allow-host "+row.host) {
					t.Errorf("%s does not say how to allow %s: %s", what, row.host, text)
				}
			}
			record, err := os.ReadFile(filepath.Join(proof.Evidence, "run.json"))
			if err != nil || !strings.Contains(string(record), `"refused_hosts": [`) || strings.Count(string(record), row.host) == 0 {
				t.Errorf("run.json does not list %s: %v", row.host, err)
			}
		})
	}
}

// What is added to the list is let through, and nothing is reported where nothing was refused.
func TestAHostThatIsAddedIsLetThrough(t *testing.T) {
	tenant := lab(t, true)
	var watch strings.Builder
	options := Options{
		Tenant: tenant, EvidenceDir: t.TempDir(), Progress: &watch, browserHosts: without(tenant, "login.microsoftonline.com"),
		AllowHosts: []string{"login.microsoftonline.com"},
	}
	proofs, err := Prove(t.Context(), options, ProveRequest{Roles: []string{embeddedRole}}, nil)
	if err != nil || proofs[0].Verdict == nil || proofs[0].Verdict.Outcome != verdict.Enforced {
		t.Fatalf("proofs = %+v, %v", proofs, err)
	}
	if strings.Contains(watch.String(), "refused") {
		t.Errorf("said: %s", watch.String())
	}
}

// Patterns and files of labels are looked at before anything is asked of the tenant.
func TestWhatABrowserIsToldIsCheckedFirst(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	at := func(text string) []config.Placed {
		return []config.Placed{{Text: text, File: "tenant.yaml", Line: 7, Column: 3}}
	}
	for name, row := range map[string]struct {
		tenant config.Tenant
		allow  []string
		want   string
	}{
		"a pattern of the flag":     {allow: []string{"*.com"}, want: `--allow-host: the host pattern "*.com" would let nearly everything through`},
		"a pattern of the file":     {tenant: config.Tenant{Browser: config.Browser{AllowHosts: at("https://x.example")}}, want: `tenant.yaml:7:3: browser.allow_hosts: the host pattern "https://x.example" is none`},
		"labels that are not there": {tenant: config.Tenant{Portal: config.Portal{Labels: at(filepath.Join(dir, "none.json"))}}, want: "tenant.yaml:7:3: portal.labels: open "},
		"labels with a slip":        {tenant: config.Tenant{Portal: config.Portal{Labels: at(file("slip.json", `{"language":"pl","aktivate":["Aktywuj"]}`))}}, want: `unknown field "aktivate"`},
	} {
		t.Run(name, func(t *testing.T) {
			row.tenant.ReaderApp = &config.Application{AzureCLI: true}
			_, err := browsable(&row.tenant, row.allow)
			var file *config.Error
			var required *RequirementError
			if err == nil || !strings.Contains(err.Error(), row.want) || !errors.As(err, &file) && !errors.As(err, &required) {
				t.Errorf("error %v, want %q", err, row.want)
			}
		})
	}
	right, err := browsable(&config.Tenant{
		ReaderApp: &config.Application{AzureCLI: true},
		Portal:    config.Portal{Labels: at(file("pl.json", `{"language":"pl","activate":["Aktywuj"]}`))},
	}, []string{"adfs.contoso.example"})
	if err != nil || len(right.labels) != 1 || right.labels[0].Activate[0] != "Aktywuj" || !slices.Contains(right.browserHosts, "adfs.contoso.example") {
		t.Errorf("place %+v, %v", right, err)
	}
}

func TestWhoSaysThatThereIsNoSandbox(t *testing.T) {
	for value, want := range map[string]struct {
		off bool
		err string
	}{"": {}, "none": {off: true}, "off": {err: `REPROMPT_BROWSER_SANDBOX is "off": say none, or leave it out`}} {
		t.Setenv(sandboxVariable, value)
		off, err := noSandbox()
		if off != want.off || (err == nil) != (want.err == "") || err != nil && err.Error() != want.err {
			t.Errorf("%q: %v, %v, want %+v", value, off, err, want)
		}
	}
}
