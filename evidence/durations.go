package evidence

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Durations are how long the proofs of a bundle took, by the machine's clock. Where there were several
// attempts, or a bundle holds others, the longest counts.
type Durations struct {
	scenarios map[string]time.Duration
	roles     map[string]time.Duration
}

// Scenario is how long a scenario took, by its key (see the function Key); 0: the bundle does not tell.
func (d Durations) Scenario(key string) time.Duration { return d.scenarios[key] }

// Role is how long the proof of a role took, by the id of its definition or by its display name, in upper or
// lower case; 0: the bundle does not tell.
func (d Durations) Role(named string) time.Duration { return d.roles[strings.ToLower(named)] }

// ReadDurations reads the durations of a bundle, which is named by its folder or by its run.json. It is read
// and not verified: nothing is judged by them.
func ReadDurations(path string) (Durations, error) {
	dir := path
	if filepath.Base(path) == runName {
		dir = filepath.Dir(path)
	}
	run, err := readRun(dir)
	if err != nil {
		return Durations{}, fmt.Errorf("read durations: %w", err)
	}
	d := Durations{map[string]time.Duration{}, map[string]time.Duration{}}
	for _, s := range run.Scenarios {
		if s.Feature != "" {
			d.scenarios[s.Key] = max(d.scenarios[s.Key], s.Took)
			continue
		}
		names := []string{s.Name}
		if s.Proved != nil {
			names = append(names, s.Proved.RoleDefinitionID)
		}
		for _, name := range names {
			name = strings.ToLower(name)
			d.roles[name] = max(d.roles[name], s.Took)
		}
	}
	return d, nil
}
