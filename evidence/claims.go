package evidence

import (
	"fmt"
	"strings"

	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// claimTable lays the tokens of one activation side by side.
type claimTable struct {
	Title string
	Rows  []claimRow
}

// claimRow is one claim: of the session by verified ID tokens, and of access tokens.
type claimRow struct {
	Claim                    string
	IDBefore, IDAfter        string
	Plain, Activating        string
	IDChanged, AccessChanged bool
}

func claimTables(o verdict.Observation) []claimTable {
	var tables []claimTable
	for i, a := range o.Activations {
		t := claimTable{Title: fmt.Sprintf("Activation %d", a.N)}
		before, after := idBefore(o, i), idAfter(o, a)
		plain := plainClaims(o, a.N)
		for _, c := range claims {
			row := claimRow{Claim: c.name, IDBefore: noClaim, IDAfter: noClaim}
			if c.ofID != nil {
				row.IDBefore, row.IDAfter = ofID(before, c.ofID), ofID(after, c.ofID)
			}
			row.Plain, row.Activating = ofAccess(plain, c.ofAccess), ofAccess(a.Token, c.ofAccess)
			row.IDChanged = c.telling && before != nil && after != nil && row.IDBefore != row.IDAfter
			row.AccessChanged = c.telling && plain != nil && a.Token != nil && row.Plain != row.Activating
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return tables
}

// noClaim stands where such a token never has the claim.
const noClaim = "–"

// claims are the rows, in order. A telling one is marked where it changed; the others differ
// from token to token, or must not differ at all.
var claims = []struct {
	name     string
	telling  bool
	ofID     func(tokens.IDClaims) string
	ofAccess func(tokens.AccessClaims) string
}{
	{"auth_time", true, func(c tokens.IDClaims) string { return timeOfDay(c.AuthTime) }, func(c tokens.AccessClaims) string { return timeOfDay(c.AuthTime) }},
	{"acrs", true, func(c tokens.IDClaims) string { return strings.Join(c.ACRS, " ") }, func(c tokens.AccessClaims) string { return strings.Join(c.ACRS, " ") }},
	{"amr", true, func(c tokens.IDClaims) string { return strings.Join(c.AMR, " ") }, func(c tokens.AccessClaims) string { return strings.Join(c.AMR, " ") }},
	{"xms_cc", true, nil, func(c tokens.AccessClaims) string { return strings.Join(c.XMSCC, " ") }},
	{"sid", false, func(c tokens.IDClaims) string { return c.SessionID }, func(c tokens.AccessClaims) string { return c.SessionID }},
	{"oid", false, func(c tokens.IDClaims) string { return c.ObjectID }, func(c tokens.AccessClaims) string { return c.ObjectID }},
	{"client", false, func(c tokens.IDClaims) string { return c.Audience }, func(c tokens.AccessClaims) string { return c.AppID }},
	{"SHA-256 of uti", false, func(c tokens.IDClaims) string { return short(c.UTI) }, func(c tokens.AccessClaims) string { return short(c.UTI) }},
	{"SHA-256 of token", false, func(c tokens.IDClaims) string { return head(c.SHA256) }, func(c tokens.AccessClaims) string { return head(c.SHA256) }},
}

func ofID(c *tokens.IDClaims, read func(tokens.IDClaims) string) string {
	if c == nil {
		return ""
	}
	return read(*c)
}

func ofAccess(c *tokens.AccessClaims, read func(tokens.AccessClaims) string) string {
	if c == nil {
		return ""
	}
	return read(*c)
}

// idBefore is the last silent look before the i-th activation.
func idBefore(o verdict.Observation, i int) *tokens.IDClaims {
	if i > 0 {
		return idAfter(o, o.Activations[i-1])
	}
	var last *tokens.IDClaims
	for _, p := range o.Probes {
		if p.Phase == "before" && p.ID != nil {
			last = p.ID
		}
	}
	return last
}

// idAfter is the silent look after the activation, else the ID token of its own step-up.
func idAfter(o verdict.Observation, a verdict.Activation) *tokens.IDClaims {
	for _, p := range o.Probes {
		if p.Phase == "after" && p.N == a.N && p.ID != nil {
			return p.ID
		}
	}
	return a.StepUp.ID
}

// plainClaims are those of the plain token that was tried last before the n-th activation.
func plainClaims(o verdict.Observation, n int) *tokens.AccessClaims {
	var last *tokens.AccessClaims
	for _, r := range o.Replays {
		if r.N == n && r.Claims != nil && (r.Token == verdict.ReplayPlain || r.Token == verdict.ReplayFirst) {
			last = r.Claims
		}
	}
	return last
}

// short is the beginning of a text's digest.
func short(text string) string {
	if text == "" {
		return ""
	}
	return head(Digest([]byte(text)))
}

func head(hexadecimal string) string {
	if len(hexadecimal) <= 16 {
		return hexadecimal
	}
	return hexadecimal[:16] + "…"
}

// replayView is one try of a token that should not be enough.
type replayView struct {
	Token, At, Age, Answer, Class, RequestID string
}

func replayViews(replays []verdict.Replay) []replayView {
	var views []replayView
	for _, r := range replays {
		views = append(views, replayView{
			Token: capital(replayName(r.Token)), At: timeOfDay(r.At), Age: lasted(r.Age), Answer: answerInWords(r),
			Class: replayMoment(r).Class, RequestID: r.RequestID,
		})
	}
	return views
}

// capital makes the first letter a capital; the texts begin in ASCII.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func replayName(t verdict.ReplayToken) string {
	switch t {
	case verdict.ReplayFirst:
		return "the first plain token"
	case verdict.ReplayPlain:
		return "a plain token minted now"
	case verdict.ReplaySteppedUp:
		return "the stepped-up token, later"
	case verdict.ReplayRefresh:
		return "a refresh token of the stepped-up session, later"
	default:
		return "another token"
	}
}

func answerInWords(r verdict.Replay) string {
	how := ""
	if r.Mode == "validation" {
		how = ", by a validation-only request"
	}
	switch r.Answer {
	case verdict.AnswerRefused:
		if r.Token == verdict.ReplayRefresh && r.Claims == nil {
			return fmt.Sprintf("The sign-in host wants the admin to act first (%s).", r.Code)
		}
		return fmt.Sprintf("Refused for want of the context %s%s.", r.Context, how)
	case verdict.AnswerAccepted:
		return fmt.Sprintf("Accepted (HTTP %d)%s.", r.Status, how)
	case verdict.AnswerRevoked:
		return "Revoked by continuous access evaluation before PIM looked at it."
	default:
		return fmt.Sprintf("Not observed (HTTP %d %s).", r.Status, r.Code)
	}
}
