package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/graph"
)

// roles looks at each role that is to be proved.
func (e *examination) roles(ctx context.Context) []Check {
	wanted := e.Roles
	if len(wanted) == 0 && e.Makes == nil {
		eligible, err := e.Graph.Eligibilities(ctx, graph.Holding{PrincipalID: e.AdminID})
		if err != nil {
			return e.unread(err, "RoleEligibilitySchedule.Read.Directory")
		}
		for _, instance := range eligible {
			if !slices.Contains(wanted, instance.RoleDefinitionID) {
				wanted = append(wanted, instance.RoleDefinitionID)
			}
		}
	}
	if len(wanted) == 0 {
		found := "the test admin is eligible for no role directly"
		if e.Makes != nil {
			return note("", "the admin that a run makes is eligible for nothing; scenarios make a role of their own and the admin eligible for it")
		}
		if e.Prepares {
			return note("", "%s; scenarios make it eligible themselves", found)
		}
		return failed("make it eligible for the role in Privileged Identity Management, or name the role with --role where it is eligible through a group", "%s", found)
	}
	var checks []Check
	for _, name := range wanted {
		checks = append(checks, e.role(ctx, name)...)
	}
	return checks
}

func (e *examination) role(ctx context.Context, name string) []Check {
	role, err := e.Graph.Role(ctx, name)
	if err != nil {
		made := e.unread(err, "RoleManagement.Read.All")
		if !graph.IsForbidden(err) {
			made = failed("name a role as the Entra admin center shows it", "%s", err)
		}
		return named("role/"+name, name, made)
	}
	held := named("role/"+role.DisplayName, role.DisplayName, e.eligibility(ctx, role))
	setting := named("setting/"+role.DisplayName, "setting of "+role.DisplayName, e.setting(ctx, role))
	return append(held, setting...)
}

// eligibility is whether the admin may activate a role, and does not hold it already.
func (e *examination) eligibility(ctx context.Context, role graph.RoleDefinition) []Check {
	if e.Makes != nil {
		return note("", "the admin that a run makes is eligible for it when a scenario has made it so")
	}
	users, err := e.Graph.EligibleUsers(ctx, role.ID)
	if err != nil {
		return e.unread(err, "RoleEligibilitySchedule.Read.Directory")
	}
	i := slices.IndexFunc(users, func(u graph.EligibleUser) bool { return u.ID == e.AdminID })
	active, err := e.Graph.Assignments(ctx, graph.Holding{PrincipalID: e.AdminID, RoleDefinitionID: role.ID})
	if err != nil {
		return e.unread(err, "RoleAssignmentSchedule.Read.Directory")
	}
	standing := func(a graph.Instance) bool { return a.AssignmentType != graph.Activated }
	switch {
	case slices.ContainsFunc(active, standing):
		return failed("remove the active assignment and leave the admin eligible only", "%s holds it permanently, so that there is nothing to activate", e.AdminUPN)
	case len(active) > 0:
		return failed("deactivate it (reprompt cleanup does where an interrupted run left it), or wait until it ends", "it is active for %s now", e.AdminUPN)
	case slices.ContainsFunc(e.member.Roles, func(r string) bool { return strings.EqualFold(r, role.ID) }):
		return failed("take the account out of the group that holds the role", "%s holds it through a group, so that there is nothing to activate", e.AdminUPN)
	case i < 0:
		return failed("make the admin eligible for the role in Privileged Identity Management", "%s is not eligible for it", e.AdminUPN)
	case users[i].Via != graph.Direct:
		return ok("%s is eligible through the group %s", e.AdminUPN, users[i].Via)
	}
	return ok("%s is eligible and does not hold it", e.AdminUPN)
}

// setting reads what PIM asks for. That it asks for no context is a finding of a proof, not of this.
func (e *examination) setting(ctx context.Context, role graph.RoleDefinition) []Check {
	setting, err := e.Graph.RoleSetting(ctx, role.ID)
	if err != nil {
		return e.unread(err, "RoleManagement.Read.All")
	}
	var also []Check
	if setting.ApprovalRequired {
		also = append(also, note("have an approver ready", "an activation waits for an approver")...)
	}
	if slices.Contains(setting.EnabledRules, "Ticketing") {
		also = append(also, note("", "an activation wants a ticket: give --ticket and --ticket-system")...)
	}
	if !setting.ContextEnabled {
		return append(note("", "can be read; it names no authentication context, so that a proof will find the role not enforced"), also...)
	}
	context := fmt.Sprintf("can be read; it asks for the authentication context %s", setting.ContextID)
	if _, err := e.Graph.Context(ctx, setting.ContextID); graph.IsNotFound(err) {
		return append(note("", "%s, which does not exist", context), also...)
	}
	return append(ok("%s", context), also...)
}
