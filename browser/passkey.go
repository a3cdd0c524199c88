package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"

	"github.com/reprompt/reprompt/secret"
)

// Passkey is a discoverable WebAuthn credential, ready to be put into a browser.
type Passkey struct {
	// RPID is the relying party, for example "login.microsoft.com".
	RPID string
	// CredentialID and UserHandle as they were registered.
	CredentialID, UserHandle []byte
	// PrivateKeyPKCS8 is the ECDSA P-256 private key in PKCS #8, in base64 (standard or URL
	// alphabet, padded or not).
	PrivateKeyPKCS8 secret.Text
}

// credential is the passkey in the shape of WebAuthn.addCredential. cdproto's own
// webauthn.Credential always sends cmtg fields, which Chromium 156 refuses.
func (p Passkey) credential() (map[string]any, error) {
	key := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(p.PrivateKeyPKCS8.Reveal()), "=")
	private, err := base64.RawStdEncoding.DecodeString(key)
	if err != nil || len(private) == 0 {
		return nil, errors.New("use passkey: the private key is not base64 of PKCS #8")
	}
	if p.RPID == "" || len(p.CredentialID) == 0 {
		return nil, errors.New("use passkey: it has no relying party or no credential id")
	}
	return map[string]any{
		"credentialId":         p.CredentialID,
		"isResidentCredential": true,
		"rpId":                 p.RPID,
		"privateKey":           private,
		"userHandle":           p.UserHandle,
		// Each tab has an authenticator of its own with the same key. A counter that counted
		// in each would look like a cloned key; -1 makes the relying party see none.
		"signCount": -1,
	}, nil
}

// AddPasskey puts a passkey into this tab, into every other tab of the session and into every
// popup that opens later, before its first script runs; adding it again does nothing. A page that asks for it waits until
// Touch, as it would for a finger on a key; user verification is simulated. The context bounds
// the adding only.
func (t *Tab) AddPasskey(ctx context.Context, key Passkey) error {
	if _, err := key.credential(); err != nil {
		return err
	}
	s := t.session
	if !s.hold(key) {
		return nil
	}
	for _, a := range s.documents() {
		if a.kind != KindPage {
			continue // a frame asks its page's authenticator
		}
		inserted := make(chan error, 1)
		a.insertPasskeys([]Passkey{key}, func(err error) { inserted <- err })
		select {
		case err := <-inserted:
			if err != nil && !errors.Is(err, errDetached) {
				return fmt.Errorf("use passkey: %w", err)
			}
		case <-ctx.Done():
			return fmt.Errorf("use passkey: %w", context.Cause(ctx))
		}
	}
	return nil
}

// hold remembers a key for later tabs; false when the session has it already.
func (s *Session) hold(key Passkey) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.passkeys, func(other Passkey) bool {
		return other.RPID == key.RPID && bytes.Equal(other.CredentialID, key.CredentialID)
	}) {
		return false
	}
	s.passkeys = append(s.passkeys, key)
	return true
}

func (s *Session) heldPasskeys() []Passkey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Passkey(nil), s.passkeys...)
}

// insertPasskeys gives the page an authenticator with these keys and then calls done, on the
// reading goroutine.
func (a *attachment) insertPasskeys(keys []Passkey, done func(error)) {
	if len(keys) == 0 {
		done(nil)
		return
	}
	a.gatePasskeys()
	post(a.route, webauthn.Enable, webauthn.EnableParams{})
	then(a.route, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
			Transport:      webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
			// The zero value is sent as false, and get() then waits for ever: switching the
			// simulation on later does not reach a request that waits already (tried on
			// Chromium 156). The gate is what makes a page wait.
			AutomaticPresenceSimulation: true,
		},
	}, func(made webauthn.AddVirtualAuthenticatorResult, err error) {
		if err != nil {
			done(err)
			return
		}
		a.insertCredentials(made.AuthenticatorID, keys, done)
	})
}

func (a *attachment) insertCredentials(authenticator webauthn.AuthenticatorID, keys []Passkey, done func(error)) {
	credential, err := keys[0].credential()
	if err != nil {
		done(err)
		return
	}
	params := map[string]any{"authenticatorId": authenticator, "credential": credential}
	a.route.start(webauthn.AddCredential.Method, params, func(_ jsonv2.Value, err error) {
		if err != nil || len(keys) == 1 {
			done(err)
			return
		}
		a.insertCredentials(authenticator, keys[1:], done)
	})
}

// gate makes the page's requests for a passkey wait for an event of the given name. Without
// it the virtual authenticator would answer at once, a page that asks as it loads would never
// stand still, and a sign-in page that offers passkeys in its autofill (mediation
// "conditional") would sign in by itself. Such an offer is never answered.
//
// It listens at the window, because a popup's first document hands its window on to the
// second, without running this again.
const gate = `(name => {
	if (!globalThis.CredentialsContainer) return;
	const mark = Symbol.for(name), prototype = CredentialsContainer.prototype, real = prototype.get;
	if (prototype[mark]) return;
	Object.defineProperty(prototype, mark, {value: true});
	let release;
	const touched = new Promise(resolve => release = resolve);
	addEventListener(name, () => release());
	prototype.get = function get(options) {
		if (!options || !options.publicKey) return real.apply(this, arguments);
		return new Promise((resolve, reject) => {
			const signal = options.signal;
			if (signal) {
				if (signal.aborted) return reject(signal.reason);
				signal.addEventListener("abort", () => reject(signal.reason));
			}
			if (options.mediation !== "conditional") touched.then(() => real.call(this, options)).then(resolve, reject);
		});
	};
})`

// gatePasskeys puts the gate into the document that is there and into every later one.
func (a *attachment) gatePasskeys() {
	post(a.route, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: gate + "(" + strconv.Quote(a.session.touch) + ")", RunImmediately: new(true),
	})
}

// Touch answers the document's request for a passkey, or its next one, with the session's.
func (d *Document) Touch(ctx context.Context) error {
	if err := d.tab.pause(ctx); err != nil {
		return err
	}
	return d.Eval(ctx, "window.dispatchEvent(new Event("+strconv.Quote(d.tab.session.touch)+")), undefined", nil)
}
