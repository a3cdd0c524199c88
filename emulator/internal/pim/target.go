package pim

import (
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Target is what a request is about: a directory role at a scope, or the membership
// or ownership of a group.
type Target struct {
	RoleDefinitionID string // empty for a group
	DirectoryScopeID string // "/" or "/administrativeUnits/{id}"
	AppScopeID       string
	GroupID          string // empty for a role
	AccessID         string // member or owner
}

// IsGroup reports whether the target belongs to PIM for Groups.
func (g Target) IsGroup() bool { return g.GroupID != "" }

// settingKey is the role definition, or the group with its access.
func (g Target) settingKey() (scopeID, scopeType, roleID string) {
	if g.IsGroup() {
		return g.GroupID, "Group", g.AccessID
	}
	return "/", "DirectoryRole", g.RoleDefinitionID
}

// TargetOf returns what a schedule is about.
func TargetOf(s store.Schedule) Target {
	return Target{
		RoleDefinitionID: s.RoleDefinitionID, DirectoryScopeID: s.DirectoryScopeID, AppScopeID: s.AppScopeID,
		GroupID: s.GroupID, AccessID: s.AccessID,
	}
}

// same compares what two targets grant.
func (g Target) same(o Target) bool {
	return strings.EqualFold(g.RoleDefinitionID, o.RoleDefinitionID) && strings.EqualFold(g.DirectoryScopeID, o.DirectoryScopeID) &&
		strings.EqualFold(g.GroupID, o.GroupID) && strings.EqualFold(g.AccessID, o.AccessID)
}

// covers reports whether eligibility for g suffices to activate o: the same, or the
// whole tenant where a narrower scope is asked for.
func (g Target) covers(o Target) bool {
	if g.DirectoryScopeID == "/" {
		g.DirectoryScopeID = o.DirectoryScopeID
	}
	return g.same(o)
}

// principals are the user and every group that the user belongs to.
func principals(t *store.Tenant, id string, now time.Time) map[string]bool {
	set := map[string]bool{strings.ToLower(id): true}
	for _, g := range t.GroupsAt(id, now) {
		set[strings.ToLower(g)] = true
	}
	return set
}

// eligibility finds the schedule in effect that lets the principal activate the
// target: a direct one before one through a group.
func eligibility(t *store.Tenant, principal string, target Target, now time.Time) (found store.Schedule, ok bool) {
	who := principals(t, principal, now)
	for _, s := range t.Schedules.ListAt(now) {
		if s.Kind != store.Eligibility || !s.ActiveAt(now) || !who[strings.ToLower(s.PrincipalID)] || !TargetOf(s).covers(target) {
			continue
		}
		if strings.EqualFold(s.PrincipalID, principal) {
			return s, true
		}
		found, ok = s, true
	}
	return found, ok
}

// existing finds the newest schedule of the kind for exactly this principal and target
// that has not ended.
func existing(t *store.Tenant, kind store.Kind, principal string, target Target, now time.Time) (store.Schedule, bool) {
	for _, s := range t.Schedules.List() {
		if s.Kind == kind && strings.EqualFold(s.PrincipalID, principal) && TargetOf(s).same(target) && !ended(s, now) {
			return s, true
		}
	}
	return store.Schedule{}, false
}

func ended(s store.Schedule, now time.Time) bool { return s.End != nil && !now.Before(*s.End) }
