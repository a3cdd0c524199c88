package msal_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/clients/go/person"
	"github.com/reprompt/reprompt/clients/go/tenant"
	"github.com/reprompt/reprompt/clients/go/token"
)

// stepUp is what a client passes on from a claims challenge that names a context.
const stepUp = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`

// pkce is a verifier with its challenge, as RFC 7636 has it in its appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// signIn gets a code by MSAL's own authorize address, which the walker opens, and redeems it.
func signIn(t *testing.T, client public.Client, tn *tenant.Tenant, w *person.Walker, asked ...string) (public.AuthResult, []string) {
	t.Helper()
	const redirect = "http://localhost:51873"
	address, err := client.AuthCodeURL(t.Context(), tn.Harness.ClientID, redirect, scopes)
	if err != nil {
		t.Fatal(err)
	}
	address = withChallenge(t, address)
	options := []public.AcquireByAuthCodeOption{public.WithChallenge(verifier)}
	if len(asked) > 0 {
		address = withClaims(t, client, tn, redirect, asked[0])
		options = append(options, public.WithClaims(asked[0]))
	}
	landed, prompts := w.SignIn(address)
	code := landed.Query().Get("code")
	if code == "" || !strings.HasPrefix(landed.String(), redirect) {
		t.Fatalf("sent to %s", landed)
	}
	result, err := client.AcquireTokenByAuthCode(t.Context(), code, redirect, scopes, options...)
	if err != nil {
		t.Fatal(err)
	}
	return result, prompts
}

// withClaims is MSAL's address for a step-up.
func withClaims(t *testing.T, client public.Client, tn *tenant.Tenant, redirect, asked string) string {
	t.Helper()
	address, err := client.AuthCodeURL(t.Context(), tn.Harness.ClientID, redirect, scopes, public.WithClaims(asked))
	if err != nil {
		t.Fatal(err)
	}
	return withChallenge(t, address)
}

// withChallenge adds PKCE, which MSAL leaves to the caller where the caller opens the address.
func withChallenge(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("code_challenge", challenge)
	query.Set("code_challenge_method", "S256")
	u.RawQuery = query.Encode()
	return u.String()
}

// A step-up by claims asks again once the windows in which a sign-in counts as new are over,
// and only the token that it returns holds the context. The client's capability is in both.
func TestStepUpByClaims(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		client := newPublic(t, tn, public.WithClientCapabilities([]string{"cp1"}))
		w := person.NewWalker(t, tn)
		plain, asked := signIn(t, client, tn, w)
		if diff := cmp.Diff([]string{person.Username, person.Password, person.Stay}, asked); diff != "" {
			t.Errorf("first sign-in asked for (-want +got):\n%s", diff)
		}
		tn.Advance(t, 11*time.Minute)
		stepped, asked := signIn(t, client, tn, w, stepUp)
		if diff := cmp.Diff([]string{person.Password, person.Code}, asked); diff != "" {
			t.Errorf("the step-up asked for (-want +got):\n%s", diff)
		}
		first, second := token.Read(t, plain.AccessToken), token.Read(t, stepped.AccessToken)
		if len(first.Contexts) > 0 || !slices.Contains(second.Contexts, "c1") {
			t.Errorf("contexts %v before and %v after the step-up", first.Contexts, second.Contexts)
		}
		if !first.CP1() || !second.CP1() {
			t.Errorf("xms_cc %v before and %v after the step-up", first.Capabilities, second.Capabilities)
		}
		if home := tn.Admin.ObjectID + "." + tn.ID; plain.Account.HomeAccountID != home || stepped.Account.HomeAccountID != home {
			t.Errorf("accounts %q and %q, want %q", plain.Account.HomeAccountID, stepped.Account.HomeAccountID, home)
		}
	})
}

func TestAClientWithoutTheCapabilityHasNone(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		result, _ := signIn(t, newPublic(t, tn), tn, person.NewWalker(t, tn))
		if c := token.Read(t, result.AccessToken); len(c.Capabilities) > 0 {
			t.Errorf("xms_cc %v", c.Capabilities)
		}
	})
}

// MSAL redeems its refresh token when a claims challenge makes its cached token useless.
func TestSilentRenewal(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		client := newPublic(t, tn, public.WithClientCapabilities([]string{"cp1"}))
		first, _ := signIn(t, client, tn, person.NewWalker(t, tn))
		cached, err := client.AcquireTokenSilent(t.Context(), scopes, public.WithSilentAccount(first.Account))
		if err != nil || cached.AccessToken != first.AccessToken {
			t.Fatalf("the cache does not hold the token: %v", err)
		}
		renewed, err := client.AcquireTokenSilent(t.Context(), scopes, public.WithSilentAccount(first.Account),
			public.WithClaims(`{"access_token":{"nbf":{"essential":true,"value":"1"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if renewed.AccessToken == first.AccessToken {
			t.Error("the same token again")
		}
	})
}

// A refresh cannot give what only a person can: MSAL's error says that someone has to sign in.
func TestASilentStepUpIsRefused(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		client := newPublic(t, tn, public.WithClientCapabilities([]string{"cp1"}))
		first, _ := signIn(t, client, tn, person.NewWalker(t, tn))
		tn.Advance(t, 11*time.Minute)
		_, err := client.AcquireTokenSilent(t.Context(), scopes, public.WithSilentAccount(first.Account), public.WithClaims(stepUp))
		if err == nil {
			t.Fatal("a step-up without anybody")
		}
		if !strings.Contains(err.Error(), "interaction_required") || !strings.Contains(err.Error(), "AADSTS50076") {
			t.Errorf("refused with %v", err)
		}
	})
}

// The tenant really checks the verifier: another one is refused, and MSAL says so.
func TestAnotherVerifierIsRefused(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		client := newPublic(t, tn)
		const redirect = "http://localhost:51873"
		address, err := client.AuthCodeURL(t.Context(), tn.Harness.ClientID, redirect, scopes)
		if err != nil {
			t.Fatal(err)
		}
		landed, _ := person.NewWalker(t, tn).SignIn(withChallenge(t, address))
		_, err = client.AcquireTokenByAuthCode(t.Context(), landed.Query().Get("code"), redirect, scopes, public.WithChallenge(strings.Repeat("x", 43)))
		if err == nil || !strings.Contains(err.Error(), "AADSTS501481") {
			t.Errorf("redeemed with another verifier: %v", err)
		}
	})
}

func TestDeviceCode(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		client := newPublic(t, tn)
		device, err := client.AcquireTokenByDeviceCode(t.Context(), scopes)
		if err != nil {
			t.Fatal(err)
		}
		shown := device.Result
		if !strings.Contains(shown.Message, shown.UserCode) || !strings.Contains(shown.Message, shown.VerificationURL) {
			t.Errorf("message %q", shown.Message)
		}
		asked := person.NewWalker(t, tn).EnterDeviceCode(shown.VerificationURL, shown.UserCode)
		if diff := cmp.Diff([]string{person.Device, person.Username, person.Password, person.Continue}, asked); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
		result, err := device.AuthenticationResult(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c := token.Read(t, result.AccessToken); c.ObjectID != tn.Admin.ObjectID || result.Account.PreferredUsername != tn.Admin.UPN {
			t.Errorf("token of %s, account %s", c.ObjectID, result.Account.PreferredUsername)
		}
	})
}
