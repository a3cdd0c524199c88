package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
)

// watch is the progress of a run, and lets faults begin with lines of it: a line is written before what it
// tells of is done, and what it tells of waits until it is written.
type watch struct {
	ctx context.Context
	lab *lab
	job job

	mu      sync.Mutex
	lines   int
	proving bool     // a proof has begun
	began   int      // faults that did
	ids     []string // of those of the control listener
	err     error
}

func newWatch(ctx context.Context, lab *lab, j job) *watch { return &watch{ctx: ctx, lab: lab, job: j} }

// Write implements io.Writer: whole lines, as the progress writes them.
func (w *watch) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range bytes.Lines(text) {
		w.lineLocked(string(line))
	}
	return len(text), nil
}

func (w *watch) lineLocked(line string) {
	w.lines++
	w.proving = w.proving || says(line, "read the configuration")
	if len(w.job.Random) == 0 {
		if w.began == 0 && says(line, phaseOf(w.job.Phase).line) {
			w.beginLocked(w.job.Fault)
		}
		return
	}
	for _, s := range w.job.Random {
		if s.Line == w.lines {
			w.beginLocked(s.Fault)
		}
	}
}

// says reports whether a line of the progress begins with what, after the time, and after the name of the proof
// or scenario where several can be under way, and set in below a step.
func says(line, what string) bool {
	for _, before := range []string{" s  ", ": ", ":   "} {
		if strings.Contains(line, before+what) {
			return true
		}
	}
	return false
}

func (w *watch) beginLocked(f fault) {
	w.began++
	if f.Control != nil {
		id, err := w.lab.inject(w.ctx, *f.Control)
		w.err = errors.Join(w.err, err)
		w.ids = append(w.ids, id)
	}
	if f.Advance != "" {
		w.err = errors.Join(w.err, w.lab.call(w.ctx, "POST", "/clock/advance", map[string]string{"duration": f.Advance}, nil))
	}
	switch f.Browser {
	case "kill":
		killBrowser()
	case "crash":
		crashTabs()
	}
}

// struck reports whether the fault of a row began and, where the tenant counts, hit something. Of a random
// run it says whether any did.
func (w *watch) struck(ctx context.Context) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	left, err := w.lab.faultsLeft(ctx)
	if err != nil || w.err != nil || w.began == 0 {
		return false, errors.Join(w.err, err)
	}
	if len(w.ids) < w.began {
		return true, nil // the clock or the browser, which nothing can miss
	}
	for _, id := range w.ids {
		if times, ok := left[id]; !ok || times < w.askedOf(id) {
			return true, nil
		}
	}
	return false, nil
}

// askedOf is how often the fault with that id was to strike.
func (w *watch) askedOf(id string) int { return w.lab.asked[id] }
