package planner

import (
	"container/heap"
	"time"
)

// simulation goes through a plan event by event.
type simulation struct {
	work   Work
	steps  []Step
	queues map[int][]int // by admin, ranks of the steps that have not begun
	stage  []int         // by rank
	authed []time.Time   // by rank, when the admin last authenticated
	line   Line          // Want.Proof is the rank here
	open   int
	events events
	taking taking
}

func newSimulation(work Work, steps []Step) *simulation {
	s := &simulation{
		work: work, steps: steps, queues: map[int][]int{},
		stage: make([]int, len(steps)), authed: make([]time.Time, len(steps)),
	}
	if work.AsTheyCome {
		s.taking = newTaking(len(steps))
		return s
	}
	for rank, step := range steps {
		s.queues[step.Admin] = append(s.queues[step.Admin], rank)
	}
	return s
}

func (s *simulation) run() {
	for admin := range s.work.Admins {
		s.begin(admin, s.work.Start)
	}
	s.admit(s.work.Start)
	for s.events.Len() > 0 {
		at := s.events[0].at
		for s.events.Len() > 0 && s.events[0].at.Equal(at) {
			s.handle(heap.Pop(&s.events).(event))
		}
		s.admit(at)
	}
}

// begin puts the next step of an admin into the line. A role that nobody is eligible for is over as soon as
// that was read.
func (s *simulation) begin(admin int, now time.Time) {
	if s.work.AsTheyCome {
		s.take(admin, now)
		return
	}
	for len(s.queues[admin]) > 0 {
		rank := s.queues[admin][0]
		s.queues[admin] = s.queues[admin][1:]
		step := &s.steps[rank]
		if len(s.work.Roles[step.Role].Admins) > 0 {
			s.line.Add(Want{Proof: rank, Rank: rank})
			return
		}
		step.Begins, step.Activates, step.Ends = now, now, now
	}
}

// admit opens contexts for as many as may have one.
func (s *simulation) admit(now time.Time) {
	for s.open < s.work.Contexts {
		next, ok := s.line.Next()
		if !ok {
			return
		}
		s.open++
		step, stage := &s.steps[next.Proof], s.proof(next.Proof)[s.stage[next.Proof]]
		if s.stage[next.Proof] == 0 {
			step.Begins = now
		} else if stage.Activates {
			step.Activates, step.Age = now, max(step.Age, now.Sub(s.authed[next.Proof]))
		}
		heap.Push(&s.events, event{at: now.Add(stage.Browser), rank: next.Proof, leaves: true})
	}
}

// handle lets a proof leave the browser, or come back from its wait.
func (s *simulation) handle(e event) {
	stage := s.proof(e.rank)[s.stage[e.rank]]
	if e.leaves {
		s.open--
		if stage.Activates || s.stage[e.rank] == 0 {
			s.authed[e.rank] = e.at
		}
		if stage.Frees {
			s.begin(s.steps[e.rank].Admin, e.at)
		}
		heap.Push(&s.events, event{at: e.at.Add(stage.Wait), rank: e.rank})
		return
	}
	s.stage[e.rank]++
	if s.stage[e.rank] == len(s.proof(e.rank)) {
		s.steps[e.rank].Ends = e.at
		if s.work.AsTheyCome {
			s.over(e.rank, e.at)
		}
		return
	}
	s.line.Add(Want{Proof: e.rank, Begun: true, Since: e.at})
}

// proof is the stretches of a step.
func (s *simulation) proof(rank int) []Stage { return s.work.proof(s.steps[rank].Role) }

// event is the end of a stretch, or of the wait behind it.
type event struct {
	at     time.Time
	rank   int
	leaves bool
}

// events is a heap by time, then rank.
type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	if !e[i].at.Equal(e[j].at) {
		return e[i].at.Before(e[j].at)
	}
	return e[i].rank < e[j].rank
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements heap.Interface.
func (e *events) Push(x any) { *e = append(*e, x.(event)) }

// Pop implements heap.Interface.
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
