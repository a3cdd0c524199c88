package graph

import (
	"context"
	"fmt"
	"strings"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/rolemanagement"
)

// RoleDefinition is a directory role, built in or custom.
type RoleDefinition struct {
	ID          string `json:"id"`
	TemplateID  string `json:"templateId"` // equals ID for a built-in role
	DisplayName string `json:"displayName"`
	Description string `json:"description"`
	BuiltIn     bool   `json:"isBuiltIn"`
	Enabled     bool   `json:"isEnabled"`
}

// AmbiguousRoleError says that a display name is not unique. Custom roles may share a name with
// each other and with a built-in role.
type AmbiguousRoleError struct {
	Name string
	IDs  []string
}

// Error lists the ids.
func (e *AmbiguousRoleError) Error() string {
	return fmt.Sprintf("%d roles are called %q; name one of them by id: %s", len(e.IDs), e.Name, strings.Join(e.IDs, ", "))
}

// UnknownRoleError says that no role has a name or id.
type UnknownRoleError struct{ Name string }

// Error names what was looked for.
func (e *UnknownRoleError) Error() string {
	return fmt.Sprintf("no directory role is called %q; give the display name as the portal shows it, or the role's id", e.Name)
}

// RoleDefinitions returns the roles with exactly this display name; none is no error.
func (c *Client) RoleDefinitions(ctx context.Context, displayName string) ([]RoleDefinition, error) {
	query := rolemanagement.DirectoryRoleDefinitionsRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryRoleDefinitionsRequestBuilderGetQueryParameters{
			Filter: and(equal("displayName", displayName)),
		},
	}
	info, err := c.roles.Directory().RoleDefinitions().ToGetRequestInformation(ctx, &query)
	return list[RoleDefinition](ctx, c.v1, "list role definitions", info, err)
}

// RoleDefinition returns the role with this id. IsNotFound tells that there is none.
func (c *Client) RoleDefinition(ctx context.Context, id string) (RoleDefinition, error) {
	info, err := c.roles.Directory().RoleDefinitions().ByUnifiedRoleDefinitionId(id).ToGetRequestInformation(ctx, nil)
	return one[RoleDefinition](ctx, c.v1, "get role definition", info, err)
}

// Role finds the one role that a person means by a display name or an id. It returns a
// *AmbiguousRoleError or a *UnknownRoleError when it is not exactly one.
func (c *Client) Role(ctx context.Context, nameOrID string) (RoleDefinition, error) {
	if isGUID(nameOrID) {
		role, err := c.RoleDefinition(ctx, nameOrID)
		if IsNotFound(err) {
			return RoleDefinition{}, &UnknownRoleError{Name: nameOrID}
		}
		return role, err
	}
	roles, err := c.RoleDefinitions(ctx, nameOrID)
	switch {
	case err != nil:
		return RoleDefinition{}, err
	case len(roles) == 0:
		return RoleDefinition{}, &UnknownRoleError{Name: nameOrID}
	case len(roles) > 1:
		ambiguous := &AmbiguousRoleError{Name: nameOrID}
		for _, role := range roles {
			ambiguous.IDs = append(ambiguous.IDs, role.ID)
		}
		return RoleDefinition{}, ambiguous
	}
	return roles[0], nil
}

// CreateRoleDefinition makes an enabled custom role that may do actions.
func (c *Client) CreateRoleDefinition(ctx context.Context, name, description string, actions []string) (RoleDefinition, error) {
	permission := models.NewUnifiedRolePermission()
	permission.SetAllowedResourceActions(actions)
	body := models.NewUnifiedRoleDefinition()
	body.SetDisplayName(&name)
	body.SetDescription(&description)
	body.SetIsEnabled(pointer(true))
	body.SetRolePermissions([]models.UnifiedRolePermissionable{permission})
	info, err := c.roles.Directory().RoleDefinitions().ToPostRequestInformation(ctx, body, nil)
	return one[RoleDefinition](ctx, c.v1, "create role definition", info, err)
}

// DeleteRoleDefinition deletes a custom role. Built-in roles cannot be deleted.
func (c *Client) DeleteRoleDefinition(ctx context.Context, id string) error {
	info, err := c.roles.Directory().RoleDefinitions().ByUnifiedRoleDefinitionId(id).ToDeleteRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "delete role definition", info, err)
	return err
}

// ProtectedAction is a directory permission that wants an authentication context when it is used.
type ProtectedAction struct {
	Name      string `json:"name"`
	ContextID string `json:"authenticationContextId"`
}

// ProtectedActions returns the directory permissions that name a context. Graph is asked for
// those where one can be set (documented filter), and answers with or without one.
func (c *Client) ProtectedActions(ctx context.Context) ([]ProtectedAction, error) {
	filter := "isAuthenticationContextSettable eq true"
	query := rolemanagement.DirectoryResourceNamespacesItemResourceActionsRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryResourceNamespacesItemResourceActionsRequestBuilderGetQueryParameters{Filter: &filter},
	}
	info, err := c.roles.Directory().ResourceNamespaces().ByUnifiedRbacResourceNamespaceId("microsoft.directory").
		ResourceActions().ToGetRequestInformation(ctx, &query)
	all, err := list[ProtectedAction](ctx, c.v1, "list protected actions", info, err)
	if err != nil {
		return nil, err
	}
	var protected []ProtectedAction
	for _, action := range all {
		if action.ContextID != "" {
			protected = append(protected, action)
		}
	}
	return protected, nil
}

// Organization is the tenant itself.
type Organization struct {
	ID          string `json:"id"` // the tenant id
	DisplayName string `json:"displayName"`
	// Domains are those that the tenant has verified; none when Graph named none.
	Domains []Domain `json:"verifiedDomains"`
}

// Domain is a verified domain of a tenant.
type Domain struct {
	Name string `json:"name"`
}

// Organization returns the tenant that the token is for.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	info := request(abs.GET, c.v1, "/organization", nil)
	all, err := list[Organization](ctx, c.v1, "get organization", info, nil)
	if err != nil {
		return Organization{}, err
	}
	if len(all) != 1 {
		return Organization{}, fmt.Errorf("get organization: graph named %d tenants, want 1", len(all))
	}
	return all[0], nil
}

func pointer[T any](value T) *T { return &value }

// isGUID reports whether text has the shape 8-4-4-4-12 of hexadecimal digits.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, r := range text {
		switch dash := i == 8 || i == 13 || i == 18 || i == 23; {
		case dash && r != '-':
			return false
		case !dash && !strings.ContainsRune("0123456789abcdefABCDEF", r):
			return false
		}
	}
	return true
}
