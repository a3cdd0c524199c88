package graphapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const graphID = "/v1.0/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'"

// newSetup is a lab whose application may register others.
func newSetup(t *testing.T) *lab {
	l := newLab(t)
	l.tokens["app"] = l.token(graphapi.Token{AppID: "fixtures", Roles: []string{
		"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "Directory.Read.All",
	}})
	return l
}

// registered makes a registration with its service principal and returns them.
func (l *lab) registered(body string) (app, principal *document.Object) {
	app = l.must(201, "POST", "/v1.0/applications", body).body
	principal = l.must(201, "POST", "/v1.0/servicePrincipals", fmt.Sprintf(`{"appId":%q,"appRoleAssignmentRequired":true}`, app.String("appId"))).body
	return app, principal
}

// permission is the id of a permission of Microsoft Graph, by its name.
func (l *lab) permission(list, name string) (graph, id string) {
	principal := l.must(200, "GET", graphID, "").values()[0]
	v, _ := principal.Get(list)
	for _, e := range v.([]any) {
		if o := e.(*document.Object); o.String("value") == name {
			return principal.String("id"), o.String("id")
		}
	}
	l.t.Fatalf("Graph has no %s in %s", name, list)
	return "", ""
}

func TestARegistrationIsWhatWasAskedFor(t *testing.T) {
	l := newSetup(t)
	app, _ := l.registered(`{"displayName":"own client","signInAudience":"azureADMyOrg","isFallbackPublicClient":false,"publicClient":{"redirectUris":["http://localhost"]},
		"optionalClaims":{"idToken":[{"name":"auth_time","essential":true}]},"tags":["t"]}`)
	read := l.must(200, "GET", "/v1.0/applications/"+app.String("id"), "").body
	if read.String("signInAudience") != "AzureADMyOrg" || !slices.Equal(read.Object("publicClient").Strings("redirectUris"), []string{"http://localhost"}) || !slices.Equal(read.Strings("tags"), []string{"t"}) {
		t.Errorf("the registration reads %s", pretty(read))
	}
	l.with(func(tenant *store.Tenant) {
		made, ok := tenant.Apps.Get(app.String("appId"))
		if !ok || !made.Public || made.Fallback || !made.AssignmentRequired || !slices.Equal(made.IDClaims, []string{"auth_time"}) {
			t.Errorf("the client is %+v", made)
		}
	})
	l.must(204, "PATCH", "/v1.0/applications/"+app.String("id"), `{"displayName":"renamed"}`)
	l.must(204, "DELETE", "/v1.0/applications/"+app.String("id"), "")
	l.must(404, "GET", "/v1.0/applications/"+app.String("id"), "")
	if left := l.must(200, "GET", "/v1.0/servicePrincipals?$filter=appId eq '"+app.String("appId")+"'", "").values(); len(left) != 0 {
		t.Error("the service principal outlived its registration")
	}
}

func TestCredentialsOfARegistration(t *testing.T) {
	l := newSetup(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	app, _ := l.registered(fmt.Sprintf(`{"displayName":"a","keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":%q}]}`, base64.StdEncoding.EncodeToString(der)))
	password := l.must(200, "POST", "/v1.0/applications/"+app.String("id")+"/addPassword", `{"passwordCredential":{"displayName":"p"}}`).body
	l.with(func(tenant *store.Tenant) {
		made, _ := tenant.Apps.Get(app.String("appId"))
		if len(made.Certificates) != 1 || len(made.Secrets) != 1 || made.Secrets[0].Value != password.String("secretText") || made.Public {
			t.Errorf("the client is %+v", made)
		}
		if years := made.Secrets[0].Expires.Sub(start).Hours() / 24 / 365; years < 1.9 || years > 2.1 {
			t.Errorf("the secret lives %.1f years, want two", years)
		}
	})
	shown := l.must(200, "GET", "/v1.0/applications/"+app.String("id"), "").body
	if strings.Contains(string(shown.Raw()), password.String("secretText")) {
		t.Error("the secret is shown again")
	}
	l.must(400, "POST", "/v1.0/applications", `{"displayName":"a","keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"AAAA"}]}`)
}

func TestPermissionsAreGivenAndTaken(t *testing.T) {
	l := newSetup(t)
	_, principal := l.registered(`{"displayName":"a"}`)
	graph, role := l.permission("appRoles", "Policy.Read.All")
	path := "/v1.0/servicePrincipals/" + principal.String("id") + "/appRoleAssignments"
	body := fmt.Sprintf(`{"principalId":%q,"resourceId":%q,"appRoleId":%q}`, principal.String("id"), graph, role)
	made := l.must(201, "POST", path, body).body
	if again := l.must(400, "POST", path, body); !strings.Contains(again.message(), "already exists") {
		t.Errorf("given twice: %s", again.message())
	}
	if unknown := l.must(400, "POST", path, strings.Replace(body, role, l.admin, 1)); !strings.Contains(unknown.message(), "was not found on application") {
		t.Errorf("unknown permission: %s", unknown.message())
	}
	l.with(func(tenant *store.Tenant) {
		if app, _ := tenant.AppByServiceID(principal.String("id")); !slices.Equal(app.AppRoles, []string{"Policy.Read.All"}) {
			t.Errorf("permissions are %v", app.AppRoles)
		}
	})
	l.must(204, "DELETE", path+"/"+made.String("id"), "")
	if left := l.must(200, "GET", path, "").values(); len(left) != 0 {
		t.Errorf("%d permissions are left", len(left))
	}
}

func TestUsersAreAssignedToAnApplication(t *testing.T) {
	l := newSetup(t)
	_, principal := l.registered(`{"displayName":"a"}`)
	id := principal.String("id")
	path := "/v1.0/servicePrincipals/" + id + "/appRoleAssignedTo"
	body := fmt.Sprintf(`{"principalId":%q,"resourceId":%q,"appRoleId":"00000000-0000-0000-0000-000000000000"}`, l.admin, id)
	made := l.must(201, "POST", path, body).body
	if made.String("principalType") != "User" || made.String("resourceId") != id {
		t.Errorf("the assignment reads %s", pretty(made))
	}
	l.must(400, "POST", path, body)
	l.must(404, "POST", path, strings.Replace(body, l.admin, "nobody", 1))
	l.must(204, "DELETE", path+"/"+made.String("id"), "")
	l.must(404, "DELETE", path+"/"+made.String("id"), "")
}

func TestConsentIsForOneOrForAll(t *testing.T) {
	l := newSetup(t)
	_, principal := l.registered(`{"displayName":"a","publicClient":{"redirectUris":["http://localhost"]}}`)
	graph, _ := l.permission("oauth2PermissionScopes", "User.Read")
	grant := func(kind, user, scope string) string {
		return fmt.Sprintf(`{"clientId":%q,"consentType":%q,"principalId":%s,"resourceId":%q,"scope":%q}`, principal.String("id"), kind, user, graph, scope)
	}
	one := l.must(201, "POST", "/v1.0/oauth2PermissionGrants", grant("Principal", `"`+l.admin+`"`, "User.Read Policy.Read.All")).body
	l.must(400, "POST", "/v1.0/oauth2PermissionGrants", grant("Principal", `"`+l.admin+`"`, "User.Read"))
	l.must(404, "POST", "/v1.0/oauth2PermissionGrants", grant("Principal", `"nobody"`, "User.Read"))
	scopes := func(user string) (granted []string) {
		l.with(func(tenant *store.Tenant) {
			app, _ := tenant.AppByServiceID(principal.String("id"))
			granted = app.ScopesFor(store.ResourceGraph, user)
		})
		return granted
	}
	if len(scopes(l.admin)) != 2 || len(scopes(l.other)) != 0 {
		t.Errorf("consent of one user: %v and %v", scopes(l.admin), scopes(l.other))
	}
	all := l.must(201, "POST", "/v1.0/oauth2PermissionGrants", grant("AllPrincipals", "null", "User.Read")).body
	if len(scopes(l.admin)) != 2 || len(scopes(l.other)) != 1 {
		t.Errorf("consent for all beside it: %v and %v", scopes(l.admin), scopes(l.other))
	}
	for _, made := range []*document.Object{one, all} {
		l.must(204, "DELETE", "/v1.0/oauth2PermissionGrants/"+made.String("id"), "")
	}
	if left := l.must(200, "GET", "/v1.0/oauth2PermissionGrants?$filter=clientId eq '"+principal.String("id")+"'", "").values(); len(left) != 0 {
		t.Errorf("%d consents are left", len(left))
	}
}
