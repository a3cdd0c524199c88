package suite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/verdict"
)

// share is what an instant of a proof went to.
type share string

// The parts, an earlier one before a later one where both are under way.
const (
	partPictures share = "pictures"
	partGraph    share = "graph"   // calls to Graph
	partTokens   share = "tokens"  // calls of ours to the sign-in host
	partClock    share = "clock"   // moves of the tenant's clock
	partPages    share = "pages"   // from a navigation, or an act that leads to one, to the next document
	partTyping   share = "typing"  // looking at a page, typing and clicking
	partWaiting  share = "waiting" // the same while a request of the page is under way
	partTabs     share = "tabs"    // contexts and tabs
	partStart    share = "start"   // nothing of these, before the first of the browser: it is starting
	partClosing  share = "closing" // nothing of these, after the last: evidence and the end of the browser
	partHarness  share = "harness" // nothing of these, between
)

var parts = []share{partPictures, partGraph, partTokens, partClock, partPages, partTyping, partTabs}

// partOf is the part that a wait belongs to; empty for a request of a page, which nobody need wait for.
func partOf(w waited) share {
	domain, _, _ := strings.Cut(w.What, ".")
	switch {
	case w.What == browser.WaitRequest:
		return ""
	case w.What == waitCall && strings.HasPrefix(w.request.URL.Host, "graph."):
		return partGraph
	case w.What == waitCall && w.request.URL.Scheme == "http":
		return partClock
	case w.What == waitCall:
		return partTokens
	case w.What == "Page.captureScreenshot":
		return partPictures
	case w.What == browser.WaitNavigation, w.What == browser.WaitDocument, domain == "Page":
		return partPages
	case domain == "Target", domain == "Browser", domain == "Storage":
		return partTabs
	}
	return partTyping
}

// edge is where a wait begins or ends.
type edge struct {
	at   time.Time
	of   share
	step int
}

// breakdown divides the time of a proof: each instant goes to one part. answering is the time in which at least
// one request was under way, of the harness or of a page: the embedded tenant, TLS and the proxies.
func (r *recording) breakdown() (all map[share]time.Duration, answering time.Duration) {
	var edges []edge
	first, last := r.ended, r.began
	for _, w := range r.waits {
		of := partOf(w)
		edges = append(edges, edge{w.Began, of, 1}, edge{w.Ended, of, -1})
		if w.What == waitCall {
			edges = append(edges, edge{w.Began, "", 1}, edge{w.Ended, "", -1})
		} else if w.Began.Before(first) {
			first = w.Began
		}
		if w.Ended.After(last) {
			last = w.Ended
		}
	}
	edges = append(edges, edge{r.ended, "", 0})
	slices.SortFunc(edges, func(a, b edge) int { return a.at.Compare(b.at) })
	all = map[share]time.Duration{}
	open, at := map[share]int{}, r.began
	for _, e := range edges {
		if took := e.at.Sub(at); took > 0 {
			all[going(open, at, first, last)] += took
			if open[""] > 0 {
				answering += took
			}
			at = e.at
		}
		open[e.of] += e.step
	}
	return all, answering
}

// going is the part that an instant goes to.
func going(open map[share]int, at, first, last time.Time) share {
	for _, p := range parts {
		if open[p] > 0 {
			if p == partTyping && open[""] > 0 {
				return partWaiting
			}
			return p
		}
	}
	switch {
	case at.Before(first):
		return partStart
	case !at.Before(last):
		return partClosing
	}
	return partHarness
}

// Each instant of a proof goes to exactly one part, the earlier one in the order where several are under way.
func TestTheTimeOfAProofIsDivided(t *testing.T) {
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	wait := func(what string, from, to int) waited {
		return waited{Wait: browser.Wait{What: what, Began: at(from), Ended: at(to)}}
	}
	r := &recording{began: began, ended: at(100), waits: []waited{
		wait("Target.createTarget", 10, 20),
		wait(browser.WaitNavigation, 20, 40), wait("Page.navigate", 20, 30), wait(browser.WaitRequest, 22, 38),
		wait("Runtime.evaluate", 45, 60), wait(browser.WaitRequest, 50, 55),
		wait("Page.captureScreenshot", 58, 80),
	}}
	all, answering := r.breakdown()
	want := map[share]int{partStart: 10, partTabs: 10, partPages: 20, partHarness: 5, partTyping: 8, partWaiting: 5, partPictures: 22, partClosing: 20}
	for p, ms := range want {
		if all[p] != time.Duration(ms)*time.Millisecond {
			t.Errorf("%s: %v, want %d ms", p, all[p], ms)
		}
	}
	if len(all) != len(want) || answering != 21*time.Millisecond {
		t.Errorf("parts %v, answering %v", all, answering)
	}
}

// BenchmarkBreakdown says where the time of one proof goes, on an embedded tenant, from nothing to the closed
// report: milliseconds by part, medians.
func BenchmarkBreakdown(b *testing.B) {
	for _, way := range []verdict.Way{verdict.WayPortal, verdict.WayGraph} {
		b.Run(string(way), func(b *testing.B) {
			samples := map[share][]float64{}
			for b.Loop() {
				all, answering := record(b, nil, way).breakdown()
				for _, p := range append(slices.Clone(parts), partWaiting, partStart, partClosing, partHarness) {
					samples[p] = append(samples[p], all[p].Seconds()*1000)
				}
				samples["answering"] = append(samples["answering"], answering.Seconds()*1000)
			}
			for p, values := range samples {
				slices.Sort(values)
				b.ReportMetric(values[len(values)/2], string(p)+"-ms")
			}
		})
	}
}
