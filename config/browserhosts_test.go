package config_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
)

// safelists are the lists of "Allow the Azure portal URLs on your firewall or proxy server" (Microsoft,
// 12 July 2024) for the national clouds, and of each what a proof has no business with.
var safelists = map[config.Cloud]struct{ lists, leftOut []string }{
	config.USGov: {
		[]string{
			"*.applicationinsights.us", "*.azure.us", "*.azureedge.net", "*.loganalytics.us", "*.microsoft.us", "*.microsoftonline.us", "*.msauth.net",
			"*.msidentity.us", "*.s-microsoft.com", "*.usgovcloudapi.net", "*.usgovtrafficmanager.net", "*.windowsazure.us", "graph.microsoftazure.us",
		},
		[]string{"*.applicationinsights.us", "*.azureedge.net", "*.loganalytics.us", "*.s-microsoft.com", "*.usgovtrafficmanager.net"},
	},
	config.China: {
		[]string{
			"aadcdn.msauth.cn", "aadcdn.msftauth.cn", "login.live.com", "catalogartifact.azureedge.net", "store-images.s-microsoft.com", "*.azure.cn",
			"*.microsoft.cn", "*.microsoftonline.cn", "*.msidentity.cn", "*.chinacloudapi.cn", "*.trafficmanager.cn", "*.windowsazure.cn",
		},
		[]string{"catalogartifact.azureedge.net", "store-images.s-microsoft.com", "*.trafficmanager.cn"},
	},
}

func TestTheHostsOfNationalCloudsAreThoseThatMicrosoftDocuments(t *testing.T) {
	for cloud, page := range safelists {
		have := (&config.Tenant{Cloud: cloud}).BrowserHosts()
		for _, host := range page.lists {
			if slices.Contains(have, host) == slices.Contains(page.leftOut, host) {
				t.Errorf("%s: %s is in the list: %t, left out on purpose: %t", cloud, host, slices.Contains(have, host), slices.Contains(page.leftOut, host))
			}
		}
	}
}

// A proof asks for these itself, so that the browser has to be let there in every cloud.
func TestTheBrowserIsLetToTheCloudsOwnAddresses(t *testing.T) {
	for _, cloud := range []config.Cloud{config.Public, config.USGov, config.China} {
		tenant := &config.Tenant{Cloud: cloud}
		h := tenant.Hosts()
		for _, address := range []string{h.Authority, h.Graph, h.Portal} {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(tenant.BrowserHosts(), func(pattern string) bool {
				domain, wild := strings.CutPrefix(pattern, "*")
				return pattern == u.Host || wild && strings.HasSuffix(u.Host, domain)
			}) {
				t.Errorf("%s: the browser is not let to %s", cloud, u.Host)
			}
		}
	}
}
