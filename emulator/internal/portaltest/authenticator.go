package portaltest

import (
	"encoding/base64"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Passkey is a credential that was made outside of the browser.
type Passkey struct {
	ID, UserHandle []byte
	PKCS8          []byte // private key
	RelyingParty   string
}

// AddPasskey gives the page a security key that holds the passkey, and whose user is there
// and verified at once.
func (p *Page) AddPasskey(key Passkey) {
	p.t.Helper()
	ctx, cancel := within(p.ctx)
	defer cancel()
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		p.t.Fatalf("enable the virtual authenticator: %v", err)
	}
	added, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		},
	})
	if err != nil {
		p.t.Fatalf("add a virtual authenticator: %v", err)
	}
	// The typed command always sends parameters that Chromium 156 refuses, so that this one
	// is sent by its name with only what is needed.
	add := cdp.Command[map[string]any, cdp.Empty]{Method: webauthn.CommandAddCredential}
	_, err = chromedp.Call(ctx, add, map[string]any{
		"authenticatorId": added.AuthenticatorID,
		"credential": map[string]any{
			"credentialId": base64.StdEncoding.EncodeToString(key.ID), "userHandle": base64.StdEncoding.EncodeToString(key.UserHandle),
			"privateKey": base64.StdEncoding.EncodeToString(key.PKCS8), "rpId": key.RelyingParty,
			"isResidentCredential": true, "signCount": 0,
		},
	})
	if err != nil {
		p.t.Fatalf("add the passkey: %v", err)
	}
}
