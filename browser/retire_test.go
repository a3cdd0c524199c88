package browser

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// mustSession opens a session that the test itself closes.
func mustSession(t *testing.T, b *Browser) *Session {
	t.Helper()
	s, err := b.NewSession(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// nobody is asked for a browser after one that nobody needs.
func nobody(context.Context) (*Browser, error) {
	return nil, errors.New("no browser comes after this one")
}

func hasEnded(b *Browser) bool {
	select {
	case <-b.Ended():
		return true
	default:
		return false
	}
}

// mustEnd waits until a browser has ended and nothing is left of it.
func mustEnd(t *testing.T, b *Browser) {
	t.Helper()
	select {
	case <-b.Ended():
	case <-testContext(t).Done():
		t.Fatal("the browser goes on")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if left := groupMembers(t, b.process.pid()); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
}

// A browser that has retired serves the sessions that it has, opens no other, and ends with the last of them.
func TestARetiredBrowserEndsWithItsLastSession(t *testing.T) {
	b := startBrowser(t, Options{})
	first, last := mustSession(t, b), mustSession(t, b)
	b.Retire(nobody)
	b.Retire(nil) // the second time means nothing
	if _, err := b.NewSession(testContext(t)); !errors.Is(err, ErrRetired) {
		t.Errorf("a session of a retired browser: %v, want ErrRetired", err)
	}
	if err := first.Close(testContext(t)); err != nil || hasEnded(b) {
		t.Errorf("closing one of two sessions: %v; the browser ended: %t", err, hasEnded(b))
	}
	tab, err := last.NewTab(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	mustEval(t, tab.Document(), "1+1", nil)
	if err := last.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	mustEnd(t, b)
	if b.Contexts() != 2 {
		t.Errorf("%d contexts were opened, want 2", b.Contexts())
	}
}

func TestARetiredBrowserThatNobodyUsesEndsAtOnce(t *testing.T) {
	b := startBrowser(t, Options{})
	if err := mustSession(t, b).Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	b.Retire(nobody)
	mustEnd(t, b)
}

// A parked session keeps no retired browser. It goes on, with its cookies, in the one that is there by then, also
// where the next one has retired, too.
func TestAParkedSessionGoesOnInTheNextBrowser(t *testing.T) {
	server := cookieSite(t)
	old, between, fresh := startBrowser(t, trusting(server)), startBrowser(t, trusting(server)), startBrowser(t, trusting(server))
	ctx := testContext(t)
	s := mustSession(t, old)
	tab, err := s.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mustEval(t, mustNavigate(t, tab, server.URL+"/set"), loaded, nil)
	before, _ := sent(t, s, server)
	if err := s.Park(ctx); err != nil {
		t.Fatal(err)
	}
	old.Retire(func(context.Context) (*Browser, error) { return between, nil })
	between.Retire(func(context.Context) (*Browser, error) { return fresh, nil })
	mustEnd(t, old)
	mustEnd(t, between)
	if err := s.Resume(ctx); err != nil {
		t.Fatal(err)
	}
	if after, stored := sent(t, s, server); after != before || strings.Count(after, "; ") != 3 || stored != "nothing" {
		t.Errorf("it sent %q, before %q; its pages stored %q", after, before, stored)
	}
	if fresh.Contexts() != 1 || fresh.MostSessions() != 1 {
		t.Errorf("the last browser opened %d contexts, %d at a time; want 1", fresh.Contexts(), fresh.MostSessions())
	}
	if err := s.Close(ctx); err != nil || len(contexts(t, fresh)) != 0 {
		t.Errorf("left in the last browser: %v, %v", contexts(t, fresh), err)
	}
}

// Where no browser comes after it, a session that was parked says why it does not go on, and can still be closed.
func TestAParkedSessionWithoutANextBrowser(t *testing.T) {
	b := startBrowser(t, Options{})
	s := mustSession(t, b)
	if err := s.Park(testContext(t)); err != nil {
		t.Fatal(err)
	}
	b.Retire(nobody)
	if err := s.Resume(testContext(t)); err == nil || !strings.Contains(err.Error(), "no browser comes after") {
		t.Errorf("resumed: %v", err)
	}
	if err := s.Close(testContext(t)); err != nil {
		t.Error(err)
	}
}
