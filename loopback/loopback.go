// Package loopback says which hosts are this machine: what goes there needs no encryption, and no proxy.
package loopback

import "net"

// Is reports whether a host, as url.URL.Hostname gives it, is localhost or an address of the loopback
// interface. It asks nobody: a name that merely resolves to one is none. It says nothing of who listens there,
// which may be a tunnel to somewhere else.
func Is(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
