package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// postScript is what each sender does.
const postScript = `fetch("/api/activate", {method: "POST", body: JSON.stringify({from: "%s"}),
	headers: {Authorization: "Bearer token-of-%[1]s", "Content-Type": "application/json"}})`

func script(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, text)
	}
}

func answerJSON(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "crumb=1")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// otherSite is the same server under a name of another site.
func otherSite(t *testing.T, server *httptest.Server) string {
	t.Helper()
	parsed, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return "http://localhost:" + parsed.Port()
}

// senders are the places that a page can request something from, each with its page.
func senders(t *testing.T) *httptest.Server {
	var server *httptest.Server
	framed := func(path string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			html(`<iframe src="`+server.URL+path+`" sandbox="allow-scripts allow-same-origin"></iframe>`)(w, r)
		}
	}
	run := func(text, from string) http.HandlerFunc {
		return html("<script>" + fmt.Sprintf(text, from) + "</script>")
	}
	server = site(t, map[string]http.HandlerFunc{
		"POST /api/activate": answerJSON(http.StatusCreated, `{"status":"Provisioned"}`),
		"/top":               run(postScript, "top"),
		"/frame":             framed("/inside"),
		"/inside":            run(postScript, "frame"),
		"/popup":             html(`<script>open("/popped", "_blank")</script>`),
		"/popped":            run(postScript, "popup"),
		"/worker":            html(`<script>new Worker("/worker.js")</script>`),
		"/worker.js":         script(fmt.Sprintf(postScript, "worker")),
		"/frameworker":       framed("/insideworker"),
		"/insideworker":      html(`<script>new Worker("/frameworker.js")</script>`),
		"/frameworker.js":    script(fmt.Sprintf(postScript, "frameworker")),
		"/shared":            html(`<script>new SharedWorker("/shared.js")</script>`),
		"/shared.js":         script(fmt.Sprintf(postScript, "shared")),
		"/service":           html(`<script>navigator.serviceWorker.register("/service.js")</script>`),
		"/service.js":        script(fmt.Sprintf(postScript, "service")),
	})
	return server
}

func TestWiretapSeesEverySender(t *testing.T) {
	// Full Chromium isolates sites by itself, the headless shell does not: both are had here.
	isolating := startBrowser(t, Options{extraFlags: []string{"--site-per-process"}})
	server := senders(t)
	for _, sender := range []struct {
		name string
		kind string // as an isolating browser sees it
	}{
		{"top", KindPage},
		{"frame", KindFrame},
		{"popup", KindPage},
		{"worker", KindWorker},
		{"frameworker", KindWorker},
		{"shared", KindSharedWorker},
		{"service", KindServiceWorker},
	} {
		t.Run(sender.name, func(t *testing.T) { wantSeen(t, shared, server, sender.name) })
		t.Run(sender.name+" with sites isolated", func(t *testing.T) {
			if e := wantSeen(t, isolating, server, sender.name); e.TargetKind != sender.kind {
				t.Errorf("kind %q, want %q", e.TargetKind, sender.kind)
			}
		})
	}
}

// wantSeen opens a sender's page and checks that its request is seen whole.
func wantSeen(t *testing.T, b *Browser, server *httptest.Server, name string) Exchange {
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
	watch := s.Wiretap().Watch(Answered, func(e Exchange) bool {
		return e.Method == http.MethodPost && strings.HasSuffix(e.URL, "/api/activate")
	})
	defer watch.Stop()
	mustNavigate(t, tab, otherSite(t, server)+"/"+name) // by name: service workers need a secure context
	e, err := watch.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	type facts struct {
		Bearer, PostData, Body, Cookie string
		Status                         int
	}
	got := facts{e.Bearer(), string(e.PostData), string(e.Body), e.ResponseHeaders.Get("Set-Cookie"), e.Status}
	want := facts{"token-of-" + name, `{"from":"` + name + `"}`, `{"status":"Provisioned"}`, "", http.StatusCreated}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	return e
}

func TestBodySurvivesNavigation(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/token": answerJSON(http.StatusOK, `{"access_token":"t"}`),
		"/next":  html("next"),
	})
	for _, where := range []string{server.URL, otherSite(t, server)} {
		ctx, tab := testContext(t), openTab(t)
		watch := tab.Session().Wiretap().Watch(Answered, func(e Exchange) bool { return strings.HasSuffix(e.URL, "/token") })
		doc := mustNavigate(t, tab, server.URL+"/next")
		err := doc.Eval(ctx, `fetch("/token").then(r => r.text()).then(() => { location = "`+where+`/next" })`, nil)
		if err != nil && !errors.Is(err, ErrNavigated) {
			t.Fatal(err)
		}
		if _, err := tab.AwaitDocument(ctx, doc); err != nil {
			t.Fatal(err)
		}
		e, err := watch.Next(ctx)
		if err != nil || string(e.Body) != `{"access_token":"t"}` {
			t.Errorf("body %q, %v", e.Body, err)
		}
	}
}

func TestHistoryKeepsRedirectsAndFailures(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/from": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/to", http.StatusSeeOther) },
		"/to":   html(`<form method="post" action="/sink"><input name="passwd" value="p&amp;q"></form>`),
		"/sink": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	})
	ctx, tab := testContext(t), openTab(t)
	doc := mustNavigate(t, tab, server.URL+"/from")
	mustEval(t, doc, loaded, nil)
	mustEval(t, doc, `document.forms[0].submit()`, nil)
	if _, err := tab.AwaitDocument(ctx, doc); err == nil {
		t.Fatal("a broken answer became a page")
	}
	var got []string
	tap := tab.Session().Wiretap()
	for _, e := range tap.History(func(e Exchange) bool { return e.Top }) {
		got = append(got, fmt.Sprintf("%s %s %d %v", e.Method, strings.TrimPrefix(e.URL, server.URL), e.Status, e.Failed != ""))
	}
	want := []string{"GET /from 303 false", "GET /to 200 false", "POST /sink 0 true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	posted := tap.History(func(e Exchange) bool { return e.Method == http.MethodPost })
	if len(posted) != 1 || posted[0].Form().Get("passwd") != "p&q" {
		t.Errorf("form %v", posted)
	}
}

func TestExchangePrintsNoSecret(t *testing.T) {
	e := Exchange{
		Method: "POST", URL: "https://login.example/token?code=SECRET#SECRET", PostData: []byte("SECRET"), Body: []byte("SECRET"),
		RequestHeaders: http.Header{"Authorization": {"Bearer SECRET"}}, ResponseHeaders: http.Header{"X": {"SECRET"}},
	}
	holder := struct{ inner *Exchange }{&e}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
		for _, value := range []any{e, &e, []Exchange{e}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "SECRET") || strings.Contains(text, "53 45 43") {
				t.Errorf("%s of %T: %s", verb, value, text)
			}
		}
	}
	if text := fmt.Sprintf("%+v", holder); strings.Contains(text, "SECRET") {
		t.Error(text)
	}
	if !strings.Contains(e.String(), "https://login.example/token") {
		t.Errorf("it does not say what it is: %s", e)
	}
}
