package suite

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newTestProgress has a clock that the test moves and a screen of 60 columns.
func newTestProgress(live bool) (*progress, *bytes.Buffer, *time.Time) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	out := &bytes.Buffer{}
	p := &progress{
		w: out, live: live, stop: make(chan struct{}),
		now: func() time.Time { return now }, width: func() int { return 60 },
	}
	return p, out, &now
}

func TestPlainProgressIsOneLinePerStep(t *testing.T) {
	p, out, now := newTestProgress(false)
	p.note("embedded tenant, seed 7")
	track := p.start("Activation through the portal")
	track.at("Given a published authentication context")
	*now = now.Add(400 * time.Millisecond)
	track.at("When the test admin activates the role in the portal")
	track.does("sign in")
	track.wait("both re-use windows to pass", 11*time.Minute)
	track.wait("both re-use windows to pass", 10*time.Minute)
	*now = now.Add(2 * time.Second)
	track.end("passed", "enforced")
	p.close()
	want := `embedded tenant, seed 7
started  Activation through the portal
  0.0 s  Activation through the portal: Given a published authentication context
  0.4 s  Activation through the portal: When the test admin activates the role in the portal
  0.4 s  Activation through the portal:   sign in
  0.4 s  Activation through the portal:   waiting for both re-use windows to pass, 11m0s left
passed   Activation through the portal  2.4 s  enforced
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("plain progress (-want +got):\n%s", diff)
	}
}

func TestLiveProgressIsOneLine(t *testing.T) {
	p, out, now := newTestProgress(true)
	track := p.start("Through Graph")
	p.start("Through the portal")
	*now = now.Add(time.Second)
	track.at("When the admin activates")
	out.Reset()
	track.wait("the windows", 90*time.Second)
	if got, want := out.String(), "\r\x1b[2K1.0 s · Through Graph · waiting for the windows, 1m30s lef…"; got != want {
		t.Errorf("live line = %q, want %q", got, want)
	}
	out.Reset()
	track.end("passed", "enforced")
	lines := strings.Split(out.String(), "\n")
	if got, want := lines[0], "\r\x1b[2Kpassed   Through Graph  1.0 s  enforced"; got != want {
		t.Errorf("line that stays = %q, want %q", got, want)
	}
	if !strings.Contains(lines[1], "Through the portal") {
		t.Errorf("the other scenario is gone from the live line: %q", lines[1])
	}
	p.close()
	if !strings.HasSuffix(out.String(), "\r\x1b[2K") {
		t.Error("close leaves the live line on the screen")
	}
}

func TestLiveProgressGivesUpTheStepFirst(t *testing.T) {
	p, _, _ := newTestProgress(true)
	track := p.start("Through Graph")
	track.at("When the test admin activates the role through Graph")
	track.does("sign in")
	for width, want := range map[int]string{
		120: "0.0 s · Through Graph · When the test admin activates the role through Graph · sign in",
		60:  "0.0 s · Through Graph · When the test admin activ… · sign in",
		40:  "0.0 s · Through Graph · sign in",
		10:  "0.0 s · T…",
	} {
		if got := p.liveLine(width); got != want {
			t.Errorf("in %d columns: %q, want %q", width, got, want)
		}
	}
}

func TestNoProgressIsQuiet(t *testing.T) {
	p := newProgress(nil)
	p.note("nobody reads this")
	track := p.start("a scenario")
	track.at("a step")
	track.wait("something", 0)
	track.end("passed", "")
	p.close()
}
