package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/tokens"
)

// advice on why an application cannot sign in, by AADSTS number (documented).
var signInFaults = []struct{ number, mend string }{
	{"7000215", "put the value of the client secret, not its id, where the tenant file says"},
	{"7000222", "the client secret has expired: add a new one to the registration"},
	{"700016", "mend the client id, or tenant_id: that tenant has no such application"},
	{"700027", "add the certificate to the registration, or name the one that it has; the machine's clock may be wrong, too"},
	{"700024", "set the machine's clock: what it signed is not valid by the sign-in host's"},
	{"700211", "mend the issuer of the registration's federated credential, or take the token from the one that it names"},
	{"700212", "mend the audience of the registration's federated credential: api://AzureADTokenExchange"},
	{"700213", "mend the subject of the registration's federated credential: it has to be that of the token, letter by letter"},
	{"90002", "mend tenant_id in the tenant file: the sign-in host knows no such tenant"},
	{"900023", "mend tenant_id in the tenant file: the sign-in host knows no such tenant"},
	{"7000112", "the application is disabled in the tenant: enable it"},
	{"53003", "a Conditional Access policy for workload identities blocks the application: exclude it, or run from where it may"},
}

func (e *examination) token(ctx context.Context) []Check {
	raw, err := e.Token(ctx)
	if err != nil {
		mend := "see the text; docs/real-tenant.md has the registrations"
		for _, fault := range signInFaults {
			if strings.Contains(err.Error(), "AADSTS"+fault.number) {
				mend = fault.mend
				break
			}
		}
		return failed(mend, "%s cannot sign in: %s", e.Reader, err)
	}
	claims, err := tokens.ReadAccess(raw)
	if err != nil {
		return []Check{{Result: Unknown, Found: fmt.Sprintf("the token of %s cannot be read: %s", e.Reader, err), Mend: "check that it is for Microsoft Graph"}}
	}
	e.claims = claims
	return ok("%s signed in as %s", e.Reader, claims.AppID)
}

func (e *examination) tenant(context.Context) []Check {
	switch {
	case e.claims.TenantID != e.TenantID:
		return failed("mend tenant_id in the tenant file, or use an application of that tenant",
			"the token is of the tenant %s, the tenant file is of %s", e.claims.TenantID, e.TenantID)
	case !slices.Contains(e.SafetyList, e.TenantID):
		return failed("add it to safety.tenant_ids, if it is one to be worked on", "the tenant %s is not in the safety list", e.TenantID)
	}
	return ok("%s, which the safety list names", e.TenantID)
}

// granted are the permissions that the token holds: an application's, or, where a person's sign-in
// is borrowed, that person's.
func (e *examination) granted() []string {
	return append(slices.Clone(e.claims.Roles), e.claims.Scopes...)
}

// changes reports whether a permission is more than reading. Permissions are written
// Subject.Operation.Constraint (documented); the protocol's own have no dot.
func changes(permission string) bool {
	parts := strings.Split(permission, ".")
	if len(parts) == 1 {
		return !slices.Contains([]string{"openid", "profile", "email", "offline_access"}, permission)
	}
	return !strings.HasPrefix(parts[1], "Read") || strings.Contains(parts[1], "Write")
}

// writes fails where the token can change something: prove is for tenants that matter, and needs
// nothing but reading.
func (e *examination) writes(context.Context) []Check {
	var can []string
	for _, name := range e.granted() {
		if changes(name) {
			can = append(can, name)
		}
	}
	slices.Sort(can)
	if len(can) == 0 {
		return ok("nothing: all its permissions are to read")
	}
	if e.Makes != nil && e.Reader == e.Makes.App {
		return note("", "%s can write, as it has to for scenarios: %s. prove refuses a file whose admin is yet to be made", e.Reader, strings.Join(can, ", "))
	}
	mend := "let prove read with an application that can do nothing else: register one and name it reader_app (reprompt init does)"
	if len(e.claims.Roles) == 0 {
		mend = "a person's own sign-in can do what that person can: register an application that reads and name it reader_app (reprompt init does)"
	}
	return failed(mend, "%s can write: %s", e.Reader, strings.Join(can, ", "))
}

// need is a permission that a proof reads with; others include it.
type need struct {
	name, why string
	others    []string
}

// needs are the least permissions of an application for what prove and doctor read (documented in
// the permissions reference of Microsoft Graph).
var needs = []need{
	{"Directory.Read.All", "accounts, groups, memberships, domains, the licence", nil},
	{"Policy.Read.All", "Conditional Access policies, security defaults", nil},
	{"AuthenticationContext.Read.All", "authentication contexts", []string{"Policy.Read.ConditionalAccess"}},
	{"RoleManagement.Read.All", "roles and role settings", []string{"RoleManagement.Read.Directory"}},
	{"RoleEligibilitySchedule.Read.Directory", "who may activate a role", []string{"RoleManagement.Read.All", "RoleManagement.Read.Directory"}},
	{"RoleAssignmentSchedule.Read.Directory", "who holds a role", []string{"RoleManagement.Read.All", "RoleManagement.Read.Directory"}},
	{"PrivilegedEligibilitySchedule.Read.AzureADGroup", "other ways to the role, through groups", nil},
	{"RoleManagementPolicy.Read.AzureADGroup", "what those groups ask for", nil},
	{"AuditLog.Read.All", "the sign-in log as a witness", nil},
	{"UserAuthenticationMethod.Read.All", "which methods the test admin has", nil},
}

// lacking is the permission for want of which Graph refused: the one that was thought of, unless the
// token holds it and lacks others; one answer may need several.
func (e *examination) lacking(permission string) string {
	i := slices.IndexFunc(needs, func(n need) bool { return n.name == permission })
	if i < 0 || !e.has(needs[i]) {
		return permission
	}
	var names []string
	for _, n := range needs {
		if !e.has(n) {
			names = append(names, n.name)
		}
	}
	if len(names) == 0 {
		return permission
	}
	return strings.Join(names, " or ")
}

// permissions is a check for each permission.
func (e *examination) permissions(context.Context) []Check {
	var checks []Check
	for _, n := range needs {
		made := ok("granted, for %s", n.why)
		if !e.has(n) {
			made = failed(fmt.Sprintf("give %s the application permission %s of Microsoft Graph, with admin consent", e.Reader, n.name),
				"the token lacks it: %s cannot be read", n.why)
		}
		checks = append(checks, named("permission/"+n.name, n.name, made)...)
	}
	return checks
}

// has reports whether the token holds a permission, or one that includes it.
func (e *examination) has(n need) bool {
	return slices.ContainsFunc(e.granted(), func(held string) bool {
		return slices.ContainsFunc(append([]string{n.name}, n.others...), func(name string) bool {
			return strings.EqualFold(held, name) || strings.EqualFold(held, strings.Replace(name, ".Read.", ".ReadWrite.", 1))
		})
	})
}
