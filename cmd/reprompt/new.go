package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

func newNew(p *program) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a scenario to begin with",
		Long: "new writes features/NAME.feature, a scenario that runs, and settings by which editors with the\n" +
			"Cucumber extension know every sentence. What is there already is kept.",
		Example: "  reprompt new \"Reader is protected\"\n  reprompt run features/reader_is_protected.feature",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || strings.TrimSpace(args[0]) == "" {
				return usagef("new needs a NAME: what the scenario is about, for example reprompt new \"Reader is protected\"")
			}
			written, err := suite.Scaffold(dir, strings.Join(args, " "))
			for _, path := range written {
				fmt.Fprintln(p.stdout, path)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stderr, "check it:     %s check %s\nrun it:       %s run %s\nwrite more:   %s steps\n", asCalled(), quoted(written[0]), asCalled(), quoted(written[0]), asCalled())
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", ".", "the `DIR` to write into")
	return cmd
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return strings.ContainsRune(" '\"$&|;()<>*?", r) }) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
