package tokens_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/tokens"
)

// plain is the token before the step-up.
func plain() tokens.AccessClaims {
	return tokens.AccessClaims{
		AppID: client, ObjectID: admin, TenantID: tenant, SessionID: "session-1", SHA256: "one",
		AMR: []string{"pwd"}, XMSCC: []string{"cp1"}, Scopes: []string{"a", "b"}, IssuedAt: now,
	}
}

func TestCompareFindsWhatAStepUpAdds(t *testing.T) {
	after := plain()
	after.SHA256, after.IssuedAt = "two", now.Add(11*time.Minute)
	after.ACRS, after.AMR, after.WIDs = []string{"c2", "c1", "c1"}, []string{"pwd", "mfa"}, []string{"role"}
	yes := true
	want := tokens.Comparison{
		SameUser: true, SameClient: true, SameSession: &yes, IssuedLater: 11 * time.Minute,
		ContextsGained: []string{"c1", "c2"}, MethodsGained: []string{"mfa"}, RolesGained: []string{"role"},
	}
	if diff := cmp.Diff(want, tokens.Compare(plain(), after)); diff != "" {
		t.Errorf("comparison (-want +got):\n%s", diff)
	}
}

func TestCompareOneDifference(t *testing.T) {
	yes, no, later := true, false, 5*time.Minute
	for _, row := range []struct {
		name   string
		change func(before, after *tokens.AccessClaims)
		want   func(*tokens.Comparison)
	}{
		{"same token", func(_, _ *tokens.AccessClaims) {}, func(c *tokens.Comparison) { c.SameToken = true }},
		{"another user", func(_, a *tokens.AccessClaims) { a.ObjectID, a.SHA256 = "x", "two" }, func(c *tokens.Comparison) { c.SameUser = false }},
		{"another tenant", func(_, a *tokens.AccessClaims) { a.TenantID, a.SHA256 = "x", "two" }, func(c *tokens.Comparison) { c.SameUser = false }},
		{"user unknown in both", func(b, a *tokens.AccessClaims) { b.ObjectID, a.ObjectID, a.SHA256 = "", "", "two" }, func(c *tokens.Comparison) { c.SameUser = false }},
		{"another client", func(_, a *tokens.AccessClaims) { a.AppID, a.SHA256 = "x", "two" }, func(c *tokens.Comparison) { c.SameClient = false }},
		{"another session", func(_, a *tokens.AccessClaims) { a.SessionID, a.SHA256 = "x", "two" }, func(c *tokens.Comparison) { c.SameSession = &no }},
		{"session unknown", func(b, a *tokens.AccessClaims) { b.SessionID, a.SHA256 = "", "two" }, func(c *tokens.Comparison) { c.SameSession = nil }},
		{"cp1 lost", func(_, a *tokens.AccessClaims) { a.XMSCC, a.SHA256 = nil, "two" }, func(c *tokens.Comparison) { c.LostCP1 = true }},
		{"context lost", func(b, a *tokens.AccessClaims) { b.ACRS, a.SHA256 = []string{"c1"}, "two" }, func(c *tokens.Comparison) { c.ContextsLost = []string{"c1"} }},
		{"scope lost", func(_, a *tokens.AccessClaims) { a.Scopes, a.SHA256 = []string{"b"}, "two" }, func(c *tokens.Comparison) { c.ScopesLost = []string{"a"} }},
		{"authenticated once more", func(b, a *tokens.AccessClaims) { b.AuthTime, a.AuthTime, a.SHA256 = now, now.Add(later), "two" }, func(c *tokens.Comparison) { c.AuthLater = &later }},
		{"auth_time only in the second", func(_, a *tokens.AccessClaims) { a.AuthTime, a.SHA256 = now, "two" }, func(*tokens.Comparison) {}},
	} {
		t.Run(row.name, func(t *testing.T) {
			before, after := plain(), plain()
			row.change(&before, &after)
			want := tokens.Comparison{SameUser: true, SameClient: true, SameSession: &yes}
			row.want(&want)
			if diff := cmp.Diff(want, tokens.Compare(before, after)); diff != "" {
				t.Errorf("comparison (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSameSession(t *testing.T) {
	one := tokens.IDClaims{ObjectID: admin, TenantID: tenant, SessionID: "session-1"}
	for name, row := range map[string]struct {
		change func(*tokens.IDClaims)
		want   bool
	}{
		"equal":           {func(*tokens.IDClaims) {}, true},
		"another token":   {func(c *tokens.IDClaims) { c.UTI, c.AuthTime = "x", now }, true},
		"another user":    {func(c *tokens.IDClaims) { c.ObjectID = "x" }, false},
		"another tenant":  {func(c *tokens.IDClaims) { c.TenantID = "x" }, false},
		"another session": {func(c *tokens.IDClaims) { c.SessionID = "x" }, false},
		"no session":      {func(c *tokens.IDClaims) { c.SessionID = "" }, false},
	} {
		other := one
		row.change(&other)
		if got := tokens.SameSession(one, other); got != row.want {
			t.Errorf("%s: SameSession = %v", name, got)
		}
	}
	if tokens.SameSession(tokens.IDClaims{}, tokens.IDClaims{}) {
		t.Error("two tokens of which nothing is known are of one session")
	}
}
