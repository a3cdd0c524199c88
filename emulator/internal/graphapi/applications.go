package graphapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var applicationType = &entity{directory: true, name: "microsoft.graph.application", properties: []string{
	"id", "deletedDateTime", "appId", "createdDateTime", "displayName", "description", "groupMembershipClaims", "identifierUris", "isFallbackPublicClient", "notes",
	"publisherDomain", "signInAudience", "tags", "optionalClaims", "api", "appRoles", "info", "keyCredentials", "passwordCredentials", "publicClient",
	"requiredResourceAccess", "web", "spa",
}}

var (
	redirectShape = shape{"redirectUris": texts, "homePageUrl": text, "logoutUrl": text, "implicitGrantSettings": anything, "redirectUriSettings": anything}
	claimsKind    = objectsOf(graphPrefix+"optionalClaim", shape{"name": text, "source": text, "essential": boolean, "additionalProperties": texts})
	applicationIn = &bodyType{applicationType.name, shape{
		"displayName": text, "description": text, "groupMembershipClaims": text, "identifierUris": texts, "isFallbackPublicClient": boolean, "notes": text,
		"signInAudience": oneOf("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"), "tags": texts,
		"optionalClaims": objectOf(graphPrefix+"optionalClaims", shape{"idToken": claimsKind, "accessToken": claimsKind, "saml2Token": claimsKind}),
		"api":            anything, "appRoles": anything, "info": anything,
		"requiredResourceAccess": objectsOf(graphPrefix+"requiredResourceAccess", shape{
			"resourceAppId": text, "resourceAccess": objectsOf(graphPrefix+"resourceAccess", shape{"id": text, "type": oneOf("Scope", "Role")}),
		}),
		"keyCredentials": objectsOf(graphPrefix+"keyCredential", keyShape),
		"publicClient":   objectOf(graphPrefix+"publicClientApplication", redirectShape), "web": objectOf(graphPrefix+"webApplication", redirectShape),
		"spa": objectOf(graphPrefix+"spaApplication", redirectShape),
	}}
	redirectPlatforms = []string{"publicClient", "web", "spa"}
	passThrough       = []string{"description", "groupMembershipClaims", "identifierUris", "notes", "signInAudience", "tags", "optionalClaims", "api", "appRoles", "info", "requiredResourceAccess", "publicClient", "web", "spa"}
)

const (
	applicationsPath = "/applications"
	ownedBy          = "Application.ReadWrite.OwnedBy"
)

// Application Administrator, Cloud Application Administrator.
var applicationAdmins = []string{store.RoleApplicationAdministrator, store.RoleCloudAppAdministrator}

// applicationOperations are registrations of applications. By default every user may make
// one (documented), and only administrators change those of others.
func applicationOperations() []*operation {
	read := permissions("Application.Read.All", "Directory.Read.All").forApplications("Application.Read.All", "Directory.Read.All", ownedBy)
	create := permissions("AppRegistration.Create", "Application.ReadWrite.All").forApplications("AppRegistration.Create", "Application.ReadWrite.All", ownedBy)
	write := permissions("Application.ReadWrite.All").forApplications("Application.ReadWrite.All", ownedBy).role(applicationAdmins)
	const one = applicationsPath + "/{application}"
	return []*operation{
		{method: get, path: applicationsPath, grant: read, handle: listApplications},
		{method: post, path: applicationsPath, grant: create, body: applicationIn, handle: postApplication},
		{method: get, path: one, grant: read, handle: getApplication},
		{method: patch, path: one, grant: write, body: applicationIn, handle: patchApplication},
		{method: remove, path: one, grant: write, handle: deleteApplication},
		{method: post, path: one + "/addPassword", grant: write, body: secretIn, handle: addPassword},
		{method: post, path: one + "/removePassword", grant: write, body: secretOut, handle: removePassword},
	}
}

// registrations are the tenant's own applications: Microsoft's are registered elsewhere.
func registrations(t *store.Tenant) []*store.Application {
	return slices.DeleteFunc(t.Apps.List(), func(a *store.Application) bool { return a.FirstParty })
}

func applicationObject(t *store.Tenant, a *store.Application) *document.Object {
	o := document.Of("id", a.ObjectID, "deletedDateTime", nil, "appId", a.ClientID, "createdDateTime", a.CreatedAt, "displayName", a.DisplayName,
		"description", nil, "groupMembershipClaims", nil, "identifierUris", []string{}, "isFallbackPublicClient", nil, "notes", nil, "publisherDomain", t.Domain,
		"signInAudience", "AzureADMyOrg", "tags", []string{}, "optionalClaims", optionalClaims(a), "api", nil, "appRoles", []string{}, "info", nil,
		"keyCredentials", keyObjects(a), "passwordCredentials", secretObjects(a), "publicClient", redirects(nil), "requiredResourceAccess", []string{},
		"web", redirects(nil), "spa", redirects(a.SPARedirectURIs))
	if a.Fallback {
		o.Set("isFallbackPublicClient", true) // null until somebody sets it (documented example)
	}
	rest := slices.DeleteFunc(slices.Clone(a.RedirectURIs), func(uri string) bool { return slices.Contains(a.SPARedirectURIs, uri) })
	if a.Public {
		o.Set("publicClient", redirects(rest))
	} else {
		o.Set("web", redirects(rest))
	}
	if len(a.Registration) == 0 {
		return o
	}
	as := document.MustParse(a.Registration)
	for _, name := range passThrough {
		if as.Has(name) {
			o.Set(name, valueOf(as, name))
		}
	}
	return o
}

func redirects(uris []string) *document.Object { return document.Of("redirectUris", uris) }

func optionalClaims(a *store.Application) *document.Object {
	if len(a.IDClaims) == 0 {
		return nil
	}
	claims := []*document.Object{}
	for _, name := range a.IDClaims {
		claims = append(claims, document.Of("name", name, "source", nil, "essential", false, "additionalProperties", []string{}))
	}
	return document.Of("idToken", claims, "accessToken", []string{}, "saml2Token", []string{})
}

// application finds one by object id or by (appId='…'), which is documented as its second
// key.
func (c *call) application() (*store.Application, error) {
	id := c.vars["application"]
	for _, a := range registrations(c.t) {
		if strings.EqualFold(a.ObjectID, id) || strings.EqualFold("(appId='"+a.ClientID+"')", id) {
			return a, nil
		}
	}
	return nil, directoryNotFound(id)
}

// ownApplication is application for a change: who has the permission on what it owns, and
// no further one to write, may change nothing else.
func (c *call) ownApplication() (*store.Application, error) {
	a, err := c.application()
	if err != nil {
		return nil, err
	}
	return a, c.mayChange(a)
}

func (c *call) mayChange(a *store.Application) error {
	everywhere := c.token.UserID != "" || holds(c.token.Roles, []string{"Application.ReadWrite.All", "Directory.ReadWrite.All"})
	if !everywhere && a.OwnerAppID != c.token.AppID {
		return grant{}.deny(ownedBy)
	}
	return nil
}

func (c *call) oneApplication(a *store.Application) (result, error) {
	r, err := c.one(applicationType, applicationObject(c.t, a))
	r.context = "applications" + selection(c) + "/$entity"
	return r, err
}

func listApplications(c *call) (result, error) {
	var list []*document.Object
	for _, a := range registrations(c.t) {
		list = append(list, applicationObject(c.t, a))
	}
	return c.list(applicationType, list)
}

func getApplication(c *call) (result, error) {
	a, err := c.application()
	if err != nil {
		return result{}, err
	}
	return c.oneApplication(a)
}

// postApplication registers an application; it has no service principal yet, so nobody can
// sign in to it (documented).
func postApplication(c *call) (result, error) {
	if c.body.String("displayName") == "" {
		return result{}, directoryBadRequest("A value is required for property 'displayName' of resource 'Application'.")
	}
	a := &store.Application{ClientID: c.t.NewID(), ObjectID: c.t.NewID(), Scopes: map[string][]string{}, CreatedAt: c.now}
	if c.token.UserID == "" {
		a.OwnerAppID = c.token.AppID
	}
	if err := c.fillApplication(a); err != nil {
		return result{}, err
	}
	c.t.Apps.Put(a.ClientID, a)
	c.auditApplication("Add application", a)
	r, err := c.oneApplication(a)
	r.status = http.StatusCreated
	return r, err
}

func patchApplication(c *call) (result, error) {
	a, err := c.ownApplication()
	if err != nil {
		return result{}, err
	}
	if err := c.fillApplication(a); err != nil {
		return result{}, err
	}
	c.auditApplication("Update application", a)
	return noContent(), nil
}

// fillApplication takes over what the body names, and reads out of it what a sign-in looks
// at. The keys are kept as certificates, and nothing is taken over when one of them is none.
func (c *call) fillApplication(a *store.Application) error {
	keys, err := c.certificates()
	if err != nil {
		return err
	}
	as := &document.Object{}
	if len(a.Registration) > 0 {
		as = document.MustParse(a.Registration)
	} else if a.DisplayName != "" {
		as = applicationObject(c.t, a)
	}
	for _, k := range c.body.Keys() {
		as.Set(k, valueOf(c.body, k))
	}
	uris, err := redirectURIs(as)
	if err != nil {
		return err
	}
	a.Registration, a.RedirectURIs, a.DisplayName = as.Raw(), uris, as.String("displayName")
	a.SPARedirectURIs = as.Object("spa").Strings("redirectUris")
	if c.body.Has("isFallbackPublicClient") {
		a.Fallback = c.body.Bool("isFallbackPublicClient")
	}
	a.Public = a.Fallback || len(as.Object("publicClient").Strings("redirectUris")) > 0
	if c.body.Has("optionalClaims") {
		a.IDClaims = claimNames(c.body.Object("optionalClaims"))
	}
	if c.body.Has("keyCredentials") {
		a.Certificates = keys
	}
	return nil
}

// redirectURIs are those of every platform.
func redirectURIs(registration *document.Object) ([]string, error) {
	var uris []string
	for _, platform := range redirectPlatforms {
		uris = append(uris, registration.Object(platform).Strings("redirectUris")...)
	}
	for _, uri := range uris {
		if u, err := url.Parse(uri); err != nil || u.Scheme == "" {
			return nil, directoryBadRequest("The redirect URI '%s' is not valid: it must be an absolute URI.", uri)
		}
	}
	return uris, nil
}

func claimNames(claims *document.Object) []string {
	var names []string
	list, _ := valueOf(claims, "idToken").([]any)
	for _, e := range list {
		if o, ok := e.(*document.Object); ok {
			names = append(names, o.String("name"))
		}
	}
	return names
}

// deleteApplication takes the service principal with it (the service keeps both for 30
// days, which the tenant does not model).
func deleteApplication(c *call) (result, error) {
	a, err := c.ownApplication()
	if err != nil {
		return result{}, err
	}
	c.t.Apps.Delete(a.ClientID)
	c.auditApplication("Delete application", a)
	return noContent(), nil
}

func (c *call) auditApplication(activity string, a *store.Application) {
	c.audit(activity, "ApplicationManagement", "Core Directory", store.AuditTarget{ID: a.ObjectID, DisplayName: a.DisplayName, Type: "Application"})
}
