package evidence

import "slices"

// tries says of each scenario of a run of which result it is a try: those with one number are tries of
// one. A run numbers its attempts itself, and two scenarios of one run that look alike are two; of merged
// bundles it follows from what they hold.
func (r runRecord) tries() []int { return triesOf(r.Kind, r.Scenarios) }

// result is what the tries of one have in common, as far as it is known by then.
type result struct {
	key     string
	feature string
	proved  *Proved
	before  []Object
	changed bool // while one of the tries ran
	attempt int  // of the latest try
	decided bool // by the latest try
}

// triesOf is tries of scenarios that stand in the order of time. A try belongs to the newest result
// that nothing known contradicts: the same scenario, of the same role, scope, admin and way, under the
// same configuration. Whatever came out under another configuration is a result of its own: a policy
// that was off is no accident that a second try mends.
func triesOf(kind Kind, scenarios []scenarioRecord) []int {
	var results []result
	of := make([]int, len(scenarios))
	for i, s := range scenarios {
		at := -1
		if kind == KindMerge {
			for n := range results {
				if results[n].takes(s) {
					at = n
				}
			}
		} else if s.Attempt > 1 {
			at = slices.IndexFunc(results, func(r result) bool { return r.follows(s) })
		}
		if at < 0 {
			at = len(results)
			results = append(results, result{key: s.Key, feature: s.Feature})
		}
		results[at].learn(s)
		of[i] = at
	}
	return of
}

func (r *result) takes(s scenarioRecord) bool {
	return r.key == s.Key && r.feature == s.Feature && r.sameProved(s.Proved) && r.sameConfiguration(s.Configuration)
}

// sameProved compares what was proved. Scenarios that set a tenant up for themselves have other ids
// each time: their sentences, which are in the key, name role and admin.
func (r *result) sameProved(p *Proved) bool {
	switch {
	case r.feature != "":
		return p == nil || r.proved == nil || p.Way == r.proved.Way
	case p == nil || r.proved == nil:
		return p == r.proved
	default:
		return *p == *r.proved
	}
}

// sameConfiguration compares the digests. Of the objects that a scenario sets up for itself only those
// of one path can be compared, and never the list of those eligible, which bears the ids of them all. A
// try that broke off before the configuration was read contradicts none.
func (r *result) sameConfiguration(c configurationRecord) bool {
	if len(c.Before) == 0 || len(r.before) == 0 {
		return true
	}
	if r.feature == "" {
		return slices.Equal(c.Before, r.before) && !r.changed && len(c.changed()) == 0
	}
	for _, o := range c.Before {
		another := func(have Object) bool { return have.Object == o.Object && have.SHA256 != o.SHA256 }
		if o.Object != eligibleObject && slices.ContainsFunc(r.before, another) {
			return false
		}
	}
	return true
}

func (r *result) learn(s scenarioRecord) {
	r.changed = r.changed || len(s.Configuration.changed()) > 0
	r.attempt, r.decided = s.Attempt, s.decided()
	if s.Proved != nil {
		r.proved = s.Proved
	}
	if len(s.Configuration.Before) > 0 {
		r.before = s.Configuration.Before
	}
}

// flaky are the results that passed only when they were tried again.
func (r runRecord) flaky() map[int]bool {
	failed, last := map[int]bool{}, map[int]string{}
	of := r.tries()
	for i, s := range r.Scenarios {
		last[of[i]] = s.outcome()
		failed[of[i]] = failed[of[i]] || s.outcome() != outcomePassed
	}
	flaky := map[int]bool{}
	for id, outcome := range last {
		flaky[id] = failed[id] && outcome == outcomePassed
	}
	return flaky
}

// triedAgain says of each scenario whether a later one is a try of the same result.
func (r runRecord) triedAgain() []bool {
	of, later := r.tries(), map[int]bool{}
	again := make([]bool, len(of))
	for i, id := range slices.Backward(of) {
		again[i], later[id] = later[id], true
	}
	return again
}
