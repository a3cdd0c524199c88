package tokens

import (
	"slices"
	"time"
)

// Comparison lays two access tokens of one client side by side: the plain one and the one that
// was stepped up. Both are unverified; see AccessClaims.
type Comparison struct {
	SameToken  bool `json:"same_token"` // equal digests: no new token came
	SameUser   bool `json:"same_user"`  // equal oid and tid, both there
	SameClient bool `json:"same_client"`
	// SameSession is nil when one of them has no sid, which Graph tokens need not have.
	SameSession *bool `json:"same_session"`
	// IssuedLater is the second token's iat minus the first one's.
	IssuedLater time.Duration `json:"issued_later_ns"`
	// AuthLater is the second auth_time minus the first; nil when one of them has none.
	AuthLater *time.Duration `json:"auth_later_ns"`

	ContextsGained []string `json:"contexts_gained"`
	ContextsLost   []string `json:"contexts_lost"`
	MethodsGained  []string `json:"methods_gained"` // amr
	RolesGained    []string `json:"roles_gained"`   // wids: the role was active when the second was issued
	ScopesLost     []string `json:"scopes_lost"`
	// LostCP1 is true when the second token no longer declares cp1: a refresh drops it unless it is
	// asked for again (observed), and PIM then refuses every context.
	LostCP1 bool `json:"lost_cp1"`
}

// Compare says what the second token has that the first had not. Lists are sorted, nil when empty.
func Compare(before, after AccessClaims) Comparison {
	c := Comparison{
		SameToken:      before.SHA256 != "" && before.SHA256 == after.SHA256,
		SameUser:       same(before.ObjectID, after.ObjectID) && same(before.TenantID, after.TenantID),
		SameClient:     same(before.AppID, after.AppID),
		IssuedLater:    after.IssuedAt.Sub(before.IssuedAt),
		ContextsGained: minus(after.ACRS, before.ACRS),
		ContextsLost:   minus(before.ACRS, after.ACRS),
		MethodsGained:  minus(after.AMR, before.AMR),
		RolesGained:    minus(after.WIDs, before.WIDs),
		ScopesLost:     minus(before.Scopes, after.Scopes),
		LostCP1:        before.HasCP1() && !after.HasCP1(),
	}
	if before.SessionID != "" && after.SessionID != "" {
		equal := before.SessionID == after.SessionID
		c.SameSession = &equal
	}
	if !before.AuthTime.IsZero() && !after.AuthTime.IsZero() {
		later := after.AuthTime.Sub(before.AuthTime)
		c.AuthLater = &later
	}
	return c
}

// SameSession reports whether two verified ID tokens are of one user in one session of one tenant:
// equal oid, tid and sid, all of them there.
func SameSession(a, b IDClaims) bool {
	return same(a.ObjectID, b.ObjectID) && same(a.TenantID, b.TenantID) && same(a.SessionID, b.SessionID)
}

// same takes two absent values for different: nothing is known of them.
func same(a, b string) bool { return a != "" && a == b }

// minus is what is in a and not in b, sorted, each once.
func minus(a, b []string) []string {
	var rest []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	slices.Sort(rest)
	return slices.Compact(rest)
}
