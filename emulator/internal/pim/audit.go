package pim

import (
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// activity is the documented activity name of a step of a request. For groups the names are
// the same, also in speaking of a role; the category tells them apart (documented in the
// reference of audit activities).
func activity(r *store.ScheduleRequest, step string) string {
	kind := "permanent"
	if r.End != nil || r.Duration != "" {
		kind = "timebound"
	}
	switch {
	case step == "expired":
		return "Remove member from role (PIM activation expired)"
	case step == "timed out":
		return "PIM activation request expired"
	case r.Action == SelfActivate:
		return "Add member to role " + step + " (PIM activation)"
	case r.Action == SelfDeactivate:
		return "Remove member from role " + step + " (PIM deactivate)"
	case r.Action == AdminRemove && r.Kind == store.Eligibility:
		return "Remove eligible member from role in PIM " + step + " (" + kind + ")"
	case r.Action == AdminRemove:
		return "Remove member from role in PIM " + step + " (" + kind + ")"
	case r.Kind == store.Eligibility:
		return "Add eligible member to role in PIM " + step + " (" + kind + ")"
	}
	return "Add member to role in PIM " + step + " (" + kind + ")"
}

func audit(t *store.Tenant, caller Caller, r *store.ScheduleRequest, step string) {
	auditAt(t, caller, r, step, t.Now())
}

func auditAt(t *store.Tenant, caller Caller, r *store.ScheduleRequest, step string, at time.Time) {
	category := "RoleManagement"
	if r.GroupID != "" {
		category = "GroupManagement"
	}
	row := &store.AuditRow{
		At: at, Activity: activity(r, step), Category: category, Service: "PIM", OperationType: operation(r),
		CorrelationID: r.ID, Result: "success", ResultReason: r.Justification, Targets: targets(t, r),
		Details: []store.AuditKeyValue{{Key: "RequestId", Value: r.ID}, {Key: "Justification", Value: r.Justification}},
	}
	Initiator(t, caller, row)
	t.AddAudit(row)
}

func operation(r *store.ScheduleRequest) string {
	switch r.Action {
	case SelfActivate:
		return "ActivateRole"
	case SelfDeactivate:
		return "DeactivateRole"
	case AdminRemove:
		return "Unassign"
	}
	return "CreateRequest" + level(r.Kind)
}

// targets are the role or group, the request and the principal.
func targets(t *store.Tenant, r *store.ScheduleRequest) []store.AuditTarget {
	out := []store.AuditTarget{{ID: r.ID, DisplayName: r.Action, Type: "Request"}}
	if role, ok := t.RoleDefs.Get(r.RoleDefinitionID); ok {
		out = append([]store.AuditTarget{{ID: role.ID, DisplayName: role.DisplayName, Type: "Role"}}, out...)
	}
	if g, ok := t.Groups.Get(r.GroupID); ok {
		out = append([]store.AuditTarget{{ID: g.ID, DisplayName: g.DisplayName, Type: "Group"}}, out...)
	}
	if u, ok := t.Users.Get(r.PrincipalID); ok {
		out = append(out, store.AuditTarget{ID: u.ID, DisplayName: u.DisplayName, Type: "User", UPN: u.UPN})
	}
	return out
}

// Initiator writes who did it into an audit row. Without a caller it is PIM itself.
func Initiator(t *store.Tenant, caller Caller, row *store.AuditRow) {
	if u, ok := t.Users.Get(caller.UserID); ok {
		row.InitiatedByUser = &store.AuditUser{ID: u.ID, DisplayName: u.DisplayName, UPN: u.UPN, IPAddress: caller.IP}
		return
	}
	if a, ok := t.Apps.Get(caller.AppID); ok {
		row.InitiatedByApp = &store.AuditApp{AppID: a.ClientID, DisplayName: a.DisplayName, ServicePrincipalID: a.ServiceID}
		return
	}
	row.InitiatedByApp = &store.AuditApp{AppID: store.ResourcePIM, DisplayName: "MS-PIM"}
}

func auditSetting(t *store.Tenant, caller Caller, s store.RoleSetting, before, after *document.Object) {
	name := s.RoleID
	if role, ok := t.RoleDefs.Get(s.RoleID); ok {
		name = role.DisplayName
	}
	row := &store.AuditRow{
		Activity: "Update role setting in PIM", Category: "RoleManagement", Service: "PIM", OperationType: "Update",
		CorrelationID: t.NewID(), Result: "success",
		Targets: []store.AuditTarget{{
			ID: s.RoleID, DisplayName: name, Type: "Role",
			Modified: []store.AuditProperty{{Name: after.String("id"), Old: string(before.Raw()), New: string(after.Raw())}},
		}},
	}
	Initiator(t, caller, row)
	t.AddAudit(row)
}
