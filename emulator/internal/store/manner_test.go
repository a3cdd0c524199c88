package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// adversarial is a tenant of that seed with ten users, made adversarial before five of them
// came.
func adversarial(t *testing.T, seed uint64, hostile bool) (manner Manner, language string, users []string) {
	t.Helper()
	_, err := New(seed, func() time.Time { return time.Unix(0, 0) }).Create(func(tenant *Tenant) error {
		for i := range 10 {
			if hostile && i == 5 {
				tenant.SetAdversarial(true)
			}
			tenant.Users.Put(fmt.Sprint(i), &User{ID: fmt.Sprint(i)})
		}
		for _, u := range tenant.Users.List() {
			users = append(users, u.ID)
		}
		if latency := tenant.Latency(); latency < 0 || latency > slowest || latency > 0 && !hostile {
			t.Errorf("latency %s", latency)
		}
		manner, language = tenant.Manner(), tenant.Language
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return manner, language, users
}

func TestAnAdversarialTenantVariesBySeed(t *testing.T) {
	manners, languages, orders := map[Manner]bool{}, map[string]bool{}, map[string]bool{}
	for seed := range uint64(12) {
		manner, language, users := adversarial(t, seed, true)
		again, sameLanguage, sameUsers := adversarial(t, seed, true)
		if manner != again || language != sameLanguage || !slices.Equal(users, sameUsers) {
			t.Errorf("seed %d: not the same twice", seed)
		}
		manner.Latency = 0
		manners[manner], languages[language], orders[fmt.Sprint(users)] = true, true, true
		slices.Sort(users)
		if want := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}; !slices.Equal(users, want) {
			t.Errorf("seed %d: users %v", seed, users)
		}
	}
	if len(manners) < 4 || len(languages) != len(drawn()) || len(orders) < 11 {
		t.Errorf("12 seeds give %d manners, %d languages, %d orders", len(manners), len(languages), len(orders))
	}
}

func TestAnOrdinaryTenantKeepsItsOrder(t *testing.T) {
	manner, language, users := adversarial(t, 1, false)
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, users); diff != "" || manner != (Manner{}) || language != English {
		t.Errorf("manner %+v, language %s, users (-want +got):\n%s", manner, language, diff)
	}
}

func TestConditionalAccessLimit(t *testing.T) {
	for name, row := range map[string]struct {
		clock   string
		advance time.Duration // of the tenant's clock
		machine time.Duration
		second  bool // a second request passes
	}{
		"no limit":                            {"", 0, 0, true},
		"at once":                             {"tenant", 0, 0, false},
		"the tenant's clock moved":            {"tenant", time.Second, 0, true},
		"the tenant's clock moved too little": {"tenant", 999 * time.Millisecond, 0, false},
		"the machine's clock stood still":     {"machine", time.Hour, 0, false},
		"the machine's clock moved":           {"machine", 0, time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1_800_000_000, 0)
			st := New(1, func() time.Time { return now })
			if _, err := st.Create(func(tenant *Tenant) error {
				tenant.Settings.ConditionalAccessLimit = row.clock
				if !tenant.TakeConditionalAccess() {
					t.Error("the first request was refused")
				}
				now = now.Add(row.machine)
				if err := tenant.Advance(row.advance); err != nil {
					return err
				}
				if got := tenant.TakeConditionalAccess(); got != row.second {
					t.Errorf("the second request passes: %t, want %t", got, row.second)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
