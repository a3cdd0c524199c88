package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

// errInterrupted is the cause of a context that Ctrl-C cancelled.
var errInterrupted = errors.New("interrupted")

// watchInterrupts cancels the context at the first Ctrl-C, so that what was made is undone, and
// leaves at once at the second. stop ends the watching.
func (p *program) watchInterrupts(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, interrupts...)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if n > 0 {
				fmt.Fprintln(p.stderr, "reprompt: "+p.leftBehind())
				os.Exit(exitNotRestored)
			}
			if p.undoes.Load() {
				fmt.Fprintln(p.stderr, "reprompt: interrupted: undoing what was made; a second Ctrl-C leaves at once")
			}
			cancel(errInterrupted)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// leftBehind says where the journal is, for whoever leaves before everything is undone.
func (p *program) leftBehind() string {
	if journal := p.journal.Load(); journal != nil && *journal != "" {
		file := "FILE"
		if tenant := p.tenant.Load(); tenant != nil && *tenant != "" {
			file = *tenant
		}
		return "left at once: the journal " + *journal + " holds what was not undone; undo it with: reprompt cleanup --tenant " + file
	}
	return "left at once: the embedded tenant has ended with this process and holds nothing"
}
