package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
)

func newEvidence(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:        "evidence",
		SuggestFor: []string{"verify", "merge", "diff", "attach-log"},
		Short:      "Verify, show, join and compare what runs left behind",
		Long: "evidence works on the bundles that run and prove leave behind, without a tenant but for attach-log. A\n" +
			"bundle is never changed: what comes of it is a new one. docs/evidence.md says what each file proves.",
		Example: "  reprompt evidence verify evidence-out/20260314T092653Z-7f3a --key signing.pem.pub\n" +
			"  reprompt evidence show evidence-out/20260314T092653Z-7f3a",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q: see %s --help%s", args[0], cmd.CommandPath(), suggestion(cmd, args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(newVerify(p), newShow(p), newMerge(p), newAttachLog(p), newDiff(p))
	return cmd
}

// trust is whom a reader trusts.
type trust struct{ keys, timestampCAs []string }

func (t *trust) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&t.keys, "key", nil, "the public key `PEM` that must have signed; may be repeated, then one of them")
	cmd.Flags().StringArrayVar(&t.timestampCAs, "timestamp-ca", nil, "the root certificate `PEM` of a timestamp authority; may be repeated")
}

func (t *trust) load() (evidence.VerifyOptions, error) {
	var options evidence.VerifyOptions
	for _, file := range t.keys {
		text, err := os.ReadFile(file)
		if err != nil {
			return options, usagef("read the key: %s", err)
		}
		key, err := evidence.ParsePublicKey(text)
		if err != nil {
			return options, usagef("read the key %s: %s", file, err)
		}
		options.Keys = append(options.Keys, key)
	}
	for _, file := range t.timestampCAs {
		text, err := os.ReadFile(file)
		if err != nil {
			return options, usagef("read the root certificate: %s", err)
		}
		if options.TimestampRoots == nil {
			options.TimestampRoots = x509.NewCertPool()
		}
		if !options.TimestampRoots.AppendCertsFromPEM(text) {
			return options, usagef("%s holds no certificate in PEM", file)
		}
	}
	return options, nil
}

func newVerify(p *program) *cobra.Command {
	var (
		by     trust
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Verify a bundle, offline",
		Long: "verify checks signature, digests, that no file is missing or added, the form of every document, the\n" +
			"chains of events, and decides every verdict again from its observation. It needs no network.\n" +
			"Without --key it can show integrity only: whoever changed a bundle can have signed it anew.\n\n" +
			"Exit codes:\n  0  nothing is wrong\n  1  something is wrong; each thing is named\n" +
			"  2  DIR is no bundle, or a slip on the command line\n  3  nothing is wrong, but a verdict is by rules that this version does not know",
		Example: "  reprompt evidence verify evidence-out/20260314T092653Z-7f3a --key signing.pem.pub",
		Args:    oneBundle,
		RunE: func(_ *cobra.Command, args []string) error {
			options, err := by.load()
			if err != nil {
				return err
			}
			v, err := evidence.Verify(args[0], options)
			if err != nil {
				return noBundle(err)
			}
			p.outcome = map[string]int{evidence.Verified: exitAsDemanded, evidence.Undecidable: exitUndecided, evidence.NotVerified: exitNotAsAsked}[v.Outcome]
			if asJSON {
				return p.printJSON(v)
			}
			return v.Write(p.stdout, p.colour())
		},
	}
	by.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object ("+evidence.VerifySchema+")")
	return cmd
}

func newShow(p *program) *cobra.Command {
	var (
		by     trust
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "show DIR",
		Short: "Print what a bundle holds",
		Long: "show prints what a bundle holds, after verifying it; where it does not verify, that is what it says first.\n\n" +
			"Exit codes:\n  0  nothing is wrong with the bundle, whatever its proofs came to\n" +
			"  1  it does not verify; each thing is named\n  2  DIR is no bundle, or a slip on the command line",
		Example: "  reprompt evidence show evidence-out/20260314T092653Z-7f3a --key signing.pem.pub",
		Args:    oneBundle,
		RunE: func(_ *cobra.Command, args []string) error {
			options, err := by.load()
			if err != nil {
				return err
			}
			s, err := evidence.Show(args[0], options)
			if err != nil {
				return noBundle(err)
			}
			if s.Verification.Outcome == evidence.NotVerified {
				p.outcome = exitNotAsAsked
			}
			if asJSON {
				return p.printJSON(s)
			}
			return s.Write(p.stdout, p.colour())
		},
	}
	by.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as one JSON object")
	return cmd
}

func newMerge(p *program) *cobra.Command {
	var (
		by   signing
		into string
	)
	cmd := &cobra.Command{
		Use:   "merge DIR DIR...",
		Short: "Join shards and attempts of a run into one signed bundle",
		Long: "merge writes a new bundle that contains the others whole. Every attempt is kept; what passed only\n" +
			"when it was tried again counts as flaky. Only the same role, scope, admin and way, or scenario, under\n" +
			"the same configuration is another attempt: what came out under another one keeps its result. The\n" +
			"bundles themselves are not changed.\n\n" +
			"Exit codes:\n  0  the new bundle is written, whatever its proofs came to: see show\n" +
			"  2  a DIR is no bundle, does not verify or does not belong to the others, the new bundle cannot be\n" +
			"     written, or a slip on the command line",
		Example: "  reprompt evidence merge evidence-out/20260314T092653Z-7f3a evidence-out/20260314T094107Z-80aa \\\n" +
			"    --sign-key signing.pem --evidence joined",
		RunE: func(cmd *cobra.Command, args []string) error {
			signer, authority, err := by.load(cmd, nil)
			if err != nil {
				return err
			}
			made, err := evidence.Merge(into, args, suite.NewBundle(cmd.CommandPath(), signer, authority))
			return p.made(made, err)
		},
	}
	by.register(cmd)
	cmd.Flags().StringVar(&into, "evidence", defaultEvidence, "the `DIR` under which the new bundle gets a folder of its own")
	return cmd
}

// made prints where a new bundle is.
func (p *program) made(dir string, err error) error {
	unfit, none, unwritten := new(evidence.UnfitError), new(evidence.NotABundleError), new(os.PathError)
	switch {
	case errors.As(err, &unfit), errors.As(err, &none), errors.As(err, &unwritten):
		return usagef("%s", err)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "evidence: %s\n", dir)
	return err
}

func newAttachLog(p *program) *cobra.Command {
	var (
		to   target
		by   signing
		into string
	)
	cmd := &cobra.Command{
		Use:   "attach-log DIR --tenant FILE",
		Short: "Ask the sign-in log about a bundle, keep the answer in a new one",
		Long: "attach-log asks the tenant's sign-in log, whose rows come minutes late, about the proofs of a bundle\n" +
			"and writes a new one that contains the old one whole. The log confirms or disagrees; it changes no\n" +
			"outcome. Nothing in the tenant is changed.\n\n" +
			"Exit codes:\n  0  the new bundle is written, whatever the log says: see show\n" +
			"  2  DIR is no bundle, does not verify, holds no proof or is of another tenant, the tenant does not\n" +
			"     answer, the new bundle cannot be written, or a slip on the command line",
		Example: "  reprompt evidence attach-log evidence-out/20260314T092653Z-7f3a --tenant tenant.yaml",
		Args:    oneBundle,
		RunE: func(cmd *cobra.Command, args []string) error {
			tenant, err := to.load(p, cmd, false)
			if err != nil {
				return err
			}
			if tenant == nil {
				return usagef("an embedded tenant ends with the command that started it, and its log with it: name the tenant file of a `reprompt emulator` that still runs")
			}
			signer, authority, err := by.load(cmd, tenant)
			if err != nil {
				return err
			}
			made, err := suite.AttachLog(cmd.Context(), suite.AttachLogOptions{
				Tenant: tenant, Dir: args[0], Into: into, Command: cmd.CommandPath(), RealTime: to.realTime,
				Signer: signer, Authority: authority, Progress: p.stderr,
			})
			return p.made(made, err)
		},
	}
	to.register(cmd)
	by.register(cmd)
	cmd.Flags().StringVar(&into, "evidence", defaultEvidence, "the `DIR` under which the new bundle gets a folder of its own")
	return cmd
}

func newDiff(p *program) *cobra.Command {
	var (
		by     trust
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "diff DIR DIR...",
		Short: "Say what changed from run to run",
		Long: "diff lays runs of one tenant side by side in the order of time: a row for each role, scope, admin and\n" +
			"way, or scenario, a column for each run, a gap where it has no such proof, and below them what newly\n" +
			"fails, what is mended, and which objects of the configuration drifted.\n\n" +
			"Exit codes:\n  0  nothing newly fails in the last run\n  1  something does, or a bundle does not verify\n" +
			"  2  a DIR is no bundle, is named twice or is of another tenant, or a slip on the command line",
		Example: "  reprompt evidence diff evidence-out/*",
		RunE: func(_ *cobra.Command, args []string) error {
			options, err := by.load()
			if err != nil {
				return err
			}
			d, err := evidence.Diff(args, options)
			if unreadable := new(evidence.UnreadableError); errors.As(err, &unreadable) {
				fmt.Fprintf(p.stderr, "reprompt: %s; see reprompt evidence verify %s\n", unreadable, unreadable.Dir)
				p.outcome = exitNotAsAsked
				return nil
			}
			if err != nil {
				return noBundle(err)
			}
			if d.Worse() {
				p.outcome = exitNotAsAsked
			}
			if asJSON {
				return p.printJSON(d)
			}
			return d.Write(p.stdout)
		},
	}
	by.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as one JSON object")
	return cmd
}

func oneBundle(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes the folder of one bundle, got %d arguments: see %s --help", cmd.CommandPath(), len(args), cmd.CommandPath())
	}
	return nil
}

// noBundle is a slip on the command line: a folder that is none, or holds no bundle.
func noBundle(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("%s: name the folder of one run, which run and prove print at their end", err)
	}
	return usagef("%s", err)
}
