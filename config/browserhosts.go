package config

import "slices"

// browserHosts are the hosts that the browser has business with, by cloud, as patterns: a name, or
// "*.NAME" for all below it. [D] is documented, in Microsoft's "Allow the Azure portal URLs on your
// firewall or proxy server" (as of 12 July 2024, and read in its source; it has a list for each cloud);
// [O] was observed in public captures and code; [I] is inferred. Of what that page lists, telemetry, other
// services and shared content hosts (*.azureedge.net, *.trafficmanager.net) are left out. What a real tenant
// needs beside them, such as the sign-in of a federated domain, is refused by name and can be added.
var browserHosts = map[Cloud][]string{
	Public: {
		// Sign-in. [D]
		"login.microsoftonline.com", "*.login.microsoftonline.com", "login.live.com", "*.login.live.com",
		"login.microsoft.com",                                     // passkeys [O]
		"login.windows.net", "autologon.microsoftazuread-sso.com", // older names, seamless sign-on [I]
		"device.login.microsoftonline.com", // asks a device for its certificate [D]
		// Content delivery. [D]; the names without a wildcard [O]
		"*.msauth.net", "*.msftauth.net", "*.msauthimages.net", "*.msftauthimages.net", "*.microsoftonline-p.com",
		// Registration of methods, terms of use. [O]
		"mysignins.microsoft.com", "account.activedirectory.windowsazure.com",
		// Portal. [D]; the Entra admin centre's own name [O]
		"entra.microsoft.com", "*.entra.microsoft.com", "portal.azure.com", "*.portal.azure.com",
		"*.portal.azure.net", "*.ext.azure.com", "management.azure.com", "*.management.azure.com",
		"main.iam.ad.ext.azure.com", // [O]
		// What the portal's pages call: Graph [D], PIM's older interface [O]
		"graph.microsoft.com", "*.graph.microsoft.com", "graph.windows.net", "*.graph.windows.net",
		"api.azrbac.mspim.azure.com",
	},
	USGov: {
		// [D]: whole domains, among them sign-in, Graph, both portals, PIM's older interface, and My sign-ins.
		"*.microsoftonline.us", "*.microsoft.us", "*.azure.us", "*.windowsazure.us", "*.usgovcloudapi.net",
		"*.msidentity.us", "*.msauth.net", "graph.microsoftazure.us",
		// Content delivery of the public cloud's sign-in pages, of which the page names *.msauth.net only. [I]
		"*.msftauth.net", "*.msauthimages.net", "*.msftauthimages.net", "*.microsoftonline-p.com", "*.microsoftonline-p.us",
		// Passkeys, and personal accounts, to which the sign-in page asks whether one is signed in. [I]
		"login.microsoft.com", "login.live.com",
	},
	China: {
		// [D]: whole domains, as above, and two content hosts.
		"*.microsoftonline.cn", "*.microsoft.cn", "*.azure.cn", "*.windowsazure.cn", "*.chinacloudapi.cn",
		"*.msidentity.cn", "aadcdn.msauth.cn", "aadcdn.msftauth.cn", "login.live.com",
		// Content hosts of the same makers under other names. [I]
		"*.msauth.cn", "*.msftauth.cn", "*.microsoftonline-p.cn", "*.msauth.net", "*.msftauth.net", "*.microsoftonline-p.com",
		// Passkeys. [I]
		"login.microsoft.com",
	},
}

// BrowserHosts are the hosts that the tenant's cloud is known to need in a browser.
func (t *Tenant) BrowserHosts() []string { return slices.Clone(browserHosts[t.Cloud]) }
