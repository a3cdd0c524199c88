package evidence

import (
	"cmp"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// report is what the template shows. Everything in it is text or a number; the template
// decides nothing but what stands where.
type report struct {
	Style   style
	Run     runRecord
	Started string
	Took    string
	Banner  banner
	Tally   []tally
	// Demanded counts scenarios by whether they came out as demanded; empty for proofs, of which nothing is
	// demanded beforehand.
	Demanded []tally
	// Scenarios are what the overview says of each; Proofs are the whole, made one after the other.
	Scenarios []scenarioView
	Proofs    iter.Seq[scenarioView]
	Mapped    []mappedView
	// MappedText is what the run comes to for every control where that is the same.
	MappedText string
	Folder     string // the run's folder, by its name alone
	Files      []File
}

// mappedView is a row of the control map and what the run comes to for it.
type mappedView struct {
	MappedControl
	Class, State, Text string
}

// mappedViews lays the run beside the control map. What would stand in every row is returned apart.
func mappedViews(c contents) (views []mappedView, same string) {
	assessed := c.assess(c.run.Controls)
	for i, control := range c.run.Controls {
		a := assessed[i]
		class := map[State]string{Satisfied: "good", NotSatisfied: "bad"}[a.State]
		state := capital(strings.ReplaceAll(string(a.State), "-", " "))
		views = append(views, mappedView{control, cmp.Or(class, "unseen"), state, a.Text})
	}
	if len(views) == 0 || slices.ContainsFunc(views, func(v mappedView) bool { return v.Text != views[0].Text }) {
		return views, ""
	}
	same = views[0].Text
	for i := range views {
		views[i].Text = "It would say: " + views[i].Says
	}
	return views, same
}

// banner says loudly what the run was made against; empty for a real tenant on public roots.
type banner struct{ Title, Text string }

// tally counts one outcome.
type tally struct {
	Class, Word string
	Count       int
}

// scenarioView is one proof.
type scenarioView struct {
	ID      string // anchor
	Name    string
	Feature string
	Failure string
	// Demanded is, of a scenario that came out as it should, the verdict that its sentences demanded in words.
	Demanded string
	// TriedAgain is true of an attempt behind which another came: what counts is the last.
	TriedAgain bool
	Class      string // enforced, not-enforced, inconclusive or none: colour and icon
	Word       string
	Summary    string
	Reasons    []verdict.Reason
	Facts      []fact

	Witnesses []witnessView
	// Prediction is nil where What-If was not asked.
	Prediction *predictionView
	Chain      []linkView
	Broken     bool // a link of the chain is
	Lanes      []laneView
	Controls   []controlView
	Held       int
	NotReached int
	Causes     []verdict.Cause
	// Effects are what was changed before the proof, and when the tenant obeyed it.
	Effects  []moment
	Timeline []moment
	Claims   []claimTable
	Replays  []replayView
	Scope    *verdict.Scope
	Files    []fileView
	// Omitted counts the pictures in Dir that are not embedded, for the report's size.
	Omitted int
	Dir     string
	// Traced is true where the proof was recorded step by step.
	Traced bool
}

// controlView is one control: Class is good, bad, or unseen where the proof did not reach it.
type controlView struct{ Name, Text, Class, Proves string }

type fact struct{ Label, Text, Note string }

// fileView is a file of the scenario's own folder.
type fileView struct {
	File
	Name string
}

func newReport(record runRecord, files []File) report {
	r := report{Style: newStyle(), Run: record, Started: instant(record.Started), Banner: bannerFor(record), Files: files}
	if record.Finished != nil {
		r.Took = lasted(record.Finished.Sub(record.Started))
	}
	return r
}

// add appends a scenario and counts its outcome.
func (r *report) add(s scenarioView) {
	s.ID = fmt.Sprintf("proof-%d", len(r.Scenarios)+1)
	r.Scenarios = append(r.Scenarios, s)
	for i := range r.Tally {
		if r.Tally[i].Class == s.Class {
			r.Tally[i].Count++
			return
		}
	}
	r.Tally = append(r.Tally, tally{Class: s.Class, Word: s.Word, Count: 1})
}

// row is what the overview says of a scenario, and no more.
func (v scenarioView) row() scenarioView {
	row := scenarioView{Name: v.Name, Failure: v.Failure, Class: v.Class, Word: v.Word}
	if code := v.Code(); code != "" {
		row.Reasons = []verdict.Reason{{Code: verdict.Code(code)}}
	}
	if cause := v.Cause(); cause != "" {
		row.Causes = []verdict.Cause{{Code: verdict.CauseCode(cause)}}
	}
	if role := v.Role(); role != "" {
		row.Facts = []fact{{Text: role}}
	}
	for _, w := range v.Witnesses {
		row.Witnesses = append(row.Witnesses, witnessView{Name: w.Name, Class: w.Class, Said: w.Said})
	}
	return row
}

// record adds the digests of the scenario's own files.
func (v *scenarioView) record(files []File) {
	for _, file := range files {
		name := path.Base(file.Path)
		v.Files = append(v.Files, fileView{file, name})
		v.Traced = v.Traced || name == traceName
	}
}

// demanded says which scenarios came out as demanded, and counts them by their last attempts: a run in which
// every scenario expects not-enforced is a good one, however red its verdicts are.
func (r *report) demanded(scenarios []scenarioRecord, again []bool) {
	good, bad := tally{Class: "enforced", Word: "as demanded"}, tally{Class: "not-enforced", Word: "not as demanded"}
	for i, s := range scenarios {
		if s.Feature == "" {
			return
		}
		if s.outcome() == outcomePassed {
			r.Scenarios[i].Demanded = "as demanded"
		}
		switch {
		case again[i]:
			r.Scenarios[i].TriedAgain = true
		case s.outcome() == outcomePassed:
			good.Count++
		default:
			bad.Count++
		}
	}
	for _, t := range []tally{bad, good} {
		if t.Count > 0 {
			r.Demanded = append(r.Demanded, t)
		}
	}
}

// Counted is what the run consists of: a scenario that was tried again is one, in more than one attempt.
func (r report) Counted() string {
	scenarios := 0
	for _, t := range r.Demanded {
		scenarios += t.Count
	}
	switch {
	case scenarios == 0:
		return counted(len(r.Scenarios), "proof")
	case scenarios < len(r.Scenarios):
		return counted(scenarios, "scenario") + ", " + counted(len(r.Scenarios), "attempt")
	}
	return counted(scenarios, "scenario")
}

// RunFile is run.json with its digest.
func (r report) RunFile() *File {
	for i, file := range r.Files {
		if file.Path == "run.json" {
			return &r.Files[i]
		}
	}
	return nil
}

func bannerFor(record runRecord) banner {
	switch record.Target {
	case Embedded:
		return banner{
			"Embedded tenant", "This run was made against the Entra that reprompt emulates itself. It shows how the proof works and says nothing about any real tenant.",
		}
	case TenantBehindPrivateCA:
		return banner{
			"Behind a private certificate authority", "Not every host of this run presented a certificate of a public authority: whoever holds that authority could have read or changed what was seen.",
		}
	default:
		return banner{}
	}
}

// view is the scenario as the report shows it, with the pictures of an album.
func (s scenarioContents) view(pictures album) scenarioView {
	v := scenarioView{Name: s.attemptName(), Feature: s.Feature, Failure: capital(s.Failure), Class: "none", Word: "No verdict"}
	o := s.seen()
	if s.observation != nil && s.verdict != nil {
		v.decided(o, *s.verdict, pictures)
	}
	v.Effects = effectMoments(s.events)
	v.Timeline = timeline(o, s.events, pictures)
	return v
}

// seen is the observation; the zero one where the proof did not come to its end.
func (s scenarioContents) seen() verdict.Observation {
	if s.observation == nil {
		return verdict.Observation{}
	}
	return *s.observation
}

func (v *scenarioView) decided(o verdict.Observation, decided verdict.Verdict, pictures album) {
	v.Class, v.Word = string(decided.Outcome), sentenceWord(decided.Outcome)
	v.Summary, v.Causes = decided.Summary, decided.Causes
	for _, r := range decided.Reasons {
		text := sentence(r.Text)
		if strings.Contains(decided.Summary, r.Text) || r.Text != "" && strings.Contains(v.Failure, r.Text) {
			text = "" // the sentence above says it
		}
		v.Reasons = append(v.Reasons, verdict.Reason{Code: r.Code, Text: text})
	}
	v.Facts = facts(o, decided.Rules)
	v.Witnesses = witnessViews(o, decided.Witnesses, pictures)
	v.Prediction = predictionOf(o)
	v.Chain, v.Lanes = chainOf(o), lanesOf(o)
	v.Broken = slices.ContainsFunc(v.Chain, func(l linkView) bool { return l.Class == "bad" })
	v.Controls, v.Held, v.NotReached = sortControls(decided.Controls)
	v.Claims, v.Replays = claimTables(o), replayViews(o.Replays)
	if decided.Scope.Known() {
		v.Scope = &decided.Scope
	}
}

// Code is the decisive reason's code.
func (v scenarioView) Code() string {
	if len(v.Reasons) == 0 {
		return ""
	}
	return string(v.Reasons[0].Code)
}

// Cause is the decisive cause's code, for the overview; empty where it has the name of the reason beside it.
func (v scenarioView) Cause() string {
	if len(v.Causes) == 0 || string(v.Causes[0].Code) == v.Code() {
		return ""
	}
	return string(v.Causes[0].Code)
}

// Role is the first fact, for the overview.
func (v scenarioView) Role() string {
	if len(v.Facts) == 0 {
		return ""
	}
	return v.Facts[0].Text
}

// facts are the nouns of the proof.
func facts(o verdict.Observation, rules int) []fact {
	context := "none required"
	if o.Setting.RequiresContext() {
		context = o.Setting.ContextID
	}
	return []fact{
		{"Role", o.Role.Name, scopeNote(o.Role.DirectoryScopeID)},
		{"Admin", o.Admin.UPN, o.Admin.ObjectID},
		{"Tenant", domainOf(o.Admin.UPN), o.TenantID},
		{"Way", wayInWords(o.Way), ""},
		{"Authentication context", context, ""},
		{"What counts", requireInWords(o.Require), ""},
		{"Tenant's clock", instant(o.Started), "took " + lasted(o.Finished.Sub(o.Started))},
		{"Rules", fmt.Sprintf("version %d", rules), "of the decision table"},
	}
}

// domainOf is the domain of a user principal name, which is one of the tenant's.
func domainOf(upn string) string {
	_, domain, _ := strings.Cut(upn, "@")
	return cmp.Or(domain, "unknown domain")
}

func scopeNote(scope string) string {
	if scope == "/" {
		return "whole directory"
	}
	return scope
}

func wayInWords(w verdict.Way) string {
	switch w {
	case verdict.WayPortal:
		return "PIM page of the admin centre"
	case verdict.WayGraph:
		return "Microsoft Graph, own client"
	case verdict.WayGroup:
		return "PIM for Groups, own client"
	default:
		return string(w)
	}
}

func requireInWords(r verdict.Require) string {
	switch r {
	case verdict.RequireAny:
		return "any credential"
	case verdict.RequireMFA:
		return "two factors"
	case verdict.RequirePhishingResistant:
		return "a phishing-resistant method"
	default:
		return string(r)
	}
}

// controlWords turns the name of a control into words.
var controlWords = strings.NewReplacer("id-token", "ID token", "step-up", "step-up", "reuse", "re-use", "-", " ")

// sortControls puts those that did not hold first and those that were not reached last, in words,
// and counts those that held and those that were not reached.
func sortControls(controls []verdict.Control) (ordered []controlView, held, notReached int) {
	by := map[string][]controlView{}
	for _, c := range controls {
		class := controlClass(c)
		by[class] = append(by[class], controlView{capital(controlWords.Replace(c.Name)), sentence(c.Text), class, controlProves[c.Name]})
	}
	return slices.Concat(by["bad"], by["good"], by["unseen"]), len(by["good"]), len(by["unseen"])
}

func controlClass(c verdict.Control) string {
	switch {
	case c.Held:
		return "good"
	case !c.Reached():
		return "unseen"
	default:
		return "bad"
	}
}

// sentenceWord is the verdict with a capital letter.
func sentenceWord(o verdict.Outcome) string {
	return capital(strings.ReplaceAll(string(o), "-", " "))
}

// sentence makes a sentence of a text.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.TrimSuffix(capital(text), ".") + "."
}

// instant writes a point in time; empty for none.
func instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2 January 2006, 15:04:05 UTC")
}

// timeOfDay writes a point in time within a proof; empty for none.
func timeOfDay(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("15:04:05")
}

// lasted writes a duration: "17 min 5 s", "3.2 s".
func lasted(d time.Duration) string {
	switch {
	case d < 0:
		return "an unknown time"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	d = d.Round(time.Second)
	if rest := d % time.Minute; rest != 0 {
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(rest.Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Minutes()))
}

// WasRestored reports whether the tenant is as it was.
func (r report) WasRestored() bool { return r.Run.Restored != nil && *r.Run.Restored }
