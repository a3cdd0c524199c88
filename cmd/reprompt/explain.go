package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/docs"
	"github.com/reprompt/reprompt/suite"
)

func newExplain(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "explain [CODE...]",
		Short:   "Say what a reason, a cause or a control means, and what to do",
		Long:    "explain prints what a code of a verdict means and how to mend what it names. Without CODE it lists all of them.\nThe same text is docs/codes.md.",
		Example: "  reprompt explain POLICY_REPORT_ONLY\n  reprompt explain within-reuse-window session-primed",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codeNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listCodes(asJSON)
			}
			var all []docs.Code
			for _, name := range args {
				found := docs.Explain(name)
				if len(found) == 0 {
					return usagef("there is no code %q%s (reprompt explain lists them)", name, suite.Like(strings.ToUpper(name), codeNames()))
				}
				all = append(all, found...)
			}
			return p.printCodes(all, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per code")
	return cmd
}

func codeNames() []string {
	var names []string
	for _, code := range docs.Codes() {
		names = append(names, code.Name)
	}
	return names
}

func (p *program) printCodes(codes []docs.Code, asJSON bool) error {
	if asJSON {
		for _, code := range codes {
			if err := p.printJSON(code); err != nil {
				return err
			}
		}
		return nil
	}
	for i, code := range codes {
		if i > 0 {
			fmt.Fprintln(p.stdout)
		}
		fmt.Fprintf(p.stdout, "%s (%s)\n\n%s\n", code.Name, code.Kind, p.fitted(plain(code.Text)))
	}
	return nil
}

// plain takes off what Markdown adds for a page.
func plain(text string) string { return strings.NewReplacer("**", "", "`", "").Replace(text) }

// listCodes prints the first sentence of each code.
func (p *program) listCodes(asJSON bool) error {
	if asJSON {
		return p.printCodes(docs.Codes(), true)
	}
	kind := ""
	for _, code := range docs.Codes() {
		if code.Kind != kind {
			kind = code.Kind
			fmt.Fprintf(p.stdout, "%ss\n", strings.ToUpper(kind[:1])+kind[1:])
		}
		first, _, _ := strings.Cut(strings.Join(strings.Fields(plain(code.Text)), " "), ". ")
		line := fmt.Sprintf("  %-34s %s.", code.Name, strings.TrimSuffix(first, "."))
		fmt.Fprintln(p.stdout, suite.NewScreen(p.stdout).Fold(line, 37))
	}
	return nil
}
