package login_test

import (
	"strings"
	"testing"
)

// Clients look in the answer for the scopes that they asked for, in the same words.
func TestScopesAreAnsweredAsTheyWereAsked(t *testing.T) {
	const resource = "https://graph.microsoft.com/"
	for name, row := range map[string]struct{ asked, first, never string }{
		"with the resource":    {"openid profile offline_access " + resource + "User.Read", "openid profile " + resource + "User.Read", "offline_access"},
		"without the resource": {"openid profile offline_access User.Read", "openid profile User.Read", resource},
		"all that is granted":  {"openid offline_access " + resource + ".default", "openid " + resource + ".default", "offline_access"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.client.Scope = row.asked
			b := w.browser()
			w.signIn(b, nil)
			tokens := w.redeem(b)
			again, err := b.Token(w.client, map[string]string{"grant_type": "refresh_token", "refresh_token": tokens.Refresh, "scope": row.asked})
			if err != nil {
				t.Fatal(err)
			}
			for from, scope := range map[string]string{"code": tokens.Scope, "refresh token": again.Scope} {
				if !strings.HasPrefix(scope+" ", row.first+" ") || strings.Contains(scope, row.never) {
					t.Errorf("scope of the %s is %q; want it to begin with %q, without %q", from, scope, row.first, row.never)
				}
			}
		})
	}
}
