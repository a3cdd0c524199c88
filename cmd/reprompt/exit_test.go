package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/verdict"
)

func TestExitCodeOfAnError(t *testing.T) {
	interrupted, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	notRestored := &suite.NotRestoredError{Journal: "j.db", Err: errors.New("Graph is down")}
	requirement := &suite.RequirementError{Text: "no browser"}
	for _, tt := range []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"nothing went wrong", t.Context(), nil, exitNotAsAsked},
		{"a slip on the command line", t.Context(), usagef("no"), exitUsage},
		{"a missing requirement", t.Context(), requirement, exitUsage},
		{"a missing requirement, wrapped", t.Context(), fmt.Errorf("open: %w", requirement), exitUsage},
		{"a broken tenant file", t.Context(), &config.Error{File: "t.yaml"}, exitUsage},
		{"a tenant that stays changed", t.Context(), notRestored, exitNotRestored},
		{"a tenant that stays changed outranks all", interrupted, errors.Join(requirement, notRestored), exitNotRestored},
		{"evidence that could not be kept", t.Context(), errors.Join(&suite.EvidenceError{Dir: "e", Err: errors.New("no space left")}), exitNotAsAsked},
		{"a time that was over", t.Context(), &suite.TimeoutError{Within: time.Minute}, exitUndecided},
		{"an interruption", interrupted, &suite.InterruptedError{}, exitInterrupted},
		{"an interruption that looks like a requirement", interrupted, requirement, exitInterrupted},
		{"an interruption that came too late", interrupted, nil, exitNotAsAsked},
		{"anything else", t.Context(), errors.New("index out of range"), exitDefect},
	} {
		p := &program{outcome: exitNotAsAsked}
		if got := p.exitCode(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestAnInterruptionReadsAsOne(t *testing.T) {
	interrupted, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	for _, tt := range []struct {
		name string
		ctx  context.Context
		err  error
		want string
	}{
		{"before anything was there", interrupted, errors.New("start the browser: context canceled"), "reprompt: interrupted; nothing had to be undone\n"},
		{"with a cleanup half done", interrupted, &suite.InterruptedError{Pending: 2, Tenant: "t.yaml"}, "reprompt: interrupted; still pending: 2 changes, undo with: reprompt cleanup --tenant t.yaml\n"},
		{"no interruption", t.Context(), errors.New("no browser"), "reprompt: no browser\n"},
	} {
		var text strings.Builder
		(&program{stderr: &text}).report(tt.ctx, tt.err)
		if text.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, text.String(), tt.want)
		}
	}
}

func TestExitCodeOfAProof(t *testing.T) {
	decided := func(outcome verdict.Outcome, scope verdict.Scope) evidence.Proof {
		return evidence.Proof{Verdict: &verdict.Verdict{Outcome: outcome, Scope: scope}}
	}
	clean := verdict.Scope{Eligible: 1, Covered: 1, NotCovered: []verdict.NotCovered{}, NarrowedBy: []verdict.Narrowing{}}
	narrow := verdict.Scope{Eligible: 2, Covered: 1, NotCovered: []verdict.NotCovered{{ID: "u"}}, NarrowedBy: []verdict.Narrowing{}}
	for _, tt := range []struct {
		name   string
		proof  evidence.Proof
		strict bool
		want   int
	}{
		{"enforced for everyone", decided(verdict.Enforced, clean), true, exitAsDemanded},
		{"enforced for this admin", decided(verdict.Enforced, narrow), false, exitAsDemanded},
		{"enforced for this admin, strictly", decided(verdict.Enforced, narrow), true, exitNotAsAsked},
		{"not enforced", decided(verdict.NotEnforced, clean), false, exitNotAsAsked},
		{"inconclusive", decided(verdict.Inconclusive, clean), false, exitUndecided},
		{"no verdict", evidence.Proof{}, false, exitUndecided},
	} {
		if got := outcomeOf(tt.proof, tt.strict); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestTheWorstProofDecides(t *testing.T) {
	for _, tt := range []struct{ a, b, want int }{{0, 0, 0}, {0, 3, 3}, {3, 0, 3}, {3, 1, 1}, {1, 3, 1}, {0, 1, 1}} {
		if got := worse(tt.a, tt.b); got != tt.want {
			t.Errorf("worse(%d, %d) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
