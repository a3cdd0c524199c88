package graphapi

import (
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// checkReferences refuses a policy that names what is not in the tenant. Texts of the
// answers are inferred.
func (c *call) checkReferences(in *document.Object) error {
	conditions := in.Object("conditions")
	users := conditions.Object("users")
	checks := []struct {
		kind   string
		ids    []string
		exists func(string) bool
	}{
		{"user", included(users, "includeUsers", "excludeUsers"), c.isUserOrKeyword},
		{"group", included(users, "includeGroups", "excludeGroups"), func(id string) bool { _, ok := c.t.Groups.Get(id); return ok }},
		{"role", included(users, "includeRoles", "excludeRoles"), c.isBuiltInRole},
		{"authentication context", conditions.Object("applications").Strings("includeAuthenticationContextClassReferences"), func(id string) bool { _, ok := c.t.Contexts.Get(id); return ok }},
		{"named location", included(conditions.Object("locations"), "includeLocations", "excludeLocations"), c.isLocationOrKeyword},
	}
	for _, check := range checks {
		for _, id := range check.ids {
			if !check.exists(id) {
				return badRequest("The policy refers to the %s '%s', which does not exist.", check.kind, id)
			}
		}
	}
	return nil
}

func included(o *document.Object, include, exclude string) []string {
	return append(o.Strings(include), o.Strings(exclude)...)
}

func (c *call) isUserOrKeyword(id string) bool {
	for _, keyword := range []string{"All", "None", "GuestsOrExternalUsers"} {
		if strings.EqualFold(id, keyword) {
			return true
		}
	}
	_, ok := c.t.Users.Get(id)
	return ok
}

// isBuiltInRole: a policy cannot target custom roles (documented).
func (c *call) isBuiltInRole(id string) bool {
	r, ok := c.t.RoleDefs.Get(id)
	return ok && r.BuiltIn
}

func (c *call) isLocationOrKeyword(id string) bool {
	if strings.EqualFold(id, "All") || strings.EqualFold(id, "AllTrusted") || id == "00000000-0000-0000-0000-000000000000" {
		return true
	}
	_, ok := c.t.NamedLocations.Get(id)
	return ok
}
