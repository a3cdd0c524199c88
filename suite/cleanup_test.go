package suite

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/secret"
)

// leftTenant is a tenant that cannot be reached, with one change in its journal.
func leftTenant(t *testing.T) *config.Tenant {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	tenant := &config.Tenant{
		TenantID: "11111111-2222-3333-4444-555555555555", File: "t.yaml",
		TestClock: &config.TestClock{URL: "http://127.0.0.1:1", Token: secret.New("opensesame")},
	}
	path, err := journalPath(tenant.TenantID)
	if err != nil {
		t.Fatal(err)
	}
	j, err := fixtures.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f := fixtures.Fixtures{Journal: j, RunID: "run-1", TenantID: tenant.TenantID, AdminID: "a"}
	if _, err := f.Activating(t.Context(), fixtures.ActivationRef{PrincipalID: "a", RoleDefinitionID: "r", DirectoryScopeID: "/", Justification: "reprompt run run-1"}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return tenant
}

func TestCleanupThatCannotReachTheTenantSaysWhatIsPending(t *testing.T) {
	report, err := Cleanup(t.Context(), CleanupOptions{Tenant: leftTenant(t)})
	requirement := new(RequirementError)
	left := new(NotRestoredError)
	if !errors.As(err, &requirement) || !errors.As(err, &left) || left.Journal != report.Journal || !strings.HasSuffix(err.Error(), "cleanup --tenant t.yaml") {
		t.Fatalf("report %+v, error %v", report, err)
	}
	var text bytes.Buffer
	report.Write(&text)
	if got := text.String(); !strings.HasPrefix(got, "still pending: 1 change in the journal ") || strings.Contains(got, "nothing to undo") {
		t.Errorf("printed %q", got)
	}
}

func TestCleanupThatIsInterruptedSaysWhatIsPending(t *testing.T) {
	tenant := leftTenant(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Cleanup(ctx, CleanupOptions{Tenant: tenant})
	if err == nil || err.Error() != "interrupted; still pending: 1 change, undo with: reprompt cleanup --tenant t.yaml" {
		t.Errorf("error = %v", err)
	}
}

// A dry run that cannot ask the tenant lists what the journal holds, and says that it could not.
func TestDryRunThatCannotReachTheTenantListsTheJournal(t *testing.T) {
	report, err := Cleanup(t.Context(), CleanupOptions{Tenant: leftTenant(t), DryRun: true})
	requirement, left := new(RequirementError), new(NotRestoredError)
	if !errors.As(err, &requirement) || errors.As(err, &left) || len(report.Items) != 1 || report.Items[0].Outcome != "pending" {
		t.Errorf("report %+v, error %v", report, err)
	}
}

// A journal that is damaged leaves open whether the tenant is as it was, and stays as it is.
func TestCleanupByADamagedJournalIsNoCleanup(t *testing.T) {
	tenant := leftTenant(t)
	path, err := journalPath(tenant.TenantID)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 3*4096); err != nil {
		t.Fatal(err)
	}
	_, err = Cleanup(t.Context(), CleanupOptions{Tenant: tenant})
	left := new(NotRestoredError)
	if !errors.As(err, &left) || !strings.Contains(err.Error(), "is damaged") || strings.Contains(err.Error(), "undo it with") {
		t.Errorf("error %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 3*4096 {
		t.Errorf("the journal was touched: %v, %v", info, err)
	}
}

// An embedded tenant may be told to lag, and its file says so as that of a real one does.
func TestATenantIsAwaitedAsItsFileSays(t *testing.T) {
	p := place{propagation: 5 * time.Minute}
	if got := (&world{place: p}).newFixtures(nil).Within; got != 5*time.Minute {
		t.Errorf("a real tenant is awaited for %s", got)
	}
	p.control = &control{http: http.DefaultClient}
	if got := (&world{place: p}).newFixtures(nil).Within; got != 5*time.Minute {
		t.Errorf("an embedded tenant whose file says how long is awaited for %s", got)
	}
	p.propagation = 0
	if got := (&world{place: p}).newFixtures(nil).Within; got != labWithin {
		t.Errorf("an embedded tenant that is not made to lag is awaited for %s", got)
	}
}

// The proof itself goes well; only its report cannot be written.
func TestEvidenceThatCannotBeKeptIsNoProof(t *testing.T) {
	dir := t.TempDir()
	opened := func(string) {}
	request := ProveRequest{Roles: []string{"Application Administrator"}, Way: "graph"}
	watch := &spoiler{dir: dir}
	proofs, err := Prove(t.Context(), Options{EvidenceDir: dir, Progress: watch}, request, opened)
	unkept := new(EvidenceError)
	if !errors.As(err, &unkept) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "--evidence") {
		t.Fatalf("error = %v, want an EvidenceError on one line", err)
	}
	if !watch.done {
		t.Fatal("the evidence was not spoilt")
	}
	if proofs[0].Verdict != nil || proofs[0].Err == nil {
		t.Errorf("verdict %v, error %v: want no verdict", proofs[0].Verdict, proofs[0].Err)
	}
	if proofs[0].Restored == nil || !*proofs[0].Restored {
		t.Error("the role was not given back")
	}
}

func TestEvidenceErrorIsOneShortLine(t *testing.T) {
	err := &EvidenceError{Dir: "ev", Err: errors.Join(errors.New("write a: disk full"), errors.New("write b: disk full"), errors.New("write c: disk full"))}
	if got := err.Error(); !strings.Contains(got, "write a: disk full (and 2 more); make room") || strings.Contains(got, "\n") {
		t.Errorf("error %q", got)
	}
}

// spoiler is a progress that makes the evidence unwritable as soon as the role is given back.
type spoiler struct {
	dir  string
	done bool
}

func (s *spoiler) Write(p []byte) (int, error) {
	if !s.done && bytes.Contains(p, []byte("give the role back")) {
		reports, err := os.ReadDir(s.dir)
		if err != nil {
			return 0, err
		}
		for _, entry := range reports {
			if entry.IsDir() { // a folder stands where report.html has to go
				s.done = os.MkdirAll(s.dir+"/"+entry.Name()+"/report.html/x", 0o700) == nil
			}
		}
	}
	return len(p), nil
}
