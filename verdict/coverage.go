package verdict

import (
	"fmt"
	"slices"
	"strings"
)

// States and values of Conditional Access as Graph writes them. Documented.
const (
	stateEnabled    = "enabled"
	stateReportOnly = "enabledForReportingButNotEnforced"
	everyTime       = "everyTime"
	secondaryOnly   = "secondaryAuthentication"
	grantBlock      = "block"
)

// subject is whom a policy may cover.
type subject struct {
	id     string
	groups []string // nested too: documented, a policy on a group applies to nested members
	roles  []string // template ids of roles active at that moment
}

func (c Configuration) admin(id string) subject {
	return subject{id: id, groups: c.AdminGroups, roles: c.AdminRoles}
}

func (p Principal) subject() subject { return subject{id: p.ID, groups: p.Groups, roles: p.Roles} }

// excludes reports whether the policy excludes the subject, and by which path. An exclusion
// beats every inclusion. Documented.
func (p Policy) excludes(s subject) (string, bool) {
	asIs := func(id string) string { return id }
	return p.excludesBy(s, asIs, asIs)
}

// excludesBy is excludes with groups and roles called by what these return.
func (p Policy) excludesBy(s subject, callGroup, callRole func(id string) string) (string, bool) {
	if slices.Contains(p.ExcludeUsers, s.id) {
		return "directly, as a user", true
	}
	if group, ok := common(p.ExcludeGroups, s.groups); ok {
		return "by membership in the group " + callGroup(group), true
	}
	if role, ok := common(p.ExcludeRoles, s.roles); ok {
		return "by the active role " + callRole(role), true
	}
	return "", false
}

// includes reports whether the policy includes the subject.
func (p Policy) includes(s subject) bool {
	if slices.Contains(p.IncludeUsers, "All") || slices.Contains(p.IncludeUsers, s.id) {
		return true
	}
	if _, ok := common(p.IncludeGroups, s.groups); ok {
		return true
	}
	_, ok := common(p.IncludeRoles, s.roles)
	return ok
}

func (p Policy) covers(s subject) bool {
	_, out := p.excludes(s)
	return !out && p.includes(s)
}

func common(a, b []string) (string, bool) {
	for _, one := range a {
		if slices.ContainsFunc(b, func(other string) bool { return strings.EqualFold(one, other) }) {
			return one, true
		}
	}
	return "", false
}

func (p Policy) blocks() bool { return slices.Contains(p.Grants, grantBlock) }

// deviceGrants are the grant controls that only a device known to the tenant satisfies. Documented.
var deviceGrants = []string{"compliantDevice", "domainJoinedDevice"}

// demandsDevice reports whether grant controls cannot be satisfied without such a device: with the
// operator OR only where they leave no other choice.
func demandsDevice(grants []string, operator, strength string) bool {
	device := func(grant string) bool { return slices.Contains(deviceGrants, grant) }
	other := strength != "" || slices.ContainsFunc(grants, func(g string) bool { return !device(g) })
	return slices.ContainsFunc(grants, device) && (operator != "OR" || !other)
}

// asksEveryTime reports whether the policy makes its subjects authenticate again at once.
// Under RequireAny asking for the second factor alone is enough.
func (p Policy) asksEveryTime(require Require) bool {
	f := p.Frequency
	if f == nil || !f.Enabled || f.Interval != everyTime {
		return false
	}
	return f.AuthenticationType != secondaryOnly || require == RequireAny
}

// right reports whether the policy does what the control is for, for those whom it covers.
func (p Policy) right(require Require) bool {
	return p.State == stateEnabled && !p.blocks() && p.asksEveryTime(require)
}

// targeting are the policies that name the context, whatever their state.
func (c Configuration) targeting(context string) []Policy {
	var policies []Policy
	for _, p := range c.Policies {
		if slices.Contains(p.Contexts, context) {
			policies = append(policies, p)
		}
	}
	return policies
}

// conditions are what a sign-in must meet, besides being of a covered user, for the policy to
// apply: each in a phrase that names the condition and its values.
func (p Policy) conditions() []string {
	var conditions []string
	add := func(narrows bool, format string, args ...any) {
		if narrows {
			conditions = append(conditions, fmt.Sprintf(format, args...))
		}
	}
	add(!allOf(p.IncludePlatforms), "only on the platforms %s", list(p.IncludePlatforms))
	add(len(p.ExcludePlatforms) > 0, "not on the platforms %s", list(p.ExcludePlatforms))
	add(!allOf(p.IncludeLocations), "only from the locations %s", list(p.IncludeLocations))
	add(len(p.ExcludeLocations) > 0, "not from the locations %s", list(p.ExcludeLocations))
	add(!p.everyModernClient(), "only from the client apps %s", list(p.ClientAppTypes))
	add(p.DeviceFilter != "", "only on devices that the filter lets through: %s", p.DeviceFilter)
	add(len(p.UserRisk) > 0, "only at the user risk %s", list(p.UserRisk))
	add(len(p.SignInRisk) > 0, "only at the sign-in risk %s", list(p.SignInRisk))
	return conditions
}

// everyModernClient reports whether the policy covers browsers and modern apps alike. Legacy
// clients cannot answer a claims challenge, so leaving them out narrows nothing.
func (p Policy) everyModernClient() bool {
	if allOf(p.ClientAppTypes) {
		return true
	}
	return slices.Contains(p.ClientAppTypes, "browser") && slices.Contains(p.ClientAppTypes, "mobileAppsAndDesktopClients")
}

// allOf reports whether a condition with these values lets everything through.
func allOf(values []string) bool {
	return len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, "all") })
}

func list(values []string) string { return strings.Join(values, ", ") }

// called is a group for people: its name, its id, and how the admin is in it.
func (c Configuration) called(id string, member bool) string {
	i := slices.IndexFunc(c.Groups, func(g Group) bool { return strings.EqualFold(g.ID, id) })
	switch {
	case i < 0:
		return id
	case c.Groups[i].Name == "":
		return id + ", which does not exist any more"
	}
	text := fmt.Sprintf("%q (%s)", c.Groups[i].Name, id)
	switch {
	case member && len(c.Groups[i].AdminPath) > 0:
		return text + ", through " + nestedIn(c.Groups[i].AdminPath)
	case member && !c.Groups[i].AdminDirect:
		return text + ", through a group nested in it"
	case !member && c.Groups[i].Users == 0:
		return text + ", in which nobody is"
	}
	return text
}

// nestedIn is a path of nested groups for people.
func nestedIn(path []Named) string {
	var names []string
	for _, group := range path {
		names = append(names, group.String())
	}
	if len(names) == 1 {
		return "the group " + names[0] + " nested in it"
	}
	return "the groups nested in it " + strings.Join(names, " > ")
}

// named is a named location or a directory role for people: its name and its id, the id alone where
// the name was not read.
func (c Configuration) named(id string) string {
	for _, n := range c.Names {
		if strings.EqualFold(n.ID, id) && n.Name != "" {
			return n.String()
		}
	}
	return id
}

func (c Configuration) allNamed(ids []string) []string {
	var names []string
	for _, id := range ids {
		names = append(names, c.named(id))
	}
	return names
}

// conditions are those of a policy, with its locations named.
func (c Configuration) conditions(p Policy) []string {
	p.IncludeLocations, p.ExcludeLocations = c.allNamed(p.IncludeLocations), c.allNamed(p.ExcludeLocations)
	return p.conditions()
}

// includedOnly says for people whom a policy includes instead of the admin.
func (c Configuration) includedOnly(p Policy) string {
	var whom []string
	if n := len(p.IncludeUsers); n > 0 {
		whom = append(whom, fmt.Sprintf("the users %s", list(p.IncludeUsers)))
	}
	for _, group := range p.IncludeGroups {
		whom = append(whom, "the group "+c.called(group, false))
	}
	if len(whom) == 0 {
		return "it includes nobody"
	}
	return "it includes only " + joined(whom)
}
