package msal_test

import (
	"slices"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/clients/go/person"
	"github.com/reprompt/reprompt/clients/go/tenant"
	"github.com/reprompt/reprompt/clients/go/token"
)

// scopes name one permission of Microsoft Graph; the tenant grants what was consented to.
var scopes = []string{"https://graph.microsoft.com/RoleAssignmentSchedule.ReadWrite.Directory"}

func newPublic(t *testing.T, tn *tenant.Tenant, more ...public.Option) public.Client {
	t.Helper()
	options := append([]public.Option{public.WithAuthority(tn.Authority)}, more...)
	if tn.Run == tenant.Authority {
		options = append(options, public.WithInstanceDiscovery(false))
	}
	client, err := public.New(tn.Harness.ClientID, options...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// MSAL opens the address that it made in a real browser, listens on loopback for the code, and
// redeems it with the verifier that only it knows.
func TestInteractiveSignInInABrowser(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		browser := person.NewBrowser(t, tn)
		client := newPublic(t, tn)
		var asked []string
		open := func(address string) (err error) {
			asked, err = browser.SignIn(address)
			return err
		}
		result, err := client.AcquireTokenInteractive(t.Context(), scopes, public.WithOpenURL(open))
		if err != nil {
			t.Fatalf("asked for %v: %v", asked, err)
		}
		if diff := cmp.Diff([]string{person.Username, person.Password, person.Stay}, asked); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
		if len(token.Read(t, result.AccessToken).Contexts) > 0 {
			t.Error("a plain token has a context")
		}
		if got := result.Account.PreferredUsername; got != tn.Admin.UPN {
			t.Errorf("account %q, want %q", got, tn.Admin.UPN)
		}
		if want := tn.Admin.ObjectID + "." + tn.ID; result.Account.HomeAccountID != want {
			t.Errorf("home account %q, want %q", result.Account.HomeAccountID, want)
		}
		if !slices.Contains(result.GrantedScopes, "RoleAssignmentSchedule.ReadWrite.Directory") && !slices.Contains(result.GrantedScopes, scopes[0]) {
			t.Errorf("granted %v", result.GrantedScopes)
		}
		if left := time.Until(result.ExpiresOn); left < 55*time.Minute {
			t.Errorf("the token lasts %s", left)
		}
	})
}

// The same browser steps up: MSAL passes the claims on, the page asks for both factors although
// the session lives, and the token has the context.
func TestInteractiveStepUpInABrowser(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		browser := person.NewBrowser(t, tn)
		client := newPublic(t, tn, public.WithClientCapabilities([]string{"cp1"}))
		var asked []string
		open := public.WithOpenURL(func(address string) (err error) {
			asked, err = browser.SignIn(address)
			return err
		})
		if _, err := client.AcquireTokenInteractive(t.Context(), scopes, open); err != nil {
			t.Fatalf("asked for %v: %v", asked, err)
		}
		tn.Advance(t, 11*time.Minute)
		result, err := client.AcquireTokenInteractive(t.Context(), scopes, open, public.WithClaims(stepUp))
		if err != nil {
			t.Fatalf("asked for %v: %v", asked, err)
		}
		// MSAL asks for the picker by itself (prompt=select_account).
		if diff := cmp.Diff([]string{person.Account, person.Password, person.Code}, asked); diff != "" {
			t.Errorf("the step-up asked for (-want +got):\n%s", diff)
		}
		if c := token.Read(t, result.AccessToken); !slices.Contains(c.Contexts, "c1") || !c.CP1() {
			t.Errorf("claims %+v", c)
		}
	})
}
