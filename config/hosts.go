package config

// Cloud is one of Microsoft's clouds. An embedded tenant is of the public one: it answers for
// that cloud's own host names.
type Cloud string

// The clouds.
const (
	Public Cloud = "public"
	USGov  Cloud = "usgov" // GCC High; a GCC tenant is of the public cloud
	China  Cloud = "china" // operated by 21Vianet
)

// Hosts are the addresses of a cloud, without a slash at the end. Sign-in and Graph are documented, in
// "National cloud deployments" of Microsoft Graph and "National clouds" of the identity platform; the admin
// centers of the national clouds were observed (links of public guides to them).
type Hosts struct {
	Authority string // of the sign-in host
	Graph     string // of Microsoft Graph; its scopes begin with it
	GraphBase string // of Graph's version 1.0
	Portal    string // of the Entra admin center
}

var hosts = map[Cloud]Hosts{
	Public: {
		Authority: "https://login.microsoftonline.com",
		Graph:     "https://graph.microsoft.com", GraphBase: "https://graph.microsoft.com/v1.0",
		Portal: "https://entra.microsoft.com",
	},
	USGov: {
		Authority: "https://login.microsoftonline.us",
		Graph:     "https://graph.microsoft.us", GraphBase: "https://graph.microsoft.us/v1.0",
		Portal: "https://entra.microsoft.us",
	},
	China: {
		Authority: "https://login.partner.microsoftonline.cn",
		Graph:     "https://microsoftgraph.chinacloudapi.cn", GraphBase: "https://microsoftgraph.chinacloudapi.cn/v1.0",
		Portal: "https://entra.microsoftonline.cn",
	},
}

// Hosts are the addresses of the tenant's cloud.
func (t *Tenant) Hosts() Hosts { return hosts[t.Cloud] }
