package graphapi

import (
	"crypto/x509"
	"encoding/base64"
	"slices"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	applicationType = &entity{name: "microsoft.graph.application", properties: []string{
		"id", "deletedDateTime", "appId", "createdDateTime", "displayName", "description", "notes", "tags", "signInAudience", "isFallbackPublicClient",
		"optionalClaims", "requiredResourceAccess", "publicClient", "keyCredentials", "passwordCredentials", "publisherDomain",
	}}
	passwordCredentialType = &entity{name: "microsoft.graph.passwordCredential", properties: []string{"keyId", "displayName", "hint", "secretText", "startDateTime", "endDateTime", "customKeyIdentifier"}}
)

var (
	optionalClaimShape = objectsOf("microsoft.graph.optionalClaim", shape{"name": text, "source": text, "essential": boolean, "additionalProperties": texts})
	applicationBody    = &bodyType{applicationType.name, shape{
		"displayName": text, "description": text, "notes": text, "tags": texts, "isFallbackPublicClient": boolean,
		"signInAudience": oneOf("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"),
		"publicClient":   objectOf("microsoft.graph.publicClientApplication", shape{"redirectUris": texts}),
		"optionalClaims": objectOf("microsoft.graph.optionalClaims", shape{"idToken": optionalClaimShape, "accessToken": optionalClaimShape, "saml2Token": optionalClaimShape}),
		"requiredResourceAccess": objectsOf("microsoft.graph.requiredResourceAccess", shape{
			"resourceAppId": text, "resourceAccess": objectsOf("microsoft.graph.resourceAccess", shape{"id": text, "type": oneOf("Scope", "Role")}),
		}),
		"keyCredentials": objectsOf("microsoft.graph.keyCredential", shape{
			"type": text, "usage": text, "key": text, "displayName": text, "startDateTime": moment, "endDateTime": moment, "customKeyIdentifier": text, "keyId": text,
		}),
	}}
	addPasswordBody = &bodyType{"microsoft.graph.addPassword", shape{"passwordCredential": objectOf(passwordCredentialType.name, shape{"displayName": text, "startDateTime": moment, "endDateTime": moment})}}
)

// Application Administrator, Cloud Application Administrator.
var applicationAdmins = []string{store.RoleApplicationAdministrator, "158c047a-c907-4556-b7ef-446551a6b5f7"}

// applicationOperations: app registrations. Microsoft's own clients have none in a customer's tenant.
func applicationOperations() []*operation {
	read := permissions("Application.Read.All", "Directory.Read.All")
	write := permissions("Application.ReadWrite.All").role(applicationAdmins)
	const applications, application = "/applications", "/applications/{application}"
	return []*operation{
		{method: get, path: applications, grant: read, handle: listApplications},
		{method: post, path: applications, grant: write, body: applicationBody, handle: postApplication},
		{method: get, path: application, grant: read, handle: getApplication},
		{method: patch, path: application, grant: write, body: applicationBody, handle: patchApplication},
		{method: remove, path: application, grant: write, handle: deleteApplication},
		{method: post, path: application + "/addPassword", grant: write, body: addPasswordBody, handle: postPassword},
	}
}

func (c *call) applicationObject(a *store.Application) *document.Object {
	o := document.Of("id", a.ObjectID, "deletedDateTime", nil, "appId", a.ClientID, "createdDateTime", a.CreatedAt, "displayName", a.DisplayName, "description", nil, "notes", nil,
		"tags", []string{}, "signInAudience", "AzureADMyOrg", "isFallbackPublicClient", fallbackValue(a), "optionalClaims", optionalClaims(a), "requiredResourceAccess", []string{},
		"publicClient", document.Of("redirectUris", document.List(a.RedirectURIs)), "keyCredentials", keyObjects(a), "passwordCredentials", secretObjects(a), "publisherDomain", c.t.Domain)
	if a.Properties != nil {
		o = document.Merge(o, document.MustParse(a.Properties))
	}
	return o
}

// fallbackValue is null until somebody sets it (documented example).
func fallbackValue(a *store.Application) any {
	if a.Fallback {
		return true
	}
	return nil
}

func optionalClaims(a *store.Application) any {
	if len(a.IDClaims) == 0 {
		return nil
	}
	var claims []*document.Object
	for _, name := range a.IDClaims {
		claims = append(claims, document.Of("name", name, "source", nil, "essential", false, "additionalProperties", []string{}))
	}
	return document.Of("idToken", claims, "accessToken", []string{}, "saml2Token", []string{})
}

func keyObjects(a *store.Application) []*document.Object {
	keys := []*document.Object{}
	for _, k := range a.Certificates {
		keys = append(keys, document.Of("customKeyIdentifier", nil, "displayName", k.Certificate.Subject.String(), "endDateTime", k.Certificate.NotAfter, "key", nil,
			"keyId", k.ID, "startDateTime", k.Certificate.NotBefore, "type", "AsymmetricX509Cert", "usage", "Verify"))
	}
	return keys
}

func secretObjects(a *store.Application) []*document.Object {
	secrets := []*document.Object{}
	for _, s := range a.Secrets {
		secrets = append(secrets, document.Of("customKeyIdentifier", nil, "displayName", nil, "endDateTime", s.Expires, "hint", s.Value[:3], "keyId", s.ID, "secretText", nil, "startDateTime", a.CreatedAt))
	}
	return secrets
}

func (c *call) application() (*store.Application, error) {
	a, ok := c.t.AppByObjectID(c.vars["application"])
	if !ok || a.FirstParty {
		return nil, directoryNotFound(c.vars["application"])
	}
	return a, nil
}

func listApplications(c *call) (result, error) {
	var list []*document.Object
	for _, a := range c.t.Apps.List() {
		if !a.FirstParty && a.ObjectID != "" {
			list = append(list, c.applicationObject(a))
		}
	}
	return c.list(applicationType, list)
}

func getApplication(c *call) (result, error) {
	a, err := c.application()
	if err != nil {
		return result{}, err
	}
	return c.one(applicationType, c.applicationObject(a))
}

func postApplication(c *call) (result, error) {
	if c.body.String("displayName") == "" {
		return result{}, directoryBadRequest("A value is required for property 'displayName' of resource 'Application'.")
	}
	a := &store.Application{ClientID: c.t.NewID(), ObjectID: c.t.NewID(), Scopes: map[string][]string{}, CreatedAt: c.now}
	if err := c.describeApplication(a); err != nil {
		return result{}, err
	}
	c.t.Apps.Put(a.ClientID, a)
	c.auditApplication("Add application", a)
	return created(applicationType, c.applicationObject(a)), nil
}

func patchApplication(c *call) (result, error) {
	a, err := c.application()
	if err != nil {
		return result{}, err
	}
	if err := c.describeApplication(a); err != nil {
		return result{}, err
	}
	c.auditApplication("Update application", a)
	return noContent(), nil
}

// describeApplication takes what the body says into a registration.
func (c *call) describeApplication(a *store.Application) error {
	certificates, err := certificatesOf(c, c.body)
	if err != nil {
		return err
	}
	b, kept := c.body, &document.Object{}
	if a.Properties != nil {
		kept = document.MustParse(a.Properties)
	}
	for _, name := range []string{"description", "notes", "tags", "signInAudience", "requiredResourceAccess", "optionalClaims"} {
		if v, ok := b.Get(name); ok {
			kept.Set(name, v)
		}
	}
	a.Properties = kept.Raw()
	if b.Has("displayName") {
		a.DisplayName = b.String("displayName")
	}
	if b.Has("isFallbackPublicClient") {
		a.Fallback = b.Bool("isFallbackPublicClient")
	}
	if b.Has("publicClient") {
		a.RedirectURIs = b.Object("publicClient").Strings("redirectUris")
	}
	if b.Has("optionalClaims") {
		a.IDClaims = claimNames(b.Object("optionalClaims"))
	}
	if b.Has("keyCredentials") {
		a.Certificates = certificates
	}
	a.Public = a.Fallback || len(a.RedirectURIs) > 0
	return nil
}

func claimNames(claims *document.Object) (names []string) {
	if claims == nil {
		return nil
	}
	v, _ := claims.Get("idToken")
	list, _ := v.([]any)
	for _, e := range list {
		if claim, ok := e.(*document.Object); ok {
			names = append(names, claim.String("name"))
		}
	}
	return names
}

// certificatesOf reads keyCredentials: certificates in base64 that verify what the client signs.
func certificatesOf(c *call, b *document.Object) ([]store.AppCertificate, error) {
	v, _ := b.Get("keyCredentials")
	list, _ := v.([]any)
	var out []store.AppCertificate
	for _, e := range list {
		key, _ := e.(*document.Object)
		if key.String("type") != "AsymmetricX509Cert" || key.String("usage") != "Verify" {
			return nil, unmodelled("key credentials of type %q and usage %q", key.String("type"), key.String("usage"))
		}
		der, err := base64.StdEncoding.DecodeString(key.String("key"))
		if err != nil {
			return nil, directoryBadRequest("Key value is invalid certificate")
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, directoryBadRequest("Key value is invalid certificate")
		}
		out = append(out, store.AppCertificate{ID: c.t.NewID(), Certificate: certificate})
	}
	return out, nil
}

// deleteApplication deletes the service principal of the home tenant, too (documented).
func deleteApplication(c *call) (result, error) {
	a, err := c.application()
	if err != nil {
		return result{}, err
	}
	c.t.Apps.Delete(a.ClientID)
	c.auditApplication("Delete application", a)
	return noContent(), nil
}

// postPassword makes a client secret that is shown once; it lives two years unless told
// otherwise (documented).
func postPassword(c *call) (result, error) {
	a, err := c.application()
	if err != nil {
		return result{}, err
	}
	asked := &document.Object{}
	if o := c.body.Object("passwordCredential"); o != nil {
		asked = o
	}
	ends := c.now.AddDate(2, 0, 0)
	if at, err := time.Parse(time.RFC3339Nano, asked.String("endDateTime")); err == nil {
		ends = at.UTC()
	}
	made := store.AppSecret{ID: c.t.NewID(), Value: c.t.NewSecret(30), Expires: ends}
	a.Secrets = append(slices.Clone(a.Secrets), made)
	c.auditApplication("Update application – Certificates and secrets management", a)
	r := one(passwordCredentialType, document.Of("customKeyIdentifier", nil, "endDateTime", ends, "keyId", made.ID, "startDateTime", c.now,
		"secretText", made.Value, "hint", made.Value[:3], "displayName", document.Null(asked.String("displayName"))))
	r.context = "microsoft.graph.passwordCredential"
	return r, nil
}

func (c *call) auditApplication(activity string, a *store.Application) {
	c.audit(activity, "ApplicationManagement", "Core Directory", store.AuditTarget{ID: a.ObjectID, DisplayName: a.DisplayName, Type: "Application"})
}
