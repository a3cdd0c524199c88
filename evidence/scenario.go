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
	Name    string `json:"name"`    // of the scenario, or of the role
	Feature string `json:"feature"` // its file; empty where a role was proved
	// Key is the same for the same scenario in another run: SHA-256 of feature, name and steps.
	Key string `json:"key"`
	// Proved is what was proved; with Key it tells one proof from another. It is left out where nothing
	// came to be proved.
	Proved *Proved `json:"proved,omitempty"`
	// Attempt counts the tries of a scenario, from 1.
	Attempt int             `json:"attempt"`
	Dir     string          `json:"dir"`     // inside the bundle
	State   string          `json:"state"`   // running, finished, failed
	Verdict verdict.Outcome `json:"verdict"` // empty where it came to none
	Failure string          `json:"failure"` // why it failed; empty when it did not
	// Started is by the machine's clock; Took is how long it took by it, 0 while it runs.
	Started time.Time     `json:"started,omitzero"`
	Took    time.Duration `json:"took_ns,omitempty"`
	// Events is how many lines events.ndjson has, and EventsHead the digest of the last: 64 zeros
	// where there is none.
	Events     int    `json:"events"`
	EventsHead string `json:"events_head"` // digest of the last event; what a cut chain does not end with
	// Configuration are the objects that decided about the activation, before and after it.
	Configuration configurationRecord `json:"configuration"`
}

// Proved is what a proof is of: another role, scope, admin or way is another proof.
type Proved struct {
	RoleDefinitionID string      `json:"role_definition_id"`
	DirectoryScopeID string      `json:"directory_scope_id"` // "/" for the whole tenant
	AdminID          string      `json:"admin_id"`           // object id
	Way              verdict.Way `json:"way"`
}

func provedIn(o verdict.Observation) Proved {
	return Proved{o.Role.DefinitionID, o.Role.DirectoryScopeID, o.Admin.ObjectID, o.Way}
}

// Outcomes of a scenario, as pipelines count them.
const (
	outcomePassed    = "passed"
	outcomeFailed    = "failed"
	outcomeUndecided = "undecided"
)

// outcome is what the scenario counts for. A proof passes when it came out enforced; a scenario when
// every sentence of it was so, whatever verdict they demanded.
func (r scenarioRecord) outcome() string {
	switch {
	case r.State != stateFinished:
		return outcomeFailed
	case r.Feature != "" || r.Verdict == verdict.Enforced: // only scenarios have a feature
		return outcomePassed
	case r.Verdict == verdict.NotEnforced:
		return outcomeFailed
	default:
		return outcomeUndecided
	}
}

// title names the scenario for people and pipelines.
func (r scenarioRecord) title() string {
	if r.Feature == "" {
		return r.Name
	}
	return r.Feature + ": " + r.Name
}

// titleWithWay tells proofs of one role apart: by the way, and the scope where it is not the whole tenant.
func (r scenarioRecord) titleWithWay() string {
	if r.Feature != "" || r.Proved == nil {
		return r.title()
	}
	of := []string{string(r.Proved.Way)}
	if r.Proved.DirectoryScopeID != "/" {
		of = append(of, r.Proved.DirectoryScopeID)
	}
	return fmt.Sprintf("%s (%s)", r.title(), strings.Join(present(of...), ", "))
}

// picture is a screenshot as the report shows it.
type picture struct {
	Path, Caption string
	after         time.Time // tenant's time of the last event before it
}

// Scenario records one proof. It is safe for concurrent use and implements the Recorder of
// package activation.
type Scenario struct {
	run        *Run
	mutex      sync.Mutex
	*recording         // nil while it rests
	rests      stretch // its line of run.json, while it rests
}

// judged is a proof and what it came to.
type judged struct {
	observation verdict.Observation
	verdict     verdict.Verdict
}

// Scenario opens the folder of one proof. feature may be empty.
func (r *Run) Scenario(name, feature string) (*Scenario, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return nil, fmt.Errorf("record %q: the run is closed", name)
	}
	if err := r.store.guard.check([]byte(name + "\n" + feature)); err != nil {
		return nil, fmt.Errorf("record a scenario by its name: %w", err)
	}
	dir := fmt.Sprintf("scenarios/%02d-%s", len(r.scenarios)+1, slug(name))
	s := &Scenario{run: r, recording: &recording{
		name: name, feature: feature, dir: dir, state: stateRunning, started: r.info.Now(), key: keyOf(feature, name, nil), attempt: 1, log: r.logOf(dir),
	}}
	r.scenarios = append(r.scenarios, s)
	return s, r.noteProgressLocked()
}

// keyOf is the key of a scenario.
func keyOf(feature, name string, steps []string) string {
	return Digest([]byte(strings.Join(append([]string{feature, name}, steps...), "\x00")))
}

// Steps notes the sentences of the scenario, as they were executed. With them the rows of one outline,
// which bear one name, are told apart when runs are compared.
func (s *Scenario) Steps(texts []string) {
	s.wake()
	defer s.mutex.Unlock()
	s.key = keyOf(s.feature, s.name, texts)
}

// Proves notes what is about to be proved, so that a proof that breaks off is known, too. Finish
// notes it from the observation.
func (s *Scenario) Proves(p Proved) {
	s.wake()
	defer s.mutex.Unlock()
	s.proved = &p
}

// ConfigurationAfter notes the configuration as it was once the proof was over. What it is compared
// with is in the observation.
func (s *Scenario) ConfigurationAfter(at time.Time, setting verdict.Setting, configuration verdict.Configuration) error {
	s.wake()
	defer s.mutex.Unlock()
	after := configurationFile{Schema: configurationSchema, At: at.UTC(), Setting: setting, Configuration: configuration}
	content, err := encodeIndented(after)
	if err != nil {
		return fmt.Errorf("encode the configuration: %w", err)
	}
	if s.after, err = objectsOf(content); err != nil {
		return err
	}
	return s.run.store.write(path.Join(s.dir, configurationName), content, false)
}

// Screenshot stores a picture and returns its path inside the run's folder, with slashes; empty
// when there is none or it could not be written, which Finish and Close then report. name says
// what it shows in a word or two, caption in a sentence.
func (s *Scenario) Screenshot(name, caption string, png []byte) string {
	if len(png) == 0 {
		return ""
	}
	s.wake()
	defer s.mutex.Unlock()
	number := fmt.Sprintf("%02d-", len(s.pictures)+1)
	file := path.Join(s.dir, number+strings.TrimPrefix(slug(name), number)+".png") // a caller may number, too
	if err := s.run.store.write(file, png, false); err != nil {
		s.err = errors.Join(s.err, err)
		return ""
	}
	s.pictures = append(s.pictures, picture{Path: file, Caption: caption, after: s.lastEvent})
	if s.run.info.Kind == KindProve {
		s.run.ready.begin(png)
	}
	s.err = errors.Join(s.err, s.log.append(Event{Kind: kindScreenshot, Text: caption, Path: file, Picture: Digest(png)}))
	return file
}

// Pictures are the paths of the pictures so far, inside the run's folder, with slashes.
func (s *Scenario) Pictures() []string {
	s.wake()
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
	s.wake()
	defer s.mutex.Unlock()
	at = at.UTC()
	s.lastEvent = at
	s.err = errors.Join(s.err, s.log.append(Event{Kind: kind, Text: text, At: &at}))
}

// Finish writes observation.json and verdict.json. It returns everything that this scenario
// could not record; a verdict without its evidence must not count.
func (s *Scenario) Finish(o verdict.Observation, v verdict.Verdict) error {
	s.wake()
	of := provedIn(o)
	s.outcome, s.proved = v.Outcome, &of
	s.state, s.ended = stateFinished, s.run.info.Now()
	err := errors.Join(
		s.writeObservationLocked(o),
		s.run.store.writeJSON(path.Join(s.dir, verdictName), v, false),
	)
	if err != nil {
		s.unwritten = &judged{o, v}
	}
	err = errors.Join(s.err, err)
	s.err = nil
	s.mutex.Unlock()
	return errors.Join(err, s.run.noteProgress())
}

// Passed notes that a scenario came to its end as it should. It changes nothing after Finish or Failed;
// a scenario without a proof has neither.
func (s *Scenario) Passed() error {
	s.wake()
	if s.state != stateRunning {
		s.mutex.Unlock()
		return nil
	}
	s.state, s.ended = stateFinished, s.run.info.Now()
	s.mutex.Unlock()
	return s.run.noteProgress()
}

func (s *Scenario) writeObservationLocked(o verdict.Observation) error {
	content, err := encodeIndented(o)
	if err != nil {
		return fmt.Errorf("encode the observation: %w", err)
	}
	if s.before, err = objectsOf(content); err != nil {
		return err
	}
	return s.run.store.write(path.Join(s.dir, observationName), content, false)
}

// Failed notes why the scenario as a whole went wrong. It may follow Finish: an outcome that
// differs from the demanded one is a failed scenario with a finished proof.
func (s *Scenario) Failed(why string) {
	s.wake()
	why = s.run.Withhold(why)
	s.failure, s.state, s.ended = why, stateFailed, s.run.info.Now()
	at := Event{Kind: kindFailed, Text: why}
	s.err = errors.Join(s.err, s.log.append(at))
	s.mutex.Unlock()
	err := s.run.noteProgress()
	s.wake()
	defer s.mutex.Unlock()
	s.err = errors.Join(s.err, err)
}

// Dir is the scenario's folder.
func (s *Scenario) Dir() string {
	s.wake()
	defer s.mutex.Unlock()
	return filepath.Join(s.run.store.root, filepath.FromSlash(s.dir))
}

// noteProgress brings run.json up to date, so that a run that is cut off says how far it came.
func (r *Run) noteProgress() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return nil
	}
	return r.noteProgressLocked()
}

// recordLocked is the scenario's line of run.json; its lock is held.
func (s *Scenario) recordLocked() scenarioRecord {
	record := scenarioRecord{
		Name: s.name, Feature: s.feature, Key: s.key, Proved: s.proved, Attempt: s.attempt, Dir: s.dir, State: s.state, Failure: s.failure, Started: s.started.UTC(),
		Events: s.log.count, EventsHead: s.log.head(), Configuration: configurationRecord{Before: []Object{}, After: s.after},
	}
	if !s.ended.IsZero() {
		record.Took = s.ended.Sub(s.started).Round(time.Millisecond)
	}
	if s.before != nil {
		record.Configuration.Before = s.before
	}
	record.Verdict = s.outcome
	return record
}

// takeErr is what could not be recorded, once. A scenario rests only when there is nothing of that.
func (s *Scenario) takeErr() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.recording == nil {
		return nil
	}
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
