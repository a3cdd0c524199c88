package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// post is what each sender of TestWiretapSeesEverySender does.
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

func TestWiretapSeesEverySender(t *testing.T) {
	var server *httptest.Server
	server = site(t, map[string]http.HandlerFunc{
		"POST /api/activate": answerJSON(http.StatusCreated, `{"status":"Provisioned"}`),
		"/top":               html("<script>" + fmt.Sprintf(postScript, "top") + "</script>"),
		"/frame": func(w http.ResponseWriter, r *http.Request) {
			html(`<iframe src="`+otherSite(t, server)+`/inside?frame" sandbox="allow-scripts allow-same-origin"></iframe>`)(w, r)
		},
		"/inside": html("<script>" + fmt.Sprintf(postScript, "frame") + "</script>"),
		"/popup":  html(`<script>open("/popped", "_blank")</script>`),
		"/popped": html("<script>" + fmt.Sprintf(postScript, "popup") + "</script>"),
		"/worker": html(`<script>new Worker("/worker.js")</script>`),
		"/frameworker": func(w http.ResponseWriter, r *http.Request) {
			html(`<iframe src="`+otherSite(t, server)+`/insideworker"></iframe>`)(w, r)
		},
		"/insideworker":   html(`<script>new Worker("/frameworker.js")</script>`),
		"/frameworker.js": script(fmt.Sprintf(postScript, "frameworker")),
		"/worker.js":      script(fmt.Sprintf(postScript, "worker")),
		"/shared":         html(`<script>new SharedWorker("/shared.js")</script>`),
		"/shared.js":      script(fmt.Sprintf(postScript, "shared")),
		"/service":        html(`<script>navigator.serviceWorker.register("/service.js")</script>`),
		"/service.js":     script(fmt.Sprintf(postScript, "service")),
	})
	for _, sender := range []struct{ name, kind string }{
		{"top", KindPage},
		{"frame", KindFrame},
		{"popup", KindPage},
		{"worker", KindWorker},
		{"frameworker", KindWorker},
		{"shared", KindSharedWorker},
		{"service", KindServiceWorker},
	} {
		t.Run(sender.name, func(t *testing.T) {
			ctx, tab := testContext(t), openTab(t)
			watch := tab.Session().Wiretap().Watch(Answered, func(e Exchange) bool {
				return e.Method == http.MethodPost && strings.HasSuffix(e.URL, "/api/activate")
			})
			defer watch.Stop()
			// localhost is a secure context, which a service worker needs.
			if _, err := tab.Navigate(ctx, otherSiteOr(t, server, sender.name)+"/"+sender.name); err != nil {
				t.Fatal(err)
			}
			e, err := watch.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := e.Bearer(), "token-of-"+sender.name; got != want {
				t.Errorf("bearer %q, want %q", got, want)
			}
			if got, want := string(e.PostData), `{"from":"`+sender.name+`"}`; got != want {
				t.Errorf("post data %q, want %q", got, want)
			}
			if e.Status != http.StatusCreated || string(e.Body) != `{"status":"Provisioned"}` {
				t.Errorf("answer %d %q", e.Status, e.Body)
			}
			if e.TargetKind != sender.kind {
				t.Errorf("kind %q, want %q", e.TargetKind, sender.kind)
			}
			if e.ResponseHeaders.Get("Set-Cookie") != "" {
				t.Error("a cookie got into the exchange")
			}
		})
	}
}

func otherSiteOr(t *testing.T, server *httptest.Server, name string) string {
	if name == "service" {
		return otherSite(t, server)
	}
	return server.URL
}
