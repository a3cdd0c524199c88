package oidc_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/reprompt/reprompt/clients/go/person"
	"github.com/reprompt/reprompt/clients/go/tenant"
)

// again is a second sign-in of one browser, five minutes after the first.
type again struct {
	name   string
	asking []oauth2.AuthCodeOption
	asked  bool // for the password, and auth_time moves; else nothing happens
}

func parameter(name, value string) oauth2.AuthCodeOption { return oauth2.SetAuthURLParam(name, value) }

func (a again) run(t *testing.T, tn *tenant.Tenant) {
	p := newRelyingParty(t, tn)
	first := p.signIn()
	tn.Advance(t, 5*time.Minute)
	second := p.signIn(a.asking...)
	if got := slices.Contains(second.asked, person.Password); got != a.asked {
		t.Errorf("asked for %v", second.asked)
	}
	if !a.asked && len(second.asked) > 0 {
		t.Errorf("asked for %v, want nothing", second.asked)
	}
	moved := time.Duration(second.claims.AuthTime-first.claims.AuthTime) * time.Second
	switch {
	case first.claims.AuthTime == 0:
		t.Error("no auth_time")
	case a.asked && (moved < 5*time.Minute || tn.Now(t).Sub(time.Unix(second.claims.AuthTime, 0)) > time.Minute):
		t.Errorf("auth_time moved by %s, want to the new sign-in", moved)
	case !a.asked && moved != 0:
		t.Errorf("auth_time moved by %s without a sign-in", moved)
	}
	if second.token.Subject != first.token.Subject {
		t.Error("another subject")
	}
}

// Only a sign-in moves auth_time, and what asks for one gets one.
func TestAuthTimeTellsOfTheLastSignIn(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		for _, row := range []again{
			{name: "nothing asked"},
			{name: "a long max_age", asking: []oauth2.AuthCodeOption{parameter("max_age", "10000")}},
			{name: "a short max_age", asking: []oauth2.AuthCodeOption{parameter("max_age", "60")}, asked: true},
			{name: "prompt=login", asking: []oauth2.AuthCodeOption{parameter("prompt", "login")}, asked: true},
			{name: "prompt=none", asking: []oauth2.AuthCodeOption{parameter("prompt", "none")}},
		} {
			t.Run(row.name, func(t *testing.T) { row.run(t, tn) })
		}
	})
}

// prompt=none shows nothing: where a page would be needed it says so to the client.
func TestPromptNoneNeverShowsAPage(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		signedOut := newRelyingParty(t, tn)
		landed, asked := signedOut.walker.SignIn(signedOut.oauth.AuthCodeURL("s", parameter("prompt", "none")))
		if got := landed.Query(); got.Get("error") != "login_required" || !strings.Contains(got.Get("error_description"), "AADSTS50058") || len(asked) > 0 {
			t.Errorf("signed out: %s %s, asked for %v", got.Get("error"), got.Get("error_description"), asked)
		}
		tooOld := newRelyingParty(t, tn)
		tooOld.signIn()
		tn.Advance(t, 5*time.Minute)
		landed, _ = tooOld.walker.SignIn(tooOld.oauth.AuthCodeURL("s", parameter("prompt", "none"), parameter("max_age", "60")))
		if got := landed.Query().Get("error"); got != "login_required" {
			t.Errorf("a session older than max_age: %q", got)
		}
	})
}
