package store

import "time"

// Kind tells eligibility from assignment.
type Kind string

// Kinds of a schedule.
const (
	Eligibility Kind = "eligibility"
	Assignment  Kind = "assignment"
)

// Schedule says that a principal is eligible for, or assigned to, a directory role or a
// group, from an instant until another. An instance is a schedule that has begun and not
// ended.
type Schedule struct {
	ID               string
	Kind             Kind
	PrincipalID      string // user or group
	RoleDefinitionID string // directory role; empty for a group
	DirectoryScopeID string // "/" or "/administrativeUnits/{id}"; empty for a group
	AppScopeID       string
	GroupID          string     // PIM for Groups; empty for a role
	AccessID         string     // "member" or "owner" of the group
	Activated        bool       // assignmentType "Activated"; else "Assigned"
	EligibilityID    string     // schedule that an activation came from
	RequestID        string     // request that made it
	Start            time.Time  // inclusive
	End              *time.Time // exclusive; nil: permanent
	CreatedAt        time.Time
	ModifiedAt       time.Time
}

// ActiveAt says whether the schedule has begun and not ended.
func (s Schedule) ActiveAt(now time.Time) bool {
	return !now.Before(s.Start) && (s.End == nil || now.Before(*s.End))
}

// ScheduleRequest is a request to PIM in the words of Graph.
type ScheduleRequest struct {
	ID               string
	Kind             Kind
	Action           string // "adminAssign", "selfActivate", …
	Status           string // "Provisioned", "Granted", "PendingApproval", "Revoked", …
	PrincipalID      string
	RoleDefinitionID string
	DirectoryScopeID string
	AppScopeID       string
	GroupID          string
	AccessID         string
	ValidationOnly   bool
	TargetScheduleID string
	ApprovalID       string
	Justification    string
	TicketNumber     string
	TicketSystem     string
	HasTicket        bool
	CustomData       string
	Start            *time.Time // scheduleInfo.startDateTime; nil: scheduleInfo is null
	ExpirationType   string     // "noExpiration", "afterDateTime", "afterDuration", "notSpecified"
	End              *time.Time // scheduleInfo.expiration.endDateTime
	Duration         string     // ISO 8601, as sent
	CreatedBy        string     // object id of the user, empty for an application
	CreatedByApp     string     // client id, when an application asked by itself
	CreatedAt        time.Time
	CompletedAt      *time.Time
	DecidedBy        string     // object id of the approver; empty: nobody has decided
	DecidedAt        *time.Time // when an approver decided
	DecisionText     string     // the approver's justification
	TokenID          string     // uti of the access token that carried the request
}

// RolesOf returns the ids of the directory roles that are active for a user at an instant,
// directly or through a group, tenant-wide scope only: what wids names and Conditional
// Access sees.
func (t *Tenant) RolesOf(user string, now time.Time) []string {
	principals := append([]string{user}, t.GroupsAt(user, now)...)
	var roles []string
	for s := range t.Schedules.AllAt(now) {
		if s.Kind == Assignment && s.RoleDefinitionID != "" && s.DirectoryScopeID == "/" &&
			s.ActiveAt(now) && contains(principals, s.PrincipalID) && !contains(roles, s.RoleDefinitionID) {
			roles = append(roles, s.RoleDefinitionID)
		}
	}
	return roles
}

// GroupsAt returns the ids of the groups of a user at an instant, with the memberships that
// PIM for Groups activated and the groups that those are nested in.
func (t *Tenant) GroupsAt(user string, now time.Time) []string {
	groups := t.GroupsOf(user)
	for s := range t.Schedules.AllAt(now) {
		if s.Kind != Assignment || s.AccessID != "member" || !s.ActiveAt(now) || s.PrincipalID != user {
			continue
		}
		for _, id := range append([]string{s.GroupID}, t.GroupsOf(s.GroupID)...) {
			if !contains(groups, id) {
				groups = append(groups, id)
			}
		}
	}
	return groups
}
