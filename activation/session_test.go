package activation

import (
	"testing"
	"time"

	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

func minute(n int) time.Time { return time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC) }

func idAt(n int) *tokens.IDClaims { return &tokens.IDClaims{AuthTime: minute(n)} }

// The second activation is measured against the session as the first one left it, not as it was
// before the first.
func TestTheSessionBeforeAnActivationIsTheNewestOneSeen(t *testing.T) {
	p := proof{seen: verdict.Observation{
		SignIn: verdict.Authentication{ID: idAt(0)},
		Probes: []verdict.Probe{
			{Phase: "before", N: 1, ID: idAt(1)},
			{Phase: "before", N: 2, ID: idAt(1)},
			{Phase: "after", N: 1, ID: idAt(12)},
			{Phase: "after", N: 2, ID: idAt(24)},
		},
	}}
	for n, want := range map[int]time.Time{1: minute(1), 2: minute(12)} {
		if got := p.newestIDBefore(n).AuthTime; !got.Equal(want) {
			t.Errorf("before activation %d: got %s, want %s", n, got, want)
		}
	}
}

func TestTheLastAuthenticationIsTheLatestCredentialThatLeft(t *testing.T) {
	sent := func(factor string, at int) verdict.PageVisit {
		return verdict.PageVisit{Factor: factor, Sent: true, SentAt: minute(at)}
	}
	for name, row := range map[string]struct {
		seen verdict.Observation
		want time.Time
	}{
		"nothing yet": {verdict.Observation{}, time.Time{}},
		"auth_time alone": {
			verdict.Observation{SignIn: verdict.Authentication{ID: idAt(3)}}, minute(3),
		},
		"a second factor after the password": {
			verdict.Observation{SignIn: verdict.Authentication{ID: idAt(3), Pages: []verdict.PageVisit{sent("password", 3), sent("totp", 4)}}}, minute(4),
		},
		"a page that is no prompt does not count": {
			verdict.Observation{SignIn: verdict.Authentication{ID: idAt(3), Pages: []verdict.PageVisit{sent("", 9)}}}, minute(3),
		},
		"a credential that never left does not count": {
			verdict.Observation{SignIn: verdict.Authentication{ID: idAt(3), Pages: []verdict.PageVisit{{Factor: "totp", SentAt: minute(9)}}}}, minute(3),
		},
		"the priming asked for more": {
			verdict.Observation{
				SignIn:  verdict.Authentication{ID: idAt(3)},
				Priming: verdict.Priming{Authentication: verdict.Authentication{Pages: []verdict.PageVisit{sent("passkey", 5)}}},
			}, minute(5),
		},
		"a step-up": {
			verdict.Observation{SignIn: verdict.Authentication{ID: idAt(3)}, Activations: []verdict.Activation{{AuthTimeAfter: minute(20)}}}, minute(20),
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := proof{seen: row.seen}
			if got := p.lastAuthentication(); !got.Equal(row.want) {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}
