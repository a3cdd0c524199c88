package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

func newCleanup(p *program) *cobra.Command {
	var (
		to     target
		with   browser
		dryRun bool
	)
	cmd := &cobra.Command{
		Use:   "cleanup --tenant FILE",
		Short: "Undo what an interrupted run left in a tenant",
		Long: "cleanup undoes whatever the journal of the tenant still holds, newest first. Doing it twice is\n" +
			"harmless. What somebody else changed meanwhile is reported and left alone. A role that is still\n" +
			"active is given back as the test admin, who is signed in anew; where that fails, its end is waited\n" +
			"for, with the time shown. With --dry-run the tenant is read and nothing is changed.\n\n" +
			"Exit codes:\n" +
			"  0    nothing is left to undo, or with --dry-run it is listed\n" +
			"  2    usage, the tenant file, or a journal that another process works with\n" +
			"  4    something could not be undone, and the journal still holds it\n" +
			"  5    a defect of reprompt itself\n" +
			"  130  interrupted; what is left stays in the journal",
		Example: "  reprompt cleanup --tenant tenant.yaml --dry-run\n  reprompt cleanup --tenant tenant.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			tenant, err := to.load(p, cmd, false)
			if err != nil {
				return err
			}
			if err := with.load(p, cmd); err != nil {
				return err
			}
			if tenant == nil {
				fmt.Fprintln(p.stdout, "nothing to undo: an embedded tenant ends with the command that started it")
				return nil
			}
			p.tenant.Store(&to.file)
			report, err := suite.Cleanup(cmd.Context(), suite.CleanupOptions{
				Tenant: tenant, DryRun: dryRun, RealTime: to.realTime, Progress: p.stderr,
				BrowserPath: with.path, BrowserURL: with.url, Headed: with.headed, AllowHosts: with.hosts,
				Opened: func(journal string) { p.journal.Store(&journal) },
			})
			if report != nil {
				report.Write(p.stdout)
			}
			return err
		},
	}
	to.register(cmd)
	with.register(cmd)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would be undone")
	return cmd
}
