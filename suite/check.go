package suite

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/docs"
	"github.com/reprompt/reprompt/features"
	"github.com/reprompt/reprompt/steps"
)

// Problem is something in a feature file that cannot work, or that would pass without meaning
// anything.
type Problem struct {
	File string `json:"file"`
	Line int    `json:"line"` // from 1
	Text string `json:"text"` // what is wrong and how to mend it
}

// String is FILE:LINE: text, as editors read it.
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// Checked is what Check read.
type Checked struct {
	Files, Scenarios int
	Problems         []Problem // by file and line
}

// Check reads the feature files that paths name, as Options.Paths does; without one, those of
// reprompt. It needs no browser and no tenant. It finds: what is no Gherkin, sentences that nobody
// knows, codes that no verdict names, tables that do not fit, scenarios that say nothing, that come
// to a verdict and assert none or assert one and activate nothing, and tags that are neither
// reprompt's nor among tags. A file that it finds nothing in may still expect the wrong verdict.
func Check(paths, tags []string) (Checked, error) {
	sources, err := sourcesFrom(features.FS, paths)
	if err != nil {
		return Checked{}, required(err)
	}
	c, err := newChecker(tags)
	if err != nil {
		return Checked{}, err
	}
	for _, src := range sources {
		c.read(src)
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return Checked{Files: len(sources), Scenarios: c.scenarios, Problems: c.problems}, nil
}

// sentence is one of the catalogue, ready to be matched.
type sentence struct {
	steps.Sentence
	re *regexp.Regexp
	// codes are the groups that take the code of a reason or a cause.
	codes []int
}

type checker struct {
	known     []sentence
	codes     map[string]bool
	tags      map[string]bool
	scenarios int
	problems  []Problem
	file      string
}

func newChecker(tags []string) (*checker, error) {
	catalogue, err := steps.Catalogue()
	if err != nil {
		return nil, err
	}
	c := &checker{codes: map[string]bool{}, tags: map[string]bool{}}
	for _, s := range catalogue {
		re, err := regexp.Compile(s.Pattern)
		if err != nil {
			return nil, fmt.Errorf("read sentence %q: %w", s.Pattern, err)
		}
		groups, err := codeGroups(s.Pattern)
		if err != nil {
			return nil, err
		}
		c.known = append(c.known, sentence{s, re, groups})
	}
	for _, code := range docs.Codes() {
		if code.Kind == "reason" || code.Kind == "cause" {
			c.codes[code.Name] = true
		}
	}
	own, err := choose(mustWalk(), filter{embedded: true})
	if err != nil {
		return nil, err
	}
	maps.Copy(c.tags, own.tags)
	for _, tag := range tags {
		c.tags["@"+strings.TrimPrefix(tag, "@")] = true
	}
	return c, nil
}

// mustWalk are the features of reprompt, which are embedded.
func mustWalk() []source {
	own, err := walk(features.FS, ".", "")
	if err != nil {
		panic(err)
	}
	return own
}

// takesCode is how a pattern writes the code of a reason or a cause.
const takesCode = "[0-9A-Z_]+"

// codeGroups are the numbers of the groups that take a code.
func codeGroups(pattern string) ([]int, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("read sentence %q: %w", pattern, err)
	}
	var groups []int
	var visit func(*syntax.Regexp)
	visit = func(re *syntax.Regexp) {
		if re.Op == syntax.OpCapture && re.Sub[0].String() == takesCode {
			groups = append(groups, re.Cap)
		}
		for _, sub := range re.Sub {
			visit(sub)
		}
	}
	visit(parsed)
	return groups, nil
}

func (c *checker) add(line int, format string, args ...any) {
	p := Problem{c.file, line, fmt.Sprintf(format, args...)}
	if !slices.Contains(c.problems, p) { // a row of examples repeats what its outline says
		c.problems = append(c.problems, p)
	}
}

// parseError is one of the errors that the Gherkin parser lists: where, and what.
var parseError = regexp.MustCompile(`\((\d+):\d+\): (.+)`)

// read checks one file.
func (c *checker) read(src source) {
	c.file = src.name
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(src.content), (&messages.Incrementing{}).NewId)
	if err != nil {
		c.unparsed(err)
		return
	}
	if document.Feature == nil {
		c.add(1, "the file holds no feature; write \"Feature: …\" or remove it")
		return
	}
	outline := outlineOf(document.Feature, bytes.Count(src.content, []byte("\n"))+1)
	for _, scenario := range scenariosOf(document.Feature) {
		c.examples(scenario)
	}
	found := 0
	for _, pickle := range gherkin.Pickles(*document, src.name, (&messages.Incrementing{}).NewId) {
		if outline.onLines(pickle, src.lines) {
			c.scenario(pickle, outline)
			found++
		}
	}
	if found == 0 {
		c.add(1, "no scenario: nothing would run")
	}
	c.scenarios += found
	c.taggedBy(document.Feature)
}

func (c *checker) unparsed(err error) {
	found := parseError.FindAllStringSubmatch(err.Error(), -1)
	for _, match := range found {
		line, _ := strconv.Atoi(match[1])
		c.add(line, "this is no Gherkin: %s", match[2])
	}
	if len(found) == 0 {
		c.add(1, "this is no Gherkin: %v", onOneLine(err))
	}
}

// scenario checks one scenario, or one row of examples.
func (c *checker) scenario(pickle *messages.Pickle, outline outline) {
	at := outline.keyword[pickle.AstNodeIds[0]]
	if err := withoutSteps(pickle, c.file, at); err != nil {
		c.add(at, "the scenario %q has no step; write one, or remove it", pickle.Name)
		return
	}
	proves, asserts, unknown := false, false, false
	for _, step := range pickle.Steps {
		s, ok := c.step(step, outline.steps[step.AstNodeIds[0]])
		proves, asserts, unknown = proves || s.Proves, asserts || s.Asserts, unknown || !ok
	}
	switch {
	case unknown: // it may be the one that is missing
	case proves && !asserts:
		c.add(at, "the scenario %q comes to a verdict and asserts none: add for example \"Then re-authentication is enforced\"", pickle.Name)
	case asserts && !proves:
		c.add(at, "the scenario %q asserts a verdict and activates nothing: add for example \"When the test admin activates the role in the portal\"", pickle.Name)
	}
}

// step checks one step and finds its sentence.
func (c *checker) step(step *messages.PickleStep, line int) (sentence, bool) {
	i := slices.IndexFunc(c.known, func(s sentence) bool { return s.re.MatchString(step.Text) })
	if i < 0 {
		c.add(line, "%s", noSuchSentence(step.Text))
		return sentence{}, false
	}
	s := c.known[i]
	if step.Argument != nil {
		c.add(line, "%q takes no table and no text below it: remove it", s.Example)
	}
	match := s.re.FindStringSubmatch(step.Text)
	for _, group := range s.codes {
		c.code(match[group], line)
	}
	return s, true
}

func (c *checker) code(name string, line int) {
	if c.codes[name] {
		return
	}
	c.add(line, "no verdict ever names %q%s (reprompt explain lists the codes)", name, Like(name, slices.Sorted(maps.Keys(c.codes))))
}

// scenariosOf are the scenarios of a feature and of its rules.
func scenariosOf(f *messages.Feature) []*messages.Scenario {
	var all []*messages.Scenario
	for _, b := range blocksOf(f) {
		if b.scenario != nil {
			all = append(all, b.scenario)
		}
	}
	return all
}

// placeholder is <name> in a step of an outline.
var placeholder = regexp.MustCompile(`<([^<>]+)>`)

// examples checks that the columns of an outline's tables are those that its steps use.
func (c *checker) examples(scenario *messages.Scenario) {
	used := map[string]int{} // by name, the line
	for _, match := range placeholder.FindAllStringSubmatch(scenario.Name, -1) {
		used[match[1]] = int(scenario.Location.Line)
	}
	for _, step := range scenario.Steps {
		for _, match := range placeholder.FindAllStringSubmatch(step.Text, -1) {
			used[match[1]] = int(step.Location.Line)
		}
	}
	for _, examples := range scenario.Examples {
		c.columns(examples, used)
	}
	if outline := strings.Contains(scenario.Keyword, "Outline") || strings.Contains(scenario.Keyword, "Template"); outline && len(scenario.Examples) == 0 {
		c.add(int(scenario.Location.Line), "the outline %q has no Examples: it would not run", scenario.Name)
	}
}

func (c *checker) columns(examples *messages.Examples, used map[string]int) {
	if examples.TableHeader == nil || len(examples.TableBody) == 0 {
		c.add(int(examples.Location.Line), "the Examples have no row: nothing would run")
		return
	}
	columns := map[string]bool{}
	for _, cell := range examples.TableHeader.Cells {
		columns[cell.Value] = true
		if _, ok := used[cell.Value]; !ok {
			c.add(int(examples.TableHeader.Location.Line), "no step uses the column %q: write <%s> in one, or remove the column", cell.Value, cell.Value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if !columns[name] {
			c.add(used[name], "<%s> is no column of the Examples in line %d (%s)", name, examples.Location.Line, strings.Join(slices.Sorted(maps.Keys(columns)), ", "))
		}
	}
}

// taggedBy checks every tag of a feature.
func (c *checker) taggedBy(f *messages.Feature) {
	all := slices.Clone(f.Tags)
	for _, child := range f.Children {
		if child.Rule != nil {
			all = append(all, child.Rule.Tags...)
		}
	}
	for _, scenario := range scenariosOf(f) {
		all = append(all, scenario.Tags...)
		for _, examples := range scenario.Examples {
			all = append(all, examples.Tags...)
		}
	}
	known := slices.Sorted(maps.Keys(c.tags))
	for _, tag := range all {
		if strings.HasPrefix(tag.Name, leaseTag) {
			if _, err := leasesIn([]string{tag.Name}); err != nil {
				c.add(int(tag.Location.Line), "%v", err)
			}
			continue
		}
		if c.tags[tag.Name] {
			continue
		}
		hint := "if it is your own, allow it with --tag " + tag.Name
		if like := nearest(tag.Name, known); like != "" {
			hint = fmt.Sprintf("did you mean %s? else %s", like, hint)
		}
		c.add(int(tag.Location.Line), "the tag %s is none of reprompt's (%s); %s", tag.Name, strings.Join(known, " "), hint)
	}
}

// Err is nil when nothing was found, else an error with a line for each problem.
func (c Checked) Err() error {
	var all []error
	for _, p := range c.Problems {
		all = append(all, errors.New(p.String()))
	}
	return errors.Join(all...)
}
