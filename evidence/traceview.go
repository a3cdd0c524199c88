package evidence

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/tokens"
)

// TracePage is the name under which the trace view is given.
const TracePage = "trace.html"

//go:embed trace.html.tmpl
var traceTemplate string

//go:embed trace.css
var traceStyle string

//go:embed trace.js
var traceScript string

var tracePage = template.Must(template.New(TracePage).Parse(traceTemplate))

// mostShownSteps bounds the steps on one page; what is beyond them has pages of its own.
const mostShownSteps = 2000

// traceView is what the template of the trace view shows.
type traceView struct {
	CSS          template.CSS
	Script       template.JS
	ID, Started  string
	Banner       banner
	Verification string // empty where nothing is wrong
	Report       string
	Proofs       []tracedView
	Elsewhere    []tracedView // on pages of their own
}

// tracedView is one proof.
type tracedView struct {
	ID, Name, Class, Word string
	Steps                 []tracedStepView
	Omitted               int
}

// tracedStepView is one step.
type tracedStepView struct {
	Link          string       // the id of the step
	Href          template.URL // the deep link to it
	N             int
	Title, Within string // Within is the step of the proof, empty where it is the title
	At, Ended     string // by the tenant's clock
	Took, Waited  string
	For           []string
	Before, After *lookView
	Thumbnail     string
	Calls         []callView
	Failed        int // calls that were refused or not answered
	Console       []messageView
}

type lookView struct {
	Address, Picture, Markup, Alt string
	Width, Height                 int // of the picture; 0: not known. A page that knows them does not jump as they come
}

type callView struct {
	At, Took, From, Method, Host, Path, Status, Class, Code, Request string
	Rows                                                             []fact // what was sent
	Carried, Received                                                []fact
}

type messageView struct{ At, Level, Class, From, Text string }

// Trace is the trace view, as one page with its style and script in it: of all proofs that were recorded
// with --trace, or of one by the id that its deep links have. Its pictures are files of the bundle.
func (v *Viewer) Trace(only string) ([]byte, error) {
	view := traceView{
		CSS: template.CSS(traceSheet()), Script: template.JS(traceScript), ID: v.run.ID, Started: instant(v.run.Started),
		Banner: bannerFor(v.run), Report: v.Report(),
	}
	if v.verification.Outcome == NotVerified {
		view.Verification = fmt.Sprintf("%d thing(s) are wrong with this bundle: see reprompt evidence verify", len(v.verification.Problems))
	}
	steps := 0
	for _, p := range v.traces() {
		if only != "" && only != p.id {
			continue
		}
		t, err := readDocument[Trace](v.folder, p.file, "trace")
		if err != nil {
			return nil, err
		}
		shown := tracedView{ID: p.id, Name: p.record.titleWithWay(), Omitted: t.Omitted}
		shown.Class, shown.Word = proofClass(p.record)
		if steps += len(t.Steps); steps > mostShownSteps && len(view.Proofs) > 0 {
			view.Elsewhere = append(view.Elsewhere, shown)
			continue
		}
		shown.Steps = v.tracedSteps(p, t)
		view.Proofs = append(view.Proofs, shown)
	}
	var b bytes.Buffer
	if err := tracePage.Execute(&b, view); err != nil {
		return nil, fmt.Errorf("write the trace view: %w", err)
	}
	return b.Bytes(), nil
}

// TracePolicy is the content security policy of the trace view: its own style and script, and pictures
// and texts of the bundle.
func TracePolicy() string {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	return fmt.Sprintf("default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		digest(traceSheet()), digest(traceScript))
}

// traceSheet is the style of the report, and what the trace view adds.
func traceSheet() string { return string(newStyle().CSS) + traceStyle }

// proofClass is the colour of a proof and its word.
func proofClass(s scenarioRecord) (class, word string) {
	switch {
	case s.Verdict != "":
		return string(s.Verdict), capital(strings.ReplaceAll(string(s.Verdict), "-", " "))
	case s.outcome() == outcomePassed:
		return "enforced", "Passed"
	}
	return "none", "No verdict"
}

func (v *Viewer) tracedSteps(p tracedProof, t Trace) []tracedStepView {
	var views []tracedStepView
	for _, s := range t.Steps {
		link := fmt.Sprintf("%s/%d", p.id, s.N) // of letters, digits and hyphens
		view := tracedStepView{
			Link: link, Href: template.URL("#" + link), N: s.N, Title: capital(s.Text), At: precise(s.At), Ended: precise(s.Ended), For: s.For,
			Before: v.lookOf(p, s.Before, "Before: "+s.Text), After: v.lookOf(p, s.After, "After: "+s.Text),
		}
		if s.Step != s.Text {
			view.Within = capital(s.Step)
		}
		view.Took = lasted(s.Ended.Sub(s.At) - s.Waited)
		if s.Waited > 0 {
			view.Waited = lasted(s.Waited)
		}
		for _, look := range []*lookView{view.After, view.Before} { // of a step without a look before, what came of it
			if look != nil && look.Picture != "" {
				view.Thumbnail = look.Picture
			}
		}
		for _, c := range t.Calls {
			if c.Step == s.N {
				view.Calls = append(view.Calls, viewOfCall(c))
				if c.Status >= 400 || c.Status == 0 {
					view.Failed++
				}
			}
		}
		for _, m := range t.Console {
			if m.Step == s.N {
				class := map[string]string{"error": "bad", "warning": "ask"}[m.Level]
				view.Console = append(view.Console, messageView{precise(m.At), m.Level, class, m.From, m.Text})
			}
		}
		views = append(views, view)
	}
	return views
}

func (v *Viewer) lookOf(p tracedProof, l *TraceLook, alt string) *lookView {
	if l == nil {
		return nil
	}
	in := func(file string) string {
		if file == "" {
			return ""
		}
		return path.Join(p.prefix(), file)
	}
	look := &lookView{Address: l.Address, Picture: in(l.Picture), Markup: in(l.Markup), Alt: alt}
	look.Width, look.Height = v.folder.sizeOfPicture(look.Picture)
	return look
}

// sizeOfPicture is how large a picture is, in pixels, by the beginning of its file; zeros where there is none
// that can be read.
func (f folder) sizeOfPicture(name string) (width, height int) {
	if name == "" {
		return 0, 0
	}
	file, _, err := f.open(name, largestShown)
	if err != nil {
		return 0, 0
	}
	defer file.Close()
	config, err := png.DecodeConfig(file)
	if err != nil {
		return 0, 0
	}
	return config.Width, config.Height
}

// precise is a time of day to the millisecond, UTC.
func precise(t time.Time) string { return t.UTC().Format("15:04:05.000") }

func viewOfCall(c TraceCall) callView {
	view := callView{
		At: precise(c.At), Took: fmt.Sprintf("%d ms", c.Took.Milliseconds()), From: c.From, Method: c.Method, Host: c.Host, Path: c.Path,
		Status: cmp.Or(c.Failed, fmt.Sprint(c.Status)), Code: c.Code, Request: c.Request,
		Carried: claimFacts(c.Carried), Received: claimFacts(c.Received),
	}
	if c.Status == 0 || c.Status >= 400 {
		view.Class = "bad"
	}
	if len(c.Contexts) > 0 {
		view.Class = cmp.Or(view.Class, "ask")
		view.Rows = append(view.Rows, fact{Label: "asks for the context", Text: strings.Join(c.Contexts, " ")})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Values)) {
		view.Rows = append(view.Rows, fact{Label: name, Text: c.Values[name]})
	}
	if others := slices.DeleteFunc(slices.Clone(c.Names), func(name string) bool { _, told := c.Values[name]; return told }); len(others) > 0 {
		view.Rows = append(view.Rows, fact{Label: "and, without values", Text: strings.Join(others, ", ")})
	}
	return view
}

// claimFacts are the claims of an access token, those that tell the most first. Empty ones are left out.
func claimFacts(c *tokens.AccessClaims) []fact {
	if c == nil {
		return nil
	}
	clock := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	none := func(list []string) string { return cmp.Or(strings.Join(list, " "), "none") }
	all := []fact{
		{Label: "acrs", Text: none(c.ACRS)},
		{Label: "amr", Text: none(c.AMR)},
		{Label: "auth_time", Text: clock(c.AuthTime)},
		{Label: "xms_cc", Text: strings.Join(c.XMSCC, " ")},
		{Label: "scp", Text: strings.Join(c.Scopes, " ")},
		{Label: "roles", Text: strings.Join(c.Roles, " ")},
		{Label: "wids", Text: strings.Join(c.WIDs, " ")},
		{Label: "client", Text: c.AppID},
		{Label: "aud", Text: c.Audience},
		{Label: "oid", Text: c.ObjectID},
		{Label: "tid", Text: c.TenantID},
		{Label: "sid", Text: c.SessionID},
		{Label: "uti", Text: c.UTI},
		{Label: "iat", Text: clock(c.IssuedAt)},
		{Label: "exp", Text: clock(c.Expires)},
		{Label: "SHA-256 of the token", Text: c.SHA256},
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Text == "" })
}

// titledLook is a look under its title.
type titledLook struct {
	Title string
	Look  *lookView
}

// When is the title within a sentence.
func (l titledLook) When() string { return strings.ToLower(l.Title) }

// Looks are both looks, for the template.
func (s tracedStepView) Looks() []titledLook {
	return []titledLook{{"Before", s.Before}, {"After", s.After}}
}
