package suite

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"
	tagexpressions "github.com/cucumber/tag-expressions/go/v6"
)

// TagEmbedded marks a scenario that needs the embedded tenant: it injects faults, or
// depends on nobody else being there. Such a scenario is never selected on a real tenant.
const TagEmbedded = "@embedded"

// source is one feature file before selection.
type source struct {
	name    string // shown to people and used as the URI of its scenarios
	content []byte
	lines   []int // only scenarios, or rows of examples, that stand on one of these lines; empty means all
}

// filter decides which scenarios run. Its zero value selects all of them.
type filter struct {
	tags     tagexpressions.Evaluatable // nil selects every tag
	names    []*regexp.Regexp           // a scenario matches one of them; empty selects every name
	embedded bool                       // the target is the embedded tenant
	shard    *sharding                  // nil selects every scenario
	again    *rerun                     // nil selects what failed last and what did not
}

// newFilter parses a Cucumber tag expression and the names.
func newFilter(tags string, names []string, embedded bool) (filter, error) {
	f := filter{embedded: embedded}
	if strings.TrimSpace(tags) != "" {
		expression, err := parseTags(tags)
		if err != nil {
			return filter{}, err
		}
		f.tags = expression
	}
	for _, name := range names {
		re, err := regexp.Compile(name)
		if err != nil {
			return filter{}, fmt.Errorf("parse scenario name %q: %w", name, err)
		}
		f.names = append(f.names, re)
	}
	return f, nil
}

// parseTags refuses the old syntax, which the parser would read as the name of one
// tag that no scenario carries: "~@slow" and "@a,@b" select nothing, silently.
func parseTags(tags string) (tagexpressions.Evaluatable, error) {
	for _, word := range strings.FieldsFunc(tags, func(r rune) bool { return strings.ContainsRune(" ()\t\n", r) }) {
		switch word {
		case "and", "or", "not":
			continue
		}
		if !strings.HasPrefix(word, "@") || strings.ContainsAny(word, ",~&|") || strings.Count(word, "@") > 1 {
			return nil, fmt.Errorf("parse tags %q: %q is not a tag; write for example \"@smoke and not @window\"", tags, word)
		}
	}
	expression, err := evaluatable(tags)
	if err != nil {
		return nil, fmt.Errorf("parse tags %q: %w", tags, onOneLine(err))
	}
	return expression, nil
}

// evaluatable parses an expression. The parser panics where an operand is missing
// ("@smoke and", version 6.1.2): for the user that is a slip like any other.
func evaluatable(tags string) (e tagexpressions.Evaluatable, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("an operand is missing")
		}
	}()
	return tagexpressions.Parse(tags)
}

// selection is what is left of the features.
type selection struct {
	features []feature
	total    int // scenarios in all features; a row of examples counts as one
	selected int
	// needEmbedded counts the scenarios that every other filter let through and that
	// were left out because the target is a real tenant.
	needEmbedded int
	// tags are those of all scenarios, to choose from.
	tags map[string]bool
	// divided is, for people, how they were divided into shards; empty where they were not.
	divided string
}

// tagList says for people which tags there are.
func (s selection) tagList() string {
	if len(s.tags) == 0 {
		return "no tags"
	}
	return "the tags " + strings.Join(slices.Sorted(maps.Keys(s.tags)), " ")
}

// feature is the text of a feature in which unselected scenarios are blank lines, so
// that every line number in a report is the one of the file.
type feature struct {
	name    string
	content []byte
	source  []byte             // as it was read
	pickles []*messages.Pickle // the chosen scenarios and rows
	lines   map[string]int     // by the id of a step
	at      map[string]int     // by the id of a pickle, the line of its scenario or of its row of examples
}

// choose applies the filter. Selection is done here and not by godog: godog reads the
// old tag syntax, takes an unknown expression for one that matches nothing, cannot pick a
// row of examples, and calls a run without scenarios a success.
func choose(sources []source, f filter) (selection, error) {
	s := selection{tags: map[string]bool{}}
	var silent []error
	for _, src := range sources {
		document, err := gherkin.ParseGherkinDocument(bytes.NewReader(src.content), (&messages.Incrementing{}).NewId)
		if err != nil {
			return selection{}, fmt.Errorf("read %s: %w", src.name, onOneLine(err))
		}
		if document.Feature == nil {
			return selection{}, fmt.Errorf("read %s: the file holds no feature; write \"Feature: …\" or remove it", src.name)
		}
		cut := s.cut(document, src, f)
		if len(cut.kept) > 0 {
			s.features = append(s.features, feature{
				name: src.name, content: blank(src.content, cut.lines), source: src.content, pickles: cut.kept, lines: cut.steps, at: cut.at,
			})
		}
		silent = append(silent, cut.silent...)
	}
	return s, errors.Join(silent...)
}

type cutting struct {
	lines  []span             // to be blanked
	kept   []*messages.Pickle // what is left of the feature
	steps  map[string]int     // by the id of a step, its line
	at     map[string]int     // by the id of a pickle
	silent []error            // scenarios that were chosen and have no step
}

// span is a range of lines, counted from 1, both ends included.
type span struct{ first, last int }

// cut counts the scenarios of one feature and says which lines have to go.
func (s *selection) cut(document *messages.GherkinDocument, src source, f filter) cutting {
	outline := outlineOf(document.Feature, bytes.Count(src.content, []byte("\n"))+1)
	cut := cutting{steps: outline.steps, at: map[string]int{}}
	kept := map[string]bool{}
	rows := map[string]bool{} // rows of examples: true when kept
	for _, pickle := range gherkin.Pickles(*document, src.name, (&messages.Incrementing{}).NewId) {
		s.total++
		for _, tag := range tagsOf(pickle) {
			s.tags[tag] = true
		}
		keep := f.matches(pickle) && outline.onLines(pickle, src.lines)
		if keep && !f.embedded && hasTag(pickle, TagEmbedded) {
			s.needEmbedded++
			keep = false
		}
		keep = keep && f.shard.keeps()
		if keep {
			s.selected++
			kept[pickle.AstNodeIds[0]] = true
			cut.kept = append(cut.kept, pickle)
			cut.at[pickle.Id] = outline.lineOf(pickle)
			if err := withoutSteps(pickle, src.name, outline.keyword[pickle.AstNodeIds[0]]); err != nil {
				cut.silent = append(cut.silent, err)
			}
		}
		if len(pickle.AstNodeIds) > 1 {
			rows[pickle.AstNodeIds[1]] = keep
		}
	}
	for id, lines := range outline.scenarios {
		if !kept[id] {
			cut.lines = append(cut.lines, lines)
		}
	}
	for id, keep := range rows {
		if line := outline.rows[id]; !keep {
			cut.lines = append(cut.lines, span{line, line})
		}
	}
	return cut
}

func (f filter) matches(pickle *messages.Pickle) bool {
	if len(f.names) > 0 && !slices.ContainsFunc(f.names, func(re *regexp.Regexp) bool { return re.MatchString(pickle.Name) }) {
		return false
	}
	if f.again != nil && !f.again.has(pickle) {
		return false
	}
	return f.tags == nil || f.tags.Evaluate(tagsOf(pickle))
}

func tagsOf(pickle *messages.Pickle) []string {
	names := make([]string, len(pickle.Tags))
	for i, tag := range pickle.Tags {
		names[i] = tag.Name
	}
	return names
}

func hasTag(pickle *messages.Pickle, name string) bool {
	return slices.Contains(tagsOf(pickle), name)
}

// blank empties the lines of the spans and keeps all others where they are.
func blank(content []byte, spans []span) []byte {
	lines := bytes.Split(content, []byte("\n"))
	for _, sp := range spans {
		for i := sp.first - 1; i < min(sp.last, len(lines)); i++ {
			lines[i] = nil
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// onOneLine joins the parser's several lines: an error is shown on one.
func onOneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
