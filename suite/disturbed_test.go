package suite

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
)

// leapingClock jumps ahead while the windows are waited for, as a machine's clock does that is set: so much of
// them has not passed.
type leapingClock struct {
	await.Clock
	by time.Duration

	mu    sync.Mutex
	leapt time.Duration
}

func (l *leapingClock) Now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Clock.Now().Add(l.leapt)
}

func (l *leapingClock) Wait(ctx context.Context, until time.Time, why string) error {
	l.mu.Lock()
	if strings.Contains(why, "re-use windows") {
		l.leapt = l.by
	}
	leapt := l.leapt
	l.mu.Unlock()
	return l.Clock.Wait(ctx, until.Add(-leapt), why)
}

// A clock that was set while the windows were waited for has let them pass on paper only: the tenant rightly
// does not ask, and is accused of nothing.
func TestAClockThatIsSetAccusesNobody(t *testing.T) {
	for name, tt := range map[string]struct {
		by   time.Duration
		want verdict.Outcome
		code verdict.Code
	}{
		"by eight minutes":         {8 * time.Minute, verdict.Inconclusive, verdict.ClockJumped},
		"back by eight minutes":    {-8 * time.Minute, verdict.Inconclusive, verdict.ClockJumped},
		"by what clocks differ in": {20 * time.Second, verdict.Enforced, verdict.Reprompted},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t)
			skew := func(clock await.Clock) await.Clock { return &leapingClock{Clock: clock, by: tt.by} }
			proof := c.proved(Options{skew: skew}, ProveRequest{Roles: []string{embeddedRole}})[0]
			if proof.Verdict.Outcome != tt.want || proof.Verdict.Reasons[0].Code != tt.code {
				t.Errorf("%s: %+v", proof.Verdict.Outcome, proof.Verdict.Reasons)
			}
		})
	}
}

// disturbed proves while a fault strikes from the moment at which the progress tells of a step.
func (c *clinic) disturbed(step string, fault map[string]any, request ProveRequest) (evidence.Proof, error) {
	c.Helper()
	request.Roles, request.Way = []string{embeddedRole}, verdict.WayGraph
	progress := &onText{text: " s  " + step + "\n", do: func() { c.control("/faults", fault) }}
	proofs, err := Prove(c.Context(), Options{Tenant: c.tenant, EvidenceDir: c.TempDir(), Progress: progress}, request, nil)
	return proofs[0], err
}

func TestAProofThatIsOutOfTimeIsInconclusiveAndRestored(t *testing.T) {
	c := newClinic(t)
	hangs := map[string]any{"kind": "delay", "delay": "1h", "host": "graph.microsoft.com", "times": 1}
	proof, err := c.disturbed("read the configuration", hangs, ProveRequest{Timeout: 4 * time.Second})
	c.must(err)
	if proof.Verdict.Outcome != verdict.Inconclusive || proof.Verdict.Reasons[0].Code != verdict.DeadlinePassed {
		t.Errorf("%s: %+v", proof.Verdict.Outcome, proof.Verdict.Reasons)
	}
	if proof.Restored == nil || !*proof.Restored {
		t.Error("nothing says that the tenant is as it was")
	}
}

func TestACommandWithoutTimeSaysSo(t *testing.T) {
	c := newClinic(t)
	proofs, err := Prove(t.Context(), Options{Tenant: c.tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}, Timeout: time.Nanosecond}, nil)
	if !errors.As(err, new(*TimeoutError)) || proofs[0].Verdict != nil || !errors.Is(proofs[0].Err, err) {
		t.Errorf("error %v, proof %+v", err, proofs[0])
	}
}

// Its own time-out must not hide that a tenant is not as it was.
func TestATenantThatIsNotRestoredIsToldInAnyCase(t *testing.T) {
	ctx, bound := withTimeout(t.Context(), time.Nanosecond)
	defer bound.stop()
	<-ctx.Done()
	broken := errors.Join(ctx.Err(), errors.New("read the role setting"))
	if err := inTime(ctx, broken); !errors.As(err, new(*TimeoutError)) {
		t.Errorf("a request that the timeout broke off: %v", err)
	}
	left := &NotRestoredError{Err: errors.Join(ctx.Err(), &fixtures.NotRestoredError{})}
	if err := inTime(ctx, left); !errors.Is(err, error(left)) {
		t.Errorf("a tenant that is not restored: %v", err)
	}
	if err := inTime(t.Context(), broken); err != broken {
		t.Errorf("in time: %v", err)
	}
}

// What the limit on activations is counted by may fail, too: that is no slip of the user's.
func TestAFailureWhileActivationsAreCountedIsInconclusive(t *testing.T) {
	c := newClinic(t)
	for status, code := range map[int]verdict.Code{500: verdict.ServiceFailed, 401: verdict.TokenRevoked} {
		fails := map[string]any{"kind": "status", "status": status, "host": "graph.microsoft.com", "path": "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests/filterByCurrentUser*"}
		proof, err := c.disturbed("sign in", fails, ProveRequest{})
		c.must(err)
		if proof.Verdict == nil || proof.Verdict.Outcome != verdict.Inconclusive || proof.Verdict.Reasons[0].Code != code {
			t.Errorf("HTTP %d: %+v", status, proof.Verdict)
		}
	}
}
