package graphapi

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	passkeyType = &entity{name: "microsoft.graph.fido2AuthenticationMethod", properties: []string{"id", "createdDateTime", "displayName", "aaGuid", "model", "attestationCertificates", "attestationLevel", "passkeyType"}}
	optionsType = &entity{name: "microsoft.graph.webauthnCredentialCreationOptions", properties: []string{"challengeTimeoutDateTime", "publicKey"}}
)

var passkeyBody = &bodyType{passkeyType.name, shape{
	"displayName": text,
	"publicKeyCredential": objectOf(graphPrefix+"webauthnPublicKeyCredential", shape{
		"id": text, "clientExtensionResults": anything, "type": text, "rawId": text, "authenticatorAttachment": anything,
		"response": objectOf(graphPrefix+"webauthnAuthenticatorAttestationResponse", shape{
			"clientDataJSON": text, "attestationObject": text, "transports": anything, "publicKey": text, "publicKeyAlgorithm": anything, "authenticatorData": text,
		}),
	}),
}}

func passkeyOperations() []*operation {
	read, write := readsMethod("Passkey"), writesMethod("Passkey")
	const passkeys = userMethods + "/fido2Methods"
	return []*operation{
		{method: get, path: passkeys, versions: both, grant: read, handle: listPasskeys},
		{method: get, path: passkeys + "/creationOptions", versions: both, grant: write, handle: creationOptions},
		// The parameter exists in beta only (documented).
		{method: get, path: passkeys + "/{passkey}", versions: beta, grant: read, handle: passkeyOrOptions},
		{method: get, path: passkeys + "/{passkey}", versions: v1, grant: read, handle: getPasskey},
		{method: post, path: passkeys, versions: both, grant: write, body: passkeyBody, handle: postPasskey},
		{method: remove, path: passkeys + "/{passkey}", versions: both, grant: write, handle: deletePasskey},
	}
}

func passkeyObject(k *store.Passkey) *document.Object {
	level := "notAttested"
	if k.Attestation == "attested" {
		level = k.Attestation
	}
	kind := "deviceBound"
	if k.BackupEligible {
		kind = "synced"
	}
	return document.Of("id", k.ID, "displayName", document.Null(k.DisplayName), "createdDateTime", k.CreatedAt, "aaGuid", aaguidText(k),
		"model", document.Null(k.Model), "attestationCertificates", []string{}, "attestationLevel", level, "passkeyType", kind)
}

// aaguidText is the identifier of the key's model; all zero where it has none.
func aaguidText(k *store.Passkey) string {
	var model [16]byte
	if len(k.AAGUID) == len(model) {
		copy(model[:], k.AAGUID)
	}
	return guid(model)
}

func listPasskeys(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	var list []*document.Object
	for _, k := range u.Passkeys {
		list = append(list, passkeyObject(k))
	}
	return c.list(passkeyType, list)
}

func getPasskey(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	for _, k := range u.Passkeys {
		if k.ID == c.vars["passkey"] {
			return c.one(passkeyType, passkeyObject(k))
		}
	}
	return result{}, notFound("authentication method", c.vars["passkey"])
}

// challengeLife is how long a challenge is good unless the request says otherwise
// (documented: five minutes, 5 to 43200 in beta).
const challengeLife = 5 * time.Minute

var timeoutParameter = regexp.MustCompile(`^creationOptions\(challengeTimeoutInMinutes=(\d+)\)$`)

func passkeyOrOptions(c *call) (result, error) {
	m := timeoutParameter.FindStringSubmatch(c.vars["passkey"])
	if m == nil {
		return getPasskey(c)
	}
	if err := writesMethod("Passkey").check(c.t, c.token, c.vars); err != nil {
		return result{}, err
	}
	minutes, err := strconv.Atoi(m[1])
	if err != nil || minutes < 5 || minutes > 43200 {
		return result{}, badRequest("The challengeTimeoutInMinutes must be between 5 and 43200.")
	}
	return c.options(time.Duration(minutes) * time.Minute)
}

func creationOptions(c *call) (result, error) { return c.options(challengeLife) }

func (c *call) relyingParty() cloud.Cloud {
	host := strings.Split(strings.TrimPrefix(c.base, "https://"), "/")[0]
	if found, _, ok := cloud.Of(host); ok {
		return found
	}
	return cloud.Public()
}

// options begins a registration in the user's name.
func (c *call) options(life time.Duration) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	if _, err := c.enabled("Fido2"); err != nil {
		return result{}, err
	}
	challenge := store.PasskeyChallenge{Challenge: base64.RawURLEncoding.EncodeToString(c.t.NewBytes(32)), Expires: c.now.Add(life)}
	u.PasskeyChallenges = append(u.PasskeyChallenges, challenge)
	exclude := []*document.Object{}
	for _, k := range u.Passkeys {
		exclude = append(exclude, document.Of("id", base64.RawURLEncoding.EncodeToString(k.CredentialID), "type", "public-key", "transports", []string{}))
	}
	publicKey := document.Of("challenge", challenge.Challenge, "timeout", 0, "attestation", "direct",
		"rp", document.Of("id", c.relyingParty().RelyingParty(), "name", "Microsoft"),
		"user", document.Of("id", base64.RawURLEncoding.EncodeToString(u.PasskeyHandle()), "displayName", u.DisplayName, "name", u.UPN),
		"pubKeyCredParams", []*document.Object{document.Of("type", "public-key", "alg", -7), document.Of("type", "public-key", "alg", -257)},
		"excludeCredentials", exclude,
		"authenticatorSelection", document.Of("authenticatorAttachment", "cross-platform", "requireResidentKey", true, "userVerification", "required"),
		"extensions", document.Of("hmacCreateSecret", true, "enforceCredentialProtectionPolicy", true, "credentialProtectionPolicy", "userVerificationOptional"))
	c.auditMethod("Get passkey creation options", u)
	r, err := c.one(optionsType, document.Of("challengeTimeoutDateTime", challenge.Expires, "publicKey", publicKey))
	r.context = optionsType.name
	return r, err
}

// postPasskey registers a passkey. Attestation "none" is accepted, as where the passkey
// policy does not enforce attestation (observed).
func postPasskey(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	policy, err := c.enabled("Fido2")
	if err != nil {
		return result{}, err
	}
	name := c.body.String("displayName")
	if name == "" || len(name) > 30 {
		return result{}, badRequest("The displayName must have between 1 and 30 characters.")
	}
	k, err := c.register(u)
	if err != nil {
		return result{}, badRequest("The passkey could not be registered: %v.", err)
	}
	if slices.ContainsFunc(u.Passkeys, func(o *store.Passkey) bool { return o.ID == k.ID }) {
		return result{}, &apiError{status: http.StatusConflict, code: "Conflict", message: "The passkey is registered already."}
	}
	if err := admits(policy, k, aaguidText(k)); err != nil {
		return result{}, err
	}
	k.DisplayName = name
	u.Passkeys = append(u.Passkeys, k)
	c.auditMethod("Admin registered security info", u)
	return created(passkeyType, passkeyObject(k)), nil
}

// register verifies the attestation for one of the user's challenges, which it uses up.
func (c *call) register(u *store.User) (*store.Passkey, error) {
	parsed, err := parseAttestation(c.body.Object("publicKeyCredential"))
	if err != nil {
		return nil, err
	}
	if err := c.useChallenge(u, parsed.Response.CollectedClientData.Challenge); err != nil {
		return nil, err
	}
	rp := c.relyingParty()
	party, err := webauthn.New(&webauthn.Config{RPID: rp.RelyingParty(), RPDisplayName: "Microsoft", RPOrigins: []string{"https://" + rp.Fido}})
	if err != nil {
		return nil, fmt.Errorf("set up the relying party: %w", err)
	}
	credential, err := party.CreateCredential(newPasskeyUser{u}, webauthn.SessionData{
		Challenge: parsed.Response.CollectedClientData.Challenge, RelyingPartyID: rp.RelyingParty(), UserID: u.PasskeyHandle(),
		UserVerification: protocol.VerificationRequired,
		CredParams: []protocol.CredentialParameter{
			{Type: protocol.PublicKeyCredentialType, Algorithm: -7}, {Type: protocol.PublicKeyCredentialType, Algorithm: -257},
		},
	}, parsed)
	if err != nil {
		return nil, err
	}
	level := "notAttested"
	if credential.AttestationType != "" && credential.AttestationType != "none" {
		level = "attested"
	}
	return &store.Passkey{
		ID: base64.RawURLEncoding.EncodeToString(credential.ID), CredentialID: credential.ID, PublicKey: credential.PublicKey,
		SignCount: credential.Authenticator.SignCount, AAGUID: credential.Authenticator.AAGUID,
		BackupEligible: credential.Flags.BackupEligible, BackupState: credential.Flags.BackupState, Attestation: level, CreatedAt: c.now,
	}, nil
}

func (c *call) useChallenge(u *store.User, challenge string) error {
	i := slices.IndexFunc(u.PasskeyChallenges, func(p store.PasskeyChallenge) bool { return subtle.ConstantTimeCompare([]byte(p.Challenge), []byte(challenge)) == 1 })
	if i < 0 {
		return errors.New("the challenge is not one that creationOptions gave for this user")
	}
	expires := u.PasskeyChallenges[i].Expires
	u.PasskeyChallenges = slices.Delete(u.PasskeyChallenges, i, i+1)
	if c.now.After(expires) {
		return errors.New("the challenge has expired")
	}
	return nil
}

// parseAttestation reads the credential with its binary members in either base64.
func parseAttestation(in *document.Object) (*protocol.ParsedCredentialCreationData, error) {
	if in == nil {
		return nil, errors.New("publicKeyCredential is missing")
	}
	response := in.Object("response")
	id := base64url(in.String("id"))
	text, err := json.Marshal(map[string]any{
		"id": id, "rawId": id, "type": "public-key",
		"response": map[string]string{
			"clientDataJSON": base64url(response.String("clientDataJSON")), "attestationObject": base64url(response.String("attestationObject")),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the credential: %w", err)
	}
	return protocol.ParseCredentialCreationResponseBytes(text)
}

// base64url turns standard base64 with padding, which clients send too, into base64url.
func base64url(s string) string {
	return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "=")
}

func deletePasskey(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	i := slices.IndexFunc(u.Passkeys, func(k *store.Passkey) bool { return k.ID == c.vars["passkey"] })
	if i < 0 {
		return result{}, notFound("authentication method", c.vars["passkey"])
	}
	u.Passkeys = slices.Delete(u.Passkeys, i, i+1)
	c.auditMethod("Admin deleted security info", u)
	return noContent(), nil
}

// newPasskeyUser lets the WebAuthn library see a user who registers.
type newPasskeyUser struct{ *store.User }

func (u newPasskeyUser) WebAuthnID() []byte                         { return u.PasskeyHandle() }
func (u newPasskeyUser) WebAuthnName() string                       { return u.UPN }
func (u newPasskeyUser) WebAuthnDisplayName() string                { return u.DisplayName }
func (u newPasskeyUser) WebAuthnCredentials() []webauthn.Credential { return nil }
