package suite

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/cucumber"
	"github.com/reprompt/reprompt/evidence"
)

// mostInPart is how many scenarios godog is given at once. It keeps some 12 KB of each, its steps and what was
// attached to them, until the last has ended (measured), and a run of thousands would have all of it.
const mostInPart = 100

// batch is what godog is given at once: of each feature some scenarios, in the order of the file.
type batch []slice

// slice is some of the scenarios of a feature.
type slice struct {
	of      feature
	pickles []*messages.Pickle
}

// partsOf divides features into parts of at most so many scenarios, without changing the order: only within a
// part godog shuffles the scenarios of a feature by the seed, so that those of a part are chosen by it.
func partsOf(features []feature, seed int64, most int) []batch {
	parts, left := []batch{{}}, most
	for _, f := range features {
		order := inOrder(f.pickles, seed)
		if len(f.pickles) <= left {
			order = f.pickles
		}
		for len(order) > 0 {
			if left == 0 {
				parts, left = append(parts, batch{}), most
			}
			n := min(left, len(order))
			last := len(parts) - 1
			parts[last] = append(parts[last], slice{f, asWritten(f, order[:n])})
			order, left = order[n:], left-n
		}
	}
	return parts
}

// asWritten are pickles of a feature in the order in which they stand there.
func asWritten(f feature, pickles []*messages.Pickle) []*messages.Pickle {
	pickles = slices.Clone(pickles)
	slices.SortStableFunc(pickles, func(a, b *messages.Pickle) int { return cmp.Compare(f.at[a.Id], f.at[b.Id]) })
	return pickles
}

// features are those of the part, with nothing else left in them.
func (p batch) features() ([]feature, error) {
	var all []feature
	for _, s := range p {
		if len(s.pickles) == len(s.of.pickles) {
			all = append(all, s.of)
			continue
		}
		lines := map[string][]int{}
		for _, pickle := range s.pickles {
			lines[s.of.name] = append(lines[s.of.name], s.of.at[pickle.Id])
		}
		cut, err := only([]feature{s.of}, lines)
		if err != nil {
			return nil, err
		}
		all = append(all, cut...)
	}
	return all, nil
}

// playParts runs features, part after part. It returns whether godog found fault with one.
func (s *Suite) playParts(ctx context.Context, features []feature, attempt int) (failed bool, err error) {
	for _, p := range partsOf(features, s.options.Seed, s.options.mostInPart()) {
		cut, err := p.features()
		if err != nil {
			return failed, err
		}
		broke, err := s.playPart(ctx, cut, attempt, s.initialize)
		if err != nil {
			return failed, err
		}
		failed = failed || broke
		s.round.rest(s.run)
	}
	return failed, nil
}

// playPart runs what godog is given at once.
func (s *Suite) playPart(ctx context.Context, cut []feature, attempt int, initialize func(*godog.ScenarioContext)) (failed bool, err error) {
	if _, err := s.begin(cut, attempt); err != nil {
		return false, err
	}
	options := s.Options()
	options.DefaultContext = ctx
	defer s.expect(cut)()
	return godog.TestSuite{Name: "reprompt", ScenarioInitializer: initialize, Options: options}.Run() != 0, nil
}

// mostInPart is how many scenarios godog is given at once. Where they overlap no admin has anything to do at the end
// of a part until its last scenario is over: then a part is so many windows long that this counts for little.
func (o Options) mostInPart() int {
	if o.overlapping() {
		windows := max(windowsInPart, (mostInPart+o.admins()-1)/o.admins())
		return cmp.Or(o.inPart, windows*o.admins()) // so that the last window has all admins
	}
	return cmp.Or(o.inPart, mostInPart)
}

// windowsInPart is how many scenarios each test admin has in a part: five minutes are lost of 25 times eleven.
const windowsInPart = 25

// rest lets go of what a pass that is over is not asked for any more.
func (r *round) rest(run *evidence.Run) {
	r.features, r.at = nil, positions{}
	r.messages.rest(run)
}

// whole are the messages of a pass; nil where they do not reach their end.
func (r *round) whole() ([]byte, error) {
	lines, err := r.messages.bytes()
	if err != nil || cucumber.Whole(lines) != nil {
		return nil, err
	}
	return lines, nil
}

// textsOf are features as godog takes them.
func textsOf(features []feature) []godog.Feature {
	var texts []godog.Feature
	for _, f := range features {
		texts = append(texts, godog.Feature{Name: f.name, Contents: f.content})
	}
	return texts
}

// chained are the messages of the parts of the first attempt, as one run tells them; nil where one part does
// not reach its end.
func (s *Suite) chained(parts []*round) ([]byte, error) {
	if len(parts) == 1 {
		return parts[0].whole()
	}
	var text bytes.Buffer
	chain, err := cucumber.NewChain(&text, textsOf(s.selection.features))
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		lines, err := p.whole()
		if err != nil || lines == nil {
			return nil, err
		}
		if err := chain.Add(lines); err != nil {
			return nil, err
		}
	}
	err = chain.End()
	return text.Bytes(), err
}
