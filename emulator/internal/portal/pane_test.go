package portal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/portaltest"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// justify fills what every activation here needs and sends it.
func justify(view portaltest.View) {
	view.Fill("textbox", "Reason", "a reason")
	view.Click("button", "Activate")
}

func TestActivationFromAWorker(t *testing.T) {
	w := newWorld(t, func(_ *world, tenant *store.Tenant) { tenant.Variant = 3 })
	page := w.browse(t)
	view := openPane(page)
	justify(view)
	awaitNotice(view, "Activation completed successfully")
	if _, _, posts, origins := w.seen(); len(posts) != 1 || origins[0] != frame {
		t.Errorf("posts %v from %v, want one from the frame's origin", posts, origins)
	}
	loaded := portaltest.Eval[bool](view, `performance.getEntriesByType("resource").some(({name}) => name.endsWith("/assets/worker.js"))`)
	if !loaded {
		t.Error("no worker was started")
	}
}

func TestStepUpInAPopupLeavesThePaneOpen(t *testing.T) {
	w := newWorld(t, func(w *world, tenant *store.Tenant) {
		tenant.Settings.PortalStepUp = "popup"
		w.settings["context"], w.context = "c7", "c7"
	})
	page := w.browse(t)
	view := openPane(page)
	view.Click("button", banner)
	view.AwaitTrue(`document.querySelector("dialog .step-up") === null`)
	justify(view)
	awaitNotice(view, "Activation completed successfully")
	if got := len(page.Asked("https://login.microsoftonline.com/")); got != 1 {
		t.Errorf("the page itself went to sign in %d times, want once, at the start", got)
	}
}

// On a busy machine the answer of the popup comes late, later than two looks whether the user closed it.
func TestStepUpInAPopupWhoseAnswerComesLate(t *testing.T) {
	w := newWorld(t, func(w *world, tenant *store.Tenant) {
		tenant.Settings.PortalStepUp = "popup"
		w.settings["context"], w.context = "c7", "c7"
	})
	page := w.browse(t)
	view := openPane(page)
	portaltest.Eval[bool](page.View, `Object.defineProperty(BroadcastChannel.prototype, "onmessage", {
		set(handle) { this.addEventListener("message", (event) => setTimeout(handle, 600, event)); },
	}) === BroadcastChannel.prototype`)
	view.Click("button", banner)
	view.AwaitTrue(`document.querySelector("dialog .step-up, dialog .problem") === null`)
	justify(view)
	awaitNotice(view, "Activation completed successfully")
}

// A multifactor requirement is asked for only when the token tells of no second factor.
func TestBannerForMultifactorOnly(t *testing.T) {
	const text = "Additional verification required. Click to continue."
	for _, row := range []struct {
		name string
		amr  []string
		want int
	}{
		{"the token has it", []string{"pwd", "mfa"}, 0},
		{"the token lacks it", []string{"pwd"}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, func(w *world, _ *store.Tenant) { w.settings["mfa"], w.amr = true, row.amr })
			page := w.browse(t)
			view := openPane(page)
			if got := view.Count("button", text); got != row.want {
				t.Fatalf("%d banners, want %d", got, row.want)
			}
			if row.want == 0 {
				return
			}
			view.Click("button", text)
			view.AwaitGone()
			view = page.Frame(frame)
			justify(view)
			awaitNotice(view, "Activation completed successfully")
			authorize, _, _, _ := w.seen()
			if got, want := authorize[len(authorize)-1].Get("claims"), `{"access_token":{"amr":{"essential":true,"values":["mfa"]},"xms_cc":{"values":["cp1"]}}}`; got != want {
				t.Errorf("claims %s, want %s", got, want)
			}
		})
	}
}

func TestUnexpectedChallengeBringsTheBannerBack(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.context = "c9" })
	page := w.browse(t)
	view := openPane(page)
	justify(view)
	view.Click("button", banner)
	view.AwaitGone()
	view = page.Frame(frame)
	if got := view.Value("textbox", "Reason"); got != "a reason" {
		t.Errorf("reason %q after the challenge", got)
	}
	view.Click("button", "Activate")
	awaitNotice(view, "Activation completed successfully")
	authorize, _, _, _ := w.seen()
	if got, want := authorize[len(authorize)-1].Get("claims"), `{"access_token":{"acrs":{"essential":true,"value":"c9"},"xms_cc":{"values":["cp1"]}}}`; got != want {
		t.Errorf("claims %s, want %s", got, want)
	}
}

func TestRefusalsAreSaidWithTheirCode(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.failPost = "RoleAssignmentExists" })
	view := openPane(w.browse(t))
	justify(view)
	if got, want := alertText(view), "RoleAssignmentExists: because"; got != want {
		t.Errorf("alert %q, want %q", got, want)
	}
	if !view.Enabled("button", "Activate") {
		t.Error("after a refusal the activation cannot be tried again")
	}
}

func TestFailedStepUpKeepsTheBanner(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) {
		w.settings["context"], w.context, w.failStepUp = "c3", "c3", "access_denied"
	})
	page := w.browse(t)
	view := openPane(page)
	view.Click("button", banner)
	view.AwaitGone()
	view = page.Frame(frame)
	if got, want := alertText(view), "access_denied: AADSTS50000: no."; got != want {
		t.Errorf("alert %q, want %q", got, want)
	}
	if view.Count("button", banner) != 1 || view.Enabled("button", "Activate") {
		t.Error("a failed step-up opened the way to Activate")
	}
}

func TestTicketsAreAskedForByTheRule(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.settings["ticket"] = true })
	view := openPane(w.browse(t))
	view.Fill("textbox", "Reason", "a reason")
	view.Fill("textbox", "Ticket number", "4711")
	if view.Enabled("button", "Activate") {
		t.Error("Activate can be pressed without the ticket system")
	}
	view.Fill("textbox", "Ticket system", "desk")
	view.Click("button", "Activate")
	awaitNotice(view, "Activation completed successfully")
	_, _, posts, _ := w.seen()
	if diff := cmp.Diff(map[string]any{"ticketNumber": "4711", "ticketSystem": "desk"}, posts[0]["ticketInfo"]); diff != "" {
		t.Errorf("ticketInfo (-want +got):\n%s", diff)
	}
}

func TestPendingApprovalIsSaid(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.settings["approval"] = true })
	view := openPane(w.browse(t))
	justify(view)
	awaitNotice(view, "Your request is pending approval")
}

func TestCustomStartIsSentInUTC(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	view := openPane(w.browse(t))
	view.Click("checkbox", "Custom activation start time")
	view.Fill("textbox", "Reason", "later")
	if view.Enabled("button", "Activate") {
		t.Error("Activate can be pressed without the start")
	}
	portaltest.Eval[bool](view, `(() => {
		const field = document.querySelector("input[type=datetime-local]");
		field.value = "2026-11-24T08:30";
		field.dispatchEvent(new Event("input", {bubbles: true}));
		return true;
	})()`)
	want := portaltest.Eval[string](view, `new Date("2026-11-24T08:30").toISOString()`)
	view.Click("button", "Activate")
	awaitNotice(view, "Activation completed successfully")
	_, _, posts, _ := w.seen()
	if got := posts[0]["scheduleInfo"].(map[string]any)["startDateTime"]; got != want {
		t.Errorf("startDateTime %v, want %s", got, want)
	}
}

// The start of an immediate activation is the tenant's time, not the browser's.
func TestStartIsTheTenantsTime(t *testing.T) {
	w := newWorld(t, func(_ *world, tenant *store.Tenant) {
		if err := tenant.Advance(36 * time.Hour); err != nil {
			panic(err)
		}
	})
	view := openPane(w.browse(t))
	justify(view)
	awaitNotice(view, "Activation completed successfully")
	_, _, posts, _ := w.seen()
	if got, want := posts[0]["scheduleInfo"].(map[string]any)["startDateTime"], "2026-11-25T00:00:00.000Z"; got != want {
		t.Errorf("startDateTime %v, want %s", got, want)
	}
}

func TestDurationGoesInHalfHoursUpToTheSetting(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	view := openPane(w.browse(t))
	view.Fill("textbox", "Reason", "a reason")
	for _, row := range []struct {
		hours string
		valid bool
	}{{"4", true}, {"0.5", true}, {"1.5", true}, {"4.5", false}, {"0.25", false}, {"0", false}, {"", false}} {
		view.Fill("spinbutton", "Duration (hours)", row.hours)
		if got := view.Enabled("button", "Activate"); got != row.valid {
			t.Errorf("with %q hours of at most 4, Activate enabled = %t, want %t", row.hours, got, row.valid)
		}
	}
	view.Fill("slider", "Duration (hours)", "2.5")
	if got := view.Value("spinbutton", "Duration (hours)"); got != "2.5" {
		t.Errorf("the slider at 2.5 leaves the number at %s", got)
	}
}

func TestDeactivation(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.active, w.failPost = true, "ActiveDurationTooShort" })
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Click("tab", "Active assignments")
	view.Click("link", "Deactivate")
	view.Await("dialog", "Deactivate - Application Administrator")
	view.Fill("textbox", "Reason", "done")
	view.Click("button", "Deactivate")
	if got, want := alertText(view), "ActiveDurationTooShort: because"; got != want {
		t.Errorf("alert %q, want %q", got, want)
	}
	view.Click("button", "Deactivate")
	awaitNotice(view, "Deactivation completed successfully")
	_, _, posts, _ := w.seen()
	want := map[string]any{
		"action": "selfDeactivate", "principalId": adminID, "roleDefinitionId": roleID, "directoryScopeId": "/", "justification": "done",
	}
	if diff := cmp.Diff(want, posts[len(posts)-1]); diff != "" {
		t.Errorf("deactivation (-want +got):\n%s", diff)
	}
}
