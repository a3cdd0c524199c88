package login_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestWhatPIMsWindowBelongsTo(t *testing.T) {
	for keyedOn, want := range map[string]string{store.KeyedOnUser: "", store.KeyedOnSession: "password stay"} {
		t.Run(keyedOn, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{context: "c1", every: true})
			w.tenant(func(t *store.Tenant) { t.Settings.WindowsKeyedOn = keyedOn })
			b := w.browser()
			w.signIn(b, nil)
			w.advance(11 * time.Minute)
			// Seven minutes ago the admin stepped up for an activation, in another session.
			w.admin(func(t *store.Tenant, u *store.User) { u.PIMStepUpAt = t.Now().Add(-7 * time.Minute) })
			if pages := w.signIn(b, stepUp("c1")); pages != want {
				t.Errorf("asked for %q, want %q", pages, want)
			}
		})
	}
}

func TestWhetherARefreshKeepsContexts(t *testing.T) {
	for name, keeps := range map[string]bool{"where it keeps them": true, "where it does not": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{context: "c1", mfa: true})
			w.tenant(func(t *store.Tenant) { t.Settings.RefreshKeepsContexts = keeps })
			b := w.browser()
			w.signIn(b, stepUp("c1"))
			tokens, err := b.Token(w.client, map[string]string{"grant_type": "refresh_token", "refresh_token": w.redeem(b).Refresh})
			if err != nil {
				t.Fatal(err)
			}
			if acrs, _ := claimsOf(t, tokens.Access)["acrs"].([]any); slices.Contains(acrs, any("c1")) != keeps {
				t.Errorf("acrs is %v", acrs)
			}
		})
	}
}

// A policy that wants the secondary factor every time, after eleven minutes.
func TestWhatTheSecondaryFactorMeans(t *testing.T) {
	for asks, want := range map[string]string{store.SecondaryAsksSecond: "code", store.SecondaryAsksBoth: "password code stay"} {
		t.Run(asks, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{mfa: true}, rule{context: "c1", mfa: true, every: true, secondary: true})
			w.tenant(func(t *store.Tenant) { t.Settings.SecondaryAsks = asks })
			b := w.browser()
			w.signIn(b, nil)
			w.advance(11 * time.Minute)
			if pages := w.signIn(b, stepUp("c1")); pages != want {
				t.Errorf("asked for %q, want %q", pages, want)
			}
		})
	}
}

func TestWhetherARefreshStepsUp(t *testing.T) {
	for name, row := range map[string]struct {
		setting bool
		mfa     bool // the policy wants what the session lacks
		granted bool
	}{
		"where freshness counts":           {false, false, false},
		"where freshness does not count":   {true, false, true},
		"where more than freshness is due": {true, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{context: "c1", every: true, mfa: row.mfa})
			w.tenant(func(t *store.Tenant) { t.Settings.RefreshStepsUp = row.setting })
			b := w.browser()
			w.signIn(b, nil)
			held := w.redeem(b)
			w.advance(11 * time.Minute)
			tokens, err := b.Token(w.client, map[string]string{
				"grant_type": "refresh_token", "refresh_token": held.Refresh, "claims": stepUp("c1")["claims"],
			})
			if err != nil {
				t.Fatal(err)
			}
			if granted := tokens.Status == http.StatusOK; granted != row.granted {
				t.Fatalf("the refresh was answered %d %s, want granted %t", tokens.Status, tokens.Description, row.granted)
			}
			if !row.granted {
				return
			}
			if acrs, _ := claimsOf(t, tokens.Access)["acrs"].([]any); !slices.Contains(acrs, any("c1")) {
				t.Errorf("acrs is %v", acrs)
			}
		})
	}
}

// A policy is asked about once its lag has passed, to the second.
func TestAPolicyTakesEffectAfterItsLag(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) {
		t.Lag[store.LagPolicy] = 90 * time.Second
		t.Policies.Put("p", store.Policy{ID: "p", Raw: rule{mfa: true}.json("p")}, t.EffectiveAt(store.LagPolicy))
	})
	for _, row := range []struct {
		wait time.Duration
		want string
	}{{0, "username password stay"}, {89 * time.Second, "username password stay"}, {time.Second, everyFactor}} {
		w.advance(row.wait)
		if pages := w.signIn(w.browser(), nil); pages != row.want {
			t.Errorf("%s later: asked for %q, want %q", row.wait, pages, row.want)
		}
	}
}
