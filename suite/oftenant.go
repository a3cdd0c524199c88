package suite

import (
	"sync"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/graph"
)

// ofTenant is what all that this process does on one tenant shares, however often its file was read: a
// watch follows the audit log while its proofs run, and Graph counts both. It does not see other processes.
type ofTenant struct {
	pace  graph.Pace
	looks spacing
}

// tenantsOfFiles are those of the tenants of files, by id and test clock: for as long as the process lives.
var tenantsOfFiles struct {
	mu  sync.Mutex
	all map[string]*ofTenant
}

// sharedBy are the limits of the tenant of a file.
func sharedBy(t *config.Tenant) *ofTenant {
	key := string(t.Cloud) + " " + t.TenantID
	if t.TestClock != nil {
		key += " " + t.TestClock.URL
	}
	tenantsOfFiles.mu.Lock()
	defer tenantsOfFiles.mu.Unlock()
	if tenantsOfFiles.all == nil {
		tenantsOfFiles.all = map[string]*ofTenant{}
	}
	if tenantsOfFiles.all[key] == nil {
		tenantsOfFiles.all[key] = &ofTenant{}
	}
	return tenantsOfFiles.all[key]
}
