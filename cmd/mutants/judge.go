package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/suite"
)

// The tags of the three kinds.
const (
	tagMutant = "@silent-failure"
	tagRight  = "@right"
	tagBroken = "@broken-server"
)

// kind is what was held against the suite.
type kind string

const (
	mutant       kind = "mutant"
	rightSetup   kind = "right setup"
	brokenServer kind = "broken server"
)

// kinds in the order in which they are shown.
var kinds = []kind{mutant, rightSetup, brokenServer}

// row is one tenant and how it came out.
type row struct {
	kind     kind
	feature  string
	name     string
	expected string // the verdict, and the cause or reason that the scenario demanded
	got      string // the verdict that it came to
	cause    string // the decisive cause, else the decisive reason
	good     bool   // caught, left alone, or not trusted
	why      string // why not, when it is not good
}

// key names a row in the golden list.
func (r row) key() string { return fmt.Sprintf("%s: %s: %s", r.kind, r.feature, r.name) }

// judge says of each scenario whether it came out as its kind should. It does not take the
// scenario's word alone: whatever its sentences are content with, a mutant that was called enforced
// survived, and a right setup with a cause was accused. The rows are in the order of the golden list.
func judge(scenarios []suite.ScenarioResult) ([]row, error) {
	var rows []row
	for _, s := range scenarios {
		k, err := kindOf(s.Tags)
		if err != nil {
			return nil, fmt.Errorf("judge %s: %s: %w", s.Feature, s.Name, err)
		}
		r := row{kind: k, feature: s.Feature, name: s.Name, expected: expectedOf(s), got: string(s.Verdict), cause: causeOf(s)}
		r.why = faultOf(k, s)
		r.good = r.why == ""
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)), strings.Compare(a.key(), b.key()))
	})
	for i := range rows[min(1, len(rows)):] {
		if rows[i].key() == rows[i+1].key() {
			return nil, fmt.Errorf("judge: two scenarios are called %q: put what differs into the name", rows[i].key())
		}
	}
	return rows, nil
}

func kindOf(tags []string) (kind, error) {
	var found []kind
	for tag, k := range map[string]kind{tagMutant: mutant, tagRight: rightSetup, tagBroken: brokenServer} {
		if slices.Contains(tags, tag) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("it has the tags %v: want one of %s, %s, %s", tags, tagMutant, tagRight, tagBroken)
	}
	return found[0], nil
}

// faultOf says why a scenario did not come out as its kind should; empty when it did.
func faultOf(k kind, s suite.ScenarioResult) string {
	switch {
	case s.Verdict == "":
		return cmp.Or(s.Error, "it came to no verdict")
	case k == rightSetup && s.Verdict != "enforced":
		return "it asks every time and was called " + string(s.Verdict)
	case k == rightSetup && len(accusations(s)) > 0:
		return "it is right and was accused of " + accusations(s)[0]
	case k != rightSetup && s.Verdict == "enforced":
		return "it was called enforced"
	case k == mutant && s.Expected.Cause == "" && s.Expected.Reason == "":
		return "the scenario demands neither a cause nor a reason"
	case s.Outcome != suite.Passed:
		return cmp.Or(s.Error, "the scenario "+s.Outcome)
	}
	return ""
}

// expectedOf is what the scenario demanded, as far as its sentences were heard.
func expectedOf(s suite.ScenarioResult) string {
	words := []string{string(s.Expected.Verdict)}
	if demanded := cmp.Or(string(s.Expected.Cause), string(s.Expected.Reason)); demanded != "" {
		words = append(words, demanded)
	}
	return strings.Join(words, " ")
}

// causeOf is the decisive cause; where the configuration is not at fault, the decisive reason.
func causeOf(s suite.ScenarioResult) string {
	switch {
	case len(s.Causes) > 0:
		return string(s.Causes[0])
	case len(s.Reasons) > 0:
		return string(s.Reasons[0])
	}
	return ""
}

// figures count how many of how many came out as they should, by kind.
type figures map[kind]struct{ good, all int }

func count(rows []row) figures {
	f := figures{}
	for _, r := range rows {
		n := f[r.kind]
		n.all++
		if r.good {
			n.good++
		}
		f[r.kind] = n
	}
	return f
}

func (f figures) good() bool {
	for _, n := range f {
		if n.good != n.all {
			return false
		}
	}
	return true
}

// sentence says the figures; the README repeats it.
func (f figures) sentence() string {
	return fmt.Sprintf("%d of %d mutants caught, %d of %d right setups left alone, %d of %d broken servers never trusted",
		f[mutant].good, f[mutant].all, f[rightSetup].good, f[rightSetup].all, f[brokenServer].good, f[brokenServer].all)
}

// accusations are the causes beside a right setup but for an approval that its scenario itself set up
// and demands to be told: that one is no fault.
func accusations(s suite.ScenarioResult) []string {
	var accused []string
	for _, cause := range s.Causes {
		if cause != approvalRequired || cause != s.Expected.Cause {
			accused = append(accused, string(cause))
		}
	}
	return accused
}

// approvalRequired is the cause that says of a role only that an approver has to act.
const approvalRequired = "APPROVAL_REQUIRED"
