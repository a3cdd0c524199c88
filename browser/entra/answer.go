package entra

import (
	"context"
	"fmt"
	"slices"

	"github.com/reprompt/reprompt/secret"
)

// answer does what a page that stands still asks for.
func (d *drive) answer(ctx context.Context, p *page, shown snapshot) error {
	if err := d.enter(ctx, p, shown); err != nil {
		return err
	}
	if d.sent[p.name] {
		return d.askedAgain(ctx, p, shown)
	}
	switch p.name {
	case PageUserName:
		return d.send(ctx, p, "user", secret.New(d.Admin.UPN), "next")
	case PageAccountPicker:
		return d.pick(ctx, p)
	case PagePassword:
		return d.password(ctx, p, shown)
	case PageTemporaryAccessPass:
		return d.accessPass(ctx, p)
	case PageOneTimeCode:
		return d.oneTimeCode(ctx, p, shown)
	case PagePush:
		return d.push(ctx, p, shown)
	case PageMethods:
		return d.choose(ctx, p, shown)
	case PagePasskeyOffer, PageConfirm:
		return d.press(ctx, p, "next")
	case PageProofUpLater:
		return d.press(ctx, p, "skip")
	case PageNudge:
		return d.press(ctx, p, "later")
	case PagePasskey:
		return d.passkey(ctx, p, shown)
	case PageStaySignedIn:
		if d.Admin.StaySignedIn {
			return d.press(ctx, p, "next")
		}
		return d.press(ctx, p, "no")
	}
	return d.blocked(ctx, p, shown)
}

// askedAgain is a page that was answered in this pass and is there again.
func (d *drive) askedAgain(ctx context.Context, p *page, shown snapshot) error {
	switch {
	case shown.Problem != "":
		return d.rejected(ctx, p, shown.Problem)
	case p.factor != "" || p.name == PageUserName:
		// It may or may not have been rejected. It is not sent a second time to find out.
		return &CredentialRejected{
			Factor: p.name, Text: "the page asks for it again without saying why", Screenshot: d.picture(ctx),
		}
	}
	return d.strange(ctx, fmt.Sprintf("the page %q came a second time", p.name))
}

// act runs one script that does all the page asks for, in this very document.
func (d *drive) act(ctx context.Context, p *page, script string) error {
	var missing string
	d.acted[p.name] = true
	if err := d.doc.Eval(ctx, script, &missing); err != nil {
		return err
	}
	if missing != "" {
		return d.strange(ctx, "it has "+missing)
	}
	return nil
}

// mostPresses is how often one page is left by a button in one pass. Two methods that lead to each
// other would be pressed for ever.
const mostPresses = 3

// press presses a button that is no answer to a prompt.
func (d *drive) press(ctx context.Context, p *page, button string) error {
	if d.pressed[p.name]++; d.pressed[p.name] > mostPresses {
		return d.lacks(ctx, "a method that leads on (the page "+p.name+" came again and again)")
	}
	return d.act(ctx, p, invoke(actScript, selectors, "", "", button))
}

// send fills a field and presses the button, and watches the value leave.
func (d *drive) send(ctx context.Context, p *page, field string, value secret.Text, button string) error {
	if p.factor != "" {
		d.watch = watchSent(d.Tab.Session().Wiretap(), p.factor, value)
	}
	d.sent[p.name] = true
	return d.act(ctx, p, invoke(actScript, selectors, field, value.Reveal(), button))
}

// credential is send for one that may have been rejected before.
func (d *drive) credential(ctx context.Context, p *page, field string, value secret.Text, button string) error {
	if d.Used.wasRejected(p.factor, value) {
		return &CredentialRejected{
			Factor: p.factor, Text: "it was rejected before and was not sent", Screenshot: d.picture(ctx),
		}
	}
	return d.send(ctx, p, field, value, button)
}

func (d *drive) pick(ctx context.Context, p *page) error {
	var picked bool
	d.acted[p.name] = true
	if err := d.doc.Eval(ctx, invoke(pickScript, selectors, d.Admin.UPN), &picked); err != nil || picked {
		return err
	}
	return d.press(ctx, p, "other")
}

func (d *drive) password(ctx context.Context, p *page, shown snapshot) error {
	key := d.Admin.Passkey != nil && shown.shows("passkey")
	switch {
	case key && (d.Admin.PreferPasskey || d.Admin.Password.Empty()):
		return d.press(ctx, p, "passkey")
	case !d.Admin.Password.Empty():
		return d.credential(ctx, p, "password", d.Admin.Password, "next")
	case shown.shows("picker"):
		return d.press(ctx, p, "picker")
	}
	return d.lacks(ctx, "a password")
}

func (d *drive) accessPass(ctx context.Context, p *page) error {
	if d.Admin.TemporaryAccessPass.Empty() {
		for _, other := range []string{"another", "picker", "passkey", "method"} {
			if d.seen.shows(other) {
				return d.press(ctx, p, other)
			}
		}
		return d.lacks(ctx, "a temporary access pass")
	}
	return d.credential(ctx, p, "pass", d.Admin.TemporaryAccessPass, "next")
}

func (d *drive) oneTimeCode(ctx context.Context, p *page, shown snapshot) error {
	other := shown.shows("another") && d.Admin.Passkey != nil
	switch {
	case other && (d.Admin.PreferPasskey || d.Admin.TOTP.Empty()):
		return d.press(ctx, p, "another")
	case d.Admin.TOTP.Empty():
		return d.lacks(ctx, "a one-time code")
	case d.Used.wasRejected(FactorTOTP, d.Admin.TOTP):
		return &CredentialRejected{
			Factor: FactorTOTP, Text: "a code of this seed was rejected before; none was sent", Screenshot: d.picture(ctx),
		}
	}
	code, err := d.freshCode(ctx)
	if err != nil {
		return err
	}
	return d.send(ctx, p, "code", code, "verify")
}

// freshCode is a code that was never sent: the current one, or else the next one once its
// time has come.
func (d *drive) freshCode(ctx context.Context) (secret.Text, error) {
	at := d.now()
	for {
		fresh, err := d.Used.claim(at)
		if err != nil {
			return secret.Text{}, fmt.Errorf("sign in: note the one-time code as used: %w", err)
		}
		if fresh {
			return codeAt(d.Admin.TOTP, at)
		}
		if d.Wait == nil {
			return secret.Text{}, fmt.Errorf("sign in: the one-time code of this moment was sent already; wait until %s",
				nextStep(at).Format("15:04:05"))
		}
		if err := d.Wait(ctx, nextStep(at), "the next one-time code"); err != nil {
			return secret.Text{}, fmt.Errorf("sign in: %w", err)
		}
		at = d.now()
	}
}

// push takes another way where the admin has one. Else it lets somebody approve, for as long
// as a page may take.
func (d *drive) push(ctx context.Context, p *page, shown snapshot) error {
	if shown.shows("another") && (!d.Admin.TOTP.Empty() || d.Admin.Passkey != nil) {
		return d.press(ctx, p, "another")
	}
	if d.OnPush != nil {
		d.OnPush(shown.Number)
	}
	d.watch = watchSent(d.Tab.Session().Wiretap(), p.factor, secret.Text{})
	d.acted[p.name], d.sent[p.name] = true, true
	return nil
}

// choose picks a method from a list: what the admin prefers among what is offered.
func (d *drive) choose(ctx context.Context, p *page, shown snapshot) error {
	for _, factor := range d.preference() {
		for _, value := range methodValues[factor] {
			if slices.Contains(shown.Methods, value) {
				return d.press(ctx, p, `[data-value="`+value+`"]`)
			}
		}
	}
	return d.lacks(ctx, "one of the methods offered")
}

// preference lists the factors that the admin can answer, the preferred one first.
func (d *drive) preference() []string {
	has := []struct {
		factor string
		has    bool
	}{
		{FactorPasskey, d.Admin.PreferPasskey && d.Admin.Passkey != nil},
		{FactorPassword, !d.Admin.Password.Empty()},
		{FactorTOTP, !d.Admin.TOTP.Empty()},
		{FactorPasskey, d.Admin.Passkey != nil},
		{FactorTemporaryAccessPass, !d.Admin.TemporaryAccessPass.Empty()},
		{FactorPush, true},
	}
	var factors []string
	for _, row := range has {
		if row.has {
			factors = append(factors, row.factor)
		}
	}
	return factors
}

// passkey touches the key. A page that has a button asks once it is pressed; one that has none
// has asked as it loaded and waits for the touch.
func (d *drive) passkey(ctx context.Context, p *page, shown snapshot) error {
	if d.Admin.Passkey == nil {
		if shown.shows("no") {
			return d.press(ctx, p, "no")
		}
		return d.lacks(ctx, "a passkey")
	}
	d.watch = watchSent(d.Tab.Session().Wiretap(), p.factor, secret.Text{})
	d.sent[p.name] = true
	if shown.shows("next") {
		if err := d.press(ctx, p, "next"); err != nil {
			return err
		}
	}
	d.acted[p.name] = true
	return d.doc.Touch(ctx)
}

// lacks ends a sign-in that asks for what the admin does not have.
func (d *drive) lacks(ctx context.Context, what string) error {
	return d.Tab.Fail(ctx, fmt.Sprintf("sign in: the page asks for %s, and none is configured for %s;", what, d.Admin.UPN), nil)
}

// blocked ends a sign-in at a page from which nothing leads on.
func (d *drive) blocked(ctx context.Context, p *page, shown snapshot) error {
	e := &Blocked{Page: p.name, Text: shown.Exception, AADSTS: aadstsOf(shown.Exception), Screenshot: d.picture(ctx)}
	if e.Text == "" {
		e.Text = ends[p.name]
	}
	if e.Text == "" {
		e.Text = shown.Title
	}
	return e
}

// ends say what to do about pages that give no reason themselves.
var ends = map[string]string{
	PageConsent:        "an administrator has to grant consent to the application first",
	PageProofUp:        "the account has to register security info first",
	PageChangePassword: "the account has to change its password first",
	PageTermsOfUse:     "the account has to accept the terms of use first: sign in once by hand",
	PageThrottled:      "the sign-in host has too much to do; try again later",
	PageSignedOut:      "the session was signed out",
}
