package graphapi

import (
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
)

// filterByCurrentUser begins the function's name in a path.
const filterByCurrentUser = "filterByCurrentUser("

// ownOperations are the calls of filterByCurrentUser. Documented: requests by principal, by
// creator and by approver, schedules and instances by principal only.
func (f *family) ownOperations(requests, schedules, instances string) []*operation {
	on := func(path, whose string, read grant, handle func(*call) (result, error)) *operation {
		return &operation{method: get, path: path + "/" + filterByCurrentUser + "on='" + whose + "')", grant: read, handle: handle}
	}
	return []*operation{
		on(requests, "principal", f.readAsked, f.mine(f.requests, f.allRequests)),
		on(requests, "createdBy", f.readAsked, f.createdByMe),
		on(requests, "approver", f.readAsked, f.awaitingMe),
		on(schedules, "principal", f.read, f.mine(f.schedules, f.allSchedules)),
		on(instances, "principal", f.read, f.mine(f.instances, f.allInstances)),
	}
}

// mine answers filterByCurrentUser(on='principal'): what the signed-in user has, in
// person or through groups.
func (f *family) mine(of *entity, all collector) func(*call) (result, error) {
	return func(c *call) (result, error) {
		var list []*document.Object
		groups := c.t.GroupsAt(c.token.UserID, c.now)
		for _, o := range all(c, nil) {
			principal := o.String("principalId")
			if strings.EqualFold(principal, c.token.UserID) {
				list = append(list, o)
			} else if of != f.requests && containsFold(groups, principal) {
				list = append(list, throughGroup(o, c.token.UserID))
			}
		}
		return c.ownList(of, list)
	}
}

func (c *call) ownList(of *entity, list []*document.Object) (result, error) {
	if c.token.UserID == "" {
		return result{}, badRequest("filterByCurrentUser needs a signed-in user.")
	}
	for i, o := range list { // the type is in the documented examples of these calls only
		list[i] = typed("#"+of.name, o)
	}
	r, err := c.list(of, list)
	r.context = "Collection(" + strings.TrimPrefix(of.name, graphPrefix) + ")"
	return r, err
}

// createdByMe are the requests that the signed-in user made.
func (f *family) createdByMe(c *call) (result, error) {
	var list []*document.Object
	for _, r := range c.t.Requests.List() {
		if f.asked(*r) && strings.EqualFold(r.CreatedBy, c.token.UserID) {
			list = append(list, c.requestObject(*r))
		}
	}
	return c.ownList(f.requests, list)
}

// awaitingMe are the requests that wait for an approval which the signed-in user may give.
func (f *family) awaitingMe(c *call) (result, error) {
	var list []*document.Object
	for _, r := range c.t.Requests.List() {
		if f.asked(*r) && r.Status == pim.StatusPendingApproval && pim.MayApprove(c.t, c.caller(), *r) {
			list = append(list, c.requestObject(*r))
		}
	}
	return c.ownList(f.requests, list)
}

// throughGroup is what the user has of a schedule of a group (inferred: the principal is
// then the user).
func throughGroup(o *document.Object, user string) *document.Object {
	word := "Group"
	if o.Has("groupId") {
		word = "group"
	}
	return o.Set("principalId", user).Set("memberType", word)
}
