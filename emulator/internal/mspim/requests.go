package mspim

import (
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// listRequests answers the caller's own activations and deactivations, oldest first.
func listRequests(c *call) (any, error) {
	if err := c.own(); err != nil {
		return nil, err
	}
	var all []*document.Object
	for _, request := range c.tenant.Requests.List() {
		kind := typeOf(request.Action)
		if request.Kind == store.Assignment && request.RoleDefinitionID != "" && kind != "" && request.PrincipalID == c.token.ObjectID {
			all = append(all, c.request(*request, kind))
		}
	}
	return c.filtered(all), nil
}

// Types of a request by the actions of Microsoft Graph.
var types = map[string]string{pim.SelfActivate: "UserAdd", pim.SelfDeactivate: "UserRemove"}

func typeOf(action string) string { return types[action] }

func actionOf(kind string) (action string, ok bool) {
	for action, name := range types {
		if strings.EqualFold(name, kind) {
			return action, true
		}
	}
	return "", false
}

// submit activates or deactivates. Requests of administrators have no model here.
func submit(c *call) (any, error) {
	action, ok := actionOf(c.body.String("type"))
	if !ok || !strings.EqualFold(c.body.String("assignmentState"), "Active") {
		return nil, errUnmodelled
	}
	if !strings.EqualFold(c.body.String("resourceId"), c.tenant.ID) {
		return nil, badRequest("The resourceId is not the token's tenant.")
	}
	request, err := pim.Submit(c.tenant, callerOf(c.token), c.input(action))
	if err != nil {
		return nil, err
	}
	return c.request(request, typeOf(action)), nil
}

func (c *call) input(action string) pim.Input {
	b := c.body
	return pim.Input{
		Kind: store.Assignment, Action: action, PrincipalID: b.String("subjectId"),
		Target:        pim.Target{RoleDefinitionID: b.String("roleDefinitionId"), DirectoryScopeID: scopeOf(b.String("scopedResourceId"))},
		Justification: b.String("reason"),
		TicketNumber:  b.String("ticketNumber"), TicketSystem: b.String("ticketSystem"),
		HasTicket:      b.String("ticketNumber") != "" || b.String("ticketSystem") != "",
		ValidationOnly: strings.EqualFold(c.values.Get("evaluateOnly"), "true"),
		Schedule:       schedule(b.Object("schedule")),
	}
}

// schedule reads the legacy form: a duration counts before an end.
func schedule(o *document.Object) *pim.Schedule {
	if o == nil {
		return nil
	}
	s := &pim.Schedule{Start: o.String("startDateTime"), End: o.String("endDateTime"), Duration: o.String("duration")}
	switch {
	case s.Duration != "":
		s.Type = "afterDuration"
	case s.End != "":
		s.Type = "afterDateTime"
	}
	return s
}

func (c *call) request(r store.ScheduleRequest, kind string) *document.Object {
	when := document.Of("type", "Once", "startDateTime", document.Instant(r.CreatedAt), "endDateTime", nil, "duration", document.Null(r.Duration))
	if r.Start != nil {
		when.Set("startDateTime", document.Instant(*r.Start))
	}
	if r.End != nil {
		when.Set("endDateTime", document.Instant(*r.End))
	}
	o := document.Of(
		"id", r.ID, "resourceId", c.tenant.ID, "roleDefinitionId", r.RoleDefinitionID, "subjectId", r.PrincipalID,
		"scopedResourceId", document.Null(unitOf(r.DirectoryScopeID)), "type", kind, "assignmentState", "Active",
		"requestedDateTime", document.Instant(r.CreatedAt), "reason", document.Null(r.Justification), "schedule", when,
		"ticketNumber", document.Null(r.TicketNumber), "ticketSystem", document.Null(r.TicketSystem), "status", status(r.Status),
	)
	return c.expand(o, r.RoleDefinitionID, r.DirectoryScopeID)
}

// status splits a status into the two of the legacy service (documented for its beta twin).
func status(sub string) *document.Object {
	overall := "Closed"
	if sub == pim.StatusPendingApproval || sub == pim.StatusGranted || sub == pim.StatusPendingDecision {
		overall = "InProgress"
	}
	return document.Of("status", overall, "subStatus", sub, "statusDetails", []any{})
}
