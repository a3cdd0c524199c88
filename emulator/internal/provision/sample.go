package provision

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// sampleContext is the authentication context of the sample tenant.
const sampleContext = "c1"

// Sample makes the four settings agree that let an activation of Application Administrator
// ask for a new sign-in: the context is published, a policy on it wants re-authentication
// every time, the role setting requires it, and the admin is eligible. Two more users are
// there, one of them an administrator by standing assignment, so that lists are not of one.
func Sample(t *store.Tenant, facts Facts) error {
	other, boss := NewUser(t, "Kim Reader"), NewUser(t, "Sam Keeper")
	other.TOTPSecret, other.TOTPID = "", ""
	t.Contexts.Put(sampleContext, store.Context{
		ID: sampleContext, DisplayName: "Privileged role activation", Available: true, ModifiedAt: t.Now(),
		Description: "Requires a new sign-in before a privileged role is activated",
	}, t.Now())
	if err := addSamplePolicy(t, facts.AdminID); err != nil {
		return err
	}
	if err := requireContext(t); err != nil {
		return err
	}
	addSchedule(t, store.Eligibility, facts.AdminID, store.RoleApplicationAdministrator)
	addSchedule(t, store.Assignment, boss.ID, store.RoleGlobalAdministrator)
	// What was configured before the tenant began is in no log.
	t.Audits = nil
	return nil
}

// requireContext turns the context on in the role setting and MFA off, in the order that
// the service accepts.
func requireContext(t *store.Tenant) error {
	setting := pim.SettingOf(t, pim.Target{RoleDefinitionID: store.RoleApplicationAdministrator})
	for _, rule := range []struct{ id, body string }{
		{"Enablement_EndUser_Assignment", `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyEnablementRule","id":"Enablement_EndUser_Assignment","enabledRules":["Justification"]}`},
		{"AuthenticationContext_EndUser_Assignment", `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule","id":"AuthenticationContext_EndUser_Assignment","isEnabled":true,"claimValue":"` + sampleContext + `"}`},
	} {
		if err := pim.PatchRule(t, pim.Caller{}, setting.ID, rule.id, document.MustParse(json.RawMessage(rule.body))); err != nil {
			return fmt.Errorf("set up the sample's role setting: %w", err)
		}
	}
	return nil
}

func addSchedule(t *store.Tenant, kind store.Kind, user, role string) {
	s := store.Schedule{
		ID: t.NewID(), Kind: kind, PrincipalID: user, RoleDefinitionID: role, DirectoryScopeID: "/",
		Start: t.Now(), CreatedAt: t.Now(), ModifiedAt: t.Now(),
	}
	t.Schedules.Put(s.ID, s, t.Now())
}

// policyTemplate is a policy as v1.0 of Graph returns it, with its explicit nulls (documented:
// the API metadata; what only beta has is left out). Sign-in frequency without a second factor
// might loop (documented), so that the policy wants both.
const policyTemplate = `{"id":%q,"templateId":null,"displayName":"Re-authenticate before a role is activated","createdDateTime":%q,"modifiedDateTime":null,"state":"enabled",` +
	`"conditions":{"userRiskLevels":[],"signInRiskLevels":[],"clientAppTypes":["all"],"platforms":null,"locations":null,"devices":null,"clientApplications":null,"authenticationFlows":null,"insiderRiskLevels":null,"servicePrincipalRiskLevels":[],` +
	`"applications":{"includeApplications":[],"excludeApplications":[],"includeUserActions":[],"includeAuthenticationContextClassReferences":[%q],"applicationFilter":null},` +
	`"users":{"includeUsers":[%q],"excludeUsers":[],"includeGroups":[],"excludeGroups":[],"includeRoles":[],"excludeRoles":[],"includeGuestsOrExternalUsers":null,"excludeGuestsOrExternalUsers":null}},` +
	`"grantControls":{"operator":"OR","builtInControls":["mfa"],"customAuthenticationFactors":[],"termsOfUse":[],"authenticationStrength":null},` +
	`"sessionControls":{"disableResilienceDefaults":null,"applicationEnforcedRestrictions":null,"cloudAppSecurity":null,"persistentBrowser":null,"secureSignInSession":null,` +
	`"signInFrequency":{"value":null,"type":null,"authenticationType":"primaryAndSecondaryAuthentication","frequencyInterval":"everyTime","isEnabled":true}}}`

func addSamplePolicy(t *store.Tenant, admin string) error {
	id := t.NewID()
	raw := fmt.Appendf(nil, policyTemplate, id, t.Now().Format(time.RFC3339Nano), sampleContext, admin)
	if !json.Valid(raw) {
		return fmt.Errorf("set up the sample's policy: not valid JSON")
	}
	t.Policies.Put(id, store.Policy{ID: id, Raw: raw, CreatedAt: t.Now()}, t.Now())
	return nil
}
