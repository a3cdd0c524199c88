// Package cucumber writes how a godog run went as Cucumber Messages, one JSON object per line
// (https://github.com/cucumber/messages), which Cucumber's HTML formatter and other tools read. godog
// itself has no such formatter.
//
// Importing the package registers the format Name:
//
//	options.Format = cucumber.Name                // to Options.Output
//	options.Format = cucumber.Name + ":a.ndjson"  // to a file
//
// The lines are written when the run is over: before, godog keeps the order of scenarios that run side by
// side to itself. Times are those at which steps really ended. godog runs each scenario once, so every
// attempt of one run is the first, 0; Join makes attempts, and Chain parts, of several runs. Hooks are no steps of their
// own: godog notes what goes wrong in one at the step beside it.
//
// The file says what scenarios said of themselves. It proves nothing: what was observed is in the
// evidence.
package cucumber

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/cucumber/godog"
	"github.com/cucumber/godog/formatters"
	messages "github.com/cucumber/messages/go/v21"
)

const (
	// Name is the format's name in godog.Options.Format.
	Name = "cucumber-messages"
	// ProtocolVersion is the version of Cucumber Messages that is written.
	ProtocolVersion = "34.2.1"

	runID = "run"
	// linked marks the media type of an attachment that is a link.
	linked = ";link"
)

func init() {
	godog.Format(Name, "Cucumber Messages "+ProtocolVersion+", one JSON object per line.", newFormatter)
}

// Link is an attachment that is a file beside the messages instead of in them. path is relative, with
// slashes.
func Link(file, mediaType string) godog.Attachment {
	return godog.Attachment{Body: []byte(file), FileName: path.Base(file), MediaType: mediaType + linked}
}

type formatter struct {
	*godog.BaseFmt
	lines *json.Encoder
	began time.Time
	now   func() time.Time
	// definitions are the ids of the step definitions told so far, by their patterns.
	definitions map[string]string
	failed      bool
}

func newFormatter(suite string, out io.Writer) formatters.Formatter {
	return &formatter{
		BaseFmt: godog.NewBaseFmt(suite, out), lines: json.NewEncoder(out), now: time.Now, definitions: map[string]string{},
	}
}

// TestRunStarted implements formatters.Formatter.
func (f *formatter) TestRunStarted() { f.began = f.now() }

// Summary implements formatters.Formatter: it writes every message.
func (f *formatter) Summary() {
	f.tell(envelope{Meta: newMeta()})
	var run []*messages.Pickle
	for _, feature := range f.Storage.MustGetFeatures() {
		f.tell(envelope{Source: &messages.Source{
			Uri: feature.Uri, Data: string(feature.Content), MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN,
		}})
		f.tell(envelope{GherkinDocument: feature.GherkinDocument})
		for _, pickle := range feature.Pickles {
			f.tell(envelope{Pickle: pickle})
			run = append(run, pickle)
		}
	}
	started := map[string]time.Time{}
	for _, result := range f.Storage.MustGetPickleResults() {
		started[result.PickleID] = result.StartedAt
	}
	run = slices.DeleteFunc(run, func(p *messages.Pickle) bool { return started[p.Id].IsZero() })
	ends := make([][]outcome, len(run))
	for i, pickle := range run {
		ends[i] = f.outcomes(pickle) // tells the step definitions
	}
	f.tell(envelope{TestRunStarted: &testRunStarted{ID: runID, Timestamp: instant(f.began)}})
	for i, pickle := range run {
		f.tellCase(pickle, ends[i], started[pickle.Id])
	}
	f.tell(envelope{TestRunFinished: &testRunFinished{Success: !f.failed, Timestamp: instant(f.now()), RunID: runID}})
}

// tell writes one line. godog gives a formatter no way to fail: what cannot be written is missing, and
// whoever reads the file misses testRunFinished.
func (f *formatter) tell(e envelope) { _ = f.lines.Encode(e) }

// outcome is how one step ended.
type outcome struct {
	status      string
	at          time.Time
	err         error
	pattern     *regexp.Regexp // nil where no sentence is known
	attachments []attachment
}

// outcomes are those of the steps of a pickle, in order.
func (f *formatter) outcomes(pickle *messages.Pickle) []outcome {
	all := make([]outcome, len(pickle.Steps))
	for i := range all {
		all[i].status = "SKIPPED"
	}
	for _, result := range f.Storage.MustGetPickleStepResultsByPickleID(pickle.Id) {
		i := slices.IndexFunc(pickle.Steps, func(s *messages.PickleStep) bool { return s.Id == result.PickleStepID })
		if i < 0 {
			continue
		}
		all[i] = outcome{status: strings.ToUpper(result.Status.String()), at: result.FinishedAt, err: result.Err}
		if result.Def != nil {
			all[i].pattern = result.Def.Expr
			f.define(result.Def.Expr, result.Def.Handler)
		}
		for _, a := range result.Attachments {
			all[i].attachments = append(all[i].attachments, newAttachment(a.Name, a.MimeType, a.Data))
		}
	}
	return all
}

// define tells a step definition when it is first met.
func (f *formatter) define(pattern *regexp.Regexp, handler any) {
	if _, told := f.definitions[pattern.String()]; told {
		return
	}
	id := fmt.Sprintf("definition-%d", len(f.definitions)+1)
	f.definitions[pattern.String()] = id
	reference := &messages.SourceReference{}
	if uri, line, ok := sourceOf(handler); ok {
		reference.Uri, reference.Location = uri, &messages.Location{Line: int64(line)}
	}
	f.tell(envelope{StepDefinition: &messages.StepDefinition{
		Id: id, SourceReference: reference,
		Pattern: &messages.StepDefinitionPattern{Source: pattern.String(), Type: messages.StepDefinitionPatternType_REGULAR_EXPRESSION},
	}})
}

func (f *formatter) tellCase(pickle *messages.Pickle, outcomes []outcome, began time.Time) {
	c := testCase{ID: "case-" + pickle.Id, PickleID: pickle.Id, RunID: runID}
	for i, step := range pickle.Steps {
		c.TestSteps = append(c.TestSteps, f.testStep(step, outcomes[i]))
	}
	startedID := "started-" + pickle.Id
	f.tell(envelope{TestCase: &c})
	f.tell(envelope{TestCaseStarted: &testCaseStarted{ID: startedID, TestCaseID: c.ID, Timestamp: instant(began)}})
	at := began
	for i, o := range outcomes {
		at = f.tellStep(startedID, c.TestSteps[i].ID, o, at)
	}
	f.tell(envelope{TestCaseFinished: &testCaseFinished{StartedID: startedID, Timestamp: instant(at)}})
}

func (f *formatter) testStep(step *messages.PickleStep, o outcome) testStep {
	t := testStep{ID: "step-" + step.Id, PickleStepID: step.Id, Definitions: []string{}, Arguments: []argumentsList{}}
	if o.pattern != nil {
		t.Definitions = append(t.Definitions, f.definitions[o.pattern.String()])
		t.Arguments = append(t.Arguments, argumentsList{argumentsOf(o.pattern, step.Text)})
	}
	return t
}

// tellStep tells one step that began when the one before ended, and returns when it ended.
func (f *formatter) tellStep(startedID, stepID string, o outcome, began time.Time) time.Time {
	ended := o.at
	if ended.Before(began) { // never run, or the clock was set back
		ended = began
	}
	f.tell(envelope{TestStepStarted: &testStepStarted{startedID, stepID, instant(began)}})
	for _, a := range o.attachments {
		a.StartedID, a.StepID, a.Timestamp = startedID, stepID, instant(ended)
		f.tell(envelope{Attachment: &a})
	}
	result := stepResult{Duration: lasting(ended.Sub(began)), Status: o.status}
	if o.err != nil {
		result.Message = o.err.Error()
		result.Exception = &exception{Type: "error", Message: o.err.Error()}
	}
	f.failed = f.failed || !slices.Contains([]string{"PASSED", "SKIPPED"}, o.status)
	f.tell(envelope{TestStepFinished: &testStepFinished{startedID, stepID, result, instant(ended)}})
	return ended
}

func newAttachment(name, mediaType string, body []byte) attachment {
	if plain, ok := strings.CutSuffix(mediaType, linked); ok {
		return attachment{FileName: name, MediaType: plain, ContentEncoding: "IDENTITY", URL: string(body)}
	}
	if strings.HasPrefix(mediaType, "text/") {
		return attachment{FileName: name, MediaType: mediaType, ContentEncoding: "IDENTITY", Body: string(body)}
	}
	return attachment{FileName: name, MediaType: mediaType, ContentEncoding: "BASE64", Body: base64.StdEncoding.EncodeToString(body)}
}

// argumentsOf are the groups of the pattern in the step's text. Positions count UTF-16 units, as those
// of all Cucumber Messages.
func argumentsOf(pattern *regexp.Regexp, text string) []argument {
	arguments := []argument{}
	at := pattern.FindStringSubmatchIndex(text)
	for i := 2; i+1 < len(at); i += 2 {
		g := group{Children: []group{}}
		if at[i] >= 0 {
			start, value := len(utf16.Encode([]rune(text[:at[i]]))), text[at[i]:at[i+1]]
			g.Start, g.Value = &start, &value
		}
		arguments = append(arguments, argument{g})
	}
	return arguments
}

func newMeta() *meta {
	m := &meta{
		ProtocolVersion: ProtocolVersion, Implementation: product{Name: "reprompt"}, Runtime: product{"go", runtime.Version()},
		OS: product{Name: runtime.GOOS}, CPU: product{Name: runtime.GOARCH},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		m.Implementation.Version = info.Main.Version
	}
	return m
}
