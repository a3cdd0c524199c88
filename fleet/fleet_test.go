package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/notify"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// fakeProver proves by name; what it finished is on disk, as bundles are.
type fakeProver struct {
	ends    map[string]func(ctx context.Context) ([]Role, error)
	proved  sync.Map // name -> how often
	atOnce  atomic.Int32
	most    atomic.Int32
	barrier chan struct{} // not nil: each proof waits until it is closed
	full    func()
}

func enforcedRole(name string) Role {
	return Role{Role: "Application Administrator", RoleID: "r", Verdict: "enforced", Clean: true, At: noon, Evidence: name}
}

// Prove implements Prover.
func (p *fakeProver) Prove(ctx context.Context, t Tenant, dir string) (string, []Role, error) {
	n := p.atOnce.Add(1)
	defer p.atOnce.Add(-1)
	for most := p.most.Load(); n > most && !p.most.CompareAndSwap(most, n); most = p.most.Load() {
	}
	if p.barrier != nil {
		p.full()
		<-p.barrier
	}
	times, _ := p.proved.LoadOrStore(t.Name, new(atomic.Int32))
	times.(*atomic.Int32).Add(1)
	if end := p.ends[t.Name]; end != nil {
		roles, err := end(ctx)
		if err != nil {
			return "id of " + t.Name, roles, err
		}
		return "id of " + t.Name, roles, p.finish(dir)
	}
	return "id of " + t.Name, []Role{enforcedRole(t.Name)}, p.finish(dir)
}

func (p *fakeProver) finish(dir string) error {
	return errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "bundle"), nil, 0o600))
}

// Kept implements Prover.
func (p *fakeProver) Kept(t Tenant, dir string) (string, []Role, error) {
	if _, err := os.Stat(filepath.Join(dir, "bundle")); err != nil {
		return "", nil, nil
	}
	return "id of " + t.Name, []Role{enforcedRole(t.Name)}, nil
}

func (p *fakeProver) times(name string) int {
	n, ok := p.proved.Load(name)
	if !ok {
		return 0
	}
	return int(n.(*atomic.Int32).Load())
}

func tenants(n int) []Tenant {
	all := make([]Tenant, n)
	for i := range all {
		all[i] = Tenant{Name: fmt.Sprintf("t%03d", i), Labels: map[string]string{"n": fmt.Sprint(i)}}
	}
	return all
}

// The short form of `make fleet`: 500 tenants, of which some fail in each way, and a run that is cut off
// in the middle and resumed.
func TestFiveHundredTenants(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	role := func(verdict string) []Role {
		return []Role{{Role: "Application Administrator", RoleID: "r", Verdict: verdict}}
	}
	p := &fakeProver{ends: map[string]func(context.Context) ([]Role, error){
		"t010": func(context.Context) ([]Role, error) { return role("not-enforced"), nil },
		"t020": func(context.Context) ([]Role, error) { return role("inconclusive"), nil },
		"t030": func(context.Context) ([]Role, error) { return nil, errors.New("the proxy is down\nmore of it") },
		"t040": func(context.Context) ([]Role, error) {
			return role("enforced"), &NotRestoredError{errors.New("HTTP 503")}
		},
		"t050": func(context.Context) ([]Role, error) { panic("index out of range") },
	}}
	ctx, cut := context.WithCancel(t.Context())
	ended := 0
	options := Options{Dir: dir, ID: "run", AtOnce: 8, Ended: func(Result) {
		if ended++; ended == 250 {
			cut()
		}
	}}
	first, err := Run(ctx, tenants(500), p, options)
	if err != nil {
		t.Fatal(err)
	}
	if first.Counts.Waiting == 0 || first.Outcome == 0 {
		t.Errorf("a run that was cut off: %d waiting, outcome %d", first.Counts.Waiting, first.Outcome)
	}
	if on, err := Read(dir); err != nil || on.Counts != first.Counts {
		t.Errorf("on disk: %+v, %v, want %+v", on, err, first.Counts)
	}

	options.Ended, options.Resume = nil, true
	second, err := Run(t.Context(), tenants(500), p, options)
	if err != nil {
		t.Fatal(err)
	}
	// What is kept comes back as enforced from this fake, so what ended well the first time counts as that.
	want := Counts{Tenants: 500, Failed: 2, NotRestored: 1, Roles: 498, Enforced: 498, Narrow: 1}
	if diff := cmp.Diff(want, second.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if second.Outcome != 4 {
		t.Errorf("outcome %d, want 4", second.Outcome)
	}
	for _, tenant := range tenants(500) {
		want := 1
		if tenant.Name == "t030" || tenant.Name == "t040" || tenant.Name == "t050" {
			want = 2
		}
		if got := p.times(tenant.Name); got != want {
			t.Errorf("%s was proved %d times, want %d", tenant.Name, got, want)
		}
	}
	if most := p.most.Load(); most > 8 {
		t.Errorf("%d at once, want 8 at most", most)
	}
}

func TestTheSummaryHoldsNoSecret(t *testing.T) {
	dir := t.TempDir()
	p := &fakeProver{ends: map[string]func(context.Context) ([]Role, error){
		"t000": func(context.Context) ([]Role, error) {
			return []Role{{Error: "password hunter2"}}, errors.New("sent hunter2")
		},
	}}
	o := Options{Dir: dir, Redact: func(text string) string { return strings.ReplaceAll(text, "hunter2", "[secret]") }}
	if _, err := Run(t.Context(), tenants(1), p, o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || strings.Contains(string(text), "hunter2") || strings.Count(string(text), "[secret]") != 2 {
		t.Errorf("%s, %v", text, err)
	}
}

func TestAsManyAtOnceAsAllowed(t *testing.T) {
	p := &fakeProver{barrier: make(chan struct{})}
	var arrived atomic.Int32
	p.full = func() {
		if arrived.Add(1) == 3 {
			close(p.barrier) // only three at once open it
		}
	}
	if _, err := Run(t.Context(), tenants(3), p, Options{Dir: t.TempDir(), AtOnce: 3}); err != nil {
		t.Fatal(err)
	}
	if most := p.most.Load(); most != 3 {
		t.Errorf("%d at once, want 3", most)
	}
}

func TestTheWorstOfAllTenantsCounts(t *testing.T) {
	result := func(state, verdict string, clean bool) Result {
		r := Result{State: state}
		if verdict != "" {
			r.Roles = []Role{{Verdict: verdict, Clean: clean}}
		}
		return r
	}
	good := result(Proved, "enforced", true)
	for _, tt := range []struct {
		name   string
		with   Result
		strict bool
		want   int
	}{
		{"all is well", good, true, 0},
		{"kept from before", result(Kept, "enforced", true), true, 0},
		{"narrow", result(Proved, "enforced", false), false, 0},
		{"narrow, strictly", result(Proved, "enforced", false), true, 1},
		{"not enforced", result(Proved, "not-enforced", true), false, 1},
		{"inconclusive", result(Proved, "inconclusive", true), false, 3},
		{"without a verdict", Result{State: Failed, Roles: []Role{{}}}, false, 3},
		{"failed", result(Failed, "", false), false, 3},
		{"not begun", result(Waiting, "", false), false, 3},
		{"interrupted", result(Interrupted, "", false), false, 3},
		{"a defect", Result{State: Failed, Defect: true}, false, 5},
		{"not restored", result(NotRestored, "enforced", true), false, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Summary{Tenants: []Result{good, tt.with, good}}
			s.count(tt.strict)
			if s.Outcome != tt.want {
				t.Errorf("outcome %d, want %d", s.Outcome, tt.want)
			}
		})
	}
}

func TestTheSummaryNamesWhatIsNotWell(t *testing.T) {
	s := &Summary{Tenants: []Result{
		{Name: "good", State: Proved, Roles: []Role{{Role: "A", Verdict: "enforced"}}},
		{Name: "bad", State: Proved, Roles: []Role{{Role: "B", Verdict: "not-enforced", Summary: "the policy is off"}}},
		{Name: "gone", State: Failed, Error: "the proxy is down\nmore of it"},
	}}
	s.count(false)
	var b strings.Builder
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `NOT-ENFORCED  bad · B: the policy is off
FAILED        gone · the proxy is down
3 tenants: 1 failed, 0 not restored, 0 not begun
2 roles: 1 enforced (1 of them not for everyone), 1 not enforced, 0 inconclusive, 0 without a verdict
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestWhatIsTold(t *testing.T) {
	run := func(id string, verdicts map[string]string) *Summary {
		s := &Summary{ID: id, Started: noon}
		for _, name := range []string{"a", "b", "c", "d"} {
			s.Tenants = append(s.Tenants, Result{Name: name, TenantID: "id", State: Proved, Roles: []Role{{Role: "R", RoleID: "r", Verdict: verdicts[name]}}})
		}
		return s
	}
	earlier := run("one", map[string]string{"a": "enforced", "b": "enforced", "c": "", "d": "not-enforced"})
	now := run("two", map[string]string{"a": "enforced", "b": "not-enforced", "c": "enforced", "d": ""})
	now.Tenants[0].State, now.Tenants[0].Error = NotRestored, "HTTP 503"
	told := func(events []notify.Event) (all []string) {
		for _, e := range events {
			all = append(all, fmt.Sprintf("%s %s %s>%s", e.Kind, e.Tenant, e.Before, e.After))
		}
		return all
	}
	if diff := cmp.Diff([]string{"not-restored a >", "verdict-changed b enforced>not-enforced"}, told(now.Events(earlier))); diff != "" {
		t.Errorf("beside an earlier run (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"not-restored a >"}, told(now.Events(nil))); diff != "" {
		t.Errorf("alone (-want +got):\n%s", diff)
	}
}

func TestReadRefusesWhatIsNoRun(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"nothing": "", "another document": `{"schema":"reprompt/prove/v1","id":"x"}`, "no JSON": "x"} {
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "is no run of reprompt fleet") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
