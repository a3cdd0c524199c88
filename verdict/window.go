package verdict

import (
	"fmt"
	"time"
)

// How fresh and how old the last authentication may be for a prompt to mean anything.
const (
	// ConditionalAccessWindow is for how long Conditional Access asks nobody twice. Documented:
	// "users aren't prompted more often than once every five minutes" with every time.
	ConditionalAccessWindow = 5 * time.Minute
	// PIMWindow is for how long PIM asks nobody twice. Documented: a ten-minute window after a
	// re-authentication for one role activation, across Entra roles, Azure roles and groups.
	PIMWindow = 10 * time.Minute
	// Margin is added to the longer window, for the one-second grain of auth_time and for
	// clocks that differ.
	Margin = time.Minute
	// MinAge is the least age of the last authentication at which a missing prompt is the
	// tenant's fault. The documents do not say how the two windows combine; beyond the longer
	// one they need not.
	MinAge = PIMWindow + Margin
	// MaxAge is the age from which on a prompt could come from a time-based frequency.
	// Documented: the shortest is one hour.
	MaxAge = time.Hour
	// Tolerance is by how much auth_time may lie before the challenge: it has a grain of one
	// second and may be the instant of the password, and clocks of hosts differ.
	Tolerance = 60 * time.Second
)

// ages are how old the session was when an activation was asked for.
type ages struct {
	youngest time.Duration // since the last credential of any kind; the windows look at it
	oldest   time.Duration // of the oldest factor; an hourly frequency looks at it
}

// agesAt measures both ages for the i-th activation, from every account of an authentication
// that the observation holds, each time taking the one that is worse for the proof.
func (o Observation) agesAt(i int) ages {
	a := o.Activations[i]
	last, oldest := a.AuthTimeBefore, a.AuthTimeBefore
	for _, at := range o.lastSent(i) {
		last, oldest = later(last, at), earlier(oldest, at)
	}
	for _, probe := range o.Probes {
		if probe.ID != nil && !probe.At.After(a.Requested) {
			last = later(last, probe.ID.AuthTime)
		}
	}
	asked := a.asked()
	return ages{
		youngest: min(a.AuthAge, a.Requested.Sub(last)),
		oldest:   max(a.AuthAge, asked.Sub(oldest)),
	}
}

// asked is the latest instant at which the tenant may have weighed the age of the session.
func (a Activation) asked() time.Time {
	asked := later(a.Requested, a.StepUp.Started)
	if a.Challenge != nil {
		asked = later(asked, a.Challenge.At)
	}
	for _, page := range a.StepUp.Pages {
		asked = later(asked, page.At)
	}
	return asked
}

// lastSent is, for each factor, when it was last sent before the i-th activation.
func (o Observation) lastSent(i int) map[string]time.Time {
	sent := map[string]time.Time{}
	passes := []Authentication{o.SignIn, o.Priming.Authentication}
	for _, earlierActivation := range o.Activations[:i] {
		passes = append(passes, earlierActivation.StepUp)
	}
	for _, pass := range passes {
		for _, page := range pass.Pages {
			if page.Factor != "" && page.Sent && !page.SentAt.IsZero() {
				sent[page.Factor] = later(sent[page.Factor], page.SentAt)
			}
		}
	}
	return sent
}

// later is the later of two instants; a zero one does not count.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// earlier is the earlier of two instants; a zero one does not count.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// spell writes a duration for people: "17 min 5 s", "42 s".
func spell(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	if rest := d % time.Minute; rest != 0 {
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(rest.Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Minutes()))
}

// clock writes an instant for people.
func clock(at time.Time) string {
	if at.IsZero() {
		return "an unknown time"
	}
	return at.UTC().Format("15:04:05")
}
