package browser

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/secret"
)

func TestFindByRoleAndName(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{
		"/inside": html(`<table role="grid"><tr><td>Reader<td><a href="#">Activate</a></tr>
			<tr id="row"><td>Application Administrator<td><a href="#" id="mine">Activate</a></tr></table>`),
	})
	page := site(t, map[string]http.HandlerFunc{"/": html(`
		<button disabled>Save</button><button aria-label=" Save  all ">x</button><button hidden>Activate</button>
		<iframe src="` + otherSite(t, server) + `/inside" sandbox="allow-scripts"></iframe>`)})
	for name, options := range map[string]Options{
		"in one process":      {},
		"with sites isolated": {extraFlags: []string{"--site-per-process"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := testContext(t)
			s, err := startBrowser(t, options).NewSession(ctx)
			if err != nil {
				t.Fatal(err)
			}
			tab, err := s.NewTab(ctx)
			if err != nil {
				t.Fatal(err)
			}
			mustNavigate(t, tab, page.URL)
			cell, _, err := tab.Find(ctx, Query{Roles: []string{"gridcell", "cell"}, Names: []string{"application administrator"}})
			if err != nil {
				t.Fatal(err)
			}
			row, err := cell.Closest(ctx, "tr")
			if err != nil || row == nil {
				t.Fatalf("row %v, %v", row, err)
			}
			link, _, err := tab.Find(ctx, Query{Roles: []string{"link", "button"}, Names: []string{"Activate"}, Within: row})
			if err != nil {
				t.Fatal(err)
			}
			var id string
			if err := link.Eval(ctx, `function() { return this.id }`, &id); err != nil || id != "mine" {
				t.Errorf("found %q, %v", id, err)
			}
			found, index, err := tab.Now(ctx,
				Query{Roles: []string{"button"}, Names: []string{"Save"}, Enabled: true},
				Query{Roles: []string{"button"}, Names: []string{"save all"}, Enabled: true})
			if err != nil || found == nil || index != 1 {
				t.Errorf("found %v as number %d, %v", found, index, err)
			}
		})
	}
}

func TestFindWaitsForAChange(t *testing.T) {
	for name, change := range map[string]string{
		"an element":   `document.body.append(Object.assign(document.createElement("button"), {textContent: "Go"}))`,
		"an attribute": `document.querySelector("[hidden]").hidden = false`,
		"a text":       `document.querySelector("button:not([hidden])").firstChild.data = "Go"`,
		"a frame":      `document.body.append(Object.assign(document.createElement("iframe"), {srcdoc: "<button>Go</button>"}))`,
		"a document":   `location = "/next"`,
	} {
		t.Run(name, func(t *testing.T) {
			server := site(t, map[string]http.HandlerFunc{
				"/":     html(`<button hidden>Go</button><button>Wait</button>`),
				"/next": html(`<button>Go</button>`),
			})
			ctx, tab := testContext(t), openTab(t)
			doc := mustNavigate(t, tab, server.URL)
			mustEval(t, doc, loaded, nil)
			query := Query{Roles: []string{"button"}, Names: []string{"Go"}}
			if found, _, err := tab.Now(ctx, query); found != nil || err != nil {
				t.Fatalf("there already: %v, %v", found, err)
			}
			found := make(chan error, 1)
			go func() {
				_, _, err := tab.Find(ctx, query)
				found <- err
			}()
			if err := doc.Eval(ctx, "setTimeout(() => {"+change+"}, 20), 0", nil); err != nil {
				t.Fatal(err)
			}
			if err := <-found; err != nil {
				t.Error(err)
			}
		})
	}
}

// A button that closes a survey is found, one that closes a dialog of ours is not.
func TestFindInDialogsOfOthers(t *testing.T) {
	dialog := func(label string) string { return `<div role="dialog" ` + label + `<button>Close</button></div>` }
	for name, row := range map[string]struct {
		page string
		want bool
	}{
		"in none":                     {`<button>Close</button>`, false},
		"named by a label":            {dialog(`aria-label="What is new">`), true},
		"named by another element":    {dialog(`aria-labelledby="of"><b id="of">What is new</b>`), true},
		"named by its heading":        {dialog(`><h2>What is new</h2>`), true},
		"that nothing names":          {dialog(`>`), true},
		"ours, by a label":            {dialog(`aria-label="Activate - Reader">`), false},
		"ours, by another element":    {dialog(`aria-labelledby="of"><b id="of">Activate -  Reader</b>`), false},
		"ours, by its heading":        {dialog(`><h2>activate - Reader</h2>`), false},
		"an element of the same kind": {`<dialog open><button>Close</button></dialog>`, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := site(t, map[string]http.HandlerFunc{"/": html(row.page)})
			ctx, tab := testContext(t), openTab(t)
			mustEval(t, mustNavigate(t, tab, server.URL), loaded, nil)
			found, _, err := tab.Now(ctx, Query{Roles: []string{"button"}, Names: []string{"Close"}, InDialogBut: []string{"Activate - "}})
			if err != nil || (found != nil) != row.want {
				t.Errorf("found %v, error %v", found, err)
			}
		})
	}
}

func TestFindGivesUpWithAPicture(t *testing.T) {
	tab := openTab(t)
	ctx, cancel := context.WithTimeout(testContext(t), 200*time.Millisecond)
	defer cancel()
	_, _, err := tab.Find(ctx, Query{Roles: []string{"button"}, Names: []string{"Never"}})
	var page *PageError
	if !errors.As(err, &page) || len(page.Screenshot) == 0 || !strings.Contains(err.Error(), `button named "Never"`) {
		t.Errorf("error %v", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error does not say that time was up: %v", err)
	}
}

func TestFieldGetsTheEventsOfTyping(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(`<label>Name <input value="old"></label><textarea aria-label="Reason"></textarea><script>
		var heard = [];
		for (const name of ["focus", "keydown", "input", "keyup", "change", "mousedown", "click"])
			addEventListener(name, event => heard.push(name + " " + event.target.value), true);
	</script>`)})
	ctx, tab := testContext(t), openTab(t)
	doc := mustNavigate(t, tab, server.URL)
	mustEval(t, doc, loaded, nil)
	for _, row := range []struct{ name, text string }{{"Name", `a "b"`}, {"Reason", "because"}} {
		field, _, err := tab.Find(ctx, Query{Roles: []string{"textbox"}, Names: []string{row.name}})
		if err != nil {
			t.Fatal(err)
		}
		if err := field.FillSecret(ctx, secret.New(row.text)); err != nil {
			t.Fatal(err)
		}
		if err := field.Click(ctx); err != nil {
			t.Fatal(err)
		}
	}
	var heard []string
	if err := doc.EvalMain(ctx, `heard`, &heard); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`focus old`, `keydown old`, `input a "b"`, `keyup a "b"`, `change a "b"`, `mousedown a "b"`, `click a "b"`,
		`focus `, `keydown `, `input because`, `keyup because`, `change because`, `mousedown because`, `click because`,
	}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Error(diff)
	}
}

func TestScreenshotHidesCredentials(t *testing.T) {
	const fields = `<input type="password" style="width:20em;color:red!important"><input name="otc"><input id="mine">`
	server := site(t, map[string]http.HandlerFunc{
		"/": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-src *; style-src 'unsafe-inline'")
			html(fields+`<div id="host"></div><iframe src="/frame"></iframe>`)(w, r)
		},
		"/frame": html(fields),
	})
	tab := openTab(t)
	doc := mustNavigate(t, tab, server.URL)
	mustEval(t, doc, loaded, nil)
	mustEval(t, doc, `document.getElementById("host").attachShadow({mode: "open"}).innerHTML = '<input type="password">', 0`, nil)
	fill := func(selector, text string) {
		t.Helper()
		mustEval(t, doc, `(() => { const roots = [document, document.querySelector("iframe").contentDocument, document.getElementById("host").shadowRoot];
			for (const root of roots) for (const field of root.querySelectorAll('`+selector+`')) field.value = "`+text+`" })()`, nil)
	}
	shoot := func(extra ...string) []byte {
		t.Helper()
		taken, err := tab.Screenshot(testContext(t), extra)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(taken)); err != nil {
			t.Fatal(err)
		}
		return taken
	}
	empty := shoot()
	fill("input:not(#mine)", "hunter2")
	if !bytes.Equal(empty, shoot()) {
		t.Error("a credential is in the picture")
	}
	fill("#mine", "plain")
	if bytes.Equal(empty, shoot()) {
		t.Error("an ordinary field is not in the picture: the comparison shows nothing")
	}
	masked := shoot("#mine")
	fill("#mine", "another")
	if !bytes.Equal(masked, shoot("#mine")) {
		t.Error("a field that was named is in the picture")
	}
	var left int
	mustEval(t, doc, `document.adoptedStyleSheets.length`, &left)
	if left != 0 {
		t.Errorf("%d style sheets are left in the page", left)
	}
}

const askForPasskey = `<p id="p">asking</p><script>
	const ask = options => navigator.credentials.get({...options, publicKey: {challenge: new Uint8Array(32), rpId: "localhost", userVerification: "required"}})
		.then(key => { document.getElementById("p").textContent = key.id }, problem => { document.getElementById("p").textContent = problem.name });
	ask({mediation: %s});
</script>`

func newPasskey(t *testing.T) Passkey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Passkey{
		RPID: "localhost", CredentialID: []byte("credential"), UserHandle: []byte("user"),
		PrivateKeyPKCS8: secret.New(base64.StdEncoding.EncodeToString(der)),
	}
}

func TestPasskeyWaitsForTheTouch(t *testing.T) {
	page := func(mediation string) http.HandlerFunc {
		return html(strings.ReplaceAll(askForPasskey, "%s", mediation))
	}
	server := site(t, map[string]http.HandlerFunc{
		"/required": page(`"required"`), "/conditional": page(`"conditional"`),
		"/opener": html(`<script>open("/required")</script>`),
	})
	const shown = `document.getElementById("p").textContent`
	const changed = `new Promise(resolve => { const p = document.getElementById("p");
		p.textContent === "asking" ? new MutationObserver(() => resolve(p.textContent)).observe(p, {childList: true}) : resolve(p.textContent) })`
	want := base64.RawURLEncoding.EncodeToString([]byte("credential"))
	ctx, tab := testContext(t), openTab(t)
	if err := tab.AddPasskey(ctx, newPasskey(t)); err != nil {
		t.Fatal(err)
	}
	answered := func(doc *Document) {
		t.Helper()
		mustEval(t, doc, loaded, nil)
		var text string
		mustEval(t, doc, shown, &text)
		if text != "asking" {
			t.Errorf("before the touch: %q", text)
		}
		if err := doc.Touch(ctx); err != nil {
			t.Fatal(err)
		}
		mustEval(t, doc, changed, &text)
		if text != want {
			t.Errorf("after the touch: %q, want %q", text, want)
		}
	}
	answered(mustNavigate(t, tab, otherSite(t, server)+"/required"))
	t.Run("in a popup that asks as it loads", func(t *testing.T) {
		popups := tab.Session().Popups()
		defer popups.Stop()
		mustNavigate(t, tab, otherSite(t, server)+"/opener")
		popup, err := popups.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		doc := popup.Document()
		for !strings.HasSuffix(doc.URL(), "/required") {
			if doc, err = popup.AwaitDocument(ctx, doc); err != nil {
				t.Fatal(err)
			}
		}
		answered(doc)
	})
	t.Run("never for an offer in autofill", func(t *testing.T) {
		doc := mustNavigate(t, tab, otherSite(t, server)+"/conditional")
		mustEval(t, doc, loaded, nil)
		if err := doc.Touch(ctx); err != nil {
			t.Fatal(err)
		}
		var text string
		mustEval(t, doc, `new Promise(r => setTimeout(r, 50)).then(() => `+shown+`)`, &text)
		if text != "asking" {
			t.Errorf("the offer was taken up: %q", text)
		}
	})
}

func TestPasskeyThatIsNoneIsRefused(t *testing.T) {
	tab := openTab(t)
	good := newPasskey(t)
	for name, spoil := range map[string]func(*Passkey){
		"no key":      func(k *Passkey) { k.PrivateKeyPKCS8 = secret.Text{} },
		"no base64":   func(k *Passkey) { k.PrivateKeyPKCS8 = secret.New("§§§") },
		"no party":    func(k *Passkey) { k.RPID = "" },
		"no id":       func(k *Passkey) { k.CredentialID = nil },
		"not PKCS #8": func(k *Passkey) { k.PrivateKeyPKCS8 = secret.New("AAAA") },
	} {
		t.Run(name, func(t *testing.T) {
			key := good
			spoil(&key)
			err := tab.AddPasskey(testContext(t), key)
			if err == nil || strings.Contains(err.Error(), good.PrivateKeyPKCS8.Reveal()) {
				t.Errorf("error %v", err)
			}
		})
	}
}
