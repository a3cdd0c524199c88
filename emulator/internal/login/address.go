package login

import "net/netip"

// rangeContains says whether an address lies in a CIDR range; a range that cannot be read
// contains nothing.
func rangeContains(cidr, address string) bool {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(address)
	return err == nil && prefix.Contains(ip)
}
