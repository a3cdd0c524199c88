package graph_test

import "time"

const root = "/roleManagement/directory/"

// soon is ahead of the tenant's clock, so that a request can still be cancelled.
const soon = time.Hour

// onPrincipal is the only value that the schedules of the signed-in user are asked for by here.
var onPrincipal = ptr("principal")

// roleOperations are about role definitions and what is assigned.
func roleOperations() []operation {
	return []operation{
		{"GET " + root + "roleDefinitions", func(c *calls) error { return dropped(some(c.app.roles.RoleDefinitions().Get(c.ctx, nil))) }},
		{"GET " + root + "roleDefinitions/{id}", func(c *calls) error {
			return same(c.app.roles.RoleDefinitions().ByUnifiedRoleDefinitionId(directoryReaders).Get(c.ctx, nil))("Directory Readers")
		}},
		{"GET " + root + "roleAssignments", func(c *calls) (err error) {
			c.assignment, err = some(c.app.roles.RoleAssignments().Get(c.ctx, nil))
			return err
		}},
		{"GET " + root + "roleAssignments/{id}", func(c *calls) error {
			return dropped(one(c.app.roles.RoleAssignments().ByUnifiedRoleAssignmentId(c.assignment).Get(c.ctx, nil)))
		}},
		{"POST " + root + "roleAssignmentScheduleRequests", func(c *calls) (err error) {
			c.assignmentRequest, err = one(c.app.roles.RoleAssignmentScheduleRequests().Post(c.ctx, newAssignment(c.user, c.now.Add(soon)), nil))
			return err
		}},
		{"GET " + root + "roleAssignmentScheduleRequests", func(c *calls) error {
			return dropped(some(c.app.roles.RoleAssignmentScheduleRequests().Get(c.ctx, nil)))
		}},
		{"GET " + root + "roleAssignmentScheduleRequests/{id}", func(c *calls) error {
			return dropped(one(c.app.roles.RoleAssignmentScheduleRequests().ByUnifiedRoleAssignmentScheduleRequestId(c.assignmentRequest).Get(c.ctx, nil)))
		}},
		{"POST " + root + "roleAssignmentScheduleRequests/{id}/cancel", func(c *calls) error {
			return c.app.roles.RoleAssignmentScheduleRequests().ByUnifiedRoleAssignmentScheduleRequestId(c.assignmentRequest).Cancel().Post(c.ctx, nil)
		}},
		{"GET " + root + "roleAssignmentSchedules", func(c *calls) (err error) {
			c.assignmentSchedule, err = some(c.app.roles.RoleAssignmentSchedules().Get(c.ctx, nil))
			return err
		}},
		{"GET " + root + "roleAssignmentSchedules/{id}", func(c *calls) error {
			return dropped(one(c.app.roles.RoleAssignmentSchedules().ByUnifiedRoleAssignmentScheduleId(c.assignmentSchedule).Get(c.ctx, nil)))
		}},
		{"GET " + root + "roleAssignmentSchedules/filterByCurrentUser(on='{on}')", func(c *calls) error {
			return done(c.admin.roles.RoleAssignmentSchedules().FilterByCurrentUserWithOn(onPrincipal).GetAsFilterByCurrentUserWithOnGetResponse(c.ctx, nil))
		}},
		{"GET " + root + "roleAssignmentScheduleInstances", func(c *calls) (err error) {
			c.assignmentNow, err = some(c.app.roles.RoleAssignmentScheduleInstances().Get(c.ctx, nil))
			return err
		}},
		{"GET " + root + "roleAssignmentScheduleInstances/{id}", func(c *calls) error {
			return dropped(one(c.app.roles.RoleAssignmentScheduleInstances().ByUnifiedRoleAssignmentScheduleInstanceId(c.assignmentNow).Get(c.ctx, nil)))
		}},
		{"GET " + root + "roleAssignmentScheduleInstances/filterByCurrentUser(on='{on}')", func(c *calls) error {
			return done(c.admin.roles.RoleAssignmentScheduleInstances().FilterByCurrentUserWithOn(onPrincipal).GetAsFilterByCurrentUserWithOnGetResponse(c.ctx, nil))
		}},
	}
}

// eligibilityOperations are about who may activate a role; the admin may, in the sample.
func eligibilityOperations() []operation {
	return []operation{
		{"POST " + root + "roleEligibilityScheduleRequests", func(c *calls) (err error) {
			c.eligibilityRequest, err = one(c.app.roles.RoleEligibilityScheduleRequests().Post(c.ctx, newEligibility(c.user, c.now.Add(soon)), nil))
			return err
		}},
		{"GET " + root + "roleEligibilityScheduleRequests", func(c *calls) error {
			return dropped(some(c.app.roles.RoleEligibilityScheduleRequests().Get(c.ctx, nil)))
		}},
		{"GET " + root + "roleEligibilityScheduleRequests/{id}", func(c *calls) error {
			return dropped(one(c.app.roles.RoleEligibilityScheduleRequests().ByUnifiedRoleEligibilityScheduleRequestId(c.eligibilityRequest).Get(c.ctx, nil)))
		}},
		{"POST " + root + "roleEligibilityScheduleRequests/{id}/cancel", func(c *calls) error {
			return c.app.roles.RoleEligibilityScheduleRequests().ByUnifiedRoleEligibilityScheduleRequestId(c.eligibilityRequest).Cancel().Post(c.ctx, nil)
		}},
		{"GET " + root + "roleEligibilitySchedules", func(c *calls) (err error) {
			c.eligibilitySchedule, err = some(c.app.roles.RoleEligibilitySchedules().Get(c.ctx, nil))
			return err
		}},
		{"GET " + root + "roleEligibilitySchedules/{id}", func(c *calls) error {
			return dropped(one(c.app.roles.RoleEligibilitySchedules().ByUnifiedRoleEligibilityScheduleId(c.eligibilitySchedule).Get(c.ctx, nil)))
		}},
		{"GET " + root + "roleEligibilitySchedules/filterByCurrentUser(on='{on}')", func(c *calls) error {
			return dropped(some(c.admin.roles.RoleEligibilitySchedules().FilterByCurrentUserWithOn(onPrincipal).GetAsFilterByCurrentUserWithOnGetResponse(c.ctx, nil)))
		}},
		{"GET " + root + "roleEligibilityScheduleInstances", func(c *calls) (err error) {
			c.eligibleNow, err = some(c.app.roles.RoleEligibilityScheduleInstances().Get(c.ctx, nil))
			return err
		}},
		{"GET " + root + "roleEligibilityScheduleInstances/{id}", func(c *calls) error {
			return dropped(one(c.app.roles.RoleEligibilityScheduleInstances().ByUnifiedRoleEligibilityScheduleInstanceId(c.eligibleNow).Get(c.ctx, nil)))
		}},
		{"GET " + root + "roleEligibilityScheduleInstances/filterByCurrentUser(on='{on}')", func(c *calls) error {
			return dropped(some(c.admin.roles.RoleEligibilityScheduleInstances().FilterByCurrentUserWithOn(onPrincipal).GetAsFilterByCurrentUserWithOnGetResponse(c.ctx, nil)))
		}},
	}
}
