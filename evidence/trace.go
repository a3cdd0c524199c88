package evidence

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/reprompt/reprompt/tokens"
)

// The files of a trace, inside the folder of its proof.
const (
	traceName   = "trace.json"
	traceFolder = "trace"
	traceSchema = "reprompt/trace/v1"
)

// Bounds of a trace. What goes beyond them is left out and counted.
const (
	mostTraceSteps    = 400
	mostTraceCalls    = 3000
	mostTraceMessages = 500
	largestTrace      = 48 << 20 // bytes of pictures and markup
)

// Trace is trace.json: what a proof did step by step, with what the browser showed before and after, what
// went over the wire, what the pages wrote to their consoles. It is there where the run was asked for it
// (--trace), and is for people: no verdict rests on it. Of a request it holds method, host, path, the
// names of what was sent and an allow-list of values, of a token the allow-list of claims that all
// evidence holds, of a page a picture with credential fields masked and its elements without the content
// of any field.
type Trace struct {
	Schema string `json:"schema"` // reprompt/trace/v1
	// Steps in the order in which they began.
	Steps []TraceStep `json:"steps"`
	// Calls in the order in which they went out.
	Calls []TraceCall `json:"calls"`
	// Console is what pages and the browser wrote to the consoles.
	Console []TraceMessage `json:"console"`
	// Files are the pictures and markup that Steps name, but those pictures that the proof took anyway.
	Files []TraceFile `json:"files"`
	// Omitted counts steps, calls, messages and files that were left out: beyond the bounds, or because
	// they held what must not be kept.
	Omitted int `json:"omitted"`
}

// TraceStep is a step of the proof, or one thing that was done in a browser tab in it.
type TraceStep struct {
	N    int    `json:"n"`    // from 1; its place in the deep link #SCENARIO/N
	Step string `json:"step"` // of the proof, as events.ndjson has it
	Text string `json:"text"` // what the tab shows; the step's own name where no tab is looked at
	// At and Ended are by the tenant's clock.
	At    time.Time `json:"at"`
	Ended time.Time `json:"ended"`
	// Waited is by how much the proof waited in it by the tenant's clock, and For says for what.
	Waited time.Duration `json:"waited_ns"`
	For    []string      `json:"waited_for"`
	// Before and After are what the tab showed; null where there was nothing to look at.
	Before *TraceLook `json:"before"`
	After  *TraceLook `json:"after"`
}

// TraceLook is one look at a browser tab.
type TraceLook struct {
	Address string `json:"address"` // without query and fragment
	Picture string `json:"picture"` // inside the bundle; empty where none was taken
	Markup  string `json:"markup"`  // inside the bundle; empty where none was taken
}

// TraceCall is one request and what was answered.
type TraceCall struct {
	N    int       `json:"n"`    // from 1
	Step int       `json:"step"` // during which it went out
	At   time.Time `json:"at"`   // by the tenant's clock
	// Took is how long the answer took by the machine's clock; 0 where none came.
	Took time.Duration `json:"took_ns"`
	// From is page, iframe, worker, shared_worker or service_worker of the browser, or client: reprompt's own.
	From   string `json:"from"`
	Method string `json:"method"`
	Host   string `json:"host"`
	Path   string `json:"path"` // without query and fragment
	// Values are those of an allow-list of parameters; Names are the names of all that was sent, in the
	// query and in the body, without their values.
	Values map[string]string `json:"values"`
	Names  []string          `json:"names"`
	// Contexts are the authentication contexts that the request's claims ask for.
	Contexts []string `json:"contexts"`
	Status   int      `json:"status"`     // 0 where no answer came
	Failed   string   `json:"failed"`     // why no answer came; empty where one did
	Code     string   `json:"code"`       // of an error that was answered
	Request  string   `json:"request_id"` // of the answer
	// Carried are the claims of the access token that the request carried, Received those of one that was
	// answered; null where there was none, or none that can be read.
	Carried  *tokens.AccessClaims `json:"carried"`
	Received *tokens.AccessClaims `json:"received"`
}

// TraceMessage is a line of a console.
type TraceMessage struct {
	Step  int       `json:"step"`  // during which it was written
	At    time.Time `json:"at"`    // by the tenant's clock
	Level string    `json:"level"` // debug, log, info, warning or error
	From  string    `json:"from"`  // as in a call
	Text  string    `json:"text"`  // addresses in it without query
}

// TraceFile is a file of the folder trace.
type TraceFile struct {
	Path   string `json:"path"`   // inside the bundle
	SHA256 string `json:"sha256"` // of its content, in hexadecimal
}

// Look is a look at a tab as it is given to Scenario.Trace: Picture is a PNG, Markup a text; both may be
// empty.
type Look struct {
	Address         string
	Picture, Markup []byte
}

// TracedStep is a TraceStep with the looks themselves. Its N is its place, and is set by Scenario.Trace.
type TracedStep struct {
	TraceStep
	Before, After *Look
}

// Trace keeps a trace of the proof. Each part goes through the guard by itself: what holds what must not
// be kept is left out and counted, and the rest is kept. A scenario has one trace. What could not be
// written is reported by Finish and Close.
func (s *Scenario) Trace(steps []TracedStep, calls []TraceCall, console []TraceMessage) {
	s.wake()
	defer s.mutex.Unlock()
	w := &traceWriter{scenario: s, paths: map[string]string{}, trace: Trace{
		Schema: traceSchema, Steps: []TraceStep{}, Calls: []TraceCall{}, Console: []TraceMessage{}, Files: []TraceFile{},
	}}
	for _, p := range s.pictures {
		if content, err := s.run.store.read(p.Path); err == nil {
			w.paths[Digest(content)] = p.Path
		}
	}
	err := w.steps(steps)
	w.calls(calls)
	w.console(console)
	s.err = errors.Join(s.err, err, s.run.store.writeJSON(path.Join(s.dir, traceName), w.trace, false))
}

// traceWriter writes one trace. The scenario's lock is held.
type traceWriter struct {
	scenario *Scenario
	trace    Trace
	paths    map[string]string // of files, by the digest of their content
	size     int
}

func (w *traceWriter) steps(steps []TracedStep) error {
	for i, s := range steps {
		if i == mostTraceSteps {
			w.trace.Omitted += len(steps) - i
			return nil
		}
		step := s.TraceStep
		step.N, step.Text = i+1, w.text(step.Text)
		for j, why := range step.For {
			step.For[j] = w.text(why)
		}
		var err, also error
		step.Before, err = w.look(s.Before)
		step.After, also = w.look(s.After)
		if err = errors.Join(err, also); err != nil {
			return err
		}
		w.trace.Steps = append(w.trace.Steps, step)
	}
	return nil
}

func (w *traceWriter) look(l *Look) (*TraceLook, error) {
	if l == nil {
		return nil, nil
	}
	kept := &TraceLook{Address: w.text(l.Address)}
	var err, also error
	kept.Picture, err = w.file(l.Picture, "png")
	kept.Markup, also = w.file(l.Markup, "txt")
	return kept, errors.Join(err, also)
}

// file keeps content once, under the number of files so far, and returns where.
func (w *traceWriter) file(content []byte, kind string) (string, error) {
	if len(content) == 0 {
		return "", nil
	}
	digest := Digest(content)
	if at, kept := w.paths[digest]; kept {
		return at, nil
	}
	if w.size += len(content); w.size > largestTrace {
		w.trace.Omitted++
		return "", nil
	}
	at := path.Join(w.scenario.dir, traceFolder, fmt.Sprintf("%03d.%s", len(w.trace.Files)+1, kind))
	err := w.scenario.run.store.write(at, content, false)
	if refused := new(SecretError); errors.As(err, &refused) {
		w.trace.Omitted++
		return "", nil
	}
	if err != nil {
		return "", err
	}
	w.paths[digest] = at
	w.trace.Files = append(w.trace.Files, TraceFile{Path: at, SHA256: digest})
	return at, nil
}

func (w *traceWriter) calls(calls []TraceCall) {
	for i, c := range calls {
		if i == mostTraceCalls {
			w.trace.Omitted += len(calls) - i
			return
		}
		content, err := encodeIndented(c)
		if err != nil || w.scenario.run.store.guard.check(content) != nil {
			w.trace.Omitted++
			continue
		}
		c.N = len(w.trace.Calls) + 1
		w.trace.Calls = append(w.trace.Calls, c)
	}
}

func (w *traceWriter) console(messages []TraceMessage) {
	for i, m := range messages {
		if i == mostTraceMessages {
			w.trace.Omitted += len(messages) - i
			return
		}
		m.Text = w.text(m.Text)
		w.trace.Console = append(w.trace.Console, m)
	}
}

// text is a text that may be kept: withheld where it holds what must not be, and cut where it is long.
func (w *traceWriter) text(text string) string {
	return printable(strings.Join(strings.Fields(w.scenario.run.Withhold(text)), " "))
}
