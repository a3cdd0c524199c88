package fleet

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/notify"
)

// agedProver proves one role of each tenant, but for those that fail. What is kept was noted at a time.
type agedProver struct {
	fails map[string]bool
	kept  time.Time // zero: nothing is
	calls []string
}

// Prove implements Prover.
func (p *agedProver) Prove(_ context.Context, t Tenant, _ string) (string, []Role, error) {
	p.calls = append(p.calls, t.Name)
	if p.fails[t.Name] {
		return "", nil, errors.New("HTTP 503")
	}
	return "id of " + t.Name, []Role{enforcedRole(t.Name)}, nil
}

// Kept implements Prover.
func (p *agedProver) Kept(t Tenant, _ string) (string, []Role, error) {
	if p.kept.IsZero() {
		return "", nil, nil
	}
	role := enforcedRole(t.Name)
	role.Noted = p.kept
	return "id of " + t.Name, []Role{role}, nil
}

// A tenant that fails night after night is told once its last proof is too old, however many runs lie between,
// and no more once it is proved. The clock is a fake.
func TestAProofThatGrowsOld(t *testing.T) {
	list := []Tenant{{Name: "good"}, {Name: "bad", Labels: map[string]string{"region": "eu"}}}
	var earlier *Summary
	for _, night := range []struct {
		name    string
		fails   bool
		overdue int
		outcome int
	}{
		{"both are proved", false, 0, 0},
		{"one fails, its proof is a day old", true, 0, 3},
		{"it fails again, its proof is two days old", true, 1, 3},
		{"and again", true, 1, 3},
		{"it is proved", false, 0, 0},
		{"it fails, its proof is a day old", true, 0, 3},
	} {
		now := noon
		if earlier != nil {
			now = earlier.Started.Add(24 * time.Hour)
		}
		dir := filepath.Join(t.TempDir(), "run")
		var known []Result
		o := Options{
			Dir: dir, ID: "run", Overdue: 36 * time.Hour, Earlier: earlier, Now: func() time.Time { return now }, Known: func(r Result) { known = append(known, r) },
		}
		s, err := Run(t.Context(), list, &agedProver{fails: map[string]bool{"bad": night.fails}}, o)
		if err != nil {
			t.Fatal(err)
		}
		if s.Counts.Overdue != night.overdue || s.Outcome != night.outcome {
			t.Errorf("%s: %d overdue, outcome %d, want %d and %d", night.name, s.Counts.Overdue, s.Outcome, night.overdue, night.outcome)
		}
		if len(known) != 2 || known[0].State != Waiting || earlier != nil && len(known[0].Last) != 1 {
			t.Errorf("%s: known beforehand: %+v", night.name, known)
		}
		mustTell(t, night.name, s, earlier, night.overdue)
		if on, err := Read(dir); err != nil || on.Counts != s.Counts || len(on.Tenants[1].Last) != len(s.Tenants[1].Last) {
			t.Errorf("%s: on disk: %+v, %v", night.name, on, err)
		}
		earlier = s
	}
}

// mustTell looks at what people and receivers are told of the tenant bad.
func mustTell(t *testing.T, night string, s, earlier *Summary, overdue int) {
	t.Helper()
	var told []notify.Event
	for _, e := range s.Events(earlier) {
		if e.Kind == notify.ProofOverdue {
			told = append(told, e)
		}
	}
	var b strings.Builder
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	line := "OVERDUE       bad · Application Administrator of bad was last proved at 2026-03-14 12:00 UTC, and was enforced then\n"
	if got := strings.Count(b.String(), line); got != overdue || strings.Contains(b.String(), "1 proof overdue\n") != (overdue == 1) {
		t.Errorf("%s: told %d times: %s", night, got, b.String())
	}
	if len(told) != overdue {
		t.Fatalf("%s: told %+v, want %d", night, told, overdue)
	}
	if overdue == 1 {
		e := told[0]
		if e.Tenant != "bad" || e.TenantID != "id of bad" || e.Labels["region"] != "eu" || e.RoleID != "r" || e.Before != "enforced" || !strings.Contains(e.Text, "last proved at") {
			t.Errorf("%s: told %+v", night, e)
		}
	}
}

// A finished bundle of a run that is resumed is taken, unless it is too old: then the tenant is proved again.
func TestAnOldBundleIsNotKept(t *testing.T) {
	for name, row := range map[string]struct {
		limit time.Duration
		state string
	}{"within the limit": {2 * time.Hour, Kept}, "past it": {time.Hour, Proved}, "without one": {0, Kept}} {
		p := &agedProver{kept: noon}
		o := Options{Dir: t.TempDir(), ID: "run", Resume: true, Overdue: row.limit, Now: func() time.Time { return noon.Add(90 * time.Minute) }}
		s, err := Run(t.Context(), []Tenant{{Name: "a"}}, p, o)
		if err != nil {
			t.Fatal(err)
		}
		if s.Tenants[0].State != row.state || (len(p.calls) == 1) != (row.state == Proved) {
			t.Errorf("%s: %s, proved %q, want %s", name, s.Tenants[0].State, p.calls, row.state)
		}
	}
}

// A run that came to no verdict on a role, and an earlier one that did: what changed over the gap is told.
func TestAVerdictThatChangedOverAGap(t *testing.T) {
	earlier := &Summary{ID: "e", Tenants: []Result{{Name: "a", State: Failed, Last: []Role{enforcedRole("a")}}}}
	now := &Summary{ID: "n", Tenants: []Result{{Name: "a", State: Proved, Roles: []Role{{Role: "Application Administrator", RoleID: "r", Verdict: "not-enforced"}}}}}
	events := now.Events(earlier)
	if len(events) != 1 || events[0].Before != "enforced" || events[0].After != "not-enforced" {
		t.Errorf("told %+v", events)
	}
}
