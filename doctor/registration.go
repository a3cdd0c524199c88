package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/graph"
)

// harnessScopes are the delegated permissions that the public client cannot do without.
var harnessScopes = []string{"RoleAssignmentSchedule.ReadWrite.Directory"}

// harnessClaims are the optional claims of its ID token by which a proof judges.
var harnessClaims = []string{"auth_time", "acrs", "sid"}

// registration looks at the public client: it is the biggest change to a tenant, so that nobody but
// the test admin should be able to use it.
func (e *examination) registration(ctx context.Context) []Check {
	found, err := e.Graph.ServicePrincipals(ctx, e.HarnessID)
	if err != nil {
		return e.unread(err, "Directory.Read.All")
	}
	if len(found) == 0 {
		return failed("mend harness_app.client_id in the tenant file, or make the registration (reprompt init does)", "the tenant has no application %s", e.HarnessID)
	}
	checks := named("registration/users", "users of the public client", e.assignment(ctx, found[0]))
	checks = append(checks, named("registration/consent", "its consent", e.consent(ctx, found[0]))...)
	return append(checks, named("registration/client", "its registration", e.client(ctx))...)
}

// assignment is who may use the client.
func (e *examination) assignment(ctx context.Context, client graph.ServicePrincipal) []Check {
	if !client.AssignmentRequired {
		return failed("set \"Assignment required\" on the enterprise application and assign the test admin only", "everybody in the tenant may use %q", client.Name)
	}
	assigned, err := e.Graph.AssignedTo(ctx, client.ID)
	if err != nil {
		return e.unread(err, "Directory.Read.All")
	}
	mine, others := false, []string{}
	for _, a := range assigned {
		switch {
		case a.PrincipalID == e.AdminID:
			mine = true
		default:
			others = append(others, a.PrincipalName)
		}
	}
	switch {
	case e.Makes != nil && len(others) == 0:
		return ok("nobody may use %q until a run lets in the admin that it makes", client.Name)
	case !mine && e.Makes == nil:
		return failed("assign the test admin to the enterprise application", "%s is not assigned to %q", e.AdminUPN, client.Name)
	case len(others) > 0:
		return failed("take the others out of \"Users and groups\" of the enterprise application", "%q may be used by %s, too", client.Name, strings.Join(others, ", "))
	}
	return ok("only %s may use %q", e.AdminUPN, client.Name)
}

// consent is what was consented to, and in whose name.
func (e *examination) consent(ctx context.Context, client graph.ServicePrincipal) []Check {
	consents, err := e.Graph.Consents(ctx, client.ID)
	if err != nil {
		return e.unread(err, "Directory.Read.All")
	}
	var scopes []string
	for _, c := range consents {
		if c.Type == graph.ConsentForAll {
			return failed("withdraw the consent for the organisation and consent in the name of the test admin only", "consent is for everybody: %s", c.Scope)
		}
		if c.PrincipalID == e.AdminID {
			scopes = append(scopes, strings.Fields(c.Scope)...)
		}
	}
	if e.Makes != nil {
		return ok("it is for nobody as a whole; a run consents in the name of the admin that it makes")
	}
	for _, want := range harnessScopes {
		if !slices.ContainsFunc(scopes, func(s string) bool { return strings.EqualFold(s, want) }) {
			return failed("consent to it in the name of the test admin (reprompt init does)", "%s has not consented to %s", e.AdminUPN, want)
		}
	}
	return ok("only %s consented, to %d permissions", e.AdminUPN, len(scopes))
}

// client is the registration itself, which another tenant may own.
func (e *examination) client(ctx context.Context) []Check {
	found, err := e.Graph.Registrations(ctx, e.HarnessID)
	if err != nil {
		return e.unread(err, "Application.Read.All")
	}
	if len(found) == 0 {
		return note("", "its registration is of another tenant and cannot be looked at")
	}
	r := found[0]
	if !slices.Contains(r.PublicClient.RedirectURIs, e.RedirectURI) {
		return failed("add it to the registration as a mobile and desktop redirect URI", "the registration lacks the redirect URI %s", e.RedirectURI)
	}
	var missing []string
	for _, claim := range harnessClaims {
		if !slices.Contains(r.IDClaims(), claim) {
			missing = append(missing, claim)
		}
	}
	switch {
	case len(missing) > 0:
		return failed("add them under Token configuration, for the ID token", "the ID token lacks the optional claims %s", strings.Join(missing, ", "))
	case r.PublicFallback:
		return note("turn \"Allow public client flows\" off: the redirect URI is enough", "device code is allowed, by which %s could be made to sign in for somebody else", e.adminName())
	}
	return ok("%s", fmt.Sprintf("redirect URI and the optional claims %s are there", strings.Join(harnessClaims, ", ")))
}
