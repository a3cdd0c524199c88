package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/metrics"
	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/watch"
)

// watchFlags are the flags of watch as they were typed.
type watchFlags struct {
	to      target
	with    browser
	mapped  controls
	by      signing
	request suite.ProveRequest
	options suite.Options
	watch   watch.Options
	every   time.Duration
	from    string
	state   string
	metrics string
	once    bool
	asJSON  bool
}

func newWatch(p *program) *cobra.Command {
	f := &watchFlags{}
	cmd := &cobra.Command{
		Use:   "watch --tenant FILE",
		Short: "Prove a tenant's roles again after every change",
		Long: "watch reads the directory audit log, waits until nobody changes anything any more, and proves the roles\n" +
			"that a change can have touched. It tells a webhook or a command (notify in the tenant file) of a verdict\n" +
			"that changed, a proof that is overdue, a tenant that could not be restored. At the first look it proves\n" +
			"every protected role. It goes on until it is interrupted; what it knows is in the state file, and a\n" +
			"process that was killed goes on where it was. With --once it goes round once, for a timer to start it.\n\n" +
			tracesHelp + "Exit codes with --once; where several apply the first of 4, 1, 3, 0:\n" +
			"  0    every role that is watched is enforced\n" +
			"  1    one is not\n" +
			"  2    usage, configuration or a missing requirement; nothing was written to a tenant\n" +
			"  3    one is inconclusive, or its proof is due and could not be made\n" +
			"  4    the tenant could not be restored; the path of the journal is printed\n" +
			"  5    a defect of reprompt itself\n" +
			"  130  interrupted while a proof went on, and what was made is undone",
		Example: "  reprompt watch --tenant tenant.yaml\n  reprompt watch --tenant tenant.yaml --way graph --once --metrics 127.0.0.1:9464",
		Args:    noArguments,
		RunE:    p.traced(func(cmd *cobra.Command, _ []string) error { return p.watch(cmd, f) }),
	}
	f.to.register(cmd)
	f.with.register(cmd)
	f.mapped.register(cmd)
	f.by.register(cmd)
	f.register(cmd)
	return cmd
}

func (f *watchFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.request.Roles, "role", nil, "watch only this role, its display `NAME` or id; may be repeated (default: every role whose setting names a context)")
	flags.StringVar((*string)(&f.request.Way), "way", "portal", "how to activate, `portal|graph`")
	flags.DurationVar(&f.every, "every", time.Minute, "how `OFTEN` to read the audit log")
	flags.DurationVar(&f.watch.Calm, "calm", 5*time.Minute, "for how `LONG` nobody must have changed anything before a proof")
	flags.DurationVar(&f.watch.Late, "late", 2*time.Hour, "how `LATE` a row of the audit log may come and still be seen")
	flags.DurationVar(&f.watch.Again, "again", 0, "prove a role anew when its verdict is that `OLD`, although nothing changed (default: never)")
	flags.DurationVar(&f.watch.Overdue, "overdue", 6*time.Hour, "after how `LONG` a proof that is due and was not made is told")
	flags.StringVar(&f.from, "from", "baseline", "at the first look: prove every role (`baseline|now`), or only what changes from now on")
	flags.StringVar(&f.state, "state", "", "the state `FILE` (default: one per tenant in $XDG_STATE_HOME/reprompt/watch)")
	flags.StringVar(&f.metrics, "metrics", "", "serve metrics for Prometheus at `ADDRESS`, :PORT meaning this machine only")
	flags.BoolVar(&f.once, "once", false, "go round once and end")
	flags.StringVar(&f.options.EvidenceDir, "evidence", defaultEvidence, "the `DIR` under which each proof gets a folder of its own")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object per proof ("+evidence.ProveSchema+")")
}

// check refuses flags that make no sense.
func (f *watchFlags) check() error {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"every", f.every}, {"calm", f.watch.Calm}, {"late", f.watch.Late}, {"overdue", f.watch.Overdue}} {
		if d.value <= 0 {
			return usagef("--%s is %s: give it more than 0s, for example 5m", d.name, d.value)
		}
	}
	if f.watch.Again < 0 {
		return usagef("--again is %s: give it 0s or more, for example 24h", f.watch.Again)
	}
	if f.from != "baseline" && f.from != "now" {
		return usagef("--from is %q: say baseline or now", f.from)
	}
	if f.to.embedded {
		return usagef("watch needs a tenant that lives on: serve one with reprompt emulator, and name its file with --tenant")
	}
	for _, role := range f.request.Roles {
		if role == "" {
			return usagef("--role is empty: name a role, for example --role \"Application Administrator\"")
		}
	}
	return nil
}

func (p *program) watch(cmd *cobra.Command, f *watchFlags) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	tenant, err := f.to.load(p, cmd, false)
	if err != nil {
		return err
	}
	if err := f.fill(p, cmd, tenant); err != nil {
		return err
	}
	p.tenant.Store(&f.to.file)
	watched, err := suite.OpenWatched(cmd.Context(), f.options, f.request, p.opened, func(proof evidence.Proof) { p.tellProof(f, proof) })
	if err != nil {
		return err
	}
	state, err := openWatchState(f.state, tenant.TenantID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	sender, err := suite.Sender(tenant.Notify, tenant.Proxy, tenant.CA, suite.SecretsOf(tenant))
	if err != nil {
		return err
	}
	w := &watch.Watcher{Tenant: watched, Prover: watched, State: state, Sender: sender, Options: f.watch}
	var board metrics.Board
	var last watch.Report
	w.Looked = func(r watch.Report) {
		last = r
		boardOf(&board, tenant, r)
	}
	if f.metrics != "" {
		server, err := metrics.Serve(f.metrics, &board)
		if err != nil {
			return usagef("%s", err)
		}
		defer func() { err = errors.Join(err, server.Close()) }()
		fmt.Fprintln(p.stderr, "metrics at "+server.URL())
	}
	err = p.goRound(cmd.Context(), w, f)
	p.outcome = watchOutcome(last)
	return err
}

// goRound goes round, once or until it is interrupted. Ending what has nothing to undo is no failure.
func (p *program) goRound(ctx context.Context, w *watch.Watcher, f *watchFlags) error {
	if !f.once {
		return w.Run(ctx, f.every)
	}
	return w.Once(ctx)
}

func (f *watchFlags) fill(p *program, cmd *cobra.Command, tenant *config.Tenant) (err error) {
	if f.options.Controls, err = f.mapped.load(cmd, tenant); err != nil {
		return err
	}
	if f.options.Signer, f.options.Authority, err = f.by.load(cmd, tenant); err != nil {
		return err
	}
	f.options.Tenant, f.options.RealTime = tenant, f.to.realTime
	if err := f.with.into(&f.options, p, cmd); err != nil {
		return err
	}
	f.options.Progress, f.options.Command = p.stderr, cmd.CommandPath()
	f.watch.TenantID, f.watch.Name, f.watch.Said = tenant.TenantID, tenant.File, p.redactor(p.stderr)
	f.watch.NoBaseline, f.watch.Only = f.from == "now", len(f.request.Roles) > 0
	return nil
}

func openWatchState(path, tenantID string) (*watch.State, error) {
	if path == "" {
		var err error
		if path, err = suite.WatchStateFile(tenantID); err != nil {
			return nil, err
		}
	}
	state, err := watch.Open(path, tenantID)
	if err != nil {
		return nil, usagef("%s", err)
	}
	return state, nil
}

// tellProof prints a proof that came to its end. What cannot be printed is in the evidence.
func (p *program) tellProof(f *watchFlags, proof evidence.Proof) {
	if err := p.printProof(&proveFlags{asJSON: f.asJSON}, proof); err != nil {
		fmt.Fprintln(p.stderr, "reprompt: print the proof: "+err.Error())
	}
}

// boardOf puts a report on the board.
func boardOf(board *metrics.Board, tenant *config.Tenant, r watch.Report) {
	for _, v := range r.Verdicts {
		board.SetRole(metrics.Role{
			Tenant: tenant.File, TenantID: tenant.TenantID, Name: v.Role, ID: v.RoleID, Verdict: v.Verdict, Decided: v.Noted, Took: v.Took,
		})
	}
	board.SetTenant(metrics.Tenant{
		Name: tenant.File, ID: tenant.TenantID, Due: len(r.Due), Overdue: r.Overdue, NotRestored: r.NotRestored,
		Failed: r.Err != nil, Looked: r.Now, Undelivered: r.Undelivered,
	})
}

// watchOutcome ranks what is known: 4 before 1 before 3 before 0.
func watchOutcome(r watch.Report) int {
	if r.NotRestored {
		return exitNotRestored
	}
	outcome := exitAsDemanded
	for _, v := range r.Verdicts {
		switch v.Verdict {
		case "enforced":
		case "not-enforced":
			outcome = worse(outcome, exitNotAsAsked)
		default:
			outcome = worse(outcome, exitUndecided)
		}
	}
	if len(r.Due) > 0 {
		outcome = worse(outcome, exitUndecided)
	}
	return outcome
}

// redactor writes lines without the secrets that are known.
func (p *program) redactor(to io.Writer) io.Writer { return redacting{p, to} }

type redacting struct {
	p  *program
	to io.Writer
}

func (r redacting) Write(text []byte) (int, error) {
	_, err := io.WriteString(r.to, r.p.redacted(strings.ToValidUTF8(string(text), "?")))
	return len(text), err
}
