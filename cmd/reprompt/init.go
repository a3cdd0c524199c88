package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/suite"
)

// initFlags are the flags of init as they were typed.
type initFlags struct {
	options suite.InitOptions
	cloud   string
	signIn  string
	remove  bool
	tenant  string
	yes     bool
}

func newInit(p *program) *cobra.Command {
	f := &initFlags{}
	cmd := &cobra.Command{
		Use:   "init [--out FILE]",
		Short: "Write a tenant file, and make the registrations that it needs",
		Long: "init writes a tenant file. What no flag says it asks for on standard input. With --register it makes\n" +
			"the app registrations first, signed in as an administrator: a reader that cannot write, and a public\n" +
			"client that only the test admin can use and consents to, without device code. With --fixtures it also\n" +
			"makes one that prepares tenants for tests. --remove takes away what --register made.\n\n" +
			"Exit codes:\n" +
			"  0    the tenant file was written, or with --remove what was registered is gone\n" +
			"  2    usage, a file that is there already, or a missing requirement; nothing is left in the tenant\n" +
			"  4    what was made could not be taken away; the path of the journal is printed\n" +
			"  5    a defect of reprompt itself\n" +
			"  130  interrupted, and what was made is undone",
		Example: "  reprompt init --register\n" +
			"  reprompt init --register --yes --tenant-id ID --admin admin@contoso.example --role \"Application Administrator\"\n" +
			"  reprompt init --remove --tenant tenant.yaml",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.options.Progress = p.stderr
			if f.remove {
				return p.removeInit(cmd, f)
			}
			if cmd.Flags().Changed("tenant") {
				return usagef("--tenant is for --remove: name the file to write with --out")
			}
			return p.init(cmd, f)
		},
	}
	f.register(cmd)
	return cmd
}

func (f *initFlags) register(cmd *cobra.Command) {
	flags, o := cmd.Flags(), &f.options
	flags.StringVar(&o.Path, "out", "tenant.yaml", "the tenant `FILE` to write")
	flags.BoolVar(&o.Force, "force", false, "overwrite the file")
	flags.StringVar(&f.cloud, "cloud", "", "the `CLOUD`: public, usgov or china")
	flags.StringVar(&o.TenantID, "tenant-id", "", "the tenant's `ID`")
	flags.StringVar(&o.Domain, "domain", "", "a verified `DOMAIN` of the tenant (with --register: looked up)")
	flags.StringVar(&o.AdminUPN, "admin", "", "the test admin's user principal `NAME`")
	flags.StringVar(&o.AdminID, "admin-id", "", "its object `ID` (with --register: looked up)")
	flags.StringVar(&f.signIn, "admin-sign-in", "", "its `WAY` to sign in: environment or files (where its secrets are), passkey, or human")
	flags.StringArrayVar(&o.Roles, "role", nil, "a role to prove, by its display `NAME`; may be repeated")
	flags.StringSliceVar(&o.BreakGlass, "break-glass", nil, "object `IDS` of emergency accounts, separated by commas")
	flags.StringVar(&o.SignIn, "sign-in", "", "the `WAY` in which the applications sign in: certificate, client-secret, workload-identity, managed-identity or azure-cli")
	flags.StringVar(&o.ReaderID, "reader-id", "", "the client `ID` of a reader that is there already")
	flags.StringVar(&o.FixturesID, "fixtures-id", "", "the client `ID` of an application for fixtures that is there already")
	flags.StringVar(&o.HarnessID, "harness-id", "", "the client `ID` of a public client that is there already")
	flags.StringVar(&o.RedirectURI, "redirect-uri", "", "the public client's redirect `URI` (default http://localhost)")
	flags.StringVar(&o.Proxy, "proxy", "", "the `URL` of an HTTP proxy")
	flags.StringVar(&o.CAFile, "ca-file", "", "a `FILE` of certificate authorities to trust beside the system's")
	flags.BoolVar(&o.Register, "register", false, "make the registrations that are not named")
	flags.BoolVar(&o.Fixtures, "fixtures", false, "with --register: make an application that prepares tenants for tests, too; it may change the tenant")
	flags.StringVar(&o.As, "as", suite.AsAzureCLI, "`WHO` registers and removes: azure-cli (whoever is signed in to it) or environment (AZURE_CLIENT_ID and its like)")
	flags.BoolVar(&f.yes, "yes", false, "ask nothing and register without confirmation")
	flags.BoolVar(&f.remove, "remove", false, "take away the registrations that init made in the tenant of --tenant")
	flags.StringVar(&f.tenant, "tenant", "", "with --remove: the tenant `FILE`")
}

func (p *program) removeInit(cmd *cobra.Command, f *initFlags) error {
	if f.tenant == "" {
		return usagef("init --remove needs a tenant: name its file with --tenant FILE")
	}
	tenant, err := config.Load(f.tenant)
	if err != nil {
		return err
	}
	report, err := suite.RemoveInit(cmd.Context(), suite.InitRemoval{Tenant: tenant, As: f.options.As, Progress: p.stderr})
	if report != nil {
		report.Write(p.stdout)
	}
	return err
}

// init asks for what is missing, writes the file, and says what comes next.
func (p *program) init(cmd *cobra.Command, f *initFlags) error {
	if err := p.ask(f); err != nil {
		return err
	}
	f.options.Cloud = config.Cloud(f.cloud)
	report, err := suite.Init(cmd.Context(), f.options)
	if err != nil {
		return err
	}
	for _, made := range report.Registered {
		fmt.Fprintln(p.stdout, "registered  "+made)
	}
	for _, path := range report.Secrets {
		fmt.Fprintln(p.stdout, "key         "+path)
	}
	fmt.Fprintln(p.stdout, "tenant file "+report.TenantFile)
	fmt.Fprintln(p.stdout, "next        "+strings.Join(append(f.next(), "reprompt doctor --tenant "+report.TenantFile), "; "))
	if len(report.Registered) > 0 {
		fmt.Fprintf(p.stdout, "undo        reprompt init --remove --tenant %s\n", report.TenantFile)
	}
	return nil
}

// next is what has to be there before the file can be used.
func (f *initFlags) next() []string {
	switch f.signIn {
	case "environment":
		return []string{"export REPROMPT_PASSWORD and REPROMPT_TOTP_SECRET"}
	case "files":
		return []string{"write secrets/password and secrets/totp-secret beside it, mode 0600"}
	case "passkey":
		return []string{"write secrets/passkey.json beside it, mode 0600"}
	}
	return nil
}
