package login_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// rows returns what the log holds that a test looks at.
func (w *world) rows() (rows []store.SignInRow) {
	w.tenant(func(t *store.Tenant) {
		for _, row := range t.SignIns {
			rows = append(rows, *row)
		}
	})
	return rows
}

func TestLogTellsAStepUpFromASilentSignIn(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true}, rule{context: "c1", mfa: true, every: true})
	b := w.browser()
	w.signIn(b, nil)
	w.advance(11 * time.Minute)
	seen := len(w.rows())
	w.signIn(b, stepUp("c1"))
	required := claimsOf(t, w.redeem(b).Access)
	w.advance(time.Minute)
	w.signIn(b, stepUp("c1"))
	silent := claimsOf(t, w.redeem(b).Access)

	type summary struct {
		Interactive bool
		Event       string
		Context     []store.ContextDetail
		Frequency   string
		TokenID     string
		Error       int
	}
	var got []summary
	for _, row := range w.rows()[seen:] {
		s := summary{Interactive: row.IsInteractive, Event: row.SignInEventTypes[0], Context: row.AuthenticationContexts, TokenID: row.UniqueTokenIdentifier, Error: row.Status.ErrorCode}
		for _, policy := range row.SessionLifetimePolicies {
			s.Frequency = policy.Requirement
		}
		got = append(got, s)
		if row.UserID != w.facts.AdminID || row.SessionID != required["sid"] {
			t.Errorf("row of user %s in session %s", row.UserID, row.SessionID)
		}
	}
	asked := []store.ContextDetail{{ID: "c1", Detail: "required"}}
	want := []summary{
		{true, "interactiveUser", asked, "signInFrequencyEveryTime", "", 50074},
		{true, "interactiveUser", asked, "signInFrequencyEveryTime", "", 50140},
		{true, "interactiveUser", asked, "signInFrequencyEveryTime", required["uti"].(string), 0},
		{false, "nonInteractiveUser", []store.ContextDetail{{ID: "c1", Detail: "previouslySatisfied"}}, "signInFrequencyEveryTime", silent["uti"].(string), 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestLogKeepsFailuresAndRefreshes(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	if err := b.Submit("f1", map[string]string{"passwd": "guess"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SignIn(w.credentials()); err != nil {
		t.Fatal(err)
	}
	tokens := w.redeem(b)
	refreshed, err := b.Token(w.client, map[string]string{"grant_type": "refresh_token", "refresh_token": tokens.Refresh})
	if err != nil {
		t.Fatal(err)
	}
	rows := w.rows()
	if rows[0].Status.ErrorCode != 50126 || !rows[0].IsInteractive {
		t.Errorf("first row: error %d", rows[0].Status.ErrorCode)
	}
	last := rows[len(rows)-1]
	if last.IncomingTokenType != "refreshToken" || last.UniqueTokenIdentifier != claimsOf(t, refreshed.Access)["uti"] || last.IsInteractive {
		t.Errorf("last row: %s %s interactive %t", last.IncomingTokenType, last.UniqueTokenIdentifier, last.IsInteractive)
	}
}

func TestLogIsReadableAfterItsLag(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) { t.Lag[store.LagSignInLog] = 5 * time.Minute })
	w.signIn(w.browser(), nil)
	for _, row := range w.rows() {
		if got := row.VisibleAt.Sub(row.CreatedAt); got != 5*time.Minute {
			t.Errorf("a row can be read after %s, want 5m", got)
		}
	}
}
