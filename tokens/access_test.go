package tokens_test

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// graphToken has the shape of a version 1 token for Microsoft Graph: a header nonce, scopes in one
// string, no auth_time.
func graphToken(t testing.TB, change map[string]any) secret.Text {
	t.Helper()
	claims := jwt.MapClaims{
		"aud": "https://graph.microsoft.com", "iss": "https://sts.windows.net/" + tenant + "/",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(65 * time.Minute).Unix(),
		"appid": client, "oid": admin, "tid": tenant, "sid": "session-1", "uti": "uti-2",
		"scp": "RoleAssignmentSchedule.ReadWrite.Directory openid profile", "wids": []string{"b79fbf4d-3ef9-4689-8143-76b194e85509"},
		"acrs": []string{"c1"}, "amr": []string{"pwd", "mfa"}, "xms_cc": []string{"cp1"},
	}
	for name, v := range change {
		if claims[name] = v; v == nil {
			delete(claims, name)
		}
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["nonce"] = "header-nonce"
	raw, err := token.SignedString(tenantKey())
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(raw)
}

func TestReadAccess(t *testing.T) {
	got, err := tokens.ReadAccess(graphToken(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.SHA256) != 64 {
		t.Errorf("digest is %q", got.SHA256)
	}
	got.SHA256 = ""
	want := tokens.AccessClaims{
		Audience: "https://graph.microsoft.com", Issuer: "https://sts.windows.net/" + tenant + "/",
		AppID: client, ObjectID: admin, TenantID: tenant, SessionID: "session-1", UTI: "uti-2",
		Scopes: []string{"RoleAssignmentSchedule.ReadWrite.Directory", "openid", "profile"},
		WIDs:   []string{"b79fbf4d-3ef9-4689-8143-76b194e85509"},
		ACRS:   []string{"c1"}, AMR: []string{"pwd", "mfa"}, XMSCC: []string{"cp1"},
		IssuedAt: now, NotBefore: now, Expires: now.Add(65 * time.Minute),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestReadAccessOfAnApplication(t *testing.T) {
	got, err := tokens.ReadAccess(graphToken(t, map[string]any{"scp": nil, "appid": nil, "azp": "v2-client", "roles": []string{"Policy.Read.All"}}))
	if err != nil {
		t.Fatal(err)
	}
	if got.Scopes != nil || got.AppID != "v2-client" || !cmp.Equal(got.Roles, []string{"Policy.Read.All"}) {
		t.Errorf("scopes %v, app %q, roles %v", got.Scopes, got.AppID, got.Roles)
	}
}

func TestReadAccessRefusesWhatItCannotRead(t *testing.T) {
	for _, row := range []struct {
		name    string
		raw     secret.Text
		refused string
	}{
		{"no token", secret.Text{}, "token"},
		{"opaque token", secret.New("EwBgA8l6BAAU"), "token"},
		{"encrypted token of five parts", secret.New("a.b.c.d.e"), "token"},
		{"context as a string", graphToken(t, map[string]any{"acrs": "c1"}), "acrs"},
		{"scopes as a list", graphToken(t, map[string]any{"scp": []string{"a"}}), "scp"},
		{"expiry as a string", graphToken(t, map[string]any{"exp": "soon"}), "exp"},
	} {
		got, err := tokens.ReadAccess(row.raw)
		var refused *tokens.RefusedError
		if !errors.As(err, &refused) || refused.Field != row.refused {
			t.Errorf("%s: error is %v, want refused for %q", row.name, err, row.refused)
		}
		if diff := cmp.Diff(tokens.AccessClaims{}, got); diff != "" {
			t.Errorf("%s yields claims:\n%s", row.name, diff)
		}
	}
}

func TestReadAccessDoesNotNeedAKnownAlgorithm(t *testing.T) {
	raw := mint{header: map[string]any{"alg": "XX1"}}.token(t)
	if _, err := tokens.ReadAccess(raw); err != nil {
		t.Errorf("opaque evidence is refused for its algorithm: %v", err)
	}
}

func TestHasContext(t *testing.T) {
	c := tokens.AccessClaims{ACRS: []string{"urn:user:registersecurityinfo", "c1", "c12"}}
	for id, want := range map[string]bool{"c1": true, "c12": true, "c2": false, "": false, "C1": false} {
		if got := c.HasContext(id); got != want {
			t.Errorf("HasContext(%q) = %v", id, got)
		}
	}
}

func TestHasCP1IgnoresCase(t *testing.T) {
	for capability, want := range map[string]bool{"cp1": true, "CP1": true, "cp2": false, "": false} {
		if got := (tokens.AccessClaims{XMSCC: []string{capability}}).HasCP1(); got != want {
			t.Errorf("HasCP1 with %q is %v", capability, got)
		}
	}
}
