package suite

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// movedClock is the machine's clock, but whoever waits moves the tenant's and is there at once.
type movedClock struct {
	c *clinic

	mu    sync.Mutex
	moved time.Duration
	whys  []string
}

func (m *movedClock) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().UTC().Add(m.moved)
}

func (m *movedClock) Wait(ctx context.Context, until time.Time, why string) error {
	d := until.Sub(m.Now())
	if d <= 0 {
		return ctx.Err()
	}
	m.c.control("/clock/advance", map[string]string{"duration": d.String()})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moved += d
	m.whys = append(m.whys, why)
	return ctx.Err()
}

// A tenant that throttles makes a proof slow, not wrong: each way of saying so ends in the verdict of
// a tenant that does not.
func TestAThrottledProofEndsInTheRightVerdict(t *testing.T) {
	fault := func(more map[string]any) map[string]any {
		body := map[string]any{"kind": "status", "host": "graph.microsoft.com", "method": "GET", "status": 429, "times": 6}
		for name, value := range more {
			body[name] = value
		}
		return body
	}
	for name, row := range map[string]struct {
		path string
		body map[string]any
	}{
		"one Conditional Access call a second": {"/settings", map[string]any{"conditional_access_limit": "tenant"}},
		"with Retry-After":                     {"/faults", fault(map[string]any{"retry_after": 20})},
		"without Retry-After":                  {"/faults", fault(nil)},
		"policies without Retry-After":         {"/faults", fault(map[string]any{"path": "/v1.0/identity/conditionalAccess/policies"})},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t)
			busy := &movedClock{c: c}
			c.control(row.path, row.body)
			proof := c.proved(Options{busy: busy}, ProveRequest{Roles: []string{embeddedRole}})[0]
			if proof.Verdict.Outcome != verdict.Enforced || proof.Restored == nil || !*proof.Restored {
				t.Errorf("verdict %+v, failure %+v", proof.Verdict, proof.Observation.Failure)
			}
			if len(busy.whys) == 0 || !strings.Contains(busy.whys[0], "HTTP 429") {
				t.Errorf("waits %q, want some for Graph", busy.whys)
			}
		})
	}
}
