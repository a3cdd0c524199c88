package contract_test

import (
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Ids that the documented examples name.
const (
	documentedUser   = "071cc716-8147-4397-a5ba-b2105951cc0b"
	documentedAline  = "7146daa8-1b4b-4a66-b2f7-cf593d03c8d2"
	documentedHelp   = "e77cbb23-0ff2-4e18-819c-690f58269752" // the group of the tutorial
	documentedAsk    = "95c690fb-3eb3-4942-a03f-4524aed6f31e" // a schedule request
	documentedSignIn = "66ea54eb-6301-4ee5-be62-ff5a759b0100"
	documentedTenant = "cab01047-8ad9-4792-8e42-569340767f1b"
	documentedGuid   = "70c808b5-0d35-4863-a0ba-07888e99d448" // of a role setting
	attributeAdmin   = "8424c6f0-a189-499e-bbd0-26c1753c96d4"
	developer        = "cf1c38e5-3621-4004-a7cb-879624dced7c"
	groupsAdmin      = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
)

// newDocumentedTenant is the tenant of the documented examples: everything that their
// requests name is there under its documented id.
func newDocumentedTenant(t testing.TB, now time.Time) *tenant {
	t.Helper()
	return newTenant(t, now, func(tenant *store.Tenant) error {
		tenant.Domain = "contoso.com"
		addPrincipals(tenant)
		addDirectory(tenant)
		addSettings(tenant)
		addLogs(tenant)
		return nil
	})
}

func addPrincipals(t *store.Tenant) {
	for _, id := range []string{
		documentedUser, documentedAline, "1ed8ac56-4827-4733-8f80-86adc2e67db5", "c6ad1942-4afa-47f8-8d48-afb5d8d69d2f",
		"a702a13d-a437-4a07-8a7e-8c052de62dfd", "124c5b6a-ffa5-483a-9b88-04c3fce5574a",
	} {
		t.Users.Put(id, &store.User{ID: id, UPN: id + "@contoso.com", DisplayName: "User " + id[:4], Mail: id + "@contoso.com", Enabled: true, Password: "x", PasswordID: t.NewID(), CreatedAt: t.Now()})
	}
	for _, id := range []string{"ba8e7ded-8b0f-4836-ba06-8ff1ecc5c8ba", "07706ff1-46c7-4847-ae33-3003830675a1", documentedHelp} {
		t.Groups.Put(id, &store.Group{ID: id, DisplayName: "Group " + id[:4], MailNickname: id[:4], RoleAssignable: true, CreatedAt: t.Now()})
	}
	for id, name := range map[string]string{attributeAdmin: "Attribute Assignment Administrator", developer: "Application Developer"} {
		t.RoleDefs.Put(id, &store.RoleDefinition{ID: id, TemplateID: id, DisplayName: name, Description: name, BuiltIn: true, Enabled: true, Version: "1"})
	}
}

func addDirectory(t *store.Tenant) {
	for _, id := range []string{"198ad66e-87b3-4157-85a3-8a7b51794ee9", "d2136c9c-b049-47ae-b9cf-316e04ef7198"} {
		t.NamedLocations.Put(id, &store.NamedLocation{ID: id, Name: "Location", CreatedAt: t.Now()})
	}
	hold := func(kind store.Kind, user, role, request string) {
		t.Schedules.Put(request, store.Schedule{
			ID: request, Kind: kind, PrincipalID: user, RoleDefinitionID: role, DirectoryScopeID: "/", RequestID: request,
			Start: t.Now().Add(-time.Hour), CreatedAt: t.Now(), ModifiedAt: t.Now(),
		}, t.Now())
	}
	hold(store.Assignment, documentedUser, groupsAdmin, documentedAsk)
	hold(store.Eligibility, documentedUser, attributeAdmin, t.NewID())
	hold(store.Eligibility, documentedAline, store.RoleUserAdministrator, t.NewID())
	hold(store.Eligibility, "c6ad1942-4afa-47f8-8d48-afb5d8d69d2f", store.RoleApplicationAdministrator, t.NewID())
	hold(store.Eligibility, documentedHelp, store.RoleUserAdministrator, t.NewID())
	start := t.Now().Add(-time.Hour)
	t.Requests.Put(documentedAsk, &store.ScheduleRequest{
		ID: documentedAsk, Kind: store.Assignment, Action: pim.AdminAssign, Status: "Provisioned", PrincipalID: documentedUser, RoleDefinitionID: groupsAdmin,
		DirectoryScopeID: "/", TargetScheduleID: documentedAsk, Justification: "j", Start: &start, ExpirationType: "noExpiration", CreatedBy: documentedUser, CreatedAt: t.Now(), CompletedAt: &start,
	})
	t.Contexts.Put("c1", store.Context{ID: "c1", DisplayName: "Contoso medium", Description: "d", Available: true}, t.Now())
	user, _ := t.Users.Get(documentedUser)
	user.AccessPasses = []*store.AccessPass{{ID: "bdaede67-61e0-4349-9347-d2d6afd84009", Pass: "x", CreatedAt: t.Now(), StartsAt: t.Now().Add(time.Hour), Lifetime: time.Hour}}
}

// addSettings puts role settings under the three ids that the examples have for one.
func addSettings(t *store.Tenant) {
	for role, id := range map[string]string{
		store.RoleGlobalAdministrator:      "DirectoryRole_" + documentedTenant + "_" + documentedGuid,
		store.RoleApplicationAdministrator: "Directory_" + documentedTenant + "_" + documentedGuid,
		store.RoleUserAdministrator:        "DirectoryRole_84841066-274d-4ec0-a5c1-276be684bdd3_200ec19a-09e7-4e7a-9515-cf1ee64b96f9",
	} {
		s := pim.SettingOf(t, pim.Target{RoleDefinitionID: role})
		t.RoleSettings.Delete(s.ID, t.CreatedAt)
		s.ID, s.AssignmentID = id, id+"_"+role
		if role == store.RoleApplicationAdministrator { // the example's setting has the other role's name in the id of its assignment
			s.AssignmentID = id + "_" + store.RoleGlobalAdministrator
		}
		t.RoleSettings.Put(id, s, t.CreatedAt)
	}
}

func addLogs(t *store.Tenant) {
	addSignIns(t, 1)
	t.SignIns[0].ID = documentedSignIn
	t.AddAudit(&store.AuditRow{
		Activity: "Add member to group", Category: "GroupManagement", Service: "Core Directory", OperationType: "Assign", CorrelationID: t.NewID(), Result: "success", ResultReason: "r",
		InitiatedByUser: &store.AuditUser{ID: documentedUser, DisplayName: "u", UPN: "u@contoso.com", IPAddress: "127.0.0.1"},
		Targets:         []store.AuditTarget{{ID: documentedHelp, DisplayName: "g", Type: "Group", GroupType: "unifiedGroups", Modified: []store.AuditProperty{{Name: "n", New: `"x"`}}}},
		Details:         []store.AuditKeyValue{{Key: "k", Value: "v"}},
	})
}

func addSignIns(t *store.Tenant, n int) {
	for range n {
		t.AddSignIn(&store.SignInRow{
			UserID: documentedUser, UserPrincipalName: "u@contoso.com", UserDisplayName: "u", AppID: "de8bc8b5-d9f9-48b1-a8ad-b748da725064", AppDisplayName: "Graph explorer",
			ClientAppUsed: "Browser", CorrelationID: t.NewID(), ConditionalAccessStatus: "notApplied", IsInteractive: true, SignInEventTypes: []string{"interactiveUser"}, IPAddress: "127.0.0.1",
			ResourceID: store.AppIDGraph, ResourceDisplayName: "Microsoft Graph",
			AppliedPolicies: []store.AppliedPolicy{{ID: t.NewID(), DisplayName: "p", Result: "notEnabled"}},
		})
	}
}

// postpone makes the documented request one that has not begun.
func postpone(t *store.Tenant) {
	later := t.Now().Add(time.Hour)
	r, _ := t.Requests.Get(documentedAsk)
	r.Status, r.Start = pim.StatusGranted, &later
	s, _ := t.Schedules.Get(documentedAsk)
	s.Start = later
	t.Schedules.Put(s.ID, s, t.Now())
}
