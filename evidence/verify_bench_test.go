package evidence_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// large is the bundle of a run of n scenarios with ten pictures of 50 KiB each.
func large(t testing.TB, n int) string {
	t.Helper()
	i := proveInfo(t)
	i.Kind = evidence.KindRun
	run, err := evidence.Create(t.TempDir(), i)
	if err != nil {
		t.Fatal(err)
	}
	noise := rand.NewChaCha8([32]byte{})
	picture := make([]byte, 50<<10)
	o := recorded(t)
	v := verdict.Decide(o)
	for k := range n {
		s, err := run.Scenario(fmt.Sprintf("scenario %d", k), "features/large.feature")
		if err != nil {
			t.Fatal(err)
		}
		s.Event("step", "sign in", o.Started)
		for shot := range 10 {
			_, _ = noise.Read(picture) // never fails
			s.Event("page", "sign-in: password", o.Started)
			s.Screenshot(fmt.Sprint("picture ", shot), "A picture", append([]byte("\x89PNG"), picture...))
		}
		for range 20 {
			s.Event("probe", "the session lives; it last authenticated some time ago", o.Started)
		}
		if err := s.Finish(o, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Close(evidence.Result{Finished: started.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	return run.Dir()
}

// BenchmarkVerify verifies a bundle of 1,000 scenarios with 10 pictures of 50 KiB each. Wanted: less
// than 10 s, and less than 150 MiB of memory, on 2 cores.
func BenchmarkVerify(b *testing.B) {
	dir := large(b, 1000)
	for b.Loop() {
		v := verified(b, dir, evidence.VerifyOptions{})
		if v.Outcome != evidence.Verified {
			b.Fatal(v.Problems[0])
		}
	}
	b.ReportMetric(peak(b), "MiB-peak")
}

// peak is the most memory that this process had at a time, where Linux tells it.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile(filepath.Join("/proc", "self", "status"))
	if err != nil {
		return 0
	}
	var kib float64
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	if _, err := fmt.Sscan(string(rest), &kib); err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}
