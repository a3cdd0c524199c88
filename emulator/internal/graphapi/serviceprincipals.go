package graphapi

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	servicePrincipalType = &entity{name: "microsoft.graph.servicePrincipal", properties: []string{
		"id", "deletedDateTime", "accountEnabled", "appDisplayName", "appId", "appRoleAssignmentRequired", "displayName", "servicePrincipalType", "tags", "notes", "appRoles", "oauth2PermissionScopes", "replyUrls",
	}}
	appRoleAssignmentType = &entity{name: "microsoft.graph.appRoleAssignment", properties: []string{
		"id", "deletedDateTime", "appRoleId", "createdDateTime", "principalDisplayName", "principalId", "principalType", "resourceDisplayName", "resourceId",
	}}
)

var (
	servicePrincipalBody  = &bodyType{servicePrincipalType.name, shape{"appId": text, "appRoleAssignmentRequired": boolean, "accountEnabled": boolean, "tags": texts, "notes": text}}
	appRoleAssignmentBody = &bodyType{appRoleAssignmentType.name, shape{"principalId": text, "resourceId": text, "appRoleId": text}}
)

// defaultAppRole assigns a user or group to an application that declares no roles (documented).
const defaultAppRole = "00000000-0000-0000-0000-000000000000"

// servicePrincipalOperations: the applications in the tenant, who may use them, and which
// permissions they were given. Of the resources only Microsoft Graph is there.
func servicePrincipalOperations() []*operation {
	read := permissions("Application.Read.All", "Directory.Read.All")
	write := permissions("Application.ReadWrite.All").role(applicationAdmins)
	assign := permissions("AppRoleAssignment.ReadWrite.All").role(roleAdmins)
	const principals, principal = "/servicePrincipals", "/servicePrincipals/{principal}"
	return []*operation{
		{method: get, path: principals, grant: read, handle: listServicePrincipals},
		{method: post, path: principals, grant: write, body: servicePrincipalBody, handle: postServicePrincipal},
		{method: get, path: principal, grant: read, handle: getServicePrincipal},
		{method: patch, path: principal, grant: write, body: servicePrincipalBody, handle: patchServicePrincipal},
		{method: remove, path: principal, grant: write, handle: deleteServicePrincipal},
		{method: get, path: principal + "/appRoleAssignedTo", grant: read, handle: listAssignedTo},
		{method: post, path: principal + "/appRoleAssignedTo", grant: assign, body: appRoleAssignmentBody, handle: postAssignedTo},
		{method: remove, path: principal + "/appRoleAssignedTo/{assignment}", grant: assign, handle: deleteAssignedTo},
		{method: get, path: principal + "/appRoleAssignments", grant: read, handle: listAppPermissions},
		{method: post, path: principal + "/appRoleAssignments", grant: assign, body: appRoleAssignmentBody, handle: postAppPermission},
		{method: remove, path: principal + "/appRoleAssignments/{assignment}", grant: assign, handle: deleteAppPermission},
	}
}

func (c *call) servicePrincipalObject(a *store.Application) *document.Object {
	return document.Of("id", a.ServiceID, "deletedDateTime", nil, "accountEnabled", true, "appDisplayName", a.DisplayName, "appId", a.ClientID,
		"appRoleAssignmentRequired", a.AssignmentRequired, "displayName", a.DisplayName, "servicePrincipalType", "Application", "tags", []string{}, "notes", nil,
		"appRoles", []string{}, "oauth2PermissionScopes", []string{}, "replyUrls", document.List(a.RedirectURIs))
}

// graphPrincipal is Microsoft Graph as a resource, with every permission that an operation here
// wants. The ids are the tenant's own: a client has to look them up by name.
func (c *call) graphPrincipal() *document.Object {
	delegated, application := knownPermissions()
	delegated = append(delegated, "openid", "profile", "email", "offline_access") // the protocol's own, listed with the others (documented)
	roles, scopes := []*document.Object{}, []*document.Object{}
	for _, name := range application {
		roles = append(roles, document.Of("id", permissionID(c.t, "Role", name), "value", name, "displayName", name, "description", name, "isEnabled", true, "origin", "Application", "allowedMemberTypes", []string{"Application"}))
	}
	for _, name := range delegated {
		scopes = append(scopes, document.Of("id", permissionID(c.t, "Scope", name), "value", name, "type", "Admin", "isEnabled", true, "adminConsentDisplayName", name, "adminConsentDescription", name))
	}
	return document.Of("id", graphServiceID(c.t), "deletedDateTime", nil, "accountEnabled", true, "appDisplayName", "Microsoft Graph", "appId", store.AppIDGraph,
		"appRoleAssignmentRequired", false, "displayName", "Microsoft Graph", "servicePrincipalType", "Application", "tags", []string{}, "notes", nil,
		"appRoles", roles, "oauth2PermissionScopes", scopes, "replyUrls", []string{})
}

// knownPermissions are the names that the table of operations mentions, sorted.
func knownPermissions() (delegated, application []string) {
	for _, op := range operations() {
		delegated, application = append(delegated, op.grant.delegated...), append(application, op.grant.application...)
	}
	slices.Sort(delegated)
	slices.Sort(application)
	return slices.Compact(delegated), slices.Compact(application)
}

func (c *call) principal() (*store.Application, error) {
	a, ok := c.t.AppByServiceID(c.vars["principal"])
	if !ok {
		return nil, directoryNotFound(c.vars["principal"])
	}
	return a, nil
}

func listServicePrincipals(c *call) (result, error) {
	list := []*document.Object{c.graphPrincipal()}
	for _, a := range c.t.Apps.List() {
		if a.ServiceID != "" {
			list = append(list, c.servicePrincipalObject(a))
		}
	}
	return c.list(servicePrincipalType, list)
}

func getServicePrincipal(c *call) (result, error) {
	if c.vars["principal"] == graphServiceID(c.t) {
		return c.one(servicePrincipalType, c.graphPrincipal())
	}
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	return c.one(servicePrincipalType, c.servicePrincipalObject(a))
}

func postServicePrincipal(c *call) (result, error) {
	a, ok := c.t.Apps.Get(strings.ToLower(c.body.String("appId")))
	switch {
	case !ok:
		return result{}, directoryBadRequest("The appId '%s' of the service principal does not reference a valid application object.", c.body.String("appId"))
	case a.ServiceID != "":
		return result{}, directoryBadRequest("The service principal cannot be created, updated, or restored because the service principal name %s is already in use.", a.ClientID)
	}
	a.ServiceID, a.AssignmentRequired = c.t.NewID(), c.body.Bool("appRoleAssignmentRequired")
	c.auditPrincipal("Add service principal", a)
	return created(servicePrincipalType, c.servicePrincipalObject(a)), nil
}

func patchServicePrincipal(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	for _, name := range c.body.Keys() {
		if name != "appRoleAssignmentRequired" {
			return result{}, unmodelled("a change of %s of a service principal", name)
		}
	}
	a.AssignmentRequired = c.body.Bool("appRoleAssignmentRequired")
	c.auditPrincipal("Update service principal", a)
	return noContent(), nil
}

// deleteServicePrincipal leaves the registration: nobody can sign in with it any more.
func deleteServicePrincipal(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	a.ServiceID, a.AppRoles, a.Scopes, a.Consents, a.Assigned = "", nil, map[string][]string{}, nil, nil
	c.auditPrincipal("Remove service principal", a)
	return noContent(), nil
}

func (c *call) auditPrincipal(activity string, a *store.Application) {
	c.audit(activity, "ApplicationManagement", "Core Directory", store.AuditTarget{ID: a.ServiceID, DisplayName: a.DisplayName, Type: "ServicePrincipal"})
}
