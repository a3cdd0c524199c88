package activation

import (
	"context"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// elsewhereOf finds what the sign-in log tells of the account beside this proof: completed interactive
// sign-ins of other sessions. The log has come far enough once it holds a row of every activation.
func (p *proof) elsewhereOf(rows []graph.SignInRow) *verdict.Elsewhere {
	found := &verdict.Elsewhere{Asked: p.now(), SignIns: []verdict.OtherUse{}, Activations: []verdict.OtherUse{}}
	for _, row := range rows {
		if row.Interactive && row.Status.ErrorCode == 0 && !p.isOurs(row) {
			found.SignIns = append(found.SignIns, verdict.OtherUse{At: row.At.UTC(), ID: row.ID})
		}
	}
	found.Complete = !slices.ContainsFunc(p.seen.Log.Entries, func(e verdict.LogEntry) bool { return e.StepUp == nil && e.Activation == nil })
	return found
}

// isOurs reports whether a row is of this proof: by its session, or, where the log names none, by
// standing in one of the proof's own passes through the sign-in pages.
func (p *proof) isOurs(row graph.SignInRow) bool {
	if row.SessionID != "" {
		return row.SessionID == p.sessionID()
	}
	passes := []verdict.Authentication{p.seen.SignIn, p.seen.Priming.Authentication}
	passes = append(passes, p.seen.Entries...)
	for _, a := range p.seen.Activations {
		passes = append(passes, a.StepUp)
	}
	return slices.ContainsFunc(passes, func(pass verdict.Authentication) bool {
		return !pass.Started.IsZero() && !row.At.Before(pass.Started.Add(-clockSlack)) && !row.At.After(pass.Finished.Add(clockSlack))
	})
}

// readOtherActivations adds what the account asked PIM for and this run did not. PIM shows its
// requests at once, where the log is late; what may not be read is left to the log.
func (p *proof) readOtherActivations(ctx context.Context) {
	requests, err := p.Reader.OwnAssignmentRequests(ctx, p.latest.Access)
	if err != nil {
		p.event("log", "what else the account activated could not be read: %s", sentenceOf(err, ""))
		return
	}
	for _, r := range requests {
		if strings.EqualFold(r.Action, graph.ActionSelfActivate) && r.Justification != p.request.Justification && !r.Created.Before(p.seen.Started) {
			p.seen.Elsewhere.Activations = append(p.seen.Elsewhere.Activations, verdict.OtherUse{At: r.Created.UTC(), ID: r.ID})
		}
	}
}
