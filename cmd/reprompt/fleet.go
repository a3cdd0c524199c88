package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fleet"
	"github.com/reprompt/reprompt/metrics"
	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/telemetry"
)

// fleetFlags are the flags of fleet as they were typed.
type fleetFlags struct {
	with     browser
	by       signing
	request  suite.ProveRequest
	atOnce   int
	resume   string
	compare  string
	overdue  time.Duration
	evidence string
	metrics  string
	realTime bool
	strict   bool
	asJSON   bool
}

func newFleet(p *program) *cobra.Command {
	f := &fleetFlags{}
	cmd := &cobra.Command{
		Use:   "fleet FILE",
		Short: "Prove the roles of many tenants",
		Long: "fleet proves the tenants of a list (" + config.FleetSchema + "), a few at a time, each as prove does, and sums\n" +
			"them up. A tenant that fails does not hold up the others. The run has a folder, with a folder for each\n" +
			"tenant's bundle; with --resume a run that was broken off goes on in it.\n\n" +
			tracesHelp + "Exit codes; where several apply the first of 4, 5, 1, 3, 0:\n" +
			"  0    every role of every tenant is enforced\n" +
			"  1    one is not\n" +
			"  2    usage, or the list cannot be used; nothing was written to a tenant\n" +
			"  3    one is inconclusive, without a verdict or overdue, or a tenant failed\n" +
			"  4    a tenant could not be restored; its summary has the path of the journal\n" +
			"  5    a defect of reprompt itself\n" +
			"  130  interrupted, and what was made is undone",
		Example: "  reprompt fleet fleet.yaml --at-once 4\n  reprompt fleet fleet.yaml --resume evidence-out/fleet-20260314T092653Z-7f3a9c01",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("fleet takes one list of tenants, got %d arguments: see reprompt fleet --help", len(args))
			}
			return nil
		},
		RunE: p.traced(func(cmd *cobra.Command, args []string) error { return p.fleet(cmd, f, args[0]) }),
	}
	f.with.register(cmd)
	f.by.register(cmd)
	flags := cmd.Flags()
	flags.StringVar((*string)(&f.request.Way), "way", "portal", "how to activate where the list does not say, `portal|graph`")
	flags.IntVar(&f.atOnce, "at-once", 2, "how `MANY` tenants to prove at a time; each has a browser of its own")
	flags.DurationVar(&f.request.Timeout, "timeout", defaultTimeout, "how `LONG` one tenant may take, without the waits for its clock; giving back gets 30 s more; 0s is no bound")
	flags.Lookup("timeout").DefValue = "1h"
	flags.StringVar(&f.resume, "resume", "", "go on with the run in `DIR`: what has a finished bundle there is not proved again")
	flags.StringVar(&f.compare, "compare", "", "tell of each verdict that is another one than in the run in `DIR`")
	flags.DurationVar(&f.overdue, "overdue", 0, "how `OLD` the last verdict of a role may be before it is told, for example 48h; 0s: age is no matter. What --compare names says when others were proved last")
	flags.StringVar(&f.evidence, "evidence", defaultEvidence, "the `DIR` under which the run gets a folder of its own")
	flags.StringVar(&f.metrics, "metrics", "", "serve metrics for Prometheus at `ADDRESS` while it runs, :PORT meaning this machine only")
	flags.BoolVar(&f.realTime, "real-time", false, "ignore the test_clock of the tenant files and really wait")
	flags.BoolVar(&f.strict, "strict", false, "exit 1 also when a verdict does not speak for everyone who may activate the role")
	flags.BoolVar(&f.asJSON, "json", false, "print the summary as one JSON object ("+fleet.Schema+")")
	return cmd
}

func (p *program) fleet(cmd *cobra.Command, f *fleetFlags, path string) (err error) {
	if f.atOnce < 1 {
		return usagef("--at-once is %d: give 1 or more", f.atOnce)
	}
	if !slices.Contains([]string{"portal", "graph"}, string(f.request.Way)) {
		return usagef("--way is %q: say portal or graph", f.request.Way)
	}
	if f.request.Timeout < 0 {
		return usagef("--timeout is %s: give it 0s or more, for example 10m", f.request.Timeout)
	}
	if f.overdue < 0 {
		return usagef("--overdue is %s: give it 0s or more, for example 48h", f.overdue)
	}
	if err := f.with.load(p, cmd); err != nil {
		return err
	}
	list, err := config.LoadFleet(path)
	if err != nil {
		return err
	}
	options, earlier, err := f.run(list)
	if err != nil {
		return err
	}
	var board metrics.Board
	if f.metrics != "" {
		server, err := metrics.Serve(f.metrics, &board)
		if err != nil {
			return usagef("%s", err)
		}
		defer func() { err = errors.Join(err, server.Close()) }()
		fmt.Fprintln(p.stderr, "metrics at "+server.URL())
	}
	options.Redact = p.redacted
	options.Known = func(r fleet.Result) { onBoard(&board, r) }
	options.Ended = func(r fleet.Result) {
		fmt.Fprintf(p.stderr, "%-13s %s  %.1f s\n", r.State, r.Name, r.Seconds)
		onBoard(&board, r)
	}
	tenants, prover := p.fleetOf(cmd, f, list)
	ctx, span := telemetry.Start(cmd.Context(), "fleet", telemetry.String("test.suite.name", "reprompt fleet"), telemetry.String("reprompt.run.id", options.ID))
	summary, err := fleet.Run(ctx, tenants, prover, options)
	endFleet(span, summary, err)
	if err != nil {
		return usagef("%s", err)
	}
	return errors.Join(p.printFleet(f, options.Dir, summary), p.tellFleet(cmd.Context(), list, summary, earlier), p.fleetEnd(cmd.Context(), summary))
}

// run is where the run goes, and the run that it is compared with.
func (f *fleetFlags) run(list *config.Fleet) (o fleet.Options, earlier *fleet.Summary, err error) {
	id := suite.NewRunID()
	o = fleet.Options{ID: id, Dir: filepath.Join(f.evidence, "fleet-"+time.Now().UTC().Format("20060102T150405Z")+"-"+id), AtOnce: f.atOnce, Strict: f.strict, Overdue: f.overdue}
	if f.compare != "" {
		if earlier, err = fleet.Read(f.compare); err != nil {
			return o, nil, usagef("--compare: %s", err)
		}
		o.Earlier = earlier
	}
	if f.resume == "" {
		return o, earlier, nil
	}
	before, err := fleet.Read(f.resume)
	if err != nil {
		return o, nil, usagef("--resume: %s", err)
	}
	for i, t := range before.Tenants {
		if len(before.Tenants) != len(list.Tenants) || list.Tenants[i].Name != t.Name {
			return o, nil, usagef("--resume: %s is a run of another list than %s: begin a new one", f.resume, list.File)
		}
	}
	if o.Earlier == nil {
		o.Earlier = before // what it knew of earlier runs
	}
	o.Dir, o.ID, o.Resume = f.resume, before.ID, true
	return o, earlier, nil
}

func (p *program) fleetOf(cmd *cobra.Command, f *fleetFlags, list *config.Fleet) ([]fleet.Tenant, *suite.FleetProver) {
	prover := &suite.FleetProver{
		Tenants: map[string]config.FleetTenant{}, Request: f.request, Opened: p.opened,
		Options: suite.Options{
			RealTime: f.realTime, BrowserPath: f.with.path, BrowserURL: f.with.url, Headed: f.with.headed, AllowHosts: f.with.hosts, Command: cmd.CommandPath(),
		},
		Loaded: func(_ context.Context, t *config.Tenant) (*evidence.Signer, *evidence.TimestampAuthority, error) {
			p.hideSecrets(t)
			by := f.by
			return by.load(cmd, t)
		},
	}
	var tenants []fleet.Tenant
	for _, t := range list.Tenants {
		tenants = append(tenants, fleet.Tenant{Name: t.Name, Labels: t.Labels})
		prover.Tenants[t.Name] = t
	}
	return tenants, prover
}

func (p *program) printFleet(f *fleetFlags, dir string, s *fleet.Summary) error {
	p.outcome = s.Outcome
	if f.asJSON {
		text, err := s.JSON()
		if err == nil {
			_, err = p.stdout.Write(text)
		}
		return err
	}
	if err := s.Write(p.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "evidence: %s\n", dir)
	return err
}

// tellFleet sends the notifications. One that nobody took is said: the summary has what it would have told.
func (p *program) tellFleet(ctx context.Context, list *config.Fleet, s, earlier *fleet.Summary) error {
	sender, err := suite.Sender(list.Notify, list.Proxy, list.CA, p.known())
	if err != nil {
		return err
	}
	for _, event := range s.Events(earlier) {
		if err := sender.Send(context.WithoutCancel(ctx), event); err != nil {
			fmt.Fprintln(p.stderr, "reprompt: a notification about "+event.Tenant+" could not be delivered: "+p.redacted(err.Error()))
		}
	}
	return nil
}

// fleetEnd is the error of a run that was interrupted before it was through.
func (p *program) fleetEnd(ctx context.Context, s *fleet.Summary) error {
	if ctx.Err() == nil || s.Counts.Waiting == 0 {
		return nil
	}
	if s.Outcome == exitNotRestored {
		return nil
	}
	return &suite.InterruptedError{}
}

// onBoard puts a tenant on the board. Of a role that came to no verdict the last one stays there, with its age.
func onBoard(board *metrics.Board, r fleet.Result) {
	for _, role := range r.Known() {
		board.SetRole(metrics.Role{
			Tenant: r.Name, TenantID: r.TenantID, Name: role.Role, ID: role.RoleID, Verdict: role.Verdict, Decided: role.Noted, Took: role.Took,
		})
	}
	tenant := metrics.Tenant{Name: r.Name, ID: r.TenantID, Overdue: len(r.OverdueRoles()), NotRestored: r.State == fleet.NotRestored}
	if r.State != fleet.Waiting {
		tenant.Failed, tenant.Looked = r.State != fleet.Proved && r.State != fleet.Kept, time.Now()
	}
	board.SetTenant(tenant)
}
