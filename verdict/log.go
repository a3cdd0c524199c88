package verdict

import "time"

// Log is what the tenant's own sign-in log says about the step-ups and the activations. Rows come
// minutes late on a real tenant: a row that is not there is not observed, never a "no".
type Log struct {
	// Asked is when the log was last looked at.
	Asked time.Time `json:"asked"`
	// Entries has one entry per activation that was tried, in order.
	Entries []LogEntry `json:"entries"`
	// Text says why the log could not be read, for example for want of a permission; empty when it was.
	Text string `json:"text"`
}

// LogEntry is what the log holds of one activation.
type LogEntry struct {
	N int `json:"n"` // number of the activation
	// StepUp is the completed interactive sign-in of the step-up, with this session and the context
	// of the role setting; nil when no such row is there.
	StepUp *LogRow `json:"step_up"`
	// Activation is the row of the token that carried the activation, joined by its uti. It may be
	// the same row, and it may well be non-interactive and previously satisfied.
	Activation *LogRow `json:"activation"`
}

// LogRow is one row of the sign-in log.
type LogRow struct {
	ID           string    `json:"id"`            // of the row; a reader of the tenant finds it by this
	At           time.Time `json:"at"`            // when the sign-in was, by the log
	Interactive  bool      `json:"interactive"`   // whether a person acted
	SessionID    string    `json:"session_id"`    // sid of the session, as the log has it
	UTI          string    `json:"uti"`           // unique id of the token that came of it
	ContextID    string    `json:"context_id"`    // context of the role setting where the row names it, else empty
	Detail       string    `json:"detail"`        // required, previouslySatisfied, notApplicable
	EveryTime    bool      `json:"every_time"`    // whether a frequency of every time made the sign-in necessary
	RequestEvent string    `json:"request_event"` // kinds of the event, as the log names them
}

// Entry is the entry of the nth activation; empty when the log has none.
func (l *Log) Entry(n int) LogEntry {
	if l != nil {
		for _, e := range l.Entries {
			if e.N == n {
				return e
			}
		}
	}
	return LogEntry{N: n}
}

// logWitness is the log's account over all activations; the worst counts.
func (o Observation) logWitness() string {
	var accounts []string
	for i := range o.Activations {
		accounts = append(accounts, o.logOf(i))
	}
	return worst(accounts, LogPreviouslySatisfied, NotObserved, LogRequired)
}

// logOf is the log's account of the i-th activation. Only the interactive row of the step-up
// itself counts: the activation's own row may well be non-interactive and previously satisfied.
func (o Observation) logOf(i int) string {
	row := o.Log.Entry(o.Activations[i].N).StepUp
	if row == nil || !row.Interactive || !o.Setting.RequiresContext() || row.ContextID != o.Setting.ContextID || !o.ofStepUp(*row, i) {
		return NotObserved
	}
	switch {
	case row.Detail == "required" && row.EveryTime:
		return LogRequired
	case row.Detail == "previouslySatisfied":
		return LogPreviouslySatisfied
	default:
		return NotObserved
	}
}

// ofStepUp reports whether the row is of this session and lies between the challenge and the
// answer of the i-th activation.
func (o Observation) ofStepUp(row LogRow, i int) bool {
	a, ids := o.Activations[i], o.idsAfter(i)
	if a.Challenge == nil || len(ids) == 0 || row.SessionID == "" || row.SessionID != ids[0].SessionID {
		return false
	}
	return !row.At.Before(a.Challenge.At.Add(-Tolerance)) && !row.At.After(a.At.Add(Tolerance))
}
