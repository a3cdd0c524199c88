package login_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// guess sends a password to a page of its own, and returns sErrorCode, or the page.
func (w *world) guess(password string) string {
	w.t.Helper()
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	if err := b.Submit("f1", map[string]string{"passwd": password}); err != nil {
		w.t.Fatal(err)
	}
	if code := b.Page.Text("sErrorCode"); code != "" {
		return code
	}
	return b.Page.ID()
}

func TestWrongPasswordsLockTheAccount(t *testing.T) {
	w := newWorld(t)
	for i := range 10 {
		if got := w.guess(fmt.Sprint("guess ", i)); got != "50126" {
			t.Fatalf("wrong password %d: %s, want 50126", i+1, got)
		}
	}
	for name, password := range map[string]string{"right": w.facts.Password, "wrong": "another guess"} {
		if got := w.guess(password); got != "50053" {
			t.Errorf("the %s password after ten wrong ones: %s, want 50053", name, got)
		}
	}
	w.advance(59 * time.Second)
	if got := w.guess(w.facts.Password); got != "50053" {
		t.Errorf("the right password after 59 seconds: %s, want 50053", got)
	}
	w.advance(time.Second)
	if got := w.guess("one more"); got != "50126" {
		t.Errorf("a wrong password after a minute: %s, want 50126", got)
	}
	w.advance(time.Minute)
	if got := w.guess(w.facts.Password); got != "50053" {
		t.Errorf("the second lock is as short as the first: %s", got)
	}
	w.advance(time.Minute)
	if got := w.guess(w.facts.Password); got != "KmsiInterrupt" {
		t.Errorf("the right password after the lock: %s", got)
	}
	if got := w.guess("a guess after success"); got != "50126" {
		t.Errorf("the counter was not reset: %s", got)
	}
}

// Documented: the cloud of the US government locks after three.
func TestTheGovernmentsCloudLocksEarlier(t *testing.T) {
	w := newWorld(t)
	guess := func(password string) string {
		b := w.browser()
		address := w.client.AuthorizeURL(map[string]string{"login_hint": w.facts.AdminUPN})
		if err := b.Get(strings.Replace(address, "login.microsoftonline.com", "login.microsoftonline.us", 1)); err != nil {
			t.Fatal(err)
		}
		if err := b.Submit("f1", map[string]string{"passwd": password}); err != nil {
			t.Fatal(err)
		}
		return b.Page.Text("sErrorCode")
	}
	for i := range 3 {
		if got := guess(fmt.Sprint("guess ", i)); got != "50126" {
			t.Fatalf("wrong password %d: %s", i+1, got)
		}
	}
	if got := guess(w.facts.Password); got != "50053" {
		t.Errorf("the right password after three wrong ones: %q, want 50053", got)
	}
}

// Documented: the same wrong password again does not count.
func TestTheSameWrongPasswordDoesNotLock(t *testing.T) {
	w := newWorld(t)
	for i := range 30 {
		if got := w.guess(fmt.Sprint("guess ", i%3)); got != "50126" {
			t.Fatalf("attempt %d: %s, want 50126", i+1, got)
		}
	}
	if got := w.guess(w.facts.Password); got != "KmsiInterrupt" {
		t.Errorf("the right password: %s", got)
	}
}

func TestTemporaryAccessPasses(t *testing.T) {
	for name, row := range map[string]struct {
		pass     store.AccessPass
		wait     time.Duration // between the page and the answer
		typed    string
		pageCode string // empty: accepted
	}{
		"right":              {store.AccessPass{Pass: "Tap+123", Lifetime: time.Hour}, 0, "Tap+123", ""},
		"right, once":        {store.AccessPass{Pass: "Tap+123", Lifetime: time.Hour, Once: true}, 0, "Tap+123", ""},
		"wrong":              {store.AccessPass{Pass: "Tap+123", Lifetime: time.Hour}, 0, "Tap+124", "InvalidAccessPass"},
		"expired at the end": {store.AccessPass{Pass: "Tap+123", Lifetime: 10 * time.Minute}, 10 * time.Minute, "Tap+123", "130503"},
		"a second before":    {store.AccessPass{Pass: "Tap+123", Lifetime: 10 * time.Minute}, 10*time.Minute - time.Second, "Tap+123", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{mfa: true})
			w.admin(func(t *store.Tenant, u *store.User) {
				pass := row.pass
				pass.StartsAt = t.Now()
				u.AccessPasses = []*store.AccessPass{&pass}
			})
			b := w.browser()
			w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
			w.advance(row.wait)
			if err := b.Submit("f1", map[string]string{"accesspass": row.typed}); err != nil {
				t.Fatal(err)
			}
			if row.pageCode == "" && b.Page.ID() != "KmsiInterrupt" {
				t.Errorf("page %q, sErrorCode %q", b.Page.ID(), b.Page.Text("sErrorCode"))
			}
			if got := b.Page.Text("sErrorCode"); got != row.pageCode {
				t.Errorf("sErrorCode %q, want %q", got, row.pageCode)
			}
		})
	}
}

// A pass for one sign-in is refused the second time, also by a page that was open before.
func TestAPassForOneSignInIsSpent(t *testing.T) {
	w := newWorld(t)
	w.admin(func(t *store.Tenant, u *store.User) {
		u.AccessPasses = []*store.AccessPass{{Pass: "Tap+123", StartsAt: t.Now(), Lifetime: time.Hour, Once: true}}
	})
	first, second := w.browser(), w.browser()
	w.open(first, map[string]string{"login_hint": w.facts.AdminUPN})
	w.open(second, map[string]string{"login_hint": w.facts.AdminUPN})
	if err := first.Submit("f1", map[string]string{"accesspass": "Tap+123"}); err != nil {
		t.Fatal(err)
	}
	if err := second.Submit("f1", map[string]string{"accesspass": "Tap+123"}); err != nil {
		t.Fatal(err)
	}
	if first.Page.ID() != "KmsiInterrupt" || second.Page.Text("sErrorCode") != "130503" {
		t.Errorf("first page %q; second page %q with %q", first.Page.ID(), second.Page.ID(), second.Page.Text("sErrorCode"))
	}
}

func TestANotificationThatNobodyAnswers(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	w.admin(func(_ *store.Tenant, u *store.User) { u.Push = &store.PushDevice{ID: "1"} })
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	if err := b.Submit("f1", map[string]string{"passwd": w.facts.Password}); err != nil {
		t.Fatal(err)
	}
	w.poll(b, "BeginAuth")
	w.advance(time.Minute)
	if got := w.poll(b, "EndAuth").ResultValue; got != "PhoneAppNoResponse" {
		t.Errorf("EndAuth answers %q", got)
	}
	if err := b.Submit("pushForm", nil); err != nil {
		t.Fatal(err)
	}
	if b.Page.Inner("idDiv_SAASTO_Description") == "" || !b.Page.Has("idA_SAASTO_Resend") || regexp.MustCompile(`<form[^>]* data-ask`).MatchString(b.Page.HTML) {
		t.Fatal("the page does not say so, has no way to ask again, or asks by itself")
	}
	if err := b.Submit("switchForm", map[string]string{"view": "PhoneAppNotification"}); err != nil {
		t.Fatal(err)
	}
	if again := w.poll(b, "BeginAuth"); !again.Success {
		t.Fatalf("asking again answers %q", again.ResultValue)
	}
	w.answerPush(store.PushApproved)
	if err := b.Submit("pushForm", nil); err != nil {
		t.Fatal(err)
	}
	if b.Page.ID() != "KmsiInterrupt" {
		t.Errorf("page %q after the second notification was approved", b.Page.ID())
	}
}

func TestADisabledAccount(t *testing.T) {
	w := newWorld(t)
	w.admin(func(_ *store.Tenant, u *store.User) { u.Enabled = false })
	if got := w.guess("guess"); got != "50126" {
		t.Errorf("a wrong password tells that the account is disabled: %s", got)
	}
	if got := w.guess(w.facts.Password); got != "50057" {
		t.Errorf("the right password: %s, want 50057", got)
	}
}
