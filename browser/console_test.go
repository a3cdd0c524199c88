package browser

import (
	"net/http"
	"strings"
	"testing"
)

// The console of a page, of a frame of another site and of a worker, from the first instruction of each.
func TestConsoleKeepsWhatPagesWrite(t *testing.T) {
	inside := site(t, map[string]http.HandlerFunc{
		"/inside": html(`<script>console.warn("in", "the frame")</script>`),
	})
	server := site(t, map[string]http.HandlerFunc{
		"/": html(`<script>console.log("text", 7, {a: 1}); console.error("wrong")
			addEventListener("error", () => document.title = "thrown"); setTimeout(() => { throw new Error("nobody caught it") })</script>
			<iframe src="` + otherSite(t, inside) + `/inside"></iframe>`),
	})
	for _, kept := range []bool{true, false} {
		ctx, s := testContext(t), openSession(t)
		if kept {
			s.KeepConsole()
		}
		tab, err := s.NewTab(ctx)
		if err != nil {
			t.Fatal(err)
		}
		doc := mustNavigate(t, tab, server.URL+"/")
		mustEval(t, doc, loaded, nil)
		mustEval(t, doc, `new Promise(done => { const look = () => document.title === "thrown" ? done() : requestAnimationFrame(look); look() })`, nil)
		var all []string
		for _, m := range s.Console() {
			first, _, _ := strings.Cut(m.Text, "\n")
			all = append(all, m.Level+" "+first)
		}
		if !kept {
			if len(all) > 0 {
				t.Errorf("messages were kept that nobody asked for: %q", all)
			}
			continue
		}
		for _, want := range []string{"log text 7 Object", "error wrong", "error Uncaught Error: nobody caught it", "warning in the frame"} {
			if !strings.Contains(strings.Join(all, "\n"), want) {
				t.Errorf("the console lacks %q: %q", want, all)
			}
		}
	}
}

// What a reader may see stays; what signs in, acts or is hidden goes.
func TestMarkupHoldsNoSecret(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(`
		<script>var token = "SECRET-1"</script><style>.x{content:"SECRET-2"}</style><!-- SECRET-3 -->
		<h1 onclick="SECRET4()" data-token="SECRET-5">Enter password</h1>
		<input type="hidden" name="flowToken" value="SECRET-6"><input type="text" name="otc" value="SECRET-7" autocomplete="one-time-code">
		<textarea>SECRET-8</textarea><div style="display:none">SECRET-9</div><div style="visibility:hidden">SECRET-10</div>
		<a href="/next?code=SECRET-11#SECRET-12">Forgot?</a><p contenteditable>SECRET-13</p>
		<noscript>SECRET-14</noscript><template><p>SECRET-15</p></template><button disabled>Sign in</button><input type="submit" value="Go on">
		<select><option value="SECRET-16">One</option></select><img src="/pixel?SECRET-17" alt="A picture">`)})
	tab := openTab(t)
	mustEval(t, mustNavigate(t, tab, server.URL+"/?code=SECRET-18"), loaded, nil)
	text, err := tab.Markup(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "SECRET") {
		t.Errorf("the markup holds what must not be kept:\n%s", text)
	}
	for _, want := range []string{
		"<h1>\n", "Enter password", `<input name="flowToken" type="hidden">`, `<input name="otc" type="text" autocomplete="one-time-code">`,
		"Forgot?", `href="` + server.URL + `/next"`, "<button disabled>", `<input type="submit" value="Go on">`, `<img alt="A picture">`, "<!-- " + server.URL + "/ -->",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the markup lacks %q:\n%s", want, text)
		}
	}
}

func TestMarkupIsBounded(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(strings.Repeat("<p>Wörter, wieder und wieder</p>\n", 20000))})
	tab := openTab(t)
	mustEval(t, mustNavigate(t, tab, server.URL), loaded, nil)
	text, err := tab.Markup(testContext(t))
	if err != nil || len(text) > largestMarkup || !strings.Contains(text, "…") {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
