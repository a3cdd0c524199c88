package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/secret"
)

// CleanupOptions say which tenant to clean up.
type CleanupOptions struct {
	Tenant *config.Tenant // required
	// DryRun only says what would be undone: it reads the tenant and changes nothing, there or in the journal.
	DryRun bool
	// RealTime really waits where the tenant file names a test clock.
	RealTime bool
	// BrowserPath, BrowserURL, Headed and AllowHosts are as in Options. A browser is needed only where a role has to
	// be given back as the admin who activated it.
	BrowserPath string
	BrowserURL  secret.Text
	Headed      bool
	AllowHosts  []string
	// Progress is told what is being waited for; nil means quiet.
	Progress io.Writer
	// Opened, when not nil, is called with the journal's path before anything is undone.
	Opened func(journal string)
}

// browser says which browser a cleanup works with, where it needs one.
func (o CleanupOptions) browser() Options {
	return Options{Tenant: o.Tenant, BrowserPath: o.BrowserPath, BrowserURL: o.BrowserURL, Headed: o.Headed}.withDefaults()
}

// place is the tenant, with the hosts that the browser may ask for. An error is a *RequirementError, and so is
// the address of a browser that cannot be used.
func (o CleanupOptions) place() (place, error) {
	with := o.browser()
	if !with.BrowserURL.Empty() {
		if err := with.checkRemote(); err != nil {
			return place{}, required(err)
		}
	}
	return browsable(o.Tenant, o.AllowHosts)
}

// CleanupReport is the account of a cleanup.
type CleanupReport struct {
	Journal string
	DryRun  bool
	Items   []CleanupItem
	// Pending counts the changes that the journal still holds.
	Pending int
}

// CleanupItem is one change of an earlier run.
type CleanupItem struct {
	RunID   string
	What    string // for people
	Outcome string // undone, nothing to undo, changed by somebody, failed, held back, not noted, another tenant's; in a dry run would be undone, or pending where the tenant could not be asked
	Text    string // what was found; may be empty
}

// Write prints the report for people.
func (r *CleanupReport) Write(w io.Writer) {
	if len(r.Items) == 0 && r.Pending == 0 {
		fmt.Fprintln(w, "nothing to undo")
		return
	}
	for _, item := range r.Items {
		line := fmt.Sprintf("%-20s %s (run %s)", item.Outcome, item.What, item.RunID)
		if item.Text != "" {
			line += ": " + item.Text
		}
		fmt.Fprintln(w, line)
	}
	if r.DryRun {
		fmt.Fprintf(w, "%s would be undone; nothing was changed\n", plural(r.would(), "change"))
	} else if r.Pending > 0 {
		fmt.Fprintf(w, "still pending: %s in the journal %s\n", plural(r.Pending, "change"), r.Journal)
	}
}

// would counts what a dry run would undo, as far as it is known.
func (r *CleanupReport) would() int {
	n := 0
	for _, item := range r.Items {
		if item.Outcome == string(fixtures.OutcomeWould) || item.Outcome == notAsked {
			n++
		}
	}
	return n
}

// notAsked is the outcome in a dry run of a change of which the tenant could not be asked.
const notAsked = "pending"

func (r *CleanupReport) take(undone fixtures.Report) {
	for _, item := range undone.Items {
		r.Items = append(r.Items, CleanupItem{RunID: item.RunID, What: item.What, Outcome: string(item.Outcome), Text: item.Text})
	}
}

// Cleanup undoes whatever the journal of a tenant still holds, of all runs, newest first. Doing it
// twice is harmless. What somebody else changed meanwhile is reported and left alone. The report
// is there also when undoing failed, and then says how many changes are still pending. What is left,
// for whatever reason, is a *NotRestoredError; when ctx was cancelled with changes left, the error is
// an *InterruptedError that counts them. Where another process has the journal open, nothing is known
// and nothing was done: a *RequirementError, which also names a browser or a host pattern that cannot be.
func Cleanup(ctx context.Context, options CleanupOptions) (*CleanupReport, error) {
	p, err := options.place()
	if err != nil {
		return nil, err
	}
	path, err := journalPath(p.tenantID)
	if err != nil {
		return nil, err
	}
	report := &CleanupReport{Journal: path, DryRun: options.DryRun}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return report, nil
	}
	runID := newRunID()
	journal, err := fixtures.OpenAs(path, "cleanup-"+runID)
	if err != nil {
		return nil, unopened(err)
	}
	defer journal.Close()
	pending, err := journal.Pending()
	if err != nil {
		return nil, &NotRestoredError{Err: err}
	}
	report.Pending = len(pending)
	if len(pending) == 0 {
		return report, nil
	}
	c := cleaning{options: options, place: p, journal: journal, runID: runID}
	if options.DryRun {
		return report, c.preview(ctx, report, pending)
	}
	if options.Opened != nil {
		options.Opened(path)
	}
	undone, err := c.run(ctx, (*fixtures.Fixtures).Cleanup)
	report.take(undone)
	// A journal that cannot be read again leaves the count as it was: too high is the safe side.
	if left, unread := journal.Pending(); unread == nil {
		report.Pending = len(left)
	}
	return report, c.failure(ctx, undone, report.Pending, err)
}

// unopened sorts why a journal that is there cannot be opened. A process that has it open takes care of
// what it holds; in any other case nobody knows what that is.
func unopened(err error) error {
	if inUse := new(fixtures.InUseError); errors.As(err, &inUse) {
		return required(err)
	}
	return &NotRestoredError{Err: writable(err)}
}

// writable adds how to mend a journal that may not be written.
func writable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, readOnlyFileSystem) {
		return fmt.Errorf("%w; make it and its folder writable for you (it is below XDG_STATE_HOME)", err)
	}
	return err
}

// cleaning is one cleanup.
type cleaning struct {
	options CleanupOptions
	place   place
	journal *fixtures.Journal
	runID   string
}

// failure sorts why changes are left.
func (c cleaning) failure(ctx context.Context, undone fixtures.Report, pending int, err error) error {
	left := new(fixtures.NotRestoredError)
	switch {
	case errors.As(err, &left):
		return &NotRestoredError{Journal: c.journal.Path(), Tenant: c.place.file, Err: left}
	case ctx.Err() != nil && pending > 0:
		return &InterruptedError{Undone: undoneIn(undone), Pending: pending, Tenant: c.place.file}
	case err != nil && pending > 0:
		return &NotRestoredError{Journal: c.journal.Path(), Tenant: c.place.file, Err: err}
	}
	return err
}

// preview looks at the tenant. Where it cannot be asked, what the journal holds is listed, and the error
// is a *RequirementError: nothing was to be changed.
func (c cleaning) preview(ctx context.Context, report *CleanupReport, pending []fixtures.Record) error {
	would, err := c.run(ctx, (*fixtures.Fixtures).Preview)
	report.take(would)
	if err == nil {
		return nil
	}
	for _, record := range slices.Backward(pending) {
		report.Items = append(report.Items, CleanupItem{RunID: record.RunID, What: record.String(), Outcome: notAsked})
	}
	return required(fmt.Errorf("look at the tenant: %w", err))
}

// run connects to the tenant and works on what the journal holds. A browser is started only when a role
// has to be given back as the admin who activated it.
func (c cleaning) run(ctx context.Context, do func(*fixtures.Fixtures, context.Context) (fixtures.Report, error)) (fixtures.Report, error) {
	progress := newProgress(c.options.Progress)
	defer progress.close()
	track := progress.start("cleanup")
	b := &onDemand{options: c.options.browser(), place: c.place}
	defer b.close()
	w, err := newWorld(ctx, c.place, worldOptions{
		runID: c.runID, journal: c.journal, realTime: c.options.RealTime, session: b.session, track: track,
	})
	if err != nil {
		track.end(Failed, "")
		return fixtures.Report{}, err
	}
	defer w.close()
	w.fixtures.AwaitExpiry = true
	report, err := do(w.fixtures, ctx)
	if err == nil {
		track.end("done", "")
	} else {
		track.end(Failed, "")
	}
	return report, err
}

// onDemand starts a browser when it is asked for first.
type onDemand struct {
	options Options
	place   place

	mu      sync.Mutex
	running fenced
}

func (d *onDemand) get(ctx context.Context) (*browser.Browser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running.Browser != nil {
		return d.running.Browser, nil
	}
	installation, err := findBrowser(d.options)
	if err != nil {
		return nil, err
	}
	d.running, err = startFenced(ctx, d.place, installation, d.options)
	return d.running.Browser, err
}

// session opens a session in it.
func (d *onDemand) session(ctx context.Context) (*browser.Session, error) {
	running, err := d.get(ctx)
	if err != nil {
		return nil, err
	}
	return running.NewSession(ctx)
}

func (d *onDemand) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running.Browser != nil {
		_ = d.running.Close() // nothing depends on its profile any more
	}
}
