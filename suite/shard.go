package suite

import (
	"encoding/json"
	"os"
	"time"

	"github.com/reprompt/reprompt/planner"
)

// sharding selects, of what every other filter lets through, what belongs to a shard.
type sharding struct {
	mine []bool // by the order in which scenarios are chosen
	next int
}

// keeps reports whether the next scenario belongs to the shard.
func (s *sharding) keeps() bool {
	if s == nil {
		return true
	}
	s.next++
	return s.mine[s.next-1]
}

// shardOf divides what was chosen. The error is a *RequirementError.
func (o Options) shardOf(chosen selection) (*sharding, error) {
	shard, err := planner.ParseShard(o.Shard)
	if err != nil {
		return nil, requiredf("--shard: %w", err)
	}
	known, err := o.durations()
	if err != nil {
		return nil, err
	}
	var took []time.Duration
	for _, f := range chosen.features {
		for _, pickle := range f.pickles {
			took = append(took, known[[2]string{f.name, pickle.Name}])
		}
	}
	mine := shard.Holds(took)
	for _, is := range mine {
		if is {
			return &sharding{mine: mine}, nil
		}
	}
	return nil, requiredf("--shard %s holds none of %s: use fewer shards", o.Shard, plural(len(mine), "scenario"))
}

// durations are how long scenarios took, by feature and name, as run --json told.
func (o Options) durations() (map[[2]string]time.Duration, error) {
	known := map[[2]string]time.Duration{}
	if o.Durations == "" {
		return known, nil
	}
	text, err := os.ReadFile(o.Durations)
	if err != nil {
		return nil, requiredf("--durations: %w", err)
	}
	var told Result
	if err := json.Unmarshal(text, &told); err != nil || told.Schema != RunSchema {
		return nil, requiredf("--durations: %s is not what reprompt run --json prints (%s)", o.Durations, RunSchema)
	}
	for _, s := range told.Scenarios {
		key := [2]string{s.Feature, s.Name}
		known[key] = max(known[key], time.Duration(s.Seconds*float64(time.Second)))
	}
	return known, nil
}

// shardRoles are the roles of the shard, by count: proofs take equally long.
func (r ProveRequest) shardRoles() ([]string, error) {
	if r.Shard == "" {
		return r.Roles, nil
	}
	shard, err := planner.ParseShard(r.Shard)
	if err != nil {
		return nil, requiredf("--shard: %w", err)
	}
	var roles []string
	for i, mine := range shard.Holds(make([]time.Duration, len(r.Roles))) {
		if mine {
			roles = append(roles, r.Roles[i])
		}
	}
	if len(roles) == 0 {
		return nil, requiredf("--shard %s holds none of %s: use fewer shards", r.Shard, plural(len(r.Roles), "role"))
	}
	return roles, nil
}
