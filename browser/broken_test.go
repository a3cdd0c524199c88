//go:build unix

package browser

import (
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// waiting are the ways in which somebody waits for a page that will not come to it any more.
var waiting = map[string]func(t *testing.T, s *Session, tab *Tab) error{
	"for an element": func(t *testing.T, _ *Session, tab *Tab) error {
		_, _, err := tab.Find(testContext(t), Query{Roles: []string{"button"}, Names: []string{"Never"}})
		return err
	},
	"for the next page": func(t *testing.T, _ *Session, tab *Tab) error {
		_, err := tab.AwaitDocument(testContext(t), tab.Document())
		return err
	},
	"for a script": func(t *testing.T, _ *Session, tab *Tab) error {
		return tab.Eval(testContext(t), "new Promise(() => {})", nil)
	},
}

// whoever waits when the browser dies learns it at once, whatever is waited for, and its folder goes.
func TestABrowserThatDiesSaysSoToWhoeverWaits(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(`<p>nothing`)})
	ways := map[string]func(t *testing.T, s *Session, tab *Tab) error{
		"for a popup": func(t *testing.T, s *Session, _ *Tab) error {
			_, err := s.Popups().Next(testContext(t))
			return err
		},
		"for a request": func(t *testing.T, s *Session, _ *Tab) error {
			_, err := s.Wiretap().Watch(Sent, nil).Next(testContext(t))
			return err
		},
		"for a redirect": func(t *testing.T, _ *Session, tab *Tab) error {
			redirect, err := tab.CatchRedirect("http://localhost/back")
			if err == nil {
				_, err = redirect.Next(testContext(t))
			}
			return err
		},
	}
	for name, wait := range waiting {
		if name != "for a script" { // whose document is gone, as far as it can tell
			ways[name] = wait
		}
	}
	for name, wait := range ways {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			b := startBrowser(t, Options{TempDir: folder})
			s, err := b.NewSession(testContext(t))
			if err != nil {
				t.Fatal(err)
			}
			tab, err := s.NewTab(testContext(t))
			if err != nil {
				t.Fatal(err)
			}
			mustNavigate(t, tab, server.URL)
			ended := make(chan error, 1)
			go func() { ended <- wait(t, s, tab) }()
			b.process.kill()
			if err := <-ended; !errors.Is(err, ErrEnded) {
				t.Errorf("the wait ended with %v, want that the browser ended", err)
			}
			if _, err := b.NewSession(testContext(t)); !errors.Is(err, ErrEnded) {
				t.Errorf("a session of a dead browser: %v", err)
			}
			select {
			case <-b.Ended():
			default:
				t.Error("the browser does not say that it has ended")
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// A page whose process died is over, and the session goes on without it.
func TestAPageThatCrashesSaysSoToWhoeverWaits(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(`<p>nothing`)})
	for name, wait := range waiting {
		t.Run(name, func(t *testing.T) {
			s := openSession(t)
			tab, err := s.NewTab(testContext(t))
			if err != nil {
				t.Fatal(err)
			}
			mustNavigate(t, tab, server.URL)
			ended := make(chan error, 1)
			go func() { ended <- wait(t, s, tab) }()
			post(tab.page.route, page.Crash, cdp.Empty{})
			if err := <-ended; !errors.Is(err, ErrCrashed) && !(name == "for a script" && errors.Is(err, ErrNavigated)) {
				t.Errorf("the wait ended with %v, want that the page crashed", err)
			}
			if _, err := tab.AwaitDocument(testContext(t), tab.Document()); !errors.Is(err, ErrCrashed) {
				t.Errorf("the page after the crash: %v", err)
			}
			began := time.Now()
			if err := tab.Close(testContext(t)); err != nil {
				t.Errorf("close it after %s: %v", time.Since(began), err)
			}
			other, err := s.NewTab(testContext(t))
			if err != nil {
				t.Fatalf("the session's next tab: %v", err)
			}
			mustNavigate(t, other, server.URL)
		})
	}
}
