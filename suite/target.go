package suite

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/telemetry"
)

// target is what a run works with: a tenant of a file or an embedded Entra, a browser, the folder
// for the evidence, the journal. Nothing in it writes to a tenant.
type target struct {
	options  Options
	runID    string
	progress *progress
	run      *evidence.Run
	journal  *fixtures.Journal

	// place is the tenant of the file; the zero place when the target is embedded.
	place place
	// server, control and caPEM are the embedded Entra's; nil on a tenant of a file.
	server  *emulator.Server
	control *control
	caPEM   []byte

	madeDir bool // the evidence folder was not there before
	unkept  bool // the evidence could not take something, and that was said

	installation browser.Installation
	browsers     browsers

	began time.Time

	// root is the span of the whole command, and unguard ends that its texts pass the guard of the evidence.
	root    *telemetry.Span
	unguard func()
}

// openTarget checks what is needed and opens it. Every error is one that the user can mend, and
// nothing is left behind.
func openTarget(ctx context.Context, options Options) (_ *target, err error) {
	t := &target{options: options, runID: newRunID(), began: time.Now(), root: telemetry.Current(ctx), unguard: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close(evidence.Result{}))
		}
	}()
	if t.installation, err = findBrowser(options); err != nil {
		return nil, err
	}
	if options.Tenant != nil {
		if t.place, err = browsable(options.Tenant, options.AllowHosts); err != nil {
			return nil, err
		}
		if options.browserHosts != nil {
			t.place.browserHosts = slices.Concat(options.browserHosts, options.AllowHosts)
		}
	} else if err = t.startEmulator(ctx); err != nil {
		return nil, err
	}
	if !options.BrowserURL.Empty() { // whether it can be had is known only once we are connected
		if _, err = t.running(ctx); err != nil {
			return nil, err
		}
	}
	t.progress = newProgress(options.Progress)
	t.launch(ctx) // ready by the time the first tenant is
	if err = t.openJournal(); err != nil {
		return nil, err
	}
	go ownDigest() // by the time there is something to record
	return t, nil
}

func findBrowser(options Options) (browser.Installation, error) {
	if !options.BrowserURL.Empty() {
		return browser.Installation{Name: browser.RemoteName}, required(options.checkRemote())
	}
	find := browser.Find
	if options.Headed {
		find = browser.FindHeaded
	}
	found, err := find(options.BrowserPath)
	return found, required(err)
}

func (t *target) startEmulator(ctx context.Context) error {
	server, err := emulator.Start(context.WithoutCancel(ctx), emulator.Options{}) // it has to outlive an interruption, so that what was made can be undone
	if err != nil {
		return requiredf("start the embedded tenant: %w", err)
	}
	t.server = server
	t.control, t.caPEM = controlOf(server)
	return nil
}

// openEvidence makes the run's folder, once it is sure that there is something to record.
func (t *target) openEvidence(kind evidence.Kind) error {
	run, err := evidence.Create(t.options.EvidenceDir, evidence.RunInfo{
		Kind: kind, Signer: t.options.Signer, Authority: t.options.Authority,
		ID: t.runID, Command: t.options.Command, Build: Build(), TenantID: t.place.tenantID,
		TestClock: t.server != nil || t.place.control != nil && !t.options.RealTime, Started: t.began,
		Controls: evidence.DefaultControls().With(t.options.Controls),
	})
	if err != nil {
		return required(err)
	}
	t.run = run
	t.unguard = t.guardSpans()
	return nil
}

// guardSecrets keeps every secret of a tenant out of the evidence.
func (t *target) guardSecrets(p place) {
	all := append([]secret.Text{p.adminPassword, p.adminTOTP, p.adminPass}, p.secrets...)
	for _, s := range append(all, browser.RemoteSecrets(t.options.BrowserURL)...) {
		if !s.Empty() {
			t.run.Guard(s)
		}
	}
}

// Build is what this program is, as far as the Go toolchain noted it, and the digest of its file, which is
// read for it.
func Build() evidence.Build {
	b := Version()
	b.SHA256 = ownDigest()
	return b
}

// Version is Build without the digest.
func Version() evidence.Build {
	b := evidence.Build{Version: "devel", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	modified := false
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.modified":
			modified = setting.Value == "true"
		}
	}
	if modified {
		b.Commit = ""
	}
	return b
}

// ownDigest is the SHA-256 of this program's file; empty when it cannot be read. The file is large.
var ownDigest = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
})

// openJournal opens the journal of the tenant, or a new one, for tenants that end with this
// process, beside the evidence.
func (t *target) openJournal() error {
	path := filepath.Join(t.options.EvidenceDir, "journal-"+t.runID+".db")
	if t.server != nil {
		_, err := os.Stat(t.options.EvidenceDir)
		t.madeDir = errors.Is(err, fs.ErrNotExist)
		if err := os.MkdirAll(t.options.EvidenceDir, 0o700); err != nil {
			return requiredf("make the evidence folder: %w; choose another with --evidence", err)
		}
	} else {
		var err error
		if path, err = journalPath(t.place.tenantID); err != nil {
			return err
		}
	}
	journal, err := fixtures.OpenAs(path, t.runID)
	if err != nil {
		return required(writable(err))
	}
	t.journal = journal
	return nil
}

// journalPath is where the journal of a tenant is kept between runs. The folder is made.
func journalPath(tenantID string) (string, error) { return journalFile(tenantID + ".db") }

// journalFile is the path of a journal of that name. The folder is made.
func journalFile(name string) (string, error) { return stateFile("journal", name) }

// stateFile is the path of a file that outlives a run, by what it is. The folder is made.
func stateFile(what, name string) (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		var err error
		if state, err = stateHome(); err != nil {
			return "", requiredf("find a place for the %s: %w; set XDG_STATE_HOME", what, err)
		}
	}
	folder := filepath.Join(state, "reprompt", what)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", requiredf("make a place for the %s: %w; set XDG_STATE_HOME to a folder that can be written", what, err)
	}
	return filepath.Join(folder, name), nil
}

// freshPlace makes a tenant in the embedded Entra.
func (t *target) freshPlace(ctx context.Context, sample bool) (place, error) {
	a, err := t.control.newTenant(ctx, sample)
	if err != nil {
		return place{}, err
	}
	if a.Proxy == "" {
		a.Proxy = t.server.Access().Proxy
	}
	return placeOfAccess(a, t.control, t.caPEM)
}

// close ends everything. It is called once, also when opening failed half-way. The browser ends while the
// evidence is closed, which has all that it needs of it by then.
func (t *target) close(result evidence.Result) error {
	running := t.lastBrowser()
	var unkept error
	var evidenceClosed sync.WaitGroup
	if t.run != nil {
		t.noteBrowser(running)
		evidenceClosed.Go(func() { unkept = t.unwritten(t.run.Close(result)) })
	}
	ended := t.closeBrowsers(running)
	evidenceClosed.Wait()
	errs := []error{unkept, ended}
	if t.server != nil {
		errs = append(errs, t.server.Close())
	}
	if t.journal != nil {
		errs = append(errs, t.closeJournal())
	}
	t.progress.close()
	t.unguard()
	return errors.Join(errs...)
}

// unwritten is an *EvidenceError of what the evidence could not take. It is said once: what could not
// be written first names what has to be mended.
func (t *target) unwritten(err error) error {
	if err == nil || t.unkept {
		return nil
	}
	t.unkept = true
	return &EvidenceError{Dir: t.options.EvidenceDir, Err: err}
}

// closeJournal removes the journal of tenants that have ended with this process.
func (t *target) closeJournal() error {
	path := t.journal.Path()
	err := t.journal.Close()
	if t.server == nil {
		return err
	}
	err = errors.Join(err, os.Remove(path))
	if t.madeDir && t.run == nil {
		_ = os.Remove(t.options.EvidenceDir) // stays when somebody else put something there
	}
	return err
}

// newRunID names a run in the evidence and in everything that it makes.
func newRunID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (documented)
	return hex.EncodeToString(b[:])
}

// controlOf speaks to the control listener of an emulator in this process as anybody would.
func controlOf(server *emulator.Server) (*control, []byte) {
	a := server.Access()
	return &control{url: a.Control, token: secret.New(a.ControlToken), http: &http.Client{Timeout: controlWithin}}, a.CAPEM
}
