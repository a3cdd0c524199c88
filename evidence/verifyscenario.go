package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// scenarios verifies each proof. In a bundle that holds others they are where they were, and are
// verified there.
func (c *checker) scenarios() {
	if c.run.Kind == KindMerge {
		return
	}
	dirs := map[string]bool{}
	for _, s := range c.run.Scenarios {
		if !fs.ValidPath(s.Dir) || path.Dir(s.Dir) != "scenarios" || dirs[s.Dir] {
			c.problem(RecordDiffers, runName, "the scenario %q has the folder %q, which is none of its own", printable(s.Name), printable(s.Dir))
			continue
		}
		dirs[s.Dir] = true
		p := &proof{checker: c, record: s}
		p.verify()
	}
	for name := range c.known {
		if dir := strings.TrimSuffix(path.Dir(name), "/"+traceFolder); strings.HasPrefix(name, "scenarios/") && !dirs[dir] {
			c.problem(RecordDiffers, name, "it belongs to no scenario that run.json names")
		}
	}
}

// proof verifies one proof: an observation, what it came to, and the events that led to it.
type proof struct {
	*checker
	record      scenarioRecord
	observation verdict.Observation
	raw         []byte // observation.json
	verdict     verdict.Verdict
	events      []Event
}

func (p *proof) file(name string) string { return path.Join(p.record.Dir, name) }

func (p *proof) verify() {
	told := VerifiedScenario{Path: p.in(p.record.Dir), Name: p.record.Name, Rules: p.run.Rules}
	defer func() { p.out.Scenarios = append(p.out.Scenarios, told) }()
	whole := p.chain()
	p.trace()
	_, observed := p.known[p.file(observationName)]
	_, decided := p.known[p.file(verdictName)]
	switch {
	case p.record.Verdict == "" && (observed || decided):
		p.problem(RecordDiffers, p.record.Dir, "run.json says that it came to no verdict, and there is one")
		return
	case p.record.Verdict == "" && whole:
		p.pictures()
		return
	case p.record.Verdict == "":
		return
	}
	var ok, judged bool
	p.raw, ok = p.document(p.file(observationName), "observation", &p.observation)
	_, judged = p.document(p.file(verdictName), "verdict", &p.verdict)
	if !ok || !judged {
		return
	}
	told.Rules, told.Recorded = p.verdict.Rules, p.verdict.Outcome
	p.agree()
	if whole && p.run.Kind != KindAttachLog { // whose pictures are in the bundle inside
		p.pictures()
	}
	told.Decided = p.redecide()
}

// agree compares what several documents say of the same.
func (p *proof) agree() {
	switch {
	case p.record.Verdict != p.verdict.Outcome:
		p.problem(RecordDiffers, p.file(verdictName), "it says %q, run.json says %q", p.verdict.Outcome, p.record.Verdict)
	case p.verdict.Rules != p.run.Rules:
		p.problem(RecordDiffers, p.file(verdictName), "it is by rules %d, run.json says %d", p.verdict.Rules, p.run.Rules)
	case p.run.TenantID != "" && p.observation.TenantID != p.run.TenantID:
		p.problem(RecordDiffers, p.file(observationName), "it is of another tenant than run.json says")
	}
	if p.record.Proved != nil && *p.record.Proved != provedIn(p.observation) {
		p.problem(RecordDiffers, p.file(observationName), "it is of another role, scope, admin or way than run.json says")
	}
	before, err := objectsOf(p.raw)
	if err != nil || !slices.Equal(before, p.record.Configuration.Before) {
		p.problem(RecordDiffers, p.file(observationName), "its configuration objects are not those whose digests run.json has")
	}
	if p.run.Kind == KindAttachLog {
		return // read again once, before the log came
	}
	var after []Object
	var read configurationFile
	if _, there := p.known[p.file(configurationName)]; there {
		content, ok := p.document(p.file(configurationName), "configuration", &read)
		if !ok {
			return
		}
		after, err = objectsOf(content)
	}
	if err != nil || !slices.Equal(after, p.record.Configuration.After) {
		p.problem(RecordDiffers, p.file(configurationName), "its configuration objects are not those whose digests run.json has")
	}
	if changed := p.record.Configuration.changed(); len(changed) > 0 {
		p.remark(ConfigurationChanged, p.record.Dir, "the configuration changed while the proof ran: %s", printable(strings.Join(changed, ", ")))
	}
}

// decisions are the decision tables by their version. When a line of the table changes what an
// observation comes to, or in which words, the table as it was stays here, so that old evidence can be
// judged as it was.
var decisions = map[int]func(verdict.Observation) verdict.Verdict{verdict.Rules: verdict.Decide}

// redecide decides again, by the rules that the verdict names, and compares all of it: people read the
// sentences, so that a changed sentence is a changed verdict.
func (p *proof) redecide() verdict.Outcome {
	decide, known := decisions[p.verdict.Rules]
	if !known {
		p.remark(NotRedecided, p.record.Dir, "its verdict is by version %d of the rules, which this reprompt does not know: not decided again; use the reprompt that made it, or a later one", p.verdict.Rules)
		return ""
	}
	again := decide(p.observation)
	switch {
	case again.Outcome != p.verdict.Outcome:
		p.problem(VerdictDiffers, p.file(verdictName), "it says %q; the observation comes to %q", p.verdict.Outcome, again.Outcome)
	case !sameJSON(unworded(again), unworded(p.verdict)):
		p.problem(VerdictDiffers, p.file(verdictName), "its outcome follows from the observation, but its reasons, causes, witnesses, controls or scope do not")
	case !sameJSON(again, p.verdict):
		p.problem(VerdictDiffers, p.file(verdictName), "its outcome and codes follow from the observation, but its summary or another of its texts does not")
	}
	return again.Outcome
}

// unworded is a verdict without its sentences.
func unworded(v verdict.Verdict) verdict.Verdict {
	v.Summary = ""
	v.Reasons, v.Causes, v.Controls = slices.Clone(v.Reasons), slices.Clone(v.Causes), slices.Clone(v.Controls)
	for i := range v.Reasons {
		v.Reasons[i].Text = ""
	}
	for i := range v.Causes {
		v.Causes[i].Text, v.Causes[i].Mend = "", ""
	}
	for i := range v.Controls {
		v.Controls[i].Text = ""
	}
	v.Scope.NotCovered = slices.Clone(v.Scope.NotCovered)
	for i := range v.Scope.NotCovered {
		v.Scope.NotCovered[i].Why = ""
	}
	return v
}

// chain reads events.ndjson: each line, that it follows from the one before, and that it ends where
// run.json says. It reports whether all its lines could be read.
func (p *proof) chain() bool {
	name := p.file(eventsName)
	if _, there := p.known[name]; there {
		opened, _, err := p.open(name, largestDocument)
		if err != nil {
			p.problem(NotReadable, name, "%v", err)
			return false
		}
		p.events, err = readEvents(opened, true)
		if err = errors.Join(err, opened.Close()); err != nil {
			p.problem(ChainBroken, name, "%s", printable(err.Error()))
			return false
		}
	}
	head := chainStart
	if n := len(p.events); n > 0 {
		head = p.events[n-1].SHA256
	}
	switch {
	case len(p.events) != p.record.Events:
		p.problem(ChainTruncated, name, "it ends after %d events, run.json says after %d", len(p.events), p.record.Events)
	case head != p.record.EventsHead:
		p.problem(ChainTruncated, name, "its last event is another one than run.json says")
	}
	return true
}

// ReadEvents reads events.ndjson and checks its chain. The error names the first line that
// does not follow from the one before, or that is cut off.
func ReadEvents(r io.Reader) ([]Event, error) { return readEvents(r, false) }

// readEvents is ReadEvents; with formed, each line has to have the form of its schema as well.
func readEvents(r io.Reader, formed bool) ([]Event, error) {
	var events []Event
	prev := chainStart
	lines := bufio.NewReaderSize(r, largestLine)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		switch {
		case err == io.EOF && len(line) == 0:
			return events, nil
		case errors.Is(err, bufio.ErrBufferFull):
			return events, fmt.Errorf("read event %d: the line is longer than %d bytes", n, largestLine)
		case err != nil:
			return events, fmt.Errorf("read event %d: the line is cut off: %w", n, err)
		}
		event, err := readEvent(line, n, prev)
		if err == nil && formed {
			err = conforms("event", bytes.TrimSuffix(line, []byte("\n")))
		}
		if err != nil {
			return events, err
		}
		events, prev = append(events, event), event.SHA256
	}
}
