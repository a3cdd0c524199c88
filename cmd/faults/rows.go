package main

import (
	"fmt"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// phase is a part of a run, by the line with which its progress begins.
type phase struct {
	name string
	line string // what a line of the progress says when the phase begins; see says
}

// phases of a proof in their order; the last two are of a scenario.
var phases = []phase{
	{"sign-in", "sign in"},
	{"priming", "prime the session"},
	{"plain tokens", "try the plain tokens"},
	{"activation", "activate the role"},
	{"step-up", "step up: "},
	{"deactivation", "give the role back"},
	{"fixtures", "a Conditional Access policy on the context"},
	{"cleanup", "undoing what was made"},
}

func phaseOf(name string) phase {
	for _, p := range phases {
		if p.name == name {
			return p
		}
	}
	panic("no phase is called " + name)
}

// control is a fault as the control listener takes it.
type control struct {
	Kind       string `json:"kind"`
	Host       string `json:"host,omitempty"`
	Method     string `json:"method,omitempty"`
	Path       string `json:"path,omitempty"`
	Status     int    `json:"status,omitempty"`
	RetryAfter string `json:"retry_after,omitempty"`
	Acted      bool   `json:"acted,omitempty"`
	After      int    `json:"after,omitempty"`
	Times      int    `json:"times,omitempty"`
	Delay      string `json:"delay,omitempty"`
}

// fault is one thing that goes wrong. Fields that are empty do nothing.
type fault struct {
	Name string
	// Control is injected when the phase begins.
	Control *control
	// Advance moves the tenant's clock behind the proof's back.
	Advance string
	// Browser is kill (its process) or crash (the processes of its pages).
	Browser string
	// Before is done before the run: Lag and Settings of the tenant, Flags of the browser, after all others.
	Lag, Settings map[string]any
	Flags         []string
	// lasting faults go on until the run is over.
	Lasting bool
}

// always is how often a fault strikes that goes on.
const always = 100_000

// hosts that a fault is limited to.
const (
	graphHost  = "graph.microsoft.com"
	loginHost  = "login.microsoftonline.com"
	portalHost = "entra.microsoft.com"
)

// activations are the requests for a role, for a fault that strikes nothing else.
const activations = "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests"

func status(code int, more control) *control {
	more.Kind, more.Status = "status", code
	return &more
}

// anywhere are the faults that are tried in every phase of a proof.
func anywhere() []fault {
	faults := []fault{
		{Name: "429 with Retry-After, three times", Control: status(429, control{RetryAfter: "1", Times: 3})},
		{Name: "429 without Retry-After, twice", Control: status(429, control{Times: 2})},
		{Name: "401, the token expired, once", Control: status(401, control{Host: graphHost})},
		{Name: "connection reset, once", Control: &control{Kind: "reset"}},
		{Name: "half a body, once", Control: &control{Kind: "truncate"}},
		{Name: "half a body from Graph, once", Control: &control{Kind: "truncate", Host: graphHost}},
		{Name: "every answer 200 ms late", Control: &control{Kind: "delay", Delay: "200ms", Times: always}},
		{Name: "no answer, once", Control: &control{Kind: "delay", Delay: "10m"}},
		{Name: "name not resolved by the proxy, three times", Control: &control{Kind: "unreachable", Times: 3}},
		{Name: "the tenant's clock 30 s ahead", Advance: "30s"},
		{Name: "the tenant's clock 20 min ahead", Advance: "20m"},
		{Name: "the tenant's clock 2 h ahead, tokens expire", Advance: "2h"},
		{Name: "Chrome killed", Browser: "kill"},
		{Name: "tabs crashed", Browser: "crash"},
	}
	for _, code := range []int{500, 502, 503, 504} {
		faults = append(faults, fault{Name: fmt.Sprintf("%d, once", code), Control: status(code, control{})})
	}
	return faults
}

// lasting faults go on, so that the time runs out; they are tried in three phases.
func lasting() []fault {
	return []fault{
		{Name: "429 without Retry-After, from then on", Lasting: true, Control: status(429, control{Times: always})},
		{Name: "503, from then on", Lasting: true, Control: status(503, control{Times: always})},
		{Name: "connection reset, from then on", Lasting: true, Control: &control{Kind: "reset", Times: always}},
		{Name: "half a body, from then on", Lasting: true, Control: &control{Kind: "truncate", Times: always}},
		{Name: "no answer, from then on", Lasting: true, Control: &control{Kind: "delay", Delay: "10m", Times: always}},
		{Name: "no name resolved, from then on", Lasting: true, Control: &control{Kind: "unreachable", Times: always}},
	}
}

// tableJobs are the rows of the table.
func tableJobs() []job {
	var jobs []job
	for _, way := range []verdict.Way{verdict.WayGraph, verdict.WayPortal} {
		for _, p := range []string{"sign-in", "priming", "plain tokens", "step-up", "activation", "deactivation"} {
			for _, f := range anywhere() {
				jobs = append(jobs, job{Way: way, Phase: p, Fault: f})
			}
		}
		for _, p := range []string{"sign-in", "step-up", "deactivation"} {
			for _, f := range lasting() {
				jobs = append(jobs, job{Way: way, Phase: p, Fault: f})
			}
		}
		jobs = append(jobs, special(way)...)
	}
	for _, p := range []string{"fixtures", "cleanup"} {
		for _, f := range append(anywhere(), ofScenarios()...) {
			if p == "cleanup" && f.Control != nil && f.Control.Kind == "stale" {
				continue // what is read there has not been read before, so that there is no time to go back to
			}
			jobs = append(jobs, job{Way: verdict.WayGraph, Phase: p, Fault: f, Scenario: smoke})
		}
	}
	return jobs
}

// special are faults that belong to one phase.
func special(way verdict.Way) []job {
	late := func(phase, method string, f fault) job { return job{Way: way, Phase: phase, Fault: f} }
	jobs := []job{
		late("activation", "", fault{Name: "504 to a request for the role that was acted on", Control: status(504, control{Acted: true, Method: "POST", Path: activations, After: second(way)})}),
		late("activation", "", fault{Name: "reset of a request for the role that was acted on", Control: &control{Kind: "reset", Acted: true, Method: "POST", Path: activations, After: second(way)}}),
		late("activation", "", fault{Name: "half the answer to a request for the role", Control: &control{Kind: "truncate", Method: "POST", Path: activations, After: second(way)}}),
		late("plain tokens", "", fault{Name: "503 to a plain token", Control: status(503, control{Method: "POST", Path: activations})}),
		late("deactivation", "", fault{Name: "504 to giving the role back that was acted on", Control: status(504, control{Acted: true, Method: "POST", Path: activations})}),
		late("deactivation", "", fault{Name: "reset of giving the role back that was acted on", Control: &control{Kind: "reset", Acted: true, Method: "POST", Path: activations}}),
		late("sign-in", "", fault{Name: "assignments take effect 2 min late", Lag: map[string]any{"assignment": "2m"}}),
		late("sign-in", "", fault{Name: "reads go back in time", Control: &control{Kind: "stale", Host: graphHost, Times: always}}),
		late("sign-in", "", fault{Name: "the sign-in log comes an hour late", Lag: map[string]any{"sign_in_log": "1h"}}),
		late("sign-in", "", fault{Name: "the sign-in host's name does not resolve in the browser", Flags: unresolved(loginHost)}),
	}
	if way == verdict.WayPortal {
		popup := map[string]any{"portal_step_up": "popup"}
		jobs = append(jobs,
			late("sign-in", "", fault{Name: "a popup blocked", Settings: popup, Flags: []string{"--block-new-web-contents"}}),
			late("sign-in", "", fault{Name: "the portal's name does not resolve in the browser", Flags: unresolved(portalHost)}),
			late("step-up", "", fault{Name: "tabs crashed, a popup among them", Settings: popup, Browser: "crash"}),
			late("activation", "", fault{Name: "the portal never loads", Control: &control{Kind: "delay", Delay: "10m", Host: portalHost, Times: always}}),
			late("activation", "", fault{Name: "half of the portal's pages", Control: &control{Kind: "truncate", Host: portalHost, Times: 4}}),
		)
	}
	return jobs
}

// second lets the first request pass where it is refused for want of the context.
func second(way verdict.Way) int {
	if way == verdict.WayGraph {
		return 1
	}
	return 0
}

// ofScenarios are faults of what scenarios make.
func ofScenarios() []fault {
	return []fault{
		{Name: "policies take effect 2 min late", Lag: map[string]any{"policy": "2m"}},
		{Name: "contexts and role settings take effect 1 min late", Lag: map[string]any{"context": "1m", "role_setting": "1m"}},
		{Name: "reads go back in time", Control: &control{Kind: "stale", Host: graphHost, Times: 6}},
		{Name: "504 to a write that was acted on", Control: status(504, control{Acted: true, Method: "POST", Host: graphHost})},
		{Name: "reset of a write that was acted on", Control: &control{Kind: "reset", Acted: true, Method: "POST", Host: graphHost}},
		{Name: "reset of a change that was acted on", Control: &control{Kind: "reset", Acted: true, Method: "PATCH", Host: graphHost}},
		{Name: "reset of a deletion that was acted on", Control: &control{Kind: "reset", Acted: true, Method: "DELETE", Host: graphHost}},
	}
}

// unresolved are the flags of a browser whose machine does not know the host's name.
func unresolved(host string) []string {
	return []string{"--proxy-bypass-list=" + host, "--host-resolver-rules=MAP " + host + " ~NOTFOUND"}
}

// smoke is the scenario in which faults strike fixtures and cleanup.
const smoke = "Activation through Graph"

// within is the timeout of a proof of the table, by the machine's clock.
const within = 20 * time.Second
