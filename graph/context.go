package graph

import (
	"context"
	"regexp"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// Context is an authentication context.
type Context struct {
	ID          string `json:"id"` // c1 … c99
	Name        string `json:"displayName"`
	Description string `json:"description"`
	Published   bool   `json:"isAvailable"`
}

var contextID = regexp.MustCompile(`^c[1-9][0-9]?$`)

// ValidContextID reports whether id is c1 … c99. Sources disagree about the upper end: Microsoft's
// current page says 99, an older one 25.
func ValidContextID(id string) bool { return contextID.MatchString(id) }

// Contexts returns all authentication contexts of the tenant.
func (c *Client) Contexts(ctx context.Context) ([]Context, error) {
	info, err := c.identity.ConditionalAccess().AuthenticationContextClassReferences().ToGetRequestInformation(ctx, nil)
	return list[Context](ctx, c.v1, "list authentication contexts", info, err)
}

// Context returns one authentication context. IsNotFound tells that there is none.
func (c *Client) Context(ctx context.Context, id string) (Context, error) {
	info, err := c.identity.ConditionalAccess().AuthenticationContextClassReferences().
		ByAuthenticationContextClassReferenceId(id).ToGetRequestInformation(ctx, nil)
	return one[Context](ctx, c.v1, "get authentication context", info, err)
}

// SetContext makes or changes an authentication context: a PATCH creates what is not there
// (documented; there is no POST in v1.0).
func (c *Client) SetContext(ctx context.Context, to Context) error {
	body := models.NewAuthenticationContextClassReference()
	body.SetId(&to.ID)
	body.SetDisplayName(&to.Name)
	body.SetDescription(&to.Description)
	body.SetIsAvailable(&to.Published)
	info, err := c.identity.ConditionalAccess().AuthenticationContextClassReferences().
		ByAuthenticationContextClassReferenceId(to.ID).ToPatchRequestInformation(ctx, body, nil)
	_, err = send(ctx, c.v1, "set authentication context", info, err)
	return err
}

// DeleteContext deletes an authentication context. Graph answers 403 while it is published and
// 400 while a policy uses it (documented).
func (c *Client) DeleteContext(ctx context.Context, id string) error {
	info, err := c.identity.ConditionalAccess().AuthenticationContextClassReferences().
		ByAuthenticationContextClassReferenceId(id).ToDeleteRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "delete authentication context", info, err)
	return err
}
