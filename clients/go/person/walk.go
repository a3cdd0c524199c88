package person

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

// Walker walks the forms of the sign-in pages. It keeps cookies as a browser does, and is
// reached by what the environment says: it configures neither proxy nor certificates.
type Walker struct {
	t      *testing.T
	tenant *tenant.Tenant
	http   *http.Client
	page   screen
}

// screen is where the walker stands: a document, or the redirect to a client.
type screen struct {
	address *url.URL
	form    form
	ids     map[string]bool
	title   string
	left    *url.URL
}

// form is the page's own form with the fields that it would send as it stands.
type form struct {
	action string
	fields url.Values
	tiles  map[string]string // of the picker: value by account
}

// NewWalker returns a walker without cookies.
func NewWalker(t *testing.T, tn *tenant.Tenant) *Walker {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Walker{t: t, tenant: tn, http: &http.Client{Jar: jar, CheckRedirect: stopAtClients}}
}

// stopAtClients follows redirects within the tenant and leaves those to a client's loopback
// address to whoever asked.
func stopAtClients(next *http.Request, _ []*http.Request) error {
	if next.URL.Scheme != "https" {
		return http.ErrUseLastResponse
	}
	return nil
}

// SignIn opens an address, answers pages until it is sent to a client, and returns that
// redirect with what it was asked.
func (w *Walker) SignIn(address string) (client *url.URL, asked []string) {
	w.t.Helper()
	w.get(address)
	asked = w.answerAll()
	if w.page.left == nil {
		w.t.Fatalf("asked for %v, and then shown %q at %s", asked, w.page.title, w.page.address)
	}
	return w.page.left, asked
}

// EnterDeviceCode opens the address that a device shows and signs in with its code.
func (w *Walker) EnterDeviceCode(address, userCode string) (asked []string) {
	w.t.Helper()
	w.get(address)
	if !w.page.ids["otc"] {
		w.t.Fatalf("%s does not ask for a code: %q", address, w.page.title)
	}
	w.submit("otc", userCode)
	return append([]string{Device}, w.answerAll()...)
}

// answerAll answers pages until one cannot be answered or the walker was sent away. A page
// that comes back was answered wrongly, and ends it.
func (w *Walker) answerAll() (asked []string) {
	w.t.Helper()
	given := map[string]bool{}
	for w.page.left == nil {
		what, field, value := w.question()
		if what == "" {
			return asked
		}
		if given[what] {
			w.t.Fatalf("asked for %v, and then for %s again at %s", asked, what, w.page.address)
		}
		given[what] = true
		asked = append(asked, what)
		w.submit(field, value)
	}
	return asked
}

// question is what the page asks for, and how it is answered; empty when it asks for nothing.
func (w *Walker) question() (what, field, value string) {
	w.t.Helper()
	admin := w.tenant.Admin
	switch ids := w.page.ids; {
	case ids["i0116"]:
		return Username, "loginfmt", admin.UPN
	case ids["i0118"]:
		return Password, "passwd", admin.Password
	case ids["idTxtBx_SAOTCC_OTC"]:
		text, err := code(admin.TOTPSecret, w.tenant.Now(w.t))
		if err != nil {
			w.t.Fatal(err)
		}
		return Code, "otc", text
	case ids["KmsiCheckboxField"]:
		return Stay, "LoginOptions", "1"
	case ids["tilesHolder"]:
		return Account, "pick", w.page.form.tiles[admin.UPN]
	case ids["appConfirmTitle"]:
		return Continue, "ContinueAuth", "true"
	}
	return "", "", ""
}

func (w *Walker) submit(field, value string) {
	w.t.Helper()
	w.page.form.fields.Set(field, value)
	target, err := w.page.address.Parse(w.page.form.action)
	if err != nil {
		w.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, target.String(), strings.NewReader(w.page.form.fields.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w.do(request)
}

func (w *Walker) get(address string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	w.do(request)
}

func (w *Walker) do(request *http.Request) {
	w.t.Helper()
	response, err := w.http.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	w.page = screen{address: response.Request.URL}
	location, err := response.Location()
	switch {
	case err == nil:
		w.page.left = location
		return
	case !errors.Is(err, http.ErrNoLocation):
		w.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		w.t.Fatalf("%s %s: %s", request.Method, request.URL, response.Status)
	}
	document, err := html.Parse(response.Body)
	if err != nil {
		w.t.Fatal(fmt.Errorf("%s: %w", request.URL, err))
	}
	w.page.read(document)
}

// read collects what the walker looks at in a document.
func (p *screen) read(document *html.Node) {
	p.ids = map[string]bool{}
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		a := attributes(node)
		p.ids[a["id"]] = true
		switch {
		case node.Data == "title" && node.FirstChild != nil:
			p.title = node.FirstChild.Data
		case node.Data == "form" && a["name"] == "f1":
			p.form = readForm(node)
		}
	}
}

// readForm reads a form as a browser would send it, without a button pressed.
func readForm(element *html.Node) form {
	f := form{action: attributes(element)["action"], fields: url.Values{}, tiles: map[string]string{}}
	for node := range element.Descendants() {
		a := attributes(node)
		switch {
		case node.Data == "input" && a["name"] != "" && a["type"] != "checkbox":
			f.fields.Set(a["name"], a["value"])
		case node.Data == "button" && a["name"] == "pick":
			f.tiles[a["data-test-id"]] = a["value"]
		}
	}
	return f
}

func attributes(node *html.Node) map[string]string {
	all := map[string]string{}
	for _, a := range node.Attr {
		all[a.Key] = a.Val
	}
	return all
}
