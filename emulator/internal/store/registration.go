package store

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Registration is what of an application only its administrators see.
type Registration struct {
	// AssignmentRequired: only users that are assigned get a token (AADSTS50105 for others).
	AssignmentRequired bool
	Assigned           []AppAssignment
	// Fallback is isFallbackPublicClient: without a redirect URI, as in the device code flow, the
	// application counts as a public client.
	Fallback bool
	// Properties are those of the registration that change nothing here, as JSON; nil when there are none.
	Properties json.RawMessage
}

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

// AppByServiceID finds an application by the object id of its service principal.
func (t *Tenant) AppByServiceID(id string) (*Application, bool) {
	return t.appWhere(func(a *Application) bool { return a.ServiceID == id })
}

// AppByObjectID finds an application by the object id of its registration.
func (t *Tenant) AppByObjectID(id string) (*Application, bool) {
	return t.appWhere(func(a *Application) bool { return a.ObjectID == id })
}

func (t *Tenant) appWhere(is func(*Application) bool) (*Application, bool) {
	for _, a := range t.Apps.List() {
		if is(a) {
			return a, true
		}
	}
	return nil, false
}
