package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/steps"
)

// numberIn is a number of scenarios that the environment names.
func numberIn(t *testing.T, name, otherwise string) int {
	t.Helper()
	text := cmp.Or(os.Getenv(name), otherwise)
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q: want how many scenarios, such as 2000", name, text)
	}
	return n
}

const (
	// soakLength names how many scenarios TestLongRun runs, soakRun how many of them are one run, with one
	// browser, one embedded Entra and one bundle.
	soakLength, soakRun = "REPROMPT_SOAK", "REPROMPT_SOAK_RUN"
	// soakHeap names a folder to which a profile of the heap is written whenever windowed scenarios ended:
	// what is alive then, after a collection.
	soakHeap = "REPROMPT_SOAK_HEAP"
	// soakAtOnce names how many scenarios run at a time.
	soakAtOnce = "REPROMPT_SOAK_AT_ONCE"
	// firstLook and lastLook are the scenarios at which the memory is compared; each is the middle of the
	// samples of the windowed scenarios before it, because a collection of garbage may fall between two.
	firstLook, lastLook = 200, 2000
	windowed            = 100
	// sampledEvery is every how many scenarios a sample is taken.
	sampledEvery = 5
	// growth is by how much memory may have grown from firstLook to lastLook.
	growth = 1.1
)

// A program of tests notes where memory is allocated, unlike reprompt, which has no use for it: those tables grow with
// each place, by 4 MiB in a thousand scenarios, and are no part of what is measured.
func init() {
	if os.Getenv(soakLength) != "" && os.Getenv(soakHeap) == "" {
		runtime.MemProfileRate = 0
	}
}

// Run after run in one process leaves nothing behind when it ends: no goroutine, open file, process,
// temporary file or tenant. Between the scenarios 200 and 2,000 memory has not grown by more than a tenth.
func TestLongRun(t *testing.T) {
	length, perRun := numberIn(t, soakLength, "12"), numberIn(t, soakRun, "100")
	l := &longRun{oneRun: perRun >= length, atOnce: numberIn(t, soakAtOnce, "2")}
	temporary, err := os.MkdirTemp("", "long")
	if err != nil {
		t.Fatal(err)
	}
	before := heldBefore(t)
	for l.ended < length {
		l.run(t, min(perRun, length-l.ended), temporary)
		mustComeBackTo(t, before)
		if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
			t.Fatalf("a run left %v in the folder %s for temporary files, %v", left, temporary, err)
		}
	}
	if err := os.Remove(temporary); err != nil {
		t.Error(err)
	}
	l.report(t)
}

// longRun is many scenarios that are looked at while they go on.
type longRun struct {
	oneRun bool // all that is compared is of one run
	atOnce int  // scenarios that run side by side

	mu      sync.Mutex
	ended   int
	tenants []string // of the run that goes on
	samples []sample
}

// run is one run: a browser and an embedded Entra of its own, and evidence, which is verified and thrown
// away. Files for the time being go to a folder that must be empty afterwards.
func (l *longRun) run(t *testing.T, scenarios int, temporary string) {
	t.Helper()
	evidenceDir, paths := t.TempDir(), []string{writeLongRun(t, l.ended, scenarios)}
	defer os.RemoveAll(evidenceDir)
	defer os.Setenv("TMPDIR", os.Getenv("TMPDIR"))
	os.Setenv("TMPDIR", temporary)
	s, err := Open(t.Context(), Options{Paths: paths, EvidenceDir: evidenceDir, Command: "make soak", Concurrency: l.atOnce, sentences: func(sc *godog.ScenarioContext) {
		sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
			l.look(ctx, t)
			return ctx, nil
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context()); err != nil {
		t.Error(err)
	}
	l.check(t, s, scenarios)
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	mustVerify(t, s.run.Dir())
}

// check fails on a scenario that did not pass and on a tenant that is still there.
func (l *longRun) check(t *testing.T, s *Suite, scenarios int) {
	t.Helper()
	for _, r := range s.tally.list() {
		if r.Outcome != Passed {
			t.Errorf("%s: %s at %s: %s", r.Name, r.Outcome, r.Step, r.Error)
		}
	}
	if len(l.tenants) != scenarios {
		t.Errorf("%d scenarios had %d tenants", scenarios, len(l.tenants))
	}
	for _, id := range l.tenants {
		if err := s.control.call(t.Context(), "GET", "/clock", id, nil, nil); err == nil || !strings.Contains(err.Error(), "no such tenant") {
			t.Errorf("the tenant %s of a scenario is still there: %v", id, err)
		}
	}
	l.tenants = nil
}

// look notes the tenant of a scenario that ended and, at times, takes a sample.
func (l *longRun) look(ctx context.Context, t *testing.T) {
	given, ok := steps.TenantOf(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok {
		l.tenants = append(l.tenants, given.(*tenant).place.tenantID)
	}
	if l.ended++; l.ended%sampledEvery != 0 {
		return
	}
	taken := takeSample(l.ended)
	l.samples = append(l.samples, taken)
	if l.ended%windowed == 0 {
		t.Logf("%v; kept %d KiB", l.middle(l.ended), keptNow()>>10)
		writeHeap(t, l.ended)
	}
}

// keptNow is what is alive after a collection of garbage, in bytes: unlike what the last one by itself found, it does
// not depend on how fast the run goes. What the scenarios hold that run at that moment is in it.
func keptNow() uint64 {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// writeHeap writes a profile of what is alive, where the environment names a folder for it.
func writeHeap(t *testing.T, at int) {
	t.Helper()
	dir := os.Getenv(soakHeap)
	if dir == "" {
		return
	}
	runtime.GC() // a profile is of the heap as the last collection left it
	file, err := os.Create(filepath.Join(dir, fmt.Sprintf("heap-%d", at)))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(pprof.WriteHeapProfile(file), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// report prints what a long run came to and fails when it grew. The browser is compared where it is one and the
// same.
func (l *longRun) report(t *testing.T) {
	t.Helper()
	whole := min(l.ended, lastLook) / windowed * windowed
	if whole <= firstLook {
		t.Logf("%d scenarios: too few to compare their memory with that at %d", l.ended, firstLook)
		return
	}
	first, last := l.middle(firstLook), l.middle(whole)
	t.Logf("the middle of %d to %d: %v", firstLook-windowed+1, firstLook, first)
	t.Logf("the middle of %d to %d: %v", whole-windowed+1, whole, last)
	mustNotGrow(t, whole, "harness and emulator", first.harness, last.harness)
	t.Logf("of it what is no page of a file: %.2f times", float64(last.own)/float64(first.own))
	if l.oneRun {
		mustNotGrow(t, whole, "the browser", first.browser, last.browser)
	}
}

// mustNotGrow tells how much memory has grown from firstLook to a scenario, and fails where that is too much at
// lastLook.
func mustNotGrow(t *testing.T, at int, what string, before, after int) {
	t.Helper()
	grown := float64(after) / float64(before)
	t.Logf("memory of %s: %d KiB at scenario %d, %d at scenario %d: %.2f times", what, before, firstLook, after, at, grown)
	if at == lastLook && grown > growth { // a shorter run has chance in it as large as that
		t.Errorf("want at most %.1f times", growth)
	}
}

// middle is, of each figure, the median of the samples of the scenarios up to n.
func (l *longRun) middle(n int) sample {
	var window []sample
	for _, s := range l.samples {
		if s.at > n-windowed && s.at <= n {
			window = append(window, s)
		}
	}
	of := func(figure func(sample) int) int {
		all := make([]int, len(window))
		for i, s := range window {
			all[i] = figure(s)
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return sample{
		at:         n,
		harness:    of(func(s sample) int { return s.harness }),
		own:        of(func(s sample) int { return s.own }),
		heap:       of(func(s sample) int { return s.heap }),
		live:       of(func(s sample) int { return s.live }),
		browser:    of(func(s sample) int { return s.browser }),
		goroutines: of(func(s sample) int { return s.goroutines }),
		files:      of(func(s sample) int { return s.files }),
		processes:  of(func(s sample) int { return s.processes }),
	}
}

// sample is what a run holds at one moment. Memory is in KiB.
type sample struct {
	at         int // scenarios that had ended
	harness    int // resident, of this process: harness and embedded Entra
	own        int // of it, what is no page of a file: the program's text is mapped as it is used, and can be dropped again
	heap       int // of it, Go objects, dead ones that are not collected yet too
	live       int // of those, what the last collection found alive
	browser    int // of the browser's processes; what several share is counted once
	goroutines int
	files      int // open ones of this process
	processes  int // below this one
}

func (s sample) String() string {
	return fmt.Sprintf("%s scenario %d: harness and emulator %d MiB (%d of it not of a file; heap %d, of it alive %d), browser %d MiB, %d goroutines, %d files, %d processes",
		time.Now().UTC().Format(time.TimeOnly), s.at, s.harness>>10, s.own>>10, s.heap>>10, s.live>>10, s.browser>>10, s.goroutines, s.files, s.processes)
}

func takeSample(at int) sample {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	below := descendants(os.Getpid())
	s := sample{
		at: at, harness: kibOf("/proc/self/status", "VmRSS:"), own: kibOf("/proc/self/status", "RssAnon:"), heap: int(memory.HeapAlloc >> 10), live: alive(),
		goroutines: runtime.NumGoroutine(), files: openFiles(), processes: len(below),
	}
	for _, pid := range below {
		s.browser += kibOf(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:")
	}
	return s
}

// alive is what the last collection of garbage found alive, in KiB.
func alive() int {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return int(live[0].Value.Uint64() >> 10)
}

// kibOf reads a line such as "VmRSS:    1234 kB" of a file below /proc; 0 where it is gone.
func kibOf(path, name string) int {
	text, _ := os.ReadFile(path) // a process that ended meanwhile has no memory
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0]) // the kernel writes a number
			return n
		}
	}
	return 0
}

func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd") // one that cannot be read shows as 0, which fails
	return len(entries) - 1                   // the folder itself is open
}

// descendants are the processes below one, dead ones that nobody waited for too.
func descendants(root int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	children := map[int][]int{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		// The name stands in brackets and may hold anything; state and parent follow it.
		_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')'):]), " ")
		fields := strings.Fields(rest)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		parent, _ := strconv.Atoi(fields[1])
		children[parent] = append(children[parent], pid)
	}
	below := children[root]
	for i := 0; i < len(below); i++ {
		below = append(below, children[below[i]]...)
	}
	return below
}

// holding is what a process must give back.
type holding struct{ goroutines, files, processes int }

// held is what this process holds now.
func held() holding {
	runtime.GC() // closes what earlier tests forgot
	return holding{runtime.NumGoroutine(), openFiles(), len(descendants(os.Getpid()))}
}

// heldBefore is what this process holds before the run. The network is used once: what the Go runtime
// opens for it stays open.
func heldBefore(t *testing.T) holding {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return held()
}

// mustComeBackTo awaits that the process holds no more than before.
func mustComeBackTo(t *testing.T, before holding) {
	t.Helper()
	wanted := await.Options{What: "what the run held to be given back", Within: 30 * time.Second, Every: 20 * time.Millisecond}
	_, err := await.Until(t.Context(), wanted, func(context.Context) (holding, bool, string, error) {
		now := held()
		given := now.goroutines <= before.goroutines && now.files <= before.files && now.processes <= before.processes
		return now, given, fmt.Sprintf("%+v, before %+v", now, before), nil
	})
	if err != nil {
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		t.Error(err)
	}
}

// kinds are the scenarios of a long run, of each twenty so many: the cheap one most often, and every way
// and every page often enough to show what it leaves.
var kinds = []struct {
	of   int
	text string
}{
	{17, `
  Scenario: %s, the role setting names no context
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "ROLE_SETTING_NO_CONTEXT"
`},
	{2, enforcedScenario + "    When the test admin activates the role through Graph\n    Then re-authentication is enforced\n"},
	{1, enforcedScenario + "    When the test admin activates the role in the portal\n    Then re-authentication is enforced\n"},
}

const enforcedScenario = `
  Scenario: %s, enforced
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation
`

// writeLongRun writes a feature of so many scenarios, the first of which follows those before it, and
// returns its path.
func writeLongRun(t *testing.T, before, scenarios int) string {
	t.Helper()
	var twenty []string
	for _, kind := range slices.Backward(kinds) { // a short run has each kind, too
		for range kind.of {
			twenty = append(twenty, kind.text)
		}
	}
	text := strings.Builder{}
	text.WriteString("Feature: Long run\n")
	for i := before; i < before+scenarios; i++ {
		fmt.Fprintf(&text, twenty[i%len(twenty)], strconv.Itoa(i+1))
	}
	path := filepath.Join(t.TempDir(), "long.feature")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
