package entra

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/secret"
)

// person types into the page that waits and submits it, as somebody at the window would.
func person(t *testing.T, r *trial, answers map[string][]string) {
	r.Person = func(page string) {
		left := answers[page]
		if len(left) == 0 {
			t.Errorf("nobody knows what to do at %s", page)
			return
		}
		answers[page] = left[1:]
		doc := r.Tab.Document()
		go func() { // the page is left while the script runs
			_ = doc.Eval(context.WithoutCancel(t.Context()), left[0], nil)
		}()
	}
}

func typed(field, value string) string {
	return `document.querySelector("[name=` + field + `]").value = "` + value + `"; document.forms[0].requestSubmit()`
}

func TestAPersonAnswersThePages(t *testing.T) {
	h, r := newHost(t, userName, password, passwordPage("¡no!"), oneTimeCode, stay), newTrial(t)
	r.Admin.Password, r.Admin.TOTP = r.Admin.TemporaryAccessPass, r.Admin.TemporaryAccessPass // the harness knows nothing
	person(t, r, map[string][]string{
		PageUserName: {typed("loginfmt", "admin@contoso.example")}, PagePassword: {typed("passwd", "wrong"), typed("passwd", "right")},
		PageOneTimeCode: {typed("otc", "123456")}, PageStaySignedIn: {"document.forms[0].requestSubmit()"},
	})
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	wantNames(t, r, "user-name", "password sent", "password sent", "one-time-code sent", "stay-signed-in")
	wantSent(t, h, "passwd", "wrong", "right")
	for _, v := range r.visits {
		if !v.StoodStill {
			t.Errorf("%s did not stand still", v.Page)
		}
	}
}

// Consent changes the tenant, also when a person gives it.
func TestAPersonIsNotLetPastConsent(t *testing.T) {
	h, r := newHost(t, strings.Replace(stay, "KmsiInterrupt", "ConvergedConsent", 1)), newTrial(t)
	person(t, r, nil)
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err == nil {
		t.Error("the person was let past consent")
	}
}

// Two ways that lead to each other must not be tried for ever.
func TestWaysThatLeadToEachOtherEnd(t *testing.T) {
	offer := strings.Replace(passwordPage(""), "</form>", `<a id="idA_PWD_SwitchToCredPicker" href="#" onclick="document.forms[0].submit()">¤</a></form>`, 1)
	h, r := newHost(t, slices.Repeat([]string{offer}, 50)...), newTrial(t)
	r.Admin.Password = secret.Text{}
	_, err := r.Authorize(testContext(t), h.authorize(t), callback)
	if err == nil || !strings.Contains(err.Error(), "came again and again") {
		t.Errorf("error %v, want it to say that the page came again", err)
	}
	if asked := len(h.sent("loginfmt")); len(h.sent("passwd")) > 4 || asked > 0 {
		t.Errorf("it was tried %d times", len(h.sent("passwd")))
	}
}
