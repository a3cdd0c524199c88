package graphapi

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	roleType           = &entity{name: "microsoft.graph.unifiedRoleDefinition", properties: []string{"id", "description", "displayName", "isBuiltIn", "isEnabled", "resourceScopes", "templateId", "version", "rolePermissions", "inheritsPermissionsFrom"}}
	roleAssignmentType = &entity{name: "microsoft.graph.unifiedRoleAssignment", properties: []string{"id", "principalId", "roleDefinitionId", "directoryScopeId", "appScopeId", "condition"}}
	directoryRoleType  = &entity{name: "microsoft.graph.directoryRole", properties: []string{"id", "deletedDateTime", "description", "displayName", "roleTemplateId"}}
	resourceActionType = &entity{name: "microsoft.graph.unifiedRbacResourceAction", properties: []string{"id", "name", "description", "actionVerb", "authenticationContextId", "isAuthenticationContextSettable", "isPrivileged", "resourceScopeId"}}
)

func init() {
	roleAssignmentType.expand = map[string]expander{
		"principal":      {of: func() *entity { return directoryObjectType }, read: expandPrincipal},
		"roleDefinition": {of: func() *entity { return roleType }, read: expandRole},
	}
}

var roleBody = &bodyType{roleType.name, shape{
	"id": text, "description": text, "displayName": text, "isBuiltIn": boolean, "isEnabled": boolean, "resourceScopes": texts, "templateId": text, "version": text,
	"rolePermissions": objectsOf(graphPrefix+"unifiedRolePermission", shape{"allowedResourceActions": texts, "excludedResourceActions": texts, "condition": text}),
}}

func roleOperations() []*operation {
	read := permissions("RoleManagement.Read.Directory", "RoleManagement.Read.All", "Directory.Read.All")
	write := permissions("RoleManagement.ReadWrite.Directory").role(roleAdmins)
	definitions, assignments := directoryRoot+"/roleDefinitions", directoryRoot+"/roleAssignments"
	return []*operation{
		{method: get, path: definitions, grant: read, handle: listRoles},
		{method: post, path: definitions, grant: write, body: roleBody, handle: postRole},
		{method: get, path: definitions + "/{role}", grant: read, handle: getRole},
		{method: patch, path: definitions + "/{role}", grant: write, body: roleBody, handle: patchRole},
		{method: remove, path: definitions + "/{role}", grant: write, handle: deleteRole},
		{method: get, path: assignments, grant: read, handle: listRoleAssignments},
		{method: get, path: assignments + "/{assignment}", grant: read, handle: getRoleAssignment},
		{method: get, path: "/roleManagement/entitlementManagement/roleDefinitions", grant: permissions("EntitlementManagement.Read.All", "RoleManagement.Read.All"), handle: listCatalogRoles},
		{method: get, path: "/directoryRoles", grant: read, handle: listDirectoryRoles},
		{method: get, path: directoryRoot + "/resourceNamespaces/{namespace}/resourceActions", grant: read, handle: listResourceActions},
	}
}

func roleObject(r *store.RoleDefinition) *document.Object {
	permission := document.Of("allowedResourceActions", r.Permissions, "condition", nil)
	return document.Of("id", r.ID, "description", document.Null(r.Description), "displayName", r.DisplayName, "isBuiltIn", r.BuiltIn, "isEnabled", r.Enabled,
		"resourceScopes", []string{"/"}, "templateId", r.TemplateID, "version", document.Null(r.Version), "rolePermissions", []*document.Object{permission},
		"inheritsPermissionsFrom", inherited(r))
}

// directoryReaders is the role that the other built-in ones inherit from (documented in
// the list of role definitions).
const directoryReaders = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"

func inherited(r *store.RoleDefinition) []*document.Object {
	if !r.BuiltIn || r.ID == directoryReaders {
		return nil
	}
	return []*document.Object{document.Of("id", directoryReaders)}
}

func listRoles(c *call) (result, error) {
	var list []*document.Object
	for _, r := range c.t.RoleDefs.List() {
		list = append(list, roleObject(r))
	}
	return c.list(roleType, list)
}

func (c *call) role() (*store.RoleDefinition, error) {
	r, ok := c.t.RoleDefs.Get(c.vars["role"])
	if !ok {
		return nil, directoryNotFound(c.vars["role"])
	}
	return r, nil
}

func getRole(c *call) (result, error) {
	r, err := c.role()
	if err != nil {
		return result{}, err
	}
	return c.one(roleType, roleObject(r))
}

func postRole(c *call) (result, error) {
	r := &store.RoleDefinition{ID: c.t.NewID(), Enabled: true}
	r.TemplateID = r.ID
	if id := c.body.String("templateId"); id != "" {
		r.TemplateID = id
	}
	if err := c.fillRole(r); err != nil {
		return result{}, err
	}
	if r.DisplayName == "" || len(r.Permissions) == 0 {
		return result{}, directoryBadRequest("displayName and rolePermissions are required.")
	}
	c.t.RoleDefs.Put(r.ID, r)
	c.auditRole("Add role definition", r)
	return created(roleType, roleObject(r)), nil
}

// fillRole takes over what the body names. Display names of custom roles need not be
// unique (documented by vendors whose connectors read them; Microsoft's reference names no
// such rule).
func (c *call) fillRole(r *store.RoleDefinition) error {
	if c.body.Has("displayName") {
		r.DisplayName = c.body.String("displayName")
	}
	if c.body.Has("description") {
		r.Description = c.body.String("description")
	}
	if c.body.Has("isEnabled") {
		r.Enabled = c.body.Bool("isEnabled")
	}
	if scopes := c.body.Strings("resourceScopes"); len(scopes) > 0 && !slices.Equal(scopes, []string{"/"}) {
		return directoryBadRequest("The resourceScopes of a role definition are '/'.") // documented: not to be used, always the tenant
	}
	if c.body.Has("version") {
		r.Version = c.body.String("version")
	}
	if c.body.Has("rolePermissions") {
		r.Permissions = allowedActions(c.body)
	}
	return nil
}

func allowedActions(body *document.Object) []string {
	var actions []string
	list, _ := valueOf(body, "rolePermissions").([]any)
	for _, e := range list {
		if p, ok := e.(*document.Object); ok {
			actions = append(actions, p.Strings("allowedResourceActions")...)
		}
	}
	return actions
}

func patchRole(c *call) (result, error) {
	r, err := c.role()
	if err != nil {
		return result{}, err
	}
	if r.BuiltIn {
		return result{}, directoryBadRequest("Built-in role definitions cannot be changed.")
	}
	if err := c.fillRole(r); err != nil {
		return result{}, err
	}
	c.auditRole("Update role definition", r)
	return noContent(), nil
}

// deleteRole refuses a built-in role and one that somebody holds.
func deleteRole(c *call) (result, error) {
	r, err := c.role()
	if err != nil {
		return result{}, err
	}
	if r.BuiltIn {
		return result{}, directoryBadRequest("Built-in role definitions cannot be deleted.")
	}
	for _, s := range c.t.Schedules.List() {
		if s.RoleDefinitionID == r.ID && (s.End == nil || c.now.Before(*s.End)) {
			return result{}, directoryBadRequest("The role definition has role assignments and cannot be deleted.")
		}
	}
	c.t.RoleDefs.Delete(r.ID)
	c.auditRole("Delete role definition", r)
	return noContent(), nil
}

func (c *call) auditRole(activity string, r *store.RoleDefinition) {
	c.audit(activity, "RoleManagement", "Core Directory", store.AuditTarget{ID: r.ID, DisplayName: r.DisplayName, Type: "Role"})
}

// roleAssignments are the active assignments, however they came about.
func (c *call) roleAssignments() []*document.Object {
	var list []*document.Object
	for _, s := range pim.ActiveSchedules(c.t, store.Assignment, c.now) {
		if s.RoleDefinitionID != "" {
			list = append(list, document.Of("id", instanceID(s), "principalId", s.PrincipalID, "roleDefinitionId", s.RoleDefinitionID,
				"directoryScopeId", document.Null(s.DirectoryScopeID), "appScopeId", document.Null(s.AppScopeID), "condition", nil))
		}
	}
	return list
}

func listRoleAssignments(c *call) (result, error) {
	return c.list(roleAssignmentType, c.roleAssignments())
}

func getRoleAssignment(c *call) (result, error) {
	for _, o := range c.roleAssignments() {
		if o.String("id") == c.vars["assignment"] {
			return c.one(roleAssignmentType, o)
		}
	}
	return result{}, directoryNotFound(c.vars["assignment"])
}

// listDirectoryRoles are the built-in roles that are activated in the tenant: those that
// somebody has held (the object id differs from the template id in the service; here the
// template id is reused, since the subset never passes one to the other).
func listDirectoryRoles(c *call) (result, error) {
	var list []*document.Object
	for _, r := range c.t.RoleDefs.List() {
		held := slices.ContainsFunc(pim.ActiveSchedules(c.t, store.Assignment, c.now), func(s store.Schedule) bool { return s.RoleDefinitionID == r.ID })
		if r.BuiltIn && held {
			list = append(list, directoryRoleObject(r))
		}
	}
	return c.list(directoryRoleType, list)
}

func directoryRoleObject(r *store.RoleDefinition) *document.Object {
	return document.Of("id", r.ID, "deletedDateTime", nil, "description", document.Null(r.Description), "displayName", r.DisplayName, "roleTemplateId", r.TemplateID)
}

// listCatalogRoles are the built-in roles of entitlement management (documented in the
// example of the list; nobody holds one here).
func listCatalogRoles(c *call) (result, error) {
	var list []*document.Object
	for _, r := range []store.RoleDefinition{
		{ID: "ae79f266-94d4-4dab-b730-feca7e132178", DisplayName: "Catalog owner", Permissions: []string{"microsoft.entitlementManagement/allEntities/allTasks"}},
		{ID: "44272f93-9762-48e8-af59-1b5351b1d6b3", DisplayName: "Catalog reader", Permissions: []string{"microsoft.entitlementManagement/allEntities/Read"}},
		{ID: "ba92d953-d8e0-4e39-a797-0cbedb0a89e8", DisplayName: "Catalog creator", Permissions: []string{"microsoft.entitlementManagement/AccessPackageCatalog/Create"}},
	} {
		r.TemplateID, r.Description, r.BuiltIn, r.Enabled, r.Version = r.ID, r.DisplayName, true, true, "1.0"
		list = append(list, roleObject(&r))
	}
	return c.list(roleType, list)
}

// settableActions are directory permissions that can name an authentication context:
// protected actions. The tenant has none that does.
var settableActions = []string{
	"microsoft.directory/conditionalAccessPolicies/basic/update", "microsoft.directory/conditionalAccessPolicies/create",
	"microsoft.directory/conditionalAccessPolicies/delete", "microsoft.directory/namedLocations/basic/update",
	"microsoft.directory/namedLocations/create", "microsoft.directory/namedLocations/delete",
	"microsoft.directory/resourceNamespaces/resourceActions/authenticationContext/update",
}

func listResourceActions(c *call) (result, error) {
	if !strings.EqualFold(c.vars["namespace"], "microsoft.directory") {
		return result{}, directoryNotFound(c.vars["namespace"])
	}
	var list []*document.Object
	for _, name := range settableActions {
		verb := "PATCH"
		if strings.HasSuffix(name, "create") {
			verb = "POST"
		} else if strings.HasSuffix(name, "delete") {
			verb = "DELETE"
		}
		id := strings.ReplaceAll(strings.TrimPrefix(name, "microsoft.directory/"), "/", "-") + "-" + strings.ToLower(verb)
		list = append(list, document.Of("id", "microsoft.directory-"+id, "name", name, "description", nil, "actionVerb", verb,
			"authenticationContextId", nil, "isAuthenticationContextSettable", true, "resourceScopeId", nil))
	}
	return c.list(resourceActionType, list)
}
