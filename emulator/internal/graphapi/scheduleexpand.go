package graphapi

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// init adds the navigation between requests, schedules and instances (documented: the API
// metadata). It cannot stand in newFamily: the families refer to each other.
func init() {
	for _, f := range slices.Concat(roleFamilies, groupFamilies) {
		eligible := familyOf(store.Eligibility, f.group)
		f.requests.expand["targetSchedule"] = expander{of: func() *entity { return f.schedules }, read: f.expandTarget}
		if f.kind == store.Eligibility {
			continue
		}
		f.requests.expand["activatedUsing"] = expander{of: func() *entity { return eligible.schedules }, read: f.expandUsed}
		f.schedules.expand["activatedUsing"] = expander{of: func() *entity { return eligible.schedules }, read: f.expandUsed}
		f.instances.expand["activatedUsing"] = expander{of: func() *entity { return eligible.instances }, read: f.expandUsedInstance}
	}
}

func familyOf(kind store.Kind, group bool) *family {
	for _, f := range slices.Concat(roleFamilies, groupFamilies) {
		if f.kind == kind && f.group == group {
			return f
		}
	}
	return nil
}

// asked reports whether the request is one of the family's.
func (f *family) asked(r store.ScheduleRequest) bool {
	return r.Kind == f.kind && (r.GroupID != "") == f.group
}

// expandTarget is the schedule that a request made or changed; null once it is gone.
func (f *family) expandTarget(c *call, o *document.Object) any {
	if s, ok := c.t.Schedules.Get(o.String("targetScheduleId")); ok && f.has(s) {
		return f.scheduleObject(s, s.PrincipalID)
	}
	return nil
}

// expandUsed is the eligibility behind an activation, of a request or of its schedule; null
// for an assignment that was given.
func (f *family) expandUsed(c *call, o *document.Object) any {
	id := o.String("id")
	if o.Has("targetScheduleId") {
		id = o.String("targetScheduleId")
	}
	if used, ok := eligibilityBehind(c.t, id); ok {
		return familyOf(store.Eligibility, f.group).scheduleObject(used, used.PrincipalID)
	}
	return nil
}

func (f *family) expandUsedInstance(c *call, o *document.Object) any {
	id := o.String("roleAssignmentScheduleId") + o.String("assignmentScheduleId")
	if used, ok := eligibilityBehind(c.t, id); ok {
		return familyOf(store.Eligibility, f.group).instanceObject(used, used.PrincipalID)
	}
	return nil
}

func eligibilityBehind(t *store.Tenant, assignment string) (store.Schedule, bool) {
	s, ok := t.Schedules.Get(assignment)
	if !ok || !s.Activated {
		return store.Schedule{}, false
	}
	return t.Schedules.Get(s.EligibilityID)
}

func expandPrincipal(c *call, o *document.Object) any {
	id := o.String("principalId")
	if u, ok := c.t.Users.Get(id); ok {
		return typed("#microsoft.graph.user", userObject(u))
	}
	if g, ok := c.t.Groups.Get(id); ok {
		return typed("#microsoft.graph.group", groupObject(g))
	}
	for _, a := range c.t.Apps.List() {
		if a.ServiceID == id {
			return document.Of("@odata.type", "#microsoft.graph.servicePrincipal", "id", id, "displayName", a.DisplayName, "appId", a.ClientID)
		}
	}
	return nil
}

func typed(odataType string, o *document.Object) *document.Object {
	out := document.Of("@odata.type", odataType)
	for _, k := range o.Keys() {
		out.Set(k, valueOf(o, k))
	}
	return out
}

func expandGroup(c *call, o *document.Object) any {
	if g, ok := c.t.Groups.Get(o.String("groupId")); ok {
		return groupObject(g)
	}
	return nil
}

func expandRole(c *call, o *document.Object) any {
	if r, ok := c.t.RoleDefs.Get(o.String("roleDefinitionId")); ok {
		return roleObject(r)
	}
	return nil
}

func expandScope(c *call, o *document.Object) any {
	id, ok := strings.CutPrefix(o.String("directoryScopeId"), "/administrativeUnits/")
	if u, found := c.t.Units.Get(id); ok && found {
		return typed("#microsoft.graph.administrativeUnit", unitObject(u))
	}
	return nil
}
