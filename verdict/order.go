package verdict

import "time"

// grain is by how much two instants of one proof may stand in the wrong order: they come from
// the browser and from the harness, which round differently.
const grain = time.Second

// instant is one step of a proof and when it happened.
type instant struct {
	what string
	at   time.Time
}

// stepsInOrder makes sure that the observation tells one story: what was looked at before the
// activation was looked at before it, and nothing was begun that is not told to its end. An
// instant that is missing is another control's business.
func (o Observation) stepsInOrder() finding {
	if len(o.Activations) == 0 {
		return unreached("no activation was tried")
	}
	var last instant
	for _, step := range o.story() {
		if step.at.IsZero() {
			continue
		}
		if step.at.Before(last.at.Add(-grain)) {
			return failed(Unknown, "%s stands at %s, before %s at %s: the observation is not of one proof",
				step.what, clock(step.at), last.what, clock(last.at))
		}
		if step.at.After(last.at) {
			last = step
		}
	}
	for _, r := range o.Replays {
		if r.plain() && r.N > len(o.Activations) {
			return unobserved("plain tokens were tried for activation %d, which is not told of", r.N)
		}
	}
	return held("every step happened in its order")
}

// story are the steps of the proof in the order in which they must have happened.
func (o Observation) story() []instant {
	steps := []instant{{"the beginning", o.Started}}
	var credential time.Time
	for _, sent := range o.lastSent(0) {
		credential = later(credential, sent)
	}
	steps = append(steps, instant{"the last credential of sign-in and priming", credential})
	for _, p := range o.probes("before") {
		steps = append(steps, instant{"a silent look before", p.At})
	}
	for _, a := range o.Activations {
		steps = append(steps, o.storyOf(a)...)
	}
	return append(steps, instant{"the end", o.Finished})
}

func (o Observation) storyOf(a Activation) []instant {
	var steps []instant
	for _, r := range o.Replays {
		if r.plain() && r.N == a.N {
			steps = append(steps, instant{"the try of a plain token", r.At})
		}
	}
	steps = append(steps, instant{"the request", a.Requested})
	if a.Challenge != nil {
		steps = append(steps, instant{"the challenge", a.Challenge.At})
	}
	steps = append(steps, instant{"the new token", a.TokenAt}, instant{"the activation", a.At})
	for _, p := range o.probes("after") {
		if p.N == a.N {
			steps = append(steps, instant{"a silent look after", p.At})
		}
	}
	return steps
}
