package evidence

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"

	"github.com/reprompt/reprompt/verdict"
)

// contents is everything that a run kept, as the writers of the files that are made of it read it.
// It is the same whether the run has just ended or was read back from a bundle. A long run would not have the memory
// for all of it: a scenario is read when a writer comes to it.
type contents struct {
	run    runRecord
	files  store
	read   func(i int) (scenarioContents, error) // of run.Scenarios
	unread map[int]error                         // why one could not be read, whole
	ready  map[exhibitID]exhibit                 // pictures that were made ready before; may be nil
}

// scenarioContents is one proof.
type scenarioContents struct {
	scenarioRecord
	observation *verdict.Observation // nil when the proof did not come to its end
	verdict     *verdict.Verdict     // nil when nothing was decided
	events      []Event
	pictures    []picture
}

// scenario is the i-th of run.Scenarios, as far as it can be read; writeDerived says of which that is not the whole.
func (c contents) scenario(i int) scenarioContents {
	read, err := c.read(i)
	if err != nil {
		c.unread[i] = fmt.Errorf("read back what was kept of %q: %w", c.run.Scenarios[i].Name, err)
	}
	return read
}

// all goes through the scenarios in the order of run.Scenarios, and holds one at a time.
func (c contents) all() iter.Seq2[int, scenarioContents] {
	return func(yield func(int, scenarioContents) bool) {
		for i := range c.run.Scenarios {
			if !yield(i, c.scenario(i)) {
				return
			}
		}
	}
}

// writer makes one file of a bundle, at the top of its folder, from everything else that was kept.
// It must come to the same bytes for the same contents: no clock, no chance.
type writer struct {
	name  string
	write func(contents, *pieces) error
}

// writers run in this order when a run is closed, before the manifest is made. Each may read what
// those before it wrote, and the manifest covers them all.
var writers = []writer{
	{reportName, writeReport},
	{junitName, inOnePiece(makeJUnit)},
	{oscalName, inOnePiece(makeOSCAL)},
}

func inOnePiece(whole func(contents) ([]byte, error)) func(contents, *pieces) error {
	return func(c contents, w *pieces) error {
		content, err := whole(c)
		if err == nil {
			_, err = w.Write(content)
		}
		return err
	}
}

// writeDerived writes every file that is made from the others.
func (c contents) writeDerived() error {
	var errs []error
	for _, w := range writers {
		errs = append(errs, c.files.writePieces(w.name, func(p *pieces) error { return w.write(c, p) }))
	}
	for _, i := range slices.Sorted(maps.Keys(c.unread)) {
		errs = append(errs, c.unread[i])
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

// contentsLocked is what the scenarios wrote, read back from there.
func (r *Run) contentsLocked(whole runRecord) contents {
	return contents{run: whole, files: r.store, unread: map[int]error{}, read: func(i int) (scenarioContents, error) {
		return r.scenarios[i].contents(whole.Scenarios[i])
	}}
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
