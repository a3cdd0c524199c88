package portal_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/portaltest"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestFrameIsSandboxedAndOfAnotherSite(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("grid", "Eligible assignments")
	if got := portaltest.Eval[string](page.View, `document.querySelector("iframe").getAttribute("sandbox")`); got == "" {
		t.Error("the frame has no sandbox")
	}
	if got := portaltest.Eval[int](view, `sessionStorage.length + localStorage.length`); got != 0 {
		t.Errorf("the frame keeps %d things; tokens belong to the shell", got)
	}
}

// grantsOf counts token requests by grant type.
func grantsOf(grants []url.Values, kind string) (count int) {
	for _, grant := range grants {
		if grant.Get("grant_type") == kind {
			count++
		}
	}
	return count
}

func TestBrokerRedeemsForTheBlade(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	page.Frame(frame).Await("link", "Activate")
	authorize, grants, _, _ := w.seen()
	if len(authorize) != 1 {
		t.Fatalf("%d authorize requests, want one", len(authorize))
	}
	refresh := grants[len(grants)-1]
	for key, want := range map[string]string{
		"grant_type": "refresh_token", "client_id": store.ClientPIM, "brk_client_id": store.ClientPortal,
		"redirect_uri":  "brk-" + store.ClientPortal + "://entra.microsoft.com",
		"refresh_token": "refresh of " + store.ClientPortal,
		"claims":        `{"access_token":{"xms_cc":{"values":["cp1"]}}}`,
	} {
		if got := refresh.Get(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}

func TestWithoutBrokeredRedemptionTheBladeSignsInItself(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.brokered = false })
	page := w.browse(t)
	page.Open(myRoles)
	page.AwaitTrue(`location.hash !== "" && Object.keys(JSON.parse(sessionStorage.getItem("portal.session"))?.refresh ?? {}).length === 2`)
	page.Frame(frame).Await("link", "Activate")
	authorize, _, _, _ := w.seen()
	if len(authorize) != 2 || authorize[1].Get("client_id") != store.ClientPIM {
		t.Errorf("authorize requests %v, want the shell's and the blade's", authorize)
	}
}

func TestTokensAreReusedUntilTheTenantsClockEndsThem(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("link", "Activate")
	reload := func() int {
		view.Click("button", "Refresh")
		view.AwaitTrue(`document.querySelector("main").getAttribute("aria-busy") === "false"`)
		_, grants, _, _ := w.seen()
		return grantsOf(grants, "refresh_token")
	}
	if got := reload(); got != 1 {
		t.Errorf("%d refreshes while the token lives, want the first one only", got)
	}
	err := w.st.With(w.tenant, func(tenant *store.Tenant) error { return tenant.Advance(56 * time.Minute) })
	if err != nil {
		t.Fatal(err)
	}
	if got := reload(); got != 2 {
		t.Errorf("%d refreshes after the token's hour (less five minutes), want two", got)
	}
	if authorize, _, _, _ := w.seen(); len(authorize) != 1 {
		t.Errorf("%d authorize requests, want one", len(authorize))
	}
}

func TestClaimsChallengeOfGraphIsAnsweredOnce(t *testing.T) {
	w := newWorld(t, func(w *world, _ *store.Tenant) { w.challenge = true })
	page := w.browse(t)
	page.Open(myRoles)
	page.Frame(frame).Await("link", "Activate")
	_, grants, _, _ := w.seen()
	want := `{"access_token":{"nbf":{"essential":true,"value":"1795435200"},"xms_cc":{"values":["cp1"]}}}`
	if got := grants[len(grants)-1].Get("claims"); got != want {
		t.Errorf("claims %s, want %s", got, want)
	}
}

func TestClearedStorageSignsInAgain(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	page.Frame(frame).Await("link", "Activate")
	page.ClearStorage()
	page.Open("about:blank")
	page.Open(myRoles)
	page.Frame(frame).Await("link", "Activate")
	if authorize, _, _, _ := w.seen(); len(authorize) != 2 {
		t.Errorf("%d authorize requests, want one for each time", len(authorize))
	}
}

func TestOnlyTheFrameIsAnswered(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("link", "Activate")
	portaltest.Eval[bool](view, `addEventListener("message", ({data}) => {
		if (data.id === "foreign") document.title = "answered";
	}), true`)
	// The page itself is another source and another origin than the frame. What it asks for is
	// handled before what the frame asks for after it.
	portaltest.Eval[bool](page.View, `postMessage({id: "foreign", method: "time"}, "*"), true`)
	view.Click("link", "Activate")
	justify(view)
	awaitNotice(view, "Activation completed successfully")
	if portaltest.Eval[string](view, "document.title") == "answered" {
		t.Error("a message that is not from the frame was answered")
	}
}

func TestUnknownViewIsRecordedAsUnmodelled(t *testing.T) {
	w := newWorld(t, func(*world, *store.Tenant) {})
	page := w.browse(t)
	page.Open(shell + "/#view/Microsoft_AAD_IAM/UsersManagementMenuBlade")
	page.AwaitTrue(`document.querySelector("[role=alert]") !== null`)
	page.AwaitTrue(`performance.getEntriesByType("resource").some(({name, responseStatus}) => name.includes("/unmodelled/") && responseStatus === 501)`)
}

// What is under the survey can be used only once it was answered or put off; it comes back with the page.
func TestSurveyLiesOverTheBlade(t *testing.T) {
	w := newWorld(t, func(_ *world, tenant *store.Tenant) { tenant.Settings.PortalSurvey = true })
	page := w.browse(t)
	for range 2 {
		page.Open(myRoles)
		page.Await("dialog", "How likely are you to recommend the Entra admin center?")
		if !portaltest.Eval[bool](page.View, `document.querySelector("dialog").matches(":modal")`) {
			t.Error("the survey leaves the page usable")
		}
		page.Click("button", "Not now")
		page.AwaitTrue(`document.querySelector("dialog") === null`)
		page.Frame(frame).Await("link", "Activate")
		page.Open("about:blank")
	}
}

// A hand with a mouse would hit the bubble and not the control; the rest of the page stays usable.
func TestABubbleCoversTheControl(t *testing.T) {
	w := newWorld(t, func(_ *world, tenant *store.Tenant) { tenant.Settings.PortalBubble = true })
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("dialog", "New: activate a role right from this list.")
	const hit = `(() => {
		const box = document.querySelector("#assignments td a").getBoundingClientRect();
		const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
		return top.closest(".bubble") !== null && document.querySelector("dialog:modal") === null;
	})()`
	if !portaltest.Eval[bool](view, hit) {
		t.Error("the bubble does not lie over the control, or is modal")
	}
	view.Click("button", "Got it")
	view.AwaitTrue(`document.querySelector(".bubble") === null`)
	view.Click("link", "Activate")
	view.Await("dialog", "Activate - Application Administrator")
}

func TestFrenchTenantSpeaksFrench(t *testing.T) {
	w := newWorld(t, func(w *world, tenant *store.Tenant) {
		tenant.Language = "fr"
		w.settings["context"] = "c3"
	})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("grid", "Affectations éligibles")
	view.Click("link", "Activer")
	view.Await("dialog", "Activer - Application Administrator")
	view.Await("textbox", "Raison")
	view.Await("button", "Une stratégie d’accès conditionnel est activée et peut exiger une vérification supplémentaire. Cliquez pour continuer.")
}

func TestGermanTenantSpeaksGerman(t *testing.T) {
	w := newWorld(t, func(w *world, tenant *store.Tenant) {
		tenant.Language = "de"
		w.settings["context"] = "c3"
	})
	page := w.browse(t)
	page.Open(myRoles)
	view := page.Frame(frame)
	view.Await("grid", "Berechtigte Zuweisungen")
	view.Click("link", "Aktivieren")
	view.Await("dialog", "Aktivieren - Application Administrator")
	view.Await("textbox", "Grund")
	view.Await("button", "Eine Richtlinie für bedingten Zugriff ist aktiviert und erfordert möglicherweise eine zusätzliche Überprüfung. Klicken Sie, um fortzufahren.")
	if got := portaltest.Eval[string](view, "document.documentElement.lang"); got != "de" {
		t.Errorf("language of the document %q", got)
	}
}
