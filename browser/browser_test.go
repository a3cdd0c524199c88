package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

// shared is the browser of all tests that need none of their own. It is closed by TestMain.
var shared *Browser

func TestMain(m *testing.M) {
	code := 1
	func() {
		installation, err := Find(os.Getenv("REPROMPT_TEST_BROWSER"))
		if err == nil {
			shared, err = Start(context.Background(), Options{Installation: installation})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		code = m.Run()
		if err := shared.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	os.Exit(code)
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func openSession(t *testing.T) *Session {
	t.Helper()
	s, err := shared.NewSession(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openTab(t *testing.T) *Tab {
	t.Helper()
	tab, err := openSession(t).NewTab(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// site serves pages by path.
func site(t *testing.T, pages map[string]http.HandlerFunc) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	for path, handler := range pages {
		mux.HandleFunc(path, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func html(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>t</title>", body)
	}
}

func TestNavigateActAwait(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/one":   html(`<form action="/two" method="post"><input name="n"><button>Go</button></form>`),
		"/two":   html(`<p id="p">two</p><script>location = "/three"</script>`),
		"/three": html(`<p id="p">three</p>`),
	})
	ctx, tab := testContext(t), openTab(t)
	start := time.Now()
	doc, err := tab.Navigate(ctx, server.URL+"/one")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), doc.URL(), doc.Status())
	start = time.Now()
	if err := doc.Eval(ctx, `new Promise(r=>addEventListener("load",r)).then(()=>document.forms[0].requestSubmit())`, nil); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), doc.Leaving())
	next, err := tab.AwaitDocument(ctx, doc)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), next.URL(), next.Status())
	third, err := tab.AwaitDocument(ctx, next)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), third.URL(), third.Status())
}
