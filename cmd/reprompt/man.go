package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// epoch dates the pages, so that they are the same whenever they are made.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newMan(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the manual pages",
		Long:    "man writes a manual page for reprompt and one for each of its commands into DIR, in section 1.",
		Example: "  reprompt man ~/.local/share/man/man1\n  man reprompt-prove",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("man needs one folder to write into: reprompt man DIR")
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return usagef("make the folder for the manual pages: %v", err)
			}
			header := &doc.GenManHeader{Title: "REPROMPT", Section: "1", Date: &epoch, Source: "reprompt", Manual: "User Commands"}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return usagef("write the manual pages: %v", err)
			}
			_, err := fmt.Fprintf(p.stdout, "%s\n", args[0])
			return err
		},
	}
}
