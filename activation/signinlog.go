package activation

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

const (
	// logPause is the pause between two looks at the sign-in log, whose rows come minutes late.
	logPause = 15 * time.Second
	// everyTime is what the log says where a frequency of every time made the sign-in necessary
	// (documented).
	everyTime = "signInFrequencyEveryTime"
	// clockSlack is by how much a row may stand before the challenge that led to it.
	clockSlack = verdict.Tolerance
)

// readLog asks the tenant's sign-in log for the rows of each activation, and again until they are
// there or Request.AwaitLog is over. The log is the late witness: without it the proof stands.
func (p *proof) readLog(ctx context.Context) error {
	if len(p.seen.Activations) == 0 || !p.seen.Setting.RequiresContext() {
		return nil
	}
	for until := p.now().Add(p.request.AwaitLog); ; {
		rows, err := p.Reader.SignIns(ctx, graph.LogQuery{UserID: p.AdminID, Since: p.seen.Started})
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p.seen.Log = p.logOf(rows)
		p.seen.Log.Text = whyNoLog(err)
		p.seen.Elsewhere = p.elsewhereOf(rows)
		p.seen.Elsewhere.Text = p.seen.Log.Text
		if p.seen.Log.Text != "" || complete(p.seen.Log) || !p.now().Before(until) {
			p.noteLog()
			p.readOtherActivations(ctx)
			return nil
		}
		next := p.now().Add(logPause)
		if next.After(until) {
			next = until
		}
		if err := p.rest(ctx, next, "the sign-in log, whose rows come late"); err != nil {
			return err
		}
	}
}

// Log asks the tenant's sign-in log what it says, by now, about a proof that is over, and about who
// else used the account meanwhile. now is the tenant's clock. The log is never nil: where it could not
// be read it says why, and elsewhere is what the proof saw itself. So it is where the proof looked for
// nobody (nil); activations by others are always those that the proof saw.
func Log(ctx context.Context, reader *graph.Client, now time.Time, o verdict.Observation) (*verdict.Log, *verdict.Elsewhere, error) {
	p := &proof{Deps: Deps{Reader: reader, AdminID: o.Admin.ObjectID, Clock: stoppedClock{now}}, seen: o}
	rows, err := reader.SignIns(ctx, graph.LogQuery{UserID: o.Admin.ObjectID, Since: o.Started})
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	p.seen.Log = p.logOf(rows)
	p.seen.Log.Text = whyNoLog(err)
	if err != nil || o.Elsewhere == nil {
		return p.seen.Log, o.Elsewhere, nil
	}
	elsewhere := p.elsewhereOf(rows)
	elsewhere.Activations = o.Elsewhere.Activations
	return p.seen.Log, elsewhere, nil
}

// stoppedClock is the instant at which the log was asked.
type stoppedClock struct{ at time.Time }

func (c stoppedClock) Now() time.Time                                { return c.at }
func (c stoppedClock) Wait(context.Context, time.Time, string) error { return nil }

// whyNoLog says why the log could not be read; empty when it was.
func whyNoLog(err error) string {
	switch {
	case graph.IsForbidden(err):
		return "not permitted: reading the sign-in log needs AuditLog.Read.All and a P1 licence"
	case err != nil:
		return "no answer: " + err.Error()
	}
	return ""
}

func (p *proof) noteLog() {
	if text := p.seen.Log.Text; text != "" {
		p.event("log", "%s", text)
		return
	}
	for _, entry := range p.seen.Log.Entries {
		said := "has no row of it yet"
		if entry.StepUp != nil {
			said = "says that the context was " + cmp.Or(entry.StepUp.Detail, "of no account")
		}
		p.event("log", "activation %d: the sign-in log %s", entry.N, said)
	}
}

// complete reports whether every activation has the row of its step-up.
func complete(log *verdict.Log) bool {
	return !slices.ContainsFunc(log.Entries, func(e verdict.LogEntry) bool { return e.StepUp == nil })
}

// logOf finds the rows of each activation.
func (p *proof) logOf(rows []graph.SignInRow) *verdict.Log {
	log := &verdict.Log{Asked: p.now(), Entries: []verdict.LogEntry{}}
	for _, a := range p.seen.Activations {
		log.Entries = append(log.Entries, verdict.LogEntry{
			N: a.N, StepUp: p.stepUpRow(rows, a), Activation: p.activationRow(rows, a),
		})
	}
	return log
}

// stepUpRow is the completed interactive sign-in of this session that asked for the context
// between the challenge and the answer; of several the last, which let the activation through. A
// page that stopped the flow is a row of its own with an error code (documented), and not meant.
func (p *proof) stepUpRow(rows []graph.SignInRow, a verdict.Activation) *verdict.LogRow {
	if a.Challenge == nil || a.At.IsZero() {
		return nil
	}
	var found *verdict.LogRow
	for _, row := range rows {
		entry := p.logRow(row)
		inTime := !row.At.Before(a.Challenge.At.Add(-clockSlack)) && !row.At.After(a.At.Add(clockSlack))
		ours := row.Interactive && row.Status.ErrorCode == 0 && row.SessionID != "" && row.SessionID == p.sessionID()
		if ours && inTime && entry.ContextID != "" && (found == nil || entry.At.After(found.At)) {
			found = &entry
		}
	}
	return found
}

// activationRow is the row of the token that carried the activation.
func (p *proof) activationRow(rows []graph.SignInRow, a verdict.Activation) *verdict.LogRow {
	if a.Token == nil || a.Token.UTI == "" {
		return nil
	}
	for _, row := range rows {
		if sameUTI(row.UTI, a.Token.UTI) {
			entry := p.logRow(row)
			return &entry
		}
	}
	return nil
}

// sameUTI compares the log's unique token identifier with a token's uti. The log's is documented as
// base64; the claim was observed to be base64url of the same bytes.
func sameUTI(row, uti string) bool {
	plain := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace
	if row == "" || plain(row) == plain(uti) {
		return row != ""
	}
	decoded, err := base64.StdEncoding.DecodeString(row)
	return err == nil && string(decoded) == uti
}

// logRow keeps what the log says of the context of the role setting.
func (p *proof) logRow(row graph.SignInRow) verdict.LogRow {
	kept := verdict.LogRow{
		ID: row.ID, At: row.At.UTC(), Interactive: row.Interactive, SessionID: row.SessionID, UTI: row.UTI,
		RequestEvent: strings.Join(row.EventTypes, ", "),
	}
	for _, context := range row.Contexts {
		if strings.EqualFold(context.ID, p.seen.Setting.ContextID) {
			kept.ContextID, kept.Detail = p.seen.Setting.ContextID, context.Detail
		}
	}
	kept.EveryTime = slices.ContainsFunc(row.SessionLifetimes, func(l graph.SessionLifetime) bool { return l.Requirement == everyTime })
	return kept
}
