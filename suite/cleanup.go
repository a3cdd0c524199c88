package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
)

// CleanupOptions say which tenant to clean up.
type CleanupOptions struct {
	Tenant *config.Tenant // required
	// DryRun only lists what would be undone; the tenant is asked nothing.
	DryRun bool
	// RealTime really waits where the tenant file names a test clock.
	RealTime bool
	// Progress is told what is being waited for; nil means quiet.
	Progress io.Writer
	// Opened, when not nil, is called with the journal's path before anything is undone.
	Opened func(journal string)
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
	Outcome string // undone, nothing to undo, changed by somebody, failed, held back, another tenant's; pending in a dry run
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
		fmt.Fprintf(w, "%s would be undone; nothing was changed\n", plural(len(r.Items), "change"))
	} else if r.Pending > 0 {
		fmt.Fprintf(w, "still pending: %s in the journal %s\n", plural(r.Pending, "change"), r.Journal)
	}
}

// Cleanup undoes whatever the journal of a tenant still holds, of all runs, newest first. Doing it
// twice is harmless. What somebody else changed meanwhile is reported and left alone. The report
// is there also when undoing failed, and then says how many changes are still pending. When ctx was
// cancelled with changes left, the error is an *InterruptedError that counts them.
func Cleanup(ctx context.Context, options CleanupOptions) (*CleanupReport, error) {
	p := placeOfFile(options.Tenant)
	path, err := journalPath(p.tenantID)
	if err != nil {
		return nil, err
	}
	report := &CleanupReport{Journal: path, DryRun: options.DryRun}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return report, nil
	}
	journal, err := fixtures.Open(path)
	if err != nil {
		return nil, required(err)
	}
	defer journal.Close()
	pending, err := journal.Pending()
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", path, err)
	}
	report.Pending = len(pending)
	if options.DryRun || len(pending) == 0 {
		for _, record := range pending {
			report.Items = append(report.Items, CleanupItem{RunID: record.RunID, What: record.String(), Outcome: "pending"})
		}
		return report, nil
	}
	if options.Opened != nil {
		options.Opened(path)
	}
	undone, err := cleanUp(ctx, options, p, journal)
	for _, item := range undone.Items {
		report.Items = append(report.Items, CleanupItem{RunID: item.RunID, What: item.What, Outcome: string(item.Outcome), Text: item.Text})
	}
	if left := new(fixtures.NotRestoredError); errors.As(err, &left) {
		err = &NotRestoredError{Journal: path, Tenant: p.file, Err: left}
	}
	// A journal that cannot be read again leaves the count as it was: too high is the safe side.
	if left, unread := journal.Pending(); unread == nil {
		report.Pending = len(left)
	}
	if failed := new(NotRestoredError); ctx.Err() != nil && report.Pending > 0 && !errors.As(err, &failed) {
		err = &InterruptedError{Undone: undoneIn(undone), Pending: report.Pending, Tenant: p.file}
	}
	return report, err
}

// cleanUp connects to the tenant and undoes. A browser is started only when a role has to be given
// back as the admin who activated it.
func cleanUp(ctx context.Context, options CleanupOptions, p place, journal *fixtures.Journal) (fixtures.Report, error) {
	progress := newProgress(options.Progress)
	defer progress.close()
	track := progress.start("cleanup")
	b := &onDemand{options: Options{Tenant: options.Tenant}.withDefaults(), place: p}
	defer b.close()
	w, err := newWorld(ctx, p, worldOptions{
		runID: newRunID(), journal: journal, realTime: options.RealTime, browser: b.get, track: track,
	})
	if err != nil {
		return fixtures.Report{}, err
	}
	defer w.close()
	w.fixtures.AwaitExpiry = true
	report, err := w.fixtures.Cleanup(ctx)
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
	d.running, err = startFenced(ctx, d.place, installation, d.options.Headed)
	return d.running.Browser, err
}

func (d *onDemand) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running.Browser != nil {
		_ = d.running.Close() // nothing depends on its profile any more
	}
}
