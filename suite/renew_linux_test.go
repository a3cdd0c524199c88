package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// counted is a program that starts the browser of this machine and counts how often; the start of that number, from
// 1, fails.
func counted(t *testing.T, fails int) (program string, starts func() int) {
	t.Helper()
	found, err := browser.Find(os.Getenv("REPROMPT_BROWSER"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program, count := filepath.Join(dir, "counted-headless"), filepath.Join(dir, "count")
	script := fmt.Sprintf("#!/bin/sh\necho started >>'%s'\ntest $(wc -l <'%s') != %d || exit 1\nexec '%s' \"$@\"\n", count, count, fails, found.Path)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return program, func() int {
		lines, err := os.ReadFile(count)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(lines), "started")
	}
}

// renewing runs scenarios, each with a session of its own, one after the other, in browsers of two contexts each. It
// returns what was said. Nothing may be left of any browser.
func renewing(t *testing.T, scenarios int, program string) (said string) {
	t.Helper()
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	before := heldBefore(t)
	var watch strings.Builder
	s, err := Open(t.Context(), Options{
		Paths: []string{writeLongRun(t, 3, scenarios)}, EvidenceDir: t.TempDir(), BrowserPath: program, Concurrency: 1, contextsEach: 2, Progress: &watch,
	})
	if err != nil {
		t.Fatal(err)
	}
	ran, err := s.Run(t.Context())
	if err != nil || ran.Passed != scenarios {
		t.Errorf("%d of %d scenarios passed, %v: %s", ran.Passed, scenarios, err, watch.String())
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	mustVerify(t, ran.Evidence)
	shown, err := evidence.Show(ran.Evidence, evidence.VerifyOptions{})
	if err != nil || !strings.Contains(shown.Browser.Version, "Chrome/") || len(shown.Browser.SHA256) != 64 {
		t.Errorf("the evidence names the browser %+v, %v", shown.Browser, err)
	}
	mustComeBackTo(t, before)
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return watch.String()
}

// A browser opens so many contexts and ends; what comes later is in a fresh one, which is started ahead.
func TestABrowserIsRenewed(t *testing.T) {
	program, starts := counted(t, 0)
	said := renewing(t, 4, program)
	if got, want := starts(), 3; got != want { // the last for a fifth session, which did not come
		t.Errorf("%d browsers were started for 4 sessions, want %d", got, want)
	}
	if strings.Contains(said, "renewed") {
		t.Errorf("a person is told of what is a matter of course: %s", said)
	}
}

// Where a fresh browser does not start, the one that runs goes on, a person is told, and it is tried again later.
func TestABrowserThatCannotBeRenewedGoesOn(t *testing.T) {
	program, starts := counted(t, 2)
	said := renewing(t, 5, program)
	if got, want := starts(), 3; got != want { // the second failed; the third served the fifth session
		t.Errorf("browsers were started %d times for 5 sessions, want %d", got, want)
	}
	if strings.Count(said, "the browser is not renewed, and goes on: start browser: ") != 1 {
		t.Errorf("it was not said once that the browser is not renewed: %s", said)
	}
}

// Proofs that are parked while the browser is renewed go on in the fresh one, held to the hosts of their tenant.
func TestParkedProofsGoOnInARenewedBrowser(t *testing.T) {
	tenant := lab(t, false)
	manyRoles(t, tenant, 4, 4)
	program, starts := counted(t, 0)
	request := ProveRequest{AllProtected: true, Way: verdict.WayGraph}
	options := Options{Tenant: tenant, EvidenceDir: t.TempDir(), BrowserPath: program, Concurrency: 2, contextsEach: 2}
	proofs, err := Prove(t.Context(), options, request, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, proof := range proofs {
		if proof.Verdict == nil || proof.Verdict.Outcome != verdict.Enforced || proof.Err != nil {
			t.Errorf("%s: %+v, %v", proof.Role.Name, proof.Verdict, proof.Err)
		}
	}
	if starts() < 2 {
		t.Errorf("%d browser was started for %d proofs", starts(), len(proofs))
	}
	mustVerify(t, proofs[0].Evidence)
}

// Where the browser ends by itself, the one that was started ahead serves at once.
func TestAFreshBrowserTakesThePlaceOfOneThatEnded(t *testing.T) {
	program, starts := counted(t, 0)
	s := open(t, Options{Paths: []string{writeLongRun(t, 3, 1)}, BrowserPath: program, contextsEach: 3})
	opened := func() *browser.Session {
		t.Helper()
		session, err := s.session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return session
	}
	lost := opened()
	first := s.browsers.last
	killed := descendants(os.Getpid())[0]
	opened() // the fresh one is started
	fresh := s.browsers.next
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.browser.Ended()
	if _, err := opened().NewTab(t.Context()); err != nil || s.browsers.last != fresh || starts() != 2 {
		t.Errorf("a tab in the browser after it: %v; it is the fresh one: %t; %d were started, want 2", err, s.browsers.last == fresh, starts())
	}
	if _, err := lost.NewTab(t.Context()); !errors.Is(err, browser.ErrEnded) {
		t.Errorf("a tab in the browser that was killed: %v", err)
	}
}

// A fresh browser that is another program than the one that the evidence will name does not serve, and neither does
// one that ended again.
func TestAFreshBrowserMustBeTheSame(t *testing.T) {
	program, err := browser.Find("")
	if err != nil {
		t.Fatal(err)
	}
	launched := &launch{}
	if launched.browser.Browser, err = browser.Start(context.WithoutCancel(t.Context()), browser.Options{Installation: program}); err != nil {
		t.Fatal(err)
	}
	defer launched.browser.Close()
	launched.done = make(chan struct{})
	close(launched.done)
	version := launched.browser.Version()
	if err := launched.serves(version); err != nil {
		t.Errorf("the same program: %v", err)
	}
	if err := launched.serves("HeadlessChrome/1.0"); err == nil || !strings.Contains(err.Error(), version) || !strings.Contains(err.Error(), "HeadlessChrome/1.0") {
		t.Errorf("another version: %v", err)
	}
	if err := launched.browser.Browser.Close(); err != nil {
		t.Fatal(err)
	}
	if err := launched.serves(version); err == nil {
		t.Error("one that has ended serves")
	}
}
