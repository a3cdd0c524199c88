package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// Patient is what is examined. Every field but Makes, Roles, BreakGlass and Kept is required.
type Patient struct {
	TenantID   string
	SafetyList []string // tenants that may be worked on
	BreakGlass []string // object ids of emergency accounts

	AdminID, AdminUPN string
	Credentials       Credentials
	// Makes is set where a run makes the test admin; AdminID is empty then. Nil: there is one.
	Makes *MadeAdmin

	// HarnessID is the client id of the public client, RedirectURI the address it uses.
	HarnessID, RedirectURI string
	// Reader is what the tenant file calls the application that reads.
	Reader string
	// Prepares is true where the file has an application for fixtures, too.
	Prepares bool
	// Roles are names or ids of the roles to be proved; empty means all that the admin is eligible for.
	Roles []string
	// Kept are the secrets that lie on this machine, for people.
	Kept []string
	// TestClock is true for an embedded tenant whose clock is moved.
	TestClock bool

	Graph *graph.Client
	// Token gets a token of the application that reads.
	Token func(ctx context.Context) (secret.Text, error)
	// Offset is the clock of the sign-in host minus the machine's.
	Offset func(ctx context.Context) (time.Duration, error)
	// Browser finds the browser and asks for its version, such as "Chromium 156.0.8078.79".
	Browser func(ctx context.Context) (string, error)
}

// Credentials are what the tenant file holds of the admin.
type Credentials struct {
	Password, TOTP, AccessPass, Human bool
	Passkeys                          []string // credential ids, base64url without padding
}

// secondFactor reports whether they satisfy multifactor authentication.
func (c Credentials) secondFactor() bool {
	return c.TOTP || c.AccessPass || c.Human || len(c.Passkeys) > 0
}

// examination is one examination: what was read already is kept.
type examination struct {
	Patient
	claims tokens.AccessClaims
	// groups and active roles of the admin
	member   graph.Memberships
	policies []graph.Policy
}

// step is one kind of check. A step that asks the tenant cannot be made without a token.
type step struct {
	name, what string
	asks       bool
	look       func(e *examination, ctx context.Context) []Check
}

var steps = []step{
	{"token", "sign-in of the application", false, (*examination).token},
	{"tenant", "tenant and safety list", true, (*examination).tenant},
	{"writes", "what its token can change", true, (*examination).writes},
	{"permission", "permissions", true, (*examination).permissions},
	{"clock", "clock", false, (*examination).clock},
	{"browser", "browser", false, (*examination).browser},
	{"graph", "Microsoft Graph", true, (*examination).reach},
	{"licence", "licence", true, (*examination).licence},
	{"defaults", "security defaults", true, (*examination).defaults},
	{"admin", "test admin", true, (*examination).admin},
	{"methods", "methods of the test admin", true, (*examination).methods},
	{"break-glass", "emergency accounts", true, (*examination).breakGlass},
	{"registration", "public client", true, (*examination).registration},
	{"role", "roles", true, (*examination).roles},
	{"policies", "other policies", true, (*examination).otherPolicies},
	{"context", "free authentication context", true, (*examination).freeContext},
	{"attacker", "whoever takes this machine's files", false, (*examination).attacker},
}

// toMake are the steps that take the place of those of the same name where the test admin is yet to be made.
var toMake = map[string]func(e *examination, ctx context.Context) []Check{
	"admin": (*examination).adminToMake, "methods": (*examination).methodsToMake, "break-glass": (*examination).breakGlassToMake,
}

// Examine makes every check. It never fails: what could not be looked at is Unknown. When ctx ends,
// everything that is left is.
func Examine(ctx context.Context, p Patient) Report {
	e := &examination{Patient: p}
	var checks []Check
	for _, s := range steps {
		if s.asks && e.claims.SHA256 == "" {
			checks = append(checks, Check{s.name, s.what, Unknown, "there is no token to ask with", "mend the sign-in of the application first"})
			continue
		}
		look := s.look
		if other := toMake[s.name]; e.Makes != nil && other != nil {
			look = other
		}
		for _, c := range look(e, ctx) {
			if c.Name == "" {
				c.Name = s.name
			}
			if c.What == "" {
				c.What = s.what
			}
			checks = append(checks, c)
		}
	}
	return newReport(p.TenantID, checks)
}

func ok(format string, args ...any) []Check {
	return []Check{{Result: OK, Found: fmt.Sprintf(format, args...)}}
}

func failed(mend, format string, args ...any) []Check {
	return []Check{{Result: Failed, Found: fmt.Sprintf(format, args...), Mend: mend}}
}

func note(mend, format string, args ...any) []Check {
	return []Check{{Result: Note, Found: fmt.Sprintf(format, args...), Mend: mend}}
}

// unread is a check that could not be made, and what would let it.
func (e *examination) unread(err error, permission string) []Check {
	mend := "try again; the request id in the text is what Microsoft's support asks for"
	switch refusal := new(graph.Error); {
	case graph.IsForbidden(err):
		mend = fmt.Sprintf("give %s the permission %s of Microsoft Graph, with admin consent", e.Reader, e.lacking(permission))
	case !errors.As(err, &refusal):
		mend = "check the network, and whether a proxy is needed"
	}
	return []Check{{Result: Unknown, Found: err.Error(), Mend: mend}}
}

// named gives checks a name and a title of their own.
func named(name, what string, checks []Check) []Check {
	out := slices.Clone(checks)
	for i := range out {
		out[i].Name, out[i].What = name, what
	}
	return out
}
