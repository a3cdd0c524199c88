package main

import (
	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/doctor"
	"github.com/reprompt/reprompt/suite"
)

func newDoctor(p *program) *cobra.Command {
	var (
		to      target
		with    browser
		options suite.DoctorOptions
		asJSON  bool
		page    capture
	)
	cmd := &cobra.Command{
		Use:   "doctor --tenant FILE",
		Short: "Check everything that can be known before a proof",
		Long: "doctor looks at the tenant, the test admin, the registrations and this machine, and says of each what\n" +
			"it found and how to mend it. It changes nothing and signs nobody in but the application that reads.\n\n" +
			"With --capture-page it opens the sign-in instead, enters the admin's user name and no credential, and\n" +
			"writes the page at which that ends to a file, without its secrets.\n\n" +
			"Exit codes: 0 nothing is in the way; 2 a check failed, or the tenant file is wrong; 3 none failed and\n" +
			"one could not be made.",
		Example: "  reprompt doctor --tenant tenant.yaml --role \"Application Administrator\"\n  reprompt doctor --embedded --json\n" +
			"  reprompt doctor --tenant tenant.yaml --capture-page page.json\n" +
			"  reprompt doctor --capture-page page.json --page-from evidence-out/20260301T120000Z-0badcafe",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := page.check(cmd); err != nil {
				return err
			}
			if page.from != "" {
				return page.fromEvidence(p)
			}
			if err := with.load(p, cmd); err != nil {
				return err
			}
			if options.Tenant, err = to.load(p, cmd, false); err != nil {
				return err
			}
			if page.file != "" {
				return page.fromTenant(p, cmd, suite.CaptureOptions{
					Tenant: options.Tenant, AllowHosts: with.hosts, BrowserPath: with.path, BrowserURL: with.url, Headed: with.headed, RealTime: to.realTime,
				})
			}
			options.BrowserPath, options.BrowserURL, options.Headed, options.RealTime = with.path, with.url, with.headed, to.realTime
			report, err := suite.Doctor(cmd.Context(), options)
			if err != nil {
				return err
			}
			return p.printReport(report, asJSON)
		},
	}
	to.register(cmd)
	with.register(cmd)
	page.register(cmd)
	cmd.Flags().StringArrayVar(&options.Roles, "role", nil, "a role's display `NAME`, or its id; may be repeated (default: all that the admin is eligible for)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object ("+doctor.Schema+")")
	return cmd
}

// printReport prints what was found. A check that failed is a missing requirement.
func (p *program) printReport(report doctor.Report, asJSON bool) error {
	switch report.Result {
	case doctor.Failed:
		p.outcome = exitUsage
	case doctor.Unknown:
		p.outcome = exitUndecided
	}
	if !asJSON {
		return report.Write(p.stdout, p.columns())
	}
	return p.printJSON(report)
}
