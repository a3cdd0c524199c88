package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// recording is what is known of a scenario while it is written.
type recording struct {
	name, feature string
	dir           string    // inside the run's folder, with slashes
	started       time.Time // by the machine's clock
	state         string
	key           string
	proved        *Proved
	after         []Object // configuration objects after the proof; nil when they were not read
	before        []Object
	log           eventLog
	pictures      []picture
	lastEvent     time.Time
	outcome       verdict.Outcome // empty before it is finished
	unwritten     *judged         // what could not be written, and is only here; nil: it is in its files
	failure       string
	ended         time.Time // by the machine's clock; zero while it runs
	attempt       int       // from 1
	err           error     // what could not be recorded
}

// Rest says that nothing follows for now. What the scenario's files and its line of run.json say is not kept
// in memory then: a run of thousands would not have it. Whatever is noted later is noted all the same. A
// scenario of which something could not be written stays as it is.
func (s *Scenario) Rest() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.recording == nil || s.err != nil || s.unwritten != nil {
		return nil
	}
	line, err := encodeScenario(s.recordLocked())
	if err != nil {
		return err
	}
	if s.rests, err = s.run.resting.add(line); err != nil {
		return err
	}
	s.recording = nil
	return nil
}

// wake locks the scenario, and brings back what Rest put away.
func (s *Scenario) wake() {
	s.mutex.Lock()
	if s.recording != nil {
		return
	}
	r, err := s.recordHeld()
	s.recording = s.run.recordingOf(r)
	if s.err = err; err != nil {
		s.log.full = "" // it is not known where the events stand: none is written
		return
	}
	content, err := s.run.store.read(path.Join(r.Dir, eventsName))
	if r.Events == 0 {
		return
	}
	if err == nil {
		var events []Event
		events, err = ReadEvents(strings.NewReader(string(content)))
		s.pictures = picturesOf(events, "")
		for _, e := range events {
			if e.At != nil {
				s.lastEvent = *e.At
			}
		}
	}
	s.err = err
}

// recordingOf is what a line of run.json says.
func (r *Run) recordingOf(s scenarioRecord) *recording {
	back := &recording{
		name: s.Name, feature: s.Feature, dir: s.Dir, started: s.Started, state: s.State, key: s.Key, proved: s.Proved,
		before: s.Configuration.Before, after: s.Configuration.After, outcome: s.Verdict, failure: s.Failure, attempt: s.Attempt,
		log: r.logOf(s.Dir),
	}
	back.log.count, back.log.last = s.Events, s.EventsHead
	if s.State != stateRunning {
		back.ended = s.Started.Add(s.Took)
	}
	return back
}

func (r *Run) logOf(dir string) eventLog {
	return eventLog{full: filepath.Join(r.store.root, filepath.FromSlash(dir), eventsName), guard: r.store.guard}
}

// record is the scenario's line of run.json. It takes the scenario's lock; callers may hold the run's, never
// the other way round.
func (s *Scenario) record() (scenarioRecord, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.recordHeld()
}

func (s *Scenario) recordHeld() (scenarioRecord, error) {
	if s.recording != nil {
		return s.recordLocked(), nil
	}
	var record scenarioRecord
	line, err := s.run.resting.read(s.rests)
	if err == nil {
		err = json.Unmarshal(line, &record)
	}
	return record, err
}

// line is record as it stands in run.json.
func (s *Scenario) line() ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.recording != nil {
		return encodeScenario(s.recordLocked())
	}
	return s.run.resting.read(s.rests)
}

// encodeScenario writes a member of the list of scenarios in run.json, as encodeIndented does.
func encodeScenario(r scenarioRecord) ([]byte, error) {
	line, err := json.MarshalIndent(r, "    ", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", runName, err)
	}
	return line, nil
}

// SetAside keeps content out of memory until the run is closed, and returns what reads it back. It is no part
// of the bundle, and yet content that must not be kept is refused.
func (r *Run) SetAside(content []byte) (readBack func() ([]byte, error), err error) {
	if err := r.store.guard.check(content); err != nil {
		return nil, fmt.Errorf("put content aside: %w", err)
	}
	at, err := r.resting.add(content)
	return func() ([]byte, error) { return r.resting.read(at) }, err
}

// shelf is a file of what is not kept in memory. It is gone with the process.
type shelf struct {
	mutex sync.Mutex
	file  *os.File // nil before the first
	size  int64
}

// stretch is where something stands on a shelf.
type stretch struct {
	at     int64
	length int
}

// add puts content, which the guard has seen, behind what is there.
func (s *shelf) add(content []byte) (stretch, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.file == nil {
		file, err := os.CreateTemp("", "reprompt-evidence-*") // mode 0600
		if err != nil {
			return stretch{}, fmt.Errorf("put aside what is kept of a run: %w", err)
		}
		_ = os.Remove(file.Name()) // where an open file cannot be removed, close does it
		s.file = file
	}
	if _, err := s.file.WriteAt(content, s.size); err != nil {
		return stretch{}, fmt.Errorf("put aside what is kept of a run: %w", err)
	}
	at := stretch{s.size, len(content)}
	s.size += int64(len(content))
	return at, nil
}

func (s *shelf) read(p stretch) ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	content := make([]byte, p.length)
	if _, err := s.file.ReadAt(content, p.at); err != nil {
		return nil, fmt.Errorf("read back what was kept of a run: %w", err)
	}
	return content, nil
}

func (s *shelf) close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if removed := os.Remove(s.file.Name()); !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	s.file = nil
	return err
}
