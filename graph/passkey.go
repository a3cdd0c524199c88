package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"
)

// The SDK (v1.96.0) has neither creationOptions nor the POST, which became v1.0 later.

// PasskeyOptions is what a passkey for a user must be made with.
type PasskeyOptions struct {
	// Until is when the challenge ends, five minutes from now by default.
	Until time.Time
	// Public is WebAuthn's PublicKeyCredentialCreationOptions as JSON, binary members base64url.
	Public PasskeyPublicKey
}

// PasskeyPublicKey are the members of PublicKeyCredentialCreationOptions that decide.
type PasskeyPublicKey struct {
	RP struct {
		ID   string `json:"id"` // read it from here: samples disagree about it
		Name string `json:"name"`
	} `json:"rp"`
	User struct {
		ID          string `json:"id"` // user handle, base64url
		Name        string `json:"name"`
		DisplayName string `json:"displayName"`
	} `json:"user"`
	Challenge  string `json:"challenge"` // base64url
	Parameters []struct {
		Type string `json:"type"`
		Alg  int    `json:"alg"` // COSE: -7 is ES256
	} `json:"pubKeyCredParams"`
}

// PasskeyOptions asks for a challenge to register a passkey in a user's name.
func (c *Client) PasskeyOptions(ctx context.Context, userID string) (PasskeyOptions, error) {
	info := request(abs.GET, c.v1, "/users/{user}/authentication/fido2Methods/creationOptions", map[string]string{"user": userID})
	got, err := one[struct {
		Until  time.Time        `json:"challengeTimeoutDateTime"`
		Public PasskeyPublicKey `json:"publicKey"`
	}](ctx, c.v1, "get passkey creation options", info, nil)
	return PasskeyOptions{Until: got.Until, Public: got.Public}, err
}

// PasskeyAttestation is what an authenticator made of the options. All members are base64url
// without padding.
type PasskeyAttestation struct {
	CredentialID      string
	ClientDataJSON    string
	AttestationObject string
}

// Passkey is a registered passkey, without its key.
type Passkey struct {
	ID          string    `json:"id"` // the credential id, in Graph's writing
	DisplayName string    `json:"displayName"`
	Created     time.Time `json:"createdDateTime"`
}

// RegisterPasskey registers a passkey in a user's name. Attestation "none" is taken where the
// tenant's passkey policy does not enforce attestation (observed).
func (c *Client) RegisterPasskey(ctx context.Context, userID, displayName string, a PasskeyAttestation) (Passkey, error) {
	info, err := withBody(request(abs.POST, c.v1, "/users/{user}/authentication/fido2Methods", map[string]string{"user": userID}),
		map[string]any{
			"displayName": displayName,
			"publicKeyCredential": map[string]any{
				"id": a.CredentialID,
				"response": map[string]string{
					"clientDataJSON":    a.ClientDataJSON,
					"attestationObject": a.AttestationObject,
				},
			},
		})
	return one[Passkey](ctx, c.v1, "register passkey", info, err)
}

// Passkeys returns a user's passkeys.
func (c *Client) Passkeys(ctx context.Context, userID string) ([]Passkey, error) {
	info, err := c.users.ByUserId(userID).Authentication().Fido2Methods().ToGetRequestInformation(ctx, nil)
	return list[Passkey](ctx, c.v1, "list passkeys", info, err)
}

// DeletePasskey takes a passkey from a user. IsNotFound tells that there was none.
func (c *Client) DeletePasskey(ctx context.Context, userID, id string) error {
	info, err := c.users.ByUserId(userID).Authentication().Fido2Methods().
		ByFido2AuthenticationMethodId(id).ToDeleteRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "delete passkey", info, err)
	return err
}

// raw keeps an object as it came beside what was read of it.
func raw[T any](in []json.RawMessage, err error, keep func(*T, json.RawMessage)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	out := make([]T, len(in))
	for i := range in {
		if err := json.Unmarshal(in[i], &out[i]); err != nil {
			return nil, fmt.Errorf("read %T: %w", out[i], err)
		}
		keep(&out[i], in[i])
	}
	return out, nil
}
