package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

// eachStack runs a test twice with each HTTP client.
func eachStack(t *testing.T, test func(t *testing.T, tn *tenant.Tenant, s stack)) {
	t.Helper()
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		for _, s := range stacks {
			t.Run(s.name, func(t *testing.T) { test(t, tn, s) })
		}
	})
}

// The SDK's iterator follows @odata.nextLink from page to page, within the host that it was
// told, and sees every user once.
func TestPageIterator(t *testing.T) {
	eachStack(t, func(t *testing.T, tn *tenant.Tenant, s stack) {
		c := newSDK(t, tn, s, application(t, tn))
		for i := range 5 {
			if _, err := c.users.Post(t.Context(), newUser(fmt.Sprintf("page-%s-%d", s.name, i), tn.Domain), nil); err != nil {
				t.Fatal(err)
			}
		}
		query := &users.UsersRequestBuilderGetQueryParameters{Top: ptr(int32(2)), Select: []string{"id", "userPrincipalName"}, Filter: ptr("startswith(displayName,'page-" + s.name + "')")}
		first, err := c.users.Get(t.Context(), &users.UsersRequestBuilderGetRequestConfiguration{QueryParameters: query})
		if err != nil {
			t.Fatal(err)
		}
		pages, err := core.NewPageIterator[models.Userable](first, c.adapter, models.CreateUserCollectionResponseFromDiscriminatorValue)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		err = pages.Iterate(t.Context(), func(u models.Userable) bool {
			name, _, _ := strings.Cut(*u.GetUserPrincipalName(), "@")
			names = append(names, name)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		var want []string
		for i := range 5 {
			want = append(want, fmt.Sprintf("page-%s-%d", s.name, i))
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("users (-want +got):\n%s", diff)
		}
	})
}

// refusedWith takes an error for the one that the SDK makes of Graph's envelope.
func refusedWith(t *testing.T, err error, status int, code string) string {
	t.Helper()
	var refused *odataerrors.ODataError
	if !errors.As(err, &refused) || refused.GetErrorEscaped() == nil {
		t.Fatalf("answered %v, want Graph's error envelope", err)
	}
	if refused.GetStatusCode() != status || *refused.GetErrorEscaped().GetCode() != code {
		t.Errorf("answered %d %s, want %d %s", refused.GetStatusCode(), *refused.GetErrorEscaped().GetCode(), status, code)
	}
	if inner := refused.GetErrorEscaped().GetInnerError(); inner == nil || inner.GetRequestId() == nil || *inner.GetRequestId() == "" {
		t.Error("the error names no request")
	}
	return *refused.GetErrorEscaped().GetMessage()
}

func TestErrorsAreTheSDKsOwn(t *testing.T) {
	eachStack(t, func(t *testing.T, tn *tenant.Tenant, s stack) {
		app, person := newSDK(t, tn, s, application(t, tn)), newSDK(t, tn, s, admin(t, tn))
		const nobody = "11111111-2222-3333-4444-555555555555"
		_, err := app.users.ByUserId(nobody).Get(t.Context(), nil)
		refusedWith(t, err, http.StatusNotFound, "Request_ResourceNotFound")
		_, err = app.me.Get(t.Context(), nil)
		refusedWith(t, err, http.StatusBadRequest, "BadRequest")
		_, err = person.users.Post(t.Context(), newUser("not-allowed", tn.Domain), nil)
		refusedWith(t, err, http.StatusForbidden, "Authorization_RequestDenied")
		broken := models.NewUser()
		broken.SetAdditionalData(map[string]any{"favouriteColour": "blue"})
		_, err = app.users.ByUserId(tn.Admin.ObjectID).Patch(t.Context(), broken, nil)
		if message := refusedWith(t, err, http.StatusBadRequest, "BadRequest"); !strings.Contains(message, "favouriteColour") {
			t.Errorf("the message does not name the property: %s", message)
		}
	})
}

// counting counts the tokens that the SDK asks for, and with which claims.
type counting struct {
	azcore.TokenCredential
	claims []string
}

func (c *counting) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.claims = append(c.claims, options.Claims)
	return c.TokenCredential.GetToken(ctx, options)
}

// Continuous access evaluation: once a policy changed, the token that the SDK holds is refused
// with a claims challenge; the SDK reads it, gets another token with those claims, nobody is
// asked, and the call succeeds.
func TestAClaimsChallengeOfGraphIsAnswered(t *testing.T) {
	eachStack(t, func(t *testing.T, tn *tenant.Tenant, s stack) {
		tn.Settings(t, `{"cae":true}`)
		credential := &counting{TokenCredential: admin(t, tn)}
		person := newSDK(t, tn, s, credential)
		if _, err := person.me.Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		tn.Advance(t, time.Minute)
		if _, err := newSDK(t, tn, s, application(t, tn)).identity.ConditionalAccess().Policies().Post(t.Context(), newPolicy(), nil); err != nil {
			t.Fatal(err)
		}
		before := len(credential.claims)
		if _, err := person.me.Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		asked := credential.claims[before:]
		if len(asked) != 2 || asked[0] != "" || !strings.Contains(asked[1], `"nbf"`) {
			t.Errorf("tokens were asked for with the claims %q", asked)
		}
	})
}

// A throttled write is repeated with the body that it had. The default client is left out: its
// middleware has a random order, and where the compression comes before the retry it sends plain
// text marked as gzip, to the real service too.
func TestAThrottledWriteIsRepeated(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		c := newSDK(t, tn, explicit, application(t, tn))
		tn.Fault(t, `{"kind":"status","status":429,"retry_after":0,"times":2,"method":"POST","path":"/v1.0/users"}`)
		made, err := c.users.Post(t.Context(), newUser("patient", tn.Domain), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := *made.GetDisplayName(); got != "patient" {
			t.Errorf("display name %q", got)
		}
	})
}

// A throttled call is repeated by the SDK's own middleware, after as long as it was told.
func TestAThrottledReadIsRepeated(t *testing.T) {
	eachStack(t, func(t *testing.T, tn *tenant.Tenant, s stack) {
		c := newSDK(t, tn, s, application(t, tn))
		if _, err := c.users.Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		tn.Fault(t, `{"kind":"status","status":429,"retry_after":0,"times":2,"path":"/v1.0/organization"}`)
		if _, err := some(c.organization.Get(t.Context(), nil)); err != nil {
			t.Error(err)
		}
		var statuses []int
		for _, r := range tn.Requests(t) {
			if strings.HasSuffix(r.URL, "/v1.0/organization") {
				statuses = append(statuses, r.Status)
			}
		}
		if want := []int{429, 429, 200}; !slices.Equal(statuses[max(0, len(statuses)-3):], want) {
			t.Errorf("answers %v, want %v at the end", statuses, want)
		}
	})
}
