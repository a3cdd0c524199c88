package store

import (
	"slices"
	"strings"
)

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
