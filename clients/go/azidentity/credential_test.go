package azidentity_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/clients/go/credential"
	"github.com/reprompt/reprompt/clients/go/person"
	"github.com/reprompt/reprompt/clients/go/tenant"
	"github.com/reprompt/reprompt/clients/go/token"
)

const graphDefault = "https://graph.microsoft.com/.default"

// stepUp is what a client passes on from a claims challenge that names a context.
const stepUp = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`

func get(t *testing.T, made azcore.TokenCredential, options policy.TokenRequestOptions) token.Claims {
	t.Helper()
	if len(options.Scopes) == 0 {
		options.Scopes = []string{graphDefault}
	}
	got, err := made.GetToken(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(got.ExpiresOn); left < 55*time.Minute {
		t.Errorf("the token lasts %s", left)
	}
	return token.Read(t, got.Token)
}

func TestClientSecretCredential(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		c := get(t, credential.Secret(t, tn, tn.Fixtures.Secret), policy.TokenRequestOptions{})
		if c.TenantID != tn.ID || c.AppID != tn.Fixtures.ClientID || !slices.Contains(c.Roles, "User.ReadWrite.All") || c.ClientACR != "1" || c.CP1() {
			t.Errorf("claims %+v", c)
		}
	})
}

// The tenant's refusal reaches the caller as the SDK's own error, whole.
func TestAWrongSecretIsAnAuthenticationFailure(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		_, err := credential.Secret(t, tn, "not the secret").GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphDefault}})
		var failed *azidentity.AuthenticationFailedError
		if !errors.As(err, &failed) || failed.RawResponse == nil || failed.RawResponse.StatusCode != 401 || !strings.Contains(err.Error(), "AADSTS7000215") {
			t.Errorf("answered %v", err)
		}
	})
}

func TestClientCertificateCredential(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		for name, chain := range map[string]bool{"thumbprint alone": false, "SendCertificateChain": true} {
			t.Run(name, func(t *testing.T) {
				c := get(t, credential.Certificate(t, tn, chain), policy.TokenRequestOptions{})
				if c.TenantID != tn.ID || c.ClientACR != "2" || c.CP1() {
					t.Errorf("claims %+v", c)
				}
			})
		}
	})
}

// EnableCAE makes the SDK say that it answers claims challenges, and the tenant repeats it in
// the token. Claims on top are passed on; an application cannot step up, and the token has no
// context.
func TestEnableCAEAndClaims(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		for name, made := range map[string]azcore.TokenCredential{
			"secret": credential.Secret(t, tn, tn.Fixtures.Secret), "certificate": credential.Certificate(t, tn, false),
			"certificate with its chain": credential.Certificate(t, tn, true),
		} {
			t.Run(name, func(t *testing.T) {
				for _, claims := range []string{"", `{"access_token":{"nbf":{"essential":true,"value":"1"}}}`} {
					if c := get(t, made, policy.TokenRequestOptions{EnableCAE: true, Claims: claims}); !c.CP1() || len(c.Contexts) > 0 {
						t.Errorf("claims %q: xms_cc %v, acrs %v", claims, c.Capabilities, c.Contexts)
					}
				}
			})
		}
	})
}

func TestDeviceCodeCredential(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		var asked []string
		made := credential.DeviceCode(t, tn, &asked)
		c := get(t, made, policy.TokenRequestOptions{EnableCAE: true})
		if diff := cmp.Diff([]string{person.Device, person.Username, person.Password, person.Continue}, asked); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
		if c.ObjectID != tn.Admin.ObjectID || !c.CP1() || len(c.Contexts) > 0 || !strings.Contains(c.Scopes, "RoleAssignmentSchedule.ReadWrite.Directory") {
			t.Errorf("claims %+v", c)
		}
		asked = nil
		again := get(t, made, policy.TokenRequestOptions{EnableCAE: true})
		if len(asked) > 0 || again.ObjectID != c.ObjectID {
			t.Errorf("the cached token was not used: asked for %v", asked)
		}
	})
}

// A step-up by claims: the SDK's refresh token cannot give it, so that it shows a new code, and
// the person is asked for both factors again.
func TestDeviceCodeCredentialStepsUp(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		var asked []string
		made := credential.DeviceCode(t, tn, &asked)
		get(t, made, policy.TokenRequestOptions{EnableCAE: true})
		tn.Advance(t, 11*time.Minute)
		c := get(t, made, policy.TokenRequestOptions{EnableCAE: true, Claims: stepUp})
		if !slices.Contains(c.Contexts, "c1") {
			t.Errorf("contexts %v after being asked for %v", c.Contexts, asked)
		}
		if !slices.Contains(asked, person.Password) || !slices.Contains(asked, person.Code) {
			t.Errorf("the step-up asked for %v", asked)
		}
	})
}
