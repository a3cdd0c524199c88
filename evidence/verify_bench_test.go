package evidence_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
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
			s.Screenshot(fmt.Sprint("picture ", shot), "A picture", pngOf("IDAT", picture))
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

// pngOf is a PNG of one chunk, as far as its frame goes.
func pngOf(chunk string, content []byte) []byte {
	frame := append([]byte(chunk), content...)
	png := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(content)))
	return binary.BigEndian.AppendUint32(append(png, frame...), crc32.ChecksumIEEE(frame))
}

// BenchmarkVerify verifies a bundle of 1,000 scenarios with 10 pictures of 50 KiB each. Wanted: less
// than 10 s, and less than 150 MiB of memory, on 2 cores.
func BenchmarkVerify(b *testing.B) {
	dir := large(b, 1000)
	forgetPeak(b)
	for b.Loop() {
		v := verified(b, dir, evidence.VerifyOptions{})
		if v.Outcome != evidence.Verified {
			b.Fatal(v.Problems[0])
		}
	}
	b.ReportMetric(peak(b), "MiB-peak")
}

// forgetPeak gives back what making the bundle took, so that peak tells of verifying alone.
func forgetPeak(b *testing.B) {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil { // 5: the peak of resident memory (proc_pid_clear_refs(5))
		b.Logf("the peak of memory counts the making of the bundle, too: %v", err)
	}
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
