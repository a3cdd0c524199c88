package graphapi

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// family is one of the four kinds of schedule: eligibility or assignment, of directory
// roles or of groups. They differ in names, not in behaviour.
type family struct {
	kind      store.Kind
	group     bool
	root      string // "/roleManagement/directory"
	noun      string // "roleAssignment"
	requests  *entity
	schedules *entity
	instances *entity
	body      *bodyType
	read      grant
	readAsked grant // reads requests: documented as ReadWrite for roles, as Read for groups
	write     grant
}

const (
	directoryRoot = "/roleManagement/directory"
	groupRoot     = "/identityGovernance/privilegedAccess/group"
)

var roleFamilies = []*family{
	newFamily(store.Assignment, false, roleAssignmentBody,
		permissions("RoleAssignmentSchedule.Read.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All"),
		permissions("RoleAssignmentSchedule.ReadWrite.Directory", "RoleManagement.ReadWrite.Directory")),
	newFamily(store.Eligibility, false, roleEligibilityBody,
		permissions("RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All"),
		permissions("RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagement.ReadWrite.Directory")),
}

var groupFamilies = []*family{
	newFamily(store.Assignment, true, groupRequestBody,
		permissions("PrivilegedAssignmentSchedule.Read.AzureADGroup"), permissions("PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup")),
	newFamily(store.Eligibility, true, groupRequestBody,
		permissions("PrivilegedEligibilitySchedule.Read.AzureADGroup"), permissions("PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup")),
}

func newFamily(kind store.Kind, group bool, body *bodyType, read, write grant) *family {
	f := &family{kind: kind, group: group, body: body, read: read.as(deniedByPIM), readAsked: write.as(deniedByPIM), write: write.as(deniedByPIM)}
	title := strings.ToUpper(string(kind[:1])) + string(kind[1:])
	own := []string{"roleDefinitionId", "directoryScopeId", "appScopeId"}
	f.root, f.noun = directoryRoot, "role"+title
	typeName := "unifiedRole" + title + "Schedule"
	if group {
		f.readAsked = f.read
		own = []string{"groupId", "accessId"}
		f.root, f.noun, typeName = groupRoot, string(kind), "privilegedAccessGroup"+title+"Schedule"
	}
	common := append([]string{"id", "principalId"}, own...)
	f.requests = f.entity(typeName+"Request", append(common, "status", "createdDateTime", "completedDateTime", "approvalId", "customData", "action",
		"isValidationOnly", "targetScheduleId", "justification", "createdBy", "scheduleInfo", "ticketInfo"))
	f.schedules = f.entity(typeName, append(common, "createdUsing", "createdDateTime", "modifiedDateTime", "status", "scheduleInfo", "memberType", "assignmentType"))
	f.instances = f.entity(typeName+"Instance", append(common, "startDateTime", "endDateTime", "memberType", "assignmentType",
		f.noun+"ScheduleId", f.noun+"OriginId", "assignmentScheduleId", "eligibilityScheduleId"))
	return f
}

var scheduleNested = map[string][]string{
	"scheduleInfo": {"startDateTime", "recurrence", "expiration"}, "createdBy": {"application", "device", "user"}, "ticketInfo": {"ticketNumber", "ticketSystem"},
}

func (f *family) entity(name string, properties []string) *entity {
	e := &entity{name: graphPrefix + name, properties: append([]string(nil), properties...), nested: scheduleNested, expand: map[string]expander{
		"principal": {of: func() *entity { return directoryObjectType }, read: expandPrincipal},
	}}
	if f.group {
		e.expand["group"] = expander{of: func() *entity { return groupType }, read: expandGroup}
	} else {
		e.expand["roleDefinition"] = expander{of: func() *entity { return roleType }, read: expandRole}
		e.expand["directoryScope"] = expander{of: func() *entity { return directoryObjectType }, read: expandScope}
		e.expand["appScope"] = expander{of: func() *entity { return directoryObjectType }, read: func(*call, *document.Object) any { return nil }}
	}
	return e
}

func roleScheduleOperations() []*operation  { return scheduleOperations(roleFamilies) }
func groupScheduleOperations() []*operation { return scheduleOperations(groupFamilies) }

func scheduleOperations(families []*family) []*operation {
	var out []*operation
	for _, f := range families {
		requests, schedules, instances := f.root+"/"+f.noun+"ScheduleRequests", f.root+"/"+f.noun+"Schedules", f.root+"/"+f.noun+"ScheduleInstances"
		out = append(out,
			&operation{method: post, path: requests, grant: f.write, body: f.body, handle: f.post},
			&operation{method: get, path: requests, grant: f.readAsked, handle: f.list(f.requests, f.allRequests)},
			&operation{method: get, path: requests + "/{request}", grant: f.readAsked, handle: f.item(f.requests, "request", f.allRequests)},
			&operation{method: post, path: requests + "/{request}/cancel", grant: f.write, handle: f.cancel},
			&operation{method: get, path: schedules, grant: f.read, handle: f.list(f.schedules, f.allSchedules)},
			&operation{method: get, path: schedules + "/{schedule}", grant: f.read, handle: f.item(f.schedules, "schedule", f.allSchedules)},
			&operation{method: get, path: instances, grant: f.read, handle: f.list(f.instances, f.allInstances)},
			&operation{method: get, path: instances + "/{instance}", grant: f.read, handle: f.item(f.instances, "instance", f.allInstances)},
		)
		out = append(out, f.ownOperations(requests, schedules, instances)...)
	}
	for _, op := range out {
		// Roles are in both versions (documented: examples of both), groups in v1.0.
		if strings.HasPrefix(op.path, directoryRoot) {
			op.versions = both
		}
	}
	return out
}

func (f *family) post(c *call) (result, error) {
	if schedule := c.body.Object("scheduleInfo"); valueOf(schedule, "recurrence") != nil {
		return result{}, badRequest("The property 'recurrence' of scheduleInfo is not supported.") // documented: it is always null
	}
	r, err := pim.Submit(c.t, c.caller(), c.input(f.kind))
	var refusal *pim.Error
	if errors.As(err, &refusal) && refusal.Code == pim.CodeAcrsValidationFailed && c.t.Misbehaves(store.RevokesInstead) {
		return result{}, outdated(c.now)
	}
	if err != nil {
		return result{}, err
	}
	return created(f.requests, c.requestObject(r)), nil
}

func (f *family) cancel(c *call) (result, error) {
	if err := pim.Cancel(c.t, c.caller(), f.kind, c.vars["request"]); err != nil {
		return result{}, err
	}
	return noContent(), nil
}

// collector writes what a family has, as far as it can meet the demands: those of a filter
// on principal and on role or group.
type collector func(*call, demands) []*document.Object

// list answers all, of a group only those of the group or principal that the filter must
// name (documented: groupId or principalId is required).
func (f *family) list(of *entity, all collector) func(*call) (result, error) {
	return func(c *call) (result, error) {
		_, byGroup := c.query.Filter.Equals("groupId")
		_, byPrincipal := c.query.Filter.Equals("principalId")
		if f.group && !byGroup && !byPrincipal {
			return result{}, badRequest("A $filter with groupId or principalId is required.")
		}
		return c.list(of, all(c, c.demands("principalId", f.about())))
	}
}

func (f *family) item(of *entity, variable string, all collector) func(*call) (result, error) {
	return func(c *call) (result, error) {
		id := c.vars[variable]
		if strings.HasPrefix(id, filterByCurrentUser) {
			return result{}, badRequest("The value of the parameter 'on' in '%s' is not supported here.", id)
		}
		for _, o := range all(c, nil) {
			if strings.EqualFold(o.String("id"), id) {
				return c.one(of, o)
			}
		}
		return result{}, notFound(variable, id)
	}
}

func (f *family) allRequests(c *call, d demands) []*document.Object {
	var list []*document.Object
	for r := range c.t.Requests.All() {
		if f.asked(*r) && d.allow(r.PrincipalID, r.RoleDefinitionID+r.GroupID) {
			list = append(list, c.requestObject(*r))
		}
	}
	return list
}

// allSchedules are those that have not ended; a write is visible at once.
func (f *family) allSchedules(c *call, d demands) []*document.Object {
	var list []*document.Object
	for s := range c.t.Schedules.All() {
		if f.has(s) && d.allow(s.PrincipalID, s.RoleDefinitionID+s.GroupID) && (s.End == nil || c.now.Before(*s.End)) {
			list = append(list, f.scheduleObject(s, s.PrincipalID))
		}
	}
	return list
}

// allInstances are the schedules in effect, after the lag of assignments.
func (f *family) allInstances(c *call, d demands) []*document.Object {
	var list []*document.Object
	for s := range c.t.Schedules.AllAt(c.now) {
		if f.has(s) && s.ActiveAt(c.now) && d.allow(s.PrincipalID, s.RoleDefinitionID+s.GroupID) {
			list = append(list, f.instanceObject(s, s.PrincipalID))
		}
	}
	return list
}

// about is the property that names what a schedule is about.
func (f *family) about() string {
	if f.group {
		return "groupId"
	}
	return "roleDefinitionId"
}

func (f *family) has(s store.Schedule) bool { return s.Kind == f.kind && (s.GroupID != "") == f.group }

func (f *family) target(o *document.Object, s store.Schedule) *document.Object {
	if f.group {
		return o.Set("groupId", s.GroupID).Set("accessId", s.AccessID)
	}
	return o.Set("roleDefinitionId", s.RoleDefinitionID).Set("directoryScopeId", document.Null(s.DirectoryScopeID)).Set("appScopeId", document.Null(s.AppScopeID))
}

func (f *family) scheduleObject(s store.Schedule, principal string) *document.Object {
	o := f.target(document.Of("id", s.ID, "principalId", principal), s)
	o.Set("createdUsing", document.Null(s.RequestID)).Set("createdDateTime", s.CreatedAt).Set("modifiedDateTime", nil).Set("status", "Provisioned")
	if !s.ModifiedAt.IsZero() {
		o.Set("modifiedDateTime", s.ModifiedAt)
	}
	f.assignmentType(o, s)
	o.Set("memberType", f.memberType(s, principal))
	kind := "noExpiration"
	if s.End != nil {
		kind = "afterDateTime"
	}
	return o.Set("scheduleInfo", scheduleInfo(s.Start, kind, s.End, ""))
}

func (f *family) instanceObject(s store.Schedule, principal string) *document.Object {
	id := instanceID(s)
	o := f.target(document.Of("id", id, "principalId", principal), s)
	o.Set("startDateTime", s.Start).Set("endDateTime", s.End)
	f.assignmentType(o, s)
	o.Set("memberType", f.memberType(s, principal))
	switch {
	case f.kind == store.Eligibility && f.group:
		o.Set("eligibilityScheduleId", s.ID)
	case f.kind == store.Eligibility:
		o.Set("roleEligibilityScheduleId", s.ID)
	case f.group:
		o.Set("assignmentScheduleId", s.ID)
	default:
		o.Set("roleAssignmentOriginId", id).Set("roleAssignmentScheduleId", s.ID)
	}
	return o
}

// assignmentType: "Activated" for roles, "activated" for groups (observed).
func (f *family) assignmentType(o *document.Object, s store.Schedule) {
	if f.kind != store.Assignment {
		return
	}
	word := "Assigned"
	if s.Activated {
		word = "Activated"
	}
	if f.group {
		word = strings.ToLower(word)
	}
	o.Set("assignmentType", word)
}

// memberType is Group where the principal holds it through a group.
func (f *family) memberType(s store.Schedule, principal string) string {
	word := "Direct"
	if !strings.EqualFold(s.PrincipalID, principal) {
		word = "Group"
	}
	if f.group {
		word = strings.ToLower(word)
	}
	return word
}

// instanceID has the look of the service's: 43 characters and a suffix.
func instanceID(s store.Schedule) string {
	digest := sha256.Sum256([]byte(s.ID))
	id := base64.RawURLEncoding.EncodeToString(digest[:]) + "-1"
	if s.Kind == store.Eligibility {
		id += "-e"
	}
	return id
}
