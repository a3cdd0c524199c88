package graphapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// grant says who may call an operation: one of the delegated permissions (with an active
// directory role, where the service wants one), or one of the application permissions.
// Permissions are documented; they are those of the least-privilege table with the higher
// ones that the same table accepts. A ReadWrite permission includes its Read.
type grant struct {
	delegated   []string
	application []string
	// beside are wanted beside one of the others: one of each list (documented for Conditional
	// Access, and for assignments of app roles).
	beside [][]string
	// own are delegated permissions that suffice for what is the caller's own ({user} is the
	// caller); where there are any, no role is wanted for it either.
	own []string
	// roles is nil where any signed-in user will do; else one of these directory roles
	// has to be active. Global Administrator always suffices.
	roles []string
	// me needs somebody who is signed in, and says so to an application before it looks at
	// permissions.
	me bool
	// denied says which service answers when a permission is missing.
	denied deniedAs
}

type deniedAs int

const (
	deniedByDirectory deniedAs = iota // Authorization_RequestDenied
	deniedByPolicy                    // AccessDenied
	deniedByPIM                       // PermissionScopeNotGranted (observed)
)

func (g grant) check(t *store.Tenant, token Token, vars map[string]string) error {
	granted, wanted := token.Scopes, g.delegated
	if token.UserID == "" {
		granted, wanted = token.Roles, g.application
	}
	if g.me && token.UserID == "" {
		return badRequest("/me request is only valid with delegated authentication flow.") // observed
	}
	if len(wanted) == 0 {
		return g.deny("(this kind of permission is not supported)")
	}
	self := token.UserID != "" && len(g.own) > 0 && isSelf(t, token, vars)
	if !holds(granted, wanted) && !(self && holds(granted, g.own)) {
		return g.deny(wanted[0])
	}
	for _, also := range g.beside {
		if !holds(granted, also) {
			return g.deny(also[0])
		}
	}
	if token.UserID == "" || g.roles == nil || self {
		return nil
	}
	active := t.RolesOf(token.UserID, t.Now())
	if slices.Contains(active, store.RoleGlobalAdministrator) || slices.ContainsFunc(g.roles, func(r string) bool { return slices.Contains(active, r) }) {
		return nil
	}
	return g.deny(wanted[0])
}

func isSelf(t *store.Tenant, token Token, vars map[string]string) bool {
	u, ok := findUser(t, vars["user"])
	return ok && u.ID == token.UserID
}

func (g grant) deny(wanted string) *apiError {
	switch g.denied {
	case deniedByPolicy:
		return &apiError{
			status: http.StatusForbidden, code: "AccessDenied",
			message: "You cannot perform the requested operation, required scopes are missing in the token.",
		}
	case deniedByPIM:
		return &apiError{
			status: http.StatusForbidden, code: "PermissionScopeNotGranted",
			message: "Authorization failed due to missing permission scope " + wanted + ".",
		}
	}
	return &apiError{status: http.StatusForbidden, code: "Authorization_RequestDenied", message: "Insufficient privileges to complete the operation."}
}

// holds reports whether one of the wanted permissions was granted.
func holds(granted, wanted []string) bool {
	return slices.ContainsFunc(granted, func(have string) bool {
		return slices.ContainsFunc(wanted, func(want string) bool { return covers(have, want) })
	})
}

// covers reports whether a permission includes another: the same, or the ReadWrite of a
// Read.
func covers(have, want string) bool {
	return strings.EqualFold(have, want) || strings.EqualFold(have, strings.Replace(want, ".Read.", ".ReadWrite.", 1))
}
