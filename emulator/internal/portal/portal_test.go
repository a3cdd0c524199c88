package portal_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/portal"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const (
	shell = "https://entra.microsoft.com"
	frame = "https://sandbox-1.reactblade.portal.azure.net"
)

var midday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newTenant(t *testing.T, change func(*store.Tenant)) (*store.Store, string) {
	t.Helper()
	st := store.New(1, func() time.Time { return midday })
	id, err := st.Create(func(tenant *store.Tenant) error {
		change(tenant)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return st, id
}

func get(t *testing.T, handler http.Handler, url string) *http.Response {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, url, nil))
	return recorder.Result()
}

func TestEachHostServesItsOwnPart(t *testing.T) {
	st, id := newTenant(t, func(*store.Tenant) {})
	handler := portal.New(st)
	for _, row := range []struct {
		name, url string
		status    int
	}{
		{"the shell", shell + "/", 200},
		{"the shell at the older host", "https://portal.azure.com/", 200},
		{"the shell of a national cloud", "https://entra.microsoft.us/", 200},
		{"where authorize answers", shell + "/signin/index/", 200},
		{"a script of the shell", shell + "/assets/shell.js", 200},
		{"a script that both have", shell + "/assets/dom.js", 200},
		{"settings", shell + "/" + id + "/portal/configuration", 200},
		{"the frame", frame + "/React/Index", 200},
		{"a script of the frame", frame + "/assets/frame.js", 200},
		{"the icon that a full browser asks for", shell + "/favicon.ico", 204},
		{"settings of a tenant that is not there", shell + "/nobody/portal/configuration", 404},
		{"a script of the frame at the shell", shell + "/assets/frame.js", 501},
		{"the frame at the shell", shell + "/React/Index", 501},
		{"the shell at the frame", frame + "/", 501},
		{"a view without a model", shell + "/" + id + "/unmodelled/view%2FMicrosoft_AAD_IAM", 501},
		{"a template is no asset", shell + "/assets/index.html", 501},
		{"a host that is not the portal's", "https://graph.microsoft.com/", 501},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := get(t, handler, row.url).StatusCode; got != row.status {
				t.Errorf("GET %s: status %d, want %d", row.url, got, row.status)
			}
		})
	}
}

func TestConfigurationFollowsTheTenant(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*store.Tenant)
		want   map[string]any
	}{
		{"as new, on an even variant", func(tenant *store.Tenant) { tenant.Variant = 2 }, nil},
		{"odd variants write from a worker", func(tenant *store.Tenant) { tenant.Variant = 3 }, map[string]any{"transport": "worker"}},
		{"German", func(tenant *store.Tenant) { tenant.Variant, tenant.Language = 2, "de" }, map[string]any{"language": "de"}},
		{"French", func(tenant *store.Tenant) { tenant.Variant, tenant.Language = 2, "fr" }, map[string]any{"language": "fr"}},
		{"a bubble", func(tenant *store.Tenant) { tenant.Variant, tenant.Settings.PortalBubble = 2, true }, map[string]any{"bubble": true}},
		{"a survey", func(tenant *store.Tenant) { tenant.Variant, tenant.Settings.PortalSurvey = 2, true }, map[string]any{"survey": true}},
		{"the legacy service", func(tenant *store.Tenant) { tenant.Variant, tenant.Settings.PortalAPI = 2, "mspim" }, map[string]any{"api": "mspim"}},
		{"a step-up that forces the prompt", func(tenant *store.Tenant) {
			tenant.Variant, tenant.Settings.Misbehaviour = 2, store.PortalForcesPrompt
		}, map[string]any{"prompt": "login"}},
		{"step-up in a popup", func(tenant *store.Tenant) { tenant.Variant, tenant.Settings.PortalStepUp = 2, "popup" }, map[string]any{"stepUp": "popup"}},
		{"a clock that was moved", func(tenant *store.Tenant) {
			tenant.Variant = 2
			if err := tenant.Advance(time.Hour); err != nil {
				panic(err)
			}
		}, map[string]any{"time": "2026-11-23T13:00:00Z"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			st, id := newTenant(t, row.change)
			want := map[string]any{"time": "2026-11-23T12:00:00Z", "language": "en", "api": "graph", "stepUp": "redirect", "transport": "frame"}
			for key, value := range row.want {
				want[key] = value
			}
			var got map[string]any
			if err := json.NewDecoder(get(t, portal.New(st), shell+"/"+id+"/portal/configuration").Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPoliciesAllowOnlyTheTenantsHosts(t *testing.T) {
	st, _ := newTenant(t, func(*store.Tenant) {})
	for url, directives := range map[string][]string{
		shell + "/": {
			"default-src 'none'", "script-src 'self'", "connect-src 'self' https://login.microsoftonline.com",
			"frame-src " + frame, "frame-ancestors 'none'",
		},
		"https://entra.microsoft.us/": {"connect-src 'self' https://login.microsoftonline.us"},
		frame + "/React/Index": {
			"default-src 'none'", "script-src 'self'", "worker-src 'self'",
			"connect-src https://graph.microsoft.com https://api.azrbac.mspim.azure.com",
			"frame-ancestors https://entra.microsoft.com https://portal.azure.com",
		},
		frame + "/assets/worker.js": {"connect-src https://graph.microsoft.com https://api.azrbac.mspim.azure.com"},
	} {
		policy := strings.Split(get(t, portal.New(st), url).Header.Get("Content-Security-Policy"), "; ")
		for _, directive := range directives {
			if !slices.Contains(policy, directive) {
				t.Errorf("%s: policy %q lacks %q", url, policy, directive)
			}
		}
	}
}

func TestNoCookiesOnPortalHosts(t *testing.T) {
	st, _ := newTenant(t, func(*store.Tenant) {})
	for _, url := range []string{shell + "/", shell + "/signin/index/", frame + "/React/Index", frame + "/assets/frame.js"} {
		if cookies := get(t, portal.New(st), url).Cookies(); len(cookies) > 0 {
			t.Errorf("%s sets cookies %v", url, cookies)
		}
	}
}

// Every module that a script imports is there, is served to the host that imports it, and is
// announced in the page, so that loading it costs one round trip and not a chain of them.
func TestImportedModulesAreServedAndPreloaded(t *testing.T) {
	st, _ := newTenant(t, func(*store.Tenant) {})
	handler := portal.New(st)
	imports := regexp.MustCompile(`from "(/assets/[^"]+)"`)
	for part, host := range map[string]string{"shell": shell, "frame": frame} {
		index, err := os.ReadFile(filepath.Join("assets", part, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		scripts, err := fs.Glob(os.DirFS("assets"), part+"/*.js")
		if err != nil || len(scripts) == 0 {
			t.Fatalf("scripts of %s: %v, %v", part, scripts, err)
		}
		for _, script := range scripts {
			source, err := os.ReadFile(filepath.Join("assets", script))
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range imports.FindAllStringSubmatch(string(source), -1) {
				if status := get(t, handler, host+match[1]).StatusCode; status != http.StatusOK {
					t.Errorf("%s imports %s: status %d at %s", script, match[1], status, host)
				}
				if !strings.Contains(string(index), `href="`+match[1]+`"`) {
					t.Errorf("%s imports %s, which its page does not preload", script, match[1])
				}
			}
		}
	}
}

func TestAllLanguagesHaveTheSameTexts(t *testing.T) {
	for _, name := range []string{"assets/frame/texts.js", "assets/shell/chrome.js"} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		en := textKeys(t, string(source), "en")
		if len(en) < 8 {
			t.Fatalf("%s: only %d English texts found: %q", name, len(en), en)
		}
		for _, other := range []string{"de", "fr", "pl"} {
			if diff := cmp.Diff(en, textKeys(t, string(source), other)); diff != "" {
				t.Errorf("%s: texts (-English +%s):\n%s", name, other, diff)
			}
		}
	}
}

// textKeys lists the names of the texts in the object literal of one language, sorted.
func textKeys(t *testing.T, source, language string) []string {
	t.Helper()
	block := regexp.MustCompile(`(?ms)^\s*(?:const )?` + language + `(?: =|:) \{\n(.*?)^\s*\}[;,]$`).FindStringSubmatch(source)
	if block == nil {
		t.Fatalf("no texts in %q", language)
	}
	quoted := regexp.MustCompile("\"[^\"]*\"|`[^`]*`|//[^\n]*")
	var keys []string
	for _, match := range regexp.MustCompile(`(\w+):`).FindAllStringSubmatch(quoted.ReplaceAllString(block[1], "0"), -1) {
		keys = append(keys, match[1])
	}
	slices.Sort(keys)
	return keys
}
