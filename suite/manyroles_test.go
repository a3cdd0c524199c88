package suite

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
)

// configure makes what a test wants to be there in an embedded tenant. Nothing of it is undone: the tenant ends
// with the test.
func configure(t testing.TB, tenant *config.Tenant, making func(w *world, must func(error))) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	journal, err := fixtures.Open(filepath.Join(t.TempDir(), "journal.db"))
	must(err)
	defer journal.Close()
	w, err := newWorld(t.Context(), placeOfFile(tenant), worldOptions{runID: "configured", journal: journal})
	must(err)
	defer w.close()
	making(w, must)
}

// makeAdmins makes test admins with a passkey each, who are those of the tenant from then on, and returns their
// object ids.
func makeAdmins(t testing.TB, tenant *config.Tenant, w *world, admins int) (ids []string) {
	t.Helper()
	made := make([]config.Admin, admins)
	for i := range made {
		admin, err := w.fixtures.MakeTestAdmin(t.Context(), fixtures.TestAdminOptions{Name: fmt.Sprintf("admin %d", i), ClientID: tenant.HarnessApp.ClientID, Scopes: harnessScopes, Passkey: true})
		if err != nil {
			t.Fatal(err)
		}
		key := admin.Passkey
		made[i] = config.Admin{UPN: admin.UPN, ObjectID: admin.ID, Passkey: &config.Passkey{
			RPID: key.RPID, CredentialID: key.CredentialID, UserHandle: key.UserHandle, PrivateKeyPKCS8: secret.New(key.PrivateKeyPKCS8.Reveal()),
		}}
		ids = append(ids, admin.ID)
	}
	tenant.Admin, tenant.TestAdmins = made[0], made[1:]
	return ids
}

// settle lets what was configured settle.
func settle(t testing.TB, w *world) {
	t.Helper()
	if err := w.clock.Wait(t.Context(), w.clock.Now().Add(10*time.Minute), "the configuration to settle"); err != nil {
		t.Fatal(err)
	}
}

// manyRoles is an embedded tenant with protected roles, and admins who are each eligible for all of them.
func manyRoles(t testing.TB, tenant *config.Tenant, roles, admins int) {
	t.Helper()
	configure(t, tenant, func(w *world, must func(error)) {
		f, ids := w.fixtures, makeAdmins(t, tenant, w, admins)
		contextID, err := f.PublishContext(t.Context(), fixtures.ContextOptions{})
		must(err)
		_, err = f.CreatePolicy(t.Context(), fixtures.PolicyOptions{Contexts: []string{contextID}, Users: ids, Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true}})
		must(err)
		for i := range roles {
			role, err := f.CustomRole(t.Context(), fixtures.CustomRoleOptions{Name: fmt.Sprintf("role %02d", i)})
			must(err)
			must(f.RequireContext(t.Context(), role.ID, contextID))
			for _, id := range ids {
				must(f.MakeHolderEligible(t.Context(), fixtures.Holder{Principal: id, Role: role.ID}))
			}
		}
		settle(t, w)
	})
}

// said collects what is told of a run.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
	each func(line string)
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.each != nil {
		s.each(string(p))
	}
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// minutes reads a span of the plan or of its end.
func minutes(t testing.TB, text, pattern string) float64 {
	t.Helper()
	found := regexp.MustCompile(pattern + `(?:(\d+) h )?(\d+) min(?: (\d+) s)?`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("nothing like %q is said:\n%s", pattern, text)
	}
	var parts [3]float64
	for i, digits := range found[1:] {
		parts[i], _ = strconv.ParseFloat("0"+digits, 64)
	}
	return 60*parts[0] + parts[1] + parts[2]/60
}

// Six roles and two admins: the plan is said first, each role is proved by an admin who is eligible, no more
// contexts are open than may be, and each window holds a role of each admin while the one before is kept by PIM.
func TestSeveralRolesAreProvedOverAPoolOfAdmins(t *testing.T) {
	tenant := lab(t, false)
	manyRoles(t, tenant, 6, 2)
	var progress said
	request := ProveRequest{AllProtected: true, Way: verdict.WayPortal}
	proofs, err := Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir(), Progress: &progress, Concurrency: 2}, request, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	provedBy := map[string]int{}
	for _, proof := range proofs {
		if proof.Verdict == nil || proof.Verdict.Outcome != verdict.Enforced || proof.Restored == nil || !*proof.Restored {
			t.Errorf("%s: %+v", proof.Role.Name, proof.Verdict)
			continue
		}
		provedBy[proof.Observation.Admin.UPN]++
		if proof.Observation.Admin != proof.Admin {
			t.Errorf("%s: told of %v, proved by %v", proof.Role.Name, proof.Admin, proof.Observation.Admin)
		}
	}
	if len(proofs) != 6 || provedBy[tenant.Admin.UPN] != 3 || provedBy[tenant.TestAdmins[0].UPN] != 3 {
		t.Errorf("the roles were proved by %v, want three each", provedBy)
	}
	text := progress.String()
	for _, want := range []string{"plan: 6 roles over 2 test admins, 3 windows of eleven minutes", tenant.Admin.UPN + ": ", "expected end: "} {
		if !strings.Contains(text, want) || strings.Index(text, want) > strings.Index(text, "started") {
			t.Errorf("before it began nothing was said like %q:\n%s", want, text)
		}
	}
	// Three windows and PIM's five minutes are 38 minutes; one after the other six proofs take 96.
	plan, took := minutes(t, text, `in `), minutes(t, text, `took `)
	if took < 38 || took > 42 || took > 1.05*plan || took < 0.95*plan {
		t.Errorf("it took %.1f minutes, the plan said %.1f", took, plan)
	}
	if v, err := evidence.Verify(proofs[0].Evidence, evidence.VerifyOptions{}); err != nil || len(v.Problems) > 0 {
		t.Errorf("the bundle does not verify: %v %v", v.Problems, err)
	}
	if pending, err := pendingOf(tenant); err != nil || len(pending) != 0 {
		t.Errorf("pending = %v, %v", pending, err)
	}
}

// pendingOf is what the journal of a tenant still holds.
func pendingOf(tenant *config.Tenant) ([]fixtures.Record, error) {
	path, err := journalPath(tenant.TenantID)
	if err != nil {
		return nil, err
	}
	journal, err := fixtures.Open(path)
	if err != nil {
		return nil, err
	}
	defer journal.Close()
	return journal.Pending()
}

// One role under two spellings would be proved twice at the same time.
func TestARoleIsNamedOnce(t *testing.T) {
	tenant := lab(t, true)
	id := "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3" // of Application Administrator (documented)
	_, err := Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole, id}}, nil)
	wantRequirement(t, "twice", err, []string{`"Application Administrator" and "` + id + `" are the same role: name it once`})
}

// inside, as the value of REPROMPT_ROLES, says that this process was started for one row of BenchmarkManyRoles.
const inside = "inside"

// mostMore is by how much more memory may be held at 40 roles than at 10, over as many admins, at the most at any
// time, closing the run included: by harness and browser, by both with the tenant's process, and by the harness alone.
const mostMore = 1.2

// BenchmarkManyRoles proves protected roles over test admins, on an embedded tenant: docs/performance.md,
// "Many roles". It is long: REPROMPT_ROLES has to be set. Each row is run in a process of its own, since a
// process keeps what an earlier row needed at its peak.
func BenchmarkManyRoles(b *testing.B) {
	asked := os.Getenv("REPROMPT_ROLES")
	if asked == "" {
		b.Skip("set REPROMPT_ROLES=1, or run make bench-roles")
	}
	if dir, ok := strings.CutPrefix(asked, tenantIn); ok {
		serveTenant(b, dir)
		return
	}
	held, all, alone := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, row := range []struct{ roles, admins int }{{10, 1}, {40, 1}, {10, 4}, {40, 4}, {40, 8}} {
		name := fmt.Sprintf("roles=%d/admins=%d", row.roles, row.admins)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if asked == inside {
					benchRoles(b, row.roles, row.admins)
				} else {
					figures := rowAlone(b, name)
					held[name], alone[name] = max(figures["proving-MiB"], figures["closing-MiB"]), figures["harness-MiB"]
					all[name] = held[name] + figures["tenant-MiB"]
				}
			}
		})
	}
	for _, admins := range []int{1, 4} {
		compare(b, held, admins, "harness and browser")
		compare(b, all, admins, "harness, browser and tenant")
		compare(b, alone, admins, "the harness alone")
	}
}

// compare holds the peaks at 40 roles against those at 10.
func compare(b *testing.B, peaks map[string]float64, admins int, of string) {
	b.Helper()
	ten, forty := peaks[fmt.Sprintf("roles=10/admins=%d", admins)], peaks[fmt.Sprintf("roles=40/admins=%d", admins)]
	if ten == 0 || forty == 0 {
		return
	}
	b.Logf("over %s %s held %.2f times as much at 40 roles as at 10", plural(admins, "admin"), of, forty/ten)
	if forty > mostMore*ten {
		b.Errorf("over %s %s held %.0f MiB at 40 roles and %.0f MiB at 10: more than %.1f times as much", plural(admins, "admin"), of, forty, ten, mostMore)
	}
}

// rowAlone runs one row in a process of its own, reports its figures, and returns them.
func rowAlone(b *testing.B, name string) (figures map[string]float64) {
	b.Helper()
	own, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), own, "-test.run=^$", "-test.bench=^BenchmarkManyRoles$/^"+strings.ReplaceAll(name, "/", "$/^")+"$", "-test.benchtime=1x", "-test.timeout=60m")
	cmd.Env = append(os.Environ(), "REPROMPT_ROLES="+inside)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%s: %v\n%s", name, err, out)
	}
	figures = map[string]float64{}
	for _, unit := range []string{"plan-min", "tenant-min", "proving-MiB", "closing-MiB", "harness-MiB", "browser-MiB", "tenant-MiB", "live-MiB"} {
		found := regexp.MustCompile(`([0-9.]+) ` + unit).FindSubmatch(out)
		if found == nil {
			b.Fatalf("%s reported no %s:\n%s", name, unit, out)
		}
		figure, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(figure, unit)
		figures[unit] = figure
	}
	return figures
}

// benchRoles is one run. It reports the tenant's minutes beside those that were planned, and of memory, in MiB:
//
//   - proving: the most that this process (harness and journal) and the browser held together, looked at whenever
//     something was told of the run, which is some 25 times a role; of it the browser's share at its own peak
//   - closing: the same while the run is closed and the browser ends, looked at again and again
//   - harness: the most that this process had resident at any time of the run, as the kernel counts it
//   - tenant: the same of the tenant's process
//   - live: what of this process's heap was still in use at the end
//
// A browser's peak between two looks may be missed. More roles are more looks, and the largest of more looks at
// something that varies by chance is larger.
func benchRoles(b *testing.B, roles, admins int) {
	tenant, served := tenantApart(b, "BenchmarkManyRoles")
	manyRoles(b, tenant, roles, admins)
	var proving, browsers, closing int
	var looking sync.WaitGroup
	closed := make(chan struct{})
	progress := said{each: func(line string) {
		mine, others := memory(b, served)
		proving, browsers = max(proving, mine+others), max(browsers, others)
		if strings.HasPrefix(line, "took ") { // the last role is done
			looking.Go(func() { closing = max(mine+others, mostHeld(b, served, closed)) })
		}
	}}
	forgetPeak(b, os.Getpid()) // what was made before is not the run's
	b.ResetTimer()
	proofs, err := Prove(b.Context(), Options{Tenant: tenant, EvidenceDir: b.TempDir(), Progress: &progress, Concurrency: 2}, ProveRequest{AllProtected: true}, nil)
	b.StopTimer()
	close(closed)
	looking.Wait()
	own, tenants := peak(b, os.Getpid()), peak(b, served)
	defer b.StartTimer()
	if err != nil || len(proofs) != roles {
		b.Fatalf("%d proofs, %v", len(proofs), err)
	}
	for _, proof := range proofs {
		if proof.Verdict == nil || proof.Verdict.Outcome != verdict.Enforced {
			b.Errorf("%s came to %+v", proof.Role.Name, proof.Verdict)
		}
	}
	b.ReportMetric(minutes(b, progress.String(), `in `), "plan-min")
	b.ReportMetric(minutes(b, progress.String(), `took `), "tenant-min")
	b.ReportMetric(float64(proving)/1024, "proving-MiB")
	b.ReportMetric(float64(closing)/1024, "closing-MiB")
	b.ReportMetric(float64(own)/1024, "harness-MiB")
	b.ReportMetric(float64(browsers)/1024, "browser-MiB")
	b.ReportMetric(float64(tenants)/1024, "tenant-MiB")
	b.ReportMetric(float64(live())/(1<<20), "live-MiB")
}

// live is how many bytes of the heap are in use once the garbage is gone.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// memory is the proportional set size, in KiB, of this process and of all below it, but for one of those; 0: all (Linux).
func memory(b *testing.B, but int) (own, below int) {
	b.Helper()
	parents := map[int]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		_, after, ok := strings.Cut(string(text), ") ")
		if fields := strings.Fields(after); err == nil && ok && len(fields) > 1 {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			parents[pid], _ = strconv.Atoi(fields[1])
		}
	}
	for pid := range parents {
		for up := pid; up > 1; up = parents[up] {
			if up == os.Getpid() {
				if pid == up {
					own = proportional(pid)
				} else if pid != but {
					below += proportional(pid)
				}
				break
			}
		}
	}
	return own, below
}

// mostHeld looks again and again, until it is over, how much this process and the browser hold together.
func mostHeld(b *testing.B, served int, over <-chan struct{}) (most int) {
	for {
		mine, others := memory(b, served)
		most = max(most, mine+others)
		select {
		case <-over:
			return most
		default:
		}
	}
}

// forgetPeak has the kernel count the most that a process has resident anew (proc(5): clear_refs).
func forgetPeak(b *testing.B, pid int) {
	b.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
}

// peak is the most that a process has had resident since then, in KiB (Linux).
func peak(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\nVmHWM:")
	kib, err := strconv.Atoi(strings.Fields(after + " none")[0])
	if err != nil {
		b.Fatalf("the kernel tells no peak of process %d: %v", pid, err)
	}
	return kib
}

func proportional(pid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	_, after, _ := strings.Cut(string(text), "\nPss:")
	kib, _ := strconv.Atoi(strings.Fields(after + " 0")[0])
	return kib
}
