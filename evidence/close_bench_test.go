package evidence_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// noisy is a picture of a window, some 60 KiB large, unlike any other.
func noisy(t testing.TB, noise *rand.ChaCha8) []byte {
	t.Helper()
	page := image.NewRGBA(image.Rect(0, 0, 1280, 800))
	for i := range page.Pix {
		page.Pix[i] = 0xff
	}
	for y := range 140 {
		for x := range 140 {
			n := noise.Uint64()
			page.SetRGBA(570+x, 330+y, color.RGBA{uint8(n), uint8(n >> 8), uint8(n >> 16), 255})
		}
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, page); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// proofs is an open run of so many proofs through the portal, with ten pictures each, of which those of sign-in
// pages are shown by their middle.
func proofs(t testing.TB, n int) *evidence.Run {
	t.Helper()
	run, err := evidence.Create(t.TempDir(), proveInfo(t))
	if err != nil {
		t.Fatal(err)
	}
	noise := rand.NewChaCha8([32]byte{})
	for k := range n {
		s, err := run.Scenario(fmt.Sprintf("role %d", k), "")
		if err != nil {
			t.Fatal(err)
		}
		o := recorded(t)
		for i := range o.SignIn.Pages {
			o.SignIn.Pages[i].Screenshot = s.Screenshot(fmt.Sprint("sign-in ", i), "A sign-in page", noisy(t, noise))
		}
		for len(s.Pictures()) < 10 {
			s.Event("page", "a page of the portal", o.Started)
			s.Screenshot("portal", "A page of the portal", noisy(t, noise))
		}
		if err := s.Finish(o, verdict.Decide(o)); err != nil {
			t.Fatal(err)
		}
		if err := s.Rest(); err != nil {
			t.Fatal(err)
		}
	}
	return run
}

// BenchmarkClose closes a run of 40 proofs with 400 pictures of 60 KiB, which all are in its report.
func BenchmarkClose(b *testing.B) {
	b.ReportAllocs()
	var most float64
	for b.Loop() {
		b.StopTimer()
		run := proofs(b, 40)
		forgetPeak(b)
		before := peak(b)
		b.StartTimer()
		if err := run.Close(evidence.Result{Finished: started.Add(time.Hour)}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		most = max(most, peak(b)-before)
		b.StartTimer()
	}
	b.ReportMetric(most, "MiB-more")
}
