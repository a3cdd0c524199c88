package graph_test

import (
	"errors"
	"strings"
)

// directoryOperations are about users, groups, their methods and the organisation.
func directoryOperations() []operation {
	return []operation{
		{"POST /users", func(c *calls) (err error) {
			c.user, err = one(c.app.users.Post(c.ctx, newUser("sdk-"+c.unique, c.tenant.Domain), nil))
			return err
		}},
		{"GET /users", func(c *calls) error { return dropped(some(c.app.users.Get(c.ctx, nil))) }},
		{"GET /users/{id}", func(c *calls) error { return dropped(one(c.app.users.ByUserId(c.user).Get(c.ctx, nil))) }},
		{"GET /me", func(c *calls) error {
			me, err := c.admin.me.Get(c.ctx, nil)
			if err == nil && !strings.EqualFold(*me.GetUserPrincipalName(), c.tenant.Admin.UPN) {
				return errors.New("somebody else: " + *me.GetUserPrincipalName())
			}
			return err
		}},
		{"POST /groups", func(c *calls) (err error) {
			c.group, err = one(c.app.groups.Post(c.ctx, newGroup("sdk-"+c.unique), nil))
			return err
		}},
		{"GET /groups", func(c *calls) error { return dropped(some(c.app.groups.Get(c.ctx, nil))) }},
		{"GET /groups/{id}", func(c *calls) error { return dropped(one(c.app.groups.ByGroupId(c.group).Get(c.ctx, nil))) }},
		{"GET /organization", func(c *calls) error { return dropped(some(c.app.organization.Get(c.ctx, nil))) }},
		{"GET /directoryRoles", func(c *calls) error { return dropped(some(c.app.directoryRoles.Get(c.ctx, nil))) }},
		{"GET /users/{id}/authentication/methods", func(c *calls) error {
			return dropped(some(c.app.users.ByUserId(c.user).Authentication().Methods().Get(c.ctx, nil)))
		}},
		{"POST /users/{id}/authentication/temporaryAccessPassMethods", func(c *calls) (err error) {
			pass, err := c.app.users.ByUserId(c.user).Authentication().TemporaryAccessPassMethods().Post(c.ctx, newPass(), nil)
			if err == nil && (pass.GetTemporaryAccessPass() == nil || *pass.GetTemporaryAccessPass() == "") {
				return errors.New("the pass itself is not in the answer")
			}
			c.pass, err = one(pass, err)
			return err
		}},
		{"GET /users/{id}/authentication/temporaryAccessPassMethods", func(c *calls) error {
			return dropped(some(c.app.users.ByUserId(c.user).Authentication().TemporaryAccessPassMethods().Get(c.ctx, nil)))
		}},
		{"DELETE /users/{id}/authentication/temporaryAccessPassMethods/{mid}", func(c *calls) error {
			return c.app.users.ByUserId(c.user).Authentication().TemporaryAccessPassMethods().ByTemporaryAccessPassAuthenticationMethodId(c.pass).Delete(c.ctx, nil)
		}},
	}
}
