package evidence

import (
	"encoding/json"
	"fmt"

	"github.com/reprompt/reprompt/verdict"
)

// readRun reads run.json of a bundle, as carefully as a verification does.
func readRun(dir string) (runRecord, error) {
	f, err := openFolder(dir)
	if err != nil {
		return runRecord{}, fmt.Errorf("open the bundle: %w", err)
	}
	defer f.Close()
	return readDocument[runRecord](f, runName, "run")
}

func readDocument[T any](f folder, name, schema string) (T, error) {
	var value T
	content, err := f.read(name, largestDocument)
	if err != nil {
		return value, fmt.Errorf("read %s: %w", printable(name), err)
	}
	if err := conforms(schema, content); err != nil {
		return value, fmt.Errorf("read %s: %w", printable(name), err)
	}
	return value, json.Unmarshal(content, &value)
}

// scenarioVerdict is the verdict of a scenario; nil where it came to none.
func (f folder) scenarioVerdict(s scenarioRecord) (*verdict.Verdict, error) {
	if s.Verdict == "" {
		return nil, nil
	}
	v, err := readDocument[verdict.Verdict](f, s.Dir+"/"+verdictName, "verdict")
	return &v, err
}

// scenarioObservation is what was observed in a scenario.
func (f folder) scenarioObservation(s scenarioRecord) (verdict.Observation, error) {
	return readDocument[verdict.Observation](f, s.Dir+"/"+observationName, "observation")
}
