package graph

import (
	"context"
	"fmt"
	"strings"

	abs "github.com/microsoft/kiota-abstractions-go"
)

// User is an account.
type User struct {
	ID          string `json:"id"`
	UPN         string `json:"userPrincipalName"`
	DisplayName string `json:"displayName"`
}

// User returns an account by object id or user principal name. IsNotFound tells that there is none.
func (c *Client) User(ctx context.Context, idOrUPN string) (User, error) {
	info, err := c.users.ByUserId(idOrUPN).ToGetRequestInformation(ctx, nil)
	return one[User](ctx, c.v1, "get user", info, err)
}

// Group is a group of the directory.
type Group struct {
	ID             string `json:"id"`
	DisplayName    string `json:"displayName"`
	Description    string `json:"description"`
	RoleAssignable bool   `json:"isAssignableToRole"`
}

// Group returns a group by object id. IsNotFound tells that there is none.
func (c *Client) Group(ctx context.Context, id string) (Group, error) {
	info, err := c.groups.ByGroupId(id).ToGetRequestInformation(ctx, nil)
	return one[Group](ctx, c.v1, "get group", info, err)
}

// Object is anything that can be a member or hold members.
type Object struct {
	ID           string `json:"id"`
	Type         string `json:"-"` // user, group, servicePrincipal, directoryRole, device, administrativeUnit
	DisplayName  string `json:"displayName"`
	UPN          string `json:"userPrincipalName"` // users only
	RoleTemplate string `json:"roleTemplateId"`    // directory roles only
}

type objectJSON struct {
	Object
	ODataType string `json:"@odata.type"`
}

func objects(in []objectJSON, err error) ([]Object, error) {
	if err != nil {
		return nil, err
	}
	out := make([]Object, len(in))
	for i, j := range in {
		out[i] = j.Object
		out[i].Type = strings.TrimPrefix(j.ODataType, "#microsoft.graph.")
	}
	return out, nil
}

// TransitiveMembers returns everything in a group, nested groups resolved and listed too.
// IsNotFound tells that id is no group.
func (c *Client) TransitiveMembers(ctx context.Context, groupID string) ([]Object, error) {
	info, err := c.groups.ByGroupId(groupID).TransitiveMembers().ToGetRequestInformation(ctx, nil)
	return objects(list[objectJSON](ctx, c.v1, "list group members", info, err))
}

// MemberOf returns what an account is in, nested groups resolved: groups, active directory roles,
// administrative units.
func (c *Client) MemberOf(ctx context.Context, userID string) ([]Object, error) {
	info, err := c.users.ByUserId(userID).TransitiveMemberOf().ToGetRequestInformation(ctx, nil)
	return objects(list[objectJSON](ctx, c.v1, "list memberships", info, err))
}

// GroupEligibility is an eligibility in PIM for Groups.
type GroupEligibility struct {
	ID          string `json:"id"`
	GroupID     string `json:"groupId"`
	PrincipalID string `json:"principalId"`
	Access      string `json:"accessId"` // member or owner
}

// GroupEligibilities returns who may activate membership or ownership of a group.
func (c *Client) GroupEligibilities(ctx context.Context, groupID string) ([]GroupEligibility, error) {
	info := request(abs.GET, c.v1,
		"/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances{?%24filter}",
		map[string]string{"%24filter": equal("groupId", groupID)})
	return list[GroupEligibility](ctx, c.v1, "list group eligibilities", info, nil)
}

// Principal says who holds a role: a user, a group, or what is neither (a service principal).
type Principal struct {
	ID   string
	Type string // user, group, or empty for neither
	Name string // user principal name or display name; empty for neither
}

// Principal looks an object id up, first among users, then among groups.
func (c *Client) Principal(ctx context.Context, id string) (Principal, error) {
	user, err := c.User(ctx, id)
	if err == nil {
		return Principal{ID: id, Type: "user", Name: user.UPN}, nil
	}
	if !IsNotFound(err) {
		return Principal{}, fmt.Errorf("find principal: %w", err)
	}
	group, err := c.Group(ctx, id)
	if err == nil {
		return Principal{ID: id, Type: "group", Name: group.DisplayName}, nil
	}
	if !IsNotFound(err) {
		return Principal{}, fmt.Errorf("find principal: %w", err)
	}
	return Principal{ID: id}, nil
}
