// Package walker is a plain HTTP client that walks the sign-in pages for tests: it keeps
// cookies, follows redirects until a redirect leaves the emulated hosts, reads $Config and
// the page's form, and posts what the form holds. It runs no script.
package walker

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/totp"
)

// Walker is one browser: a cookie jar, and the page that it shows.
type Walker struct {
	http *http.Client
	Page *Page
}

// Page is where the walker stands: a document, or the redirect that left the emulated hosts.
type Page struct {
	URL    *url.URL
	Status int
	HTML   string
	Header http.Header
	Config map[string]any
	// Left is the redirect to a host that is not emulated; nil on a document.
	Left *url.URL
}

// New returns a walker with an empty jar that sends through the transport.
func New(transport http.RoundTripper) *Walker {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // without options it cannot fail
	}
	w := &Walker{}
	w.http = &http.Client{Transport: transport, Jar: jar, CheckRedirect: stayInside}
	return w
}

// stayInside stops at a redirect that leaves the emulated hosts.
func stayInside(next *http.Request, _ []*http.Request) error {
	if next.URL.Scheme != "https" || !cloud.Emulated(next.URL.Host) || isClient(next.URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

// isClient says that an address belongs to a client, though its host is emulated too.
func isClient(u *url.URL) bool {
	_, part, _ := cloud.Of(u.Host)
	return part == cloud.Portal
}

// Cookies are those that the jar holds for an address.
func (w *Walker) Cookies(address string) []*http.Cookie {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	return w.http.Jar.Cookies(u)
}

// ForgetSession drops the session cookies that do not outlive the browser.
func (w *Walker) ForgetSession(address string) {
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	kept := w.http.Jar.Cookies(u)
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // without options it cannot fail
	}
	for _, cookie := range kept {
		if cookie.Name == "ESTSAUTHPERSISTENT" {
			jar.SetCookies(u, []*http.Cookie{cookie})
		}
	}
	w.http.Jar = jar
}

// Get opens an address.
func (w *Walker) Get(address string) error {
	request, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	return w.do(request)
}

// Post sends a form.
func (w *Walker) Post(address string, form url.Values) error {
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.do(request)
}

func (w *Walker) do(request *http.Request) error {
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) walker")
	response, err := w.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	page := &Page{URL: response.Request.URL, Status: response.StatusCode, HTML: string(body), Header: response.Header}
	if location, err := response.Location(); err == nil {
		page.Left = location
	}
	w.Page = page
	return page.readConfig()
}

var configPattern = regexp.MustCompile(`(?s)\$Config=(\{.*?\});\n//\]\]>`)

func (p *Page) readConfig() error {
	match := configPattern.FindStringSubmatch(p.HTML)
	if match == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(match[1]), &p.Config); err != nil {
		return fmt.Errorf("read $Config: %w", err)
	}
	return nil
}

// ID is the page's pgid.
func (p *Page) ID() string { return p.Text("pgid") }

// Text is a text of $Config; empty when it is missing or null.
func (p *Page) Text(name string) string {
	text, _ := p.Config[name].(string)
	return text
}

// Has says whether an element with that id is on the page.
func (p *Page) Has(id string) bool { return strings.Contains(p.HTML, `id="`+id+`"`) }

// Inner is the text of the element with that id, when it holds no other element.
func (p *Page) Inner(id string) string {
	match := regexp.MustCompile(`id="` + regexp.QuoteMeta(id) + `"[^>]*>([^<]*)<`).FindStringSubmatch(p.HTML)
	if match == nil {
		return ""
	}
	return html.UnescapeString(match[1])
}

// Parameters are those of the redirect that left, wherever response_mode put them.
func (p *Page) Parameters() url.Values {
	if p.Left == nil {
		return nil
	}
	if p.Left.Fragment != "" {
		values, err := url.ParseQuery(p.Left.EscapedFragment())
		if err == nil {
			return values
		}
	}
	return p.Left.Query()
}

var (
	formPattern  = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	inputPattern = regexp.MustCompile(`<input([^>]*)>`)
	attribute    = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

func attributes(tag string) map[string]string {
	all := map[string]string{}
	for _, match := range attribute.FindAllStringSubmatch(tag, -1) {
		all[match[1]] = html.UnescapeString(match[2])
	}
	return all
}

// Form reads the action and the fields of a form by its id or name.
func (p *Page) Form(name string) (action string, fields url.Values, ok bool) {
	for _, match := range formPattern.FindAllStringSubmatch(p.HTML, -1) {
		form := attributes(match[1])
		if form["id"] != name && form["name"] != name {
			continue
		}
		fields = url.Values{}
		for _, input := range inputPattern.FindAllStringSubmatch(match[2], -1) {
			if a := attributes(input[1]); a["name"] != "" && a["type"] != "checkbox" {
				fields.Add(a["name"], a["value"])
			}
		}
		return form["action"], fields, true
	}
	return "", nil, false
}

// Submit posts a form of the page, with some fields set.
func (w *Walker) Submit(name string, set map[string]string) error {
	action, fields, ok := w.Page.Form(name)
	if !ok {
		return fmt.Errorf("page %q at %s has no form %q", w.Page.ID(), w.Page.URL, name)
	}
	for field, value := range set {
		fields.Set(field, value)
	}
	return w.Post(action, fields)
}

// Credentials are what a walker signs in with.
type Credentials struct {
	UPN, Password, TOTPSecret string
	// Now is the tenant's time, for codes.
	Now func() time.Time
	// Stay is the answer to "stay signed in?".
	Stay bool
}

// SignIn answers pages with the credentials until the browser leaves for the client, and
// returns the ids of the pages that it answered. It gives every credential once: a page that
// comes back is an error.
func (w *Walker) SignIn(c Credentials) ([]string, error) {
	var answered []string
	given := map[string]bool{}
	for w.Page.Left == nil {
		step, err := w.answer(c)
		if err != nil {
			return answered, err
		}
		if given[step] {
			return answered, fmt.Errorf("the page for %s came back: %s", step, w.Page.Text("sErrTxt"))
		}
		given[step] = true
		answered = append(answered, step)
	}
	return answered, nil
}

// answer fills in the field that the page has, and says what it gave.
func (w *Walker) answer(c Credentials) (string, error) {
	switch {
	case w.Page.Has("i0116"):
		return "username", w.Submit("f1", map[string]string{"loginfmt": c.UPN})
	case w.Page.Has("i0118"):
		return "password", w.Submit("f1", map[string]string{"passwd": c.Password})
	case w.Page.Has("idTxtBx_SAOTCC_OTC"):
		code, err := Code(c.TOTPSecret, c.Now())
		if err != nil {
			return "", err
		}
		return "code", w.Submit("f1", map[string]string{"otc": code})
	case w.Page.ID() == "CmsiInterrupt":
		return "confirm", w.Submit("f1", map[string]string{"ContinueAuth": "true"})
	case w.Page.ID() == "KmsiInterrupt":
		choice := "3"
		if c.Stay {
			choice = "1"
		}
		return "stay", w.Submit("f1", map[string]string{"LoginOptions": choice})
	}
	return "", fmt.Errorf("page %q at %s cannot be answered: %s", w.Page.ID(), w.Page.URL, w.Page.Text("strServiceExceptionMessage"))
}

// Code is the authenticator's code for an instant.
func Code(secret string, now time.Time) (string, error) {
	return totp.Code(secret, totp.Step(now))
}

// Client is the public client that a test signs in to.
type Client struct {
	Tenant   string
	ClientID string
	Redirect string
	Scope    string
}

// Verifier is the PKCE verifier of every test; its secrecy does not matter here.
const Verifier = "walker-verifier-walker-verifier-walker-verifier"

// AuthorizeURL is an authorize request; extra parameters replace the usual ones, and an
// empty value takes one away.
func (c Client) AuthorizeURL(extra map[string]string) string {
	sum := sha256.Sum256([]byte(Verifier))
	query := url.Values{
		"client_id": {c.ClientID}, "redirect_uri": {c.Redirect}, "response_type": {"code"}, "scope": {c.Scope},
		"state": {"the state"}, "nonce": {"the nonce"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	for name, value := range extra {
		query.Set(name, value)
		if value == "" {
			query.Del(name)
		}
	}
	return "https://login.microsoftonline.com/" + c.Tenant + "/oauth2/v2.0/authorize?" + query.Encode()
}

// Tokens is the answer of the token endpoint.
type Tokens struct {
	Status      int
	Access      string `json:"access_token"`
	ID          string `json:"id_token"`
	Refresh     string `json:"refresh_token"`
	Scope       string `json:"scope"`
	ExpiresIn   int    `json:"expires_in"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Codes       []int  `json:"error_codes"`
	Suberror    string `json:"suberror"`
	Claims      string `json:"claims"`
}

// Token posts to the token endpoint of the client's tenant.
func (w *Walker) Token(c Client, form map[string]string) (Tokens, error) {
	values := url.Values{"client_id": {c.ClientID}}
	for name, value := range form {
		values.Set(name, value)
	}
	response, err := w.http.PostForm("https://login.microsoftonline.com/"+c.Tenant+"/oauth2/v2.0/token", values)
	if err != nil {
		return Tokens{}, err
	}
	defer response.Body.Close()
	tokens := Tokens{Status: response.StatusCode}
	if err := json.NewDecoder(response.Body).Decode(&tokens); err != nil {
		return tokens, fmt.Errorf("read token answer (%s): %w", response.Status, err)
	}
	return tokens, nil
}

// Redeem redeems the code that the page left with.
func (w *Walker) Redeem(c Client) (Tokens, error) {
	return w.Token(c, map[string]string{
		"grant_type": "authorization_code", "code": w.Page.Parameters().Get("code"),
		"redirect_uri": c.Redirect, "code_verifier": Verifier,
	})
}

// Claims reads the claims of a token without verifying it.
func Claims(token string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("read token: %d parts", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	var claims map[string]any
	return claims, json.Unmarshal(payload, &claims)
}
