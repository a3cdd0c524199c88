package emulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/portaltest"
)

const (
	graphActivations  = "https://graph.microsoft.com/v1.0/roleManagement/directory/roleAssignmentScheduleRequests"
	legacyActivations = "https://api.azrbac.mspim.azure.com/api/v2/privilegedAccess/aadroles/roleAssignmentRequests"
)

// The whole way of an admin: sign in, wait, activate with a new sign-in in between, look at the
// active role, deactivate.
func TestPortalActivationAsksForANewSignIn(t *testing.T) {
	for _, browser := range []string{portaltest.Shell, portaltest.Full} {
		t.Run(browser, func(t *testing.T) {
			w := newPortalWorld(t, browser)
			frame, asked := w.signIn()
			if !slices.Contains(asked, portaltest.UserName) || !slices.Contains(asked, portaltest.Password) {
				t.Fatalf("the first sign-in asked for %q", asked)
			}
			frame.Await("grid", "Eligible assignments")
			w.advance(11 * time.Minute)
			openRole(frame, "Activate", "rotate a credential")
			frame, asked = w.stepUp(frame, portalBanner)
			if !slices.Contains(asked, portaltest.Password) || !slices.Contains(asked, portaltest.Code) {
				t.Errorf("the step-up asked for %q, want password and code", asked)
			}
			if got := frame.Value("textbox", "Reason"); got != "rotate a credential" {
				t.Errorf("after the step-up the reason is %q", got)
			}
			frame.Click("button", "Activate")
			awaitStatus(frame, "Activation completed successfully")
			frame.Click("tab", "Active assignments")
			frame.Click("link", "Deactivate")
			frame.Click("button", "Deactivate")
			frame.AwaitTrue(`document.querySelector("dialog [role=alert]")?.textContent.startsWith("ActiveDurationTooShort: ") ?? false`)
			w.advance(6 * time.Minute)
			frame.Click("button", "Deactivate")
			awaitStatus(frame, "Deactivation completed successfully")

			if got := w.page.Asked(signInHost); !stepUpAsks(got, `{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}`) {
				t.Errorf("no authorize request with exactly the context among %d", len(got))
			}
			if got := w.countRequests(http.MethodPost, graphActivations); got != 3 {
				t.Errorf("%d requests to PIM, want activation and two deactivations", got)
			}
		})
	}
}

func stepUpAsks(urls []string, claims string) bool {
	return slices.ContainsFunc(urls, func(asked string) bool {
		request, err := http.NewRequest(http.MethodGet, asked, nil)
		return err == nil && request.URL.Query().Get("claims") == claims && !request.URL.Query().Has("prompt")
	})
}

func TestPortalActivationWithinTheWindowAsksNobody(t *testing.T) {
	w := newPortalWorld(t, portaltest.Shell)
	frame, _ := w.signIn()
	w.advance(11 * time.Minute)
	openRole(frame, "Activate", "first")
	_, asked := w.stepUp(frame, portalBanner)
	if !credentialAsked(asked) {
		t.Fatalf("the first step-up asked for %q", asked)
	}
	w.advance(2 * time.Minute)
	w.page.ClearStorage()
	w.page.Open("about:blank")
	frame, asked = w.signIn()
	if len(asked) != 0 {
		t.Errorf("with the login cookies there, a cleared page asked for %q", asked)
	}
	openRole(frame, "Activate", "second")
	frame, asked = w.stepUp(frame, portalBanner)
	if len(asked) != 0 {
		t.Errorf("two minutes after a step-up the next one asked for %q", asked)
	}
	frame.Click("button", "Activate")
	awaitStatus(frame, "Activation completed successfully")
}

func TestPortalWithClearedStorageStepsUpAgainAfterTheWindow(t *testing.T) {
	w := newPortalWorld(t, portaltest.Shell)
	frame, _ := w.signIn()
	for range 2 {
		w.advance(11 * time.Minute)
		openRole(frame, "Activate", "again")
		if _, asked := w.stepUp(frame, portalBanner); !credentialAsked(asked) {
			t.Errorf("a step-up eleven minutes after the last asked for %q", asked)
		}
		w.page.ClearStorage()
		w.page.Open("about:blank")
		var asked []string
		if frame, asked = w.signIn(); credentialAsked(asked) {
			t.Errorf("with the login cookies there, a cleared page asked for %q", asked)
		}
	}
}

func TestPortalOverTheLegacyService(t *testing.T) {
	w := newPortalWorld(t, portaltest.Shell)
	w.control(http.MethodPost, "/settings", `{"portal_api":"mspim"}`, nil)
	frame, _ := w.signIn()
	w.advance(11 * time.Minute)
	openRole(frame, "Activate", "legacy")
	frame, asked := w.stepUp(frame, portalBanner)
	if !credentialAsked(asked) {
		t.Errorf("the step-up asked for %q", asked)
	}
	frame.Click("button", "Activate")
	awaitStatus(frame, "Activation completed successfully")
	if graph, legacy := w.countRequests(http.MethodPost, graphActivations), w.countRequests(http.MethodPost, legacyActivations); graph != 0 || legacy != 1 {
		t.Errorf("%d activations went to Graph and %d to the legacy service, want none and one", graph, legacy)
	}
}

func TestPortalStepUpInAPopup(t *testing.T) {
	w := newPortalWorld(t, portaltest.Shell)
	w.control(http.MethodPost, "/settings", `{"portal_step_up":"popup"}`, nil)
	frame, _ := w.signIn()
	w.advance(11 * time.Minute)
	openRole(frame, "Activate", "popup")
	frame.Click("button", portalBanner)
	if asked := w.account.SignIn(w.page.Popup(signInHost)); !credentialAsked(asked) {
		t.Errorf("the popup asked for %q", asked)
	}
	frame.Click("button", "Activate")
	awaitStatus(frame, "Activation completed successfully")
}

// Variants change where the activation is sent from and the language, and nothing else.
func TestPortalVariants(t *testing.T) {
	for _, row := range []struct {
		name, variant                    string
		activate, banner, confirm, reply string
	}{
		{"from the frame", `{"seed":4,"language":"en"}`, "Activate", portalBanner, "Activate", "Activation completed successfully"},
		{"from a worker", `{"seed":5,"language":"en"}`, "Activate", portalBanner, "Activate", "Activation completed successfully"},
		{
			"in German", `{"seed":4,"language":"de"}`, "Aktivieren",
			"Eine Richtlinie für bedingten Zugriff ist aktiviert und erfordert möglicherweise eine zusätzliche Überprüfung. Klicken Sie, um fortzufahren.",
			"Aktivieren", "Die Aktivierung wurde erfolgreich abgeschlossen",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newPortalWorld(t, portaltest.Shell)
			w.control(http.MethodPost, "/variant", row.variant, nil)
			frame, _ := w.signIn()
			w.advance(11 * time.Minute)
			openRole(frame, row.activate, "variant")
			frame, _ = w.stepUp(frame, row.banner)
			frame.Click("button", row.confirm)
			awaitStatus(frame, row.reply)
			worker := portaltest.Eval[bool](frame, `performance.getEntriesByType("resource").some(({name}) => name.endsWith("/assets/worker.js"))`)
			if want := strings.Contains(row.name, "worker"); worker != want {
				t.Errorf("sent from a worker: %t, want %t", worker, want)
			}
		})
	}
}

// A group's default setting wants a second factor and no context.
func TestPortalActivatesGroupMembership(t *testing.T) {
	w := newPortalWorld(t, portaltest.Shell)
	group := w.graph("/groups", map[string]any{
		"displayName": "Tier 0", "mailNickname": "tier0", "mailEnabled": false, "securityEnabled": true, "isAssignableToRole": true,
	})
	w.graph("/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests", map[string]any{
		"accessId": "member", "groupId": group["id"], "principalId": w.access.Admin.ObjectID, "action": "adminAssign", "justification": "test",
		"scheduleInfo": map[string]any{"startDateTime": w.now().Format(time.RFC3339), "expiration": map[string]any{"type": "noExpiration"}},
	})
	w.page.Open(strings.Replace(portalRoles, "aadmigratedroles", "aadgroup", 1))
	w.account.SignIn(w.page.View)
	frame := w.page.Frame(portalFrame)
	openRole(frame, "Activate", "group")

	frame, asked := w.stepUp(frame, "Additional verification required. Click to continue.")
	if diff := cmp.Diff([]string{portaltest.Code}, asked); diff != "" {
		t.Errorf("for a second factor was asked (-want +got):\n%s", diff)
	}
	frame.Click("button", "Activate")
	awaitStatus(frame, "Activation completed successfully")
	frame.Click("tab", "Active assignments")
	frame.Await("gridcell", "Tier 0 (Member)")
	frame.Click("tab", "Expired")
	frame.AwaitTrue(`document.querySelector(".empty") !== null`)
}
