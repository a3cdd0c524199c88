package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/config"
)

func TestAListOfTenants(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte("shared\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	load := func(text string) (*config.Fleet, error) {
		path := filepath.Join(dir, "fleet.yaml")
		if err := os.WriteFile(path, []byte("schema: reprompt/fleet/v1\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		return config.LoadFleet(path)
	}
	f, err := load("tenants:\n  - {file: a.yaml}\n  - {name: b, file: /b.yaml, roles: [R], way: graph, labels: {region: eu}}\n" +
		"notify:\n  webhook: {url: https://hooks.example.com/, secret_file: key}\n  command: [page, now]\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []config.FleetTenant{
		{Name: "a", File: filepath.Join(dir, "a.yaml"), Labels: map[string]string{}},
		{Name: "b", File: "/b.yaml", Roles: []string{"R"}, Way: "graph", Labels: map[string]string{"region": "eu"}},
	}
	if diff := cmp.Diff(want, f.Tenants); diff != "" {
		t.Errorf("tenants (-want +got):\n%s", diff)
	}
	if w := f.Notify.Webhook; w == nil || w.URL != "https://hooks.example.com/" || w.Secret.Reveal() != "shared" || f.Notify.Dir != dir {
		t.Errorf("notify %+v", f.Notify)
	}
	for text, wrong := range map[string]string{
		"":                          "tenants is missing",
		"tenants: []\n":             "tenants names none",
		"tenants:\n  - {name: a}\n": "file is missing",
		"tenants:\n  - {name: ../a, file: a.yaml}\n":                                                                "cannot name a folder",
		"tenants:\n  - {name: a, file: a.yaml, way: group}\n":                                                       "way is \"group\"",
		"tenants:\n  - a.yaml\n":                                                                                    "want a mapping",
		"tenants:\n  - {file: a.yaml}\nnotify: {}\n":                                                                "notify names nobody",
		"tenants:\n  - {file: a.yaml}\nnotify: {command: []}\n":                                                     "notify.command is empty",
		"tenants:\n  - {file: a.yaml}\nnotify: {webhook: {url: \"http://hooks.example.com/\"}}\n":                   "notify.webhook.url is not encrypted",
		"tenants:\n  - {file: a.yaml}\nnotify: {webhook: {url: \"https://u:p@hooks.example.com/\"}}\n":              "notify.webhook.url is no address",
		"tenants:\n  - {file: a.yaml}\nnotify: {webhook: {url: \"https://hooks.example.com/\", secret: in-here}}\n": "holds the secret itself",
	} {
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: %v, want %q", text, err, wrong)
		}
	}
}
