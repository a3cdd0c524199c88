package graphapi

import (
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var scheduleActions = oneOf(pim.AdminAssign, pim.AdminUpdate, pim.AdminRemove, pim.SelfActivate, pim.SelfDeactivate,
	pim.AdminExtend, pim.AdminRenew, pim.SelfExtend, pim.SelfRenew)

// requestShape is what role and group requests have in common. Dates stay texts: it is
// PIM that refuses a start without an offset, with a code of its own (observed).
func requestShape(own shape) shape {
	s := shape{
		"id": text, "action": scheduleActions, "principalId": text, "justification": text, "isValidationOnly": boolean,
		"customData": text, "targetScheduleId": text,
		"scheduleInfo": objectOf(graphPrefix+"requestSchedule", shape{
			"startDateTime": text, "recurrence": anything,
			"expiration": objectOf(graphPrefix+"expirationPattern", shape{
				"type": oneOf("notSpecified", "noExpiration", "afterDateTime", "afterDuration"), "endDateTime": text, "duration": text,
			}),
		}),
		"ticketInfo": objectOf(graphPrefix+"ticketInfo", shape{"ticketNumber": text, "ticketSystem": text}),
	}
	for k, v := range own {
		s[k] = v
	}
	return s
}

var (
	roleAssignmentBody  = &bodyType{graphPrefix + "unifiedRoleAssignmentScheduleRequest", requestShape(shape{"roleDefinitionId": text, "directoryScopeId": text, "appScopeId": text})}
	roleEligibilityBody = &bodyType{graphPrefix + "unifiedRoleEligibilityScheduleRequest", roleAssignmentBody.shape}
	groupRequestBody    = &bodyType{graphPrefix + "privilegedAccessGroupScheduleRequest", requestShape(shape{"groupId": text, "accessId": oneOf("member", "owner")})}
)

// input reads a schedule request for PIM.
func (c *call) input(kind store.Kind) pim.Input {
	b := c.body
	in := pim.Input{
		Kind: kind, Action: b.String("action"), PrincipalID: b.String("principalId"), Justification: b.String("justification"), CustomData: b.String("customData"),
		ValidationOnly: b.Bool("isValidationOnly"), TargetScheduleID: b.String("targetScheduleId"),
		Target: pim.Target{
			RoleDefinitionID: b.String("roleDefinitionId"), DirectoryScopeID: b.String("directoryScopeId"), AppScopeID: b.String("appScopeId"),
			GroupID: b.String("groupId"), AccessID: b.String("accessId"),
		},
	}
	if ticket := b.Object("ticketInfo"); ticket != nil {
		in.HasTicket, in.TicketNumber, in.TicketSystem = true, ticket.String("ticketNumber"), ticket.String("ticketSystem")
	}
	if schedule := b.Object("scheduleInfo"); schedule != nil {
		e := schedule.Object("expiration")
		in.Schedule = &pim.Schedule{Start: schedule.String("startDateTime"), Type: e.String("type"), End: e.String("endDateTime"), Duration: e.String("duration")}
	}
	return in
}

// scheduleInfo writes a requestSchedule.
func scheduleInfo(start any, kind string, end any, duration string) *document.Object {
	return document.Of("startDateTime", start, "recurrence", nil,
		"expiration", document.Of("type", kind, "endDateTime", end, "duration", document.Null(duration)))
}

// requestObject writes a request as the service answers it, with every null of the
// documented shape.
func (c *call) requestObject(r store.ScheduleRequest) *document.Object {
	o := document.Of("id", r.ID, "status", r.Status, "createdDateTime", r.CreatedAt, "completedDateTime", r.CompletedAt,
		"approvalId", document.Null(r.ApprovalID), "customData", document.Null(r.CustomData), "action", r.Action, "principalId", r.PrincipalID)
	if r.GroupID != "" {
		o.Set("groupId", r.GroupID).Set("accessId", r.AccessID)
	} else {
		o.Set("roleDefinitionId", r.RoleDefinitionID).Set("directoryScopeId", document.Null(r.DirectoryScopeID)).Set("appScopeId", document.Null(r.AppScopeID))
	}
	o.Set("isValidationOnly", r.ValidationOnly).Set("targetScheduleId", document.Null(r.TargetScheduleID)).Set("justification", document.Null(r.Justification))
	o.Set("createdBy", c.identitySet(r)).Set("scheduleInfo", nil)
	if r.Start != nil {
		o.Set("scheduleInfo", scheduleInfo(*r.Start, r.ExpirationType, r.End, r.Duration))
	}
	return o.Set("ticketInfo", document.Of("ticketNumber", document.Null(r.TicketNumber), "ticketSystem", document.Null(r.TicketSystem)))
}

func (c *call) identitySet(r store.ScheduleRequest) *document.Object {
	set := document.Of("application", nil, "device", nil, "user", nil)
	if r.CreatedBy != "" {
		return set.Set("user", document.Of("displayName", nil, "id", r.CreatedBy))
	}
	if a, ok := c.t.Apps.Get(r.CreatedByApp); ok {
		set.Set("application", document.Of("displayName", nil, "id", a.ServiceID))
	}
	return set
}
