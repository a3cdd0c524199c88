package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/suite"
)

// Exit codes; other programs depend on them.
const (
	exitAsDemanded  = 0
	exitNotAsAsked  = 1
	exitUsage       = 2
	exitUndecided   = 3
	exitNotRestored = 4
	exitDefect      = 5
	exitInterrupted = 130
)

// usageError is a slip on the command line. Its text says how to mend it.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// report prints an error on one line: what is wrong and how to mend it. The lines of a joined
// error are one each. An interruption that broke off what had written nothing yet reads as one,
// not as the failure that it caused.
func (p *program) report(ctx context.Context, err error) {
	text := strings.TrimSpace(err.Error())
	notRestored := new(suite.NotRestoredError)
	if interrupted := new(suite.InterruptedError); errors.As(err, &interrupted) {
		text = interrupted.Error()
	} else if errors.Is(context.Cause(ctx), errInterrupted) && !errors.As(err, &notRestored) {
		text = (&suite.InterruptedError{}).Error()
	}
	for line := range strings.Lines(p.redacted(text)) {
		fmt.Fprintln(p.stderr, "reprompt: "+strings.TrimRight(line, "\n"))
	}
}

// exitCode ranks what happened. A tenant that was not restored outranks everything, also an
// interruption.
func (p *program) exitCode(ctx context.Context, err error) int {
	var (
		notRestored *suite.NotRestoredError
		usage       *usageError
		requirement *suite.RequirementError
		file        *config.Error
		unkept      *suite.EvidenceError
		late        *suite.TimeoutError
		unmade      *suite.NotMadeError
	)
	switch {
	case err == nil:
		return p.outcome
	case errors.As(err, &notRestored):
		return exitNotRestored
	case errors.Is(context.Cause(ctx), errInterrupted):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &requirement), errors.As(err, &file):
		return exitUsage
	case errors.As(err, &unkept):
		return exitNotAsAsked
	case errors.As(err, &late), errors.As(err, &unmade):
		return exitUndecided
	default:
		return exitDefect
	}
}
