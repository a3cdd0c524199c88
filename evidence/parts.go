package evidence

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// part is a bundle inside another, or about to be.
type part struct {
	dir string // inside the outer bundle
	run runRecord
}

// joined is the record that follows from the bundles that it contains: of everything that is not the
// joining itself. Scenarios stand in the order of the parts; the tries of one scenario are counted.
func joined(kind Kind, parts []part) runRecord {
	r := runRecord{
		Schema: runSchema, Kind: kind, State: stateFinished, Chains: []Chain{}, Offsets: []Offset{},
		Features: []featureRecord{}, Controls: ControlMap{}, Scenarios: []scenarioRecord{}, Browser: parts[0].run.Browser, TenantID: parts[0].run.TenantID,
		Rules: parts[0].run.Rules, Started: parts[0].run.Started,
	}
	var targets []Target
	var failures []string
	for _, p := range parts {
		targets = append(targets, p.run.Target)
		r.TestClock = r.TestClock || p.run.TestClock
		if p.run.Browser != r.Browser {
			r.Browser = Browser{}
		}
		if p.run.Started.Before(r.Started) {
			r.Started = p.run.Started
		}
		if p.run.Finished != nil && (r.Finished == nil || p.run.Finished.After(*r.Finished)) {
			r.Finished = p.run.Finished
		}
		if p.run.Restored != nil && (r.Restored == nil || *r.Restored) {
			r.Restored = p.run.Restored
		}
		if p.run.Failure != "" {
			failures = append(failures, p.run.Failure)
		}
		r.addFeatures(p)
		r.Controls = r.Controls.With(p.run.Controls)
		for _, s := range p.run.Scenarios {
			s.Dir = path.Join(p.dir, s.Dir)
			r.Scenarios = append(r.Scenarios, s)
		}
	}
	attempts := map[int]int{}
	for i, of := range triesOf(KindMerge, r.Scenarios) {
		attempts[of]++
		r.Scenarios[i].Attempt = attempts[of]
	}
	r.Target, r.Failure = leastReal(targets), strings.Join(failures, "\n")
	return r
}

func (r *runRecord) addFeatures(p part) {
	for _, f := range p.run.Features {
		known := slices.ContainsFunc(r.Features, func(have featureRecord) bool { return have.URI == f.URI && have.SHA256 == f.SHA256 })
		if !known {
			f.File = path.Join(p.dir, f.File)
			r.Features = append(r.Features, f)
		}
	}
}

// parts verifies the bundles inside this one, and that the record follows from theirs.
func (c *checker) parts() {
	holds := c.run.Kind == KindMerge || c.run.Kind == KindAttachLog
	switch {
	case !holds && len(c.run.Parts) == 0:
		return
	case !holds:
		c.problem(RecordDiffers, runName, "a bundle of the kind %q holds no others", c.run.Kind)
		return
	case len(c.run.Parts) == 0 || c.run.Kind == KindAttachLog && len(c.run.Parts) != 1:
		c.problem(RecordDiffers, runName, "a bundle of the kind %q holds others, and it names %d", c.run.Kind, len(c.run.Parts))
		return
	case c.depth == mostParts:
		c.problem(NotReadable, "", "bundles are nested more than %d deep", mostParts)
		return
	}
	var parts []part
	for _, of := range c.run.Parts {
		if inside, ok := c.part(of); ok {
			parts = append(parts, part{of.Dir, inside.run})
		}
	}
	if len(parts) == len(c.run.Parts) {
		c.follows(parts)
	}
}

// part verifies one bundle inside this one.
func (c *checker) part(of partRecord) (*checker, bool) {
	if !fs.ValidPath(of.Dir) || path.Dir(of.Dir) != "parts" {
		c.problem(RecordDiffers, runName, "it names a bundle at %q, where none can be", printable(of.Dir))
		return nil, false
	}
	inside := &checker{
		folder: c.folder.at(of.Dir), options: c.options, out: c.out, prefix: c.prefix + of.Dir + "/", depth: c.depth + 1, measured: c.measured,
	}
	for _, e := range c.entries {
		if below, found := strings.CutPrefix(e.path, of.Dir+"/"); found {
			inside.entries = append(inside.entries, entry{below, e.mode})
		}
	}
	slices.SortFunc(inside.entries, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	if !inside.isBundle() {
		c.problem(FileMissing, of.Dir, "run.json names a bundle there, and there is none")
		return nil, false
	}
	inside.bundle()
	manifest := c.known[path.Join(of.Dir, manifestName)]
	if of.Manifest != manifest.SHA256 || of.KeyID != inside.run.Signer.KeyID || of.ID != inside.run.ID {
		c.problem(PartDiffers, of.Dir, "it is not the bundle that run.json says was put there")
	}
	return inside, inside.run.State == stateFinished
}

// follows verifies that the record is the one that its parts come to.
func (c *checker) follows(parts []part) {
	want := joined(c.run.Kind, parts)
	if c.run.Kind == KindAttachLog && len(want.Scenarios) == len(c.run.Scenarios) {
		for i, s := range c.run.Scenarios {
			c.attached(want.Scenarios[i], s)
			want.Scenarios[i].Dir, want.Scenarios[i].Verdict = s.Dir, s.Verdict
			want.Scenarios[i].Events, want.Scenarios[i].EventsHead = s.Events, s.EventsHead
		}
		want.Rules = c.run.Rules
	}
	have := c.run
	want.ID, want.Command, want.Build, want.Signer = have.ID, have.Command, have.Build, have.Signer
	want.TimestampAuthority, want.Parts = have.TimestampAuthority, have.Parts
	if !sameJSON(want, have) {
		c.problem(RecordDiffers, runName, "what it says does not follow from the bundles that it holds")
	}
}

// attached verifies that a scenario to which the log was attached is the old one in all else.
func (c *checker) attached(old, now scenarioRecord) {
	if old.Verdict == "" {
		if now.Verdict != "" {
			c.problem(RecordDiffers, now.Dir, "it has a verdict, and the proof inside came to none")
		}
		return
	}
	var before, after verdict.Observation
	_, ok := c.document(path.Join(old.Dir, observationName), "observation", &before)
	_, too := c.document(path.Join(now.Dir, observationName), "observation", &after)
	if !ok || !too {
		return
	}
	rebase(&before, strings.TrimSuffix(old.Dir, path.Join("scenarios", path.Base(old.Dir))))
	before.Log = after.Log
	if before.Elsewhere != nil && after.Elsewhere != nil {
		seen := *after.Elsewhere
		seen.Activations = before.Elsewhere.Activations // by PIM, not by the log
		before.Elsewhere = &seen
	}
	if !sameJSON(before, after) {
		c.problem(RecordDiffers, path.Join(now.Dir, observationName), "it differs in more than the sign-in log from the one inside")
	}
}

// rebase makes an observation's pictures paths of an outer bundle.
func rebase(o *verdict.Observation, prefix string) {
	pages := [][]verdict.PageVisit{o.SignIn.Pages, o.Priming.Authentication.Pages}
	for i := range o.Activations {
		pages = append(pages, o.Activations[i].StepUp.Pages)
	}
	for _, list := range pages {
		for i := range list {
			if list[i].Screenshot != "" {
				list[i].Screenshot = prefix + list[i].Screenshot
			}
		}
	}
	if o.Failure != nil && o.Failure.Screenshot != "" {
		o.Failure.Screenshot = prefix + o.Failure.Screenshot
	}
}

// contentsOf is what a bundle's writers are given, for a bundle made of others. The files
// are our own copies of bundles that were verified.
func contentsOf(r runRecord, files store) contents {
	return contents{run: r, files: files, unread: map[int]error{}, read: func(i int) (scenarioContents, error) {
		return readScenario(r.Scenarios[i], files)
	}}
}

func readScenario(s scenarioRecord, files store) (scenarioContents, error) {
	read := scenarioContents{scenarioRecord: s}
	prefix := strings.TrimSuffix(s.Dir, path.Join("scenarios", path.Base(s.Dir)))
	if s.Verdict != "" {
		read.observation, read.verdict = new(verdict.Observation), new(verdict.Verdict)
		for name, into := range map[string]any{observationName: read.observation, verdictName: read.verdict} {
			content, err := files.read(path.Join(s.Dir, name))
			if err != nil {
				return read, err
			}
			if err := json.Unmarshal(content, into); err != nil {
				return read, err
			}
		}
		rebase(read.observation, prefix)
	}
	if s.Events > 0 {
		content, err := files.read(path.Join(s.Dir, eventsName))
		if err != nil {
			return read, err
		}
		if read.events, err = ReadEvents(strings.NewReader(string(content))); err != nil {
			return read, err
		}
	}
	if read.pictures = picturesOf(read.events, prefix); len(read.pictures) == 0 && read.observation != nil {
		read.pictures = shownIn(*read.observation) // the log was attached: the events of the proof are inside
	}
	return read, nil
}

// shownIn are the pictures that an observation refers to.
func shownIn(o verdict.Observation) []picture {
	var pictures []picture
	for _, pass := range passesOf(o) {
		for _, page := range pass.pages {
			if page.Screenshot != "" {
				pictures = append(pictures, picture{Path: page.Screenshot, Caption: "the page " + page.Page, after: page.At})
			}
		}
	}
	return pictures
}

// picturesOf are the pictures that the events note, as paths of the outer bundle.
func picturesOf(events []Event, prefix string) []picture {
	var pictures []picture
	var last Event
	for i := range events {
		if e := &events[i]; e.Path != "" {
			e.Path = prefix + e.Path
			p := picture{Path: e.Path, Caption: e.Text}
			if last.At != nil {
				p.after = *last.At
			}
			pictures = append(pictures, p)
		} else {
			last = *e
		}
	}
	return pictures
}
