package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/suite"
)

// program is one run of the command line.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	// outcome is the exit code of a command that came to its end: 0, 1 or 3.
	outcome int
	// undoes is true while an interruption has something to undo.
	undoes atomic.Bool
	// secrets are pairs of a secret, in each spelling, and what is printed in its place; texts are the
	// secrets themselves. hiding guards both: fleet reads tenant files at the same time.
	secrets []string
	texts   []secret.Text
	hiding  sync.Mutex
	// noHelp is why no help was printed though it was asked for; nil if it was.
	noHelp error
	// begun is true once prove was called with flags that could be read.
	begun bool
	// journal is the path of the journal of a real tenant; nil while none is open.
	journal atomic.Pointer[string]
	// tenant is the tenant file of the journal, as it was typed.
	tenant atomic.Pointer[string]
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "reprompt",
		Short: "Prove that activating a privileged role asks the admin to sign in again",
		Long: "reprompt proves that activating a privileged role in Microsoft Entra (PIM) asks the admin\nto sign in again, by trying it with a real browser, and keeps evidence that others can judge.\n\n" +
			exitCodes,
		Example:       "  reprompt run --tags @smoke\n  reprompt prove --tenant tenant.yaml --role \"Application Administrator\"\n  reprompt explain POLICY_REPORT_ONLY",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q: see reprompt --help%s", args[0], suggestion(cmd, args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(p.helpOf(root.HelpFunc()))
	addCommands(root, p)
	root.InitDefaultCompletionCmd()
	checkArguments(root)
	checkHelpTopics(root)
	complete(root)
	setDocuments(root)
	fitHelp(root, p.columns())
	return root
}

// addCommands adds the commands in groups, by what a person wants to do.
func addCommands(root *cobra.Command, p *program) {
	for _, g := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"prove", "Prove the roles of a tenant:", []*cobra.Command{newProve(p), newWatch(p), newFleet(p)}},
		{"scenarios", "Write and run scenarios:", []*cobra.Command{newRun(p), newNew(p), newSteps(p), newCheck(p)}},
		{"evidence", "Look at what came of it:", []*cobra.Command{newShowReport(p), newExplain(p), newEvidence(p), newKeygen(p)}},
		{"tenant", "Prepare a tenant:", []*cobra.Command{newInit(p), newDoctor(p), newCleanup(p), newEmulator(p)}},
	} {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, cmd := range g.commands {
			cmd.GroupID = g.id
		}
		root.AddCommand(g.commands...)
	}
	root.AddCommand(newVersion(p), newMan(p))
}

// checkArguments has what Cobra says of the arguments of its own commands be a slip on the command line, which
// says where to look.
func checkArguments(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil || errors.As(err, new(*usageError)) {
				return err
			}
			return usagef("%s: see %s --help", err, cmd.CommandPath())
		}
	}
	for _, below := range cmd.Commands() {
		checkArguments(below)
	}
}

// checkHelpTopics has `help NAME` refuse what `NAME --help` refuses.
func checkHelpTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		panic(err) // the line above added it
	}
	help.Args = func(_ *cobra.Command, topic []string) error {
		cmd, rest, err := root.Find(topic)
		if err != nil || len(rest) == 0 || !cmd.HasSubCommands() {
			return err
		}
		return cmd.Args(cmd, rest)
	}
}

// flagError says what to give for a flag that was given something else.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	wrong := new(strconv.NumError)
	if before, _, found := strings.Cut(text, "flag: time: "); found { // as time.ParseDuration says it
		text = before + "flag: give a time with its unit, such as 90s or 3m"
	}
	if errors.As(err, &wrong) && wantedValues[wrong.Func] != "" {
		text = strings.Replace(text, wrong.Error(), "give "+wantedValues[wrong.Func], 1)
	}
	like := ""
	if typed, unknown := strings.CutPrefix(text, "unknown flag: "); unknown {
		like = suite.Like(typed, flagsOf.FindAllString(cmd.LocalFlags().FlagUsages(), -1))
	}
	return usagef("%s: see %s --help%s", text, cmd.CommandPath(), like)
}

// flagsOf finds the flags in what is printed of them.
var flagsOf = regexp.MustCompile(`--[a-z][a-z-]*`)

// wantedValues are what flags take, by the function of strconv that reads them.
var wantedValues = map[string]string{
	"ParseUint": "a whole number from 0 to 18446744073709551615, such as 7",
	"ParseInt":  "a whole number, such as 2",
	"ParseBool": "true or false",
}

// helpOf prints the help of a command, unless the command that it was asked for does not exist:
// Cobra takes --help before it looks at what else was typed.
func (p *program) helpOf(print func(*cobra.Command, []string)) func(*cobra.Command, []string) {
	return func(cmd *cobra.Command, args []string) {
		if typed := cmd.Flags().Args(); cmd.HasSubCommands() && len(typed) > 0 {
			if p.noHelp = cmd.Args(cmd, typed); p.noHelp != nil {
				return
			}
		}
		print(cmd, args)
	}
}

// printJSON prints a value as one line of JSON, with < > & as they are.
func (p *program) printJSON(value any) error {
	encoder := json.NewEncoder(p.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

func suggestion(cmd *cobra.Command, typed string) string {
	if names := cmd.SuggestionsFor(typed); len(names) > 0 {
		return "; did you mean " + names[0] + "?"
	}
	return ""
}

// target is the tenant that a command works on.
type target struct {
	file     string
	embedded bool
	realTime bool
}

func (t *target) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.file, "tenant", "", "the tenant `FILE` (tenant.yaml)")
	cmd.Flags().BoolVar(&t.embedded, "embedded", false, "use a fresh embedded tenant, started for this command")
	cmd.Flags().BoolVar(&t.realTime, "real-time", false, "ignore the test_clock of the tenant file and really wait")
}

// load reads the tenant file; nil means the embedded tenant. A flag that was forgotten, or that an
// unset variable left empty, must not make a green control: mayDefault says whether the command
// uses the embedded tenant by itself.
func (t *target) load(p *program, cmd *cobra.Command, mayDefault bool) (*config.Tenant, error) {
	given := cmd.Flags().Changed("tenant")
	switch {
	case given && t.file == "":
		return nil, usagef("--tenant is empty: name a tenant file, or say --embedded")
	case given && t.embedded:
		return nil, usagef("--tenant and --embedded exclude each other: leave one out")
	case !given && !t.embedded && !mayDefault:
		return nil, usagef("%s needs a tenant: name its file with --tenant FILE, or say --embedded", cmd.CommandPath())
	case !given:
		return nil, nil
	}
	tenant, err := config.Load(t.file)
	p.hideSecrets(tenant)
	return tenant, err
}

// browser is how the browser is found and shown.
type browser struct {
	path   string
	typed  string      // --browser-url as it was typed
	url    secret.Text // what load made of it; empty where it was not typed
	headed bool
	hosts  []string
}

func (b *browser) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&b.path, "browser", "", "the browser's `PATH` (default: the one that is found; also REPROMPT_BROWSER)")
	cmd.Flags().StringVar(&b.typed, "browser-url", "", "the address of a browser that runs already, a `URL` that begins with wss://, or ws:// of this machine; one with a token goes into "+suite.BrowserURLVariable)
	cmd.Flags().BoolVar(&b.headed, "headed", false, "show the browser")
	cmd.Flags().StringArrayVar(&b.hosts, "allow-host", nil, "with --tenant, a `PATTERN` of hosts that the browser may ask for, beside those of the cloud: NAME or *.NAME; may be repeated")
}

// into has a run use the browser that was typed; see load.
func (b *browser) into(o *suite.Options, p *program, cmd *cobra.Command) error {
	err := b.load(p, cmd)
	o.BrowserPath, o.BrowserURL, o.Headed, o.AllowHosts = b.path, b.url, b.headed, b.hosts
	return err
}

// load checks how the browser is found. The address of one that runs already is hidden from then on, also
// that of the environment.
func (b *browser) load(p *program, cmd *cobra.Command) error {
	p.hide(suite.SecretsOfBrowserURL(secret.New(os.Getenv(suite.BrowserURLVariable))))
	if !cmd.Flags().Changed("browser-url") {
		return nil
	}
	b.url = secret.New(b.typed)
	p.hide(suite.SecretsOfBrowserURL(b.url))
	u, err := url.Parse(b.typed)
	switch wrong := suite.CheckBrowserURL(b.url); {
	case b.path != "":
		return usagef("--browser and --browser-url exclude each other: leave one out")
	case wrong != nil:
		return usagef("--browser-url: %s", wrong)
	case err == nil && (u.User != nil || u.RawQuery != ""):
		return usagef("--browser-url holds what may be a token, and everybody on this machine can see a command line: put the address into the environment variable %s, or into a file that url_file under browser in the tenant file names", suite.BrowserURLVariable)
	}
	return nil
}
