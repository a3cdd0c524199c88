package graphapi

import (
	"slices"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	appRoleAssignmentType = &entity{directory: true, name: "microsoft.graph.appRoleAssignment", properties: []string{
		"id", "deletedDateTime", "appRoleId", "createdDateTime", "principalDisplayName", "principalId", "principalType", "resourceDisplayName", "resourceId",
	}}
	appRoleAssignmentBody = &bodyType{appRoleAssignmentType.name, shape{"principalId": text, "resourceId": text, "appRoleId": text}}
)

// defaultAppRole assigns a user or group to an application that declares no roles (documented).
const defaultAppRole = "00000000-0000-0000-0000-000000000000"

// appRoleOperations: who may use an application, and which permissions it was given.
func appRoleOperations() []*operation {
	const assignPermission = "AppRoleAssignment.ReadWrite.All"
	read := permissions("Application.Read.All", "Directory.Read.All").forApplications("Application.Read.All", "Directory.Read.All", ownedBy)
	take := permissions(assignPermission).role(roleAdmins)
	give := take
	give.beside = [][]string{{"Application.Read.All", "Directory.Read.All"}}
	const to, of = onePrincipal + "/appRoleAssignedTo", onePrincipal + "/appRoleAssignments"
	return []*operation{
		{method: get, path: to, grant: read, handle: listAssignedTo},
		{method: post, path: to, grant: give, body: appRoleAssignmentBody, handle: postAssignedTo},
		{method: remove, path: to + "/{assignment}", grant: take, handle: deleteAssignedTo},
		{method: get, path: of, grant: read, handle: listAppPermissions},
		{method: post, path: of, grant: give, body: appRoleAssignmentBody, handle: postAppPermission},
		{method: remove, path: of + "/{assignment}", grant: take, handle: deleteAppPermission},
	}
}

func appRoleAssignmentObject(id, role, principal, principalName, principalKind, resource, resourceName string, at time.Time) *document.Object {
	return document.Of("id", id, "deletedDateTime", nil, "appRoleId", role, "createdDateTime", at, "principalDisplayName", principalName, "principalId", principal,
		"principalType", principalKind, "resourceDisplayName", resourceName, "resourceId", resource)
}

// listAssignedTo are the users and groups that may use an application.
func listAssignedTo(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	var list []*document.Object
	for _, to := range a.Assigned {
		list = append(list, c.assignedObject(a, to))
	}
	return c.list(appRoleAssignmentType, list)
}

func (c *call) assignedObject(a *store.Application, to store.AppAssignment) *document.Object {
	name, kind := "", "User"
	if u, ok := c.t.Users.Get(to.PrincipalID); ok {
		name = u.DisplayName
	} else if g, ok := c.t.Groups.Get(to.PrincipalID); ok {
		name, kind = g.DisplayName, "Group"
	}
	return appRoleAssignmentObject(to.ID, defaultAppRole, to.PrincipalID, name, kind, a.ServiceID, a.DisplayName, to.CreatedAt)
}

func postAssignedTo(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	principal := c.body.String("principalId")
	_, user := c.t.Users.Get(principal)
	_, group := c.t.Groups.Get(principal)
	switch {
	case !user && !group:
		return result{}, directoryNotFound(principal)
	case c.body.String("resourceId") != a.ServiceID:
		return result{}, directoryBadRequest("The resourceId of the assignment is not the service principal '%s'.", a.ServiceID)
	case c.body.String("appRoleId") != defaultAppRole:
		return result{}, noSuchPermission(a.DisplayName)
	case slices.ContainsFunc(a.Assigned, func(to store.AppAssignment) bool { return to.PrincipalID == principal }):
		return result{}, assignedAlready()
	}
	to := store.AppAssignment{ID: c.t.NewID(), PrincipalID: principal, CreatedAt: c.now}
	a.Assigned = append(slices.Clone(a.Assigned), to)
	c.auditPrincipal("Add app role assignment grant to user", a)
	return created(appRoleAssignmentType, c.assignedObject(a, to)), nil
}

// Observed in public issues about repeated and wrong assignments.
func assignedAlready() *apiError {
	return directoryBadRequest("Permission being assigned already exists on the object")
}

func noSuchPermission(application string) *apiError {
	return directoryBadRequest("Permission being assigned was not found on application '%s'", application)
}

func deleteAssignedTo(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	i := slices.IndexFunc(a.Assigned, func(to store.AppAssignment) bool { return to.ID == c.vars["assignment"] })
	if i < 0 {
		return result{}, directoryNotFound(c.vars["assignment"])
	}
	a.Assigned = slices.Delete(slices.Clone(a.Assigned), i, i+1)
	c.auditPrincipal("Remove app role assignment from user", a)
	return noContent(), nil
}

// permissionObject is one application permission on Microsoft Graph.
func (c *call) permissionObject(a *store.Application, name string) *document.Object {
	return appRoleAssignmentObject(derivedID(c.t, a.ServiceID, name), permissionID(c.t, "Role", name), a.ServiceID, a.DisplayName, "ServicePrincipal",
		graphServiceID(c.t), "Microsoft Graph", a.CreatedAt)
}

// listAppPermissions are the application permissions that an application was given.
func listAppPermissions(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	var list []*document.Object
	for _, name := range a.AppRoles {
		list = append(list, c.permissionObject(a, name))
	}
	return c.list(appRoleAssignmentType, list)
}

func postAppPermission(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	_, known := knownPermissions()
	i := slices.IndexFunc(known, func(name string) bool { return permissionID(c.t, "Role", name) == c.body.String("appRoleId") })
	switch {
	case c.body.String("principalId") != a.ServiceID:
		return result{}, directoryBadRequest("The principalId of the assignment is not the service principal '%s'.", a.ServiceID)
	case c.body.String("resourceId") != graphServiceID(c.t):
		return result{}, directoryNotFound(c.body.String("resourceId"))
	case i < 0:
		return result{}, noSuchPermission("Microsoft Graph")
	case slices.Contains(a.AppRoles, known[i]):
		return result{}, assignedAlready()
	}
	a.AppRoles = append(slices.Clone(a.AppRoles), known[i])
	c.auditPrincipal("Add app role assignment to service principal", a)
	return created(appRoleAssignmentType, c.permissionObject(a, known[i])), nil
}

func deleteAppPermission(c *call) (result, error) {
	a, err := c.principal()
	if err != nil {
		return result{}, err
	}
	i := slices.IndexFunc(a.AppRoles, func(name string) bool { return derivedID(c.t, a.ServiceID, name) == c.vars["assignment"] })
	if i < 0 {
		return result{}, directoryNotFound(c.vars["assignment"])
	}
	a.AppRoles = slices.Delete(slices.Clone(a.AppRoles), i, i+1)
	c.auditPrincipal("Remove app role assignment from service principal", a)
	return noContent(), nil
}
