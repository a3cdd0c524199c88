package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

func newCheck(p *program) *cobra.Command {
	var (
		tags   []string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Check feature files without running them",
		Long: "check reads .feature files, folders and FILE:LINE, without a browser or a tenant, and says what cannot\n" +
			"work: sentences that nobody knows, codes that no verdict names, tables that do not fit, scenarios that\n" +
			"assert no verdict, tags that are misspelt. Each problem is one line, FILE:LINE: TEXT.\n" +
			"Without PATH it reads the features of reprompt itself.\n\n" +
			"Exit codes: 0 nothing was found, 1 something was, 2 a path does not exist.",
		Example: "  reprompt check features\n  reprompt check --tag @team-identity features/own.feature",
		RunE: func(_ *cobra.Command, args []string) error {
			checked, err := suite.Check(args, tags)
			if err != nil {
				return err
			}
			if len(checked.Problems) > 0 {
				p.outcome = exitNotAsAsked
			}
			return p.printChecked(checked, asJSON)
		},
	}
	cmd.Flags().StringArrayVar(&tags, "tag", nil, "a `TAG` of your own that is right; may be repeated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per problem")
	return cmd
}

func (p *program) printChecked(checked suite.Checked, asJSON bool) error {
	for _, problem := range checked.Problems {
		if !asJSON {
			fmt.Fprintln(p.stdout, problem)
		} else if err := p.printJSON(problem); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stderr, "%s, %s: %s\n", counted(checked.Files, "file"), counted(checked.Scenarios, "scenario"), counted(len(checked.Problems), "problem"))
	return nil
}

// counted writes a number with its noun: "1 file", "2 files".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
