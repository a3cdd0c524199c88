package graph

import (
	"context"
	"fmt"
	"slices"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"

	"github.com/reprompt/reprompt/secret"
)

// AppIDGraph is Microsoft Graph as a resource, in every cloud.
const AppIDGraph = "00000003-0000-0000-c000-000000000000"

// defaultAppRole assigns somebody to an application that declares no roles of its own (documented).
const defaultAppRole = "00000000-0000-0000-0000-000000000000"

// The requests below are written by hand: the SDK's builders for applications and service principals
// would double what is compiled of it.

// Registration is an app registration.
type Registration struct {
	ID             string   `json:"id"`    // object id
	ClientID       string   `json:"appId"` // what clients name
	Name           string   `json:"displayName"`
	Tags           []string `json:"tags"`
	PublicFallback bool     `json:"isFallbackPublicClient"` // device code and the like are allowed; false for null
	PublicClient   struct {
		RedirectURIs []string `json:"redirectUris"`
	} `json:"publicClient"`
	OptionalClaims struct {
		IDToken []struct {
			Name string `json:"name"`
		} `json:"idToken"`
	} `json:"optionalClaims"`
}

// IDClaims are the names of the optional claims of the ID token.
func (r Registration) IDClaims() (names []string) {
	for _, claim := range r.OptionalClaims.IDToken {
		names = append(names, claim.Name)
	}
	return names
}

// Registration returns an app registration by object id. IsNotFound tells that there is none.
func (c *Client) Registration(ctx context.Context, id string) (Registration, error) {
	return one[Registration](ctx, c.v1, "get app registration", request(abs.GET, c.v1, "/applications/{id}", map[string]string{"id": id}), nil)
}

// Registrations returns the app registrations with a client id: one or none.
func (c *Client) Registrations(ctx context.Context, clientID string) ([]Registration, error) {
	return c.registrationsWhere(ctx, equal("appId", clientID))
}

// RegistrationsNamed returns the app registrations of a display name.
func (c *Client) RegistrationsNamed(ctx context.Context, name string) ([]Registration, error) {
	return c.registrationsWhere(ctx, equal("displayName", name))
}

func (c *Client) registrationsWhere(ctx context.Context, filter string) ([]Registration, error) {
	info := request(abs.GET, c.v1, "/applications{?%24filter}", map[string]string{"%24filter": filter})
	return list[Registration](ctx, c.v1, "find app registration", info, nil)
}

// NewRegistration is an app registration to be made, for this tenant's accounts only.
type NewRegistration struct {
	Name, Notes  string
	Tags         []string
	RedirectURIs []string // of a public client; none for an application that signs in as itself
	IDClaims     []string // optional claims of the ID token
	// Certificate verifies what the application signs with its key: DER. Empty for none.
	Certificate []byte
	// Scopes and Roles are permission ids of Graph, that the registration names as wanted.
	Scopes, Roles []string
}

// CreateRegistration makes an app registration. It allows no public client flow beyond the redirect
// URIs: no device code, no password grant.
func (c *Client) CreateRegistration(ctx context.Context, n NewRegistration) (Registration, error) {
	info, err := withBody(request(abs.POST, c.v1, "/applications", nil), n.body())
	return one[Registration](ctx, c.v1, "create app registration", info, err)
}

func (n NewRegistration) body() map[string]any {
	body := map[string]any{
		"displayName": n.Name, "notes": n.Notes, "tags": n.Tags, "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": false,
	}
	var access []map[string]string
	for kind, ids := range map[string][]string{"Scope": n.Scopes, "Role": n.Roles} {
		for _, id := range ids {
			access = append(access, map[string]string{"id": id, "type": kind})
		}
	}
	if len(access) > 0 {
		body["requiredResourceAccess"] = []map[string]any{{"resourceAppId": AppIDGraph, "resourceAccess": access}}
	}
	if len(n.RedirectURIs) > 0 {
		body["publicClient"] = map[string]any{"redirectUris": n.RedirectURIs}
	}
	if len(n.IDClaims) > 0 {
		var claims []map[string]any
		for _, name := range n.IDClaims {
			claims = append(claims, map[string]any{"name": name, "essential": false})
		}
		body["optionalClaims"] = map[string]any{"idToken": claims}
	}
	if len(n.Certificate) > 0 {
		body["keyCredentials"] = []map[string]any{{"type": "AsymmetricX509Cert", "usage": "Verify", "key": n.Certificate, "displayName": n.Name}}
	}
	return body
}

// AddPassword gives an app registration a client secret that ends at an instant. It is shown this once.
func (c *Client) AddPassword(ctx context.Context, id, name string, ends time.Time) (secret.Text, error) {
	info, err := withBody(request(abs.POST, c.v1, "/applications/{id}/addPassword", map[string]string{"id": id}),
		map[string]any{"passwordCredential": map[string]any{"displayName": name, "endDateTime": ends.UTC().Format(time.RFC3339)}})
	got, err := one[struct {
		Text string `json:"secretText"`
	}](ctx, c.v1, "add client secret", info, err)
	return secret.New(got.Text), err
}

// DeleteRegistration moves an app registration, and its service principal with all that was granted
// to it, to the tenant's deleted items, where it stays for 30 days (documented). IsNotFound tells that
// there was none.
func (c *Client) DeleteRegistration(ctx context.Context, id string) error {
	return c.drop(ctx, "delete app registration", "/applications/{id}", map[string]string{"id": id})
}

func (c *Client) drop(ctx context.Context, op, template string, values map[string]string) error {
	_, err := send(ctx, c.v1, op, request(abs.DELETE, c.v1, template, values), nil)
	return err
}

// Permission is one that a resource offers.
type Permission struct {
	ID    string `json:"id"`
	Value string `json:"value"` // its name, such as Policy.Read.All
}

// ServicePrincipal is an application as a tenant knows it.
type ServicePrincipal struct {
	ID                 string       `json:"id"`
	ClientID           string       `json:"appId"`
	Name               string       `json:"displayName"`
	AssignmentRequired bool         `json:"appRoleAssignmentRequired"`
	Roles              []Permission `json:"appRoles"`               // application permissions that it offers
	Scopes             []Permission `json:"oauth2PermissionScopes"` // delegated permissions that it offers
}

// Role is the id of an application permission that it offers, Scope of a delegated one.
func (s ServicePrincipal) Role(name string) (string, error) { return idOf(s.Roles, s.Name, name) }

// Scope is the id of a delegated permission that it offers.
func (s ServicePrincipal) Scope(name string) (string, error) { return idOf(s.Scopes, s.Name, name) }

func idOf(permissions []Permission, resource, name string) (string, error) {
	i := slices.IndexFunc(permissions, func(p Permission) bool { return p.Value == name })
	if i < 0 {
		return "", fmt.Errorf("%s of this cloud offers no permission %s", resource, name)
	}
	return permissions[i].ID, nil
}

// ServicePrincipals returns the service principals with a client id: one or none.
func (c *Client) ServicePrincipals(ctx context.Context, clientID string) ([]ServicePrincipal, error) {
	info := request(abs.GET, c.v1, "/servicePrincipals{?%24filter}", map[string]string{"%24filter": equal("appId", clientID)})
	return list[ServicePrincipal](ctx, c.v1, "find service principal", info, nil)
}

// CreateServicePrincipal makes a registration known in the tenant. With assigned, only who is
// assigned to it gets a token.
func (c *Client) CreateServicePrincipal(ctx context.Context, clientID string, assigned bool) (ServicePrincipal, error) {
	info, err := withBody(request(abs.POST, c.v1, "/servicePrincipals", nil),
		map[string]any{"appId": clientID, "appRoleAssignmentRequired": assigned})
	return one[ServicePrincipal](ctx, c.v1, "create service principal", info, err)
}

// AppAssignment is a user or group that may use an application, or a permission of it that another
// application was given.
type AppAssignment struct {
	ID            string `json:"id"`
	AppRoleID     string `json:"appRoleId"`
	PrincipalID   string `json:"principalId"`
	PrincipalName string `json:"principalDisplayName"`
	PrincipalType string `json:"principalType"` // User, Group, ServicePrincipal
}

// AssignedTo returns who may use an application, by the object id of its service principal.
func (c *Client) AssignedTo(ctx context.Context, principalID string) ([]AppAssignment, error) {
	info := request(abs.GET, c.v1, "/servicePrincipals/{id}/appRoleAssignedTo", map[string]string{"id": principalID})
	return list[AppAssignment](ctx, c.v1, "list who may use the application", info, nil)
}

// AssignUser lets a user use an application.
func (c *Client) AssignUser(ctx context.Context, principalID, userID string) (AppAssignment, error) {
	info, err := withBody(request(abs.POST, c.v1, "/servicePrincipals/{id}/appRoleAssignedTo", map[string]string{"id": principalID}),
		map[string]string{"principalId": userID, "resourceId": principalID, "appRoleId": defaultAppRole})
	return one[AppAssignment](ctx, c.v1, "assign user to application", info, err)
}

// UnassignUser takes an assignment of AssignUser away. IsNotFound tells that there was none.
func (c *Client) UnassignUser(ctx context.Context, principalID, id string) error {
	return c.drop(ctx, "take assignment away", "/servicePrincipals/{id}/appRoleAssignedTo/{assignment}", map[string]string{"id": principalID, "assignment": id})
}

// Permissions returns the application permissions that an application was given.
func (c *Client) Permissions(ctx context.Context, principalID string) ([]AppAssignment, error) {
	info := request(abs.GET, c.v1, "/servicePrincipals/{id}/appRoleAssignments", map[string]string{"id": principalID})
	return list[AppAssignment](ctx, c.v1, "list application permissions", info, nil)
}

// GivePermission gives an application a permission that resourceID offers.
func (c *Client) GivePermission(ctx context.Context, principalID, resourceID, roleID string) error {
	info, err := withBody(request(abs.POST, c.v1, "/servicePrincipals/{id}/appRoleAssignments", map[string]string{"id": principalID}),
		map[string]string{"principalId": principalID, "resourceId": resourceID, "appRoleId": roleID})
	_, err = send(ctx, c.v1, "give application permission", info, err)
	return err
}

// TakePermission takes an application permission away.
func (c *Client) TakePermission(ctx context.Context, principalID, id string) error {
	return c.drop(ctx, "take application permission away", "/servicePrincipals/{id}/appRoleAssignments/{assignment}", map[string]string{"id": principalID, "assignment": id})
}

// Values of Consent.Type.
const (
	ConsentForAll = "AllPrincipals"
	ConsentForOne = "Principal"
)

// Consent lets an application act in the name of users.
type Consent struct {
	ID          string `json:"id,omitempty"`
	ClientID    string `json:"clientId"`    // object id of the application's service principal
	Type        string `json:"consentType"` // ConsentForAll or ConsentForOne
	PrincipalID string `json:"principalId,omitempty"`
	ResourceID  string `json:"resourceId"` // object id of the resource's service principal
	Scope       string `json:"scope"`      // names, separated by spaces
}

// Consents returns what was consented to for an application.
func (c *Client) Consents(ctx context.Context, principalID string) ([]Consent, error) {
	info := request(abs.GET, c.v1, "/oauth2PermissionGrants{?%24filter}", map[string]string{"%24filter": equal("clientId", principalID)})
	return list[Consent](ctx, c.v1, "list consent", info, nil)
}

// GiveConsent consents in the name of one user.
func (c *Client) GiveConsent(ctx context.Context, consent Consent) (Consent, error) {
	info, err := withBody(request(abs.POST, c.v1, "/oauth2PermissionGrants", nil), consent)
	return one[Consent](ctx, c.v1, "give consent", info, err)
}

// WithdrawConsent takes a consent back. IsNotFound tells that there was none.
func (c *Client) WithdrawConsent(ctx context.Context, id string) error {
	return c.drop(ctx, "withdraw consent", "/oauth2PermissionGrants/{id}", map[string]string{"id": id})
}
