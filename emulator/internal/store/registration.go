package store

import (
	"slices"
	"strings"
	"time"
)

// AppAssignment is a user or group that may use an application.
type AppAssignment struct {
	ID          string
	PrincipalID string
	CreatedAt   time.Time
}

// Consent is what one user lets an application do in their name.
type Consent struct {
	ID       string
	UserID   string
	Resource string // as in Application.Scopes
	Scopes   []string
}

// ScopesFor are the delegated scopes of a resource that an application has for a user.
func (a *Application) ScopesFor(resource, userID string) []string {
	scopes := slices.Clone(a.Scopes[resource])
	for _, c := range a.Consents {
		if c.UserID != userID || c.Resource != resource {
			continue
		}
		for _, scope := range c.Scopes {
			if !slices.ContainsFunc(scopes, func(s string) bool { return strings.EqualFold(s, scope) }) {
				scopes = append(scopes, scope)
			}
		}
	}
	return scopes
}

// MayUse reports whether a user may get a token of an application: assigned where that is
// required, directly or by a group. Nested groups do not count (documented).
func (t *Tenant) MayUse(a *Application, userID string) bool {
	if !a.AssignmentRequired {
		return true
	}
	return slices.ContainsFunc(a.Assigned, func(to AppAssignment) bool {
		group, ok := t.Groups.Get(to.PrincipalID)
		return to.PrincipalID == userID || ok && slices.Contains(group.Members, userID)
	})
}

// Client finds an application that one can sign in to, by its client id in any
// spelling: one with a service principal.
func (t *Tenant) Client(id string) (*Application, bool) {
	a, ok := t.Apps.Get(strings.ToLower(id))
	return a, ok && a.ServiceID != ""
}

// Clients are the applications with a service principal.
func (t *Tenant) Clients() []*Application {
	return slices.DeleteFunc(t.Apps.List(), func(a *Application) bool { return a.ServiceID == "" })
}

// AppByServiceID finds an application by the object id of its service principal.
func (t *Tenant) AppByServiceID(id string) (*Application, bool) {
	all := t.Clients()
	if i := slices.IndexFunc(all, func(a *Application) bool { return a.ServiceID == id }); i >= 0 {
		return all[i], true
	}
	return nil, false
}
