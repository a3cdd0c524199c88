package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

func newVersion(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print which reprompt this is",
		Long: "version prints the version, the commit where it was built from a clean tree, the version of Go, and for\n" +
			"which system it was built.",
		Example: "  reprompt version\n  reprompt version --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			b := suite.Version()
			if asJSON {
				return json.NewEncoder(p.stdout).Encode(map[string]string{
					"version": b.Version, "commit": b.Commit, "go": b.Go, "os": runtime.GOOS, "arch": runtime.GOARCH,
				})
			}
			commit := ""
			if b.Commit != "" {
				commit = " (" + b.Commit[:min(12, len(b.Commit))] + ")"
			}
			_, err := fmt.Fprintf(p.stdout, "reprompt %s%s, %s, %s/%s\n", b.Version, commit, b.Go, runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}
