package entra

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// fixtures are the pages in testdata/pages, in the shape in which unknown pages are captured.
func fixtures(t *testing.T) map[string]Captured {
	t.Helper()
	files, err := filepath.Glob("testdata/pages/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("find the fixtures: %d files, %v", len(files), err)
	}
	all := map[string]Captured{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c Captured
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = c
	}
	return all
}

// A rendering writes a fixture as the document that a sign-in host might send.
var renderings = map[string]func(Captured) string{
	"as observed": func(c Captured) string {
		return document(c, "<script>//<![CDATA[\n$Config="+configOf(c, nil)+";\n//]]></script>", elementsOf(c))
	},
	"with members that nobody has seen": func(c Captured) string {
		more := config{"zzNew": []any{"};", config{"pgid": "Decoy", "deep": `\"};$Config={`}}, "AAA": "} ; {"}
		return document(c, "<script>$Config="+configOf(c, more)+";</script>", elementsOf(c))
	},
	"with scripts in another order": func(c Captured) string {
		return document(c, `<script>window.$Config=window.$Config||{};var other={"pgid":"Decoy"};</script>`,
			elementsOf(c)+"<script>var before = 1; $Config = "+configOf(c, nil)+"; var after = {a: {b: 1}};</script>")
	},
	"with a $Config that is no JSON": func(c Captured) string {
		return document(c, `<script>$Config={"pgid":"`+c.pgid()+`",broken:undefined};</script>`, elementsOf(c))
	},
	"with nothing but the page's meta element": func(c Captured) string {
		return document(c, `<meta name="PageID" content="`+c.pgid()+`">`, elementsOf(c))
	},
}

func (c Captured) pgid() string {
	pgid, _ := c.Config["pgid"].(string)
	return pgid
}

func document(c Captured, head, body string) string {
	return `<!doctype html><html lang="` + cmp.Or(c.Lang, "en") + `"><head><title>¤</title>` + head + `</head><body>` + body + `</body></html>`
}

func configOf(c Captured, more config) string {
	all := config{}
	for name, value := range more {
		all[name] = value
	}
	for name, value := range c.Config {
		all[name] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func elementsOf(c Captured) string {
	var b strings.Builder
	for _, e := range c.Elements {
		fmt.Fprintf(&b, "<%s", e.Tag)
		for name, value := range map[string]string{
			"id": e.ID, "name": e.Name, "type": e.Type, "role": e.Role, "data-value": e.Choice, "data-bind": e.Bind,
		} {
			if value != "" {
				fmt.Fprintf(&b, ` %s="%s"`, name, html.EscapeString(value))
			}
		}
		if e.Hidden {
			b.WriteString(` style="display:none"`)
		}
		if e.Disabled {
			b.WriteString(" disabled")
		}
		b.WriteString(">")
		if e.Tag != "input" {
			fmt.Fprintf(&b, "¤</%s>", e.Tag)
		}
	}
	return b.String()
}

// pageHost serves whatever page is set, with its status, at whatever address.
type pageHost struct {
	*httptest.Server
	page   atomic.Pointer[string]
	status atomic.Int64
}

func newPageHost(t *testing.T) *pageHost {
	t.Helper()
	h := &pageHost{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(int(h.status.Load()))
		fmt.Fprint(w, *h.page.Load())
	}))
	t.Cleanup(h.Close)
	return h
}

// set has the host serve a page, and returns its address.
func (h *pageHost) set(c Captured, markup string) string {
	h.page.Store(&markup)
	h.status.Store(int64(cmp.Or(c.Status, http.StatusOK)))
	return h.URL + strings.ReplaceAll(c.Path, "{id}", "11111111-2222-3333-4444-555555555555") + "?state=secret"
}

// Every known page is recognised whatever its language, the order of its scripts, and what else
// its $Config holds. What only $Config says (the number of an error) goes with it.
func TestPagesAreRecognised(t *testing.T) {
	h, tab := newPageHost(t), openTab(t)
	for name, c := range fixtures(t) {
		for rendering, render := range renderings {
			saysMore := c.Config["strServiceExceptionMessage"] != nil || c.Page == PageChangePassword
			if saysMore && strings.HasPrefix(rendering, "with a $Config") || saysMore && strings.HasPrefix(rendering, "with nothing") {
				continue
			}
			t.Run(name+", "+rendering, func(t *testing.T) {
				ctx := testContext(t)
				doc, err := tab.Navigate(ctx, h.set(c, render(c)))
				if err != nil {
					t.Fatal(err)
				}
				shown, _, err := observe(ctx, doc, "")
				if err != nil {
					t.Fatal(err)
				}
				shown.Host = c.Host // served from here, whatever host it is from
				got := ""
				if p := recognise(shown); p != nil {
					got = p.name
				}
				if got != c.Page {
					t.Errorf("recognised as %q, want %q; it shows %+v", got, c.Page, shown)
				}
			})
		}
	}
}

// A page of the table that no fixture shows would be recognised by nobody's word.
func TestEveryPageHasAFixture(t *testing.T) {
	shown := map[string]bool{PagePasskeyOffer: true} // a form of the emulated tenant's own; see its sign-in tests
	for _, c := range fixtures(t) {
		shown[c.Page] = true
	}
	for _, p := range pages {
		if !shown[p.name] {
			t.Errorf("no fixture shows the page %q", p.name)
		}
	}
}

// What is captured of a page is a fixture of it.
func TestCaptureIsAFixture(t *testing.T) {
	h, tab := newPageHost(t), openTab(t)
	for name, c := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			ctx := testContext(t)
			doc, err := tab.Navigate(ctx, h.set(c, renderings["as observed"](c)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Capture(ctx, doc)
			if err != nil {
				t.Fatal(err)
			}
			if got.Table != PagesVersion || got.Schema != CapturedSchema {
				t.Errorf("captured by %q in the format %q", got.Table, got.Schema)
			}
			got.Host, got.Table, got.Page, got.Lang = c.Host, "", c.Page, c.Lang
			if c.Config["strServiceExceptionMessage"] != nil {
				c.Config["strServiceExceptionMessage"] = got.Config["strServiceExceptionMessage"]
			}
			if diff := gocmp.Diff(c, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A page is captured whole, also when it is asked for while half of it is still on its way.
func TestCaptureAwaitsTheWholePage(t *testing.T) {
	half := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>¤</title><input id=first>"+strings.Repeat(" ", 4096))
		_ = http.NewResponseController(w).Flush()
		<-half
		fmt.Fprint(w, "<input id=last>")
	}))
	t.Cleanup(server.Close)
	tab, ctx := openTab(t), testContext(t)
	doc, err := tab.Navigate(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var loading bool
	if err := doc.Eval(ctx, `document.readyState === "loading"`, &loading); err != nil || !loading {
		t.Fatalf("loading %t, error %v", loading, err)
	}
	captured := make(chan *Captured)
	go func() {
		c, _ := Capture(ctx, doc)
		captured <- c
	}()
	close(half)
	if c := <-captured; c == nil || len(c.Elements) != 2 || c.Elements[1].ID != "last" {
		t.Errorf("captured %+v", c)
	}
}

func TestNothingSecretIsCaptured(t *testing.T) {
	secrets := config{
		"pgid": "ConvergedNovelty", "sFT": "SECRET-flow", "sCtx": "SECRET-ctx", "canary": "SECRET-canary",
		"sPOST_Username": "SECRET@contoso.example", "urlPost": "https://login.example/11111111-2222-3333-4444-555555555555/login?ctx=SECRET",
		"urlResume": "https://login.example/SECRET.onmicrosoft.com/resume", "strServiceExceptionMessage": "AADSTS50020: SECRET@contoso.example",
		"arrSessions":        []any{config{"id": "SECRET-session", "name": "SECRET name", "SECRET@contoso.example": 1}},
		"sErrorCode":         strings.Repeat("SECRET", 20),
		"oGetCredTypeResult": config{"FlowToken": "SECRET", "Credentials": config{"HasPassword": true}},
	}
	page := markup("", secrets, `<form id="f"><input id="i0118" name="passwd" value="SECRET"><div id="SECRET@contoso.example" role="SECRET of mine">SECRET</div>
		<div data-value="SECRET@x" data-bind="text: 'SECRET', click: skip_onClick">SECRET</div></form>`)
	h, tab := newPageHost(t), openTab(t)
	ctx := testContext(t)
	doc, err := tab.Navigate(ctx, h.set(Captured{Path: "/SECRET.onmicrosoft.com/oauth2/v2.0/authorize"}, page))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Capture(ctx, doc)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"SECRET", "contoso", "11111111", "5555"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("it holds %q: %s", secret, text)
		}
	}
	// The evidence refuses whatever stands where a credential would, and with it all that it was to hold.
	if at := regexp.MustCompile(`(?i)"(sft|canary|flowtoken)":"[^"]{4,}`).FindString(string(text)); at != "" {
		t.Errorf("%s stands in the place of a credential", at)
	}
	for _, kept := range []string{`"pgid":"ConvergedNovelty"`, `AADSTS50020`, `"HasPassword":true`, `skip_onClick`, `"id":"i0118"`, `https://login.example/{id}/login`} {
		if !strings.Contains(string(text), kept) {
			t.Errorf("it lacks %s: %s", kept, text)
		}
	}
}
