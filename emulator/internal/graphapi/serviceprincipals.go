package graphapi

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var principalType = &entity{directory: true, name: "microsoft.graph.servicePrincipal", properties: []string{
	"id", "deletedDateTime", "accountEnabled", "appDisplayName", "appId", "appOwnerOrganizationId", "displayName", "replyUrls", "servicePrincipalNames",
	"servicePrincipalType", "signInAudience", "tags",
}}

var principalIn = &bodyType{principalType.name, shape{"appId": text, "displayName": text, "tags": texts, "accountEnabled": boolean}}

// microsoftServices is the tenant that Microsoft's own applications are registered in
// (documented: how to verify first-party applications).
const microsoftServices = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

func principalOperations() []*operation {
	read := permissions("Application.Read.All", "Directory.Read.All").forApplications("Application.Read.All", "Directory.Read.All", ownedBy)
	write := permissions("Application.ReadWrite.All", "Directory.ReadWrite.All").forApplications(ownedBy, "Application.ReadWrite.All", "Directory.ReadWrite.All").role(applicationAdmins)
	return []*operation{
		{method: get, path: "/servicePrincipals", grant: read, handle: listPrincipals},
		{method: post, path: "/servicePrincipals", grant: write, body: principalIn, handle: postPrincipal},
		{method: get, path: "/servicePrincipals/{servicePrincipal}", grant: read, handle: getPrincipal},
	}
}

func principalObject(t *store.Tenant, a *store.Application) *document.Object {
	owner := t.ID
	if a.FirstParty {
		owner = microsoftServices
	}
	return document.Of("id", a.ServiceID, "deletedDateTime", nil, "accountEnabled", true, "appDisplayName", a.DisplayName, "appId", a.ClientID,
		"appOwnerOrganizationId", owner, "displayName", a.DisplayName, "replyUrls", a.RedirectURIs, "servicePrincipalNames", []string{a.ClientID},
		"servicePrincipalType", "Application", "signInAudience", "AzureADMyOrg", "tags", []string{})
}

func listPrincipals(c *call) (result, error) {
	var list []*document.Object
	for _, a := range c.t.Apps.List() {
		list = append(list, principalObject(c.t, a))
	}
	return c.list(principalType, list)
}

func getPrincipal(c *call) (result, error) {
	id := c.vars["servicePrincipal"]
	apps := c.t.Apps.List()
	i := slices.IndexFunc(apps, func(a *store.Application) bool {
		return strings.EqualFold(a.ServiceID, id) || strings.EqualFold("(appId='"+a.ClientID+"')", id)
	})
	if i < 0 {
		return result{}, directoryNotFound(id)
	}
	r, err := c.one(principalType, principalObject(c.t, apps[i]))
	r.context = "servicePrincipals" + selection(c) + "/$entity"
	return r, err
}

// postPrincipal makes the service principal of a registration of the tenant, with which one
// can sign in to it. Those of other tenants' applications are not modelled.
func postPrincipal(c *call) (result, error) {
	id := c.body.String("appId")
	if _, exists := c.t.Apps.Get(id); exists {
		return result{}, directoryConflict("The service principal cannot be created, updated, or restored because the service principal name %s is already in use.", id)
	}
	a, ok := c.t.Registrations.Get(id)
	if !ok {
		return result{}, directoryBadRequest("The appId '%s' of the service principal does not reference a valid application object.", id)
	}
	if err := c.mayChange(a); err != nil {
		return result{}, err
	}
	a.ServiceID = c.t.NewID()
	c.t.Registrations.Delete(id)
	c.t.Apps.Put(id, a)
	c.audit("Add service principal", "ApplicationManagement", "Core Directory", store.AuditTarget{ID: a.ServiceID, DisplayName: a.DisplayName, Type: "ServicePrincipal"})
	return created(principalType, principalObject(c.t, a)), nil
}
