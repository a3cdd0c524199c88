package graphapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestRegisteringAnApplication(t *testing.T) {
	l := newLab(t)
	made := l.must(http.StatusCreated, http.MethodPost, "/v1.0/applications", `{"displayName":"Tool","signInAudience":"azureADMyOrg","isFallbackPublicClient":true,
 "publicClient":{"redirectUris":["http://localhost"]},"web":{"redirectUris":["https://tool.example/cb"]},"optionalClaims":{"idToken":[{"name":"auth_time","essential":false}],"accessToken":[],"saml2Token":[]}}`).body
	id, appID := made.String("id"), made.String("appId")
	if made.String("signInAudience") != "AzureADMyOrg" || made.Object("web").Strings("redirectUris")[0] != "https://tool.example/cb" || made.String("publisherDomain") != "contoso.example" {
		t.Errorf("made %s", pretty(made))
	}
	if got := l.must(http.StatusOK, http.MethodGet, "/v1.0/applications(appId='"+appID+"')?$select=id,appId", "").body; got.String("id") != id || got.Has("displayName") {
		t.Errorf("by its appId: %s", pretty(got))
	}
	l.with(func(tenant *store.Tenant) {
		if _, ok := tenant.Client(appID); ok {
			t.Error("one can sign in to it before it has a service principal")
		}
	})
	principal := l.must(http.StatusCreated, http.MethodPost, "/v1.0/servicePrincipals", `{"appId":"`+appID+`"}`).body
	if got := l.must(http.StatusOK, http.MethodGet, "/v1.0/servicePrincipals(appId='"+appID+"')", "").body; got.String("id") != principal.String("id") || got.String("appOwnerOrganizationId") != l.tenant {
		t.Errorf("the service principal is %s", pretty(got))
	}
	l.must(http.StatusNoContent, http.MethodPatch, "/v1.0/applications/"+id, `{"displayName":"Tool 2","publicClient":{"redirectUris":[]}}`)
	l.with(func(tenant *store.Tenant) {
		a, _ := tenant.Apps.Get(appID)
		if a.DisplayName != "Tool 2" || !a.Public || strings.Join(a.RedirectURIs, " ") != "https://tool.example/cb" || strings.Join(a.IDClaims, " ") != "auth_time" {
			t.Errorf("a sign-in would see %+v", a)
		}
	})
	l.must(http.StatusNoContent, http.MethodDelete, "/v1.0/applications/"+id, "")
	l.must(http.StatusNotFound, http.MethodGet, "/v1.0/applications/"+id, "")
	l.must(http.StatusNotFound, http.MethodGet, "/v1.0/servicePrincipals/"+principal.String("id"), "")
	audits := l.must(http.StatusOK, http.MethodGet, "/v1.0/auditLogs/directoryAudits?$filter=category eq 'ApplicationManagement'", "").values()
	if got := strings.Join(namesOf(audits, "activityDisplayName"), ", "); got != "Add application, Add service principal, Delete application, Update application" {
		t.Errorf("audited: %s", got)
	}
}

func TestSecretsOfAnApplication(t *testing.T) {
	l := newLab(t)
	id := l.must(http.StatusCreated, http.MethodPost, "/v1.0/applications", `{"displayName":"Tool"}`).body.String("id")
	path := "/v1.0/applications/" + id
	made := l.must(http.StatusOK, http.MethodPost, path+"/addPassword", `{"passwordCredential":{"displayName":"ci"}}`).body
	secret := made.String("secretText")
	if len(secret) < 32 || made.String("endDateTime") != "2028-11-23T09:00:00Z" || !strings.HasPrefix(secret, made.String("hint")) {
		t.Errorf("made %s", pretty(made))
	}
	if read := l.must(http.StatusOK, http.MethodGet, path, "").body; strings.Contains(string(read.Raw()), secret) || !strings.Contains(string(read.Raw()), made.String("keyId")) {
		t.Errorf("the secret is shown again, or its id is not: %s", pretty(read))
	}
	l.must(http.StatusBadRequest, http.MethodPost, path+"/addPassword", `{"passwordCredential":{"endDateTime":"2020-01-01T00:00:00Z"}}`)
	l.must(http.StatusBadRequest, http.MethodPost, path+"/removePassword", `{"keyId":"x"}`)
	l.must(http.StatusNoContent, http.MethodPost, path+"/removePassword", `{"keyId":"`+made.String("keyId")+`"}`)
}

// An application that may change what it owns may not change anything else.
func TestAnApplicationThatOwnsAnother(t *testing.T) {
	l := newLab(t)
	made := l.must(http.StatusCreated, http.MethodPost, "/v1.0/applications", `{"displayName":"x"}`).body
	foreign := made.String("id")
	l.tokens["owner"] = l.token(graphapi.Token{AppID: "owner", Roles: []string{"Application.ReadWrite.OwnedBy", "Application.Read.All"}})
	own := l.do("owner", http.MethodPost, "/v1.0/applications", `{"displayName":"y"}`).body.String("id")
	if a := l.do("owner", http.MethodPost, "/v1.0/servicePrincipals", `{"appId":"`+made.String("appId")+`"}`); a.status != http.StatusForbidden {
		t.Errorf("a service principal for somebody else's: %d", a.status)
	}
	for id, want := range map[string]int{own: http.StatusNoContent, foreign: http.StatusForbidden} {
		if a := l.do("owner", http.MethodPatch, "/v1.0/applications/"+id, `{"notes":"n"}`); a.status != want {
			t.Errorf("changing %s: %d, want %d", id, a.status, want)
		}
		if a := l.do("owner", http.MethodGet, "/v1.0/applications/"+id, ""); a.status != http.StatusOK {
			t.Errorf("reading %s: %d", id, a.status)
		}
	}
}

// Microsoft's applications have a service principal in the tenant, and no registration.
func TestFirstPartyApplicationsAreRegisteredElsewhere(t *testing.T) {
	l := newLab(t)
	l.with(func(tenant *store.Tenant) {
		tenant.Apps.Put(store.ClientAzureCLI, &store.Application{ClientID: store.ClientAzureCLI, ServiceID: tenant.NewID(), ObjectID: tenant.NewID(), DisplayName: "Microsoft Azure CLI", FirstParty: true})
	})
	if got := l.must(http.StatusOK, http.MethodGet, "/v1.0/applications?$filter=appId eq '"+store.ClientAzureCLI+"'", "").values(); len(got) != 0 {
		t.Errorf("registered here: %v", got)
	}
	got := l.must(http.StatusOK, http.MethodGet, "/v1.0/servicePrincipals?$filter=appId eq '"+store.ClientAzureCLI+"'", "").values()
	if len(got) != 1 || got[0].String("appOwnerOrganizationId") == l.tenant {
		t.Errorf("service principals: %v", got)
	}
}
