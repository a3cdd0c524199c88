package graphapi

import (
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// derivedID is an id that the tenant gives to the same thing each time: a UUID of version 8 (RFC
// 9562, section 5.8), from a digest.
func derivedID(t *store.Tenant, parts ...string) string {
	sum := sha256.Sum256([]byte(t.ID + "\x00" + strings.Join(parts, "\x00")))
	id := [16]byte(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return guid(id)
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
