package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

// annotated is where annotations go: standard output, unless programs read something else there.
func (p *program) annotated(to *reports, asJSON bool) io.Writer {
	if asJSON || to.summary != p.stdout {
		return p.stderr
	}
	return p.stdout
}

// plan prints what would run.
func (p *program) plan(options suite.Options, asJSON bool) error {
	planned, err := suite.Plan(options)
	if err != nil {
		return err
	}
	for _, one := range planned {
		if !asJSON {
			fmt.Fprintln(p.stdout, one)
		} else if err := p.printJSON(one); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stderr, "%s would run; nothing was opened\n", counted(len(planned), "scenario"))
	if options.Seed != 0 {
		fmt.Fprintf(p.stderr, "shuffled: the same order again with --random %d\n", options.Seed)
	}
	return nil
}

// writeNext says what to type next.
func writeNext(w io.Writer, cmd *cobra.Command, r *suite.Result) {
	if r.Report != "" {
		fmt.Fprintf(w, "open it:  %s show %s\n", asCalled(), quoted(r.Evidence))
	}
	if r.Failed == 0 {
		return
	}
	again := asCalled() + " run --rerun"
	for _, name := range []string{"tenant", "evidence"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed {
			again += " --" + name + " " + quoted(flag.Value.String())
		}
	}
	fmt.Fprintf(w, "again:    %s\n", again)
}

// asCalled is how reprompt was called, so that a hint can be typed as it stands: bin/reprompt in a clone.
func asCalled() string { return calledAs(os.Args[0]) }

func calledAs(name string) string {
	if strings.ContainsRune(name, filepath.Separator) {
		return quoted(name)
	}
	return "reprompt"
}
