package cloud

import (
	"strings"
	"testing"
)

func TestEachHostBelongsToOnePlace(t *testing.T) {
	for host, want := range map[string]struct {
		cloud string
		part  Part
	}{
		"login.microsoftonline.com":             {"public", Login},
		"sts.windows.net":                       {"public", Login},
		"login.microsoft.com":                   {"public", Fido},
		"Graph.Microsoft.com":                   {"public", Graph},
		"entra.microsoft.com":                   {"public", Portal},
		"portal.azure.com":                      {"public", Portal},
		"sandbox-1.reactblade.portal.azure.net": {"public", Frame},
		"api.azrbac.mspim.azure.com":            {"public", PIM},
		"login.microsoftonline.us":              {"usgov", Login},
		"graph.microsoft.us":                    {"usgov", Graph},
		"login.partner.microsoftonline.cn":      {"china", Login},
		"microsoftgraph.chinacloudapi.cn":       {"china", Graph},
	} {
		c, part, ok := Of(host)
		if !ok || c.Name != want.cloud || part != want.part {
			t.Errorf("%s: %s %s %t, want %s %s", host, c.Name, part, ok, want.cloud, want.part)
		}
	}
	for _, host := range []string{"", "localhost", "127.0.0.1", "192.0.2.1:443", "microsoft.com", "evil-graph.microsoft.com", "graph.microsoft.com.example.org", "graph.microsoft.com:443"} {
		if Emulated(host) {
			t.Errorf("%q counts as emulated", host)
		}
	}
}

func TestNoTwoCloudsShareAHost(t *testing.T) {
	seen := map[string]string{}
	for _, c := range Clouds() {
		hosts := append([]string{c.Login, c.Fido, c.Graph, c.Frame, c.PIM}, c.Portals...)
		for _, host := range append(append(hosts, c.LoginAliases...), c.GraphAliases...) {
			if other, ok := seen[host]; ok {
				t.Errorf("%s belongs to %s and to %s", host, other, c.Name)
			}
			seen[host] = c.Name
		}
	}
}

func TestTheTenantsOwnAddressIsThePublicCloudAtThatAddress(t *testing.T) {
	for _, host := range []string{"localhost:40213", "LocalHost:1", "127.0.0.1:40213", "[::1]:40213"} {
		c, part, ok := Of(host)
		if !ok || part != Direct || c.Name != "public" {
			t.Errorf("%s: %s %s %t", host, c.Name, part, ok)
		}
		if c.Login != strings.ToLower(host) || c.Graph != "graph.microsoft.com" || c.IssuerV2 != "https://login.microsoftonline.com/" {
			t.Errorf("%s: sign-in at %s, Graph is %s, issuer %s", host, c.Login, c.Graph, c.IssuerV2)
		}
	}
	if c, _, _ := Of("localhost:40213"); c.RelyingParty() != "localhost" {
		t.Errorf("relying party %q at the tenant's own address", c.RelyingParty())
	}
	if got := Public().RelyingParty(); got != "login.microsoft.com" {
		t.Errorf("relying party %q under the real names", got)
	}
	for path, want := range map[string]Part{"/v1.0/me": Graph, "/beta/auditLogs/signIns": Graph, "/common/oauth2/v2.0/token": Login, "/v1.0me": Login, "/": Login} {
		if got := OfPath(path); got != want {
			t.Errorf("%s belongs to %s, want %s", path, got, want)
		}
	}
}
