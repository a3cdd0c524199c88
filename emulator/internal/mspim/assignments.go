package mspim

import (
	"net/http"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// own refuses a question about somebody else: the page asks for its user's own.
func (c *call) own() error {
	subject, ok := c.query.Filter.Equals("subject/id")
	if !ok || !strings.EqualFold(subject, c.token.ObjectID) {
		return &pim.Error{Status: http.StatusForbidden, Code: pim.CodeUnauthorized, Message: "Attempted to perform an unauthorized operation."}
	}
	return nil
}

// filtered is the answer for a collection.
func (c *call) filtered(all []*document.Object) *document.Object {
	matching := []any{}
	for _, item := range all {
		if c.query.Filter.Match(item) {
			matching = append(matching, item)
		}
	}
	return document.Of("value", matching)
}

// listAssignments answers the caller's eligible and active role assignments, direct ones and
// those through groups.
func listAssignments(c *call) (any, error) {
	if err := c.own(); err != nil {
		return nil, err
	}
	now := c.tenant.Now()
	groups := c.tenant.GroupsAt(c.token.ObjectID, now)
	var all []*document.Object
	for _, kind := range []store.Kind{store.Eligibility, store.Assignment} {
		for _, schedule := range pim.ActiveSchedules(c.tenant, kind, now) {
			direct := schedule.PrincipalID == c.token.ObjectID
			if schedule.RoleDefinitionID != "" && (direct || slices.Contains(groups, schedule.PrincipalID)) {
				all = append(all, c.assignment(schedule, direct))
			}
		}
	}
	return c.filtered(all), nil
}

func (c *call) assignment(s store.Schedule, direct bool) *document.Object {
	state, member := "Active", "Direct"
	if s.Kind == store.Eligibility {
		state = "Eligible"
	}
	if !direct {
		member = "Group"
	}
	o := document.Of(
		"id", s.ID, "resourceId", c.tenant.ID, "roleDefinitionId", s.RoleDefinitionID, "subjectId", c.token.ObjectID,
		"scopedResourceId", document.Null(unitOf(s.DirectoryScopeID)), "linkedEligibleRoleAssignmentId", document.Null(s.EligibilityID),
		"externalId", s.ID, "startDateTime", document.Instant(s.Start), "endDateTime", nil,
		"memberType", member, "assignmentState", state, "status", "Accepted",
	)
	if s.End != nil {
		o.Set("endDateTime", document.Instant(*s.End))
	}
	return c.expand(o, s.RoleDefinitionID, s.DirectoryScopeID)
}

// expand sets what $expand asks for; the filters look into it.
func (c *call) expand(o *document.Object, roleID, scopeID string) *document.Object {
	subject := document.Of("id", c.token.ObjectID, "type", "User", "displayName", c.token.Name, "principalName", c.token.UPN)
	resource := document.Of("id", c.tenant.ID, "type", "Directory", "displayName", c.tenant.DisplayName)
	role := document.Of("id", roleID, "displayName", roleID, "type", "BuiltInRole", "templateId", roleID, "resource", resource)
	if def, ok := c.tenant.RoleDefs.Get(roleID); ok {
		role.Set("displayName", def.DisplayName).Set("templateId", def.TemplateID)
		if !def.BuiltIn {
			role.Set("type", "CustomRole")
		}
	}
	o.Set("subject", subject).Set("roleDefinition", role).Set("linkedEligibleRoleAssignment", nil).Set("scopedResource", nil)
	if unit, ok := c.tenant.Units.Get(unitOf(scopeID)); ok {
		o.Set("scopedResource", document.Of("id", unit.ID, "type", "administrativeunit", "displayName", unit.DisplayName))
	}
	return o
}

const unitPrefix = "/administrativeUnits/"

// unitOf is the administrative unit of a scope, empty for the whole directory.
func unitOf(scopeID string) string {
	unit, _ := strings.CutPrefix(scopeID, unitPrefix)
	if unit == scopeID {
		return ""
	}
	return unit
}

func scopeOf(unit string) string {
	if unit == "" {
		return "/"
	}
	return unitPrefix + unit
}
