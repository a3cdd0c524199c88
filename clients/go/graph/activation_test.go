package graph_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

// applicationAdministrator is the role that the sample protects.
const applicationAdministrator = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"

func newActivation(principal string, from time.Time) models.UnifiedRoleAssignmentScheduleRequestable {
	request := newAssignment(principal, from)
	request.SetAction(ptr(models.SELFACTIVATE_UNIFIEDROLESCHEDULEREQUESTACTIONS))
	request.SetRoleDefinitionId(ptr(applicationAdministrator))
	return request
}

// held is a credential that holds one token.
type held azcore.AccessToken

func (h held) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken(h), nil
}

// PIM refuses an activation by a plain token with the documented 400, whose message holds the
// claims to ask for; the token that a step-up by these claims returns activates the role.
func TestActivationNeedsTheContext(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		s, credential := standard, admin(t, tn)
		plain := newSDK(t, tn, s, credential)
		_, err := plain.roles.RoleAssignmentScheduleRequests().Post(t.Context(), newActivation(tn.Admin.ObjectID, tn.Now(t)), nil)
		message := refusedWith(t, err, http.StatusBadRequest, "RoleAssignmentRequestAcrsValidationFailed")
		claims := claimsIn(t, message)
		tn.Advance(t, 11*time.Minute)
		token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphDefault}, EnableCAE: true, Claims: claims})
		if err != nil {
			t.Fatal(err)
		}
		request, err := newSDK(t, tn, s, held(token)).roles.RoleAssignmentScheduleRequests().Post(t.Context(), newActivation(tn.Admin.ObjectID, tn.Now(t)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := *request.GetStatus(); got != "Provisioned" {
			t.Errorf("status %s", got)
		}
	})
}

// claimsIn takes the claims out of the message, as public clients do.
func claimsIn(t *testing.T, message string) string {
	t.Helper()
	_, encoded, ok := strings.Cut(message, "&claims=")
	if !ok {
		t.Fatalf("the message holds no claims: %s", message)
	}
	claims, err := url.QueryUnescape(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return claims
}
