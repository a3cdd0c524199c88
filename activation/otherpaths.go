package activation

import (
	"fmt"
	"slices"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// ruling are the built-in roles whose holder can take any role: whoever gets one of them without
// a fresh sign-in needs no activation of the role that is proved. Their ids are the same in every
// tenant (documented).
var ruling = []verdict.Role{
	{Name: "Privileged Role Administrator", DefinitionID: "e8611ab8-c189-46e8-94e1-60213ab1f814"},
	{Name: "Global Administrator", DefinitionID: "62e90394-69f5-4237-9190-012177145e10"},
}

// Rules reports whether whoever holds a role can take any role; its id is a role definition's.
func Rules(roleDefinitionID string) bool {
	return slices.ContainsFunc(ruling, func(r verdict.Role) bool { return r.DefinitionID == roleDefinitionID })
}

// otherPaths are ways of the admin to the power of the role that ask for no context. An eligibility
// for the same role at another scope is none: a role has one setting for all scopes (documented).
func (r *configurationReader) otherPaths(holders []string, role verdict.Role) []verdict.OtherPath {
	paths := []verdict.OtherPath{}
	paths = append(paths, r.standing(holders, role, role.DirectoryScopeID)...)
	for _, above := range ruling {
		if above.DefinitionID == role.DefinitionID {
			continue
		}
		paths = append(paths, r.standing(holders, above, "")...)
		paths = append(paths, r.activatable(holders, above)...)
	}
	return paths
}

// standing are assignments that hold a role without activation: the admin's own, but for those at
// the scope that is proved, and those of groups that the admin can enter.
func (r *configurationReader) standing(holders []string, role verdict.Role, proved string) []verdict.OtherPath {
	held, err := r.graph.Assignments(r.ctx, graph.Holding{RoleDefinitionID: role.DefinitionID})
	if !r.keep(err) {
		return nil
	}
	var paths []verdict.OtherPath
	for _, a := range held {
		switch {
		case !slices.Contains(holders, a.PrincipalID):
			paths = append(paths, r.enterable(holders, a.PrincipalID, role)...)
		case a.DirectoryScopeID != proved:
			paths = append(paths, verdict.OtherPath{
				Object: "/roleManagement/directory/roleAssignmentScheduleInstances/" + a.ID,
				Text:   fmt.Sprintf("%s is active for the admin at %s already (%s).", role.Name, a.DirectoryScopeID, a.AssignmentType),
			})
		}
	}
	return paths
}

// activatable are eligibilities of the admin for a role whose setting names no context.
func (r *configurationReader) activatable(holders []string, role verdict.Role) []verdict.OtherPath {
	eligible, err := r.graph.Eligibilities(r.ctx, graph.Holding{RoleDefinitionID: role.DefinitionID})
	if !r.keep(err) {
		return nil
	}
	eligible = slices.DeleteFunc(eligible, func(i graph.Instance) bool { return !slices.Contains(holders, i.PrincipalID) })
	if len(eligible) == 0 {
		return nil
	}
	setting, err := r.graph.RoleSetting(r.ctx, role.DefinitionID)
	if !r.keep(err) || settingOf(setting).RequiresContext() {
		return nil
	}
	return []verdict.OtherPath{{
		Object: "/roleManagement/directory/roleEligibilityScheduleInstances/" + eligible[0].ID,
		Text: fmt.Sprintf("The admin may activate %s, whose role setting requires no authentication context and which can assign any role.",
			role.Name),
	}}
}

// enterable are the ways into a group that holds a role. What is no group, and what the application
// may not read, gives none.
func (r *configurationReader) enterable(holders []string, group string, role verdict.Role) []verdict.OtherPath {
	owners, err := r.graph.Owners(r.ctx, group)
	if unreadable(err) || !r.keep(err) {
		return nil
	}
	var paths []verdict.OtherPath
	if slices.ContainsFunc(owners, func(o graph.Object) bool { return slices.Contains(holders, o.ID) }) {
		paths = append(paths, verdict.OtherPath{
			Object: "/groups/" + group + "/owners",
			Text:   fmt.Sprintf("The admin owns the group %s, which holds %s, and may add a member to it.", group, role.Name),
		})
	}
	eligible, err := r.graph.GroupEligibilities(r.ctx, group)
	if unreadable(err) || !r.keep(err) {
		return paths
	}
	for _, e := range eligible {
		if slices.Contains(holders, e.PrincipalID) && !r.protected(e) {
			paths = append(paths, verdict.OtherPath{
				Object: "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances/" + e.ID,
				Text: fmt.Sprintf("The admin may activate the %s role of the group %s, which holds %s, and that activation requires no authentication context.",
					e.Access, group, role.Name),
			})
		}
	}
	return paths
}

// protected reports whether activating the access to a group requires a context. What cannot be
// read accuses nobody.
func (r *configurationReader) protected(e graph.GroupEligibility) bool {
	settings, err := r.graph.GroupSettings(r.ctx, e.GroupID)
	if unreadable(err) || !r.keep(err) {
		return true
	}
	setting, ok := settings[e.Access]
	return !ok || settingOf(setting).RequiresContext()
}

// unreadable reports whether Graph said that something is not there, or not for us to see.
func unreadable(err error) bool { return graph.IsNotFound(err) || graph.IsForbidden(err) }
