package main

import (
	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

func newSteps(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "steps",
		Short:   "List every sentence that a scenario may use",
		Long:    "steps prints the sentences by subject, each with an example, what it does, and its pattern.\nThe same list is docs/steps.md.",
		Example: "  reprompt steps\n  reprompt steps --json | jq -r .example",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			sentences, err := suite.Sentences()
			if err != nil {
				return err
			}
			if !asJSON {
				suite.WriteSentences(p.stdout, sentences)
				return nil
			}
			for _, s := range sentences {
				if err := p.printJSON(s); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per sentence")
	return cmd
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument, got %q: see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}
