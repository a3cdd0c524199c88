package login_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// broken is one sign-in and, eleven minutes later, one step-up of the same session, on a tenant
// whose policy asks every time.
type broken struct {
	*world
	browser       *walker.Walker
	first, second walker.Tokens
	pages         string // of the step-up
}

// breaks runs the two with a defect. The first sign-in must show nothing of it.
func breaks(t *testing.T, defect store.Misbehaviour) broken {
	t.Helper()
	w := newWorld(t)
	w.policies(rule{context: "c1", every: true})
	w.tenant(func(t *store.Tenant) { t.Settings.Misbehaviour = defect })
	b := broken{world: w, browser: w.browser()}
	w.signIn(b.browser, nil)
	b.first = w.redeem(b.browser)
	if why := w.refuses(b.first.ID); why != "" {
		t.Errorf("the first sign-in shows the defect: %s", why)
	}
	w.advance(11 * time.Minute)
	w.open(b.browser, stepUp("c1"))
	if defect == store.PageGoesOn {
		b.pages = b.goOn()
	} else {
		steps, err := b.browser.SignIn(w.credentials())
		if err != nil {
			t.Fatalf("step up after %v: %v", steps, err)
		}
		b.pages = strings.Join(steps, " ")
	}
	b.second = w.redeem(b.browser)
	return b
}

// goOn does what the page's script does: it sends the form as it stands.
func (b *broken) goOn() string {
	b.t.Helper()
	var pages []string
	for strings.Contains(b.browser.Page.HTML, "data-check data-auto>") {
		pages = append(pages, b.browser.Page.ID())
		if err := b.browser.Submit("f1", nil); err != nil {
			b.t.Fatal(err)
		}
	}
	if _, err := b.browser.SignIn(b.credentials()); err != nil { // stay signed in?
		b.t.Fatal(err)
	}
	return strings.Join(pages, " ")
}

// keys are the published keys, as a client fetches them.
func (w *world) keys(token *jwt.Token) (any, error) {
	page := w.browser()
	if err := page.Get("https://login.microsoftonline.com/" + w.facts.TenantID + "/discovery/v2.0/keys"); err != nil {
		return nil, err
	}
	var document struct {
		Keys []struct{ Kid, N string }
	}
	if err := json.Unmarshal([]byte(page.Page.HTML), &document); err != nil {
		return nil, err
	}
	for _, key := range document.Keys {
		if key.Kid == token.Header["kid"] {
			n, err := base64.RawURLEncoding.DecodeString(key.N)
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}, err
		}
	}
	return nil, errors.New("no such key")
}

// refuses says what a relying party that knows the admin finds wrong with an ID token; empty when
// nothing.
func (w *world) refuses(raw string) string {
	token, err := jwt.Parse(raw, w.keys, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(w.now))
	if err != nil {
		return err.Error()
	}
	claims, _ := token.Claims.(jwt.MapClaims)
	for name, want := range map[string]any{
		"aud": w.facts.HarnessID, "tid": w.facts.TenantID, "oid": w.facts.AdminID, "nonce": "the nonce",
		"iss": "https://login.microsoftonline.com/" + w.facts.TenantID + "/v2.0",
	} {
		if claims[name] != want {
			return name
		}
	}
	at, ok := claims["auth_time"].(float64)
	if !ok || int64(at) > w.now().Unix() {
		return "auth_time"
	}
	if acrs, there := claims["acrs"]; there {
		if _, ok := acrs.([]any); !ok {
			return "acrs"
		}
	}
	return ""
}

func TestDefectsOfIDTokensBeginWithTheReauthentication(t *testing.T) {
	for defect, want := range map[store.Misbehaviour]string{
		store.Behaves:        "",
		store.WrongKey:       "token signature is invalid: crypto/rsa: verification error",
		store.AlgNone:        "token signature is invalid: signing method none is invalid",
		store.OtherAudience:  "aud",
		store.OtherTenant:    "tid",
		store.OtherIssuer:    "iss",
		store.OtherUser:      "oid",
		store.OtherNonce:     "nonce",
		store.AuthTimeAhead:  "auth_time",
		store.AuthTimeAsText: "auth_time",
		store.ContextsAsText: "acrs",
	} {
		t.Run("defect "+string(defect), func(t *testing.T) {
			b := breaks(t, defect)
			if diff := cmp.Diff(want, b.refuses(b.second.ID)); diff != "" {
				t.Errorf("what is wrong after the re-authentication (-want +got):\n%s", diff)
			}
			if b.pages != "password stay" {
				t.Errorf("the step-up asked for %q", b.pages)
			}
			silent := b.browser
			if err := silent.Get(b.client.AuthorizeURL(map[string]string{"prompt": "none", "scope": "openid profile"})); err != nil {
				t.Fatal(err)
			}
			if defect == store.ContextsAsText {
				want = "" // a token without contexts has no acrs to be wrong
			}
			if diff := cmp.Diff(want, b.refuses(b.redeem(silent).ID)); diff != "" {
				t.Errorf("what is wrong with a silent token after it (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefectsOfTheStepUp(t *testing.T) {
	for defect, want := range map[store.Misbehaviour]struct {
		pages string
		moved bool // auth_time
	}{
		store.Behaves:             {"password stay", true},
		store.StepsUpUnasked:      {"", false},
		store.StepsUpUnaskedFresh: {"", true},
		store.AsksKeepsAuthTime:   {"password stay", false},
		store.PageGoesOn:          {"ConvergedSignIn", true},
	} {
		t.Run("defect "+string(defect), func(t *testing.T) {
			b := breaks(t, defect)
			if b.pages != want.pages {
				t.Errorf("the step-up showed %q, want %q", b.pages, want.pages)
			}
			before, after := claimsOf(t, b.first.ID)["auth_time"], claimsOf(t, b.second.ID)["auth_time"]
			if moved := before != after; moved != want.moved {
				t.Errorf("auth_time was %v and is %v, want moved %t", before, after, want.moved)
			}
			if acrs, _ := claimsOf(t, b.second.Access)["acrs"].([]any); !slices.Contains(acrs, any("c1")) {
				t.Errorf("the step-up's token holds %v", acrs)
			}
			if why := b.refuses(b.second.ID); why != "" {
				t.Errorf("the ID token shows the defect: %s", why)
			}
		})
	}
}

func TestAnUnaskedStepUpStillAsksForWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{context: "c1", every: true, mfa: true})
	w.tenant(func(t *store.Tenant) { t.Settings.Misbehaviour = store.StepsUpUnasked })
	b := w.browser()
	w.signIn(b, nil)
	if pages := w.signIn(b, stepUp("c1")); pages != "code" {
		t.Errorf("the first step-up asked for %q, want the missing factor", pages)
	}
	w.advance(11 * time.Minute)
	if pages := w.signIn(b, stepUp("c1")); pages != "" {
		t.Errorf("a due step-up asked for %q", pages)
	}
}

func TestASessionThatChanges(t *testing.T) {
	b := breaks(t, store.OtherSession)
	if before, after := claimsOf(t, b.first.ID)["sid"], claimsOf(t, b.second.ID)["sid"]; before == after {
		t.Errorf("sid stays %v", before)
	}
}

func TestEveryContextIsInAPlainToken(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{context: "c1", every: true})
	w.tenant(func(t *store.Tenant) {
		t.Settings.Misbehaviour, t.Settings.UnaskedContexts = store.EveryContext, false
		t.Contexts.Put("c2", store.Context{ID: "c2", Available: true}, t.Now())
		t.Contexts.Put("c3", store.Context{ID: "c3"}, t.Now())
	})
	b := w.browser()
	w.signIn(b, nil)
	if diff := cmp.Diff([]any{"c1", "c2"}, claimsOf(t, w.redeem(b).Access)["acrs"]); diff != "" {
		t.Errorf("acrs of a plain token (-want +got):\n%s", diff)
	}
}

func TestContextsAsTextAreInTheAccessTokenToo(t *testing.T) {
	b := breaks(t, store.ContextsAsText)
	if acrs := claimsOf(t, b.second.Access)["acrs"]; acrs != "c1" {
		t.Errorf("acrs is %v", acrs)
	}
	read, err := signingKeys().Verify(b.second.Access)
	if err != nil || !slices.Equal(read.ACRS, []string{"c1"}) {
		t.Errorf("the tenant reads %v: %v", read.ACRS, err)
	}
}

func TestContextsAsTextAreInThePortalsAccessTokens(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{context: "c1", every: true})
	w.tenant(func(t *store.Tenant) { t.Settings.Misbehaviour = store.ContextsAsText })
	w.client.ClientID, w.client.Redirect, w.client.Scope = store.ClientPIM, "https://entra.microsoft.com/signin/index/", "openid profile https://graph.microsoft.com/.default"
	b := w.browser()
	w.signIn(b, nil)
	w.advance(11 * time.Minute)
	w.signIn(b, stepUp("c1"))
	tokens := w.redeem(b)
	if acrs := claimsOf(t, tokens.Access)["acrs"]; acrs != "c1" {
		t.Errorf("acrs is %v", acrs)
	}
	if _, err := jwt.Parse(tokens.ID, w.keys, jwt.WithTimeFunc(w.now)); err != nil {
		t.Errorf("the ID token: %v", err)
	}
}

func TestMicrosoftsOwnClientsGetRightIDTokens(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) { t.Settings.Misbehaviour = store.AlgNone })
	b := w.browser()
	w.signIn(b, nil)
	w.advance(11 * time.Minute)
	w.client.ClientID, w.client.Scope = store.ClientGraphCLI, "openid profile https://graph.microsoft.com/User.Read"
	w.signIn(b, map[string]string{"prompt": "login", "login_hint": w.facts.AdminUPN})
	id := w.redeem(b).ID
	if _, err := jwt.Parse(id, w.keys, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(w.now)); err != nil {
		t.Errorf("the ID token of a first-party client: %v", err)
	}
}

func TestPortalsMFA(t *testing.T) {
	for name, row := range map[string]struct {
		client string
		on     bool
		ready  bool // the user has a second factor registered
		pages  string
	}{
		"the portal":                            {store.ClientPortal, true, true, "code"},
		"the blade of PIM":                      {store.ClientPIM, true, true, "code"},
		"the portal where it is not on":         {store.ClientPortal, false, true, ""},
		"another application":                   {"", true, true, ""},
		"the portal without a second factor":    {store.ClientPortal, true, false, "ConvergedProofUpRedirect"},
		"another client without the one factor": {"", true, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.tenant(func(t *store.Tenant) { t.Settings.PortalMFA = row.on })
			w.admin(func(_ *store.Tenant, u *store.User) {
				if !row.ready {
					u.TOTPSecret, u.TOTPID = "", ""
				}
			})
			b := w.browser()
			w.signIn(b, nil)
			if row.client != "" {
				w.client.ClientID, w.client.Redirect, w.client.Scope = row.client, "https://entra.microsoft.com/signin/index/", "openid profile https://graph.microsoft.com/.default"
			}
			w.open(b, nil)
			steps, err := b.SignIn(w.credentials())
			pages := strings.Join(steps, " ")
			if err != nil {
				pages = b.Page.ID()
			}
			if pages != row.pages {
				t.Errorf("asked for %q, want %q", pages, row.pages)
			}
		})
	}
}
