package provision

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestSampleHasTheFourSettingsRight(t *testing.T) {
	st := store.New(1, func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) })
	_, err := st.Create(func(tenant *store.Tenant) error {
		facts := Fill(tenant)
		if err := Sample(tenant, facts); err != nil {
			return err
		}
		now := tenant.Now()
		if c, ok := tenant.Contexts.GetAt("c1", now); !ok || !c.Available {
			t.Error("the context is not published")
		}
		policies, err := ca.ParseAll([]json.RawMessage{tenant.Policies.ListAt(now)[0].Raw})
		if err != nil {
			return err
		}
		if p := policies[0]; p.State != ca.Enabled || !p.TargetsContext("c1") || p.Session.Frequency == nil || !p.Session.Frequency.EveryTime {
			t.Errorf("the policy is not every time on the context: %+v", p)
		}
		rules := pim.EffectiveSetting(tenant, pim.Target{RoleDefinitionID: store.RoleApplicationAdministrator}, now)
		if rules.Context() != "c1" || rules.MFARequired() {
			t.Errorf("role setting: context %q, MFA %t", rules.Context(), rules.MFARequired())
		}
		eligible := pim.ActiveSchedules(tenant, store.Eligibility, now)
		if len(eligible) != 1 || eligible[0].PrincipalID != facts.AdminID || eligible[0].RoleDefinitionID != store.RoleApplicationAdministrator {
			t.Errorf("eligible: %+v", eligible)
		}
		if tenant.Users.Len() != 3 || len(tenant.Audits) != 0 {
			t.Errorf("%d users, %d audit rows", tenant.Users.Len(), len(tenant.Audits))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSecretsAreNotGuessable(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(20) {
		_, err := store.New(seed, nil).Create(func(tenant *store.Tenant) error {
			f := Fill(tenant)
			for _, secret := range []string{f.Password, f.TOTPSecret, f.FixturesSecret} {
				if len(secret) < 20 || seen[secret] {
					t.Errorf("seed %d: a secret of %d characters, seen before: %t", seed, len(secret), seen[secret])
				}
				seen[secret] = true
			}
			if !strings.HasSuffix(f.AdminUPN, "@"+f.Domain) {
				t.Errorf("admin %s is not of %s", f.AdminUPN, f.Domain)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
