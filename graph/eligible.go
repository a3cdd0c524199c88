package graph

import (
	"context"
	"fmt"
)

// Memberships are what a policy can know an account by.
type Memberships struct {
	Groups []string // ids, nested too
	Roles  []string // template ids of the directory roles that are active
}

// Memberships returns the groups and active roles of an account.
func (c *Client) Memberships(ctx context.Context, userID string) (Memberships, error) {
	objects, err := c.MemberOf(ctx, userID)
	if err != nil {
		return Memberships{}, err
	}
	var in Memberships
	for _, object := range objects {
		switch object.Type {
		case "group":
			in.Groups = append(in.Groups, object.ID)
		case "directoryRole":
			in.Roles = append(in.Roles, object.RoleTemplate)
		}
	}
	return in, nil
}

// EligibleUser is an account that may activate a role.
type EligibleUser struct {
	ID    string
	Name  string // user principal name
	Via   string // "direct", or the id of the eligible group that it is in
	Scope string // "/" or an administrative unit
	Memberships
}

// Direct is EligibleUser.Via of an eligibility of the account's own.
const Direct = "direct"

// EligibleUsers returns who may activate a role now, groups resolved, nested too. An account that
// is eligible in two ways is listed twice. Accounts that could first activate membership of an
// eligible group are not among them, nor are applications, which cannot activate.
func (c *Client) EligibleUsers(ctx context.Context, roleDefinitionID string) ([]EligibleUser, error) {
	eligible, err := c.Eligibilities(ctx, Holding{RoleDefinitionID: roleDefinitionID})
	if err != nil {
		return nil, err
	}
	var users []EligibleUser
	for _, instance := range eligible {
		found, err := c.behind(ctx, instance)
		if err != nil {
			return nil, err
		}
		users = append(users, found...)
	}
	known := map[string]Memberships{}
	for i, user := range users {
		if _, ok := known[user.ID]; !ok {
			if known[user.ID], err = c.Memberships(ctx, user.ID); err != nil {
				return nil, err
			}
		}
		users[i].Memberships = known[user.ID]
	}
	return users, nil
}

// behind returns the accounts behind one eligibility.
func (c *Client) behind(ctx context.Context, instance Instance) ([]EligibleUser, error) {
	principal, err := c.Principal(ctx, instance.PrincipalID)
	if err != nil {
		return nil, err
	}
	switch principal.Type {
	case "user":
		return []EligibleUser{{ID: principal.ID, Name: principal.Name, Via: Direct, Scope: instance.DirectoryScopeID}}, nil
	case "group":
		members, err := c.TransitiveMembers(ctx, principal.ID)
		if err != nil {
			return nil, fmt.Errorf("resolve eligible group: %w", err)
		}
		var users []EligibleUser
		for _, member := range members {
			if member.Type == "user" {
				users = append(users, EligibleUser{ID: member.ID, Name: member.UPN, Via: principal.ID, Scope: instance.DirectoryScopeID})
			}
		}
		return users, nil
	}
	return nil, nil
}
