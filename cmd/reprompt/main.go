// Command reprompt proves that activating a privileged role in Microsoft Entra asks the admin to
// sign in again, by trying it.
//
//	reprompt run                                   the scenarios, on the embedded tenant
//	reprompt prove --tenant FILE --role NAME       one role of a tenant, as it is configured now
//	reprompt watch --tenant FILE                   its roles again, after every change
//	reprompt fleet FILE                            the roles of many tenants
//	reprompt emulator --dir DIR                    the embedded tenant, for other programs
//	reprompt init                                  writes a tenant file, makes its registrations
//	reprompt doctor --tenant FILE                  what can be known before a proof
//	reprompt cleanup --tenant FILE                 undoes what an interrupted run left
//	reprompt show [DIR]                            the report and the trace of a run, in a browser
//	reprompt evidence verify DIR                   what a run left behind, offline
//	reprompt keygen --out FILE                     a key pair that signs evidence
//	reprompt steps                                 the sentences that a scenario may use
//
// Results go to standard output, progress and errors to standard error; an error is one line
// that says how to mend what is wrong.
//
// Exit codes; where several apply the first of 4, 1, 3, 0:
//
//	0    everything asked for was so
//	1    a verdict or a scenario is not as demanded, or its evidence could not be kept
//	2    usage, configuration or a missing requirement; nothing was written to a tenant
//	3    no failure, but something stayed undecided; never of run, where a scenario demands a verdict
//	4    the tenant could not be restored; the path of the journal is printed
//	5    a defect of reprompt itself
//	130  interrupted, and what was made is undone
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/suite"
)

func main() {
	if err := secret.NoDumps(); err != nil {
		fmt.Fprintln(os.Stderr, "reprompt: "+err.Error()+"; a crash could leave secrets on disk")
	}
	os.Exit(execute(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := &program{stdin: os.Stdin, stdout: stdout, stderr: suite.NewScreen(stderr)}
	return p.execute(ctx, newRoot(p), args)
}

func (p *program) execute(ctx context.Context, root *cobra.Command, args []string) (code int) {
	defer func() {
		if defect := recover(); defect != nil {
			text := fmt.Sprintf("reprompt: a defect of reprompt itself: %v; please report it with what follows\n%s", defect, debug.Stack())
			fmt.Fprint(p.stderr, p.redacted(text))
			code = exitDefect
		}
	}()
	ctx, stop := p.watchInterrupts(ctx)
	defer stop()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = p.noHelp
	}
	if err != nil {
		err = errors.Join(err, p.refused(cmd, args, err))
		p.report(ctx, err)
		p.sayDocument(documentOf(ctx, cmd, err))
	}
	return p.exitCode(ctx, err)
}
