package verdict_test

import (
	"testing"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// logRow is the step-up's own row as it should be.
func logRow() *verdict.LogRow {
	return &verdict.LogRow{
		ID: "row-1", At: steppedUp, Interactive: true, SessionID: "session-1", ContextID: "c1", Detail: "required", EveryTime: true,
	}
}

// logOf is a log with a row for the step-up of each activation; nil for a row that is not there.
func logOf(rows ...*verdict.LogRow) *verdict.Log {
	log := &verdict.Log{Asked: at(17, 0)}
	for i, row := range rows {
		log.Entries = append(log.Entries, verdict.LogEntry{N: i + 1, StepUp: row, Activation: logRow()})
	}
	return log
}

// changed is the row with one change.
func changed(change func(*verdict.LogRow)) *verdict.LogRow {
	row := logRow()
	change(row)
	return row
}

func TestTheLogConfirmsOrDisagreesAndNeverOverrules(t *testing.T) {
	previously := changed(func(r *verdict.LogRow) { r.Detail = "previouslySatisfied" })
	second := changed(func(r *verdict.LogRow) { r.At = steppedUp.Add(12 * time.Minute) })
	for name, row := range map[string]struct {
		of        func() verdict.Observation
		log       *verdict.Log
		said      string
		disagrees bool
	}{
		"confirms":                          {enforced, logOf(logRow()), verdict.LogRequired, false},
		"disagrees with enforced":           {enforced, logOf(previously), verdict.LogPreviouslySatisfied, true},
		"disagrees with not enforced":       {unasked, logOf(logRow()), verdict.LogRequired, true},
		"was not asked":                     {enforced, nil, verdict.NotObserved, false},
		"may not be read":                   {enforced, &verdict.Log{Text: "not permitted"}, verdict.NotObserved, false},
		"has only the activation's row":     {enforced, logOf(nil), verdict.NotObserved, false},
		"confirms both times":               {twice, logOf(logRow(), second), verdict.LogRequired, false},
		"has the second row not yet":        {twice, logOf(logRow(), nil), verdict.NotObserved, false},
		"has the first row a second time":   {twice, logOf(logRow(), logRow()), verdict.NotObserved, false},
		"disagrees the second time":         {twice, logOf(logRow(), changed(func(r *verdict.LogRow) { *r = *second; r.Detail = "previouslySatisfied" })), verdict.LogPreviouslySatisfied, true},
		"has the row of an earlier sign-in": {enforced, logOf(changed(func(r *verdict.LogRow) { r.At = signedIn })), verdict.NotObserved, false},
		"has the row of another session":    {enforced, logOf(changed(func(r *verdict.LogRow) { r.SessionID = "session-2" })), verdict.NotObserved, false},
		"has the row of another context":    {enforced, logOf(changed(func(r *verdict.LogRow) { r.ContextID = "c2" })), verdict.NotObserved, false},
		"has a row that nobody was asked under": {
			enforced, logOf(changed(func(r *verdict.LogRow) { r.Interactive = false })), verdict.NotObserved, false,
		},
		"has a row that an hourly frequency caused": {
			enforced, logOf(changed(func(r *verdict.LogRow) { r.EveryTime = false })), verdict.NotObserved, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := row.of()
			want := verdict.Decide(o).Outcome
			o.Log = row.log
			v := verdict.Decide(o)
			if v.Outcome != want {
				t.Errorf("the log overruled: %s, want %s", v.Outcome, want)
			}
			if v.Witnesses.Log != row.said || hasReason(v.Reasons, verdict.LogDisagrees) != row.disagrees {
				t.Errorf("log %s, reasons %v; want %s, disagreement %t", v.Witnesses.Log, v.Reasons, row.said, row.disagrees)
			}
		})
	}
}
