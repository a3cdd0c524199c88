package evidence_test

import (
	"crypto/rand"
	"fmt"
	"runtime"
	"testing"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
)

// A run of thousands of scenarios keeps next to nothing of those that are over: where they are, and digests of the
// secrets that nothing which is written later may hold.
func TestARunKeepsLittleOfAScenario(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	run, err := evidence.Create(t.TempDir(), info())
	if err != nil {
		t.Fatal(err)
	}
	o := recorded(t)
	v := verdict.Decide(o)
	play := func(scenarios int) int64 {
		for i := range scenarios {
			for range 3 {
				run.Guard(secret.New(rand.Text()))
			}
			s, err := run.Scenario(fmt.Sprint("scenario ", i), "features/long.feature")
			if err != nil {
				t.Fatal(err)
			}
			for range 8 {
				s.Event("probe", "the session lives; it last authenticated some time ago", o.Started)
			}
			if err := s.Finish(o, v); err != nil {
				t.Fatal(err)
			}
			if err := s.Rest(); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.GC() // what pools hold goes with the second
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return int64(memory.HeapAlloc)
	}
	const scenarios = 100
	before := play(20) // what is made once is there by then
	kept := (play(scenarios) - before) / scenarios
	runtime.KeepAlive(run)
	// An observation has 18 KB, a line of run.json 3 KB, 8 events 1 KB, and the digests of three secrets 1 KB.
	if kept > 1<<10 {
		t.Errorf("%d bytes are kept of each scenario, want at most 1 KiB", kept)
	}
}
