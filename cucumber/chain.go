package cucumber

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	gherkin "github.com/cucumber/gherkin/go/v26"
	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"
)

// Chain makes the messages of one run of those of several, each of which ran other scenarios of the same
// features. Scenarios are the same when they stand on the same lines of the same file: a run may have blank
// lines for those of the others. Step definitions are told when a run is the first to use them, behind the test
// cases of the runs before. Nothing but ids is kept between runs.
type Chain struct {
	lines       *json.Encoder
	cases       map[string]caseOf // of the whole features, by place
	definitions map[string]string // by pattern
	began       bool
	failed      bool
	finish      message // of the run that was added last
}

// NewChain writes the features as a run of all of them would. The caller adds the runs, and ends.
func NewChain(out io.Writer, features []godog.Feature) (*Chain, error) {
	c := &Chain{lines: json.NewEncoder(out), cases: map[string]caseOf{}, definitions: map[string]string{}}
	if err := c.lines.Encode(envelope{Meta: newMeta()}); err != nil {
		return nil, fmt.Errorf("write cucumber messages: %w", err)
	}
	number := (&messages.Incrementing{}).NewId
	for _, f := range features {
		document, err := gherkin.ParseGherkinDocument(bytes.NewReader(f.Contents), number)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name, err)
		}
		document.Uri = f.Name
		if err := c.feature(f, document, gherkin.Pickles(*document, f.Name, number)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// feature writes one feature and keeps the ids by which its scenarios are known.
func (c *Chain) feature(f godog.Feature, document *messages.GherkinDocument, pickles []*messages.Pickle) error {
	all := []envelope{
		{Source: &messages.Source{Uri: f.Name, Data: string(f.Contents), MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN}},
		{GherkinDocument: document},
	}
	for _, pickle := range pickles {
		all = append(all, envelope{Pickle: pickle})
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, e := range all {
		if err := encoder.Encode(e); err != nil {
			return fmt.Errorf("write cucumber messages: %w", err)
		}
	}
	told, err := readLines(text.Bytes())
	if err != nil {
		return err
	}
	places := placesOf(told)
	for _, pickle := range pickles {
		known := caseOf{place: places[pickle.Id], id: pickle.Id}
		for _, step := range pickle.Steps {
			known.steps = append(known.steps, step.Id)
		}
		c.cases[known.place] = known
	}
	return c.tell(told)
}

func (c *Chain) tell(all []message) error {
	for _, m := range all {
		if err := c.lines.Encode(map[string]any{m.kind: m.content}); err != nil {
			return fmt.Errorf("write cucumber messages: %w", err)
		}
	}
	return nil
}

// Add takes over what one run says of its scenarios.
func (c *Chain) Add(run []byte) error {
	lines, err := readLines(run)
	if err != nil {
		return err
	}
	ids, err := c.idsOf(lines)
	if err != nil {
		return err
	}
	var told []message
	for _, m := range lines {
		switch m.kind {
		case "meta", "source", "gherkinDocument", "pickle":
			continue
		case "testRunFinished":
			c.failed = c.failed || m.content["success"] != true
			c.finish = m
			continue
		case "testRunStarted":
			if c.began {
				continue
			}
			c.began = true
		case "stepDefinition":
			if !c.defines(m, ids) {
				continue
			}
		}
		renamed(m.content, ids)
		told = append(told, m)
	}
	return c.tell(told)
}

// defines reports whether the step definition is one that was not told yet, and notes its id.
func (c *Chain) defines(m message, ids map[string]string) bool {
	pattern, _ := m.content["pattern"].(map[string]any)
	source := fmt.Sprint(pattern["source"])
	id, told := c.definitions[source]
	if !told {
		id = fmt.Sprintf("definition-%d", len(c.definitions)+1)
		c.definitions[source] = id
	}
	ids[m.text("id")] = id
	return !told
}

// idsOf are the ids of the whole features by those of a run.
func (c *Chain) idsOf(lines []message) (map[string]string, error) {
	ids := map[string]string{}
	places := placesOf(lines)
	for _, m := range lines {
		if m.kind != "pickle" {
			continue
		}
		id := m.text("id")
		known, ok := c.cases[places[id]]
		steps, _ := m.content["steps"].([]any)
		if !ok || len(steps) != len(known.steps) {
			return nil, fmt.Errorf("join cucumber messages: the features have no scenario at %s", places[id])
		}
		ids[id], ids["case-"+id], ids["started-"+id] = known.id, "case-"+known.id, "started-"+known.id
		for i, step := range steps {
			of, _ := step.(map[string]any)
			own := fmt.Sprint(of["id"])
			ids[own], ids["step-"+own] = known.steps[i], "step-"+known.steps[i]
		}
	}
	return ids, nil
}

// refersBy are the members of messages that hold an id, or a list of ids.
var refersBy = []string{"id", "pickleId", "pickleStepId", "testCaseId", "testCaseStartedId", "testStepId", "stepDefinitionIds"}

// renamed puts other ids in the place of those of a message, and of what is in it.
func renamed(content map[string]any, ids map[string]string) {
	for name, value := range content {
		switch v := value.(type) {
		case map[string]any:
			renamed(v, ids)
		case []any:
			for i := range v {
				if inner, ok := v[i].(map[string]any); ok {
					renamed(inner, ids)
				} else if slices.Contains(refersBy, name) {
					v[i] = renameOf(v[i], ids)
				}
			}
		case string:
			if slices.Contains(refersBy, name) {
				content[name] = renameOf(v, ids)
			}
		}
	}
}

func renameOf(id any, ids map[string]string) any {
	if other, ok := ids[fmt.Sprint(id)]; ok {
		return other
	}
	return id
}

// End says how the whole run ended: when the last of the runs did, and well where each did.
func (c *Chain) End() error {
	if c.finish.content == nil {
		return ErrCutOff
	}
	c.finish.content["success"] = !c.failed
	return c.tell([]message{c.finish})
}
