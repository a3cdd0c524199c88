package portal_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/portaltest"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const (
	myRoles = shell + "/#view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/aadmigratedroles"
	banner  = "A Conditional Access policy is enabled and may require additional verification. Click to continue."
	pane    = "Activate - Application Administrator"
)

func openPane(page *portaltest.Page) portaltest.View {
	page.Open(myRoles)
	frame := page.Frame(frame)
	frame.Click("link", "Activate")
	frame.Await("spinbutton", "Duration (hours)")
	return frame
}

func awaitNotice(view portaltest.View, text string) {
	view.AwaitTrue(fmt.Sprintf(`document.getElementById("notifications").textContent === %q`, text))
}

// alertText is what the open pane complains about.
func alertText(view portaltest.View) string {
	view.AwaitTrue(`document.querySelector("dialog .problem") !== null`)
	return view.Await("alert", "")
}

func TestActivationStepsUpByRedirectBeforeItPosts(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.settings["context"], w.context = "c3", "c3" })
	page := w.browse(t)
	view := openPane(page)
	if got := view.Count("dialog", pane); got != 1 {
		t.Fatalf("%d dialogs %q, want one", got, pane)
	}
	view.Fill("textbox", "Reason", "rotate a credential")
	view.Fill("spinbutton", "Duration (hours)", "0.5")
	if view.Enabled("button", "Activate") {
		t.Error("Activate can be pressed although the banner is there")
	}
	view.Click("button", banner)
	view.AwaitGone()

	view = page.Frame(frame)
	if got := view.Value("textbox", "Reason"); got != "rotate a credential" {
		t.Errorf("after the step-up the reason is %q", got)
	}
	if view.Count("button", banner) != 0 {
		t.Error("the banner is still there after the step-up")
	}
	view.Click("button", "Activate")
	awaitNotice(view, "Activation completed successfully")

	authorize, _, posts, origins := w.seen()
	stepUp := authorize[len(authorize)-1]
	if got, want := stepUp.Get("claims"), `{"access_token":{"acrs":{"essential":true,"value":"c3"},"xms_cc":{"values":["cp1"]}}}`; got != want {
		t.Errorf("step-up claims %s, want %s", got, want)
	}
	if stepUp.Has("prompt") || stepUp.Has("max_age") {
		t.Errorf("the step-up forces the prompt itself: %v", stepUp)
	}
	if got := stepUp.Get("client_id"); got != store.ClientPIM {
		t.Errorf("step-up for client %s, want the blade's", got)
	}
	if len(posts) != 1 {
		t.Fatalf("%d activations posted, want one: %v", len(posts), posts)
	}
	expiration := posts[0]["scheduleInfo"].(map[string]any)["expiration"]
	if diff := cmp.Diff(map[string]any{"type": "AfterDuration", "duration": "PT30M"}, expiration); diff != "" {
		t.Errorf("expiration (-want +got):\n%s", diff)
	}
	if got := posts[0]["justification"]; got != "rotate a credential" {
		t.Errorf("justification %q", got)
	}
	if origins[0] != frame {
		t.Errorf("posted from %s, want the frame", origins[0])
	}
	if complaints := page.Complaints(); len(complaints) > 0 {
		t.Errorf("the page logged %q", complaints)
	}
}
