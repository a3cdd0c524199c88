package evidence

import (
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// Shown is what a bundle holds, in short.
type Shown struct {
	Schema       string        `json:"schema"` // reprompt/show/v1
	Verification *Verification `json:"verification"`
	ID           string        `json:"id"`
	Kind         Kind          `json:"kind"`
	Command      string        `json:"command"`
	Build        Build         `json:"build"`
	Browser      Browser       `json:"browser"`
	TenantID     string        `json:"tenant_id"`
	Target       Target        `json:"target"`
	Started      time.Time     `json:"started"`
	Finished     *time.Time    `json:"finished"`
	Result       string        `json:"result"` // PASSED, WARNED or FAILED, as it is signed
	Flaky        int           `json:"flaky"`
	Proofs       []ShownProof  `json:"proofs"`
}

const showSchema = "reprompt/show/v1"

// ShownProof is one proof, or one try of a scenario.
type ShownProof struct {
	Name    string `json:"name"`
	Feature string `json:"feature"`
	// Way is that of the proof; empty where none came about.
	Way     verdict.Way     `json:"way"`
	Attempt int             `json:"attempt"`
	Outcome string          `json:"outcome"` // passed, failed or undecided
	Verdict verdict.Outcome `json:"verdict"`
	Flaky   bool            `json:"flaky"` // passed only when it was tried again
	Summary string          `json:"summary"`
	Failure string          `json:"failure"`
	Path    string          `json:"path"`
}

// Show reads what a bundle holds, and verifies it.
func Show(dir string, options VerifyOptions) (*Shown, error) {
	v, err := Verify(dir, options)
	if err != nil {
		return nil, err
	}
	r, err := readRun(dir)
	if err != nil { // the verification says so
		return &Shown{Schema: showSchema, Verification: v, Proofs: []ShownProof{}}, nil
	}
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &Shown{
		Schema: showSchema, Verification: v, ID: r.ID, Kind: r.Kind, Command: r.Command, Build: r.Build, Browser: r.Browser,
		TenantID: r.TenantID, Target: r.Target, Started: r.Started, Finished: r.Finished, Result: testResultOf(r).Result, Proofs: []ShownProof{},
	}
	flaky, of, counted := r.flaky(), r.tries(), map[int]bool{}
	for i, record := range r.Scenarios {
		p := ShownProof{
			Name: record.Name, Feature: record.Feature, Attempt: record.Attempt, Outcome: record.outcome(), Verdict: record.Verdict,
			Failure: record.Failure, Path: record.Dir, Flaky: flaky[of[i]],
		}
		if record.Proved != nil {
			p.Way = record.Proved.Way
		}
		if decided, err := f.scenarioVerdict(record); err == nil && decided != nil {
			p.Summary = decided.Summary
		}
		if p.Flaky && !counted[of[i]] {
			counted[of[i]] = true
			s.Flaky++
		}
		s.Proofs = append(s.Proofs, p)
	}
	return s, nil
}

// Write prints it for people.
func (s *Shown) Write(w io.Writer, colour bool) error {
	t := &terminal{w: w, colour: colour}
	s.Verification.print(t)
	if s.ID == "" {
		return t.err // run.json cannot be read
	}
	t.printf("\n%s  %s\n", t.paint(resultColour(s.Result), s.Result), printable(s.Command))
	t.field("started", s.Started.UTC().Format(time.RFC3339))
	t.field("tenant", strings.Join(present(printable(s.TenantID), string(s.Target)), " · "))
	t.field("program", printable(strings.Join(present("reprompt "+s.Build.Version, s.Build.Commit, s.Build.Go), " · ")))
	t.field("browser", printable(strings.TrimSpace(s.Browser.Name+" "+s.Browser.Version)))
	for _, p := range s.Proofs {
		name := p.Name
		if p.Way != "" && p.Feature == "" {
			name = fmt.Sprintf("%s (%s)", p.Name, p.Way)
		}
		if p.Attempt > 1 || p.Flaky {
			name = fmt.Sprintf("%s (try %d)", name, p.Attempt)
		}
		if p.Flaky && p.Outcome == outcomePassed {
			name += " FLAKY: it passed only when it was tried again"
		}
		t.printf("  %-10s %-13s %s\n", p.Outcome, p.Verdict, printable(name))
		if why := present(p.Failure, p.Summary); len(why) > 0 {
			t.field("", t.paint(faint, printable(why[0])))
		}
	}
	t.field("report", path.Base(reportName))
	return t.err
}

func resultColour(result string) string {
	return map[string]string{resultPassed: green, resultFailed: red}[result] + map[bool]string{true: yellow}[result == resultWarned]
}
