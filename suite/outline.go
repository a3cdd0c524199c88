package suite

import (
	"slices"

	messages "github.com/cucumber/messages/go/v21"
)

// outline says on which lines of a feature file its scenarios stand.
type outline struct {
	scenarios map[string]span // by the id of the scenario, from its first tag to the line before the next block
	keyword   map[string]int  // by the id of the scenario, the line of its keyword
	rows      map[string]int  // by the id of the row of examples
	rowLines  map[int]bool    // the lines of rows
	steps     map[string]int  // by the id of the step, of backgrounds too
}

// block is anything that ends the scenario above it.
type block struct {
	first    int
	scenario *messages.Scenario // nil for a background or a rule
	steps    []*messages.Step
}

func outlineOf(f *messages.Feature, lastLine int) outline {
	blocks := blocksOf(f)
	slices.SortFunc(blocks, func(a, b block) int { return a.first - b.first })
	o := outline{scenarios: map[string]span{}, keyword: map[string]int{}, rows: map[string]int{}, rowLines: map[int]bool{}, steps: map[string]int{}}
	for i, b := range blocks {
		for _, step := range b.steps {
			o.steps[step.Id] = int(step.Location.Line)
		}
		if b.scenario == nil {
			continue
		}
		last := lastLine
		if i+1 < len(blocks) {
			last = blocks[i+1].first - 1
		}
		o.scenarios[b.scenario.Id] = span{b.first, last}
		o.keyword[b.scenario.Id] = int(b.scenario.Location.Line)
		for _, examples := range b.scenario.Examples {
			for _, row := range examples.TableBody {
				o.rows[row.Id] = int(row.Location.Line)
				o.rowLines[int(row.Location.Line)] = true
			}
		}
	}
	return o
}

func blocksOf(f *messages.Feature) []block {
	var blocks []block
	for _, child := range f.Children {
		switch {
		case child.Background != nil:
			blocks = append(blocks, backgroundBlock(child.Background))
		case child.Scenario != nil:
			blocks = append(blocks, scenarioBlock(child.Scenario))
		case child.Rule != nil:
			blocks = append(blocks, block{first: firstLine(child.Rule.Location, child.Rule.Tags)})
			for _, inner := range child.Rule.Children {
				if inner.Background != nil {
					blocks = append(blocks, backgroundBlock(inner.Background))
				}
				if inner.Scenario != nil {
					blocks = append(blocks, scenarioBlock(inner.Scenario))
				}
			}
		}
	}
	return blocks
}

func scenarioBlock(s *messages.Scenario) block {
	return block{first: firstLine(s.Location, s.Tags), scenario: s, steps: s.Steps}
}

func backgroundBlock(b *messages.Background) block {
	return block{first: int(b.Location.Line), steps: b.Steps}
}

func firstLine(keyword *messages.Location, tags []*messages.Tag) int {
	first := int(keyword.Line)
	for _, tag := range tags {
		first = min(first, int(tag.Location.Line))
	}
	return first
}

// onLines reports whether a line names the pickle: a row of examples that row alone, any other line
// of a scenario, from its first tag on, the whole scenario.
func (o outline) onLines(pickle *messages.Pickle, lines []int) bool {
	if len(lines) == 0 {
		return true
	}
	scenario := o.scenarios[pickle.AstNodeIds[0]]
	return slices.ContainsFunc(lines, func(line int) bool {
		if o.isRow(line) {
			return len(pickle.AstNodeIds) > 1 && o.rows[pickle.AstNodeIds[1]] == line
		}
		return scenario.first <= line && line <= scenario.last
	})
}

func (o outline) isRow(line int) bool { return o.rowLines[line] }

// lineOf is the line of a scenario, or of its row of examples.
func (o outline) lineOf(pickle *messages.Pickle) int {
	if len(pickle.AstNodeIds) > 1 {
		return o.rows[pickle.AstNodeIds[1]]
	}
	return o.keyword[pickle.AstNodeIds[0]]
}
