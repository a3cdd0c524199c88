package planner

import "time"

// Want is one proof that wants a browser context.
type Want struct {
	// Proof is its index in Work.Roles.
	Proof int
	// Begun is true once the proof has signed in: its session grows older while it waits.
	Begun bool
	// Since is the instant from which it could have gone on; compared only where Begun.
	Since time.Time
	// Rank is Step.Rank; compared only where not Begun.
	Rank int
}

// before is the order of Line.
func (w Want) before(other Want) bool {
	switch {
	case w.Begun != other.Begun:
		return w.Begun
	case w.Begun && !w.Since.Equal(other.Since):
		return w.Since.Before(other.Since)
	case !w.Begun && w.Rank != other.Rank:
		return w.Rank < other.Rank
	}
	return w.Proof < other.Proof
}

// Line is who waits for a browser context. Those that have begun come first, the longest due of them
// before the others; then the rest in the plan's order. The zero Line is empty.
type Line struct{ waiting []Want }

// Add puts a proof into the line. A proof stands in it once.
func (l *Line) Add(w Want) { l.waiting = append(l.waiting, w) }

// Next takes out whose turn it is; false when nobody waits.
func (l *Line) Next() (Want, bool) {
	if len(l.waiting) == 0 {
		return Want{}, false
	}
	first := 0
	for i, w := range l.waiting {
		if w.before(l.waiting[first]) {
			first = i
		}
	}
	next := l.waiting[first]
	l.remove(first)
	return next, true
}

// Drop takes a proof out that waits no longer; false when it is not there.
func (l *Line) Drop(proof int) bool {
	for i, w := range l.waiting {
		if w.Proof == proof {
			l.remove(i)
			return true
		}
	}
	return false
}

// Len is how many wait.
func (l *Line) Len() int { return len(l.waiting) }

func (l *Line) remove(i int) {
	last := len(l.waiting) - 1
	l.waiting[i] = l.waiting[last]
	l.waiting = l.waiting[:last]
}
