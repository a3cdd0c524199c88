package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

func newSteps(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "steps",
		Short: "List every sentence that a scenario may use",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			sentences, err := suite.Sentences()
			if err != nil {
				return err
			}
			encoder := json.NewEncoder(p.stdout)
			encoder.SetEscapeHTML(false)
			for i, s := range sentences {
				if asJSON {
					if err := encoder.Encode(s); err != nil {
						return err
					}
					continue
				}
				if i > 0 {
					fmt.Fprintln(p.stdout)
				}
				fmt.Fprintf(p.stdout, "%s\n    %s\n    %s\n", s.Example, s.Text, s.Pattern)
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
