// Package trace follows a proof step by step, for people who want to see what a run did (--trace). It
// looks at the browser's tabs when package activation says that there is something to see, listens to what
// the browser and this program's own clients send, and to the consoles of the pages, and hands all of it,
// redacted, to the evidence. No verdict rests on it.
//
// # What is kept of what
//
//   - Of a tab a picture with credential fields masked, and its elements without what is in any field.
//   - Of a request its method, host and path, the names of what it sent, and the values of an allow-list
//     of parameters; of a token that it carried or that was answered the claims that all evidence holds.
//     Requests for pictures, style sheets, fonts, media and scripts, and preflights, are left out.
//   - Of a console its lines, addresses in them without query.
//
// What of it still holds a secret is withheld by the guard of package evidence.
package trace

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/evidence"
)

// lookWithin bounds one look at a tab, in machine time: a page that hangs must not hold up a proof.
const lookWithin = 5 * time.Second

// Tracer follows one proof. It implements the Tracer of package activation, and is safe for concurrent use.
type Tracer struct {
	clock await.Clock
	wire  *Wire

	mu       sync.Mutex
	step     string // of the proof
	steps    []evidence.TracedStep
	began    []time.Time // of each step, by the machine's clock
	instants []instant
}

// instant is one moment by both clocks.
type instant struct{ machine, tenant time.Time }

// New follows a proof that goes by the clock. wire may be nil.
func New(clock await.Clock, wire *Wire) *Tracer {
	t := &Tracer{clock: clock, wire: wire}
	t.instants = []instant{{time.Now(), clock.Now().UTC()}}
	return t
}

// Clock is the clock to give to the proof: the one that New was given, of whose waits the tracer learns.
func (t *Tracer) Clock() await.Clock { return tracedClock{t.clock, t} }

// tracedClock notes waits.
type tracedClock struct {
	await.Clock
	tracer *Tracer
}

// Wait implements await.Clock.
func (c tracedClock) Wait(ctx context.Context, until time.Time, why string) error {
	from := c.Now().Round(time.Millisecond) // as steps are, so that a wait is never longer than its step
	err := c.Clock.Wait(ctx, until, why)
	c.tracer.waited(c.Now().Round(time.Millisecond).Sub(from), why)
	return err
}

func (t *Tracer) waited(long time.Duration, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nowLocked()
	if len(t.steps) == 0 || long <= 0 {
		return
	}
	s := &t.steps[len(t.steps)-1]
	s.Waited += long
	s.For = append(s.For, why)
}

// nowLocked is now by the tenant's clock, and notes it beside the machine's.
func (t *Tracer) nowLocked() time.Time {
	now := instant{time.Now(), t.clock.Now().UTC().Round(time.Millisecond)}
	t.instants = append(t.instants, now)
	return now.tenant
}

// tenantTimeLocked turns an instant of the machine's clock into the tenant's, by the last moment before it
// that both are known of: the clock of an embedded tenant jumps.
func (t *Tracer) tenantTimeLocked(machine time.Time) time.Time {
	i, _ := slices.BinarySearchFunc(t.instants, machine, func(a instant, b time.Time) int {
		if a.machine.After(b) {
			return 1
		}
		return -1
	})
	known := t.instants[max(0, i-1)]
	return known.tenant.Add(machine.Sub(known.machine)).UTC().Round(time.Millisecond)
}

// Step implements activation.Tracer.
func (t *Tracer) Step(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.step = name
	t.beginLocked(name, nil)
}

// Look implements activation.Tracer. What could not be looked at is left out.
func (t *Tracer) Look(ctx context.Context, tab *browser.Tab, text string, picture []byte) {
	address := bare(tab.URL())
	if address == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	look := &evidence.Look{Address: address, Picture: picture}
	if look.Picture == nil {
		look.Picture, _ = tab.Screenshot(ctx, nil)
	}
	markup, _ := tab.Markup(ctx)
	look.Markup = []byte(markup)
	if len(look.Picture) == 0 && markup == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lookedLocked(text, look)
}

// lookedLocked is what came of the step before, and what the next one begins with.
func (t *Tracer) lookedLocked(text string, look *evidence.Look) {
	if len(t.steps) > 0 {
		if before := &t.steps[len(t.steps)-1]; before.After == nil {
			before.After = look
		}
	}
	if text != "" {
		t.beginLocked(text, look)
	}
}

func (t *Tracer) beginLocked(text string, look *evidence.Look) {
	now := t.nowLocked()
	if len(t.steps) > 0 {
		t.steps[len(t.steps)-1].Ended = now
	}
	t.began = append(t.began, time.Now())
	t.steps = append(t.steps, evidence.TracedStep{
		TraceStep: evidence.TraceStep{Step: t.step, Text: text, At: now, For: []string{}}, Before: look,
	})
}

// Keep ends the trace and hands it to the evidence, with what went on in the sessions.
func (t *Tracer) Keep(scenario *evidence.Scenario, sessions ...*browser.Session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.steps) == 0 {
		return
	}
	t.steps[len(t.steps)-1].Ended = t.nowLocked()
	var calls []sent
	var console []evidence.TraceMessage
	if t.wire != nil {
		calls = t.wire.since(t.began[0])
	}
	for _, session := range sessions {
		for _, e := range session.Wiretap().History(isTold) {
			calls = append(calls, sent{e.At, callOf(exchangeOf(e))})
		}
		for _, m := range session.Console() {
			console = append(console, evidence.TraceMessage{
				Step: t.stepAtLocked(m.At), At: t.tenantTimeLocked(m.At), Level: m.Level, From: m.TargetKind, Text: withoutQueries(m.Text),
			})
		}
	}
	slices.SortStableFunc(calls, func(a, b sent) int { return a.at.Compare(b.at) })
	told := make([]evidence.TraceCall, len(calls))
	for i, c := range calls {
		told[i] = c.call
		told[i].Step, told[i].At = t.stepAtLocked(c.at), t.tenantTimeLocked(c.at)
	}
	scenario.Trace(t.steps, told, console)
}

// stepAtLocked is the number of the step that was under way at an instant of the machine's clock.
func (t *Tracer) stepAtLocked(machine time.Time) int {
	for i := len(t.began) - 1; i > 0; i-- {
		if !t.began[i].After(machine) {
			return i + 1
		}
	}
	return 1
}

var queries = regexp.MustCompile(`(https?://[^\s?#"'<>]+)[?#][^\s"'<>]*`)

// withoutQueries takes from the addresses in a text what may sign in.
func withoutQueries(text string) string { return queries.ReplaceAllString(text, "$1") }

// bare is an address of the web without query and fragment; empty for any other.
func bare(address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		return ""
	}
	return address
}
