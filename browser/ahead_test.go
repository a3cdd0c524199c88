package browser

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// What was opened ahead is what is asked for next, once, and a session like any other: it keeps its console
// though its tab was there before anybody said so.
func TestASessionIsOpenedAhead(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(`<script>console.log("heard")</script>`)})
	ctx, b := testContext(t), startBrowser(t, Options{})
	var waits []string
	b.Watch(func(w Wait) {
		if w.What == "Target.createBrowserContext" || w.What == "Target.createTarget" {
			waits = append(waits, w.What)
		}
	})
	b.OpenAhead(ctx)
	s, err := b.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.KeepConsole()
	tab, err := s.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Target.createBrowserContext", "Target.createTarget"}; !slices.Equal(waits, want) {
		t.Errorf("waited for %v, want %v", waits, want)
	}
	mustEval(t, mustNavigate(t, tab, server.URL+"/"), loaded, nil)
	if got := s.Console(); len(got) != 1 || got[0].Text != "heard" {
		t.Errorf("the console holds %v", got)
	}
	other, err := b.NewSession(ctx)
	if err != nil || other == s || b.MostSessions() != 2 || len(s.Tabs()) != 1 {
		t.Errorf("the next session is %v (%v), %d sessions, %d tabs", other, err, b.MostSessions(), len(s.Tabs()))
	}
	if second, err := s.NewTab(ctx); err != nil || second == tab {
		t.Errorf("the second tab is %v (%v)", second, err)
	}
}

func TestWhatWasOpenedAheadAndNotAskedForIsClosed(t *testing.T) {
	before := runtime.NumGoroutine()
	b := startBrowser(t, Options{})
	b.OpenAhead(testContext(t))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines, %d before", now, before)
	}
	if _, err := b.NewSession(testContext(t)); err == nil {
		t.Error("a browser that is closed opened a session")
	}
}

// A program that was replaced is read again.
func TestDigestIsOfTheFileAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	var digests []string
	for _, content := range []string{"one", "one", "another"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := digest(path)
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, got)
	}
	if digests[0] != digests[1] || digests[0] == digests[2] || len(digests[0]) != 64 {
		t.Errorf("digests %v", digests)
	}
}
