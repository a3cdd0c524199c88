package evidence

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// Difference is what changed over a series of runs.
type Difference struct {
	Schema  string          `json:"schema"` // reprompt/diff/v1
	Runs    []ComparedRun   `json:"runs"`   // by time
	Rows    []ComparedProof `json:"rows"`
	Changes []Change        `json:"changes"`
}

// ComparedRun is a column.
type ComparedRun struct {
	Dir     string    `json:"dir"`
	ID      string    `json:"id"`
	Started time.Time `json:"started"`
	Target  Target    `json:"target"`
	// Verification is what verifying it came to.
	Verification string `json:"verification"`
	run          runRecord
}

// ComparedProof is a row.
type ComparedProof struct {
	Name string `json:"name"` // of a role with the way, and the scope where it is not the whole tenant
	// Way and AdminID are those of the proof of a role; empty for a scenario.
	Way     verdict.Way `json:"way"`
	AdminID string      `json:"admin_id"`
	// Cells have one entry per run: the outcome, with the verdict where there is one; empty where the
	// run has no such proof.
	Cells []string `json:"cells"`
	key   string
}

// Kinds of changes.
const (
	NewlyFailing       = "newly-failing"       // it passed the last time it was there
	Fixed              = "fixed"               // it did not
	ConfigurationDrift = "configuration-drift" // an object of the tenant is another one than in the run before
)

// Change is something that changed from the run before to this one.
type Change struct {
	Kind string `json:"kind"`
	Run  string `json:"run"`  // id of the run in which it shows
	What string `json:"what"` // the proof, or the object
	Text string `json:"text"`
}

// UnreadableError says that a bundle does not verify, and not even its record can be read.
type UnreadableError struct {
	Dir string
	Err error
}

// Error implements error.
func (e *UnreadableError) Error() string { return fmt.Sprintf("%s: %v", e.Dir, e.Err) }

// Unwrap returns why.
func (e *UnreadableError) Unwrap() error { return e.Err }

// Diff compares runs of one tenant, in the order of time. A bundle that does not verify is compared
// all the same, and said to be so; one whose record cannot be read is an *UnreadableError.
func Diff(dirs []string, options VerifyOptions) (*Difference, error) {
	if len(dirs) < 2 {
		return nil, unfit("diff compares runs: name two or more")
	}
	d := &Difference{Schema: "reprompt/diff/v1", Rows: []ComparedProof{}, Changes: []Change{}}
	seen := map[string]string{}
	for _, dir := range dirs {
		v, err := Verify(dir, options)
		if err != nil {
			return nil, err
		}
		r, err := readRun(dir)
		if err != nil {
			return nil, &UnreadableError{dir, err}
		}
		if same, twice := seen[r.ID+r.Signer.KeyID]; twice {
			return nil, unfit("%s and %s are the same bundle: name each once", same, dir)
		}
		seen[r.ID+r.Signer.KeyID] = dir
		d.Runs = append(d.Runs, ComparedRun{Dir: dir, ID: r.ID, Started: r.Started, Target: r.Target, Verification: v.Outcome, run: r})
	}
	slices.SortStableFunc(d.Runs, func(a, b ComparedRun) int { return a.Started.Compare(b.Started) })
	for _, r := range d.Runs[1:] {
		first := d.Runs[0]
		real := r.Target != Embedded || first.Target != Embedded
		if real && r.run.TenantID != first.run.TenantID {
			return nil, unfit("%s is of another tenant than %s: only runs of one tenant can be compared", r.Dir, first.Dir)
		}
	}
	for i, r := range d.Runs {
		d.column(i, r)
	}
	for i := range d.Runs[1:] {
		d.changes(i + 1)
	}
	return d, nil
}

// column fills in the cells of one run: of several tries the last.
func (d *Difference) column(i int, r ComparedRun) {
	flaky, of := r.run.flaky(), r.run.tries()
	latest := map[int]scenarioRecord{}
	var order []int
	for n, s := range r.run.Scenarios {
		if _, seen := latest[of[n]]; !seen {
			order = append(order, of[n])
		}
		latest[of[n]] = s
	}
	for _, id := range order {
		s := latest[id]
		cell := s.outcome()
		if s.Verdict != "" {
			cell += " (" + string(s.Verdict) + ")"
		}
		if flaky[id] {
			cell += " flaky"
		}
		row := d.row(s, r.run.TenantID)
		row.Cells[i] = worseFirst(row.Cells[i], cell)
	}
}

// row is that of a proof; a new one where there is none yet.
func (d *Difference) row(s scenarioRecord, tenantID string) *ComparedProof {
	key := s.rowKey(tenantID)
	at := slices.IndexFunc(d.Rows, func(row ComparedProof) bool { return row.key == key })
	if at < 0 {
		at = len(d.Rows)
		row := ComparedProof{Name: s.titleWithWay(), key: key, Cells: make([]string, len(d.Runs))}
		if s.Proved != nil && s.Feature == "" {
			row.Way, row.AdminID = s.Proved.Way, s.Proved.AdminID
		}
		d.Rows = append(d.Rows, row)
	}
	return &d.Rows[at]
}

// rowKey is the same for the same proof in another run. Every embedded tenant, which has no id in the
// record, makes its admins anew; scenarios name theirs in their sentences, which are in the key.
func (r scenarioRecord) rowKey(tenantID string) string {
	if r.Feature != "" || r.Proved == nil {
		return r.Key
	}
	of := []string{r.Key, r.Proved.RoleDefinitionID, r.Proved.DirectoryScopeID, string(r.Proved.Way)}
	if tenantID != "" {
		of = append(of, r.Proved.AdminID)
	}
	return strings.Join(of, "\x00")
}

// worseFirst joins the results that a merged run has of one proof under several configurations: as
// long as one did not pass, the proof did not.
func worseFirst(have, cell string) string {
	switch {
	case have == "":
		return cell
	case strings.HasPrefix(have, outcomePassed):
		return cell + "; " + have
	default:
		return have + "; " + cell
	}
}

// changes compares the ith run with what was before it.
func (d *Difference) changes(i int) {
	for _, row := range d.Rows {
		before := ""
		for _, cell := range row.Cells[:i] {
			if cell != "" {
				before = cell
			}
		}
		now := row.Cells[i]
		if before == "" || now == "" {
			continue
		}
		passed, passes := strings.HasPrefix(before, outcomePassed), strings.HasPrefix(now, outcomePassed)
		text := fmt.Sprintf("%s, before it %s", now, before)
		switch {
		case passed && !passes:
			d.Changes = append(d.Changes, Change{NewlyFailing, d.Runs[i].ID, row.Name, text})
		case !passed && passes:
			d.Changes = append(d.Changes, Change{Fixed, d.Runs[i].ID, row.Name, text})
		}
	}
	d.drift(i)
}

// drift compares the configuration objects of proofs that both runs have. Scenarios set a tenant up
// for themselves, and their objects are new each time.
func (d *Difference) drift(i int) {
	before, now := d.Runs[i-1].run, d.Runs[i].run
	if now.TenantID == "" || now.TenantID != before.TenantID {
		return
	}
	told := map[string]bool{}
	for _, s := range now.Scenarios {
		at := slices.IndexFunc(before.Scenarios, func(b scenarioRecord) bool {
			return s.Feature == "" && b.rowKey(before.TenantID) == s.rowKey(now.TenantID)
		})
		if at < 0 {
			continue
		}
		c := configurationRecord{Before: before.Scenarios[at].Configuration.Before, After: s.Configuration.Before}
		for _, object := range c.changed() {
			if !told[object] {
				told[object] = true
				d.Changes = append(d.Changes, Change{ConfigurationDrift, d.Runs[i].ID, object, "it is not as it was in run " + d.Runs[i-1].ID})
			}
		}
	}
}

// Worse reports whether something newly fails in the last run, or a bundle does not verify.
func (d *Difference) Worse() bool {
	last := d.Runs[len(d.Runs)-1].ID
	return slices.ContainsFunc(d.Changes, func(c Change) bool { return c.Kind == NewlyFailing && c.Run == last }) ||
		slices.ContainsFunc(d.Runs, func(r ComparedRun) bool { return r.Verification == NotVerified })
}

// gap stands where a run has no such proof.
const gap = "–"

// Write prints a column per run and what changed below.
func (d *Difference) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells []string) { fmt.Fprintln(table, strings.Join(cells, "\t")) }
	heads := [][]string{{"run"}, {"started"}, {"bundle"}}
	for _, r := range d.Runs {
		heads[0] = append(heads[0], printable(r.ID))
		heads[1] = append(heads[1], r.Started.UTC().Format("2006-01-02 15:04"))
		heads[2] = append(heads[2], r.Verification)
	}
	for _, head := range heads {
		row(head)
	}
	names := map[string]int{}
	for _, r := range d.Rows {
		names[r.Name]++
	}
	for _, r := range d.Rows {
		name := r.Name
		if names[name] > 1 && r.AdminID != "" {
			name += " as " + r.AdminID
		}
		cells := []string{printable(name)}
		for _, cell := range r.Cells {
			if cell == "" {
				cell = gap
			}
			cells = append(cells, cell)
		}
		row(cells)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	t := &terminal{w: w}
	t.printf("\n")
	for _, c := range d.Changes {
		t.printf("%-20s %s: %s (%s)\n", c.Kind, printable(c.Run), printable(c.What), c.Text)
	}
	if len(d.Changes) == 0 {
		t.printf("nothing changed\n")
	}
	return t.err
}
