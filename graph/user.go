package graph

import (
	"context"

	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/reprompt/reprompt/secret"
)

// NewUser is a member account to be made. All fields but Enabled are required.
type NewUser struct {
	Name     string // display name
	UPN      string // in a verified domain of the tenant
	Nickname string // mailNickname
	Password secret.Text
	Enabled  bool // whether it may sign in; one that may not has to change its password first
}

// CreateUser makes an account.
func (c *Client) CreateUser(ctx context.Context, u NewUser) (User, error) {
	password := models.NewPasswordProfile()
	password.SetPassword(pointer(u.Password.Reveal()))
	password.SetForceChangePasswordNextSignIn(pointer(!u.Enabled))
	body := models.NewUser()
	body.SetDisplayName(&u.Name)
	body.SetUserPrincipalName(&u.UPN)
	body.SetMailNickname(&u.Nickname)
	body.SetAccountEnabled(&u.Enabled)
	body.SetPasswordProfile(password)
	info, err := c.users.ToPostRequestInformation(ctx, body, nil)
	return one[User](ctx, c.v1, "create user", info, err)
}

// DeleteUser moves an account to the tenant's deleted items, where it stays for 30 days
// (documented). IsNotFound tells that there was none.
func (c *Client) DeleteUser(ctx context.Context, id string) error {
	info, err := c.users.ByUserId(id).ToDeleteRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "delete user", info, err)
	return err
}
