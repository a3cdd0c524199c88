package planner

import (
	"maps"
	"slices"
	"time"
)

// taking is how roles are taken as they come.
type taking struct {
	left     []int           // ranks of those that have not begun
	idle     map[int]bool    // admins for whom there was none
	had      map[string]bool // Role.Alone of those under way
	underWay int
}

func newTaking(steps int) taking {
	t := taking{left: make([]int, steps), idle: map[int]bool{}, had: map[string]bool{}}
	for i := range t.left {
		t.left[i] = i
	}
	return t
}

// take has an admin begin the first role that can begin. What one that cannot will need is kept for it.
func (s *simulation) take(admin int, now time.Time) {
	t := &s.taking
	kept := map[string]bool{}
	for i, rank := range t.left {
		role := s.work.Roles[s.steps[rank].Role]
		switch {
		case len(role.Admins) == 0:
			t.left = slices.Delete(t.left, i, i+1)
			s.steps[rank].Begins, s.steps[rank].Activates, s.steps[rank].Ends = now, now, now
			s.take(admin, now)
			return
		case s.work.AtOnce > 0 && t.underWay >= s.work.AtOnce:
			t.idle[admin] = true
			return
		case !slices.Contains(role.Admins, admin):
		case t.free(role, kept):
			t.left = slices.Delete(t.left, i, i+1)
			t.underWay++
			for _, thing := range role.Alone {
				t.had[thing] = true
			}
			s.steps[rank].Admin = admin
			s.line.Add(Want{Proof: rank, Rank: rank})
			return
		}
	}
	t.idle[admin] = true
}

// free reports whether nobody has what a role needs, or waits for it since before; else it is kept.
func (t *taking) free(role Role, kept map[string]bool) bool {
	taken := func(thing string) bool { return t.had[thing] || kept[thing] }
	if !slices.ContainsFunc(role.Alone, taken) {
		return true
	}
	for _, thing := range role.Alone {
		kept[thing] = true
	}
	return false
}

// over lets go of what a proof had, and has those begin that waited for it.
func (s *simulation) over(rank int, now time.Time) {
	t := &s.taking
	t.underWay--
	for _, thing := range s.work.Roles[s.steps[rank].Role].Alone {
		delete(t.had, thing)
	}
	for _, admin := range slices.Sorted(maps.Keys(t.idle)) {
		delete(t.idle, admin)
		s.take(admin, now)
	}
}
