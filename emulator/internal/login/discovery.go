package login

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// metadataV2 and metadataV1 are the OpenID configuration (fields observed in captures).
func (s *Server) metadataV2(r *http.Request) answer { return s.metadata(r, true) }

func (s *Server) metadataV1(r *http.Request) answer { return s.metadata(r, false) }

func (s *Server) metadata(r *http.Request, v2 bool) answer {
	segment, issuerTenant := r.PathValue("tenant"), "{tenantid}"
	if !anyTenant(segment) {
		id, ok := s.store.Resolve(segment)
		if !ok {
			return s.refuseToken(r, "", fail(unknownTenant, "invalid_tenant", "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", segment))
		}
		issuerTenant = id
	}
	return jsonAnswer(http.StatusOK, document(cloudOf(r), segment, issuerTenant, v2))
}

func document(c cloud.Cloud, segment, issuerTenant string, v2 bool) map[string]any {
	base, oauth := "https://"+c.Login+"/"+segment, "/oauth2"
	issuer := c.IssuerV1 + issuerTenant + "/"
	if v2 {
		oauth, issuer = "/oauth2/v2.0", c.IssuerV2+issuerTenant+"/v2.0"
	}
	keys := base + "/discovery/keys"
	if v2 {
		keys = base + "/discovery/v2.0/keys"
	}
	return map[string]any{
		"issuer": issuer, "authorization_endpoint": base + oauth + "/authorize", "token_endpoint": base + oauth + "/token",
		"device_authorization_endpoint": base + oauth + "/devicecode", "end_session_endpoint": base + oauth + "/logout",
		"jwks_uri": keys, "userinfo_endpoint": "https://" + c.Graph + "/oidc/userinfo",
		"kerberos_endpoint":                     base + "/kerberos",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      oidcScopes,
		"claims_supported": []string{
			"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
			"aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
		},
		"request_uri_parameter_supported": false, "http_logout_supported": true, "frontchannel_logout_supported": true,
		"tenant_region_scope": "EU", "cloud_instance_name": c.InstanceName, "cloud_graph_host_name": c.LegacyGraph,
		"msgraph_host": c.Graph, "rbac_url": "https://pas.windows.net",
	}
}

// keyDocument publishes the signing keys: a tenant's own, or at an address that names none
// those of all tenants.
func (s *Server) keyDocument(r *http.Request) answer {
	c, tenant, tenants := cloudOf(r), "{tenantid}", s.store.TenantIDs()
	if id, ok := s.store.Resolve(r.PathValue("tenant")); ok {
		tenant, tenants = id, []string{id}
	}
	keys, err := s.keys.Document(c.IssuerV2+tenant+"/v2.0", c.InstanceName, s.publishedKeys(tenants))
	if err != nil {
		return textAnswer(http.StatusInternalServerError, err.Error())
	}
	return jsonAnswer(http.StatusOK, map[string]any{"keys": keys})
}

func (s *Server) publishedKeys(tenants []string) []int {
	var numbers []int
	for _, id := range tenants {
		// A tenant deleted in between publishes nothing.
		_ = s.store.With(id, func(t *store.Tenant) error {
			numbers = append(numbers, t.Signing.Published(t.Now())...)
			return nil
		})
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// instance tells a client which hosts belong to one cloud, and that the host of its authority
// is one of them (shapes observed; the refusal in MSAL.js #2357).
func (s *Server) instance(r *http.Request) answer {
	if !knownInstance(r.URL.Query().Get("authorization_endpoint")) {
		return s.refuseToken(r, "", fail(unknownInstance, "invalid_instance", "Unknown or invalid instance."))
	}
	var metadata []map[string]any
	for _, c := range cloud.Clouds() {
		aliases := append([]string{c.Login}, c.LoginAliases...)
		cache := c.Login
		if c.Name == "public" {
			cache, aliases = "login.windows.net", append(aliases, c.Fido)
		}
		metadata = append(metadata, map[string]any{"preferred_network": c.Login, "preferred_cache": cache, "aliases": aliases})
	}
	return jsonAnswer(http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": "https://" + cloudOf(r).Login + "/common/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1", "metadata": metadata,
	})
}

// knownInstance says whether an authorization endpoint is on a sign-in host of a cloud; none
// at all is.
func knownInstance(endpoint string) bool {
	if endpoint == "" {
		return true
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	_, part, ok := cloud.Of(u.Host)
	return ok && (part == cloud.Login || part == cloud.Fido)
}

// machineNow is the machine's time, for answers that belong to no tenant.
func (s *Server) machineNow() time.Time { return time.Now().UTC() }
