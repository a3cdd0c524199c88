package browser

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
)

// contexts are the browser contexts that the browser has.
func contexts(t *testing.T, b *Browser) []cdp.BrowserContextID {
	t.Helper()
	got, err := call(testContext(t), b.root, nil, target.GetBrowserContexts, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	return got.BrowserContextIDs
}

// cookieSite sets every kind of cookie that a sign-in host uses and says which come back.
func cookieSite(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/set", func(w http.ResponseWriter, r *http.Request) {
		for _, c := range []*http.Cookie{
			{Name: "__Host-session", Value: "of the host", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode},
			{Name: "persistent", Value: "a=b c", Path: "/", Expires: time.Now().Add(time.Hour), Secure: true, SameSite: http.SameSiteLaxMode},
			{Name: "below", Value: "path", Path: "/below", Secure: true},
			{Name: "__Host-partitioned", Value: "chip", Path: "/", Secure: true, Partitioned: true, SameSite: http.SameSiteNoneMode},
		} {
			http.SetCookie(w, c)
		}
		html("<script>localStorage.who = 'stored'</script>")(w, r)
	})
	mux.HandleFunc("/below/get", func(w http.ResponseWriter, r *http.Request) {
		var got []string
		for _, c := range r.Cookies() {
			got = append(got, c.Name+"="+c.Value)
		}
		slices.Sort(got)
		html("<p id=c></p><p id=s></p><script>c.innerText="+fmt.Sprintf("%q", strings.Join(got, "; "))+";s.innerText=localStorage.who ?? 'nothing'</script>")(w, r)
	})
	server := httptest.NewUnstartedServer(mux)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// sent are the cookies that a session sends to the site, and what a page of it has stored.
func sent(t *testing.T, s *Session, server *httptest.Server) (cookies, stored string) {
	t.Helper()
	tab, err := s.NewTab(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	var got [2]string
	mustEval(t, mustNavigate(t, tab, server.URL+"/below/get"), `[document.getElementById("c").innerText, document.getElementById("s").innerText]`, &got)
	return got[0], got[1]
}

// trusting are options of a browser that accepts the site's certificate.
func trusting(server *httptest.Server) Options {
	key := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	return Options{TrustSPKI: []string{base64.StdEncoding.EncodeToString(key[:])}}
}

// A session that is parked has no context in the browser. Resumed it has its cookies, each with what it had,
// and its passkeys; and nothing else.
func TestAParkedSessionComesBackWithItsCookies(t *testing.T) {
	server := cookieSite(t)
	b := startBrowser(t, trusting(server))
	ctx := testContext(t)
	s, err := b.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	read := func() (cookies, stored string) { return sent(t, s, server) }
	tab, err := s.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mustEval(t, mustNavigate(t, tab, server.URL+"/set"), loaded, nil)
	before, stored := read()
	if strings.Count(before, "; ") != 3 || stored != "stored" {
		t.Fatalf("the site got %q and stored %q", before, stored)
	}
	open := len(contexts(t, b))
	if other, err := b.NewSession(ctx); err != nil || other.Close(ctx) != nil || b.MostSessions() != 2 {
		t.Errorf("%d sessions were open at the most, want 2 (%v)", b.MostSessions(), err)
	}
	if err := errors.Join(s.Park(ctx), s.Park(ctx)); err != nil {
		t.Fatal(err)
	}
	if left := len(contexts(t, b)); left != open-1 {
		t.Errorf("%d contexts are open while the session is parked, want %d", left, open-1)
	}
	if _, err := s.NewTab(ctx); !errors.Is(err, ErrParked) {
		t.Errorf("a tab of a parked session: %v", err)
	}
	if _, err := tab.Navigate(ctx, server.URL); err == nil {
		t.Error("a tab of before still goes somewhere")
	}
	if history := s.Wiretap().History(nil); len(history) != 0 {
		t.Errorf("%d requests of before are still held", len(history))
	}
	if err := errors.Join(s.Resume(ctx), s.Resume(ctx)); err != nil {
		t.Fatal(err)
	}
	if after, stored := read(); after != before || stored != "nothing" {
		t.Errorf("resumed it sent %q, before %q; its pages stored %q", after, before, stored)
	}
	if seen := s.Wiretap().History(func(e Exchange) bool { return strings.HasSuffix(e.URL, "/below/get") }); len(seen) != 1 {
		t.Errorf("the wiretap saw %d requests since, want 1", len(seen))
	}
	if len(s.Certificates()) != 1 {
		t.Errorf("the certificates of before are forgotten: %v", s.Certificates())
	}
}

// Closing is for parked sessions, too; a closed one is not resumed.
func TestAParkedSessionIsClosedForGood(t *testing.T) {
	ctx := testContext(t)
	s, err := shared.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Park(ctx), s.Close(ctx), s.Close(ctx)); err != nil {
		t.Fatal(err)
	}
	if err := s.Resume(ctx); !errors.Is(err, ErrClosed) {
		t.Errorf("resumed after it was closed: %v", err)
	}
	if err := s.Park(ctx); !errors.Is(err, ErrClosed) {
		t.Errorf("parked after it was closed: %v", err)
	}
}
