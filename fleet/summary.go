package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Schema names the form of fleet.json. Fields are only ever added to it.
const Schema = "reprompt/fleet-result/v1"

// FileName is the summary in the folder of a run.
const FileName = "fleet.json"

// States of a tenant.
const (
	Waiting     = "waiting"      // not begun
	Proved      = "proved"       // every role came to a verdict
	Kept        = "kept"         // it was proved before, in the same run
	Failed      = "failed"       // it broke before every role came to a verdict
	NotRestored = "not-restored" // it is not as it was
	Interrupted = "interrupted"  // it was broken off, and what was made is undone
)

// Result is one tenant of a run.
type Result struct {
	Name     string            `json:"name"`
	TenantID string            `json:"tenant_id"`
	Labels   map[string]string `json:"labels"`
	State    string            `json:"state"`
	Roles    []Role            `json:"roles"`
	Last     []Role            `json:"last"`   // of earlier runs: roles that this one came to no verdict on
	Error    string            `json:"error"`  // empty: nothing went wrong
	Defect   bool              `json:"defect"` // it is a defect of reprompt itself
	Seconds  float64           `json:"seconds"`
}

// judge sets the state by how proving the tenant ended.
func (r *Result) judge(err error, interrupted bool) {
	notRestored, defect := new(NotRestoredError), new(DefectError)
	if err == nil {
		return
	}
	r.Error = err.Error()
	switch {
	case errors.As(err, &notRestored):
		r.State = NotRestored
	case errors.As(err, &defect):
		r.State, r.Defect = Failed, true
	case interrupted:
		r.State = Interrupted
	default:
		r.State = Failed
	}
}

// Counts are how many roles came to what, and how many tenants.
type Counts struct {
	Tenants      int `json:"tenants"`
	Waiting      int `json:"waiting"` // tenants that were not begun, or were interrupted
	Failed       int `json:"failed"`  // tenants
	NotRestored  int `json:"not_restored"`
	Roles        int `json:"roles"`
	Enforced     int `json:"enforced"`
	Narrow       int `json:"narrow"` // enforced, but not for everyone who may activate the role
	NotEnforced  int `json:"not_enforced"`
	Inconclusive int `json:"inconclusive"`
	Unproved     int `json:"unproved"` // roles without a verdict
	Overdue      int `json:"overdue"`  // roles whose last verdict is older than is allowed, also those of earlier runs
}

// Summary is a run over all tenants.
type Summary struct {
	Schema   string     `json:"schema"`
	ID       string     `json:"id"`
	Started  time.Time  `json:"started"`  // by the machine's clock
	Finished *time.Time `json:"finished"` // null while it runs, or when it was cut off
	// Outcome is the exit code of the command: 4 before 5, 1, 3 and 0.
	Outcome int      `json:"outcome"`
	Counts  Counts   `json:"counts"`
	Tenants []Result `json:"tenants"` // in the order of the list
}

func newSummary(o Options, tenants []Tenant) *Summary {
	s := &Summary{Schema: Schema, ID: o.ID, Started: o.Now().UTC(), Tenants: make([]Result, len(tenants))}
	for i, t := range tenants {
		s.Tenants[i] = Result{Name: t.Name, Labels: t.Labels, State: Waiting, Roles: []Role{}}
	}
	s.count(o.Strict)
	return s
}

// count counts anew, and ranks the outcome: a tenant that is not restored before a defect, before a role
// that is not as demanded, before what stayed undecided.
func (s *Summary) count(strict bool) {
	c := Counts{Tenants: len(s.Tenants)}
	defect := false
	for i, t := range s.Tenants {
		if t.Roles == nil {
			s.Tenants[i].Roles = []Role{}
		}
		defect = defect || t.Defect
		switch t.State {
		case Waiting, Interrupted:
			c.Waiting++
		case Failed:
			c.Failed++
		case NotRestored:
			c.NotRestored++
		}
		if t.Last == nil {
			s.Tenants[i].Last = []Role{}
		}
		for _, role := range t.Roles {
			c.role(role)
		}
		c.Overdue += len(t.OverdueRoles())
	}
	s.Counts, s.Outcome = c, c.outcome(strict, defect)
}

func (c *Counts) role(r Role) {
	c.Roles++
	switch r.Verdict {
	case "enforced":
		c.Enforced++
		if !r.Clean {
			c.Narrow++
		}
	case "not-enforced":
		c.NotEnforced++
	case "inconclusive":
		c.Inconclusive++
	default:
		c.Unproved++
	}
}

func (c Counts) outcome(strict, defect bool) int {
	switch {
	case c.NotRestored > 0:
		return 4
	case defect:
		return 5
	case c.NotEnforced > 0, strict && c.Narrow > 0:
		return 1
	case c.Inconclusive+c.Unproved+c.Failed+c.Waiting+c.Overdue > 0:
		return 3
	}
	return 0
}

// at is when the run ended, else when it began.
func (s *Summary) at() time.Time {
	if s.Finished != nil {
		return *s.Finished
	}
	return s.Started
}

// write writes the summary, whole or not at all.
func (s *Summary) write(dir string) error {
	text, err := s.JSON()
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	_, err = temporary.Write(text)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(dir, FileName))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the summary: %w", err), os.Remove(temporary.Name()))
	}
	return nil
}

// JSON is the summary on one line.
func (s *Summary) JSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(s)
	return b.Bytes(), err
}

// Read reads the summary of a run that is to be resumed.
func Read(dir string) (*Summary, error) {
	text, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("%s is no run of reprompt fleet: %w", dir, err)
	}
	s := new(Summary)
	if err := json.Unmarshal(text, s); err != nil || s.Schema != Schema || s.ID == "" {
		return nil, fmt.Errorf("%s is no run of reprompt fleet: its %s is not of %s", dir, FileName, Schema)
	}
	return s, nil
}

// Write prints the summary for people: what is not well first, then the counts.
func (s *Summary) Write(w io.Writer) error {
	var b strings.Builder
	for _, t := range s.Tenants {
		for _, r := range t.Roles {
			if r.Verdict != "enforced" {
				fmt.Fprintf(&b, "%-13s %s · %s\n", orUnproved(r.Verdict), t.Name, sentence(r))
			}
		}
		for _, r := range t.OverdueRoles() {
			fmt.Fprintf(&b, "%-13s %s · %s\n", "OVERDUE", t.Name, r.since(t.Name))
		}
		if t.Error != "" {
			fmt.Fprintf(&b, "%-13s %s · %s\n", strings.ToUpper(t.State), t.Name, firstLine(t.Error))
		}
	}
	c := s.Counts
	fmt.Fprintf(&b, "%s: %d failed, %d not restored, %d not begun\n", counted(c.Tenants, "tenant"), c.Failed, c.NotRestored, c.Waiting)
	fmt.Fprintf(&b, "%s: %d enforced (%d of them not for everyone), %d not enforced, %d inconclusive, %d without a verdict\n",
		counted(c.Roles, "role"), c.Enforced, c.Narrow, c.NotEnforced, c.Inconclusive, c.Unproved)
	if c.Overdue > 0 {
		fmt.Fprintf(&b, "%s overdue\n", counted(c.Overdue, "proof"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func orUnproved(verdict string) string {
	if verdict == "" {
		return "NO VERDICT"
	}
	return strings.ToUpper(verdict)
}

func sentence(r Role) string {
	text := r.Role
	for _, more := range []string{r.Summary, firstLine(r.Error)} {
		if more != "" {
			text += ": " + more
		}
	}
	return text
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}
