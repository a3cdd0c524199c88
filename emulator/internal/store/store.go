package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrNoTenant is wrapped by the error of [Store.With] when no tenant has the id or domain.
var ErrNoTenant = errors.New("no such tenant")

// Store is every tenant of one process behind one mutex. Use [New].
type Store struct {
	mu      sync.Mutex
	machine func() time.Time
	seed    uint64
	made    uint64 // tenants made so far; part of each tenant's own seed
	tenants []*Tenant
	traffic traffic
}

// New returns a store without tenants. The seed decides every id, secret and order;
// machine is the clock that tenants' clocks are offset from (nil means time.Now).
func New(seed uint64, machine func() time.Time) *Store {
	if machine == nil {
		machine = time.Now
	}
	return &Store{machine: machine, seed: seed}
}

// Seed is the seed that the store was made with.
func (s *Store) Seed() uint64 { return s.seed }

// With calls f with the lock held on the tenant that has the given id or verified domain
// (letter case is ignored). The empty string means the first tenant. It returns f's error,
// or one that wraps [ErrNoTenant]. f must not call the store and must not keep t.
func (s *Store) With(tenant string, f func(t *Tenant) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.lookupLocked(tenant)
	if t == nil {
		return fmt.Errorf("find tenant %q: %w", tenant, ErrNoTenant)
	}
	return f(t)
}

// Find returns the id of the first tenant for which match is true.
func (s *Store) Find(match func(t *Tenant) bool) (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tenants {
		if match(t) {
			return t.ID, true
		}
	}
	return "", false
}

// Resolve returns the id of the tenant with that id or verified domain.
func (s *Store) Resolve(tenant string) (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.lookupLocked(tenant); t != nil && tenant != "" {
		return t.ID, true
	}
	return "", false
}

// TenantIDs lists the tenants in the order in which they were made.
func (s *Store) TenantIDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]string, 0, len(s.tenants))
	for _, t := range s.tenants {
		ids = append(ids, t.ID)
	}
	return ids
}

// Create makes an empty tenant (no users, no applications; Entra's built-in roles and
// strengths are there), passes it to fill with the lock held, and adds it when fill
// returns nil.
func (s *Store) Create(fill func(t *Tenant) error) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	t := newTenant(s.seed, s.made, s.machine)
	if err := fill(t); err != nil {
		return "", err
	}
	s.tenants = append(s.tenants, t)
	return t.ID, nil
}

// Delete removes a tenant with everything in it, and what it was asked but for what a run has to fail on;
// ok is false when there is none.
func (s *Store) Delete(tenant string) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.tenants {
		if strings.EqualFold(t.ID, tenant) || strings.EqualFold(t.Domain, tenant) {
			s.tenants = slices.Delete(s.tenants, i, i+1)
			s.traffic.forget(t.ID)
			return true
		}
	}
	return false
}

// Reset removes every tenant and every recorded request. The tenants made afterwards get the ids
// and the secrets of those that were made first: what a client was told of them stays true.
func (s *Store) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tenants, s.made = nil, 0
	s.traffic = traffic{}
}

func (s *Store) lookupLocked(tenant string) *Tenant {
	if tenant == "" && len(s.tenants) > 0 {
		return s.tenants[0]
	}
	for _, t := range s.tenants {
		if strings.EqualFold(t.ID, tenant) || strings.EqualFold(t.Domain, tenant) {
			return t
		}
	}
	return nil
}
