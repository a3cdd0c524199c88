package graphapi

import (
	"path"
	"slices"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

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
	if g.RoleAssignable {
		if err := c.mayAssignRoles(); err != nil {
			return result{}, err
		}
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
	if g.RoleAssignable {
		if err := c.mayAssignRoles(); err != nil {
			return result{}, err
		}
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
