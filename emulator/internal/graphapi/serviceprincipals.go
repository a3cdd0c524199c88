package graphapi

import (
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var principalType = &entity{directory: true, name: "microsoft.graph.servicePrincipal", properties: []string{
	"id", "deletedDateTime", "accountEnabled", "appDisplayName", "appId", "appOwnerOrganizationId", "displayName", "replyUrls", "servicePrincipalNames",
	"servicePrincipalType", "signInAudience", "tags", "appRoleAssignmentRequired", "notes", "appRoles", "oauth2PermissionScopes",
}}

var principalIn = &bodyType{principalType.name, shape{"appId": text, "displayName": text, "tags": texts, "accountEnabled": boolean, "appRoleAssignmentRequired": boolean, "notes": text}}

// microsoftServices is the tenant that Microsoft's own applications are registered in
// (documented: how to verify first-party applications).
const microsoftServices = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

const onePrincipal = "/servicePrincipals/{servicePrincipal}"

// principalOperations are the applications in the tenant. Of the resources only Microsoft
// Graph is there.
func principalOperations() []*operation {
	read := permissions("Application.Read.All", "Directory.Read.All").forApplications("Application.Read.All", "Directory.Read.All", ownedBy)
	write := permissions("Application.ReadWrite.All", "Directory.ReadWrite.All").forApplications(ownedBy, "Application.ReadWrite.All", "Directory.ReadWrite.All").role(applicationAdmins)
	return []*operation{
		{method: get, path: "/servicePrincipals", grant: read, handle: listPrincipals},
		{method: post, path: "/servicePrincipals", grant: write, body: principalIn, handle: postPrincipal},
		{method: get, path: onePrincipal, grant: read, handle: getPrincipal},
		{method: patch, path: onePrincipal, grant: write, body: principalIn, handle: patchPrincipal},
		{method: remove, path: onePrincipal, grant: write, handle: deletePrincipal},
	}
}

func principalObject(t *store.Tenant, a *store.Application) *document.Object {
	owner := t.ID
	if a.FirstParty {
		owner = microsoftServices
	}
	return document.Of("id", a.ServiceID, "deletedDateTime", nil, "accountEnabled", true, "appDisplayName", a.DisplayName, "appId", a.ClientID,
		"appOwnerOrganizationId", owner, "displayName", a.DisplayName, "replyUrls", a.RedirectURIs, "servicePrincipalNames", []string{a.ClientID},
		"servicePrincipalType", "Application", "signInAudience", "AzureADMyOrg", "tags", []string{}, "appRoleAssignmentRequired", a.AssignmentRequired,
		"notes", nil, "appRoles", []string{}, "oauth2PermissionScopes", []string{})
}

func listPrincipals(c *call) (result, error) {
	list := []*document.Object{graphPrincipal(c.t)}
	for _, a := range c.t.Clients() {
		list = append(list, principalObject(c.t, a))
	}
	return c.list(principalType, list)
}

// principal finds one by object id or by (appId='…'), which is documented as its second key.
func (c *call) principal() (*store.Application, error) {
	id := c.vars["servicePrincipal"]
	for _, a := range c.t.Clients() {
		if isPrincipal(id, a.ServiceID, a.ClientID) {
			return a, nil
		}
	}
	return nil, directoryNotFound(id)
}

func isPrincipal(asked, id, appID string) bool {
	return strings.EqualFold(id, asked) || strings.EqualFold("(appId='"+appID+"')", asked)
}

// ownPrincipal is principal for a change, as [call.ownApplication] is of application.
func (c *call) ownPrincipal() (*store.Application, error) {
	a, err := c.principal()
	if err != nil {
		return nil, err
	}
	return a, c.mayChange(a)
}

func getPrincipal(c *call) (result, error) {
	if isPrincipal(c.vars["servicePrincipal"], graphServiceID(c.t), store.AppIDGraph) {
		return c.onePrincipal(graphPrincipal(c.t))
	}
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	return c.onePrincipal(principalObject(c.t, a))
}

func (c *call) onePrincipal(o *document.Object) (result, error) {
	r, err := c.one(principalType, o)
	r.context = "servicePrincipals" + selection(c) + "/$entity"
	return r, err
}

// postPrincipal makes the service principal of a registration of the tenant, with which one
// can sign in to it. Those of other tenants' applications are not modelled.
func postPrincipal(c *call) (result, error) {
	id := c.body.String("appId")
	a, ok := c.t.Apps.Get(strings.ToLower(id))
	switch {
	case !ok:
		return result{}, directoryBadRequest("The appId '%s' of the service principal does not reference a valid application object.", id)
	case a.ServiceID != "":
		return result{}, directoryConflict("The service principal cannot be created, updated, or restored because the service principal name %s is already in use.", id)
	}
	if err := c.mayChange(a); err != nil {
		return result{}, err
	}
	a.ServiceID, a.AssignmentRequired = c.t.NewID(), c.body.Bool("appRoleAssignmentRequired")
	c.auditPrincipal("Add service principal", a)
	return created(principalType, principalObject(c.t, a)), nil
}

func patchPrincipal(c *call) (result, error) {
	a, err := c.ownPrincipal()
	if err != nil {
		return result{}, err
	}
	for _, name := range c.body.Keys() {
		if name != "appRoleAssignmentRequired" {
			return result{}, unmodelled("a change of %s of a service principal", name)
		}
	}
	if c.body.Has("appRoleAssignmentRequired") {
		a.AssignmentRequired = c.body.Bool("appRoleAssignmentRequired")
	}
	c.auditPrincipal("Update service principal", a)
	return noContent(), nil
}

// deletePrincipal leaves the registration: nobody can sign in with it any more.
func deletePrincipal(c *call) (result, error) {
	a, err := c.ownPrincipal()
	if err != nil {
		return result{}, err
	}
	c.auditPrincipal("Remove service principal", a)
	a.ServiceID, a.AppRoles, a.Scopes, a.Consents, a.Assigned = "", nil, map[string][]string{}, nil, nil
	return noContent(), nil
}

func (c *call) auditPrincipal(activity string, a *store.Application) {
	c.audit(activity, "ApplicationManagement", "Core Directory", store.AuditTarget{ID: a.ServiceID, DisplayName: a.DisplayName, Type: "ServicePrincipal"})
}
