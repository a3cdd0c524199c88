package main

import (
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/reprompt/reprompt/suite"
)

// running is how the scenarios of a run are run, as it was typed.
type running struct {
	options     suite.RunOptions
	random      string
	formats     []string
	failOnFlaky bool
	dryRun      bool
	pause       bool
}

func (r *running) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&r.options.Rerun, "rerun", false, "only what failed in the newest run below --evidence, single rows of examples, too")
	flags.IntVar(&r.options.Retries, "retries", 0, "run again, up to `N` times, what broke or stayed inconclusive; a verdict that was reached is final")
	flags.BoolVar(&r.failOnFlaky, "fail-on-flaky", false, "with --retries: exit 1 also when a scenario passed only when it was tried again")
	flags.DurationVar(&r.options.Timeout, "timeout", 0, "how `LONG` one attempt at a scenario may take, for example 3m; waits for the tenant's clock do not count (default: only steps are bounded)")
	flags.DurationVar(&r.options.StepTimeout, "step-timeout", 0, "how `LONG` one step may take; waits for the tenant's clock do not count (default: waits.step of the tenant file, else 2m)")
	flags.StringVar(&r.random, "random", "", "shuffle features and scenarios by the number `SEED`; 0 or auto chooses one and prints it")
	flags.BoolVar(&r.options.FailFast, "fail-fast", false, "begin no further scenario once one failed that is not tried again")
	flags.BoolVar(&r.dryRun, "dry-run", false, "list what would run, in that order, and open nothing")
	flags.DurationVar(&r.options.SlowMotion, "slow-mo", 0, "wait `LONG` before each click, field and page, for example 500ms, so that a person can follow")
	flags.BoolVar(&r.pause, "pause-on-failure", false, "with --headed: stop at a scenario that failed, its window open, until Enter is pressed")
	flags.StringArrayVar(&r.formats, "format", nil, "report as `NAME[:FILE]`: pretty, progress, junit or messages, to FILE or else to standard output; may be repeated")
}

// load checks the flags beside each other. Nothing was opened by then.
func (r *running) load(p *program, cmd *cobra.Command, with browser, asJSON bool) (suite.RunOptions, error) {
	if err := r.check(cmd, with); err != nil {
		return r.options, err
	}
	seed, err := seedOf(r.random, cmd.Flags().Changed("random"))
	if err != nil {
		return r.options, err
	}
	r.options.Seed = seed
	if r.dryRun && len(r.formats) > 0 {
		return r.options, usagef("--dry-run runs nothing that --format could report: leave one out")
	}
	if r.pause {
		if !p.interactive() {
			return r.options, usagef("--pause-on-failure waits for Enter, and standard input is no terminal: leave it out")
		}
		r.options.PauseOnFailure = p.pauseUntilEnter()
	}
	r.options.Calm = true
	return r.options, nil
}

func (r *running) check(cmd *cobra.Command, with browser) error {
	changed := cmd.Flags().Changed
	switch {
	case r.options.Retries < 0:
		return usagef("--retries is %d: give 0 or more", r.options.Retries)
	case r.failOnFlaky && r.options.Retries == 0:
		return usagef("--fail-on-flaky is about scenarios that are tried again: say how often with --retries N, too")
	case changed("timeout") && r.options.Timeout <= 0:
		return usagef("--timeout is %s: give more than 0s, for example 3m", r.options.Timeout)
	case changed("step-timeout") && r.options.StepTimeout <= 0:
		return usagef("--step-timeout is %s: give more than 0s, for example 90s", r.options.StepTimeout)
	case r.options.SlowMotion < 0 || r.options.SlowMotion > slowest:
		return usagef("--slow-mo is %s: give 0s to %s, for example 500ms", r.options.SlowMotion, slowest)
	case r.pause && !with.headed:
		return usagef("--pause-on-failure keeps a window open, and there is none: say --headed, too")
	}
	return nil
}

// slowest bounds --slow-mo: pages give up waiting for the next click later than that.
const slowest = 10 * time.Second

func seedOf(text string, given bool) (int64, error) {
	if !given {
		return 0, nil
	}
	if text == "auto" || text == "0" {
		return suite.NewSeed(), nil
	}
	seed, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seed < 0 {
		return 0, usagef("--random is %q: give a whole number such as 7, or auto", text)
	}
	return seed, nil
}

// interactive reports whether somebody can press Enter.
func (p *program) interactive() bool {
	file, ok := p.stdin.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
