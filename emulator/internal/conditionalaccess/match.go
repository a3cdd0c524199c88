package conditionalaccess

import (
	"slices"
	"strings"
)

// mismatch names the first condition that keeps the policy from applying, ""
// when it applies.
func (p Policy) mismatch(in SignIn) string {
	c := p.Conditions
	checks := []struct {
		why string
		ok  bool
	}{
		{"users", !c.ForServicePrincipals && c.Users.cover(in)},
		{"application", c.Applications.cover(in)},
		{"clientApp", anyOf(c.ClientAppTypes, in.ClientAppType)},
		{"platform", c.Platforms.covers(func(id string) bool { return in.Platform != "" && strings.EqualFold(id, in.Platform) })},
		{"location", c.Locations.covers(in.at)},
		{"device", c.DeviceFilter.Matches(in.Device)},
		{"risk", risk(c.UserRiskLevels, in.UserRisk) && risk(c.SignInRiskLevels, in.SignInRisk) && risk(c.InsiderRiskLevels, in.InsiderRisk)},
		{"flow", len(c.TransferMethods) == 0 || containsFold(c.TransferMethods, in.TransferMethod)},
	}
	for _, check := range checks {
		if !check.ok {
			return check.why
		}
	}
	return ""
}

func anyOf(list []string, value string) bool {
	return len(list) == 0 || containsFold(list, "all") || containsFold(list, value)
}

func risk(levels []string, value string) bool {
	if value == "" {
		value = "none"
	}
	return len(levels) == 0 || containsFold(levels, value)
}

// covers is true for an unset condition; exclusion wins over inclusion.
func (c IncludeExclude) covers(is func(id string) bool) bool {
	matches := func(id string) bool { return strings.EqualFold(id, "all") || is(id) }
	if slices.ContainsFunc(c.Exclude, matches) {
		return false
	}
	return len(c.Include) == 0 || slices.ContainsFunc(c.Include, matches)
}

// at reports whether the sign-in came from the location; AllTrusted is every
// trusted one, and the all-zero id is "multifactor authentication trusted IPs".
func (in SignIn) at(location string) bool {
	if strings.EqualFold(location, "AllTrusted") || location == "00000000-0000-0000-0000-000000000000" {
		return in.LocationTrusted
	}
	return containsFold(in.LocationIDs, location)
}

func (u Users) cover(in SignIn) bool {
	if u.matches(in, u.ExcludeUsers, u.ExcludeGroups, u.ExcludeRoles, u.ExcludeGuests) {
		return false
	}
	return u.matches(in, u.IncludeUsers, u.IncludeGroups, u.IncludeRoles, u.IncludeGuests)
}

func (Users) matches(in SignIn, users, groups, roles []string, guests *Guests) bool {
	for _, id := range users {
		switch {
		case strings.EqualFold(id, "All"), strings.EqualFold(id, in.UserID):
			return true
		case strings.EqualFold(id, "GuestsOrExternalUsers") && in.Guest != "":
			return true
		}
	}
	return intersectsFold(groups, in.GroupIDs) || intersectsFold(roles, in.RoleIDs) || guests.matches(in)
}

func (g *Guests) matches(in SignIn) bool {
	if g == nil || in.Guest == "" || !containsFold(g.Types, in.Guest) {
		return false
	}
	return len(g.Tenants) == 0 || containsFold(g.Tenants, in.HomeTenantID)
}

// cover decides over what is asked for: a user action, a context or the app
// itself. An ordinary request for an app never meets a policy on a context.
func (a Applications) cover(in SignIn) bool {
	switch {
	case in.UserAction != "":
		return containsFold(a.UserActions, in.UserAction)
	case len(a.UserActions) > 0:
		return false
	case len(a.Contexts) > 0:
		return intersectsFold(a.Contexts, in.Contexts)
	}
	if slices.ContainsFunc(a.Exclude, in.asksFor) {
		return false
	}
	return slices.ContainsFunc(a.Include, in.asksFor)
}

// asksFor matches an application id, the keyword All or the name of a suite.
func (in SignIn) asksFor(app string) bool {
	switch {
	case strings.EqualFold(app, "All"):
		return true
	case strings.EqualFold(app, "None"):
		return false
	case strings.EqualFold(app, "Office365"):
		return intersectsFold(office365, in.ResourceIDs)
	case strings.EqualFold(app, "MicrosoftAdminPortals"):
		return containsFold(adminPortals, in.ClientAppID) || intersectsFold(adminPortals, in.ResourceIDs)
	}
	return containsFold(in.ResourceIDs, app)
}

// The applications of the two suites, as far as the tenant has them. Microsoft
// Graph belongs to neither.
var (
	office365 = []string{
		"00000002-0000-0ff1-ce00-000000000000", // Exchange Online
		"00000003-0000-0ff1-ce00-000000000000", // SharePoint Online
		"00000004-0000-0ff1-ce00-000000000000", // Skype for Business Online
		"cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", // Teams services
	}
	adminPortals = []string{
		"c44b4083-3bb0-49c1-b47d-974e53cbdf3c", // Azure portal and Entra admin center
		"00000006-0000-0ff1-ce00-000000000000", // Microsoft 365 admin center
	}
)
