package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/reprompt/reprompt/verdict"
)

// Try notes which attempt at a scenario this is, from 1. Attempts of one run bear one key.
func (s *Scenario) Try(attempt int) {
	s.wake()
	defer s.mutex.Unlock()
	s.attempt = attempt
}

// follows reports whether a scenario is the next attempt at this result within one run. A run tries
// again what broke or stayed undecided and nothing else: behind a verdict that was reached, or behind
// one that was as demanded, there is no further attempt, and what claims to be one is a result of its
// own that takes nothing back.
func (r *result) follows(s scenarioRecord) bool {
	return r.key == s.Key && r.feature == s.Feature && s.Attempt == r.attempt+1 && !r.decided
}

// decided reports whether an attempt settles its scenario.
func (r scenarioRecord) decided() bool {
	return r.outcome() == outcomePassed || r.Verdict == verdict.Enforced || r.Verdict == verdict.NotEnforced
}

// Key is the same for the same scenario in another run: of its feature's name, its own, and its
// sentences with the values of its row of examples.
func Key(feature, name string, steps []string) string { return keyOf(feature, name, steps) }

// LastRun is the newest run of scenarios below a folder, as far as it is asked for to run its failures
// again.
type LastRun struct {
	Dir      string            // the bundle
	Features map[string]string // by the name of each feature that was run, the SHA-256 of its text
	Failed   []FailedScenario
}

// FailedScenario is one whose last attempt did not pass, or did not come to its end.
type FailedScenario struct {
	Feature, Name string
	Key           string // see the function Key
}

// ErrNoRun says that there is no run of scenarios below a folder.
var ErrNoRun = errors.New("no run of scenarios")

// ReadLastRun reads the newest run below a folder. It is read and not verified: what is run again is
// judged anew. The error is ErrNoRun where there is none.
func ReadLastRun(evidenceDir string) (LastRun, error) {
	found, err := filepath.Glob(filepath.Join(evidenceDir, "*", runName))
	if err != nil {
		return LastRun{}, fmt.Errorf("look for runs in %s: %w", evidenceDir, err)
	}
	var last *runRecord
	var dir string
	for _, name := range found {
		bundle := filepath.Dir(name)
		r, err := readRun(bundle)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return LastRun{}, fmt.Errorf("read the run in %s: %w", bundle, err)
		}
		if r.Kind == KindRun && (last == nil || cmp.Or(r.Started.Compare(last.Started), cmp.Compare(bundle, dir)) > 0) {
			last, dir = &r, bundle
		}
	}
	if last == nil {
		return LastRun{}, fmt.Errorf("%w in %s", ErrNoRun, evidenceDir)
	}
	return LastRun{Dir: dir, Features: last.digests(), Failed: last.failures()}, nil
}

func (r runRecord) digests() map[string]string {
	digests := map[string]string{}
	for _, f := range r.Features {
		digests[f.URI] = f.SHA256
	}
	return digests
}

// failures are the scenarios whose last attempt did not pass, in the order in which they began.
func (r runRecord) failures() []FailedScenario {
	last := map[int]scenarioRecord{}
	var order []int
	for i, of := range r.tries() {
		if !slices.Contains(order, of) {
			order = append(order, of)
		}
		last[of] = r.Scenarios[i]
	}
	var failed []FailedScenario
	for _, of := range order {
		if s := last[of]; s.outcome() != outcomePassed {
			failed = append(failed, FailedScenario{s.Feature, s.Name, s.Key})
		}
	}
	return failed
}
