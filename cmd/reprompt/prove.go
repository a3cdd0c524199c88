package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
)

// proveFlags are the flags of prove as they were typed.
type proveFlags struct {
	to      target
	with    browser
	mapped  controls
	by      signing
	request suite.ProveRequest
	options suite.Options
	replay  string
	strict  bool
	asJSON  bool
}

// proveExitCodes are those of prove, over all roles.
const proveExitCodes = `Exit codes; where several apply the first of 4, 1, 3, 0:
  0    every role is enforced
  1    a role is not enforced, or with --strict not for everyone who may activate it; or the evidence
       could not be kept
  2    usage, configuration or a missing requirement; nothing was written to a tenant
  3    no role is known not to be enforced, and one is inconclusive or came to no verdict
` + endsOfAll

func newProve(p *program) *cobra.Command {
	f := &proveFlags{}
	cmd := &cobra.Command{
		Use:   "prove --role NAME",
		Short: "Prove one role of a tenant as it is configured now",
		Long: "prove activates a role once, for the shortest duration, says whether the admin was asked to sign in\n" +
			"again, and gives the role back. It changes no configuration.\n\n" +
			"PIM asks nobody twice within ten minutes, whichever role it is: one test admin proves one role per\n" +
			"eleven minutes. Several roles are spread over the test admins of the tenant file (test_admins), or with\n" +
			"--make-admins over accounts that are made for it; what is planned, and when it will be over, is said\n" +
			"before it begins.\n\n" +
			tracesHelp + proveExitCodes,
		Example: "  reprompt prove --tenant tenant.yaml --role \"Application Administrator\"\n" +
			"  reprompt prove --tenant tests.yaml --all-protected --make-admins 8\n" +
			"  reprompt prove --embedded --role \"Application Administrator\" --way graph --json",
		Args: noArguments,
		RunE: p.traced(func(cmd *cobra.Command, _ []string) error {
			p.begun = true
			proofs, err := p.prove(cmd, f)
			return p.printProofs(f, proofs, err)
		}),
	}
	f.to.register(cmd)
	f.with.register(cmd)
	f.mapped.register(cmd)
	f.by.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.request.Roles, "role", nil, "the role's display `NAME`, or its id; may be repeated")
	flags.BoolVar(&f.request.AllProtected, "all-protected", false, "prove every role whose setting names an authentication context")
	flags.StringVar(&f.request.Shard, "shard", "", "prove only part `I/N` of the roles, for example 1/3; join the bundles with evidence merge")
	flags.StringVar(&f.request.Durations, "durations", "", "with --shard: the `FOLDER` of an earlier prove, or its run.json; the parts then take equally long")
	flags.IntVar(&f.request.MakeAdmins, "make-admins", 0, "make `K` test admins for it, prove the roles over them, and take them away again: with as many as roles all take one window (needs fixtures_app)")
	flags.StringVar((*string)(&f.request.Way), "way", "portal", "how to activate, `portal|graph`")
	flags.BoolVar(&f.request.Twice, "twice", false, "activate a second time, after both re-use windows")
	flags.BoolVar(&f.strict, "strict", false, "exit 1 also when the verdict does not speak for everyone who may activate the role")
	flags.StringVar(&f.replay, "replay", "real", "try earlier tokens with `real|validation` requests; in the portal only real ones can end in enforced")
	flags.BoolVar(&f.request.ReplaySteppedUp, "replay-stepped-up", false, "try, after both re-use windows, whether the stepped-up token activates once more; --twice does so too")
	flags.DurationVar(&f.request.AwaitLog, "await-log", 0, "for how `LONG` to await rows of the sign-in log, for example 15m; 0s is one look")
	flags.DurationVar(&f.request.AwaitApproval, "await-approval", 0, "for how `LONG` to await an approver where the role setting asks for one, for example 30m; 0s reports the activation as pending and withdraws it")
	flags.DurationVar(&f.request.Timeout, "timeout", defaultTimeout, "how `LONG` all of it may take, without the waits for the tenant's clock; giving back gets 30 s more; 0s is no bound")
	flags.Lookup("timeout").DefValue = "1h"
	flags.StringVar(&f.request.Justification, "justification", "", "the `TEXT` sent with the activation; the run's id is added")
	flags.StringVar(&f.request.TicketNumber, "ticket", "", "the ticket `NUMBER`, where the role setting asks for one")
	flags.StringVar(&f.request.TicketSystem, "ticket-system", "", "the ticket `SYSTEM`, where the role setting asks for one")
	flags.IntVar(&f.options.Concurrency, "concurrency", 0, "of several roles, prove up to `N` at a time, each in a browser context of its own (default: one per core, at most 4)")
	flags.BoolVar(&f.options.Human, "human", false, "with --headed: a person signs in, in the window; everything is observed and judged the same")
	flags.StringVar(&f.options.EvidenceDir, "evidence", defaultEvidence, "the `DIR` under which the run gets a folder of its own")
	flags.BoolVar(&f.options.Trace, "trace", false, traceUsage)
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object per role ("+evidence.ProveSchema+"), also when it fails")
	return cmd
}

// defaultTimeout is generous: a proof takes a minute or two beside the waits, and many roles may be named.
const defaultTimeout = time.Hour

// prove checks the flags and proves the roles.
func (p *program) prove(cmd *cobra.Command, f *proveFlags) ([]evidence.Proof, error) {
	switch {
	case f.request.AllProtected && len(f.request.Roles) > 0:
		return nil, usagef("--all-protected and --role exclude each other: leave one out")
	case !f.request.AllProtected && len(f.request.Roles) == 0:
		return nil, usagef("prove needs a role: name it with --role \"Application Administrator\", or say --all-protected")
	}
	for _, role := range f.request.Roles {
		if role == "" {
			return nil, usagef("--role is empty: name a role, for example --role \"Application Administrator\"")
		}
	}
	if f.request.AwaitLog < 0 {
		return nil, usagef("--await-log is %s: give it 0s or more, for example 15m", f.request.AwaitLog)
	}
	if f.request.AwaitApproval < 0 {
		return nil, usagef("--await-approval is %s: give it 0s or more, for example 30m", f.request.AwaitApproval)
	}
	if f.request.Durations != "" && f.request.Shard == "" {
		return nil, usagef("--durations says how to divide the roles: say which part with --shard I/N, too, or leave it out")
	}
	if cmd.Flags().Changed("make-admins") && f.request.MakeAdmins < 1 {
		return nil, usagef("--make-admins is %d: give 1 or more", f.request.MakeAdmins)
	}
	if cmd.Flags().Changed("concurrency") && f.options.Concurrency < 1 {
		return nil, usagef("--concurrency is %d: give 1 or more", f.options.Concurrency)
	}
	if f.request.Timeout < 0 {
		return nil, usagef("--timeout is %s: give it 0s or more, for example 10m", f.request.Timeout)
	}
	tenant, err := f.to.load(p, cmd, false)
	if err != nil {
		return nil, err
	}
	switch f.replay {
	case "real", "validation":
		f.request.ValidateReplays = f.replay == "validation"
	default:
		return nil, usagef("--replay is %q: say real or validation", f.replay)
	}
	if f.options.Controls, err = f.mapped.load(cmd, tenant); err != nil {
		return nil, err
	}
	if f.options.Signer, f.options.Authority, err = f.by.load(cmd, tenant); err != nil {
		return nil, err
	}
	f.options.Tenant, f.options.RealTime = tenant, f.to.realTime
	if err := f.with.into(&f.options, p, cmd); err != nil {
		return nil, err
	}
	f.options.Progress, f.options.Command = p.stderr, cmd.CommandPath()
	p.tenant.Store(&f.to.file)
	return suite.Prove(cmd.Context(), f.options, f.request, p.opened)
}

// printProofs prints a proof per role. The exit code is that of the role that came out worst.
func (p *program) printProofs(f *proveFlags, proofs []evidence.Proof, err error) error {
	if proofs == nil && err != nil {
		proofs = notBegun(f, err)
	}
	for _, proof := range proofs {
		p.outcome = worse(p.outcome, outcomeOf(proof, f.strict))
		if written := p.printProof(f, proof); written != nil {
			return written
		}
	}
	if !f.asJSON {
		p.openProofs(proofs)
	}
	return err
}

// openProofs says how to look at them. All roles of a command are in one folder.
func (p *program) openProofs(proofs []evidence.Proof) {
	for _, proof := range proofs {
		if proof.Verdict != nil && proof.Evidence != "" {
			fmt.Fprintf(p.stdout, "open it:  %s show %s\n", asCalled(), quoted(proof.Evidence))
			return
		}
	}
}

// belowLabel is the column at which the texts of a summary begin, behind their labels.
const belowLabel = 13

func (p *program) printProof(f *proveFlags, proof evidence.Proof) error {
	if f.asJSON {
		return p.printLine(proof)
	}
	if proof.Verdict == nil {
		return nil // the error is printed to standard error
	}
	var text strings.Builder
	if err := evidence.Summary(&text, proof, p.colour()); err != nil {
		return err
	}
	if _, err := io.WriteString(p.stdout, suite.NewScreen(p.stdout).Fold(text.String(), belowLabel)); err != nil {
		return err
	}
	if proof.Evidence == "" {
		return nil
	}
	_, err := fmt.Fprintf(p.stdout, "  %-10s %s\n", "report", filepath.Join(proof.Evidence, "report.html"))
	return err
}

func (p *program) printLine(proof evidence.Proof) error {
	line, err := evidence.ProveLine(proof)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(line)
	return err
}

// refused prints the object of --json for a command line of prove that was refused before it was
// read to its end, so that the flag may not have been seen.
func (p *program) refused(cmd *cobra.Command, args []string, err error) error {
	asked := slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
	if p.begun || !asked || cmd.Name() != "prove" {
		return nil
	}
	return p.printLine(evidence.Proof{Err: err})
}

// notBegun is a proof per role for a command line that was refused: --json prints an object for
// each role that was asked for, whatever happens, and one where none was.
func notBegun(f *proveFlags, err error) []evidence.Proof {
	if len(f.request.Roles) == 0 {
		return []evidence.Proof{{Err: err}}
	}
	var proofs []evidence.Proof
	for _, role := range f.request.Roles {
		proof := evidence.Proof{Err: err}
		proof.Role.Name = role
		proofs = append(proofs, proof)
	}
	return proofs
}

// outcomeOf is the exit code of one proof. With strict, a verdict that does not speak for everyone
// who may activate the role is not as demanded.
func outcomeOf(proof evidence.Proof, strict bool) int {
	switch {
	case proof.Verdict == nil:
		return exitUndecided
	case proof.Verdict.Outcome == "not-enforced":
		return exitNotAsAsked
	case proof.Verdict.Outcome != "enforced":
		return exitUndecided
	case strict && !proof.Verdict.Scope.Clean():
		return exitNotAsAsked
	default:
		return exitAsDemanded
	}
}

// worse ranks the exit codes of proofs: 1 before 3 before 0.
func worse(a, b int) int {
	rank := map[int]int{exitAsDemanded: 0, exitUndecided: 1, exitNotAsAsked: 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// columns is how wide the terminal is that standard output goes to; 0 where it goes to none.
func (p *program) columns() int {
	file, ok := p.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// colour says whether standard output is a terminal that wants colour (https://no-color.org).
func (p *program) colour() bool {
	file, ok := p.stdout.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
}
