package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/graph"
)

func (e *examination) admin(ctx context.Context) []Check {
	account, err := e.Graph.Account(ctx, e.AdminID)
	switch {
	case graph.IsNotFound(err):
		return failed("mend admin.object_id in the tenant file, or make the account", "the tenant has no account %s", e.AdminID)
	case err != nil:
		return e.unread(err, "Directory.Read.All")
	case !strings.EqualFold(account.UPN, e.AdminUPN):
		return failed("mend admin.upn or admin.object_id in the tenant file", "%s is %s and not %s", e.AdminID, account.UPN, e.AdminUPN)
	case !account.Enabled:
		return failed("enable the account", "%s may not sign in: the account is disabled", account.UPN)
	case account.Type == "Guest":
		return failed("use a member of the tenant", "%s is a guest, who signs in in another tenant", account.UPN)
	}
	if e.member, err = e.Graph.Memberships(ctx, e.AdminID); err != nil {
		return e.unread(err, "Directory.Read.All")
	}
	return ok("%s is there and enabled", account.UPN)
}

func (e *examination) methods(ctx context.Context) []Check {
	methods, err := e.Graph.Methods(ctx, e.AdminID)
	if err != nil {
		return e.unread(err, "UserAuthenticationMethod.Read.All")
	}
	has := func(kind string) bool {
		return slices.ContainsFunc(methods, func(m graph.Method) bool { return m.Kind == kind && m.Usable })
	}
	var missing []string
	for _, want := range []struct {
		wanted     bool
		kind, what string
	}{
		{e.Credentials.Password, graph.MethodPassword, "a password"},
		{e.Credentials.TOTP, graph.MethodTOTP, "an authenticator app with one-time codes"},
		{e.Credentials.AccessPass, graph.MethodAccessPass, "a Temporary Access Pass that is usable now"},
	} {
		if want.wanted && !has(want.kind) {
			missing = append(missing, want.what)
		}
	}
	for _, id := range e.Credentials.Passkeys {
		if !slices.ContainsFunc(methods, func(m graph.Method) bool { return m.Kind == graph.MethodPasskey && sameCredential(m.ID, id) }) {
			missing = append(missing, "the passkey "+id)
		}
	}
	if len(missing) > 0 {
		return failed("register what is missing for the account, or take its credential out of the tenant file", "%s has not got %s", e.AdminUPN, strings.Join(missing, " and not "))
	}
	if !e.Credentials.secondFactor() {
		return failed("register an authenticator app or a passkey, and name its seed or key in the tenant file",
			"the credentials are one factor: Microsoft lets nobody into the admin portals with that, and a policy that wants two cannot be satisfied")
	}
	return ok("%s has what its credentials need", e.AdminUPN)
}

// sameCredential compares credential ids, which Graph writes in base64 of either kind.
func sameCredential(a, b string) bool {
	same := strings.NewReplacer("+", "-", "/", "_", "=", "")
	return same.Replace(a) == same.Replace(b)
}

// breakGlass keeps emergency accounts out: they are excluded from policies, so that nothing is proved
// with them, and they must not be locked or watched by a test.
func (e *examination) breakGlass(ctx context.Context) []Check {
	const mend = "make an account for tests"
	if slices.Contains(e.BreakGlass, e.AdminID) {
		return failed(mend, "the test admin is in safety.break_glass")
	}
	if err := e.readPolicies(ctx); err != nil {
		return e.unread(err, "Policy.Read.All")
	}
	everybody, excluded := 0, 0
	for _, p := range e.policies {
		if p.State != graph.PolicyEnabled || !slices.Contains(p.IncludeUsers, "All") {
			continue
		}
		everybody++
		if e.excludes(p) {
			excluded++
		}
	}
	if everybody > 0 && everybody == excluded {
		return failed(mend+", or take it out of what they exclude", "the test admin is excluded from every policy for all users (%d), as an emergency account is", everybody)
	}
	return ok("the test admin is none")
}
