package login_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

const phishingResistant = "00000000-0000-0000-0000-000000000004"

// authenticator is a security key with one credential.
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	// What a test makes wrong.
	origin, party string
	flags         byte
}

// flags of authenticator data: user present, user verified.
const presentAndVerified = 0x01 | 0x04

// newAuthenticator makes a key and registers it with the admin.
func (w *world) newAuthenticator() *authenticator {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, then both coordinates
	if err != nil {
		w.t.Fatal(err)
	}
	public, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		w.t.Fatal(err)
	}
	a := &authenticator{t: w.t, key: key, id: []byte("credential"), origin: "https://login.microsoft.com", party: "login.microsoft.com", flags: presentAndVerified}
	w.admin(func(_ *store.Tenant, u *store.User) {
		u.Passkeys = []*store.Passkey{{ID: "1", CredentialID: a.id, PublicKey: public, AAGUID: make([]byte, 16)}}
		a.handle = u.PasskeyHandle()
	})
	return a
}

// assert signs the challenge of a page, in the form that the page posts.
func (a *authenticator) assert(challenge string) string {
	a.t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	client, err := json.Marshal(map[string]any{"type": "webauthn.get", "challenge": encode([]byte(challenge)), "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	party, clientHash := sha256.Sum256([]byte(a.party)), sha256.Sum256(client)
	data := binary.BigEndian.AppendUint32(append(party[:], a.flags), 0)
	digest := sha256.Sum256(append(append([]byte{}, data...), clientHash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"id": encode(a.id), "clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(a.handle),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return string(text)
}

// usePasskey goes from a page that offers a passkey over the ceremony back to sign-in.
func (w *world) usePasskey(b *walker.Walker, a *authenticator) {
	w.t.Helper()
	if err := b.Submit("fidoForm", nil); err != nil {
		w.t.Fatal(err)
	}
	if b.Page.URL.Host != "login.microsoft.com" || b.Page.ID() != "ConvergedFido" {
		w.t.Fatalf("the ceremony is on %s, page %q: %s", b.Page.URL.Host, b.Page.ID(), b.Page.Text("strServiceExceptionMessage"))
	}
	if err := b.Submit("passkeyForm", map[string]string{"assertion": a.assert(b.Page.Text("sFidoChallenge"))}); err != nil {
		w.t.Fatal(err)
	}
}

func TestPasskeyIsBothFactors(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	key := w.newAuthenticator()
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	if !b.Page.Has("idA_PWD_SwitchToFido") {
		t.Fatal("the password page does not offer the passkey")
	}
	w.usePasskey(b, key)
	if b.Page.ID() != "KmsiInterrupt" {
		t.Fatalf("page %q: %s", b.Page.ID(), b.Page.Text("sErrTxt"))
	}
	if err := b.Submit("f1", map[string]string{"LoginOptions": "3"}); err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, w.redeem(b).Access)
	if diff := cmp.Diff([]any{"fido", "mfa"}, claims["amr"]); diff != "" {
		t.Errorf("amr (-want +got):\n%s", diff)
	}
}

func TestPasskeyIsRefused(t *testing.T) {
	for name, wrong := range map[string]func(a *authenticator){
		"made for another origin":        func(a *authenticator) { a.origin = "https://login.microsoftonline.com" },
		"made for another relying party": func(a *authenticator) { a.party = "example.org" },
		"without user verification":      func(a *authenticator) { a.flags = 0x01 },
		"without user presence":          func(a *authenticator) { a.flags = 0x04 },
		"of another user":                func(a *authenticator) { a.handle = []byte("somebody else") },
		"of another credential":          func(a *authenticator) { a.id = []byte("another") },
		"backed up, though it said not":  func(a *authenticator) { a.flags |= 0x08 },
		"signed by another key": func(a *authenticator) {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				a.t.Fatal(err)
			}
			a.key = key
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			key := w.newAuthenticator()
			wrong(key)
			b := w.browser()
			w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
			w.usePasskey(b, key)
			if !b.Page.Has("i0118") || b.Page.Text("sErrorCode") != "135004" {
				t.Errorf("page %q, sErrorCode %q", b.Page.ID(), b.Page.Text("sErrorCode"))
			}
		})
	}
}

// The way to the passkey's origin and back carries the state of the page: each row leaves one
// field out, or takes it from another sign-in.
func TestTheWayToThePasskeyIsChecked(t *testing.T) {
	for name, row := range map[string]struct {
		form, field string
		other       bool // of another sign-in, not empty
		want        string
	}{
		"there without a flow token": {"fidoForm", "canary", false, "50089"},
		"there without a context":    {"fidoForm", "ctx", false, "165000"},
		"there without a canary":     {"fidoForm", "loginCanary", false, "165000"},
		"there with another canary":  {"fidoForm", "loginCanary", true, "165000"},
		"back without a canary":      {"passkeyForm", "lmcCanary", false, "165000"},
		"back with another canary":   {"passkeyForm", "lmcCanary", true, "165000"},
		"back with another flow":     {"passkeyForm", "flowToken", true, "165000"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			key := w.newAuthenticator()
			at := func() *walker.Walker {
				b := w.browser()
				w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
				if row.form == "passkeyForm" {
					if err := b.Submit("fidoForm", nil); err != nil {
						t.Fatal(err)
					}
				}
				return b
			}
			b, other := at(), at()
			value := ""
			if row.other {
				_, fields, _ := other.Page.Form(row.form)
				value = fields.Get(row.field)
			}
			set := map[string]string{row.field: value}
			if row.form == "passkeyForm" {
				set["assertion"] = key.assert(b.Page.Text("sFidoChallenge"))
			}
			if err := b.Submit(row.form, set); err != nil {
				t.Fatal(err)
			}
			if got := strconv.Itoa(int(b.Page.Config["iErrorCode"].(float64))); got != row.want || b.Page.ID() == "KmsiInterrupt" {
				t.Errorf("page %q with error %s, want %s", b.Page.ID(), got, row.want)
			}
		})
	}
}

func TestAChallengeIsGoodOnce(t *testing.T) {
	w := newWorld(t)
	key := w.newAuthenticator()
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	old := b.Page.Text("sFidoChallenge")
	if err := b.Submit("fidoForm", nil); err != nil {
		t.Fatal(err)
	}
	ceremony := *b.Page
	if err := b.Submit("passkeyForm", map[string]string{"assertion": "{}"}); err != nil {
		t.Fatal(err)
	}
	if fresh := b.Page.Text("sFidoChallenge"); fresh == old || fresh == "" {
		t.Errorf("the challenge after a failure is %q again", fresh)
	}
	b.Page = &ceremony
	if err := b.Submit("passkeyForm", map[string]string{"assertion": key.assert(old)}); err != nil {
		t.Fatal(err)
	}
	if b.Page.ID() == "KmsiInterrupt" {
		t.Error("an old challenge was accepted")
	}
}

// The row of a proof that is not primed: a stronger method without a frequency looks like
// "every time" when the session lacks the method, and is silent when it has it.
func TestStrengthAsksOnlyForTheMissingMethod(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true}, rule{context: "c1", strength: phishingResistant})
	key := w.newAuthenticator()
	b := w.browser()
	w.signIn(b, nil)
	w.advance(11 * time.Minute)
	w.open(b, stepUp("c1"))
	if b.Page.ID() != "ConvergedTFA" || !strings.Contains(b.Page.HTML, `data-value="FidoKey"`) || strings.Contains(b.Page.HTML, `data-value="PhoneAppOTP"`) {
		t.Fatalf("page %q does not offer the passkey alone", b.Page.ID())
	}
	w.usePasskey(b, key)
	if b.Page.ID() == "KmsiInterrupt" {
		if err := b.Submit("f1", map[string]string{"LoginOptions": "3"}); err != nil {
			t.Fatal(err)
		}
	}
	w.redeem(b)
	w.advance(time.Hour)
	if got := w.signIn(b, stepUp("c1")); got != "" {
		t.Errorf("a session that holds the method was asked for %q", got)
	}
}

func TestStrengthWithEveryTimeLeavesForThePasskey(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{context: "c1", strength: phishingResistant, every: true})
	key := w.newAuthenticator()
	b := w.browser()
	w.signIn(b, nil)
	w.advance(11 * time.Minute)
	w.open(b, stepUp("c1"))
	if !strings.Contains(b.Page.HTML, `data-auto`) {
		t.Fatalf("page %q does not go on to the passkey by itself", b.Page.ID())
	}
	w.usePasskey(b, key)
	if b.Page.ID() != "KmsiInterrupt" {
		t.Errorf("page %q after the passkey: it is both factors", b.Page.ID())
	}
}

func TestStrengthThatTheUserCannotMeet(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{context: "c1", strength: phishingResistant})
	b := w.browser()
	w.signIn(b, nil)
	w.open(b, stepUp("c1"))
	if b.Page.ID() != "ConvergedProofUpRedirect" {
		t.Errorf("page %q, want the offer to register a method", b.Page.ID())
	}
}
