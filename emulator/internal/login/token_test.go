package login_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

func TestIDTokenClaims(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.signIn(b, nil)
	claims := claimsOf(t, w.redeem(b).ID)
	want := map[string]any{
		"iss": "https://login.microsoftonline.com/" + w.facts.TenantID + "/v2.0", "aud": w.facts.HarnessID,
		"oid": w.facts.AdminID, "tid": w.facts.TenantID, "ver": "2.0", "nonce": "the nonce",
		"preferred_username": w.facts.AdminUPN, "auth_time": float64(begin.Unix()),
	}
	for name, value := range want {
		if claims[name] != value {
			t.Errorf("%s = %v, want %v", name, claims[name], value)
		}
	}
	for _, name := range []string{"iat", "nbf", "exp", "sub", "uti", "rh", "sid", "login_hint", "name"} {
		if claims[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if claims["sub"] == claims["oid"] {
		t.Error("sub is not pairwise")
	}
}

func TestOptionalClaimsNeedTheRegistration(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) {
		app, _ := t.Apps.Get(w.facts.HarnessID)
		app.IDClaims = nil
	})
	b := w.browser()
	w.signIn(b, nil)
	claims := claimsOf(t, w.redeem(b).ID)
	for _, name := range []string{"auth_time", "sid", "login_hint", "acrs"} {
		if claims[name] != nil {
			t.Errorf("%s = %v without the optional claim", name, claims[name])
		}
	}
}

func TestAccessTokenClaims(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	b := w.browser()
	w.signIn(b, map[string]string{"claims": `{"access_token":{"xms_cc":{"values":["CP1"]}}}`})
	tokens := w.redeem(b)
	claims := claimsOf(t, tokens.Access)
	want := map[string]any{
		"aud": "https://graph.microsoft.com", "iss": "https://sts.windows.net/" + w.facts.TenantID + "/", "ver": "1.0",
		"appid": w.facts.HarnessID, "appidacr": "0", "idtyp": "user", "oid": w.facts.AdminID, "tid": w.facts.TenantID,
		"upn": w.facts.AdminUPN, "amr": []any{"pwd", "mfa"}, "xms_cc": []any{"CP1"},
	}
	for name, value := range want {
		if diff := cmp.Diff(value, claims[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if claims["auth_time"] != nil {
		t.Error("a Graph token has no auth_time (observed)")
	}
	if scp := strings.Fields(claims["scp"].(string)); !slices.Contains(scp, "RoleAssignmentSchedule.ReadWrite.Directory") || slices.Contains(scp, "offline_access") {
		t.Errorf("scp %v", scp)
	}
	if tokens.ExpiresIn < 3600 || tokens.ExpiresIn >= 5400 {
		t.Errorf("expires_in %d, want 60 to 90 minutes", tokens.ExpiresIn)
	}
}

func TestContextsInTheAccessToken(t *testing.T) {
	for name, row := range map[string]struct {
		rules    []rule
		free     []string // published contexts without a policy
		unasked  bool
		extra    map[string]string
		contexts []any
	}{
		"asked and satisfied":                    {[]rule{{context: "c1", mfa: true}}, nil, true, stepUp("c1"), []any{"c1"}},
		"protected and not asked":                {[]rule{{context: "c1", mfa: true}}, nil, true, nil, nil},
		"unprotected and not asked":              {nil, []string{"c3"}, true, nil, []any{"c3"}},
		"unprotected, with unasked contexts off": {nil, []string{"c3"}, false, nil, nil},
		"its only policy is in report-only":      {[]rule{{context: "c1", mfa: true, state: "enabledForReportingButNotEnforced"}}, nil, true, nil, []any{"c1"}},
		"asked without any policy":               {nil, []string{"c3"}, false, stepUp("c3"), []any{"c3"}},
		"asked and not published":                {nil, nil, true, stepUp("c7"), nil},
		"asked beside an unprotected one":        {[]rule{{context: "c1", mfa: true}}, []string{"c3"}, true, stepUp("c1"), []any{"c1", "c3"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(row.rules...)
			w.tenant(func(t *store.Tenant) {
				t.Settings.UnaskedContexts = row.unasked
				for _, id := range row.free {
					t.Contexts.Put(id, store.Context{ID: id, Available: true}, t.Now())
				}
			})
			b := w.browser()
			w.signIn(b, row.extra)
			claims := claimsOf(t, w.redeem(b).Access)
			var got []any
			if claims["acrs"] != nil {
				got = claims["acrs"].([]any)
			}
			if diff := cmp.Diff(row.contexts, got); diff != "" {
				t.Errorf("acrs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCodeIsBound(t *testing.T) {
	for name, row := range map[string]struct {
		form   map[string]string
		wait   time.Duration
		number int
	}{
		"as it should be":   {nil, 0, 0},
		"wrong verifier":    {map[string]string{"code_verifier": "another"}, 0, 501481},
		"no verifier":       {map[string]string{"code_verifier": ""}, 0, 501481},
		"other redirect":    {map[string]string{"redirect_uri": "http://localhost:1"}, 0, 500112},
		"other client":      {map[string]string{"client_id": store.ClientAzureCLI}, 0, 70000},
		"after 9:59":        {nil, 10*time.Minute - time.Second, 0},
		"after 10:01":       {nil, 10*time.Minute + time.Second, 70008},
		"made up":           {map[string]string{"code": "made up"}, 0, 70000},
		"unknown client":    {map[string]string{"client_id": "nobody"}, 0, 700016},
		"unsupported grant": {map[string]string{"grant_type": "password"}, 0, 70003},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			w.signIn(b, nil)
			w.advance(row.wait)
			form := map[string]string{
				"grant_type": "authorization_code", "code": b.Page.Parameters().Get("code"),
				"redirect_uri": w.client.Redirect, "code_verifier": walker.Verifier,
			}
			maps.Copy(form, row.form)
			tokens, err := b.Token(w.client, form)
			if err != nil {
				t.Fatal(err)
			}
			if row.number == 0 {
				if tokens.Status != http.StatusOK {
					t.Fatalf("refused: %s", tokens.Description)
				}
				again, err := b.Token(w.client, form)
				if err != nil || !slices.Contains(again.Codes, 54005) {
					t.Errorf("a second redemption: %v %v, want AADSTS54005", again.Codes, err)
				}
				return
			}
			if !slices.Contains(tokens.Codes, row.number) || tokens.Access != "" {
				t.Errorf("answer %d %v %s, want AADSTS%d", tokens.Status, tokens.Codes, tokens.Description, row.number)
			}
			if !strings.Contains(tokens.Description, "Trace ID: ") || !strings.Contains(tokens.Description, "Timestamp: 2026-11-23") {
				t.Errorf("error_description %q has no trace or not the tenant's time", tokens.Description)
			}
		})
	}
}

func TestACodeOfADeletedUserIsRefused(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.signIn(b, nil)
	w.tenant(func(t *store.Tenant) { t.Users.Delete(w.facts.AdminID) })
	tokens, err := b.Redeem(w.client)
	if err != nil || !slices.Contains(tokens.Codes, 50034) {
		t.Errorf("answer %d %v %v, want AADSTS50034", tokens.Status, tokens.Codes, err)
	}
}

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

func TestACodeIsRedeemedForTheScopesOfTheTokenRequest(t *testing.T) {
	const graph = "https://graph.microsoft.com/User.Read"
	for name, row := range map[string]struct {
		authorize, token string
		oauth            string
		id, refresh      bool
	}{
		"openid at the token endpoint":     {authorize: graph, token: graph + " openid offline_access", id: true, refresh: true},
		"openid at the authorize endpoint": {authorize: graph + " openid offline_access", token: graph, id: true, refresh: true},
		"no scope at the token endpoint":   {authorize: graph + " openid", id: true},
		"another resource":                 {authorize: graph, token: "https://api.azrbac.mspim.azure.com/.default", oauth: "invalid_scope"},
		"a permission without consent":     {authorize: graph, token: "https://graph.microsoft.com/Mail.Read", oauth: "invalid_grant"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			w.signIn(b, map[string]string{"scope": row.authorize})
			form := map[string]string{
				"grant_type": "authorization_code", "code": b.Page.Parameters().Get("code"),
				"redirect_uri": w.client.Redirect, "code_verifier": walker.Verifier,
			}
			if row.token != "" {
				form["scope"] = row.token
			}
			tokens, err := b.Token(w.client, form)
			if err != nil {
				t.Fatal(err)
			}
			if tokens.Error != row.oauth || (tokens.Access != "") != (row.oauth == "") {
				t.Fatalf("answer %q: %s", tokens.Error, tokens.Description)
			}
			if (tokens.ID != "") != row.id || (tokens.Refresh != "") != row.refresh {
				t.Errorf("ID token %t, refresh token %t", tokens.ID != "", tokens.Refresh != "")
			}
		})
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

func TestClientCredentials(t *testing.T) {
	for name, row := range map[string]struct {
		form   map[string]string
		number int
		status int
	}{
		"right secret":             {nil, 0, http.StatusOK},
		"wrong secret":             {map[string]string{"client_secret": "guess"}, 7000215, http.StatusUnauthorized},
		"no secret":                {map[string]string{"client_secret": ""}, 7000218, http.StatusUnauthorized},
		"a single scope":           {map[string]string{"scope": "https://graph.microsoft.com/User.Read.All"}, 1002012, http.StatusBadRequest},
		"another resource":         {map[string]string{"scope": "https://other.example/.default"}, 500011, http.StatusBadRequest},
		"a public client's secret": {map[string]string{"client_id": "harness"}, 700025, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.client.ClientID = w.facts.FixturesID
			form := map[string]string{
				"grant_type": "client_credentials", "client_secret": w.facts.FixturesSecret, "scope": "https://graph.microsoft.com/.default",
			}
			maps.Copy(form, row.form)
			if form["client_id"] == "harness" {
				form["client_id"] = w.facts.HarnessID
			}
			tokens, err := w.browser().Token(w.client, form)
			if err != nil {
				t.Fatal(err)
			}
			if tokens.Status != row.status || (row.number != 0) != slices.Contains(tokens.Codes, row.number) {
				t.Fatalf("answer %d %v, want %d AADSTS%d: %s", tokens.Status, tokens.Codes, row.status, row.number, tokens.Description)
			}
			if row.number != 0 {
				return
			}
			claims := claimsOf(t, tokens.Access)
			roles, _ := claims["roles"].([]any)
			if claims["idtyp"] != "app" || claims["scp"] != nil || !slices.Contains(roles, any("Policy.ReadWrite.ConditionalAccess")) {
				t.Errorf("claims %v", claims)
			}
		})
	}
}

// assertion signs a client assertion as MSAL does.
func assertion(t *testing.T, key crypto.Signer, method jwt.SigningMethod, header, claims map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestClientAssertion(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{SerialNumber: big.NewInt(1)}, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	padded, unpadded := base64.StdEncoding.EncodeToString(sum[:]), base64.RawURLEncoding.EncodeToString(sum[:])
	for name, row := range map[string]struct {
		method jwt.SigningMethod
		key    crypto.Signer
		header map[string]any
		claims map[string]any
		ok     bool
	}{
		"PS256, padded thumbprint":    {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, nil, true},
		"RS256, base64url thumbprint": {jwt.SigningMethodRS256, key, map[string]any{"x5t#S256": unpadded}, nil, true},
		"without a thumbprint":        {jwt.SigningMethodPS256, key, nil, nil, false},
		"ES256":                       {jwt.SigningMethodES256, other, map[string]any{"x5t#S256": padded}, nil, false},
		"expired":                     {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"exp": begin.Add(-time.Hour).Unix()}, false},
		"without an expiry":           {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"exp": nil}, false},
		"another audience":            {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"aud": "https://other.example"}, false},
		"another issuer":              {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"iss": "other"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.tenant(func(t *store.Tenant) {
				app, _ := t.Apps.Get(w.facts.FixturesID)
				app.Certificates = []store.AppCertificate{{ID: "1", Certificate: cert}}
			})
			claims := map[string]any{
				"iss": w.facts.FixturesID, "sub": w.facts.FixturesID, "exp": begin.Add(10 * time.Minute).Unix(), "jti": "1",
				"aud": fmt.Sprintf("https://login.microsoftonline.com/%s/oauth2/v2.0/token", w.facts.TenantID),
			}
			maps.Copy(claims, row.claims)
			maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
			w.client.ClientID = w.facts.FixturesID
			tokens, err := w.browser().Token(w.client, map[string]string{
				"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default",
				"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				"client_assertion":      assertion(t, row.key, row.method, row.header, claims),
			})
			if err != nil {
				t.Fatal(err)
			}
			if (tokens.Status == http.StatusOK) != row.ok {
				t.Errorf("answer %d %s", tokens.Status, tokens.Description)
			}
		})
	}
}

func TestDiscovery(t *testing.T) {
	w := newWorld(t)
	get := func(path string) map[string]any {
		t.Helper()
		b := w.browser()
		if err := b.Get("https://login.microsoftonline.com" + path); err != nil {
			t.Fatal(err)
		}
		var document map[string]any
		if err := json.Unmarshal([]byte(b.Page.HTML), &document); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if b.Page.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s: scripts of other origins cannot read it", path)
		}
		return document
	}
	id := w.facts.TenantID
	for path, issuer := range map[string]string{
		"/" + id + "/v2.0/.well-known/openid-configuration":             "https://login.microsoftonline.com/" + id + "/v2.0",
		"/" + w.facts.Domain + "/v2.0/.well-known/openid-configuration": "https://login.microsoftonline.com/" + id + "/v2.0",
		"/common/v2.0/.well-known/openid-configuration":                 "https://login.microsoftonline.com/{tenantid}/v2.0",
		"/" + id + "/.well-known/openid-configuration":                  "https://sts.windows.net/" + id + "/",
	} {
		if got := get(path)["issuer"]; got != issuer {
			t.Errorf("%s: issuer %v, want %s", path, got, issuer)
		}
	}
	keys, _ := get("/" + id + "/discovery/v2.0/keys")["keys"].([]any)
	if len(keys) != 2 {
		t.Errorf("%d keys, want 2", len(keys))
	}
	instance := get("/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/v2.0/authorize")
	if instance["tenant_discovery_endpoint"] == nil || instance["metadata"] == nil {
		t.Errorf("instance discovery %v", instance)
	}
	if refused := get("/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.elsewhere.example/common/oauth2/v2.0/authorize"); refused["error"] != "invalid_instance" {
		t.Errorf("unknown instance: %v", refused)
	}
	if refused := get("/nobody.example/v2.0/.well-known/openid-configuration"); refused["error"] != "invalid_tenant" {
		t.Errorf("unknown tenant: %v", refused)
	}
}

func TestDeviceCode(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	if err := b.Post("https://login.microsoftonline.com/"+w.facts.TenantID+"/oauth2/v2.0/devicecode",
		map[string][]string{"client_id": {w.facts.HarnessID}, "scope": {w.client.Scope}}); err != nil {
		t.Fatal(err)
	}
	var device struct {
		DeviceCode string `json:"device_code"`
		UserCode   string `json:"user_code"`
		URL        string `json:"verification_uri"`
	}
	if err := json.Unmarshal([]byte(b.Page.HTML), &device); err != nil {
		t.Fatal(err)
	}
	poll := func() walker.Tokens {
		t.Helper()
		// MSAL for Go sends the short name of the grant.
		tokens, err := b.Token(w.client, map[string]string{"grant_type": "device_code", "device_code": device.DeviceCode})
		if err != nil {
			t.Fatal(err)
		}
		return tokens
	}
	if got := poll().Error; got != "authorization_pending" {
		t.Errorf("before the user acts: %q, want authorization_pending", got)
	}
	if err := b.Get(device.URL); err != nil {
		t.Fatal(err)
	}
	if err := b.Submit("f1", map[string]string{"otc": device.UserCode}); err != nil {
		t.Fatal(err)
	}
	if err := b.Submit("f1", map[string]string{"loginfmt": w.facts.AdminUPN}); err != nil {
		t.Fatal(err)
	}
	if err := b.Submit("f1", map[string]string{"passwd": w.facts.Password}); err != nil {
		t.Fatal(err)
	}
	if b.Page.ID() != "CmsiInterrupt" {
		t.Fatalf("page %q, want the confirmation", b.Page.ID())
	}
	if err := b.Submit("f1", map[string]string{"ContinueAuth": "true"}); err != nil {
		t.Fatal(err)
	}
	tokens := poll()
	if tokens.Access == "" || tokens.ID == "" || tokens.Refresh == "" {
		t.Errorf("after the sign-in: %d %s", tokens.Status, tokens.Description)
	}
	if again := poll(); again.Status == http.StatusOK {
		t.Error("a device code was redeemed twice")
	}
}

func TestTokenAnswersCanBeReadAcrossOrigins(t *testing.T) {
	w := newWorld(t)
	request, err := http.NewRequest(http.MethodPost, "https://login.microsoftonline.com/"+w.facts.TenantID+"/oauth2/v2.0/token", strings.NewReader("client_id=nobody"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://entra.microsoft.com")
	response, err := w.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest || response.Header.Get("Access-Control-Allow-Origin") != "https://entra.microsoft.com" {
		t.Errorf("%s, allowed origin %q", response.Status, response.Header.Get("Access-Control-Allow-Origin"))
	}
}

// A token of another issuer proves an application that names it, and nothing else.
func TestFederatedAssertion(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		key    *rsa.PrivateKey
		claims map[string]any
		number string
	}{
		"as registered":     {key, nil, ""},
		"another issuer":    {key, map[string]any{"iss": "https://other.example"}, "AADSTS700211"},
		"another subject":   {key, map[string]any{"sub": "somebody"}, "AADSTS700213"},
		"another audience":  {key, map[string]any{"aud": "https://other.example"}, "AADSTS700212"},
		"another key":       {other, nil, "AADSTS50013"},
		"expired":           {key, map[string]any{"exp": begin.Add(-time.Hour).Unix()}, "AADSTS50013"},
		"without an expiry": {key, map[string]any{"exp": nil}, "AADSTS50013"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.tenant(func(t *store.Tenant) {
				app, _ := t.Apps.Get(w.facts.FixturesID)
				app.Federated = []store.FederatedCredential{{Issuer: "https://issuer.example", Subject: "job", Audience: "api://AzureADTokenExchange", Key: &key.PublicKey}}
			})
			claims := map[string]any{"iss": "https://issuer.example", "sub": "job", "aud": "api://AzureADTokenExchange", "exp": begin.Add(10 * time.Minute).Unix()}
			maps.Copy(claims, row.claims)
			maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
			w.client.ClientID = w.facts.FixturesID
			tokens, err := w.browser().Token(w.client, map[string]string{
				"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default",
				"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				"client_assertion":      assertion(t, row.key, jwt.SigningMethodRS256, nil, claims),
			})
			if err != nil {
				t.Fatal(err)
			}
			if (tokens.Status == http.StatusOK) != (row.number == "") || !strings.HasPrefix(tokens.Description, row.number) {
				t.Errorf("answer %d %s, want %q", tokens.Status, tokens.Description, row.number)
			}
		})
	}
}
