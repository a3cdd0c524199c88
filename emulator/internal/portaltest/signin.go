package portaltest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/reprompt/reprompt/emulator/internal/totp"
)

// Account is a user with a password and an authenticator code.
type Account struct {
	UPN        string
	Password   string
	TOTPSecret string           // base32
	Now        func() time.Time // the tenant's clock, which the codes follow
}

// The elements by which a sign-in page is recognised, and what they ask for.
const (
	UserName = "i0116"
	Password = "i0118"
	Code     = "idTxtBx_SAOTCC_OTC"
	Stay     = "KmsiDescription"
	Picker   = "tilesHolder"
)

// state finds out where a document stands: the element it is recognised by, "left" when it is
// no sign-in page, "failed: …" when it is one that goes no further, "" when there is nothing to
// do yet, or no more.
const state = `(() => {
	if (document.readyState !== "complete" || window.acted) return "";
	if (!location.host.startsWith("login.")) return "left";
	const shown = (id) => document.getElementById(id)?.offsetParent;
	const failure = ["service_exception_message", "usernameError", "passwordError", "idSpan_SAOTCC_Error_OTC", "ProofUpDescription"]
		.map((id) => document.getElementById(id)?.textContent.trim()).find((text) => text);
	if (failure) return "failed: " + failure;
	return ["` + UserName + `", "` + Password + `", "` + Code + `", "` + Stay + `", "` + Picker + `"].find(shown) ?? "";
})()`

// SignIn walks the sign-in pages that are shown in v until they are left, saying yes to "stay
// signed in". It returns what was asked for, in order: nothing when no page stood still.
func (a Account) SignIn(v View) (asked []string) {
	v.t.Helper()
	for {
		var at string
		v.until("a sign-in page, or the page behind it", func(ctx context.Context) bool {
			at, _ = chromedp.Run(ctx, chromedp.Evaluate[string](state))
			return at != "" || v.gone()
		})
		if at == "left" || at == "" {
			return asked
		}
		asked = append(asked, at)
		if !a.act(v, at) {
			v.t.Fatalf("sign in: cannot go on at %q after %q", at, asked)
		}
	}
}

// gone says whether the document's target is no longer there, as a popup that closed itself.
func (v View) gone() bool {
	gone, err := chromedp.Detached(v.ctx)
	if err != nil {
		return true
	}
	select {
	case <-gone:
		return true
	default:
		return false
	}
}

func (a Account) act(v View, at string) bool {
	v.t.Helper()
	switch at {
	case UserName:
		send(v, at, a.UPN)
	case Password:
		send(v, at, a.Password)
	case Code:
		send(v, at, a.code(v.t))
	case Stay:
		press(v, `document.getElementById("idSIButton9")`)
	case Picker:
		name, _ := json.Marshal(a.UPN)
		press(v, `[...document.querySelectorAll("#tilesHolder button")].find((tile) => tile.dataset.testId === `+string(name)+`)`)
	default:
		return false
	}
	return true
}

func (a Account) code(t testing.TB) string {
	t.Helper()
	code, err := totp.Code(a.TOTPSecret, totp.Step(a.Now()))
	if err != nil {
		t.Fatalf("make a one-time code: %v", err)
	}
	return code
}

// send fills a field as typing does and presses the page's button, once per document.
func send(v View, id, text string) {
	v.t.Helper()
	value, _ := json.Marshal(text)
	press(v, `(() => {
		const field = document.getElementById("`+id+`");
		field.value = `+string(value)+`;
		field.dispatchEvent(new Event("input", {bubbles: true}));
		field.dispatchEvent(new Event("change", {bubbles: true}));
		return document.getElementById("idSIButton9");
	})()`)
}

func press(v View, button string) {
	v.t.Helper()
	Eval[bool](v, `(() => { window.acted = true; const button = `+button+`; setTimeout(() => button.click()); return true; })()`)
}
