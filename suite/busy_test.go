package suite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
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

// Nobody approves: the wait ends, the activation is reported as pending and withdrawn.
func TestAnApproverWhoSaysNothingIsAwaitedAndTheRequestWithdrawn(t *testing.T) {
	c := newClinic(t)
	role, err := c.world.reader.Role(t.Context(), embeddedRole)
	c.must(err)
	setting, err := c.world.reader.RoleSetting(t.Context(), role.ID)
	c.must(err)
	rule, _ := setting.Rule(graph.RuleApproval)
	asks, err := rule.WithApproval(c.tenant.Admin.ObjectID)
	c.must(err)
	c.must(c.world.reader.SetRule(t.Context(), setting.PolicyID, asks))
	for _, await := range []time.Duration{0, 10 * time.Minute} {
		var log strings.Builder
		proof := c.proved(Options{Progress: &log}, ProveRequest{Roles: []string{embeddedRole}, AwaitApproval: await})[0]
		a := proof.Observation.Activations[0]
		want := map[bool]string{true: "undecided"}[await > 0]
		if proof.Verdict.Outcome != verdict.Enforced || a.Outcome != "pending" || !a.Withdrawn || a.Approval != want {
			t.Errorf("awaited %s: verdict %s, activation %s, withdrawn %t, approval %q", await, proof.Verdict.Outcome, a.Outcome, a.Withdrawn, a.Approval)
		}
		if waited := proof.Observation.Finished.Sub(a.At); waited < await {
			t.Errorf("waited %s for the approver, want %s", waited, await)
		}
		if said := strings.Contains(log.String(), "for an approver"); said != (await > 0) {
			t.Errorf("awaited %s: the progress says so: %t", await, said)
		}
	}
}

// prove waits for an approver who is a person of the tenant, signs in elsewhere and answers in Graph.
func TestProveGoesOnOnceAnApproverHasDecided(t *testing.T) {
	for name, row := range map[string]struct {
		agree       bool
		approval    string
		deactivated bool
	}{
		"agrees":  {agree: true, approval: "approved", deactivated: true},
		"refuses": {agree: false, approval: "AdminDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t)
			approver := c.approver()
			watch := &onText{text: "for an approver", do: func() {
				now := c.connect(placeOfFile(c.tenant)) // the clock moved since
				now.session = c.world.session
				c.must(now.decideAs(t.Context(), approver, row.agree))
			}}
			proof := c.proved(Options{Progress: watch}, ProveRequest{Roles: []string{embeddedRole}, AwaitApproval: time.Hour})[0]
			a := proof.Observation.Activations[0]
			if proof.Verdict.Outcome != verdict.Enforced || a.Outcome != "pending" || a.Approval != row.approval || a.Deactivated != row.deactivated || a.Withdrawn {
				t.Errorf("verdict %+v, activation %s, approval %q, deactivated %t, withdrawn %t", proof.Verdict, a.Outcome, a.Approval, a.Deactivated, a.Withdrawn)
			}
			if waited := proof.Observation.Finished.Sub(a.At); waited > 10*time.Minute {
				t.Errorf("the proof went on %s after the activation although somebody had decided", waited)
			}
			if events := c.events(proof.Evidence); !strings.Contains(events, "at the latest, for an approver") || !strings.Contains(events, `"approval"`) {
				t.Errorf("the evidence does not name the wait: %s", events)
			}
			held, err := c.world.reader.Assignments(t.Context(), graph.Holding{PrincipalID: c.tenant.Admin.ObjectID})
			if err != nil || len(held) != 0 || proof.Restored == nil || !*proof.Restored {
				t.Errorf("left active: %+v, %v", held, err)
			}
		})
	}
}

// approver is an account that was made in the clinic's tenant, without whom nobody activates the role, and
// with a browser of its own.
func (c *clinic) approver() entra.Admin {
	c.Helper()
	w, _ := prepared(c.T, c)
	made, err := w.fixtures.MakeTestAdmin(c.Context(), fixtures.TestAdminOptions{Name: "approver", ClientID: w.place.harnessID, Scopes: harnessScopes})
	c.must(err)
	role, err := w.reader.Role(c.Context(), embeddedRole)
	c.must(err)
	c.must(w.fixtures.RequireApproval(c.Context(), role.ID, made.ID))
	c.world.session = w.session
	return entra.Admin{UPN: made.UPN, TemporaryAccessPass: made.AccessPass}
}

// events is the text of all events of a bundle.
func (c *clinic) events(bundle string) string {
	c.Helper()
	files, err := filepath.Glob(filepath.Join(bundle, "scenarios", "*", "events.ndjson"))
	c.must(err)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		c.must(err)
		all.Write(text)
	}
	return all.String()
}
