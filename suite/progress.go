package suite

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// redraw is how often the live line shows a new elapsed time.
const redraw = 250 * time.Millisecond

// progress tells a person what is going on: on a terminal one live line that says which
// scenario, which step, what is being waited for and for how long; elsewhere a plain line
// for each of these. A nil *progress says nothing.
type progress struct {
	now   func() time.Time
	live  bool
	width func() int

	mu     sync.Mutex
	w      io.Writer
	tracks []*track // running, oldest first
	drawn  bool     // the live line is on the screen
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
	p := &progress{w: w, now: time.Now, width: func() int { return 80 }, stop: make(chan struct{})}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.live = true
		p.width = func() int { return terminalWidth(file) }
		p.ended.Go(p.redraw)
	}
	return p
}

func terminalWidth(file *os.File) int {
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width < 20 {
		return 80
	}
	return width
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

// close takes the live line off the screen.
func (p *progress) close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.eraseLocked()
	p.tracks = nil
	p.mu.Unlock()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.ended.Wait()
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
	if !p.live {
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
	t.sayLocked("  " + what)
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

// sayLocked prints a line where there is no live one.
func (t *track) sayLocked(text string) {
	if t.p.live {
		t.p.drawLocked()
		return
	}
	t.p.lineLocked(fmt.Sprintf("%7s  %s: %s", seconds(t.p.now().Sub(t.began)), t.name, text))
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
	if first || t.p.live {
		t.sayLocked("  " + t.doing)
	}
}

// end closes the track with a line that stays.
func (t *track) end(outcome, text string) {
	if t == nil {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	for i, other := range t.p.tracks {
		if other == t {
			t.p.tracks = append(t.p.tracks[:i], t.p.tracks[i+1:]...)
			break
		}
	}
	line := fmt.Sprintf("%-8s %s  %s", outcome, t.name, seconds(t.p.now().Sub(t.began)))
	if text != "" {
		line += "  " + text
	}
	t.p.lineLocked(line)
}

func (p *progress) lineLocked(line string) {
	p.eraseLocked()
	fmt.Fprintln(p.w, line)
	p.drawLocked()
}

func (p *progress) eraseLocked() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[2K")
		p.drawn = false
	}
}

// drawLocked shows the track that has been running longest, and how many others there are.
func (p *progress) drawLocked() {
	if !p.live || len(p.tracks) == 0 {
		return
	}
	p.eraseLocked()
	fmt.Fprint(p.w, p.liveLine(p.width()-1))
	p.drawn = true
}

// liveLine puts as much of the step between the name and what is being done as fits: what is being
// waited for matters most.
func (p *progress) liveLine(width int) string {
	t := p.tracks[0]
	head := seconds(p.now().Sub(t.began)) + " · " + t.name
	tail := ""
	if t.doing != "" {
		tail = " · " + t.doing
	}
	if others := len(p.tracks) - 1; others > 0 {
		tail += fmt.Sprintf(" (and %d more)", others)
	}
	room := width - len([]rune(head+tail)) - len([]rune(" · "))
	if t.step != "" && (room >= leastOfStep || t.doing == "") {
		head += " · " + clip(t.step, room)
	}
	return clip(head+tail, width)
}

// leastOfStep is how much of a step must fit to be worth showing.
const leastOfStep = 12

// clip cuts a line to the width of the screen: a line that wraps cannot be taken back.
func clip(line string, width int) string {
	runes := []rune(line)
	if len(runes) <= width {
		return line
	}
	if width < 1 {
		return ""
	}
	return string(runes[:width-1]) + "…"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
