package portal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/portaltest"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// cells reads the table that is shown, row by row.
func cells(view portaltest.View) [][]string {
	return portaltest.Eval[[][]string](view, `[...document.querySelectorAll("table tr")].map((row) => [...row.cells].map((cell) => cell.textContent))`)
}

func awaitLoaded(view portaltest.View) {
	view.AwaitTrue(`document.querySelector("main").getAttribute("aria-busy") === "false"`)
}

func TestTableOfEligibleAssignments(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("grid", "Eligible assignments")
	want := [][]string{
		{"Role", "Scope", "Membership", "End time", "Action"},
		{"Application Administrator", "Directory", "Direct", "Permanent", "Activate"},
	}
	if diff := cmp.Diff(want, cells(view)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	for role, names := range map[string][]string{
		"tab":          {"Eligible assignments", "Active assignments", "Expired"},
		"columnheader": {"Role", "Scope", "Membership", "End time", "Action"},
		"link":         {"Activate"},
		"button":       {"Refresh"},
	} {
		for _, name := range names {
			if got := view.Count(role, name); got != 1 {
				t.Errorf("%d elements with role %s and name %q, want one", got, role, name)
			}
		}
	}
}

// Old activations are shown once per role, the latest of them, over all pages of the answer;
// what was refused never was an assignment.
func TestExpiredAssignments(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Click("tab", "Expired")
	view.Await("grid", "Expired")
	rows := cells(view)[1:]
	var names []string
	for _, row := range rows {
		names = append(names, row[0])
	}
	if diff := cmp.Diff([]string{"Security Reader", "User Administrator"}, names); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	if end := rows[0][3]; !strings.HasPrefix(end, "11/22/26") {
		t.Errorf("Security Reader ended %q, want the later of two ends", end)
	}
}

func TestNothingThereIsSaid(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Click("tab", "Active assignments")
	view.AwaitTrue(`document.querySelector(".empty")?.textContent === "No results"`)
}

func TestArrowKeysMoveBetweenTabs(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.active = true })
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("grid", "Eligible assignments")
	portaltest.Eval[bool](view, `(() => {
		const tab = document.querySelector("[role=tab][aria-selected=true]");
		tab.focus();
		tab.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
		return true;
	})()`)
	view.Await("link", "Deactivate")
}

func TestGroupsAreActivatedThroughGraphEvenWithTheLegacySetting(t *testing.T) {
	w := newWorld(t, func(w *world, tenant *store.Tenant) { tenant.Settings.PortalAPI = "mspim" })
	page := w.browse(t)
	page.Open(strings.Replace(myRoles, "aadmigratedroles", "aadgroup", 1))
	view := page.Frame(frame)
	view.Click("link", "Activate")
	view.Await("dialog", "Activate - Tier 0 (Member)")
	view.Await("spinbutton", "Duration (hours)")
	justify(view)
	awaitNotice(view, "Activation completed successfully")
	_, _, posts, _ := w.seen()
	if len(posts) != 1 || posts[0]["groupId"] != groupID || posts[0]["accessId"] != "member" || posts[0]["action"] != "selfActivate" {
		t.Errorf("posts %v", posts)
	}
}

// eligibleAtLegacy makes the page use the legacy service, which is the embedded tenant's own,
// and the admin eligible there.
func eligibleAtLegacy(_ *world, tenant *store.Tenant) {
	tenant.Settings.PortalAPI = "mspim"
	tenant.Users.Put(adminID, &store.User{ID: adminID, UPN: "robin@contoso.example", Enabled: true})
	tenant.Schedules.Put("e1", store.Schedule{
		ID: "e1", Kind: store.Eligibility, PrincipalID: adminID, Start: midday.Add(-time.Hour), RoleDefinitionID: roleID, DirectoryScopeID: "/",
	}, midday)
}

// The setting names a context after the pane was opened: the legacy service's wrapped refusal
// brings the banner.
func TestLegacyRefusalBringsTheBannerBack(t *testing.T) {
	w := newWorld(t, eligibleAtLegacy)
	page := w.browse(t)
	view := openPane(page)
	err := w.st.With(w.tenant, func(tenant *store.Tenant) error {
		setting := pim.SettingOf(tenant, pim.Target{RoleDefinitionID: roleID})
		rule := document.Of("@odata.type", "#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule",
			"id", "AuthenticationContext_EndUser_Assignment", "isEnabled", true, "claimValue", "c6")
		return pim.PatchRule(tenant, pim.Caller{AppID: "fixtures"}, setting.ID, "AuthenticationContext_EndUser_Assignment", rule)
	})
	if err != nil {
		t.Fatal(err)
	}
	justify(view)
	view.Click("button", banner)
	view.AwaitGone()
	view = page.Frame(frame)
	view.Click("button", "Activate")
	awaitNotice(view, "Activation completed successfully")
}

func TestLegacyServiceCarriesTheActivation(t *testing.T) {
	w := newWorld(t, eligibleAtLegacy)
	page := w.browse(t)
	view := openPane(page)
	view.Fill("spinbutton", "Duration (hours)", "0.5")
	justify(view)
	awaitNotice(view, "Activation completed successfully")
	awaitLoaded(view)
	view.Click("tab", "Active assignments")
	view.Click("link", "Deactivate")
	view.Click("button", "Deactivate")
	if got := alertText(view); !strings.HasPrefix(got, pim.CodeActiveDurationTooShort+":") {
		t.Errorf("deactivation at once says %q", got)
	}
	if _, _, posts, _ := w.seen(); len(posts) != 0 {
		t.Errorf("%d posts went to Graph", len(posts))
	}
	_, grants, _, _ := w.seen()
	if got := grants[len(grants)-1].Get("scope"); !slices.Contains(strings.Fields(got), "https://api.azrbac.mspim.azure.com/.default") {
		t.Errorf("scope %q is not the legacy service's", got)
	}
}
