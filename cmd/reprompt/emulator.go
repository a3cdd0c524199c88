package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/suite"
)

func newEmulator(p *program) *cobra.Command {
	var options suite.EmulatorOptions
	var adversarial uint64
	cmd := &cobra.Command{
		Use:   "emulator --dir DIR",
		Short: "Serve the embedded tenant until interrupted",
		Long: "emulator serves an emulated Entra behind a loopback proxy, under Microsoft's own host names, and at an\n" +
			"https address of its own for clients that are told their authority. It writes what a client needs into DIR:\n" +
			"tenant.yaml (ready for --tenant), ca.pem, emulator.json, and the secrets, readable by you only.",
		Example: "  reprompt emulator --dir lab --sample\n  reprompt prove --tenant lab/tenant.yaml --role \"Application Administrator\"",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if options.Dir == "" {
				return usagef("emulator needs a folder for its files: name one with --dir DIR")
			}
			if cmd.Flags().Changed("adversarial") {
				if cmd.Flags().Changed("seed") {
					return usagef("--adversarial names the seed already; leave --seed out")
				}
				options.Adversarial, options.Seed = true, adversarial
			}
			options.Serving = func(a suite.EmulatorAccess) {
				fmt.Fprintf(p.stdout, "tenant:    %s\nproxy:     %s\nauthority: %s\nca:        %s\ncontrol:   %s\nseed:      %d\n", a.TenantFile, a.Proxy, a.Authority, a.CAFile, a.Control, a.Seed)
				fmt.Fprintln(p.stderr, "serving; Ctrl-C ends it")
			}
			return suite.ServeEmulator(cmd.Context(), options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.Dir, "dir", "", "the `DIR` for its files; made when it is not there")
	flags.BoolVar(&options.Sample, "sample", false, "a tenant in which Application Administrator asks for a new sign-in")
	flags.Uint64Var(&options.Seed, "seed", 0, "the `NUMBER` that ids, order and latency come from (default: a new one, printed)")
	flags.Uint64Var(&adversarial, "adversarial", 0, "as --seed `NUMBER`, of a tenant that varies all that a real one may: language, order, pages in between, latency")
	flags.StringVar(&options.ProxyAddress, "proxy", "", "the loopback `ADDRESS` of the proxy (default: a free port)")
	flags.StringVar(&options.AuthorityAddress, "authority", "", "the loopback `ADDRESS` of the tenant's own https address (default: a free port)")
	flags.StringVar(&options.ControlAddress, "control", "", "the loopback `ADDRESS` of the control listener (default: a free port)")
	return cmd
}
