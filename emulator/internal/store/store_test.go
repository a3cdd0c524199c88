package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var begin = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newStore(t *testing.T, seed uint64, machine func() time.Time) *Store {
	t.Helper()
	if machine == nil {
		machine = func() time.Time { return begin }
	}
	st := New(seed, machine)
	if _, err := st.Create(func(*Tenant) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return st
}

func with(t *testing.T, st *Store, f func(tenant *Tenant)) {
	t.Helper()
	if err := st.With("", func(tenant *Tenant) error {
		f(tenant)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestClockNeverGoesBack(t *testing.T) {
	machine := begin
	st := newStore(t, 1, func() time.Time { return machine })
	with(t, st, func(tenant *Tenant) {
		first := tenant.Now()
		machine = machine.Add(-time.Hour)
		if got := tenant.Now(); got.Before(first) {
			t.Errorf("the machine's clock was set back and the tenant's went from %s to %s", first, got)
		}
		if err := tenant.Advance(-time.Second); err == nil {
			t.Error("a negative advance was accepted")
		}
		if err := tenant.Advance(2 * time.Hour); err != nil {
			t.Fatal(err)
		}
		if got, want := tenant.Now(), begin.Add(time.Hour); !got.Equal(want) {
			t.Errorf("now %s, want %s", got, want)
		}
	})
}

func TestTenantIsFoundByIDAndDomain(t *testing.T) {
	st := newStore(t, 1, nil)
	var id, domain string
	with(t, st, func(tenant *Tenant) { id, domain = tenant.ID, tenant.Domain })
	for _, name := range []string{id, strings.ToUpper(id), domain, strings.ToUpper(domain)} {
		if got, ok := st.Resolve(name); !ok || got != id {
			t.Errorf("resolve %q: %q %t", name, got, ok)
		}
	}
	if _, ok := st.Resolve(""); ok {
		t.Error("nothing names a tenant")
	}
	if err := st.With("nobody", func(*Tenant) error { return nil }); !errors.Is(err, ErrNoTenant) {
		t.Errorf("unknown tenant: %v, want ErrNoTenant", err)
	}
	if !st.Delete(domain) || st.Delete(domain) {
		t.Error("delete by domain, once")
	}
}

func TestAFailedFillMakesNoTenant(t *testing.T) {
	st := New(1, nil)
	wanted := errors.New("no")
	if _, err := st.Create(func(*Tenant) error { return wanted }); !errors.Is(err, wanted) {
		t.Errorf("create: %v", err)
	}
	if ids := st.TenantIDs(); len(ids) != 0 {
		t.Errorf("tenants %v", ids)
	}
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestIdentifiersComeFromTheSeed(t *testing.T) {
	draw := func(seed uint64) (list []string) {
		with(t, newStore(t, seed, nil), func(tenant *Tenant) {
			list = []string{tenant.ID, tenant.NewID(), tenant.NewSecret(16), tenant.NewHex(5)}
		})
		return list
	}
	first := draw(3)
	if diff := cmp.Diff(first, draw(3)); diff != "" {
		t.Errorf("one seed, two results:\n%s", diff)
	}
	if cmp.Equal(first, draw(4)) {
		t.Error("two seeds, one result")
	}
	if !guid.MatchString(first[1]) || len(first[2]) != 22 || len(first[3]) != 5 {
		t.Errorf("shapes %q", first)
	}
	st := newStore(t, 3, nil)
	if _, err := st.Create(func(*Tenant) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if ids := st.TenantIDs(); ids[0] == ids[1] {
		t.Error("two tenants of one store have the same id")
	}
}

func TestIndexKeepsOrder(t *testing.T) {
	x := NewIndex[int]()
	for i, key := range []string{"b", "a", "c"} {
		x.Put(key, i)
	}
	x.Put("a", 7)
	if diff := cmp.Diff([]int{0, 7, 2}, x.List()); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if !x.Delete("b") || x.Delete("b") || x.Len() != 2 {
		t.Error("delete once")
	}
	if _, ok := x.Get("b"); ok {
		t.Error("a deleted value is still there")
	}
}

func TestLaggedShowsWritesLate(t *testing.T) {
	at := func(minutes int) time.Time { return begin.Add(time.Duration(minutes) * time.Minute) }
	l := NewLagged[string]()
	l.Put("p", "first", at(2))
	l.Put("p", "second", at(5))
	l.Delete("p", at(9))
	l.Put("q", "other", at(0))
	for minute, want := range map[int][]string{0: {"other"}, 2: {"first", "other"}, 4: {"first", "other"}, 5: {"second", "other"}, 8: {"second", "other"}, 9: {"other"}} {
		if diff := cmp.Diff(want, l.ListAt(at(minute))); diff != "" {
			t.Errorf("in effect after %d minutes (-want +got):\n%s", minute, diff)
		}
	}
	if diff := cmp.Diff([]string{"other"}, l.List()); diff != "" {
		t.Errorf("newest (-want +got):\n%s", diff)
	}
	if _, ok := l.Get("p"); ok {
		t.Error("the writer still sees what it deleted")
	}
	if l.Delete("p", at(9)) {
		t.Error("deleted twice")
	}
}

func TestLaggedLastWriteWinsWhenTheLagShrinks(t *testing.T) {
	l := NewLagged[string]()
	l.Put("p", "slow", begin.Add(time.Hour))
	l.Put("p", "quick", begin)
	for _, minutes := range []int{0, 120} {
		if got, _ := l.GetAt("p", begin.Add(time.Duration(minutes)*time.Minute)); got != "quick" {
			t.Errorf("after %d minutes %q, want quick", minutes, got)
		}
	}
}

func TestGroupsAndRolesOfAUser(t *testing.T) {
	st := newStore(t, 1, nil)
	with(t, st, func(tenant *Tenant) {
		tenant.Groups.Put("inner", &Group{ID: "inner", Members: []string{"user"}})
		tenant.Groups.Put("outer", &Group{ID: "outer", Members: []string{"inner", "outer"}})
		tenant.Groups.Put("pim", &Group{ID: "pim"})
		tenant.Groups.Put("above", &Group{ID: "above", Members: []string{"pim"}})
		end := begin.Add(time.Hour)
		for _, s := range []Schedule{
			{ID: "1", Kind: Assignment, PrincipalID: "user", GroupID: "pim", AccessID: "member", Start: begin, End: &end},
			{ID: "2", Kind: Assignment, PrincipalID: "outer", RoleDefinitionID: "direct", DirectoryScopeID: "/", Start: begin},
			{ID: "3", Kind: Assignment, PrincipalID: "above", RoleDefinitionID: "activated", DirectoryScopeID: "/", Start: begin},
			{ID: "4", Kind: Eligibility, PrincipalID: "user", RoleDefinitionID: "eligible", DirectoryScopeID: "/", Start: begin},
			{ID: "5", Kind: Assignment, PrincipalID: "user", RoleDefinitionID: "scoped", DirectoryScopeID: "/administrativeUnits/1", Start: begin},
			{ID: "6", Kind: Assignment, PrincipalID: "user", RoleDefinitionID: "future", DirectoryScopeID: "/", Start: end},
		} {
			tenant.Schedules.Put(s.ID, s, begin)
		}
		if diff := cmp.Diff([]string{"inner", "outer", "pim", "above"}, tenant.GroupsAt("user", begin)); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"direct", "activated"}, tenant.RolesOf("user", begin)); diff != "" {
			t.Errorf("roles (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"direct", "future"}, tenant.RolesOf("user", end)); diff != "" {
			t.Errorf("roles when the activation has ended (-want +got):\n%s", diff)
		}
	})
}

func TestAccessPassUsability(t *testing.T) {
	pass := AccessPass{StartsAt: begin, Lifetime: time.Hour, Once: true}
	for _, row := range []struct {
		at     time.Time
		used   bool
		reason string
	}{
		{begin.Add(-time.Second), false, "NotYetValid"},
		{begin, false, "EnabledByPolicy"},
		{begin.Add(time.Hour), false, "Expired"},
		{begin, true, "OneTimeUsed"},
	} {
		p := pass
		if row.used {
			p.UsedAt = begin
		}
		if usable, reason := p.Usability(row.at); reason != row.reason || usable != (reason == "EnabledByPolicy") {
			t.Errorf("at %s, used %t: %t %s, want %s", row.at, row.used, usable, reason, row.reason)
		}
	}
}

func TestSettingsNameTheValueNobodyKnows(t *testing.T) {
	if err := DefaultSettings().Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	for _, text := range []string{`{"windows":"x"}`, `{"windows_keyed_on":"x"}`, `{"portal_api":"x"}`, `{"portal_step_up":"x"}`} {
		s := DefaultSettings()
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRecordKeepsWhatARunMustFailOn(t *testing.T) {
	st := New(1, nil)
	st.Record(Exchange{URL: "unmodelled", Unmodelled: true})
	st.Record(Exchange{URL: "refused", RefusedHost: true})
	for range 2*keepExchanges + 1 {
		st.Record(Exchange{URL: "ordinary"})
	}
	all := st.Exchanges("")
	if len(all) > 2*keepExchanges || all[0].URL != "unmodelled" || all[1].URL != "refused" {
		t.Errorf("%d exchanges, the first %q", len(all), all[0].URL)
	}
}

func TestBuiltInRolesAndStrengths(t *testing.T) {
	with(t, newStore(t, 1, nil), func(tenant *Tenant) {
		role, ok := tenant.RoleDefs.Get(RoleApplicationAdministrator)
		if !ok || !role.BuiltIn || role.TemplateID != role.ID || role.DisplayName != "Application Administrator" {
			t.Errorf("Application Administrator: %+v", role)
		}
		if tenant.RoleDefs.Len() < 17 {
			t.Errorf("%d built-in roles", tenant.RoleDefs.Len())
		}
		if s, ok := tenant.Strengths.Get(StrengthPhishingResistant); !ok || contains(s.Combinations, "temporaryAccessPassOneTime") {
			t.Errorf("phishing-resistant strength: %+v", s)
		}
	})
}

func TestTheRecordOfRequestsIsBounded(t *testing.T) {
	st := newStore(t, 1, nil)
	for range 5 * keepExchanges {
		st.Record(Exchange{URL: "unmodelled", Unmodelled: true})
	}
	if got := len(st.Exchanges("")); got > 2*keepExchanges {
		t.Errorf("%d exchanges are kept, though all have to be failed on; want at most %d", got, 2*keepExchanges)
	}
	st.Record(Exchange{URL: strings.Repeat("é", 1<<20)})
	all := st.Exchanges("")
	if got := len(all[len(all)-1].URL); got > longestURL+len("…") {
		t.Errorf("an address of %d bytes is kept, want at most %d", got, longestURL)
	}
}

func TestADeletedTenantsRequestsAreForgotten(t *testing.T) {
	st := newStore(t, 1, nil)
	var id string
	with(t, st, func(tenant *Tenant) { id = tenant.ID })
	st.Record(Exchange{Tenant: id, URL: "ordinary"})
	st.Record(Exchange{Tenant: id, URL: "unmodelled", Unmodelled: true})
	st.Record(Exchange{Tenant: "another", URL: "another's"})
	if !st.Delete(id) {
		t.Fatal("there was no tenant")
	}
	var left []string
	for _, x := range st.Exchanges("") {
		left = append(left, x.URL)
	}
	if diff := cmp.Diff([]string{"unmodelled", "another's"}, left); diff != "" {
		t.Errorf("what is kept (-want +got):\n%s", diff)
	}
}

// A run of thousands of tenants asks for thousands of pages and keys that belong to none: once tenants are deleted,
// the latest of those are kept, and what a run has to fail on.
func TestWhatBelongsToNoTenantIsForgottenInTime(t *testing.T) {
	st := New(1, nil)
	for range 30 {
		id, err := st.Create(func(*Tenant) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			st.Record(Exchange{URL: fmt.Sprintf("%s %d", id, i)})
		}
		st.Record(Exchange{URL: "unmodelled", Unmodelled: true})
		st.Delete(id)
	}
	all := st.Exchanges("")
	if len(all) != keepStrays+30 || !strings.HasSuffix(all[len(all)-2].URL, " 99") {
		t.Errorf("%d exchanges are kept, the last but one %q; want %d and the latest", len(all), all[len(all)-2].URL, keepStrays+30)
	}
}
