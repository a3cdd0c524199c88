package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
)

func newProve(p *program) *cobra.Command {
	var (
		to      target
		with    browser
		request suite.ProveRequest
		options suite.Options
		replay  string
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "prove --role NAME",
		Short: "Prove one role of a tenant as it is configured now",
		Long: "prove activates a role once, for the shortest duration, and says whether the admin was asked to\n" +
			"sign in again. It changes no configuration, and gives the role back.",
		Example: "  reprompt prove --tenant tenant.yaml --role \"Application Administrator\"\n  reprompt prove --embedded --role \"Application Administrator\" --way graph --json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			tenant, err := to.load(cmd, false)
			if err != nil {
				return err
			}
			if len(request.Roles) == 0 || request.Roles[0] == "" {
				return usagef("prove needs a role: name it with --role \"Application Administrator\"")
			}
			if request.ValidateReplays, err = oneOf("replay", replay, map[string]bool{"real": false, "validation": true}); err != nil {
				return err
			}
			options.Tenant, options.RealTime = tenant, to.realTime
			options.BrowserPath, options.Headed = with.path, with.headed
			options.Progress, options.Command = p.stderr, cmd.CommandPath()
			return p.prove(cmd, options, request, asJSON)
		},
	}
	to.register(cmd)
	with.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&request.Roles, "role", nil, "the role's display `NAME`; may be repeated")
	flags.StringVar(&request.Way, "way", "portal", "how to activate: `portal|graph`")
	flags.BoolVar(&request.Twice, "twice", false, "activate a second time, after both re-use windows")
	flags.BoolVar(&request.Strict, "strict", false, "exit 1 also when the verdict does not speak for everyone who may activate the role")
	flags.StringVar(&replay, "replay", "real", "try earlier tokens with `real|validation` requests")
	flags.StringVar(&request.Justification, "justification", "", "the `TEXT` sent with the activation; the run's id is added")
	flags.StringVar(&request.TicketNumber, "ticket", "", "the ticket `NUMBER`, where the role setting asks for one")
	flags.StringVar(&options.EvidenceDir, "evidence", defaultEvidence, "the `DIR` under which the run gets a folder of its own")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object per role (reprompt/prove/v1), also when it fails")
	return cmd
}

// oneOf maps the value of a flag, or says what it may be.
func oneOf[T any](flag, value string, values map[string]T) (T, error) {
	if v, ok := values[value]; ok {
		return v, nil
	}
	var zero T
	return zero, usagef("--%s is %q: %s", flag, value, choices(values))
}

// prove proves the roles and prints them. The exit code is that of the role that came out worst.
func (p *program) prove(cmd *cobra.Command, options suite.Options, request suite.ProveRequest, asJSON bool) error {
	result, err := p.proveAll(cmd, options, request)
	for _, proof := range result {
		if asJSON {
			if err := evidence.WriteProveLine(p.stdout, proof.Line); err != nil {
				return err
			}
		} else if proof.Verdict != nil {
			evidence.Summary(p.stdout, proof.Summary, p.colour())
		}
		p.outcome = worse(p.outcome, proof.outcome(request.Strict))
	}
	return err
}

// colour says whether standard output is a terminal that wants colour.
func (p *program) colour() bool {
	file, ok := p.stdout.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
}

// worse ranks exit codes: 1 before 3 before 0.
func worse(a, b int) int {
	rank := map[int]int{exitAsDemanded: 0, exitUndecided: 1, exitNotAsAsked: 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

var _ = fmt.Sprint
