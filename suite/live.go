package suite

import (
	"fmt"
	"strings"
	"time"
)

// expect says how many scenarios are to come, and what is told of them.
func (p *progress) expect(scenarios int, options RunOptions) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total, p.calm, p.quiet, p.began = scenarios, options.Calm, options.Quiet, p.now()
}

// ended closes the track of an attempt at a scenario with lines that stay: how it ended and, where it
// did not end well, where it stands and why, in one sentence.
func (t *track) ended(r ScenarioResult, again bool) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.leaveLocked()
	if !again && r.Outcome != NotRun {
		t.p.done++
		if r.Outcome == Failed {
			t.p.failed++
		}
	}
	t.p.drawLocked() // without this one
	if t.p.quiet {
		return
	}
	t.p.lineLocked(strings.Join(t.p.endedLines(t, r, again), "\n"))
}

func (p *progress) endedLines(t *track, r ScenarioResult, again bool) []string {
	word, colour := r.Outcome, map[string]string{Passed: green, Failed: red}[r.Outcome]
	if again {
		word, colour = "again", yellow
	}
	line := p.screen.paint(colour, fmt.Sprintf("%-8s", word)) + " " + t.name + "  " + p.screen.paint(faint, seconds(p.now().Sub(t.began)))
	if r.Verdict != "" {
		line += "  " + string(r.Verdict)
	}
	if r.Outcome == Passed && r.Attempt > 1 {
		line += "  " + p.screen.paint(yellow, fmt.Sprintf("flaky: it passed at attempt %d", r.Attempt))
	}
	if r.Outcome != Failed {
		return []string{line}
	}
	lines := []string{line, strings.Repeat(" ", indent) + r.place() + ": " + firstSentence(r.Error)}
	if r.Cause != "" {
		lines = append(lines, strings.Repeat(" ", indent)+r.Cause)
	}
	return lines
}

// indent is how far what belongs to a line above stands from the left.
const indent = 9

// place is where a scenario stands, or the step that failed: FILE:LINE, as editors read it.
func (r ScenarioResult) place() string {
	line := r.Line
	if r.StepLine > 0 {
		line = r.StepLine
	}
	if line == 0 {
		return r.Feature
	}
	return fmt.Sprintf("%s:%d", r.Feature, line)
}

// firstSentence is the first line of an error, of a length that is read at a glance.
func firstSentence(text string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return clip(first, glance)
}

const glance = 240

// liveLines are the scenarios that run, the longest first, and how far the run has come.
func (p *progress) liveLines() []string {
	columns, rows := p.screen.size()
	var lines []string
	room := max(1, rows-3) // some of what stays is to be seen, too
	for i, t := range p.tracks {
		if i == room-1 && len(p.tracks) > room {
			lines = append(lines, fmt.Sprintf("and %d more", len(p.tracks)-i))
			break
		}
		lines = append(lines, p.liveLine(t, columns-1))
	}
	if p.total > 0 && len(lines) > 0 {
		lines = append(lines, p.footer())
	}
	return lines
}

func (p *progress) footer() string {
	text := fmt.Sprintf("%d of %s done", p.done, plural(p.total, "scenario"))
	if p.failed > 0 {
		text += ", " + p.screen.paint(red, fmt.Sprintf("%d failed", p.failed))
	}
	return text + ", " + p.now().Sub(p.began).Truncate(time.Second).String()
}

// liveLine puts as much of the step between the name and what is being done as fits: what is being
// waited for matters most.
func (p *progress) liveLine(t *track, columns int) string {
	head := seconds(p.now().Sub(t.began)) + " · " + t.name
	tail := ""
	if t.doing != "" {
		tail = " · " + t.doing
	}
	room := columns - width(head+tail) - width(" · ")
	if t.step != "" && (room >= leastOfStep || t.doing == "") {
		head += " · " + clip(t.step, room)
	}
	if room = columns - width(tail); room >= leastOfStep {
		head = clip(head, room) // the name gives way to what is being waited for
	}
	return clip(head+tail, columns)
}

// leastOfStep is how much of a step must fit to be worth showing.
const leastOfStep = 12

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
