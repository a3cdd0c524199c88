// Package cloud is the table of Microsoft host names that the embedded tenant answers for:
// the public cloud and the national ones, and which part of the tenant each name belongs to.
//
// Beside them stands the tenant's own address, a loopback host with its port, for clients
// that are told where their authority is: the public cloud, with sign-in and Microsoft Graph
// under one host ([Direct], [OfPath]). Who issued a token and whom it is for are the same
// there: names of the cloud, not addresses.
package cloud

import (
	"net"
	"strings"
)

// Part is a part of the tenant that has host names of its own.
type Part string

// Parts of the tenant.
const (
	Login  Part = "login"  // sign-in, tokens, discovery
	Fido   Part = "fido"   // the origin of the passkey ceremony; also answers sign-in paths
	Graph  Part = "graph"  // Microsoft Graph
	Portal Part = "portal" // the shell of the admin center
	Frame  Part = "frame"  // the host of the portal's frames
	PIM    Part = "pim"    // the legacy PIM API
	Direct Part = "direct" // the tenant's own address: the path says which part is meant
)

// Cloud is a sovereign cloud with its canonical names.
type Cloud struct {
	Name         string // "public", "usgov", "china"
	Login        string // host of sign-in
	Fido         string // host of the passkey ceremony
	Graph        string // host of Microsoft Graph; "https://"+Graph is the audience of its tokens
	IssuerV1     string // prefix of the issuer of v1.0 tokens; the tenant id and "/" follow
	IssuerV2     string // prefix of the issuer of v2.0 tokens; the tenant id and "/v2.0" follow
	InstanceName string // cloud_instance_name in discovery
	LegacyGraph  string // cloud_graph_host_name in discovery
	Portals      []string
	Frame        string
	PIM          string
	LoginAliases []string
	GraphAliases []string
}

// Clouds lists every cloud. The names of the public cloud are documented or observed; the
// portal's frame host of the national clouds is inferred from the public one.
func Clouds() []Cloud {
	return []Cloud{
		{
			Name: "public", Login: "login.microsoftonline.com", Fido: "login.microsoft.com",
			Graph: "graph.microsoft.com", IssuerV1: "https://sts.windows.net/", IssuerV2: "https://login.microsoftonline.com/",
			InstanceName: "microsoftonline.com", LegacyGraph: "graph.windows.net",
			Portals: []string{"entra.microsoft.com", "portal.azure.com"},
			Frame:   "sandbox-1.reactblade.portal.azure.net", PIM: "api.azrbac.mspim.azure.com",
			LoginAliases: []string{"login.windows.net", "sts.windows.net"},
		},
		{
			Name: "usgov", Login: "login.microsoftonline.us", Fido: "login.microsoft.us",
			Graph: "graph.microsoft.us", IssuerV1: "https://sts.windows.net/", IssuerV2: "https://login.microsoftonline.us/",
			InstanceName: "microsoftonline.us", LegacyGraph: "graph.windows.net",
			Portals: []string{"entra.microsoft.us", "portal.azure.us"},
			Frame:   "sandbox-1.reactblade.portal.azure.us", PIM: "api.azrbac.mspim.azure.us",
			LoginAliases: []string{"login.usgovcloudapi.net"}, GraphAliases: []string{"dod-graph.microsoft.us"},
		},
		{
			Name: "china", Login: "login.partner.microsoftonline.cn", Fido: "login.microsoft.cn",
			Graph: "microsoftgraph.chinacloudapi.cn", IssuerV1: "https://sts.chinacloudapi.cn/", IssuerV2: "https://login.partner.microsoftonline.cn/",
			InstanceName: "partner.microsoftonline.cn", LegacyGraph: "graph.chinacloudapi.cn",
			Portals: []string{"entra.microsoftonline.cn", "portal.azure.cn"},
			Frame:   "sandbox-1.reactblade.portal.azure.cn", PIM: "api.azrbac.mspim.azure.cn",
			LoginAliases: []string{"login.chinacloudapi.cn"},
		},
	}
}

type place struct {
	cloud Cloud
	part  Part
}

var places = buildPlaces()

func buildPlaces() map[string]place {
	table := map[string]place{}
	for _, c := range Clouds() {
		add := func(part Part, hosts ...string) {
			for _, host := range hosts {
				table[host] = place{c, part}
			}
		}
		add(Login, c.Login)
		add(Login, c.LoginAliases...)
		add(Fido, c.Fido)
		add(Graph, c.Graph)
		add(Graph, c.GraphAliases...)
		add(Portal, c.Portals...)
		add(Frame, c.Frame)
		add(PIM, c.PIM)
	}
	return table
}

// Of returns the cloud and the part that a host name belongs to (letter case ignored, no
// port). A loopback host with a port is the tenant's own address: the public cloud, with its
// sign-in at that address.
func Of(host string) (Cloud, Part, bool) {
	host = strings.ToLower(host)
	if isDirect(host) {
		c := Public()
		c.Login, c.Fido = host, host
		return c, Direct, true
	}
	p, ok := places[host]
	return p.cloud, p.part, ok
}

func isDirect(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil || port == "" {
		return false
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// OfPath is the part that a path of the tenant's own address belongs to: Microsoft Graph by
// its version, else sign-in. Portal and legacy PIM API are reached under their names only.
func OfPath(path string) Part {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if first == "v1.0" || first == "beta" {
		return Graph
	}
	return Login
}

// RelyingParty is the relying party id of passkeys: the host of the ceremony, without the port
// that the tenant's own address has.
func (c Cloud) RelyingParty() string {
	if name, _, err := net.SplitHostPort(c.Fido); err == nil {
		return name
	}
	return c.Fido
}

// Emulated says whether the embedded tenant answers for a host name.
func Emulated(host string) bool {
	_, _, ok := Of(host)
	return ok
}

// Public is the public cloud.
func Public() Cloud { return Clouds()[0] }
