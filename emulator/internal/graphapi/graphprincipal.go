package graphapi

import (
	"slices"

	"github.com/google/uuid"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// derivedID is an id that the tenant gives to the same thing each time.
func derivedID(t *store.Tenant, parts ...string) string {
	id := uuid.MustParse(t.ID)
	for _, part := range parts {
		id = uuid.NewSHA1(id, []byte(part))
	}
	return id.String()
}

func graphServiceID(t *store.Tenant) string { return derivedID(t, "service", store.AppIDGraph) }

func permissionID(t *store.Tenant, kind, name string) string { return derivedID(t, kind, name) }

// graphPrincipal is Microsoft Graph as a resource, with every permission that an operation here
// wants. The ids are the tenant's own: a client has to look them up by name.
func graphPrincipal(t *store.Tenant) *document.Object {
	delegated, application := knownPermissions()
	delegated = append(delegated, "openid", "profile", "email", "offline_access") // the protocol's own, listed with the others (documented)
	roles, scopes := []*document.Object{}, []*document.Object{}
	for _, name := range application {
		roles = append(roles, document.Of("id", permissionID(t, "Role", name), "value", name, "displayName", name, "description", name, "isEnabled", true, "origin", "Application", "allowedMemberTypes", []string{"Application"}))
	}
	for _, name := range delegated {
		scopes = append(scopes, document.Of("id", permissionID(t, "Scope", name), "value", name, "type", "Admin", "isEnabled", true, "adminConsentDisplayName", name, "adminConsentDescription", name))
	}
	return document.Of("id", graphServiceID(t), "deletedDateTime", nil, "accountEnabled", true, "appDisplayName", "Microsoft Graph", "appId", store.AppIDGraph,
		"appOwnerOrganizationId", microsoftServices, "displayName", "Microsoft Graph", "replyUrls", []string{}, "servicePrincipalNames", []string{store.AppIDGraph, store.ResourceGraph},
		"servicePrincipalType", "Application", "signInAudience", "AzureADMultipleOrgs", "tags", []string{}, "appRoleAssignmentRequired", false,
		"notes", nil, "appRoles", roles, "oauth2PermissionScopes", scopes)
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
