package browser

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// loaded awaits the load event, so that a navigation that follows replaces nothing by itself.
const loaded = `document.readyState === "complete" || new Promise(r => addEventListener("load", r)).then(() => true)`

func mustNavigate(t *testing.T, tab *Tab, address string) *Document {
	t.Helper()
	doc, err := tab.Navigate(testContext(t), address)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func mustEval(t *testing.T, doc *Document, script string, out any) {
	t.Helper()
	if err := doc.Eval(testContext(t), script, out); err != nil {
		t.Fatal(err)
	}
}

// On a busy machine documents come and go before anybody looks.
func TestADocumentThatIsGoneAlreadyIsNotMissed(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/first":  html(`<script>addEventListener("load", () => setTimeout(() => location = "/second"))</script>`),
		"/second": html(`<script>addEventListener("load", () => setTimeout(() => location = "/last"))</script>`),
		"/last":   html("last"),
	})
	ctx, tab := testContext(t), openTab(t)
	blank := tab.Document()
	if _, err := tab.Navigate(ctx, server.URL+"/first"); err != nil {
		t.Fatal(err)
	}
	atLast := func() bool { return strings.HasSuffix(tab.documents[tab.main()].url, "/last") }
	if err := tab.awaitState(ctx, atLast); err != nil {
		t.Fatal(err)
	}
	doc, came := blank, []string{}
	for range 3 {
		next, err := tab.AwaitDocument(ctx, doc)
		if err != nil {
			t.Fatal(err)
		}
		doc, came = next, append(came, strings.TrimPrefix(next.URL(), server.URL))
	}
	if want := []string{"/first", "/second", "/last"}; !slices.Equal(came, want) {
		t.Errorf("documents %q, want %q", came, want)
	}
	first := blank.next
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if got := tab.loadedLocked(blank, first.loader); got != first {
		t.Errorf("the document that came of the navigation is %q, want /first", got.url)
	}
}

func TestDocumentsFollowEachOther(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/form": html(`<form action="/next" method="post"><input name="n"><button>Go</button></form>`),
		"/next": html(`<script>addEventListener("load", () => location = "/last")</script>`),
		"/last": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot); html("last")(w, r) },
	})
	ctx, tab := testContext(t), openTab(t)
	form := mustNavigate(t, tab, server.URL+"/form")
	mustEval(t, form, loaded, nil)
	if form.Leaving() || form.Status() != http.StatusOK {
		t.Errorf("leaving %v, status %d", form.Leaving(), form.Status())
	}
	mustEval(t, form, `document.forms[0].requestSubmit()`, nil)
	next, err := tab.AwaitDocument(ctx, form)
	if err != nil || !strings.HasSuffix(next.URL(), "/next") {
		t.Fatalf("%v, %v", next, err)
	}
	last, err := tab.AwaitDocument(ctx, next)
	if err != nil || !strings.HasSuffix(last.URL(), "/last") {
		t.Fatalf("%v, %v", last, err)
	}
	mustEval(t, last, loaded, nil)
	if last.Status() != http.StatusTeapot {
		t.Errorf("status %d", last.Status())
	}
	if err := form.Eval(ctx, `document.title`, nil); !errors.Is(err, ErrNavigated) {
		t.Errorf("evaluate in a replaced document: %v, want %v", err, ErrNavigated)
	}
}

func TestDocumentThatLeavesSaysSo(t *testing.T) {
	asked, held := make(chan struct{}), make(chan struct{})
	server := site(t, map[string]http.HandlerFunc{
		"/one": html(`<script>addEventListener("load", () => location = "/slow")</script>`),
		"/slow": func(w http.ResponseWriter, r *http.Request) {
			close(asked)
			select {
			case <-held:
			case <-r.Context().Done():
			}
			html("slow")(w, r)
		},
	})
	tab := openTab(t)
	one := mustNavigate(t, tab, server.URL+"/one")
	<-asked
	// Whatever is asked of the browser itself is answered behind the event that the document leaves.
	// The page cannot be asked: Chromium holds back its commands while a navigation is under way.
	if _, err := tab.Session().NewTab(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if !one.Leaving() {
		t.Error("the document has asked to be replaced and does not say so")
	}
	close(held)
	if _, err := tab.AwaitDocument(testContext(t), one); err != nil {
		t.Fatal(err)
	}
}

func TestPendingEvaluationEndsWithItsDocument(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/one": html(`one`), "/two": html(`two`),
	})
	tab := openTab(t)
	one := mustNavigate(t, tab, server.URL+"/one")
	pending := make(chan error, 1)
	ctx := testContext(t)
	go func() { pending <- one.Eval(ctx, `new Promise(() => {})`, nil) }()
	mustNavigate(t, tab, otherSite(t, server)+"/two")
	if err := <-pending; !errors.Is(err, ErrNavigated) {
		t.Errorf("error %v, want %v", err, ErrNavigated)
	}
}

func TestEvaluationIsApartFromThePage(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/": html(`<p id="p">seen</p><script>document.querySelector = () => null; var mine = 7</script>`),
	})
	doc := mustNavigate(t, openTab(t), server.URL+"/")
	mustEval(t, doc, loaded, nil)
	var text, kind string
	mustEval(t, doc, `document.querySelector("#p").innerText`, &text)
	mustEval(t, doc, `typeof mine`, &kind)
	if text != "seen" || kind != "undefined" {
		t.Errorf("text %q, type of the page's variable %q", text, kind)
	}
	var mine int
	if err := doc.EvalMain(testContext(t), `mine`, &mine); err != nil || mine != 7 {
		t.Errorf("among the page's variables: %d, %v", mine, err)
	}
	err := doc.Eval(testContext(t), `(secret => { throw new Error("broken") })("hunter2")`, nil)
	if err == nil || !strings.Contains(err.Error(), "broken") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error of a script: %v", err)
	}
}

func TestUnreachableHostIsNamed(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusForbidden)
	}))
	t.Cleanup(refusing.Close)
	t.Run("by the proxy", func(t *testing.T) {
		b := startBrowser(t, Options{Proxy: refusing.URL})
		wantUnreachable(t, b, "https://portal.example/?secret=1", "portal.example", "the proxy refuses this host")
	})
	t.Run("by its certificate", func(t *testing.T) {
		server := httptest.NewTLSServer(html("secret"))
		t.Cleanup(server.Close)
		parsed, _ := url.Parse(server.URL)
		wantUnreachable(t, shared, server.URL, parsed.Host, "certificate is not trusted")
	})
	t.Run("where nothing listens", func(t *testing.T) {
		gone := httptest.NewServer(nil)
		gone.Close()
		parsed, _ := url.Parse(gone.URL)
		wantUnreachable(t, shared, gone.URL, parsed.Host, "nothing answers there")
	})
}

func wantUnreachable(t *testing.T, b *Browser, address, host, mend string) {
	t.Helper()
	ctx := testContext(t)
	s, err := b.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	tab, err := s.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tab.Navigate(ctx, address)
	var network *NetworkError
	if !errors.As(err, &network) || network.Host != host || !strings.Contains(network.Mend, mend) {
		t.Errorf("error %v", err)
	}
	// The same host, reached from a page by itself.
	before := tab.Document()
	if err := before.Eval(ctx, `location = `+"`"+address+"`", nil); err != nil && !errors.Is(err, ErrNavigated) {
		t.Fatal(err)
	}
	_, err = tab.AwaitDocument(ctx, before)
	if !errors.As(err, &network) || network.Host != host {
		t.Errorf("from a page: error %v", err)
	}
}

func TestTrustedKeyIsTrustedAndSeen(t *testing.T) {
	server := httptest.NewTLSServer(html("secret"))
	t.Cleanup(server.Close)
	key := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	b := startBrowser(t, Options{TrustSPKI: []string{base64.StdEncoding.EncodeToString(key[:])}})
	ctx := testContext(t)
	s, err := b.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := s.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mustEval(t, mustNavigate(t, tab, server.URL), loaded, nil)
	mustNavigate(t, tab, "data:text/html,elsewhere") // the chain is kept though the page is gone
	seen := s.Certificates()
	if len(seen) != 1 {
		t.Fatalf("seen %v", seen)
	}
	if len(seen[0].Chain) == 0 || string(seen[0].Chain[0]) != string(server.Certificate().Raw) {
		t.Errorf("the chain is not the server's: %d certificates", len(seen[0].Chain))
	}
}

func TestRedirectNeverLeaves(t *testing.T) {
	reached := make(chan string, 4)
	listener := site(t, map[string]http.HandlerFunc{"/": func(_ http.ResponseWriter, r *http.Request) { reached <- r.URL.Path }})
	for name, row := range map[string]struct{ catch, target, want string }{
		"query":    {listener.URL, listener.URL + "/?code=1&state=2", "code=1&state=2"},
		"fragment": {listener.URL + "/cb", listener.URL + "/cb#code=3", "code=3"},
		"below":    {listener.URL + "/app/", listener.URL + "/app/cb?code=4", "code=4"},
	} {
		t.Run(name, func(t *testing.T) {
			server := site(t, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, row.target, http.StatusFound)
			}})
			tab := openTab(t)
			redirect, err := tab.CatchRedirect(row.catch)
			if err != nil {
				t.Fatal(err)
			}
			doc := mustNavigate(t, tab, server.URL)
			caught, err := redirect.Next(testContext(t))
			if err != nil {
				t.Fatal(err)
			}
			if caught.RawQuery+caught.Fragment != row.want || !redirect.Matches(doc.URL()) {
				t.Errorf("caught %q, at %q", caught, doc.URL())
			}
			redirect.Stop()
			if _, err := redirect.Next(testContext(t)); !errors.Is(err, ErrClosed) {
				t.Errorf("after stop: %v", err)
			}
		})
	}
	if len(reached) > 0 {
		t.Errorf("the request left the browser: %s", <-reached)
	}
}

func TestRedirectDeliversTopDocumentsOnly(t *testing.T) {
	reached := make(chan string, 4)
	listener := site(t, map[string]http.HandlerFunc{"/": func(_ http.ResponseWriter, r *http.Request) { reached <- r.URL.Path }})
	server := site(t, map[string]http.HandlerFunc{"/": html(`<img src="` + listener.URL + `/favicon.ico"><iframe src="` + listener.URL + `/?frame"></iframe>`)})
	tab := openTab(t)
	redirect, err := tab.CatchRedirect(listener.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer redirect.Stop()
	mustEval(t, mustNavigate(t, tab, server.URL), loaded, nil)
	if caught, ok := redirect.Take(); ok {
		t.Errorf("delivered %s", caught)
	}
	if len(reached) > 0 {
		t.Errorf("the request left the browser: %s", <-reached)
	}
}

func TestRedirectMatches(t *testing.T) {
	tab := openTab(t)
	redirect, err := tab.CatchRedirect("http://localhost/cb")
	if err != nil {
		t.Fatal(err)
	}
	defer redirect.Stop()
	for address, want := range map[string]bool{
		"http://localhost/cb": true, "http://localhost/cb?code=1": true, "http://localhost/cb/x": true,
		"http://localhost/cbx": false, "http://localhost.example/cb": false, "https://localhost/cb": false,
		"http://localhost:81/cb": false, "http://localhost/": false, "::": false,
	} {
		if got := redirect.Matches(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if _, err := tab.CatchRedirect("/relative"); err == nil {
		t.Error("a relative address was taken")
	}
}

func TestTabsAndPopups(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/": html(`<button onclick="window.open('/popup')">Open</button>`), "/popup": html(`popped`),
	})
	ctx, tab := testContext(t), openTab(t)
	popups := tab.Session().Popups()
	mustNavigate(t, tab, server.URL+"/")
	button, _, err := tab.Find(ctx, Query{Roles: []string{"button"}, Names: []string{"open"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := button.Click(ctx); err != nil {
		t.Fatal(err)
	}
	popup, err := popups.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for doc := popup.Document(); !strings.HasSuffix(doc.URL(), "/popup"); {
		if doc, err = popup.AwaitDocument(ctx, doc); err != nil {
			t.Fatal(err)
		}
	}
	if err := popup.Document().Eval(ctx, `close()`, nil); err != nil && !errors.Is(err, ErrNavigated) {
		t.Fatal(err)
	}
	<-popup.Closed()
	if err := tab.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := tab.AwaitDocument(ctx, tab.Document()); !errors.Is(err, ErrClosed) {
		t.Errorf("await in a closed tab: %v", err)
	}
	popups.Stop()
	if _, err := popups.Next(ctx); !errors.Is(err, ErrClosed) {
		t.Errorf("popups after stop: %v", err)
	}
}

// A page of another site is in another process, which has to know from its first instruction on that it is
// to report. Many tabs at once keep the browser busy enough for a report to be missed where that is left to chance.
func TestEveryFirstDocumentReportsEarly(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html("page")})
	ctx, done := testContext(t), make(chan string)
	const tabs = 12
	for range tabs {
		tab := openTab(t)
		go func() {
			tab.ReportEarly(`"seen"`)
			doc, err := tab.Navigate(ctx, server.URL)
			if err == nil {
				err = doc.Eval(ctx, loaded, nil)
			}
			if err != nil {
				done <- err.Error()
				return
			}
			done <- doc.Early()
		}()
	}
	for range tabs {
		if got := <-done; got != "seen" {
			t.Errorf("a document reported %q as soon as it was parsed, want %q", got, "seen")
		}
	}
}
