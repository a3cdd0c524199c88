package graphapi

import (
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var groupType = &entity{name: "microsoft.graph.group", properties: []string{
	"id", "deletedDateTime", "createdDateTime", "description", "displayName", "groupTypes", "isAssignableToRole", "mail", "mailEnabled", "mailNickname",
	"membershipRule", "membershipRuleProcessingState", "onPremisesProvisioningErrors", "onPremisesSyncEnabled", "securityEnabled", "securityIdentifier", "visibility",
}}

var groupBody = &bodyType{groupType.name, shape{
	"id": text, "displayName": text, "description": text, "mailEnabled": boolean, "mailNickname": text, "securityEnabled": boolean,
	"isAssignableToRole": boolean, "groupTypes": texts, "visibility": text,
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

// visibility of a role-assignable group is private (documented example); a security group
// has none otherwise.
func visibility(g *store.Group) any {
	if g.RoleAssignable {
		return "Private"
	}
	return nil
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
	var list []*document.Object
	for _, g := range c.t.Groups.List() {
		list = append(list, groupObject(g))
	}
	return c.list(groupType, list)
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
	g := &store.Group{
		ID: c.t.NewID(), DisplayName: b.String("displayName"), Description: b.String("description"), MailNickname: b.String("mailNickname"),
		RoleAssignable: b.Bool("isAssignableToRole"), CreatedAt: c.now,
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
	for name, field := range map[string]*string{"displayName": &g.DisplayName, "description": &g.Description, "mailNickname": &g.MailNickname} {
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

// membersOf are the members that a group names, and those whose membership PIM activated.
func (c *call) membersOf(g *store.Group) []string {
	members := slices.Clone(g.Members)
	for _, s := range c.t.Schedules.ListAt(c.now) {
		if s.Kind == store.Assignment && s.GroupID == g.ID && s.AccessID == "member" && s.ActiveAt(c.now) && !slices.Contains(members, s.PrincipalID) {
			members = append(members, s.PrincipalID)
		}
	}
	return members
}

func listMembers(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	return c.listObjects(c.membersOf(g))
}

func listTransitiveMembers(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	var found []string
	queue := []string{g.ID}
	for len(queue) > 0 {
		current, ok := c.t.Groups.Get(queue[0])
		queue = queue[1:]
		if !ok {
			continue
		}
		for _, m := range c.membersOf(current) {
			if !slices.Contains(found, m) && m != g.ID {
				found = append(found, m)
				queue = append(queue, m)
			}
		}
	}
	return c.listObjects(found)
}

func listOwners(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	return c.listObjects(g.Owners)
}

func (c *call) listObjects(ids []string) (result, error) {
	r, err := c.list(directoryObjectType, c.directoryObjects(ids))
	r.context = "directoryObjects"
	return r, err
}

// reference reads the "@odata.id" of a body of …/$ref.
func (c *call) reference() (string, error) {
	id := path.Base(c.body.String("@odata.id"))
	if len(c.directoryObjects([]string{id})) == 0 {
		return "", directoryNotFound(id)
	}
	return id, nil
}

func postMember(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	id, err := c.reference()
	if err != nil {
		return result{}, err
	}
	if slices.Contains(g.Members, id) {
		return result{}, directoryBadRequest("One or more added object references already exist for the following modified properties: 'members'.")
	}
	if _, isGroup := c.t.Groups.Get(id); isGroup && g.RoleAssignable {
		return result{}, directoryBadRequest("A role-assignable group cannot have groups as members.") // documented
	}
	g.Members = append(g.Members, id)
	c.auditGroup("Add member to group", g)
	return noContent(), nil
}

func deleteMember(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	if !slices.Contains(g.Members, c.vars["member"]) {
		return result{}, directoryNotFound(c.vars["member"])
	}
	g.Members = slices.DeleteFunc(g.Members, func(m string) bool { return m == c.vars["member"] })
	c.auditGroup("Remove member from group", g)
	return noContent(), nil
}

func postOwner(c *call) (result, error) {
	g, err := c.group()
	if err != nil {
		return result{}, err
	}
	id, err := c.reference()
	if err != nil {
		return result{}, err
	}
	if slices.Contains(g.Owners, id) {
		return result{}, directoryBadRequest("One or more added object references already exist for the following modified properties: 'owners'.")
	}
	g.Owners = append(g.Owners, id)
	c.auditGroup("Add owner to group", g)
	return noContent(), nil
}
