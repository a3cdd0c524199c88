package login_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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
