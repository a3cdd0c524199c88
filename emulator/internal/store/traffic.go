package store

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is a disturbance that the shell applies to matching requests before any handler
// sees them.
type Fault struct {
	ID         string
	Kind       FaultKind
	Host       string        // empty: any
	Method     string        // empty: any
	Path       string        // exact, or a prefix when it ends in "*"; empty: any
	Status     int           // of kind status; default 503
	RetryAfter string        // Retry-After header of kind status; empty: none
	Acted      bool          // of kinds status and reset: the request is acted on, and its answer lost
	After      int           // how many matching requests pass before it begins
	Times      int           // how many requests it still applies to; 0 in a request means once
	Delay      time.Duration // of kind delay
}

// FaultKind is what happens to the request.
type FaultKind string

// Kinds of fault.
const (
	FaultStatus   FaultKind = "status"   // answered with Status in the service's error shape
	FaultReset    FaultKind = "reset"    // the connection is closed without an answer
	FaultTruncate FaultKind = "truncate" // half of the body, then the connection is closed
	FaultDelay    FaultKind = "delay"    // answered after Delay

	// FaultUnreachable cuts the connection, and the proxy opens no new one: it cannot resolve the name.
	FaultUnreachable FaultKind = "unreachable"
	// FaultStale lets reads go back in time: once what was read has changed, it is answered by turns as
	// it was before and as it is. Only an answer of before counts.
	FaultStale FaultKind = "stale"
)

// FaultKinds lists every kind.
func FaultKinds() []FaultKind {
	return []FaultKind{FaultStatus, FaultReset, FaultTruncate, FaultDelay, FaultUnreachable, FaultStale}
}

// TakeFault returns the first fault that matches a request and counts it as used. One of kind stale is
// TakeStale's.
func (t *Tenant) TakeFault(host, method, path string) (Fault, bool) {
	for _, f := range t.Faults {
		switch {
		case f.Kind == FaultStale || !f.matches(host, method, path):
		case f.After > 0:
			f.After--
		default:
			return t.use(f), true
		}
	}
	return Fault{}, false
}

// TakeUnreachable says whether the proxy cannot resolve the host, and counts it as used.
func (t *Tenant) TakeUnreachable(host string) bool {
	for _, f := range t.Faults {
		if f.Kind == FaultUnreachable && f.After == 0 && (f.Host == "" || strings.EqualFold(f.Host, host)) {
			t.use(f)
			return true
		}
	}
	return false
}

// Stale says whether a read may be answered as it was before.
func (t *Tenant) Stale(host, path string) bool {
	return slices.ContainsFunc(t.Faults, func(f *Fault) bool { return f.Kind == FaultStale && f.matches(host, http.MethodGet, path) })
}

// TakeStale counts an answer of before as given.
func (t *Tenant) TakeStale(host, path string) bool {
	for _, f := range t.Faults {
		if f.Kind == FaultStale && f.matches(host, http.MethodGet, path) {
			t.use(f)
			return true
		}
	}
	return false
}

func (t *Tenant) use(f *Fault) Fault {
	taken := *f
	if f.Times--; f.Times <= 0 {
		t.Faults = slices.DeleteFunc(t.Faults, func(other *Fault) bool { return other == f })
	}
	return taken
}

func (f *Fault) matches(host, method, path string) bool {
	if f.Host != "" && !strings.EqualFold(f.Host, host) || f.Method != "" && !strings.EqualFold(f.Method, method) {
		return false
	}
	if prefix, ok := strings.CutSuffix(f.Path, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return f.Path == "" || f.Path == path
}

// TakeConditionalAccess says whether a request for Conditional Access may pass now: one per
// second, by the clock that the setting names. A refused one does not count.
func (t *Tenant) TakeConditionalAccess() bool {
	now := t.Now()
	switch t.Settings.ConditionalAccessLimit {
	case "":
		return true
	case "machine":
		now = t.machine()
	}
	if now.Sub(t.conditionalAccessAt) < time.Second {
		return false
	}
	t.conditionalAccessAt = now
	return true
}

// Exchange is one request as the shell saw it. The URL has no query and no fragment: they
// can carry codes and hints.
type Exchange struct {
	At          time.Time // tenant time when the tenant is known, else the machine's
	Tenant      string    // id; empty: unknown
	Method      string
	URL         string
	Status      int  // 0: the connection was closed without an answer
	Unmodelled  bool // no handler has a model for it
	RefusedHost bool // CONNECT or plain request to a host that is not emulated
}

const (
	// keepExchanges bounds the memory of a server that runs for days.
	keepExchanges = 20_000
	// keepOutOfModel is how many older exchanges are kept that a run must be able to fail on.
	keepOutOfModel = keepExchanges / 2
	// keepStrays is how many exchanges that belong to no tenant are kept once one is deleted.
	keepStrays = 500
	// longestURL bounds what is kept of one address, which a client may make a megabyte long.
	longestURL = 2048
)

type traffic struct {
	all []Exchange
}

// Record appends an exchange.
func (s *Store) Record(x Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(x.URL) > longestURL {
		x.URL = strings.Clone(strings.ToValidUTF8(x.URL[:longestURL], "")) + "…"
	}
	s.traffic.all = append(s.traffic.all, x)
	if len(s.traffic.all) > 2*keepExchanges {
		s.traffic.trim()
	}
}

// trim keeps the latest exchanges and, of those before, the latest that a run has to fail on.
func (t *traffic) trim() {
	old := len(t.all) - keepExchanges
	kept := slices.DeleteFunc(slices.Clone(t.all[:old]), func(x Exchange) bool { return !x.outOfModel() })
	kept = kept[max(0, len(kept)-keepOutOfModel):]
	t.all = slices.Concat(kept, t.all[old:])
}

// forget drops what one tenant was asked, and of what belongs to none all but the latest, but for what a run has to
// fail on: a run of thousands of tenants asks for thousands of pages and keys that are nobody's.
func (t *traffic) forget(tenant string) {
	strays := -keepStrays
	for _, x := range t.all {
		if x.stray() {
			strays++
		}
	}
	t.all = slices.DeleteFunc(t.all, func(x Exchange) bool {
		if x.stray() {
			strays--
			return strays >= 0
		}
		return x.Tenant == tenant && !x.outOfModel()
	})
}

// stray is true of what belongs to no tenant and says nothing against a run.
func (x Exchange) stray() bool { return x.Tenant == "" && !x.outOfModel() }

// outOfModel is true of what proves nothing: no handler has a model for it.
func (x Exchange) outOfModel() bool { return x.Unmodelled || x.RefusedHost }

// Exchanges returns what was recorded, oldest first: of one tenant together with what
// belongs to none, or of all when tenant is empty.
func (s *Store) Exchanges(tenant string) []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Exchange
	for _, x := range s.traffic.all {
		if tenant == "" || x.Tenant == "" || strings.EqualFold(x.Tenant, tenant) {
			list = append(list, x)
		}
	}
	return list
}
