package suite

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newTestProgress has a clock that the test moves and, where it is live, a terminal of 60 columns and 24
// rows without colours.
func newTestProgress(live bool) (*progress, *bytes.Buffer, *time.Time) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	out := &bytes.Buffer{}
	p := &progress{screen: &Screen{w: out}, stop: make(chan struct{}), now: func() time.Time { return now }}
	if live {
		p.screen.size = func() (int, int) { return 60, 24 }
	}
	return p, out, &now
}

func TestPlainProgressIsOneLinePerStep(t *testing.T) {
	p, out, now := newTestProgress(false)
	p.note("embedded tenant, seed 7")
	track := p.start("Activation through the portal")
	track.at("Given a published authentication context")
	*now = now.Add(400 * time.Millisecond)
	track.at("When the test admin activates the role in the portal")
	track.does("sign in")
	track.wait("both re-use windows to pass", 11*time.Minute)
	track.wait("both re-use windows to pass", 10*time.Minute)
	*now = now.Add(2 * time.Second)
	track.end("passed", "enforced")
	p.close()
	want := `embedded tenant, seed 7
started  Activation through the portal
  0.0 s  Activation through the portal: Given a published authentication context
  0.4 s  Activation through the portal: When the test admin activates the role in the portal
  0.4 s  Activation through the portal:   sign in
  0.4 s  Activation through the portal:   waiting for both re-use windows to pass, 11m0s left
passed   Activation through the portal  2.4 s  enforced
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("plain progress (-want +got):\n%s", diff)
	}
}

// A proof has no steps: what it does is not set below one. The name of the only role stands in the first line
// and the last, those of several in each.
func TestPlainProgressOfAProof(t *testing.T) {
	for name, row := range map[string]struct {
		only bool
		want string
	}{
		"one role": {true, `started  Reader
  0.0 s  sign in
  0.0 s  waiting for the page, 1m0s left
  0.0 s  waiting for test admin ada
enforced Reader  0.0 s
`},
		"several": {false, `started  Reader
  0.0 s  Reader: sign in
  0.0 s  Reader: waiting for the page, 1m0s left
  0.0 s  Reader: waiting for test admin ada
enforced Reader  0.0 s
`},
	} {
		t.Run(name, func(t *testing.T) {
			p, out, _ := newTestProgress(false)
			if row.only {
				p.single()
			}
			track := p.start("Reader")
			track.does("sign in")
			track.wait("the page", time.Minute)
			track.queues("test admin ada")
			track.end("enforced", "")
			p.close()
			if diff := cmp.Diff(row.want, out.String()); diff != "" {
				t.Errorf("progress of a proof (-want +got):\n%s", diff)
			}
		})
	}
}

// A log is read afterwards: what ended and why, and what it waits for where that is long.
func TestCalmProgressTellsHowScenariosEnd(t *testing.T) {
	p, out, now := newTestProgress(false)
	p.expect(3, RunOptions{Calm: true})
	one, two := p.start("one"), p.start("two")
	one.at("When the test admin activates the role in the portal")
	one.does("sign in")
	one.wait("the page to load", 2*time.Second)
	one.wait("both re-use windows to pass", 11*time.Minute)
	*now = now.Add(time.Second)
	one.ended(ScenarioResult{Outcome: Passed, Verdict: "enforced", Attempt: 1}, false)
	two.ended(ScenarioResult{Outcome: Failed, Feature: "own.feature", Line: 7, Attempt: 1, Error: "the browser went away\nand more"}, true)
	two = p.start("two")
	two.ended(ScenarioResult{Outcome: Passed, Verdict: "enforced", Attempt: 2}, false)
	three := p.start("three")
	three.ended(ScenarioResult{Outcome: Failed, Feature: "own.feature", Line: 7, StepLine: 9, Attempt: 1, Verdict: "not-enforced", Error: "expected enforced", Cause: "The policy is off."}, false)
	p.close()
	want := `waiting  one: for both re-use windows to pass, 11m0s left
passed   one  1.0 s  enforced
again    two  1.0 s
         own.feature:7: the browser went away
passed   two  0.0 s  enforced  flaky: it passed at attempt 2
failed   three  0.0 s  not-enforced
         own.feature:9: expected enforced
         The policy is off.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("calm progress (-want +got):\n%s", diff)
	}
}

func TestQuietProgressSaysNothingOfScenarios(t *testing.T) {
	for _, live := range []bool{false, true} {
		p, out, _ := newTestProgress(live)
		p.expect(1, RunOptions{Quiet: true})
		track := p.start("one")
		track.at("Given a published authentication context")
		track.wait("the windows", time.Hour)
		track.ended(ScenarioResult{Outcome: Failed, Error: "broke"}, false)
		p.note("a note")
		p.close()
		if got := out.String(); got != "a note\n" {
			t.Errorf("live %v: %q, want the note alone", live, got)
		}
	}
}

// terminalOf is what stands on a terminal of so many columns after it was sent a text. It understands
// what a Screen sends, and wraps as terminals do.
func terminalOf(t *testing.T, columns int, sent string) []string {
	t.Helper()
	rows, row, column := []string{""}, 0, 0
	for i := 0; i < len(sent); i++ {
		switch rest := sent[i:]; {
		case strings.HasPrefix(rest, "\x1b[J"):
			rows = rows[:row+1]
			rows[row] = string([]rune(rows[row])[:min(column, len([]rune(rows[row])))])
			i += len("\x1b[J") - 1
		case strings.HasPrefix(rest, "\x1b["):
			var n int
			if _, err := fmt.Sscanf(rest, "\x1b[%dA", &n); err != nil {
				t.Fatalf("the screen sent %q", rest[:min(8, len(rest))])
			}
			row -= n
			i += strings.Index(rest, "A")
		case rest[0] == '\r':
			column = 0
		case rest[0] == '\n':
			row, column = row+1, 0
			if row == len(rows) {
				rows = append(rows, "")
			}
		default:
			r := []rune(rest)[0]
			if column == columns {
				row, column = row+1, 0
				if row == len(rows) {
					rows = append(rows, "")
				}
			}
			old := []rune(rows[row])
			rows[row] = string(append(old[:min(column, len(old))], r))
			column++
			i += len(string(r)) - 1
		}
		if row < 0 {
			t.Fatal("the cursor left the terminal at its top")
		}
	}
	return rows
}

func TestLiveProgressIsALineForEachScenarioThatRuns(t *testing.T) {
	p, out, now := newTestProgress(true)
	p.expect(5, RunOptions{})
	track := p.start("Through Graph")
	p.start("Through the portal")
	*now = now.Add(time.Second)
	track.at("When the admin activates")
	track.wait("the windows", 90*time.Second)
	want := []string{
		"1.0 s · Through Graph · waiting for the windows, 1m30s left",
		"1.0 s · Through the portal",
		"0 of 5 scenarios done, 1s",
	}
	if diff := cmp.Diff(want, terminalOf(t, 60, out.String())); diff != "" {
		t.Errorf("while they run (-want +got):\n%s", diff)
	}
	track.ended(ScenarioResult{Outcome: Failed, Feature: "a.feature", Line: 3, Verdict: "inconclusive", Error: "expected enforced", Attempt: 1}, false)
	want = []string{
		"failed   Through Graph  1.0 s  inconclusive",
		"         a.feature:3: expected enforced",
		"1.0 s · Through the portal",
		"1 of 5 scenarios done, 1 failed, 1s",
	}
	if diff := cmp.Diff(want, terminalOf(t, 60, out.String())); diff != "" {
		t.Errorf("at once when one failed (-want +got):\n%s", diff)
	}
	fmt.Fprintln(p.screen, "somebody else says something")
	want = append([]string{want[0], want[1], "somebody else says something"}, want[2:]...)
	if diff := cmp.Diff(want, terminalOf(t, 60, out.String())); diff != "" {
		t.Errorf("what others write stands above (-want +got):\n%s", diff)
	}
	p.close()
	want = append(want[:3:3], "")
	if diff := cmp.Diff(want, terminalOf(t, 60, out.String())); diff != "" {
		t.Errorf("what stays (-want +got):\n%s", diff)
	}
}

// A terminal that is made narrower wraps what stands on it; nothing of it may be left behind, and
// nothing above may be taken away.
func TestLiveProgressFollowsTheTerminal(t *testing.T) {
	p, out, _ := newTestProgress(true)
	p.expect(3, RunOptions{})
	p.note("stays")
	tracks := []*track{p.start("A scenario with a rather long name, as they are"), p.start("Another one")}
	before := strings.Join(terminalOf(t, 60, out.String()), "\n")
	out.Reset()
	p.screen.size = func() (int, int) { return 30, 24 }
	tracks[0].does("sign in")
	want := []string{"stays", "0.0 s · A scenario… · sign in", "0.0 s · Another one", "0 of 3 scenarios done, 0s"}
	if diff := cmp.Diff(want, terminalOf(t, 30, before+out.String())); diff != "" {
		t.Errorf("after it became narrower (-want +got):\n%s", diff)
	}
	for _, columns := range []int{1, 2, 8, 20, 200} {
		for _, rows := range []int{1, 2, 3, 24} {
			p.screen.size = func() (int, int) { return columns, rows }
			tracks[1].does("something")
			for _, line := range p.screen.lines[:p.screen.shown] {
				if width(line) >= columns && columns > 1 {
					t.Errorf("%d columns: %q would wrap", columns, line)
				}
			}
			if p.screen.shown >= rows && rows > 1 {
				t.Errorf("%d rows: %d lines are drawn", rows, p.screen.shown)
			}
		}
	}
}

func TestLiveProgressGivesUpTheStepFirst(t *testing.T) {
	p, _, _ := newTestProgress(true)
	track := p.start("Through Graph")
	track.at("When the test admin activates the role through Graph")
	track.does("sign in")
	for width, want := range map[int]string{
		120: "0.0 s · Through Graph · When the test admin activates the role through Graph · sign in",
		60:  "0.0 s · Through Graph · When the test admin activ… · sign in",
		40:  "0.0 s · Through Graph · sign in",
		24:  "0.0 s · Throu… · sign in",
		10:  "0.0 s · T…",
	} {
		if got := p.liveLine(track, width); got != want {
			t.Errorf("in %d columns: %q, want %q", width, got, want)
		}
	}
}

func TestLinesAreCutByWhatTheTerminalDraws(t *testing.T) {
	for _, row := range []struct {
		line    string
		columns int
		want    string
	}{
		{"plain", 5, "plain"},
		{"plain", 4, "pla…"},
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
		{"\x1b[31mfailed\x1b[0m one", 10, "\x1b[31mfailed\x1b[0m one"},
		{"\x1b[31mfailed\x1b[0m one", 9, "\x1b[31mfailed\x1b[0m o…"},
		{"\x1b[31mfailed\x1b[0m one", 4, "\x1b[31mfai…\x1b[0m"},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"},
		{"x", 0, ""},
	} {
		if got := clip(row.line, row.columns); got != row.want {
			t.Errorf("%q in %d columns: %q, want %q", row.line, row.columns, got, row.want)
		}
	}
}

func TestNoProgressIsQuiet(t *testing.T) {
	p := newProgress(nil)
	p.note("nobody reads this")
	p.expect(1, RunOptions{})
	track := p.start("a scenario")
	track.at("a step")
	track.wait("something", 0)
	track.ended(ScenarioResult{}, false)
	track.end("passed", "")
	p.close()
}
