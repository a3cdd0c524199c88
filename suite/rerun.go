package suite

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/evidence"
)

// ErrNothingToRerun says that the last run had no failure.
var ErrNothingToRerun = errors.New("nothing to run again")

// rerun chooses what failed in the last run. The evidence is where that is kept: nothing else remembers
// it. A scenario is known by its sentences, with the values of its row of examples, so that it is found
// when lines were added above it; one whose sentences were changed is known by its name.
type rerun struct {
	keys  map[string]bool
	names map[[2]string]bool // feature and name
	// gone are the scenarios that failed and are not there any more.
	gone []string
}

func (r *rerun) has(pickle *messages.Pickle) bool {
	return r.keys[keyOf(pickle)] || r.names[[2]string{pickle.Uri, pickle.Name}]
}

func keyOf(pickle *messages.Pickle) string {
	var texts []string
	for _, step := range pickle.Steps {
		texts = append(texts, step.Text)
	}
	return evidence.Key(pickle.Uri, pickle.Name, texts)
}

// lastFailures reads what failed last, and the features that it stands in: those that the paths name,
// else those of the last run. The error is ErrNothingToRerun where nothing failed.
func lastFailures(o Options) (*rerun, []source, error) {
	last, err := evidence.ReadLastRun(o.EvidenceDir)
	switch {
	case errors.Is(err, evidence.ErrNoRun):
		return nil, nil, fmt.Errorf("run again what failed: there is no run in %s: run the scenarios once without --rerun, or name its folder with --evidence", o.EvidenceDir)
	case err != nil:
		return nil, nil, fmt.Errorf("run again what failed: %w", err)
	case len(last.Failed) == 0:
		return nil, nil, fmt.Errorf("%w: every scenario of the last run passed (%s)", ErrNothingToRerun, last.Dir)
	}
	sources, err := sourcesAgain(o, last)
	if err != nil {
		return nil, nil, err
	}
	again, err := rerunOf(last.Failed, sources)
	if err == nil && len(again.keys)+len(again.names) == 0 {
		err = fmt.Errorf("run again what failed: none of it is there any more (%s): run without --rerun", strings.Join(again.gone, ", "))
	}
	return again, sources, err
}

// sourcesAgain reads the features of the last run's failures. One that is embedded and is as it was is
// meant where a file bears the same name.
func sourcesAgain(o Options, last evidence.LastRun) ([]source, error) {
	if len(o.Paths) > 0 {
		return sourcesFrom(o.Features, o.Paths)
	}
	var all []source
	for _, failed := range last.Failed {
		if slices.ContainsFunc(all, func(s source) bool { return s.name == failed.Feature }) {
			continue
		}
		own, err := fs.ReadFile(o.Features, failed.Feature)
		if err == nil && evidence.Digest(own) == last.Features[failed.Feature] {
			all = append(all, source{name: failed.Feature, content: own})
			continue
		}
		if content, err := os.ReadFile(failed.Feature); err == nil {
			own = content
		} else if own == nil {
			return nil, fmt.Errorf("run again what failed: %s is not here any more; go to the folder from which it was run, or name it", failed.Feature)
		}
		all = append(all, source{name: failed.Feature, content: own})
	}
	return all, nil
}

// rerunOf looks each failure up among the scenarios that there are.
func rerunOf(failed []evidence.FailedScenario, sources []source) (*rerun, error) {
	keys, names := map[string]bool{}, map[[2]string]bool{}
	for _, src := range sources {
		document, err := gherkin.ParseGherkinDocument(bytes.NewReader(src.content), (&messages.Incrementing{}).NewId)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", src.name, onOneLine(err))
		}
		for _, pickle := range gherkin.Pickles(*document, src.name, (&messages.Incrementing{}).NewId) {
			keys[keyOf(pickle)], names[[2]string{src.name, pickle.Name}] = true, true
		}
	}
	again := &rerun{keys: map[string]bool{}, names: map[[2]string]bool{}}
	for _, f := range failed {
		switch name := [2]string{f.Feature, f.Name}; {
		case keys[f.Key]:
			again.keys[f.Key] = true
		case names[name]:
			again.names[name] = true
		default:
			again.gone = append(again.gone, fmt.Sprintf("%q of %s", f.Name, f.Feature))
		}
	}
	return again, nil
}
