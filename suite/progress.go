package suite

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// redraw is how often the live lines show a new elapsed time.
const redraw = 250 * time.Millisecond

// progress tells a person what is going on: on a terminal the scenarios that run, a line each with the
// step, what is being waited for and for how long; elsewhere a plain line for each of these. A nil
// *progress says nothing.
type progress struct {
	now    func() time.Time
	screen *Screen

	mu     sync.Mutex
	tracks []*track // running, oldest first
	alone  bool     // there is one track only, so that its name need not stand in every line
	calm   bool     // steps are not told, only how scenarios end and what takes long
	quiet  bool     // nor how scenarios end
	began  time.Time
	total  int // scenarios to come; 0 where they are not counted
	done   int
	failed int
	stop   chan struct{}
	ended  sync.WaitGroup
}

// track is one scenario, or one role that is being proved.
type track struct {
	p     *progress
	name  string
	began time.Time
	step  string
	doing string // what the step is doing or waiting for; may be empty
}

// newProgress writes to w; live lines only when w is a terminal.
func newProgress(w io.Writer) *progress {
	if w == nil {
		return nil
	}
	p := &progress{screen: NewScreen(w), now: time.Now, stop: make(chan struct{})}
	if p.screen.live() {
		p.ended.Go(p.redraw)
	}
	return p
}

// redraw moves the elapsed time on; nothing waits for it.
func (p *progress) redraw() {
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.mu.Lock()
			p.drawLocked()
			p.mu.Unlock()
		}
	}
}

// close takes the live lines off the screen.
func (p *progress) close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.tracks = nil
	p.drawLocked()
	p.mu.Unlock()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.ended.Wait()
}

// single says that there will be one track only.
func (p *progress) single() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alone = true
}

// note prints a line that stays.
func (p *progress) note(format string, args ...any) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lineLocked(fmt.Sprintf(format, args...))
}

// start opens a track.
func (p *progress) start(name string) *track {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &track{p: p, name: name, began: p.now()}
	p.tracks = append(p.tracks, t)
	if !p.screen.live() && !p.calm && !p.quiet {
		p.lineLocked("started  " + name)
	}
	p.drawLocked()
	return t
}

// at says which step the track has come to.
func (t *track) at(step string) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	if t.step == step {
		return
	}
	t.step, t.doing = step, ""
	t.sayLocked(step)
}

// does says what the step is doing at the moment.
func (t *track) does(what string) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.doing = what
	t.sayLocked(t.belowLocked(what))
}

// doingNow is what the track last said that it does.
func (t *track) doingNow() string {
	if t == nil {
		return ""
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	return t.doing
}

// belowLocked stands in below the step that does what; a proof has no steps of a scenario.
func (t *track) belowLocked(what string) string {
	if t.step == "" {
		return what
	}
	return "  " + what
}

// sayLocked prints a line where there is no live one.
func (t *track) sayLocked(text string) {
	switch {
	case t.p.screen.live():
		t.p.drawLocked()
		return
	case t.p.calm, t.p.quiet:
		return
	}
	if !t.p.alone {
		text = t.name + ": " + text
	}
	t.p.lineLocked(fmt.Sprintf("%7s  %s", seconds(t.p.now().Sub(t.began)), text))
}

// wait says what is being waited for. remaining is the tenant's time; 0 when it is unknown.
// A wait that goes on is printed once, not every second.
func (t *track) wait(why string, remaining time.Duration) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	text := "waiting for " + why
	first := !strings.HasPrefix(t.doing, text)
	t.doing = text
	if remaining > 0 {
		t.doing = fmt.Sprintf("%s, %s left", text, remaining.Round(time.Second))
	}
	switch {
	case t.p.screen.live():
		t.p.drawLocked()
	case first && t.p.calm && remaining >= longWait:
		t.p.lineLocked(fmt.Sprintf("%-8s %s: %s", "waiting", t.name, strings.TrimPrefix(t.doing, "waiting ")))
	case first:
		t.sayLocked(t.belowLocked(t.doing))
	}
}

// queues says for what and for whom the track waits. Nobody knows for how long.
func (t *track) queues(why string) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.doing = "waiting for " + why
	if t.p.calm && !t.p.quiet && !t.p.screen.live() {
		t.p.lineLocked(fmt.Sprintf("%-8s %s: for %s", "waiting", t.name, why))
		return
	}
	t.sayLocked(t.belowLocked(t.doing))
}

// longWait is the wait of which a calm log tells: one that says nothing for so long looks dead.
const longWait = 30 * time.Second

// end closes the track with a line that stays.
func (t *track) end(outcome, text string) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.leaveLocked()
	line := fmt.Sprintf("%-8s %s  %s", outcome, t.name, seconds(t.p.now().Sub(t.began)))
	if text != "" {
		line += "  " + text
	}
	t.p.lineLocked(line)
}

// leaveLocked takes the track from those that run.
func (t *track) leaveLocked() {
	t.p.tracks = slices.DeleteFunc(t.p.tracks, func(other *track) bool { return other == t })
}

func (p *progress) lineLocked(line string) {
	fmt.Fprintln(p.screen, p.screen.Fold(line, indent))
	p.drawLocked()
}

func (p *progress) drawLocked() {
	if !p.screen.live() {
		return
	}
	lines := p.liveLines()
	if p.quiet {
		lines = nil
	}
	p.screen.draw(lines)
}
