package cucumber

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Join makes one run of several over the same features, in which later ones repeat some scenarios of
// the first: each repetition becomes a further attempt at its test case, numbered from 0. Scenarios are
// the same when they stand on the same lines of the same file. The run ends as the last attempts of its
// test cases did.
func Join(runs ...[]byte) ([]byte, error) {
	if len(runs) == 1 {
		return runs[0], nil
	}
	first, err := readLines(runs[0])
	if err != nil {
		return nil, err
	}
	j := joining{cases: casesOf(first), ended: map[string]bool{}, attempts: map[string]int{}}
	j.note(first)
	for _, run := range runs[1:] {
		lines, err := readLines(run)
		if err != nil {
			return nil, err
		}
		if err := j.add(lines); err != nil {
			return nil, err
		}
	}
	return j.write(first)
}

// message is one line: its kind and what it holds.
type message struct {
	kind    string
	content map[string]any
}

func (m message) text(name string) string {
	text, _ := m.content[name].(string)
	return text
}

func readLines(lines []byte) ([]message, error) {
	var all []message
	for n, line := range bytes.Split(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n")) {
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		var envelope map[string]map[string]any
		if err := decoder.Decode(&envelope); err != nil {
			return nil, fmt.Errorf("read cucumber messages, line %d: %w", n+1, err)
		}
		for kind, content := range envelope {
			all = append(all, message{kind, content})
		}
	}
	return all, nil
}

// caseOf is a test case: where its scenario stands, and the ids by which a run speaks of it.
type caseOf struct {
	place string // file and lines
	id    string
	steps []string
}

// casesOf are the test cases of a run, by the lines on which they stand.
func casesOf(lines []message) map[string]caseOf {
	pickles := placesOf(lines)
	cases := map[string]caseOf{}
	for _, m := range lines {
		if m.kind != "testCase" {
			continue
		}
		c := caseOf{place: pickles[m.text("pickleId")], id: m.text("id")}
		steps, _ := m.content["testSteps"].([]any)
		for _, step := range steps {
			of, _ := step.(map[string]any)
			c.steps = append(c.steps, fmt.Sprint(of["id"]))
		}
		cases[c.place] = c
	}
	return cases
}

// placesOf are the lines on which the pickles stand, by the pickle's id.
func placesOf(lines []message) map[string]string {
	stands := map[string]string{} // by the id of a node of Gherkin, its line
	pickles := map[string]string{}
	for _, m := range lines {
		switch m.kind {
		case "gherkinDocument":
			noteLines(m.content, stands)
		case "pickle":
			place := m.text("uri")
			nodes, _ := m.content["astNodeIds"].([]any)
			for _, id := range nodes {
				place += ":" + stands[fmt.Sprint(id)]
			}
			pickles[m.text("id")] = place
		}
	}
	return pickles
}

// noteLines finds every node that has an id and a location.
func noteLines(value any, stands map[string]string) {
	switch v := value.(type) {
	case []any:
		for _, inner := range v {
			noteLines(inner, stands)
		}
	case map[string]any:
		location, _ := v["location"].(map[string]any)
		if id, ok := v["id"].(string); ok && location != nil {
			stands[id] = fmt.Sprint(location["line"])
		}
		for _, inner := range v {
			noteLines(inner, stands)
		}
	}
}

// joining is the state of Join.
type joining struct {
	cases    map[string]caseOf
	attempts map[string]int  // of each test case, how many so far
	ended    map[string]bool // by test case: whether its last attempt went well
	later    []message
	finish   message // testRunFinished of the last run
}

// note counts the attempts of a run, whose ids are those of the first one by now, and whether each went
// well.
func (j *joining) note(lines []message) {
	of := map[string]string{}
	for _, m := range lines {
		switch m.kind {
		case "testCaseStarted":
			of[m.text("id")] = m.text("testCaseId")
			j.attempts[m.text("testCaseId")]++
			j.ended[m.text("testCaseId")] = true
		case "testStepFinished":
			result, _ := m.content["testStepResult"].(map[string]any)
			if status := fmt.Sprint(result["status"]); status != "PASSED" && status != "SKIPPED" {
				j.ended[of[m.text("testCaseStartedId")]] = false
			}
		case "testRunFinished":
			j.finish = m
		}
	}
}

// add takes over what a later run says of the scenarios that it repeated.
func (j *joining) add(lines []message) error {
	ids := map[string]string{}
	for _, c := range casesOf(lines) {
		known, ok := j.cases[c.place]
		if !ok || len(known.steps) != len(c.steps) {
			return fmt.Errorf("join cucumber messages: the first run has no test case at %s", c.place)
		}
		ids[c.id] = known.id
		for i, step := range c.steps {
			ids[step] = known.steps[i]
		}
	}
	var told []message
	for _, m := range lines {
		switch m.kind {
		case "testCaseStarted":
			id := ids[m.text("testCaseId")]
			started := fmt.Sprintf("started-%s-%d", strings.TrimPrefix(id, "case-"), j.attempts[id])
			ids[m.text("id")] = started
			m.content["id"], m.content["testCaseId"], m.content["attempt"] = started, id, j.attempts[id]
		case "testStepStarted", "testStepFinished", "attachment":
			m.content["testStepId"] = ids[m.text("testStepId")]
			m.content["testCaseStartedId"] = ids[m.text("testCaseStartedId")]
		case "testCaseFinished":
			m.content["testCaseStartedId"] = ids[m.text("testCaseStartedId")]
		case "testRunFinished":
			j.finish = m
			continue
		default:
			continue
		}
		told = append(told, m)
	}
	j.note(told)
	j.later = append(j.later, told...)
	return nil
}

// write puts the attempts behind those of the first run and says of each whether another follows.
func (j *joining) write(first []message) ([]byte, error) {
	var all []message
	for _, m := range append(first, j.later...) {
		if m.kind != "testRunFinished" {
			all = append(all, m)
		}
	}
	started := map[string]message{}
	for _, m := range all {
		switch m.kind {
		case "testCaseStarted":
			started[m.text("id")] = m
		case "testCaseFinished":
			of := started[m.text("testCaseStartedId")]
			m.content["willBeRetried"] = fmt.Sprint(of.content["attempt"]) != fmt.Sprint(j.attempts[of.text("testCaseId")]-1)
		}
	}
	j.finish.content["success"] = j.succeeded()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for _, m := range append(all, j.finish) {
		if err := encoder.Encode(map[string]any{m.kind: m.content}); err != nil {
			return nil, fmt.Errorf("write cucumber messages: %w", err)
		}
	}
	return out.Bytes(), nil
}

func (j *joining) succeeded() bool {
	for _, well := range j.ended {
		if !well {
			return false
		}
	}
	return true
}
