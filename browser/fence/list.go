package fence

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// List is a list of patterns that remembers what it did not let through. It is safe for concurrent use.
type List struct {
	allow []string

	mu      sync.Mutex
	refused map[string]bool
}

// NewList makes a list of patterns. Empty lets nothing through.
func NewList(allow []string) (*List, error) {
	for _, pattern := range allow {
		if err := CheckPattern(pattern); err != nil {
			return nil, err
		}
	}
	return &List{allow: allow, refused: map[string]bool{}}, nil
}

// Allows reports whether a host, with its port where that is not 443, is on the list, and notes it where it
// is not.
func (l *List) Allows(address string) bool {
	if l.allows(address) {
		return true
	}
	l.refuse(address)
	return false
}

// Refused are the names of the hosts that were asked for and not let through, sorted.
func (l *List) Refused() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.refused))
}

func (l *List) refuse(address string) {
	host, _ := splitPort(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.refused) < maxRefused {
		l.refused[host] = true
	}
}

// maxRefused bounds what a page can have us remember.
const maxRefused = 1000

// allows reports whether a pattern matches a host and port.
func (l *List) allows(address string) bool {
	host, port := splitPort(address)
	return slices.ContainsFunc(l.allow, func(pattern string) bool {
		wanted, at := splitPort(pattern)
		if at != port {
			return false
		}
		below, wild := strings.CutPrefix(wanted, "*")
		return host == wanted || wild && strings.HasSuffix(host, below) && len(host) > len(below)
	})
}
