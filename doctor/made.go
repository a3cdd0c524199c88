package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// MadeAdmin is a test admin that a run makes for its scenarios and takes away after the last, so that there
// is nobody yet to examine.
type MadeAdmin struct {
	Passkey bool   // it gets a passkey beside the access pass
	Domain  string // where the account is made
	App     string // what the tenant file calls the application that makes it
	// Token gets a token of that application.
	Token func(ctx context.Context) (secret.Text, error)
}

// Sentence says what is made, for people.
func (m *MadeAdmin) sentence() string {
	what := "a user in " + m.Domain + " with a password that nobody knows, a Temporary Access Pass"
	if m.Passkey {
		what += ", a passkey whose key lives in the memory of the run"
	}
	return what + ", its place in the public client, consent in its name and what scenarios make it eligible for"
}

// makingNeeds are what the application needs to make the admin (documented in the permissions reference of
// Microsoft Graph).
func (m *MadeAdmin) needs() []need {
	all := []need{
		{"User.ReadWrite.All", "the account", []string{"Directory.ReadWrite.All"}},
		{"UserAuthMethod-TAP.ReadWrite.All", "its Temporary Access Pass", []string{"UserAuthenticationMethod.ReadWrite.All"}},
		{"AppRoleAssignment.ReadWrite.All", "letting it into the public client", nil},
		{"DelegatedPermissionGrant.ReadWrite.All", "consent in its name", []string{"Directory.ReadWrite.All"}},
		{"RoleEligibilitySchedule.ReadWrite.Directory", "its eligibility", []string{"RoleManagement.ReadWrite.Directory"}},
	}
	if m.Passkey {
		all = slices.Insert(all, 2, need{"UserAuthMethod-Passkey.ReadWrite.All", "its passkey", []string{"UserAuthenticationMethod.ReadWrite.All"}})
	}
	return all
}

// adminToMake says what will be made, and whether it can be.
func (e *examination) adminToMake(ctx context.Context) []Check {
	m := e.Makes
	tenant, err := e.Graph.Organization(ctx)
	if err != nil {
		return e.unread(err, "Directory.Read.All")
	}
	checks := ok("a run makes it and takes it away again: %s", m.sentence())
	var names []string
	for _, domain := range tenant.Domains {
		names = append(names, domain.Name)
	}
	if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, m.Domain) }) {
		checks = failed("mend domain in the tenant file", "a run is to make it in %s, which is no domain of the tenant: %s", m.Domain, strings.Join(names, ", "))
	}
	return append(checks, e.permissionsToMake(ctx)...)
}

// permissionsToMake is a check for each permission that the application needs to make the admin.
func (e *examination) permissionsToMake(ctx context.Context) []Check {
	m := e.Makes
	raw, err := m.Token(ctx)
	if err != nil {
		return named("making", "who makes it", failed("see the text; docs/real-tenant.md has the registrations", "%s cannot sign in: %s", m.App, err))
	}
	claims, err := tokens.ReadAccess(raw)
	if err != nil {
		return named("making", "who makes it", []Check{{Result: Unknown, Found: fmt.Sprintf("the token of %s cannot be read: %s", m.App, err), Mend: "check that it is for Microsoft Graph"}})
	}
	maker := &examination{claims: claims}
	var checks []Check
	for _, n := range m.needs() {
		made := ok("%s may make %s", m.App, n.why)
		if !maker.has(n) {
			made = failed(fmt.Sprintf("give %s the application permission %s of Microsoft Graph, with admin consent", m.App, n.name),
				"the token of %s lacks it: %s cannot be made", m.App, n.why)
		}
		checks = append(checks, named("making/"+n.name, n.name, made)...)
	}
	return checks
}

// methodsToMake is whether the tenant lets the account have what it is to sign in with.
func (e *examination) methodsToMake(ctx context.Context) []Check {
	methods := []string{graph.ConfigurationAccessPass}
	if e.Makes.Passkey {
		methods = append(methods, graph.ConfigurationPasskey)
	}
	for _, id := range methods {
		allowed, err := e.Graph.MethodConfiguration(ctx, id)
		switch {
		case err != nil:
			return e.unread(err, "Policy.Read.All")
		case allowed.State != "enabled":
			return failed("enable it under Authentication methods, Policies", "the tenant's policy for authentication methods has %s off", id)
		case allowed.OnceOnly:
			return failed("allow passes for more than one use under Authentication methods, Policies, Temporary Access Pass",
				"the tenant lets a Temporary Access Pass be used once only, and a proof signs in twice")
		case allowed.Attested:
			return failed("do not enforce attestation under Authentication methods, Policies, Passkey (FIDO2)",
				"the tenant takes attested passkeys only, and that of a run is not")
		}
	}
	return ok("the tenant's policy for authentication methods allows %s", strings.Join(methods, " and "))
}

// breakGlassToMake: what is made for a run is nobody's emergency account.
func (e *examination) breakGlassToMake(context.Context) []Check {
	return ok("an account that is made for a run is none")
}
