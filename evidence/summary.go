package evidence

import (
	"fmt"
	"io"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// Colours of a terminal, and their end.
const (
	green, red, yellow = "\x1b[1;32m", "\x1b[1;31m", "\x1b[1;33m"
	faint, plain       = "\x1b[2m", "\x1b[0m"
)

// terminal writes aligned lines, coloured only when asked.
type terminal struct {
	w      io.Writer
	colour bool
	err    error
}

func (t *terminal) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// field writes a label and its text; further lines of text stand below it.
func (t *terminal) field(label, text string) { t.printf("  %-10s %s\n", label, text) }

func (t *terminal) paint(colour, text string) string {
	if !t.colour {
		return text
	}
	return colour + text + plain
}

// Summary writes a proof for a terminal: the verdict, why, the witnesses, the controls, the
// causes with how to mend them, and where the evidence is. Colour is used only when asked for,
// and never carries meaning alone. It returns what writing returned.
func Summary(w io.Writer, p Proof, colour bool) error {
	t := &terminal{w: w, colour: colour}
	t.headline(p)
	if p.Verdict != nil {
		t.verdict(*p.Verdict, p.Observation)
	}
	if words := predictionInWords(p.Observation); words != "" {
		t.field("foretold", words)
	}
	if p.Err != nil {
		t.field("error", p.Err.Error())
	}
	if p.Restored != nil && !*p.Restored {
		t.field("tenant", t.paint(red, "could not be restored"))
	}
	if p.Evidence != "" {
		t.field("evidence", p.Evidence)
	}
	return t.err
}

func (t *terminal) headline(p Proof) {
	word, colour := "NO VERDICT", yellow
	if p.Verdict != nil {
		word, colour = outcomeWord(p.Verdict.Outcome), outcomeColour(p.Verdict.Outcome)
	}
	where := string(p.Target)
	if p.Target == Embedded {
		where = "EMBEDDED tenant, says nothing about a real one"
	}
	about := strings.Join(present(p.Role.Name, p.Admin.UPN, where), " · ")
	t.printf("%s  %s\n", t.paint(colour, word), about)
}

func (t *terminal) verdict(v verdict.Verdict, o *verdict.Observation) {
	for i, reason := range v.Reasons {
		label := "reason"
		if i > 0 {
			label = "also"
		}
		t.field(label, fmt.Sprintf("%s: %s", reason.Code, reason.Text))
	}
	t.field("witnesses", fmt.Sprintf("screen %s · token %s · log %s", v.Witnesses.Screen, v.Witnesses.Token, logInWords(v.Witnesses.Log, o)))
	t.controls(v.Controls)
	for _, cause := range v.Causes {
		t.field("cause", fmt.Sprintf("%s: %s", cause.Code, cause.Text))
		t.field("", t.paint(faint, cause.Object))
		t.field("mend", cause.Mend)
	}
	if v.Outcome == verdict.Enforced && !v.Scope.Clean() {
		t.field("scope", v.Summary)
	}
	if v.Outcome != verdict.Enforced {
		t.field("explain", explains(codesOf(v)))
	}
}

// codesOf are the codes of a verdict: what happened, what is at fault, and which controls failed.
func codesOf(v verdict.Verdict) []string {
	var codes []string
	for _, reason := range v.Reasons {
		codes = append(codes, string(reason.Code))
	}
	for _, cause := range v.Causes {
		codes = append(codes, string(cause.Code))
	}
	for _, c := range v.Controls {
		if !c.Held && c.Reached() {
			codes = append(codes, c.Name)
		}
	}
	return codes
}

// logInWords is the log's word and, where it saw nothing, why.
func logInWords(said string, o *verdict.Observation) string {
	if said != verdict.NotObserved || o == nil {
		return said
	}
	if wanting := wantingLog(*o); wanting != "" {
		return fmt.Sprintf("%s (%s)", said, wanting)
	}
	return said
}

// controls counts the controls and names those that really failed: what the proof stopped short of
// accuses nobody.
func (t *terminal) controls(controls []verdict.Control) {
	_, held, notReached := sortControls(controls)
	count := fmt.Sprintf("%d of %d held", held, len(controls))
	if notReached > 0 {
		count += fmt.Sprintf(", %d not reached", notReached)
	}
	t.field("controls", count)
	for _, c := range controls {
		if !c.Held && c.Reached() {
			t.field("", "not held: "+c.Name)
		}
	}
	if notReached > 0 {
		t.field("", "the rest was not reached")
	}
}

// outcomeWord is the verdict in capitals.
func outcomeWord(o verdict.Outcome) string {
	return strings.ToUpper(strings.ReplaceAll(string(o), "-", " "))
}

func outcomeColour(o verdict.Outcome) string {
	switch o {
	case verdict.Enforced:
		return green
	case verdict.NotEnforced:
		return red
	default:
		return yellow
	}
}

// present are the texts that are not empty.
func present(texts ...string) []string {
	var all []string
	for _, text := range texts {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}
