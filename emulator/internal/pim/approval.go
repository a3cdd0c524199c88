package pim

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Decision is an approver's answer to a request.
type Decision struct {
	Approve       bool
	Justification string
}

// RequestByApproval finds the request that waits for, or has had, an approval.
func RequestByApproval(t *store.Tenant, approvalID string) (store.ScheduleRequest, bool) {
	for _, r := range t.Requests.List() {
		if r.ApprovalID != "" && strings.EqualFold(r.ApprovalID, approvalID) {
			return *r, true
		}
	}
	return store.ScheduleRequest{}, false
}

// Decide answers a request for approval. The approver must be named in the role
// setting, or hold Privileged Role Administrator or Global Administrator where the
// setting names nobody (documented); nobody approves a request of their own (documented).
// The context was checked when the request was made; an approval does not ask again.
func Decide(t *store.Tenant, caller Caller, approvalID string, d Decision) error {
	Settle(t)
	copied, ok := RequestByApproval(t, approvalID)
	if !ok {
		return notFound("approval", approvalID)
	}
	r, _ := t.Requests.Get(copied.ID)
	now := t.Now()
	rules := EffectiveSetting(t, targetOf(r), now)
	if !MayApprove(t, caller, *r) {
		return unauthorized()
	}
	if r.Status != StatusPendingApproval {
		return refuse(CodeInvalidRequest, "The request is in status %s and waits for no approval.", r.Status)
	}
	if firstStage(rules).Bool("isApproverJustificationRequired") && strings.TrimSpace(d.Justification) == "" {
		return rulesFailed([]string{"JustificationRule"})
	}
	r.DecidedBy, r.DecidedAt, r.DecisionText = caller.UserID, &now, d.Justification
	if !d.Approve {
		r.Status = StatusDenied
		audit(t, caller, r, "request denied")
		return nil
	}
	audit(t, caller, r, "request approved")
	return grantApproved(t, r)
}

// grantApproved provisions an approved request; its time begins with the approval.
func grantApproved(t *store.Tenant, r *store.ScheduleRequest) error {
	j := &judge{t: t, caller: Caller{UserID: r.CreatedBy, AppID: r.CreatedByApp, TokenID: r.TokenID}, now: t.Now()}
	eligible, ok := eligibility(t, r.PrincipalID, targetOf(r), j.now)
	if !ok {
		return rulesFailed([]string{"EligibilityRule"})
	}
	s := span{start: j.now, end: r.End, kind: r.ExpirationType, duration: r.Duration}
	if r.Start != nil && r.Start.After(j.now) {
		s.start, s.future = *r.Start, true
	}
	if d, err := ParseDuration(r.Duration); err == nil {
		end := s.start.Add(d)
		s.end = &end
	}
	r.Status, r.TargetScheduleID = StatusGranted, j.scheduleID(r)
	return j.provision(r, s, eligible)
}

// MayApprove reports whether the caller may answer the request, as [Decide] says.
func MayApprove(t *store.Tenant, caller Caller, r store.ScheduleRequest) bool {
	if caller.UserID == "" || caller.UserID == r.PrincipalID {
		return false
	}
	rules := EffectiveSetting(t, targetOf(&r), t.Now())
	stage := firstStage(rules)
	groups := t.GroupsAt(caller.UserID, t.Now())
	named := 0
	for _, p := range objects(stage, "primaryApprovers") {
		named++
		if id := p.String("userId") + p.String("id"); strings.EqualFold(id, caller.UserID) {
			return true
		}
		if slices.Contains(groups, p.String("groupId")) {
			return true
		}
	}
	roles := t.RolesOf(caller.UserID, t.Now())
	return named == 0 && (slices.Contains(roles, store.RolePrivilegedRoleAdministrator) || slices.Contains(roles, store.RoleGlobalAdministrator))
}

func firstStage(rules Rules) *document.Object {
	stages := objects(rules.approval(), "approvalStages")
	if len(stages) == 0 {
		return nil
	}
	return stages[0]
}

func objects(o *document.Object, name string) []*document.Object {
	v, _ := o.Get(name)
	list, _ := v.([]any)
	var out []*document.Object
	for _, e := range list {
		if child, ok := e.(*document.Object); ok {
			out = append(out, child)
		}
	}
	return out
}
