package graph_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
)

func TestRegistrationWrites(t *testing.T) {
	for name, row := range map[string]struct {
		do     func(*testing.T, *graph.Client) error
		method string
		path   string
		body   map[string]any
	}{
		"a public client": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.CreateRegistration(t.Context(), graph.NewRegistration{Name: "n", Notes: "why", Tags: []string{"t"}, RedirectURIs: []string{"http://localhost"}, IDClaims: []string{"sid"}, Scopes: []string{"s1"}})
				return err
			}, "POST", "/v1.0/applications",
			map[string]any{
				"displayName": "n", "notes": "why", "tags": []any{"t"}, "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": false,
				"publicClient":           map[string]any{"redirectUris": []any{"http://localhost"}},
				"optionalClaims":         map[string]any{"idToken": []any{map[string]any{"name": "sid", "essential": false}}},
				"requiredResourceAccess": []any{map[string]any{"resourceAppId": graph.AppIDGraph, "resourceAccess": []any{map[string]any{"id": "s1", "type": "Scope"}}}},
			},
		},
		"an application with a certificate": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.CreateRegistration(t.Context(), graph.NewRegistration{Name: "n", Tags: []string{}, Certificate: []byte{1, 2}})
				return err
			}, "POST", "/v1.0/applications",
			map[string]any{
				"displayName": "n", "notes": "", "tags": []any{}, "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": false,
				"keyCredentials": []any{map[string]any{"type": "AsymmetricX509Cert", "usage": "Verify", "key": "AQI=", "displayName": "n"}},
			},
		},
		"a service principal": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.CreateServicePrincipal(t.Context(), "client", true)
				return err
			}, "POST", "/v1.0/servicePrincipals", map[string]any{"appId": "client", "appRoleAssignmentRequired": true},
		},
		"a client secret": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.AddPassword(t.Context(), "a1", "p", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
				return err
			}, "POST", "/v1.0/applications/a1/addPassword", map[string]any{"passwordCredential": map[string]any{"displayName": "p", "endDateTime": "2027-01-01T00:00:00Z"}},
		},
		"an assignment": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.AssignUser(t.Context(), "s1", "u1")
				return err
			}, "POST", "/v1.0/servicePrincipals/s1/appRoleAssignedTo",
			map[string]any{"principalId": "u1", "resourceId": "s1", "appRoleId": "00000000-0000-0000-0000-000000000000"},
		},
		"a permission": {
			func(t *testing.T, c *graph.Client) error { return c.GivePermission(t.Context(), "s1", "g1", "r1") },
			"POST", "/v1.0/servicePrincipals/s1/appRoleAssignments",
			map[string]any{"principalId": "s1", "resourceId": "g1", "appRoleId": "r1"},
		},
		"consent of one": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.GiveConsent(t.Context(), graph.Consent{ClientID: "s1", Type: graph.ConsentForOne, PrincipalID: "u1", ResourceID: "g1", Scope: "a b"})
				return err
			}, "POST", "/v1.0/oauth2PermissionGrants",
			map[string]any{"clientId": "s1", "consentType": "Principal", "principalId": "u1", "resourceId": "g1", "scope": "a b"},
		},
		"no registration": {
			func(t *testing.T, c *graph.Client) error { return c.DeleteRegistration(t.Context(), "a1") }, "DELETE", "/v1.0/applications/a1", nil,
		},
		"no consent": {
			func(t *testing.T, c *graph.Client) error { return c.WithdrawConsent(t.Context(), "c1") }, "DELETE", "/v1.0/oauth2PermissionGrants/c1", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, reply{status: http.StatusCreated, body: `{"id":"made"}`})
			if err := row.do(t, s.client(t)); err != nil {
				t.Fatal(err)
			}
			got := s.only(t)
			if got.method != row.method || got.path != row.path {
				t.Errorf("%s %s, want %s %s", got.method, got.path, row.method, row.path)
			}
			if row.body == nil {
				return
			}
			if diff := cmp.Diff(row.body, decoded(t, got.body)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRegistrationReads(t *testing.T) {
	s := serve(t, ok(`{"value":[{"id":"a","appId":"c","isFallbackPublicClient":null,"publicClient":{"redirectUris":["http://localhost"]},"optionalClaims":{"idToken":[{"name":"sid"}]}}]}`))
	found, err := s.client(t).Registrations(t.Context(), "it's")
	if err != nil || len(found) != 1 || found[0].PublicFallback || len(found[0].IDClaims()) != 1 {
		t.Errorf("registrations are %+v, %v", found, err)
	}
	if got := s.only(t).query.Get("$filter"); got != "appId eq 'it''s'" {
		t.Errorf("filter is %q", got)
	}
}

func TestMethodsOfAnAccount(t *testing.T) {
	s := serve(t, ok(`{"value":[{"@odata.type":"#microsoft.graph.passwordAuthenticationMethod","id":"p"},{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethod","id":"t","isUsable":false}]}`))
	got, err := s.client(t).Methods(t.Context(), "u1")
	want := []graph.Method{{ID: "p", Kind: graph.MethodPassword, Usable: true}, {ID: "t", Kind: graph.MethodAccessPass}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("methods (-want +got): %v\n%s", err, diff)
	}
}
