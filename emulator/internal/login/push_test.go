package login_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// pollAnswer is what a test reads of BeginAuth and EndAuth.
type pollAnswer struct {
	Success     bool
	ResultValue string
	SessionID   string `json:"SessionId"`
	Entropy     int
}

// poll does what the page's script does.
func (w *world) poll(b *walker.Walker, method string) (answer pollAnswer) {
	w.t.Helper()
	w.call(b.Page.Text("url"+method), map[string]string{
		"AuthMethodId": "PhoneAppNotification", "Method": method, "FlowToken": b.Page.Text("sFT"), "Ctx": b.Page.Text("sCtx"),
	}, &answer)
	return answer
}

// answerPush is the phone.
func (w *world) answerPush(state store.PushState) (number string) {
	w.t.Helper()
	w.tenant(func(t *store.Tenant) {
		for _, push := range t.Pushes.List() {
			push.State, number = state, push.Number
		}
	})
	return number
}

func TestPushWithNumberMatching(t *testing.T) {
	for name, row := range map[string]struct {
		state  store.PushState
		result string
		page   string
	}{
		"approved": {store.PushApproved, "Success", "KmsiInterrupt"},
		"denied":   {store.PushDenied, "PhoneAppDenied", "ConvergedTFA"},
		"waiting":  {store.PushPending, "AuthenticationPending", "ConvergedTFA"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{mfa: true})
			w.admin(func(_ *store.Tenant, u *store.User) { u.Push = &store.PushDevice{ID: "1", DisplayName: "phone"} })
			b := w.browser()
			w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
			if err := b.Submit("f1", map[string]string{"passwd": w.facts.Password}); err != nil {
				t.Fatal(err)
			}
			if !b.Page.Has("idDiv_SAOTCAS_Title") {
				t.Fatalf("page %q does not wait for the notification", b.Page.ID())
			}
			asked := w.poll(b, "BeginAuth")
			if number := w.answerPush(row.state); !asked.Success || fmt.Sprint(asked.Entropy) != number {
				t.Errorf("the page shows %d, the phone %s", asked.Entropy, number)
			}
			if got := w.poll(b, "EndAuth").ResultValue; got != row.result {
				t.Errorf("EndAuth answers %q, want %q", got, row.result)
			}
			if err := b.Submit("pushForm", nil); err != nil {
				t.Fatal(err)
			}
			if b.Page.ID() != row.page {
				t.Errorf("page %q, want %q", b.Page.ID(), row.page)
			}
		})
	}
}

func TestAnotherWayListsTheMethods(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	w.admin(func(_ *store.Tenant, u *store.User) { u.Push = &store.PushDevice{ID: "1", DisplayName: "phone"} })
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	if err := b.Submit("f1", map[string]string{"passwd": w.facts.Password}); err != nil {
		t.Fatal(err)
	}
	if err := b.Submit("switchForm", map[string]string{"view": "list"}); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"PhoneAppOTP", "PhoneAppNotification"} {
		if !strings.Contains(b.Page.HTML, `data-value="`+method+`"`) {
			t.Errorf("%s is not offered", method)
		}
	}
	if err := b.Submit("switchForm", map[string]string{"view": "PhoneAppOTP"}); err != nil {
		t.Fatal(err)
	}
	if !b.Page.Has("idTxtBx_SAOTCC_OTC") {
		t.Errorf("page %q has no field for the code", b.Page.ID())
	}
}
