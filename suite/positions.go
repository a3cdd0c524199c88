package suite

import (
	"bytes"
	"fmt"
	"math/rand"
	randv2 "math/rand/v2"
	"slices"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"
)

// positions say of the nodes of the features that godog is given where they stand, by godog's ids: it
// hands a scenario to its hooks without a line. It numbers the nodes of all features one after the
// other, and so does positionsOf.
type positions struct {
	line    map[string]int
	keyword map[string]string // of a step
}

func positionsOf(features []feature) (positions, error) {
	at := positions{map[string]int{}, map[string]string{}}
	number := (&messages.Incrementing{}).NewId
	for _, f := range features {
		document, err := gherkin.ParseGherkinDocument(bytes.NewReader(f.content), number)
		if err != nil {
			return at, fmt.Errorf("read %s: %w", f.name, onOneLine(err))
		}
		gherkin.Pickles(*document, f.name, number) // which are numbered, too
		for _, b := range blocksOf(document.Feature) {
			at.note(b)
		}
	}
	return at, nil
}

func (at positions) note(b block) {
	for _, step := range b.steps {
		at.line[step.Id], at.keyword[step.Id] = int(step.Location.Line), step.Keyword
	}
	if b.scenario == nil {
		return
	}
	at.line[b.scenario.Id] = int(b.scenario.Location.Line)
	for _, examples := range b.scenario.Examples {
		for _, row := range examples.TableBody {
			at.line[row.Id] = int(row.Location.Line)
		}
	}
}

// of is the line of a scenario, or of its row of examples; 0 where it is not known.
func (at positions) of(nodes []string) int {
	if len(nodes) == 0 {
		return 0
	}
	return at.line[nodes[len(nodes)-1]]
}

// step is the line of a step and its keyword.
func (at positions) step(step *messages.PickleStep) (int, string) {
	if len(step.AstNodeIds) == 0 {
		return 0, ""
	}
	return at.line[step.AstNodeIds[0]], at.keyword[step.AstNodeIds[0]]
}

// NewSeed chooses a seed for RunOptions.Seed: short enough to be typed, and never 0.
func NewSeed() int64 { return 1 + randv2.Int64N(999_999) }

// shuffled are the features in another order. godog shuffles the scenarios within each by the same seed.
func shuffled(features []feature, seed int64) []feature {
	if seed == 0 {
		return features
	}
	features = slices.Clone(features)
	order := rand.New(rand.NewSource(seed))
	order.Shuffle(len(features), func(i, j int) { features[i], features[j] = features[j], features[i] })
	return features
}

// Planned is a scenario, or a row of examples, that a run would execute.
type Planned struct {
	Feature string   `json:"feature"`
	Line    int      `json:"line"`
	Name    string   `json:"name"`
	Tags    []string `json:"tags"`
}

// String is FILE:LINE: name, as editors read it.
func (p Planned) String() string { return fmt.Sprintf("%s:%d: %s", p.Feature, p.Line, p.Name) }

// Plan lists what Run would execute with these options, in that order, and opens nothing. The error is a
// *RequirementError, also where nothing would run.
func Plan(options Options) ([]Planned, error) {
	options = options.withAdmins().withDefaults()
	chosen, err := chooseFor(options)
	if err != nil {
		return nil, required(err)
	}
	if chosen.selected == 0 {
		return nil, (&Suite{selection: chosen}).guard()
	}
	plan := []Planned{}
	for _, s := range slices.Concat(partsOf(shuffled(chosen.features, options.Seed), options.Seed, options.mostInPart())...) {
		for _, pickle := range inOrder(s.pickles, options.Seed) {
			plan = append(plan, Planned{s.of.name, s.of.at[pickle.Id], pickle.Name, append([]string{}, tagsOf(pickle)...)})
		}
	}
	return plan, nil
}

// inOrder are the scenarios of one feature in the order in which godog begins them.
func inOrder(pickles []*messages.Pickle, seed int64) []*messages.Pickle {
	if seed == 0 {
		return pickles
	}
	order := make([]*messages.Pickle, len(pickles))
	for i, to := range rand.New(rand.NewSource(seed)).Perm(len(pickles)) {
		order[to] = pickles[i]
	}
	return order
}

// only leaves of the chosen features what stands on the given lines; the rest becomes blank.
func only(features []feature, lines map[string][]int) ([]feature, error) {
	var sources []source
	for _, f := range features {
		if len(lines[f.name]) > 0 {
			sources = append(sources, source{name: f.name, content: f.content, lines: lines[f.name]})
		}
	}
	left, err := choose(sources, filter{embedded: true})
	return left.features, err
}
