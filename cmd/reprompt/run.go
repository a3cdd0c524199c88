package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

// defaultEvidence is the folder under which each run gets one of its own.
const defaultEvidence = "evidence-out"

// exitCodes is the part of the help that other programs are written by.
const exitCodes = `Exit codes; where several apply the first of 4, 1, 3, 0:
  0    everything asked for was so
  1    a verdict or a scenario is not as demanded, or its evidence could not be kept
  2    usage, configuration or a missing requirement; nothing was written to a tenant
  3    no failure, but something stayed undecided; never of run, where a scenario demands a verdict
` + endsOfAll

// endsOfAll are the exit codes that mean the same of every command.
const endsOfAll = `  4    the tenant could not be restored; the path of the journal is printed
  5    a defect of reprompt itself
  130  interrupted, and what was made is undone`

// runExitCodes are those of run. A scenario demands a verdict: one that stayed inconclusive is not as
// demanded, and so 1, where prove, of which nothing is demanded beforehand, ends with 3.
const runExitCodes = `Exit codes; where several apply the first of 4, 130, 1, 0:
  0    every scenario passed in its last attempt, also one that demands not-enforced
  1    a scenario is not as demanded: it came to another verdict, inconclusive among them, or to none;
       with --fail-on-flaky one is flaky; or the evidence or a report could not be kept
  2    usage, configuration or a missing requirement; nothing was written to a tenant
` + endsOfAll

func newRun(p *program) *cobra.Command {
	var (
		to      target
		with    browser
		mapped  controls
		by      signing
		how     running
		options suite.Options
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "run [PATH...]",
		Short: "Run the scenarios and keep the evidence",
		Long: "run executes scenarios: those of reprompt itself, or of the .feature files, folders and FILE:LINE\n" +
			"that PATH names. Without --tenant it uses a fresh embedded tenant for each scenario.\n\n" +
			"With --retries the last attempt at a scenario counts. --rerun is 0 where the last run had no failure,\n" +
			"and 2 where there is no last run.\n\n" +
			tracesHelp + runExitCodes,
		Example: "  reprompt run\n  reprompt run --tags \"@smoke and not @window\"\n  reprompt run --tenant tenant.yaml features/own.feature:12\n" +
			"  reprompt run --rerun --headed --slow-mo 500ms --pause-on-failure\n" +
			"  reprompt run --retries 1 --random auto --format progress --format junit:junit.xml",
		RunE: p.traced(func(cmd *cobra.Command, args []string) error {
			tenant, err := to.load(p, cmd, true)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("concurrency") && options.Concurrency < 1 {
				return usagef("--concurrency is %d: give 1 or more", options.Concurrency)
			}
			if options.Signer, options.Authority, err = by.load(cmd, tenant); err != nil {
				return err
			}
			options.Tenant, options.RealTime, options.Paths = tenant, to.realTime, args
			if err := with.into(&options, p, cmd); err != nil {
				return err
			}
			options.Progress, options.Command, options.Program = p.stderr, cmd.CommandPath(), asCalled()
			options.OnlySentences = true
			if options.RunOptions, err = how.load(p, cmd, with, asJSON); err != nil {
				return err
			}
			if options.Controls, err = mapped.load(cmd, tenant); err != nil {
				return err
			}
			p.tenant.Store(&to.file)
			return p.run(cmd, options, &how, asJSON)
		}),
	}
	to.register(cmd)
	with.register(cmd)
	mapped.register(cmd)
	by.register(cmd)
	how.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&options.EvidenceDir, "evidence", defaultEvidence, "the `DIR` under which the run gets a folder of its own")
	flags.StringVar(&options.Tags, "tags", "", "only scenarios with these tags, a Cucumber tag `EXPRESSION`")
	flags.StringVar(&options.Shard, "shard", "", "run only part `I/N` of the scenarios, for example 1/3; join the bundles with evidence merge")
	flags.StringVar(&options.Durations, "durations", "", "with --shard: the `FOLDER` of an earlier run, its run.json, or what run --json printed; the parts then take equally long")
	flags.StringArrayVar(&options.Names, "name", nil, "only scenarios whose name matches this regular `EXPRESSION`; may be repeated")
	flags.IntVar(&options.Concurrency, "concurrency", 0, "run up to `N` scenarios at a time (default: one per core, at most 4); on the tenant of a file N browser contexts (default: one per test admin), and scenarios that only wait have none")
	flags.BoolVar(&options.Trace, "trace", false, traceUsage)
	flags.BoolVar(&asJSON, "json", false, "print the result as one JSON object")
	return cmd
}

// run opens a suite, runs it and closes it, however it ends, and reports.
func (p *program) run(cmd *cobra.Command, options suite.Options, how *running, asJSON bool) error {
	if how.dryRun {
		return p.plan(options, asJSON)
	}
	to, err := p.openReports(how.formats, asJSON)
	if err != nil {
		return err
	}
	reporters := to.reporters(p)
	options.Reporters, options.Quiet = reporters, to.quiet
	if options.Seed != 0 {
		fmt.Fprintf(p.stderr, "shuffled: the same order again with --random %d\n", options.Seed)
	}
	result, err := p.runSuite(cmd, options)
	if errors.Is(err, suite.ErrNothingToRerun) {
		fmt.Fprintln(p.stderr, err)
		return to.discard()
	}
	if result == nil {
		return errors.Join(err, to.discard())
	}
	written := to.finish(result, reporters)
	if a := annotationsHere(p.annotated(to, asJSON)); a != nil {
		a.tell(result)
	}
	if asJSON {
		written = errors.Join(written, p.printJSON(result))
	} else {
		result.WriteSummary(to.summary)
		writeNext(to.summary, cmd, result)
	}
	if result.Failed > 0 || how.failOnFlaky && result.Flaky > 0 {
		p.outcome = exitNotAsAsked
	}
	if err == nil {
		err = written
	}
	return err
}

func (p *program) runSuite(cmd *cobra.Command, options suite.Options) (result *suite.Result, err error) {
	s, err := suite.Open(cmd.Context(), options)
	if err != nil {
		return nil, err
	}
	p.opened(s.Journal())
	defer func() {
		if closed := s.Close(cmd.Context()); err == nil {
			err = closed
		}
	}()
	return s.Run(cmd.Context())
}

// opened notes that from now on an interruption has something to undo.
func (p *program) opened(journal string) {
	p.journal.Store(&journal)
	p.undoes.Store(true)
}

// traceUsage is what --trace does, in run and prove.
const traceUsage = "keep what each proof did step by step: pictures, elements, requests, consoles; see it with reprompt show"
