package evidence

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/reprompt/reprompt/verdict"
)

// contents is everything that a run kept, as the writers of the files that are made of it read it.
// It is the same whether the run has just ended or was read back from a bundle.
type contents struct {
	run       runRecord
	scenarios []scenarioContents // in the order of run.scenarios
	files     store
	ready     prints // made before; may be nil
}

// scenarioContents is one proof.
type scenarioContents struct {
	scenarioRecord
	observation *verdict.Observation // nil when the proof did not come to its end
	verdict     *verdict.Verdict     // nil when nothing was decided
	events      []Event
	pictures    []picture
}

// writer makes one file of a bundle, at the top of its folder, from everything else that was kept.
// It must come to the same bytes for the same contents: no clock, no chance.
type writer struct {
	name string
	make func(contents) ([]byte, error)
}

// writers run in this order when a run is closed, before the manifest is made. Each may read what
// those before it wrote, and the manifest covers them all.
var writers = []writer{
	{reportName, makeReport},
	{junitName, makeJUnit},
	{oscalName, makeOSCAL},
}

// writeDerived writes every file that is made from the others.
func (c contents) writeDerived() error {
	var errs []error
	for _, w := range writers {
		content, err := w.make(c)
		if err == nil {
			err = c.files.write(w.name, content, false)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Keep adds a file of the caller's own at the top of the folder, for example what a runner reports
// about the scenarios. It fails when the name is taken or has a folder in it, when the run is closed,
// and when the content holds what must not be kept.
func (r *Run) Keep(name string, content []byte) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	taken := slices.ContainsFunc(writers, func(w writer) bool { return w.name == name })
	switch {
	case r.closed:
		return fmt.Errorf("keep %s: the run is closed", name)
	case name != path.Base(name) || name == "." || name == "..":
		return fmt.Errorf("keep %q: it is no plain file name", name)
	case taken:
		return fmt.Errorf("keep %s: a file of that name is made when the run is closed", name)
	}
	return r.store.write(name, content, false)
}

// contentsLocked reads back what the scenarios wrote: a long run would not have the memory for it.
func (r *Run) contentsLocked(whole runRecord) (contents, error) {
	c := contents{run: whole, files: r.store}
	var errs []error
	for i, s := range r.scenarios {
		read, err := s.contents(whole.Scenarios[i])
		if err != nil {
			errs = append(errs, fmt.Errorf("read back what was kept of %q: %w", whole.Scenarios[i].Name, err))
		}
		c.scenarios = append(c.scenarios, read)
	}
	return c, errors.Join(errs...)
}

// contents is what the scenario kept beside its record.
func (s *Scenario) contents(record scenarioRecord) (scenarioContents, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	inFiles := record
	if s.recording != nil && s.unwritten != nil {
		inFiles.Verdict = ""
	}
	read, err := readScenario(inFiles, s.run.store)
	read.scenarioRecord = record
	if s.recording == nil {
		return read, err
	}
	read.pictures = slices.Clone(s.pictures)
	if s.unwritten != nil {
		read.observation, read.verdict = &s.unwritten.observation, &s.unwritten.verdict
	}
	return read, err
}
