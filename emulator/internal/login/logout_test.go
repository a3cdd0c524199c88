package login_test

import (
	"net/url"
	"strings"
	"testing"
)

// Which of two accounts a sign-out ends; the other stays signed in.
func TestSignOutOfSeveralAccounts(t *testing.T) {
	for name, hinted := range map[string]bool{"by its hint": true, "by the picker": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b, other := w.twoAccounts()
			w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
			claims := claimsOf(t, w.redeem(b).ID)
			address := "https://login.microsoftonline.com/" + w.facts.TenantID + "/oauth2/v2.0/logout?state=s&post_logout_redirect_uri=" + url.QueryEscape(w.client.Redirect)
			if hinted {
				address += "&logout_hint=" + url.QueryEscape(claims["login_hint"].(string))
			}
			if err := b.Get(address); err != nil {
				t.Fatal(err)
			}
			if !hinted {
				if !b.Page.Has("tilesHolder") || !strings.Contains(b.Page.HTML, other.UPN) {
					t.Fatalf("page %q does not ask which account", b.Page.ID())
				}
				if err := b.Submit("f1", map[string]string{"pick": claims["sid"].(string)}); err != nil {
					t.Fatal(err)
				}
			}
			if b.Page.Left == nil || b.Page.Left.String() != w.client.Redirect+"?state=s" {
				t.Fatalf("left for %v", b.Page.Left)
			}
			if pages := w.signIn(b, map[string]string{"login_hint": other.UPN}); pages != "" {
				t.Errorf("the other account is asked for %q", pages)
			}
			if pages := w.signIn(b, map[string]string{"login_hint": w.facts.AdminUPN}); pages != "password stay" {
				t.Errorf("the account that was signed out is asked for %q", pages)
			}
		})
	}
}

func TestSignOutStaysWhereTheRedirectIsNotRegistered(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.signIn(b, nil)
	if err := b.Get("https://login.microsoftonline.com/common/oauth2/v2.0/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F"); err != nil {
		t.Fatal(err)
	}
	if b.Page.Left != nil || b.Page.ID() != "ConvergedSignOut" || len(b.Cookies("https://login.microsoftonline.com/")) != 0 {
		t.Errorf("page %q, left for %v", b.Page.ID(), b.Page.Left)
	}
}
