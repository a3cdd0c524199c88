package config

import "slices"

// browserHosts are the hosts that the browser has business with, by cloud, as patterns: a name, or
// "*.NAME" for all below it. [D] is documented, in Microsoft's "Allow the Azure portal URLs on your
// firewall or proxy server"; [O] was observed in public captures; [I] is inferred. What a real tenant
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
		// [D]: that page lists whole domains for this cloud; the names below them are of the cloud's own
		// documents or [I].
		"login.microsoftonline.us", "*.login.microsoftonline.us", "login.microsoft.us", "*.msidentity.us",
		"login.live.com", "login.microsoft.com",
		"*.msauth.net", "*.msftauth.net", "*.msauthimages.net", "*.msftauthimages.net", "*.microsoftonline-p.com", "*.microsoftonline-p.us",
		"mysignins.microsoft.us", "account.activedirectory.windowsazure.us",
		"entra.microsoft.us", "*.entra.microsoft.us", "portal.azure.us", "*.portal.azure.us", "*.azure.us",
		"management.usgovcloudapi.net", "*.usgovcloudapi.net",
		"graph.microsoft.us", "graph.microsoftazure.us", "*.mspim.azure.us",
	},
	China: {
		// [D]: as above.
		"login.partner.microsoftonline.cn", "*.partner.microsoftonline.cn", "login.chinacloudapi.cn",
		"login.live.com", "login.microsoft.com", "login.microsoft.cn",
		"*.msauth.net", "*.msftauth.net", "*.msauth.cn", "*.msftauth.cn", "*.microsoftonline-p.com", "*.microsoftonline-p.cn",
		"account.activedirectory.windowsazure.cn",
		"entra.microsoftonline.cn", "*.entra.microsoftonline.cn", "portal.azure.cn", "*.portal.azure.cn", "*.azure.cn",
		"management.chinacloudapi.cn", "*.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn",
	},
}

// BrowserHosts are the hosts that the tenant's cloud is known to need in a browser.
func (t *Tenant) BrowserHosts() []string { return slices.Clone(browserHosts[t.Cloud]) }
