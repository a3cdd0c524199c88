package pim

import (
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Caller is who sent a request, from the access token that carried it.
type Caller struct {
	UserID  string // empty for an application that acts by itself
	AppID   string
	TokenID string   // uti
	AMR     []string // methods in the token
	ACRS    []string // authentication contexts in the token
	XMSCC   []string // client capabilities in the token
	IP      string
}

// Input is a request as it came in, for roles and groups alike.
type Input struct {
	Kind             store.Kind
	Action           string
	PrincipalID      string
	Target           Target
	TargetScheduleID string
	Justification    string
	TicketNumber     string
	TicketSystem     string
	HasTicket        bool
	CustomData       string // kept, and not looked at
	ValidationOnly   bool
	// Schedule is nil where scheduleInfo was absent or null.
	Schedule *Schedule
}

// Schedule is a request's scheduleInfo with its texts as sent.
type Schedule struct {
	Start    string // startDateTime; empty means now
	Type     string // noExpiration, afterDateTime, afterDuration, notSpecified, in any case
	End      string
	Duration string
}

// The actions of a request (documented).
const (
	AdminAssign    = "adminAssign"
	AdminUpdate    = "adminUpdate"
	AdminRemove    = "adminRemove"
	AdminExtend    = "adminExtend"
	AdminRenew     = "adminRenew"
	SelfActivate   = "selfActivate"
	SelfDeactivate = "selfDeactivate"
	SelfExtend     = "selfExtend"
	SelfRenew      = "selfRenew"
)

// The statuses that the tenant gives a request.
const (
	StatusProvisioned     = "Provisioned"
	StatusGranted         = "Granted"
	StatusRevoked         = "Revoked"
	StatusCanceled        = "Canceled"
	StatusPendingApproval = "PendingApproval"
	StatusPendingDecision = "PendingAdminDecision"
	StatusDenied          = "AdminDenied"
	StatusTimedOut        = "TimedOut"
)

var actions = []string{AdminAssign, AdminUpdate, AdminRemove, AdminExtend, AdminRenew, SelfActivate, SelfDeactivate, SelfExtend, SelfRenew}

// MinimumActive is the least time that an activation lasts: "You can't deactivate
// within five minutes of activation" (documented).
const MinimumActive = 5 * time.Minute

// Submit judges a request and carries it out. It returns the request as the service
// answers it, or an [*Error]; a refused one and a validation leave no trace but an
// audit row.
func Submit(t *store.Tenant, caller Caller, in Input) (store.ScheduleRequest, error) {
	Settle(t)
	now := t.Now()
	j := &judge{t: t, caller: caller, now: now}
	request, err := j.submit(in)
	if err != nil {
		return store.ScheduleRequest{}, err
	}
	return *request, nil
}

// judge carries what the checks of one request share.
type judge struct {
	t      *store.Tenant
	caller Caller
	now    time.Time
}

func (j *judge) submit(in Input) (*store.ScheduleRequest, error) {
	if !j.t.LicenceP2 {
		return nil, refuse(CodeLicenceRequired, "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.")
	}
	action, err := canonicalAction(in.Action)
	if err != nil {
		return nil, err
	}
	in.Action = action
	if err := j.authorise(in); err != nil {
		return nil, err
	}
	if err := j.resolve(&in); err != nil {
		return nil, err
	}
	span, err := j.span(in)
	if err != nil {
		return nil, err
	}
	switch {
	case action == SelfActivate && in.Kind == store.Assignment:
		return j.activate(in, span)
	case action == SelfDeactivate && in.Kind == store.Assignment:
		return j.deactivate(in)
	case action == AdminAssign, action == AdminRenew:
		return j.assign(in, span)
	case action == AdminUpdate, action == AdminExtend:
		return j.update(in, span)
	case action == AdminRemove:
		return j.remove(in)
	case action == SelfExtend, action == SelfRenew:
		return j.askAdmin(in, span)
	}
	return nil, refuse(CodeInvalidRequest, "The action %s is not valid for this request.", action)
}

func canonicalAction(action string) (string, error) {
	i := slices.IndexFunc(actions, func(a string) bool { return strings.EqualFold(a, action) })
	if i < 0 {
		return "", refuse(CodeInvalidRequest, "The action %q is not valid.", action)
	}
	return actions[i], nil
}

// authorise: a self action is for the caller alone; an admin action by a user needs an
// active Privileged Role Administrator or Global Administrator, or, for a group,
// ownership. An application is judged by its permissions alone.
func (j *judge) authorise(in Input) error {
	if strings.HasPrefix(in.Action, "self") {
		if j.caller.UserID == "" || !strings.EqualFold(j.caller.UserID, in.PrincipalID) {
			return unauthorized()
		}
		return nil
	}
	if j.caller.UserID == "" {
		return nil
	}
	roles := j.t.RolesOf(j.caller.UserID, j.now)
	if slices.Contains(roles, store.RolePrivilegedRoleAdministrator) || slices.Contains(roles, store.RoleGlobalAdministrator) {
		return nil
	}
	if g, ok := j.t.Groups.Get(in.Target.GroupID); ok && slices.Contains(g.Owners, j.caller.UserID) {
		return nil
	}
	return unauthorized()
}

// resolve checks that principal, role, scope and group are there, and writes their ids
// in the directory's spelling.
func (j *judge) resolve(in *Input) error {
	if !j.principalExists(in.PrincipalID) {
		return refuse(CodeSubjectNotFound, "The subject is not found.")
	}
	g := &in.Target
	if g.IsGroup() {
		if _, ok := j.t.Groups.Get(g.GroupID); !ok {
			return refuse(CodeRoleNotFound, "The role is not found.")
		}
		g.AccessID = strings.ToLower(g.AccessID)
		if g.AccessID != "member" && g.AccessID != "owner" {
			return refuse(CodeInvalidRequest, "The accessId %q is neither member nor owner.", g.AccessID)
		}
		return nil
	}
	if _, ok := j.t.RoleDefs.Get(g.RoleDefinitionID); !ok {
		return refuse(CodeRoleNotFound, "The role is not found.")
	}
	if g.DirectoryScopeID == "" && g.AppScopeID == "" {
		return refuse(CodeInvalidRequest, "The directoryScopeId is required.")
	}
	unit, isUnit := strings.CutPrefix(g.DirectoryScopeID, "/administrativeUnits/")
	if _, ok := j.t.Units.Get(unit); isUnit && !ok || !isUnit && g.DirectoryScopeID != "/" && g.AppScopeID == "" {
		return refuse(CodeInvalidRequest, "The directoryScopeId %q is not valid.", g.DirectoryScopeID)
	}
	return nil
}

func (j *judge) principalExists(id string) bool {
	if _, ok := j.t.Users.Get(id); ok {
		return true
	}
	if _, ok := j.t.Groups.Get(id); ok {
		return true
	}
	return slices.ContainsFunc(j.t.Apps.List(), func(a *store.Application) bool { return a.ServiceID == id })
}

// newRequest is the record of a request; scheduleInfo is set by the caller of it.
func (j *judge) newRequest(in Input, status string) *store.ScheduleRequest {
	r := &store.ScheduleRequest{
		ID: j.t.NewID(), Kind: in.Kind, Action: in.Action, Status: status, PrincipalID: in.PrincipalID,
		RoleDefinitionID: in.Target.RoleDefinitionID, DirectoryScopeID: in.Target.DirectoryScopeID, AppScopeID: in.Target.AppScopeID,
		GroupID: in.Target.GroupID, AccessID: in.Target.AccessID, ValidationOnly: in.ValidationOnly,
		Justification: in.Justification, TicketNumber: in.TicketNumber, TicketSystem: in.TicketSystem, HasTicket: in.HasTicket, CustomData: in.CustomData,
		CreatedBy: j.caller.UserID, CreatedAt: j.now, TokenID: j.caller.TokenID,
	}
	if j.caller.UserID == "" {
		r.CreatedByApp = j.caller.AppID
	}
	return r
}

func (j *judge) keep(r *store.ScheduleRequest) {
	if !r.ValidationOnly {
		j.t.Requests.Put(r.ID, r)
	}
}
