package graph

import (
	"context"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"

	"github.com/reprompt/reprompt/secret"
)

const accessPasses = "/users/{user}/authentication/temporaryAccessPassMethods"

// AccessPass is a Temporary Access Pass. Its text is shown when it is made and never again.
type AccessPass struct {
	ID   string
	Text secret.Text
}

// CreateAccessPass gives an account a Temporary Access Pass that may be used more than once. It
// replaces one that is there (documented). lasting is ten minutes to thirty days, in whole minutes.
func (c *Client) CreateAccessPass(ctx context.Context, userID string, lasting time.Duration) (AccessPass, error) {
	info, err := withBody(request(abs.POST, c.v1, accessPasses, map[string]string{"user": userID}),
		map[string]any{"lifetimeInMinutes": int(lasting / time.Minute), "isUsableOnce": false})
	got, err := one[struct {
		ID   string `json:"id"`
		Pass string `json:"temporaryAccessPass"`
	}](ctx, c.v1, "create temporary access pass", info, err)
	return AccessPass{ID: got.ID, Text: secret.New(got.Pass)}, err
}

// AccessPasses returns the ids of an account's Temporary Access Passes: one or none. IsNotFound tells
// that there is no such account.
func (c *Client) AccessPasses(ctx context.Context, userID string) (ids []string, err error) {
	all, err := list[struct {
		ID string `json:"id"`
	}](ctx, c.v1, "list temporary access passes", request(abs.GET, c.v1, accessPasses, map[string]string{"user": userID}), nil)
	for _, pass := range all {
		ids = append(ids, pass.ID)
	}
	return ids, err
}

// DeleteAccessPass takes a Temporary Access Pass from an account. IsNotFound tells that there was none.
func (c *Client) DeleteAccessPass(ctx context.Context, userID, id string) error {
	return c.drop(ctx, "delete temporary access pass", accessPasses+"/{pass}", map[string]string{"user": userID, "pass": id})
}
