package graphapi

import (
	"encoding/binary"
	"fmt"
	"path"
	"strings"

	"github.com/google/uuid"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var groupType = &entity{directory: true, name: "microsoft.graph.group", properties: []string{
	"id", "deletedDateTime", "createdDateTime", "description", "displayName", "groupTypes", "isAssignableToRole", "mail", "mailEnabled", "mailNickname",
	"membershipRule", "membershipRuleProcessingState", "onPremisesProvisioningErrors", "onPremisesSyncEnabled", "securityEnabled", "securityIdentifier", "visibility",
}}

var groupBody = &bodyType{groupType.name, shape{
	"id": text, "displayName": text, "description": text, "mailEnabled": boolean, "mailNickname": text, "securityEnabled": boolean,
	"isAssignableToRole": boolean, "groupTypes": texts, "visibility": oneOf("Private", "Public", "HiddenMembership"),
}}

var referenceBody = &bodyType{"Reference", shape{}}

func groupOperations() []*operation {
	read := permissions("Group.ReadBasic.All", "GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")
	readMembers := permissions("GroupMember.ReadBasic.All", "Group.ReadBasic.All", "GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")
	readOwners := permissions("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")
	write := permissions("Group.ReadWrite.All", "Directory.ReadWrite.All").role(groupAdmins)
	create := write.forApplications("Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All")
	members := permissions("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All").role(groupAdmins)
	return []*operation{
		{method: get, path: "/groups", grant: read, handle: listGroups},
		{method: get, path: "/groups/$count", grant: read, handle: counting(listGroups)},
		{method: post, path: "/groups", grant: create, body: groupBody, handle: postGroup},
		{method: get, path: "/groups/{group}", grant: read, handle: getGroup},
		{method: patch, path: "/groups/{group}", grant: write, body: groupBody, handle: patchGroup},
		{method: remove, path: "/groups/{group}", grant: write, handle: deleteGroup},
		{method: get, path: "/groups/{group}/members", grant: readMembers, handle: listMembers},
		{method: get, path: "/groups/{group}/transitiveMembers", grant: readMembers, handle: listTransitiveMembers},
		{method: get, path: "/groups/{group}/owners", grant: readOwners, handle: listOwners},
		{method: post, path: "/groups/{group}/members/$ref", grant: members, body: referenceBody, handle: postMember},
		{method: remove, path: "/groups/{group}/members/{member}/$ref", grant: members, handle: deleteMember},
		{method: post, path: "/groups/{group}/owners/$ref", grant: write, body: referenceBody, handle: postOwner},
	}
}

func groupObject(g *store.Group) *document.Object {
	return document.Of("id", g.ID, "deletedDateTime", nil, "createdDateTime", g.CreatedAt, "description", document.Null(g.Description), "displayName", g.DisplayName,
		"groupTypes", []string{}, "isAssignableToRole", g.RoleAssignable, "mail", nil, "mailEnabled", false, "mailNickname", g.MailNickname,
		"membershipRule", nil, "membershipRuleProcessingState", nil, "onPremisesProvisioningErrors", []string{}, "onPremisesSyncEnabled", nil, "securityEnabled", true,
		"securityIdentifier", securityIdentifier(g.ID), "visibility", visibility(g))
}

// visibility is what was asked for; of a role-assignable group it is private otherwise
// (documented example), and a security group has none.
func visibility(g *store.Group) any {
	if g.RoleAssignable && g.Visibility == "" {
		return "Private"
	}
	return document.Null(g.Visibility)
}

// securityIdentifier is S-1-12-1 and the four little-endian words of the object id
// (documented: the example of a group shows both); null for an id that is no GUID.
func securityIdentifier(id string) any {
	b, err := uuid.Parse(id)
	if err != nil {
		return nil
	}
	// The first three fields of a GUID are stored little-endian, its text is big-endian.
	words := []uint32{
		binary.BigEndian.Uint32(b[0:4]), uint32(binary.BigEndian.Uint16(b[6:8]))<<16 | uint32(binary.BigEndian.Uint16(b[4:6])),
		binary.LittleEndian.Uint32(b[8:12]), binary.LittleEndian.Uint32(b[12:16]),
	}
	return fmt.Sprintf("S-1-12-1-%d-%d-%d-%d", words[0], words[1], words[2], words[3])
}

func (c *call) group() (*store.Group, error) {
	g, ok := c.t.Groups.Get(strings.ToLower(c.vars["group"]))
	if !ok {
		return nil, directoryNotFound(c.vars["group"])
	}
	return g, nil
}

func listGroups(c *call) (result, error) {
	return c.stream(groupType, func(yield func(*document.Object) bool) {
		demands := c.demands("id", "displayName", "mailNickname")
		for g := range c.t.Groups.All() {
			if demands.allow(g.ID, g.DisplayName, g.MailNickname) && !yield(groupObject(g)) {
				return
			}
		}
	})
}

func getGroup(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	return c.one(groupType, groupObject(g))
}

// postGroup makes a security group. Mail-enabled and dynamic groups are not modelled.
func postGroup(c *call) (result, error) {
	b := c.body
	for _, required := range []string{"displayName", "mailNickname", "mailEnabled", "securityEnabled"} {
		if v := valueOf(b, required); v == nil || v == "" {
			return result{}, directoryBadRequest("A value is required for property '%s' of resource 'Group'.", required)
		}
	}
	if b.Bool("mailEnabled") || !b.Bool("securityEnabled") || len(b.Strings("groupTypes")) > 0 {
		return result{}, unmodelled("a group other than an assigned security group")
	}
	if b.Bool("isAssignableToRole") {
		if err := c.mayAssignRoles(); err != nil {
			return result{}, err
		}
	}
	g := &store.Group{
		ID: c.t.NewID(), DisplayName: b.String("displayName"), Description: b.String("description"), MailNickname: b.String("mailNickname"),
		RoleAssignable: b.Bool("isAssignableToRole"), Visibility: b.String("visibility"), CreatedAt: c.now,
	}
	var err error
	if g.Members, err = c.bound("members@odata.bind"); err != nil {
		return result{}, err
	}
	if g.Owners, err = c.bound("owners@odata.bind"); err != nil {
		return result{}, err
	}
	c.t.Groups.Put(g.ID, g)
	c.auditGroup("Add group", g)
	return created(groupType, groupObject(g)), nil
}

// mayAssignRoles refuses who may not give directory roles: a group that can hold one, and
// its members, are as good as the role (documented: RoleManagement.ReadWrite.Directory, and
// for a user Privileged Role Administrator).
func (c *call) mayAssignRoles() error {
	return permissions("RoleManagement.ReadWrite.Directory").role(roleAdmins).check(c.t, c.token, c.vars)
}

// bound reads references of the form https://…/directoryObjects/{id}.
func (c *call) bound(name string) ([]string, error) {
	var ids []string
	for _, reference := range c.body.Strings(name) {
		id := path.Base(reference)
		if len(c.directoryObjects([]string{id})) == 0 {
			return nil, directoryNotFound(id)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func patchGroup(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	if c.body.Has("isAssignableToRole") && c.body.Bool("isAssignableToRole") != g.RoleAssignable {
		return result{}, directoryBadRequest("The property 'isAssignableToRole' cannot be changed.") // documented: immutable
	}
	for name, field := range map[string]*string{"displayName": &g.DisplayName, "description": &g.Description, "mailNickname": &g.MailNickname, "visibility": &g.Visibility} {
		if c.body.Has(name) {
			*field = c.body.String(name)
		}
	}
	members, err := c.bound("members@odata.bind")
	if err != nil {
		return result{}, err
	}
	g.Members = append(g.Members, members...)
	c.auditGroup("Update group", g)
	return noContent(), nil
}

func deleteGroup(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	c.t.Groups.Delete(g.ID)
	c.forget(g.ID)
	c.auditGroup("Delete group", g)
	return noContent(), nil
}

func (c *call) auditGroup(activity string, g *store.Group) {
	c.audit(activity, "GroupManagement", "Core Directory", store.AuditTarget{ID: g.ID, DisplayName: g.DisplayName, Type: "Group", GroupType: "azureAD"})
}
