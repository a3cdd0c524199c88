package graph

import (
	"context"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// NewGroup is an assigned security group to be made. Name and Nickname are required.
type NewGroup struct {
	Name        string
	Nickname    string // mailNickname, which Graph wants of a group without mail too
	Description string
	// RoleAssignable lets the group hold directory roles. It cannot be changed later, and such a
	// group takes no groups as members (documented).
	RoleAssignable bool
}

// CreateGroup makes an assigned security group without members.
func (c *Client) CreateGroup(ctx context.Context, g NewGroup) (Group, error) {
	body := models.NewGroup()
	body.SetDisplayName(&g.Name)
	body.SetMailNickname(&g.Nickname)
	body.SetDescription(&g.Description)
	body.SetMailEnabled(pointer(false))
	body.SetSecurityEnabled(pointer(true))
	if g.RoleAssignable {
		body.SetIsAssignableToRole(pointer(true)) // even false wants the permission to write roles (documented)
	}
	info, err := c.groups.ToPostRequestInformation(ctx, body, nil)
	return one[Group](ctx, c.v1, "create group", info, err)
}

// Groups returns the groups with exactly this display name; none is no error.
func (c *Client) Groups(ctx context.Context, displayName string) ([]Group, error) {
	query := groups.GroupsRequestBuilderGetRequestConfiguration{
		QueryParameters: &groups.GroupsRequestBuilderGetQueryParameters{Filter: and(equal("displayName", displayName))},
	}
	info, err := c.groups.ToGetRequestInformation(ctx, &query)
	return list[Group](ctx, c.v1, "list groups", info, err)
}

// DeleteGroup deletes a group. IsNotFound tells that there was none.
func (c *Client) DeleteGroup(ctx context.Context, id string) error {
	info, err := c.groups.ByGroupId(id).ToDeleteRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "delete group", info, err)
	return err
}

// AddMember puts a user or a group into a group. Graph answers 400 when it is in already.
func (c *Client) AddMember(ctx context.Context, groupID, memberID string) error {
	body := models.NewReferenceCreate()
	body.SetOdataId(pointer(c.baseURL + "/directoryObjects/" + memberID))
	info, err := c.groups.ByGroupId(groupID).Members().Ref().ToPostRequestInformation(ctx, body, nil)
	_, err = send(ctx, c.v1, "add group member", info, err)
	return err
}

// RemoveMember takes a direct member out of a group; the member itself stays. IsNotFound tells that
// it was not in.
func (c *Client) RemoveMember(ctx context.Context, groupID, memberID string) error {
	info, err := c.groups.ByGroupId(groupID).Members().ByDirectoryObjectId(memberID).Ref().ToDeleteRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "remove group member", info, err)
	return err
}

// Members returns the direct members of a group. IsNotFound tells that id is no group.
func (c *Client) Members(ctx context.Context, groupID string) ([]Object, error) {
	info, err := c.groups.ByGroupId(groupID).Members().ToGetRequestInformation(ctx, nil)
	return objects(list[objectJSON](ctx, c.v1, "list direct group members", info, err))
}

// AdministrativeUnit is a part of the directory that a role can be narrowed to.
type AdministrativeUnit struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// CreateAdministrativeUnit makes an administrative unit without members.
func (c *Client) CreateAdministrativeUnit(ctx context.Context, name, description string) (AdministrativeUnit, error) {
	info, err := withBody(request(abs.POST, c.v1, "/directory/administrativeUnits", nil),
		map[string]string{"displayName": name, "description": description})
	return one[AdministrativeUnit](ctx, c.v1, "create administrative unit", info, err)
}

// AdministrativeUnit returns one unit. IsNotFound tells that there is none.
func (c *Client) AdministrativeUnit(ctx context.Context, id string) (AdministrativeUnit, error) {
	info := request(abs.GET, c.v1, "/directory/administrativeUnits/{id}", map[string]string{"id": id})
	return one[AdministrativeUnit](ctx, c.v1, "get administrative unit", info, nil)
}

// AdministrativeUnits returns the units with exactly this display name; none is no error.
func (c *Client) AdministrativeUnits(ctx context.Context, displayName string) ([]AdministrativeUnit, error) {
	info := request(abs.GET, c.v1, "/directory/administrativeUnits{?%24filter}", map[string]string{"%24filter": equal("displayName", displayName)})
	return list[AdministrativeUnit](ctx, c.v1, "list administrative units", info, nil)
}

// DeleteAdministrativeUnit deletes a unit. IsNotFound tells that there was none.
func (c *Client) DeleteAdministrativeUnit(ctx context.Context, id string) error {
	info := request(abs.DELETE, c.v1, "/directory/administrativeUnits/{id}", map[string]string{"id": id})
	_, err := send(ctx, c.v1, "delete administrative unit", info, nil)
	return err
}
