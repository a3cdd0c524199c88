package cloud

import "testing"

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
	for _, host := range []string{"", "microsoft.com", "evil-graph.microsoft.com", "graph.microsoft.com.example.org", "graph.microsoft.com:443"} {
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
