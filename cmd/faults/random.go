package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/features"
	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/verdict"
)

// scenario is one that a random run disturbs.
type scenario struct {
	name, feature string
	want          verdict.Outcome // what its sentences demand, which the features' own test holds it to
}

// demands are the sentences that say what the verdict without faults is.
var demands = []struct {
	sentence *regexp.Regexp
	outcome  verdict.Outcome
}{
	{regexp.MustCompile(`^re-authentication is enforced`), verdict.Enforced},
	{regexp.MustCompile(`^re-authentication is not enforced`), verdict.NotEnforced},
	{regexp.MustCompile(`^the verdict is not enforced because of`), verdict.NotEnforced},
	{regexp.MustCompile(`^the verdict is inconclusive because of`), verdict.Inconclusive},
}

// chosenTags are those of right tenants and of wrong ones.
var chosenTags = []string{"@right", "@silent-failure"}

// scenarios are those of right and of wrong tenants that run on a tenant of a file, each name once.
func scenarios() ([]scenario, error) {
	files, err := fs.Glob(features.FS, "*.feature")
	if err != nil {
		return nil, err
	}
	var all []scenario
	seen := map[string]bool{}
	for _, file := range files {
		text, err := fs.ReadFile(features.FS, file)
		if err != nil {
			return nil, err
		}
		document, err := gherkin.ParseGherkinDocument(bytes.NewReader(text), (&messages.Incrementing{}).NewId)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		for _, pickle := range gherkin.Pickles(*document, file, (&messages.Incrementing{}).NewId) {
			if s, ok := scenarioOf(pickle); ok && !seen[s.name] {
				seen[s.name] = true
				all = append(all, s)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no scenario has one of the tags %v", chosenTags)
	}
	return all, nil
}

func scenarioOf(pickle *messages.Pickle) (scenario, bool) {
	s := scenario{name: pickle.Name, feature: pickle.Uri}
	chosen := false
	for _, tag := range pickle.Tags {
		chosen = chosen || slices.Contains(chosenTags, tag.Name)
		if tag.Name == suite.TagEmbedded {
			return s, false
		}
	}
	for _, step := range pickle.Steps {
		for _, demand := range demands {
			if demand.sentence.MatchString(step.Text) {
				s.want = demand.outcome
			}
		}
	}
	return s, chosen && s.want != ""
}

// exactly matches the one name.
func exactly(name string) string { return "^" + regexp.QuoteMeta(name) + "$" }

// randomJobs are so many runs: the scenarios in turn, in an order of the seed, each under one to three
// faults of the seed.
func randomJobs(seed uint64, runs int) ([]job, error) {
	all, err := scenarios()
	if err != nil {
		return nil, err
	}
	order := rand.New(rand.NewPCG(seed, 0)).Perm(len(all))
	var jobs []job
	for n := 1; n <= runs; n++ {
		s := all[order[(n-1)%len(all)]]
		source := rand.New(rand.NewPCG(seed, uint64(n)))
		j := job{Scenario: s.name, Feature: s.feature, Want: s.want, Seed: seed, Number: n}
		for range 1 + source.IntN(3) {
			j.Random = append(j.Random, struck{Line: 1 + source.IntN(mostLines), Fault: randomFault(source)})
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// mostLines is the last line of the progress with which a fault may begin; a scenario has some thirty.
const mostLines = 34

// randomFault draws one.
func randomFault(source *rand.Rand) fault {
	switch source.IntN(12) {
	case 0:
		return fault{Name: "Chrome killed", Browser: "kill"}
	case 1:
		return fault{Name: "tabs crashed", Browser: "crash"}
	case 2:
		by := []string{"20s", "6m", "35m", "2h"}[source.IntN(4)]
		return fault{Name: "clock " + by + " ahead", Advance: by}
	}
	c := control{
		Kind:  []string{"status", "status", "status", "reset", "truncate", "delay", "unreachable", "stale"}[source.IntN(8)],
		Host:  []string{"", graphHost, loginHost, portalHost}[source.IntN(4)],
		After: source.IntN(6), Times: 1 + source.IntN(3),
	}
	switch c.Kind {
	case "status":
		c.Status = []int{401, 429, 500, 502, 503, 504}[source.IntN(6)]
		c.Acted = c.Status >= 500 && source.IntN(3) == 0
	case "reset":
		c.Acted = source.IntN(2) == 0
	case "delay":
		c.Delay = []string{"300ms", "2s"}[source.IntN(2)]
	case "stale":
		c.Host, c.Times = graphHost, 3+source.IntN(6)
	}
	return fault{Name: nameOf(c), Control: &c}
}

// nameOf is a fault of the control listener in a few words.
func nameOf(c control) string {
	words := []string{c.Kind}
	if c.Status != 0 {
		words = append(words, fmt.Sprint(c.Status))
	}
	if c.Acted {
		words = append(words, "acted on")
	}
	if c.Delay != "" {
		words = append(words, c.Delay)
	}
	if c.Host != "" {
		words = append(words, "of "+c.Host)
	}
	return fmt.Sprintf("%s, %d times after %d", strings.Join(words, " "), c.Times, c.After)
}
