package suite

import (
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/features"
	"github.com/reprompt/reprompt/secret"
)

// Options say what to run and on which tenant. The zero value runs every scenario of reprompt on
// the embedded tenant.
type Options struct {
	RunOptions

	// Tenant is the tenant to work on; nil means a fresh embedded tenant for each scenario.
	Tenant *config.Tenant
	// RealTime really waits where the tenant file names a test clock.
	RealTime bool

	// EvidenceDir is the folder under which the run gets one of its own. Empty means
	// "evidence-out" in the working folder.
	EvidenceDir string
	// Program is how reprompt was called, for hints that can be typed as they stand; empty means by its name.
	Program string
	// Command is the command line that is recorded as the run's origin, without secrets.
	Command string

	// Controls are rows of a control map beside those that reprompt comes with; one of the same id takes
	// the place of one of those.
	Controls evidence.ControlMap

	// Features is where the features are when Paths is empty; nil means those of reprompt.
	Features fs.FS
	// Paths name .feature files, folders, or FILE:LINE for the scenario that the line stands in, or
	// for one row of examples.
	Paths []string
	// Tags is a Cucumber tag expression such as "@smoke and not @window"; empty selects all.
	Tags string
	// Names are regular expressions of which a scenario's name matches one; empty selects all.
	Names []string

	// Shard is I/N: of what is chosen only the Ith of N parts runs; empty is all. Durations is an earlier
	// bundle, named by its folder or its run.json, or a file of what reprompt run --json printed, by which the
	// parts take equally long; empty: they have equally many.
	Shard, Durations string

	// OnlySentences refuses a chosen scenario with a sentence that Sentences does not list, before
	// anything is opened. Leave it false where sentences of one's own are registered.
	OnlySentences bool

	// Concurrency is how many scenarios run at a time, and how many browser contexts of several proofs, or of
	// scenarios on a tenant of a file, are open at a time; 0 means one per core and at most four, for scenarios on a
	// tenant of a file also at most one per test admin. There 1 means one scenario after the other; with more, more
	// of them are under way than contexts are open, as many as the test admins allow, and what shares a test admin,
	// a role or a context runs one after the other.
	Concurrency int

	// BrowserPath is the browser to use; empty means REPROMPT_BROWSER, else the one that is found.
	BrowserPath string
	// BrowserURL is the address of a browser that runs already, see browser.Remote. Empty means
	// REPROMPT_BROWSER_URL, where BrowserPath is empty, too.
	BrowserURL secret.Text
	// AllowHosts are patterns of hosts that the browser may ask for beside those that the tenant file and
	// its cloud name; see package fence. On the embedded tenant they mean nothing.
	AllowHosts []string
	// browserHosts take the place of the cloud's; nil means those. For tests.
	browserHosts []string
	// Headed shows the browser.
	Headed bool
	// Human lets a person answer the sign-in pages of a proof in the browser that is shown; it wants
	// Headed. What the tenant file holds of the admin's secrets is not used.
	Human bool

	// Trace keeps, of each proof, what it did step by step, for `reprompt show`.
	Trace bool

	// Signer signs the evidence; nil means a key that is made for the run and kept by nobody.
	Signer *evidence.Signer
	// Authority gives the evidence a timestamp; nil means none.
	Authority *evidence.TimestampAuthority

	// Progress is told what is going on; a terminal gets one live line. nil means quiet.
	Progress io.Writer

	// sentences are, in tests, further ones.
	sentences func(*godog.ScenarioContext)
	// inPart takes, in tests, the place of mostInPart; 0: that.
	inPart int
	// contextsEach takes, in tests, the place of renewedAfter; 0: that.
	contextsEach int
	// skew, in tests, makes another clock of the one that a proof goes by; nil: that one.
	skew func(await.Clock) await.Clock
	// watch is, in benchmarks, told of everything that a proof waits for.
	watch func(waited)
	// busy is, in tests, the clock by which Graph is waited for where it is too busy; nil: the machine's.
	busy await.Clock
}

// mostAtOnce bounds the default concurrency: beyond it the browser is the bottleneck.
const mostAtOnce = 4

// withAdmins lets no more scenarios run at a time than a tenant of a file has test admins, unless somebody says
// how many. It comes before withDefaults.
func (o Options) withAdmins() Options {
	if o.Tenant != nil && o.Concurrency < 1 {
		o.Concurrency = min(o.withDefaults().Concurrency, 1+len(o.Tenant.TestAdmins))
	}
	return o
}

func (o Options) withDefaults() Options {
	if o.EvidenceDir == "" {
		o.EvidenceDir = "evidence-out"
	}
	if o.Features == nil {
		o.Features = features.FS
	}
	if o.BrowserPath == "" && o.BrowserURL.Empty() {
		o.BrowserPath, o.BrowserURL = os.Getenv("REPROMPT_BROWSER"), secret.New(os.Getenv(BrowserURLVariable))
	}
	if o.BrowserPath == "" && o.BrowserURL.Empty() && o.Tenant != nil {
		o.BrowserPath, o.BrowserURL = o.Tenant.Browser.Path, o.Tenant.Browser.URL
	}
	if o.Concurrency < 1 {
		o.Concurrency = min(runtime.NumCPU(), mostAtOnce)
	}
	if o.Human {
		o.Concurrency = 1 // a person looks at one window
	}
	return o
}
