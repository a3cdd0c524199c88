package graphapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// authenticator makes a passkey as a device does, with attestation "none".
type authenticator struct {
	origin, rpID string
	verifies     bool // user verification
}

// register answers creation options with the body of the registration.
func (a authenticator) register(t *testing.T, options *document.Object) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		t.Fatal(err)
	}
	cose := encode(t, map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:65]})
	id := sha256.Sum256(point)
	flags := byte(0x41) // user present, attested credential data
	if a.verifies {
		flags |= 0x04
	}
	rp := sha256.Sum256([]byte(a.rpID))
	data := append(rp[:], flags, 0, 0, 0, 0)
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(id)))
	data = append(append(data, id[:]...), cose...)
	attestation := encode(t, map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	client, err := json.Marshal(map[string]any{"type": "webauthn.create", "challenge": options.Object("publicKey").String("challenge"), "origin": a.origin})
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return string(document.Of("displayName", "test key", "publicKeyCredential", document.Of("id", b64(id[:]),
		"response", document.Of("clientDataJSON", b64(client), "attestationObject", b64(attestation)))).Raw())
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRegisteringAPasskey(t *testing.T) {
	right := authenticator{origin: "https://login.microsoft.com", rpID: "login.microsoft.com", verifies: true}
	for name, test := range map[string]struct {
		authenticator authenticator
		after         time.Duration
		want          int
	}{
		"as the options ask":        {right, 4 * time.Minute, http.StatusCreated},
		"after the challenge ended": {right, 6 * time.Minute, http.StatusBadRequest},
		"from another origin":       {authenticator{"https://login.example", right.rpID, true}, 0, http.StatusBadRequest},
		"for another relying party": {authenticator{right.origin, "login.example", true}, 0, http.StatusBadRequest},
		"without user verification": {authenticator{right.origin, right.rpID, false}, 0, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			path := "/v1.0/users/" + l.admin + "/authentication/fido2Methods"
			options := l.must(http.StatusOK, http.MethodGet, path+"/creationOptions", "").body
			if got := options.Object("publicKey").Object("rp").String("id"); got != right.rpID {
				t.Fatalf("relying party %q", got)
			}
			l.advance(test.after)
			body := test.authenticator.register(t, options)
			if got := l.do("app", http.MethodPost, path, body); got.status != test.want {
				t.Fatalf("registered with %d, want %d: %s", got.status, test.want, pretty(got.body))
			}
			if test.want != http.StatusCreated {
				return
			}
			l.with(func(tenant *store.Tenant) {
				u, _ := tenant.Users.Get(l.admin)
				if len(u.Passkeys) != 1 || len(u.Passkeys[0].PublicKey) == 0 || u.Passkeys[0].DisplayName != "test key" {
					t.Errorf("the tenant keeps %+v", u.Passkeys)
				}
			})
			if again := l.do("app", http.MethodPost, path, body); again.status != http.StatusBadRequest {
				t.Errorf("the same challenge again: %d", again.status)
			}
			list := l.must(http.StatusOK, http.MethodGet, path, "").values()
			if len(list) != 1 || list[0].String("attestationLevel") != "notAttested" {
				t.Fatalf("listed %v", list)
			}
			l.must(http.StatusNoContent, http.MethodDelete, path+"/"+list[0].String("id"), "")
			l.must(http.StatusNotFound, http.MethodDelete, path+"/"+list[0].String("id"), "")
		})
	}
}

func TestChallengeTimeoutOfBeta(t *testing.T) {
	l := newLab(t)
	options := l.must(http.StatusOK, http.MethodGet, "/beta/users/"+l.admin+"/authentication/fido2Methods/creationOptions(challengeTimeoutInMinutes=10)", "").body
	if got := options.String("challengeTimeoutDateTime"); got != "2026-11-23T09:10:00Z" {
		t.Errorf("the challenge ends %s", got)
	}
	l.must(http.StatusBadRequest, http.MethodGet, "/beta/users/"+l.admin+"/authentication/fido2Methods/creationOptions(challengeTimeoutInMinutes=1)", "")
}
