package suite

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/planner"
)

// sharding selects, of what every other filter lets through, what belongs to a shard.
type sharding struct {
	mine []bool // by the order in which scenarios are chosen
	next int
	told string // for people: how it was divided
}

// keeps reports whether the next scenario belongs to the shard.
func (s *sharding) keeps() bool {
	if s == nil {
		return true
	}
	s.next++
	return s.mine[s.next-1]
}

// says is how the scenarios were divided, for people; empty where they were not.
func (s *sharding) says() string {
	if s == nil {
		return ""
	}
	return s.told
}

// shardOf divides what was chosen. The error is a *RequirementError.
func (o Options) shardOf(chosen selection) (*sharding, error) {
	known, err := readDurations(o.Durations)
	if err != nil {
		return nil, err
	}
	var took []time.Duration
	for _, f := range chosen.features {
		for _, pickle := range f.pickles {
			took = append(took, known.of(f.name, pickle))
		}
	}
	return divide(o.Shard, known.from, "scenario", took)
}

// divide takes one part of some things; took is how long each took before, 0 where that is not known, and
// from where that was read. The error is a *RequirementError.
func divide(shard, from, thing string, took []time.Duration) (*sharding, error) {
	part, err := planner.ParseShard(shard)
	if err != nil {
		return nil, requiredf("--shard: %w", err)
	}
	s := &sharding{mine: part.Holds(took)}
	mine, known := 0, 0
	for i, is := range s.mine {
		if is {
			mine++
		}
		if took[i] > 0 {
			known++
		}
	}
	if mine == 0 {
		return nil, requiredf("--shard %s holds none of %s: use fewer shards", shard, plural(len(took), thing))
	}
	by := "by count"
	switch {
	case known > 0:
		by = fmt.Sprintf("by how long they took in %s, which knows %d of them", from, known)
	case from != "":
		by = fmt.Sprintf("by count, since %s knows none of them", from)
	}
	s.told = fmt.Sprintf("shard %s: %d of %s, divided %s", shard, mine, plural(len(took), thing), by)
	return s, nil
}

// durations are how long scenarios and roles took in an earlier run.
type durations struct {
	from     string                      // the file or bundle; empty: nothing is known
	recorded evidence.Durations          // of a bundle
	told     map[[2]string]time.Duration // of run --json, by feature and name
}

func (d durations) of(feature string, pickle *messages.Pickle) time.Duration {
	if d.told != nil {
		return d.told[[2]string{feature, pickle.Name}]
	}
	return d.recorded.Scenario(keyOf(pickle))
}

// readDurations reads a bundle, which is named by its folder or its run.json, or what run --json printed; an
// empty path is none. The error is a *RequirementError.
func readDurations(path string) (durations, error) {
	d := durations{from: path}
	if path == "" {
		return d, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return d, requiredf("--durations: %w", err)
	}
	if info.IsDir() || filepath.Base(path) == "run.json" {
		if d.recorded, err = evidence.ReadDurations(path); err != nil {
			return d, requiredf("--durations: %w; name the folder of an earlier run, or its run.json", err)
		}
		return d, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return d, requiredf("--durations: %w", err)
	}
	var told Result
	if err := json.Unmarshal(text, &told); err != nil || told.Schema != RunSchema {
		return d, requiredf("--durations: %s is neither the folder of an earlier run, nor its run.json, nor what reprompt run --json prints (%s)", path, RunSchema)
	}
	d.told = map[[2]string]time.Duration{}
	for _, s := range told.Scenarios {
		key := [2]string{s.Feature, s.Name}
		d.told[key] = max(d.told[key], time.Duration(s.Seconds*float64(time.Second)))
	}
	return d, nil
}

// shardRoles are the roles of the shard, and for people how they were divided.
func (r ProveRequest) shardRoles() (roles []string, told string, err error) {
	if r.Shard == "" {
		return r.Roles, "", nil
	}
	known, err := readDurations(r.Durations)
	if err != nil {
		return nil, "", err
	}
	if known.told != nil {
		return nil, "", requiredf("--durations: %s is of scenarios, and roles are divided: name the folder of an earlier run of prove, or its run.json", r.Durations)
	}
	took := make([]time.Duration, len(r.Roles))
	for i, role := range r.Roles {
		took[i] = known.recorded.Role(role)
	}
	part, err := divide(r.Shard, known.from, "role", took)
	if err != nil {
		return nil, "", err
	}
	for i, mine := range part.mine {
		if mine {
			roles = append(roles, r.Roles[i])
		}
	}
	return roles, part.told, nil
}
