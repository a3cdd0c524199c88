package suite

import (
	"errors"
	"fmt"
	"strings"
)

// RequirementError says that something is missing or wrong before anything was written to a
// tenant: a browser, a role of that name, a free port. Its text says how to mend it.
type RequirementError struct {
	Text string
	Err  error // the cause; may be nil
}

// Error implements error.
func (e *RequirementError) Error() string { return e.Text }

// Unwrap returns the cause.
func (e *RequirementError) Unwrap() error { return e.Err }

// required makes a RequirementError of err, whose text has to say how to mend it.
func required(err error) error {
	if err == nil {
		return nil
	}
	if known := new(RequirementError); errors.As(err, &known) || errors.Is(err, ErrNothingToRerun) {
		return err
	}
	return &RequirementError{Text: err.Error(), Err: err}
}

func requiredf(format string, args ...any) error {
	return required(fmt.Errorf(format, args...))
}

// NotRestoredError says that a tenant is not as it was, and where the journal is that says what
// is left to undo.
type NotRestoredError struct {
	Journal string // empty where Err names it
	// Tenant is the file to give to `reprompt cleanup`; empty for an embedded tenant.
	Tenant string
	Err    error
}

// Error implements error.
func (e *NotRestoredError) Error() string {
	text := fmt.Sprintf("the tenant could not be restored: %v", e.Err)
	if e.Journal != "" {
		text += fmt.Sprintf("; the journal %s holds what is left", e.Journal)
	}
	if e.Tenant != "" {
		text += ", undo it with: reprompt cleanup --tenant " + e.Tenant
	}
	return text
}

// Unwrap returns why undoing failed.
func (e *NotRestoredError) Unwrap() error { return e.Err }

// DailyLimitError says that a run would activate more often than the tenant file allows in 24 hours.
type DailyLimitError struct {
	Done, Wanted, Limit int
	File                string // of the tenant
}

// Error implements error.
func (e *DailyLimitError) Error() string {
	return fmt.Sprintf("%d activations in the last 24 hours and %d more would pass the limit of %d: wait, or raise safety.max_activations_per_day in %s",
		e.Done, e.Wanted, e.Limit, e.File)
}

// NotMadeError says that the test admins of a command could not be made. Nothing was activated, and what was
// made until then is taken away.
type NotMadeError struct{ Err error }

// Error implements error.
func (e *NotMadeError) Error() string {
	return fmt.Sprintf("make the test admins: %v; nothing was activated, and what was made is taken away; reprompt doctor says what fixtures_app lacks", e.Err)
}

// Unwrap returns why.
func (e *NotMadeError) Unwrap() error { return e.Err }

// EvidenceError says that a run came to its end and its evidence could not be kept whole. What it
// found must not be relied on.
type EvidenceError struct {
	Dir string // the folder under which runs are kept
	Err error
}

// Error implements error, on one line: what could not be written first, and how many more.
func (e *EvidenceError) Error() string {
	first, others, more := strings.Cut(e.Err.Error(), "\n")
	if more {
		first += fmt.Sprintf(" (and %d more)", strings.Count(others, "\n")+1)
	}
	return fmt.Sprintf("the evidence below %s is incomplete and must not be relied on: %s; make room, or choose another folder with --evidence, and run it again",
		e.Dir, first)
}

// Unwrap returns what could not be written.
func (e *EvidenceError) Unwrap() error { return e.Err }

// InterruptedError says that a run was interrupted and what was undone.
type InterruptedError struct {
	// Undone names what was taken back, in the order in which it was.
	Undone []string
	// Pending counts the changes that an interrupted cleanup left in the journal.
	Pending int
	// Tenant is the file to give to `reprompt cleanup` where something is pending.
	Tenant string
}

// Error implements error.
func (e *InterruptedError) Error() string {
	text := "interrupted"
	if len(e.Undone) > 0 {
		text += "; undone: " + strings.Join(e.Undone, ", ")
	}
	switch {
	case e.Pending > 0:
		text += fmt.Sprintf("; still pending: %s, undo with: reprompt cleanup --tenant %s", plural(e.Pending, "change"), e.Tenant)
	case len(e.Undone) == 0:
		text += "; nothing had to be undone"
	}
	return text
}
