package services_test

import (
	"net/http"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// An application that Graph registered gets tokens when it has a service principal and a
// secret, and none before.
func TestARegisteredApplicationGetsTokensOnceItHasAServicePrincipal(t *testing.T) {
	w := newTenant(t)
	w.allowRegistrations()
	var app struct{ ID, AppID string }
	w.graph(http.MethodPost, "/v1.0/applications", map[string]any{"displayName": "Tool"}, &app)
	var secret struct{ SecretText string }
	w.graph(http.MethodPost, "/v1.0/applications/"+app.ID+"/addPassword", map[string]any{}, &secret)
	redeem := func() walker.Tokens {
		tokens, err := walker.New(w).Token(walker.Client{Tenant: w.facts.TenantID, ClientID: app.AppID}, map[string]string{
			"grant_type": "client_credentials", "client_secret": secret.SecretText, "scope": "https://graph.microsoft.com/.default",
		})
		if err != nil {
			t.Fatal(err)
		}
		return tokens
	}
	if tokens := redeem(); tokens.Status == http.StatusOK || len(tokens.Codes) == 0 || tokens.Codes[0] != 700016 {
		t.Errorf("without a service principal: %d %v", tokens.Status, tokens.Codes)
	}
	w.graph(http.MethodPost, "/v1.0/servicePrincipals", map[string]any{"appId": app.AppID}, &struct{}{})
	if tokens := redeem(); tokens.Status != http.StatusOK {
		t.Errorf("with a service principal: %d %s", tokens.Status, tokens.Description)
	}
}

// allowRegistrations gives the fixtures application the permission that it has not by
// default, and a token with it.
func (w *tenant) allowRegistrations() {
	w.Helper()
	w.with(func(t *store.Tenant) {
		app, _ := t.Apps.Get(w.facts.FixturesID)
		app.AppRoles = append(app.AppRoles, "Application.ReadWrite.All")
	})
	w.token = w.fixturesToken()
}
