package emulator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/fxamacker/cbor/v2"

	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/emulator/internal/portaltest"
)

// page opens a page of a browser behind the lab's proxy.
func (l *lab) page(browser string) *portaltest.Page {
	l.t.Helper()
	block, _ := pem.Decode(l.access.CAPEM)
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		l.t.Fatal(err)
	}
	chromium, err := portaltest.Start(browser, authority)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(chromium.Close)
	return chromium.NewPage(l.t, l.access.Proxy)
}

func (l *lab) fixturesToken() string {
	l.t.Helper()
	credential, err := azidentity.NewClientSecretCredential(l.access.TenantID, l.access.FixturesApp.ClientID, l.access.FixturesApp.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: azcore.ClientOptions{Transport: l.http}})
	if err != nil {
		l.t.Fatal(err)
	}
	token, err := credential.GetToken(l.t.Context(), policy.TokenRequestOptions{Scopes: []string{graphScope}})
	if err != nil {
		l.t.Fatal(err)
	}
	return token.Token
}

// registerPasskey makes a key and registers it for the admin through Microsoft Graph, as an
// administrator provisions a security key.
func (l *lab) registerPasskey() portaltest.Passkey {
	l.t.Helper()
	token, path := l.fixturesToken(), "/v1.0/users/"+l.access.Admin.ObjectID+"/authentication/fido2Methods"
	status, options := l.graph(http.MethodGet, path+"/creationOptions", token, nil)
	if status != http.StatusOK {
		l.t.Fatalf("creation options: %d %v", status, options)
	}
	public := options["publicKey"].(map[string]any)
	handle, err := base64.RawURLEncoding.DecodeString(public["user"].(map[string]any)["id"].(string))
	if err != nil {
		l.t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		l.t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		l.t.Fatal(err)
	}
	passkey := portaltest.Passkey{ID: []byte("a credential of the test"), UserHandle: handle, PKCS8: pkcs8, RelyingParty: "login.microsoft.com"}
	encode := base64.RawURLEncoding.EncodeToString
	client, err := json.Marshal(map[string]any{"type": "webauthn.create", "challenge": public["challenge"], "origin": "https://login.microsoft.com"})
	if err != nil {
		l.t.Fatal(err)
	}
	status, answer := l.graph(http.MethodPost, path, token, map[string]any{
		"displayName": "test key",
		"publicKeyCredential": map[string]any{"id": encode(passkey.ID), "response": map[string]any{
			"clientDataJSON": encode(client), "attestationObject": encode(attestation(l.t, passkey, key)),
		}},
	})
	if status != http.StatusCreated {
		l.t.Fatalf("register the passkey: %d %v", status, answer)
	}
	return passkey
}

// attestation is an attestation object of the format "none".
func attestation(t *testing.T, passkey portaltest.Passkey, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	point, err := key.PublicKey.Bytes() // 4, then both coordinates
	if err != nil {
		t.Fatal(err)
	}
	public, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		t.Fatal(err)
	}
	party := sha256.Sum256([]byte(passkey.RelyingParty))
	data := append(party[:], 0x01|0x04|0x40) // present, verified, credential included
	data = binary.BigEndian.AppendUint32(data, 0)
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(passkey.ID)))
	data = append(append(data, passkey.ID...), public...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// arrived is true once the browser was sent back to the client with a code.
const arrived = `location.href.startsWith("http://localhost") && new URLSearchParams(location.search).has("code")`

func TestSignInWithAPasskeyInABrowser(t *testing.T) {
	for _, browser := range []string{portaltest.Shell, portaltest.Full} {
		t.Run(browser, func(t *testing.T) {
			l := start(t, emulator.Options{})
			passkey := l.registerPasskey()
			page := l.page(browser)
			page.AddPasskey(passkey)
			page.Open(l.client().AuthorizeURL(map[string]string{"login_hint": l.access.Admin.UPN}))
			page.AwaitTrue(`document.getElementById("idA_PWD_SwitchToFido")` + ` && (document.getElementById("idA_PWD_SwitchToFido").click(), true)`)
			page.AwaitTrue(`location.host === "login.microsoft.com" && document.readyState === "complete" && (document.getElementById("idSIButton9").click(), true)`)
			page.AwaitTrue(`$Config.pgid === "KmsiInterrupt" && (document.getElementById("idBtn_Back").click(), true)`)
			page.AwaitTrue(arrived)
			l.nothingUnmodelled()
		})
	}
}

func TestSignInWithANotificationInABrowser(t *testing.T) {
	l := start(t, emulator.Options{})
	admin := l.access.Admin
	if status := l.control(http.MethodPost, "/push", `{"upn":"`+admin.UPN+`","register":true}`, nil); status != http.StatusNoContent {
		t.Fatalf("register the app: %d", status)
	}
	page := l.page(portaltest.Shell)
	page.Open(l.client().AuthorizeURL(map[string]string{
		"login_hint": admin.UPN, "claims": `{"access_token":{"amr":{"essential":true,"values":["mfa"]}}}`,
	}))
	page.AwaitTrue(`document.getElementById("i0118") && (document.getElementById("i0118").value = ` + quoted(admin.Password) + `, document.getElementById("idSIButton9").click(), true)`)
	page.AwaitTrue(`!!document.getElementById("idRichContext_DisplaySign")?.textContent`)
	number := portaltest.Eval[string](page.View, `document.getElementById("idRichContext_DisplaySign").textContent`)
	if status := l.control(http.MethodPost, "/push", `{"upn":"`+admin.UPN+`","approve":true,"number":"`+number+`"}`, nil); status != http.StatusNoContent {
		t.Fatalf("approve: %d", status)
	}
	page.AwaitTrue(`$Config.pgid === "KmsiInterrupt" && (document.getElementById("idSIButton9").click(), true)`)
	page.AwaitTrue(arrived)
}

// A notification that is denied stands still, and is sent again only when the user says so.
func TestADeniedNotificationStandsStill(t *testing.T) {
	l := start(t, emulator.Options{})
	admin := l.access.Admin
	push := func(body string) {
		t.Helper()
		if status := l.control(http.MethodPost, "/push", `{"upn":"`+admin.UPN+`",`+body+`}`, nil); status != http.StatusNoContent {
			t.Fatalf("%s: %d", body, status)
		}
	}
	push(`"register":true`)
	page := l.page(portaltest.Shell)
	page.Open(l.client().AuthorizeURL(map[string]string{
		"login_hint": admin.UPN, "claims": `{"access_token":{"amr":{"essential":true,"values":["mfa"]}}}`,
	}))
	page.AwaitTrue(`document.getElementById("i0118") && (document.getElementById("i0118").value = ` + quoted(admin.Password) + `, document.getElementById("idSIButton9").click(), true)`)
	const shown = `!!document.getElementById("idRichContext_DisplaySign")?.textContent`
	page.AwaitTrue(shown)
	push(`"approve":false`)
	page.AwaitTrue(`!!document.getElementById("idDiv_SAASDS_Description")?.textContent && !document.querySelector("form[data-ask]")`)
	page.AwaitTrue(`(document.getElementById("idA_SAASTO_Resend").click(), true)`)
	page.AwaitTrue(shown)
	number := portaltest.Eval[string](page.View, `document.getElementById("idRichContext_DisplaySign").textContent`)
	push(`"approve":true,"number":"` + number + `"`)
	page.AwaitTrue(`$Config.pgid === "KmsiInterrupt"`)
}

// The password of a user who must change it, as an administrator sets it through Graph.
func TestANewPasswordInABrowser(t *testing.T) {
	const next = "A-new-passw0rd"
	l := start(t, emulator.Options{})
	admin := l.access.Admin
	status, answer := l.graph(http.MethodPatch, "/v1.0/users/"+admin.ObjectID, l.fixturesToken(), map[string]any{
		"passwordProfile": map[string]any{"password": "Temp0rary!", "forceChangePasswordNextSignIn": true},
	})
	if status != http.StatusNoContent {
		t.Fatalf("reset the password: %d %v", status, answer)
	}
	page := l.page(portaltest.Shell)
	page.Open(l.client().AuthorizeURL(map[string]string{"login_hint": admin.UPN}))
	page.AwaitTrue(`document.getElementById("i0118") && (document.getElementById("i0118").value = "Temp0rary!", document.getElementById("idSIButton9").click(), true)`)
	fill := func(current, wanted, again string) string {
		script := `$Config.pgid === "ConvergedChangePassword" && document.readyState === "complete"`
		for id, value := range map[string]string{"currentPassword": current, "newPassword": wanted, "confirmNewPassword": again} {
			script += ` && (document.getElementById("` + id + `").value = ` + quoted(value) + `, true)`
		}
		return script + ` && (document.getElementById("passwordError").textContent = "", document.getElementById("idSIButton9").click(), true)`
	}
	for _, wrong := range [][3]string{{"Temp0rary!", next, "another"}, {"guess", next, next}, {"Temp0rary!", "short", "short"}} {
		page.AwaitTrue(fill(wrong[0], wrong[1], wrong[2]))
		page.AwaitTrue(`document.getElementById("passwordError").textContent !== ""`)
	}
	page.AwaitTrue(fill("Temp0rary!", next, next))
	page.AwaitTrue(`$Config.pgid === "KmsiInterrupt"`)
	if complaints := page.Complaints(); len(complaints) != 0 {
		t.Errorf("the pages complain: %q", complaints)
	}
	page.AwaitTrue(`(document.getElementById("idBtn_Back").click(), true)`)
	page.AwaitTrue(arrived)
}

func quoted(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text always has a JSON form
	}
	return string(literal)
}

func TestAnEmptyFieldIsNotSent(t *testing.T) {
	l := start(t, emulator.Options{})
	page := l.page(portaltest.Shell)
	page.Open(l.client().AuthorizeURL(nil))
	page.AwaitTrue(`document.readyState === "complete" && (document.getElementById("idSIButton9").click(), true)`)
	page.AwaitTrue(`document.getElementById("usernameError").textContent !== "" && $Config.pgid === "ConvergedSignIn"`)
	if asked := page.Asked("https://login.microsoftonline.com/common/login"); len(asked) != 0 {
		t.Errorf("the form was sent: %q", asked)
	}
	if complaints := page.Complaints(); len(complaints) != 0 {
		t.Errorf("the page complains: %q", complaints)
	}
}
