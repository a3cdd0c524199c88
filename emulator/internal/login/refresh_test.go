package login_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestRefreshIsEvaluatedAnew(t *testing.T) {
	for name, row := range map[string]struct {
		later  rule // a policy that comes after the sign-in
		claims string
		wait   time.Duration
		change func(t *store.Tenant, u *store.User)
		oauth  string
		number int
	}{
		"nothing changed":                  {},
		"a second factor is wanted now":    {later: rule{mfa: true}, oauth: "interaction_required", number: 50076},
		"blocked now":                      {later: rule{block: true}, oauth: "invalid_grant", number: 53003},
		"sign-in frequency has passed":     {later: rule{hours: 1}, wait: 2 * time.Hour, oauth: "invalid_grant", number: 70043},
		"sign-in frequency has not passed": {later: rule{hours: 1}, wait: 30 * time.Minute},
		"context with every time":          {later: rule{context: "c1", every: true}, wait: 11 * time.Minute, claims: stepUp("c1")["claims"], oauth: "interaction_required", number: 50076},
		"context within the allowance":     {later: rule{context: "c1", every: true}, wait: time.Minute, claims: stepUp("c1")["claims"]},
		"password changed":                 {change: func(t *store.Tenant, u *store.User) { u.PasswordChangedAt = t.Now() }, wait: time.Minute, oauth: "invalid_grant", number: 50173},
		"sessions revoked":                 {change: func(t *store.Tenant, u *store.User) { u.SignInsValidAt = t.Now() }, wait: time.Minute, oauth: "invalid_grant", number: 50173},
		"user disabled":                    {change: func(_ *store.Tenant, u *store.User) { u.Enabled = false }, oauth: "invalid_grant", number: 50057},
		"unused for too long":              {wait: 91 * 24 * time.Hour, oauth: "invalid_grant", number: 700082},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			w.signIn(b, nil)
			first := w.redeem(b)
			if row.later != (rule{}) {
				w.policies(row.later)
			}
			w.advance(row.wait)
			if row.change != nil {
				w.admin(row.change)
			}
			form := map[string]string{"grant_type": "refresh_token", "refresh_token": first.Refresh, "scope": w.client.Scope}
			if row.claims != "" {
				form["claims"] = row.claims
			}
			tokens, err := b.Token(w.client, form)
			if err != nil {
				t.Fatal(err)
			}
			if tokens.Error != row.oauth || (row.number != 0) != slices.Contains(tokens.Codes, row.number) {
				t.Errorf("answer %q %v, want %q %d: %s", tokens.Error, tokens.Codes, row.oauth, row.number, tokens.Description)
			}
			if row.number == 0 && (tokens.Access == "" || tokens.Refresh == "" || tokens.ID == "") {
				t.Error("a token is missing")
			}
			if row.number == 50076 && !json.Valid([]byte(tokens.Claims)) {
				t.Errorf("claims %q lead nowhere", tokens.Claims)
			}
		})
	}
}

func TestARefreshForScopesWithoutConsentIsAnInvalidGrant(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.signIn(b, nil)
	tokens, err := b.Token(w.client, map[string]string{"grant_type": "refresh_token", "refresh_token": w.redeem(b).Refresh, "scope": "Mail.Read"})
	if err != nil {
		t.Fatal(err)
	}
	if tokens.Error != "invalid_grant" || tokens.Suberror != "consent_required" || !slices.Contains(tokens.Codes, 65001) {
		t.Errorf("error %q, suberror %q, codes %v", tokens.Error, tokens.Suberror, tokens.Codes)
	}
}

func TestARefreshLosesWhatItDoesNotAskFor(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{context: "c1", mfa: true})
	b := w.browser()
	w.signIn(b, stepUp("c1"))
	first := w.redeem(b)
	if claims := claimsOf(t, first.Access); claims["xms_cc"] == nil || claims["acrs"] == nil {
		t.Fatalf("the stepped-up token has acrs %v and xms_cc %v", claims["acrs"], claims["xms_cc"])
	}
	tokens, err := b.Token(w.client, map[string]string{"grant_type": "refresh_token", "refresh_token": first.Refresh})
	if err != nil {
		t.Fatal(err)
	}
	if claims := claimsOf(t, tokens.Access); claims["xms_cc"] != nil || claims["acrs"] != nil {
		t.Errorf("the refreshed token has acrs %v and xms_cc %v", claims["acrs"], claims["xms_cc"])
	}
}

func TestTheShellRedeemsForTheBlade(t *testing.T) {
	w := newWorld(t)
	w.client.ClientID, w.client.Redirect = store.ClientPortal, "https://entra.microsoft.com/signin/index/"
	w.client.Scope = "openid profile offline_access https://graph.microsoft.com/.default"
	b := w.browser()
	w.signIn(b, nil)
	shell := w.redeem(b)
	form := map[string]string{
		"grant_type": "refresh_token", "refresh_token": shell.Refresh, "client_id": store.ClientPIM,
		"scope":         "https://api.azrbac.mspim.azure.com/.default openid",
		"brk_client_id": store.ClientPortal, "redirect_uri": "brk-" + store.ClientPortal + "://entra.microsoft.com",
	}
	tokens, err := b.Token(w.client, form)
	if err != nil || tokens.Status != http.StatusOK {
		t.Fatalf("brokered refresh: %v %s", err, tokens.Description)
	}
	claims := claimsOf(t, tokens.Access)
	if claims["appid"] != store.ClientPIM || claims["aud"] != store.ResourcePIM || claims["scp"] != "openid user_impersonation" {
		t.Errorf("appid %v, aud %v, scp %v", claims["appid"], claims["aud"], claims["scp"])
	}
	delete(form, "brk_client_id")
	if tokens, err = b.Token(w.client, form); err != nil || tokens.Status == http.StatusOK {
		t.Errorf("without a broker: %d %v, want a refusal", tokens.Status, err)
	}
}

func TestFirstPartyScopesNeedPreauthorisation(t *testing.T) {
	w := newWorld(t)
	w.client.ClientID, w.client.Redirect = store.ClientAzureCLI, "http://localhost:8400"
	b := w.browser()
	w.open(b, nil)
	if steps, err := b.SignIn(w.credentials()); err == nil {
		t.Fatalf("signed in after %v", steps)
	}
	if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, "AADSTS65002") {
		t.Errorf("strServiceExceptionMessage %q, want AADSTS65002", got)
	}
}
