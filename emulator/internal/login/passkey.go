package login

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// passkeyAssertion is what the ceremony's page posts back (observed): members in base64url.
type passkeyAssertion struct {
	ID                string `json:"id"`
	ClientDataJSON    string `json:"clientDataJSON"`
	AuthenticatorData string `json:"authenticatorData"`
	Signature         string `json:"signature"`
	UserHandle        string `json:"userHandle"`
}

// checkPasskey verifies an assertion for the challenge that the page carried: origin and
// relying party of the sign-in cloud, user verification, signature, user handle, flags.
func checkPasskey(user *store.User, c cloud.Cloud, challenge, assertion string) *aadsts {
	credential, err := verifyAssertion(user, c, challenge, assertion)
	if err != nil {
		return fail(135004, "invalid_grant", "The passkey could not be verified: %v.", err)
	}
	for _, key := range user.Passkeys {
		if string(key.CredentialID) == string(credential.ID) {
			key.SignCount = credential.Authenticator.SignCount
			key.BackupState = credential.Flags.BackupState
		}
	}
	return nil
}

func verifyAssertion(user *store.User, c cloud.Cloud, challenge, assertion string) (*webauthn.Credential, error) {
	parsed, err := parseAssertion(assertion)
	if err != nil {
		return nil, err
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: c.RelyingParty(), RPDisplayName: "Microsoft", RPOrigins: []string{"https://" + c.Fido},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the relying party: %w", err)
	}
	return party.ValidateLogin(passkeyUser{user}, webauthn.SessionData{
		// Observed: the challenge in the client data is the base64url of the ASCII text
		// of sFidoChallenge.
		Challenge:        base64.RawURLEncoding.EncodeToString([]byte(challenge)),
		RelyingPartyID:   c.RelyingParty(),
		UserID:           user.PasskeyHandle(),
		UserVerification: protocol.VerificationRequired,
	}, parsed)
}

func parseAssertion(text string) (*protocol.ParsedCredentialAssertionData, error) {
	var sent passkeyAssertion
	if err := json.Unmarshal([]byte(text), &sent); err != nil {
		return nil, fmt.Errorf("read the assertion: %w", err)
	}
	trim := func(s string) string { return strings.TrimRight(s, "=") }
	standard, err := json.Marshal(map[string]any{
		"id": trim(sent.ID), "rawId": trim(sent.ID), "type": "public-key",
		"response": map[string]string{
			"clientDataJSON": trim(sent.ClientDataJSON), "authenticatorData": trim(sent.AuthenticatorData),
			"signature": trim(sent.Signature), "userHandle": trim(sent.UserHandle),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the assertion: %w", err)
	}
	return protocol.ParseCredentialRequestResponseBytes(standard)
}

// passkeyUser lets the WebAuthn library see a user of the store.
type passkeyUser struct{ *store.User }

func (u passkeyUser) WebAuthnID() []byte          { return u.PasskeyHandle() }
func (u passkeyUser) WebAuthnName() string        { return u.UPN }
func (u passkeyUser) WebAuthnDisplayName() string { return u.DisplayName }

func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, 0, len(u.Passkeys))
	for _, key := range u.Passkeys {
		list = append(list, webauthn.Credential{
			ID: key.CredentialID, PublicKey: key.PublicKey,
			Flags: webauthn.CredentialFlags{
				UserPresent: true, UserVerified: true, BackupEligible: key.BackupEligible, BackupState: key.BackupState,
			},
			Authenticator: webauthn.Authenticator{AAGUID: key.AAGUID, SignCount: key.SignCount},
		})
	}
	return list
}

// newChallenge has the shape of the observed sFidoChallenge: a dotted text that the page
// turns into bytes as it is.
func newChallenge(t *store.Tenant, now time.Time) string {
	return fmt.Sprintf("O.%s.%d", t.NewSecret(48), now.Unix())
}
