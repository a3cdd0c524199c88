package evidence

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// scenarioRecord is a scenario's line in run.json.
type scenarioRecord struct {
	Name    string          `json:"name"`
	Feature string          `json:"feature"`
	Dir     string          `json:"dir"`
	State   string          `json:"state"` // running, finished, failed
	Verdict verdict.Outcome `json:"verdict"`
	Failure string          `json:"failure"`
	// Started is by the machine's clock; Seconds is how long it took by it, 0 while it runs.
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
}

// picture is a screenshot as the report shows it.
type picture struct {
	Path, Caption string
	after         time.Time // tenant's time of the last event before it
}

// Scenario records one proof. It is safe for concurrent use and implements the Recorder of
// package activation.
type Scenario struct {
	run           *Run
	name, feature string
	dir           string    // inside the run's folder, with slashes
	started       time.Time // by the machine's clock

	mutex       sync.Mutex
	state       string
	log         eventLog
	pictures    []picture
	lastEvent   time.Time
	observation *verdict.Observation
	verdict     *verdict.Verdict
	failure     string
	ended       time.Time // by the machine's clock; zero while it runs
	err         error     // what could not be recorded
}

// Scenario opens the folder of one proof. feature may be empty.
func (r *Run) Scenario(name, feature string) (*Scenario, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return nil, fmt.Errorf("record %q: the run is closed", name)
	}
	dir := fmt.Sprintf("scenarios/%02d-%s", len(r.scenarios)+1, slug(name))
	s := &Scenario{run: r, name: name, feature: feature, dir: dir, state: stateRunning, started: r.info.Now()}
	s.log = eventLog{full: filepath.Join(r.store.root, filepath.FromSlash(dir), "events.ndjson"), guard: r.store.guard}
	r.scenarios = append(r.scenarios, s)
	return s, r.writeRecordLocked(stateRunning, Result{})
}

// Screenshot stores a picture and returns its path inside the run's folder, with slashes; empty
// when there is none or it could not be written, which Finish and Close then report. name says
// what it shows in a word or two, caption in a sentence.
func (s *Scenario) Screenshot(name, caption string, png []byte) string {
	if len(png) == 0 {
		return ""
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	number := fmt.Sprintf("%02d-", len(s.pictures)+1)
	file := path.Join(s.dir, number+strings.TrimPrefix(slug(name), number)+".png") // a caller may number, too
	if err := s.run.store.write(file, png, false); err != nil {
		s.err = errors.Join(s.err, err)
		return ""
	}
	s.pictures = append(s.pictures, picture{Path: file, Caption: caption, after: s.lastEvent})
	s.err = errors.Join(s.err, s.log.append(Event{Kind: kindScreenshot, Text: caption, Path: file}))
	return file
}

// Pictures are the paths of the pictures so far, inside the run's folder, with slashes.
func (s *Scenario) Pictures() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var paths []string
	for _, p := range s.pictures {
		paths = append(paths, p.Path)
	}
	return paths
}

// Event notes that something happened at an instant of the tenant's clock. What could not be
// written is reported by Finish and Close.
func (s *Scenario) Event(kind, text string, at time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	at = at.UTC()
	s.lastEvent = at
	s.err = errors.Join(s.err, s.log.append(Event{Kind: kind, Text: text, At: &at}))
}

// Finish writes observation.json and verdict.json. It returns everything that this scenario
// could not record; a verdict without its evidence must not count.
func (s *Scenario) Finish(o verdict.Observation, v verdict.Verdict) error {
	s.mutex.Lock()
	s.observation, s.verdict = &o, &v
	s.state, s.ended = stateFinished, s.run.info.Now()
	err := errors.Join(
		s.run.store.writeJSON(path.Join(s.dir, "observation.json"), o, false),
		s.run.store.writeJSON(path.Join(s.dir, "verdict.json"), v, false),
	)
	err = errors.Join(s.err, err)
	s.err = nil
	s.mutex.Unlock()
	return errors.Join(err, s.run.noteProgress())
}

// Passed notes that a scenario came to its end as it should. It changes nothing after Finish or Failed;
// a scenario without a proof has neither.
func (s *Scenario) Passed() error {
	s.mutex.Lock()
	if s.state != stateRunning {
		s.mutex.Unlock()
		return nil
	}
	s.state, s.ended = stateFinished, s.run.info.Now()
	s.mutex.Unlock()
	return s.run.noteProgress()
}

// Failed notes why the scenario as a whole went wrong. It may follow Finish: an outcome that
// differs from the demanded one is a failed scenario with a finished proof.
func (s *Scenario) Failed(why string) {
	s.mutex.Lock()
	why = s.run.Withhold(why)
	s.failure, s.state, s.ended = why, stateFailed, s.run.info.Now()
	at := Event{Kind: kindFailed, Text: why}
	s.err = errors.Join(s.err, s.log.append(at))
	s.mutex.Unlock()
	err := s.run.noteProgress()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.err = errors.Join(s.err, err)
}

// Dir is the scenario's folder.
func (s *Scenario) Dir() string { return filepath.Join(s.run.store.root, filepath.FromSlash(s.dir)) }

// noteProgress rewrites run.json, so that a run that is cut off says how far it came.
func (r *Run) noteProgress() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return nil
	}
	return r.writeRecordLocked(stateRunning, Result{})
}

// record takes the scenario's lock; callers may hold the run's, never the other way round.
func (s *Scenario) record() scenarioRecord {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	record := scenarioRecord{
		Name: s.name, Feature: s.feature, Dir: s.dir, State: s.state, Failure: s.failure, Started: s.started.UTC(),
	}
	if !s.ended.IsZero() {
		record.Seconds = s.ended.Sub(s.started).Round(time.Millisecond).Seconds()
	}
	if s.verdict != nil {
		record.Verdict = s.verdict.Outcome
	}
	return record
}

func (s *Scenario) takeErr() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	err := s.err
	s.err = nil
	return err
}

// slug makes a name fit for a folder.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	text := b.String()
	if len(text) > 60 {
		text = text[:60]
	}
	return strings.Trim(text, "-")
}

// sorted are the values of a map in the order of their keys; never nil, so that JSON says [].
func sorted[T any](values map[string]T) []T {
	all := []T{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		all = append(all, values[key])
	}
	return all
}
