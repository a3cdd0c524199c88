package entra

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/telemetry"
)

// Admin is the account that is signed in and what it can answer with.
type Admin struct {
	// UPN is the user principal name.
	UPN string
	// Password and TOTP (the seed of one-time codes, in base32). Empty where the account has none.
	Password, TOTP secret.Text
	// TemporaryAccessPass is used where the page asks for one. Empty where there is none.
	TemporaryAccessPass secret.Text
	// Passkey is used where a page asks for one and offers nothing else; nil where there is none.
	Passkey *browser.Passkey
	// PreferPasskey uses the passkey wherever a page offers it, also instead of the password.
	PreferPasskey bool
	// StaySignedIn answers the question of that name with yes, which makes the session outlive
	// the browser's own.
	StaySignedIn bool
}

// SignIn drives the sign-in pages in a tab. It is for one goroutine at a time.
type SignIn struct {
	Tab   *browser.Tab
	Admin Admin
	// Now is the tenant's clock, by which one-time codes are valid. Nil means the machine's.
	Now func() time.Time
	// Wait waits until an instant of the tenant's clock, for the next one-time code where the
	// current one was sent already. Nil makes that an error.
	Wait func(ctx context.Context, until time.Time, why string) error
	// Used is shared by everything that signs this admin in. Nil means nothing is shared.
	Used *UsedCodes
	// Person, when not nil, says that a person answers the pages in a browser that is shown, and is
	// told which page waits. Pages are observed and recorded all the same.
	Person func(page string)
	// OnPage is told of each page once it was left. May be nil.
	OnPage func(Visit)
	// OnLook is told that a tab shows something worth looking at: a page before it is answered, with its
	// picture, and at the end of a pass, with an empty page, what was left. May be nil.
	OnLook func(ctx context.Context, tab *browser.Tab, page string, picture []byte)
	// OnPush is told of a notification that somebody has to approve, with the number to match,
	// which is empty where there is none. May be nil.
	OnPush func(number string)
	// NoPictures leaves out the screenshot of each page.
	NoPictures bool
	// PageTimeout bounds how long a page may show nothing that is recognised, or not go on
	// after it was acted on, in machine time. Zero means 30 seconds.
	PageTimeout time.Duration
}

var (
	errPatience = errors.New("nothing happened for too long")
	errSeed     = errors.New("make one-time code: the seed is not base32")
)

func (s *SignIn) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *SignIn) patience() time.Duration {
	if s.Person != nil {
		return personPatience
	}
	if s.PageTimeout == 0 {
		return 30 * time.Second
	}
	return s.PageTimeout
}

// Authorize opens an authorize request, answers what the pages ask, and returns the address
// with which the browser was sent back to redirectURI. Nothing has to listen there: the
// request never leaves the browser. The address holds an authorization code; it is a secret.
//
// Errors: *CredentialRejected, *Blocked, *PageNotRecognised, *browser.NetworkError, and
// *browser.PageError for a page that asks for what the admin does not have.
func (s *SignIn) Authorize(ctx context.Context, authorize *url.URL, redirectURI string) (*url.URL, error) {
	redirect, err := s.Tab.CatchRedirect(redirectURI)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	defer redirect.Stop()
	if err := s.carryPasskey(ctx); err != nil {
		return nil, err
	}
	reportEarly(s.Tab)
	doc, err := s.open(ctx, authorize.String())
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	if err := s.driveFrom(ctx, doc, redirect.Matches); err != nil {
		return nil, err
	}
	return redirect.Next(ctx)
}

// open navigates, for no longer than a page may take, and returns the document that came.
func (s *SignIn) open(ctx context.Context, address string) (*browser.Document, error) {
	bounded, cancel := context.WithTimeoutCause(ctx, s.patience(), errPatience)
	defer cancel()
	doc, err := s.Tab.Navigate(bounded, address)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(bounded), errPatience) {
		return nil, notLoaded(ctx, s.Tab, s.patience())
	}
	return doc, err
}

// notLoaded is a page of which nothing came.
func notLoaded(ctx context.Context, tab *browser.Tab, within time.Duration) error {
	failed := tab.Fail(ctx, fmt.Sprintf("the page that was asked for did not come within %s", within), nil)
	return &PageNotRecognised{URL: failed.URL, What: failed.What, Screenshot: failed.Screenshot}
}

// Drive answers the sign-in pages that the tab shows, now and next, until it stands at an
// address for which until is true. It serves sign-ins that a page of somebody else began.
// Errors are those of Authorize.
func (s *SignIn) Drive(ctx context.Context, until func(address string) bool) error {
	if err := s.carryPasskey(ctx); err != nil {
		return err
	}
	return s.driveFrom(ctx, s.Tab.Document(), until)
}

// driveFrom is Drive from a document on that may have been replaced already: it was a page all the same.
func (s *SignIn) driveFrom(ctx context.Context, doc *browser.Document, until func(address string) bool) error {
	d := newDrive(s, doc)
	defer d.leave()
	for !until(d.doc.URL()) {
		if err := d.turn(ctx); err != nil {
			d.span.Fail(telemetry.TypeOf(err))
			return err
		}
	}
	s.look(ctx, "", nil)
	return nil
}

// look tells whoever follows.
func (s *SignIn) look(ctx context.Context, page string, picture []byte) {
	if s.OnLook != nil {
		s.OnLook(ctx, s.Tab, page, picture)
	}
}

// carryPasskey has the admin's passkey in the browser before a page can ask for it.
func (s *SignIn) carryPasskey(ctx context.Context) error {
	if s.Admin.Passkey == nil {
		return nil
	}
	return s.Tab.AddPasskey(ctx, *s.Admin.Passkey)
}
