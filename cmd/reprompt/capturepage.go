package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

// capture are the flags of doctor that keep a page.
type capture struct {
	file    string // where it goes
	address string
	from    string // evidence
}

func (c *capture) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.file, "capture-page", "", "write the page at which a sign-in with the user name alone ends to a new `FILE`, without its secrets")
	flags.StringVar(&c.address, "page-url", "", "with --capture-page, the `URL` to open instead of the sign-in")
	flags.StringVar(&c.from, "page-from", "", "with --capture-page, the run's folder `DIR` of a proof that ended with PAGE_NOT_RECOGNISED; no tenant is asked")
}

func (c *capture) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	switch {
	case changed("capture-page") && c.file == "":
		return usagef("--capture-page is empty: name the file to write")
	case (changed("page-url") || changed("page-from")) && c.file == "":
		return usagef("--page-url and --page-from say which page --capture-page writes: add --capture-page FILE")
	case changed("page-from") && c.from == "":
		return usagef("--page-from is empty: name the folder of a run")
	case c.address != "" && c.from != "":
		return usagef("--page-url and --page-from exclude each other: leave one out")
	case c.file != "" && (changed("role") || changed("json")):
		return usagef("--capture-page makes no checks: leave --role and --json out")
	case c.from != "" && (changed("tenant") || changed("embedded")):
		return usagef("--page-from asks no tenant: leave --tenant and --embedded out")
	case c.file != "" && changed("embedded"):
		return usagef("--capture-page is for a tenant of a file: every page of the embedded one is known")
	}
	return nil
}

func (c *capture) fromEvidence(p *program) error {
	page, err := suite.PageFromEvidence(c.from)
	if err != nil {
		return err
	}
	return c.write(p, page)
}

func (c *capture) fromTenant(p *program, cmd *cobra.Command, options suite.CaptureOptions) error {
	options.Address = c.address
	page, err := suite.CapturePage(cmd.Context(), options)
	if err != nil {
		return err
	}
	return c.write(p, page)
}

// write writes the fixture, never over another file, and says what to do with it.
func (c *capture) write(p *program, page suite.CapturedPage) error {
	file, err := os.OpenFile(c.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usagef("write the page: %v: name a new file in a folder that is there", err)
	}
	_, err = file.Write(page.Fixture)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if page.Why != "" {
		fmt.Fprintf(p.stdout, "ended:  %s\n", p.redacted(page.Why))
	}
	if page.Known != "" {
		fmt.Fprintf(p.stdout, "page:   %q, which is known; nothing has to be added for it\nwrote:  %s\n", page.Known, c.file)
		return nil
	}
	fmt.Fprintf(p.stdout, "page:   none that is known\nwrote:  %s\nnext:   look it through: texts and ids are taken out, names of elements are not. Then attach it to an issue, or put\n"+
		"        it into browser/entra/testdata/pages/NAME.json and give it a row in browser/entra/pages.go\n", c.file)
	return nil
}
