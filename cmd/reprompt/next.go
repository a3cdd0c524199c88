package main

import (
	"fmt"
	"io"
	"runtime"

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
		fmt.Fprintf(w, "open it:  %s %s\n", opener(), quoted(r.Report))
	}
	if r.Failed == 0 {
		return
	}
	again := "reprompt run --rerun"
	for _, name := range []string{"tenant", "evidence"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed {
			again += " --" + name + " " + quoted(flag.Value.String())
		}
	}
	fmt.Fprintf(w, "again:    %s\n", again)
	if code := codeToExplain(r); code != "" {
		fmt.Fprintf(w, "explain:  reprompt explain %s\n", code)
	}
}

// codeToExplain is the decisive cause, or reason, of the first scenario that failed with one.
func codeToExplain(r *suite.Result) string {
	for _, s := range r.Scenarios {
		switch {
		case s.Outcome != suite.Failed:
		case len(s.Causes) > 0:
			return string(s.Causes[0])
		case len(s.Reasons) > 0:
			return string(s.Reasons[0])
		}
	}
	return ""
}

// opener is the command that opens a page in the browser of whoever sits there.
func opener() string {
	switch runtime.GOOS {
	case "windows":
		return "start"
	case "darwin":
		return "open"
	default:
		return "xdg-open"
	}
}
