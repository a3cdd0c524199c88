package login

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const defaultScope = ".default"

// oidcScopes belong to the protocol and to no resource.
var oidcScopes = []string{"openid", "profile", "email", "offline_access"}

// parseScopes splits the scope parameter into the resource and the names of its scopes,
// with the protocol's own scopes among them.
func parseScopes(text string) (resource string, scopes []string, err *aadsts) {
	for _, scope := range strings.Fields(text) {
		if slices.Contains(oidcScopes, scope) {
			scopes = append(scopes, scope)
			continue
		}
		of, name := store.ResourceGraph, scope
		if i := strings.LastIndex(scope, "/"); i >= 0 {
			if of, err = resourceOf(scope[:i]); err != nil {
				return "", nil, err
			}
			name = scope[i+1:]
		}
		if resource != "" && of != resource {
			return "", nil, fail(28000, "invalid_request", "The scope names more than one resource.")
		}
		resource, scopes = of, append(scopes, name)
	}
	if resource == "" {
		resource = store.ResourceGraph
	}
	return resource, scopes, nil
}

// resourceOf maps the names of a resource to the one that the store uses.
func resourceOf(name string) (string, *aadsts) {
	name = strings.ToLower(strings.TrimRight(name, "/"))
	host := strings.TrimPrefix(name, "https://")
	_, part, known := cloud.Of(host)
	switch {
	case name == "" || name == store.AppIDGraph || known && part == cloud.Graph:
		return store.ResourceGraph, nil
	case name == store.ResourcePIM || known && part == cloud.PIM || strings.HasSuffix(host, ".mspim.azure.com"):
		return store.ResourcePIM, nil
	}
	return "", fail(unknownResource, "invalid_resource", "The resource principal named %s was not found in the tenant.", name)
}

// resourceAppID is the application id of a resource, as Conditional Access and the sign-in
// log name it.
func resourceAppID(resource string) string {
	if resource == store.ResourceGraph {
		return store.AppIDGraph
	}
	return resource
}

func resourceName(resource string) string {
	if resource == store.ResourcePIM {
		return "MS-PIM"
	}
	return "Microsoft Graph"
}

// grantedScopes are the delegated scopes that a client gets for a resource and user: everything
// consented to, once one of them is asked for. It fails when something is asked for that
// nobody consented to.
func grantedScopes(app *store.Application, user *store.User, resource string, asked []string) ([]string, *aadsts) {
	consented := app.ScopesFor(resource, user.ID)
	for _, scope := range asked {
		if slices.Contains(oidcScopes, scope) || scope == defaultScope || containsFold(consented, scope) {
			continue
		}
		if app.FirstParty {
			return nil, fail(notPreauthorised, "invalid_request",
				"Consent between first party application '%s' and first party resource '%s' must be configured via preauthorization.", app.ClientID, resourceAppID(resource))
		}
		return nil, fail(consentMissing, "consent_required",
			"The user or administrator has not consented to use the application with ID '%s' named '%s'. Missing: %s.", app.ClientID, app.DisplayName, scope)
	}
	return consented, nil
}

func containsFold(list []string, value string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, value) })
}
