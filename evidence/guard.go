package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/reprompt/reprompt/secret"
)

// shortestSecret is the shortest text that the guard looks for: a shorter one occurs by chance.
// Documented: Entra's shortest password has eight characters.
const shortestSecret = 6

// SecretError says that something was not written because it holds what must not be kept. It
// names the kind of what was found and where, never the text.
type SecretError struct {
	Kind   string // for example "JSON Web Token" or "registered secret"
	Offset int    // first byte of it in the content
}

// Error implements error.
func (e *SecretError) Error() string {
	return fmt.Sprintf("refused: it holds something shaped like a %s at byte %d; take it out before it is recorded", e.Kind, e.Offset)
}

// shape is a kind of text that is refused whatever its value is.
type shape struct {
	kind    string
	pattern *regexp.Regexp
}

// shapes, observed in Entra's traffic. Values of state, code and canary are refused only when
// they are long: "state=enabled" is a setting.
var shapes = []shape{
	{"JSON Web Token", regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`)},
	{"form value that signs in", regexp.MustCompile(
		`(?i)(?:^|[^A-Za-z0-9])(?:code|state|session_state|canary|ctx)(?:=|%3D)[A-Za-z0-9_.~%+/-]{12,}`)},
	{"credential in a form", regexp.MustCompile(
		`(?i)(?:^|[^A-Za-z0-9])(?:flow_?token|access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier|passwd|password|otc|accesspass|sft)(?:=|%3D)[^\s&"'<>]{4,}`)},
	{"credential in JSON", regexp.MustCompile(
		`(?i)"(?:flow_?token|access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier|passwd|password|sft)\\?"\s*:\s*\\?"[^"\\]{4,}`)},
	{"code or refresh token", regexp.MustCompile(`(?:^|[^A-Za-z0-9_.-])[0-9]\.A[A-Za-z0-9_-]{40,}`)},
	{"session cookie", regexp.MustCompile(`ESTS(?:AUTH|AUTHPERSISTENT|AUTHLIGHT|SC)?=[^\s;"']{4,}`)},
	{"private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
}

// guard refuses content that must not be kept. It is safe for concurrent use.
type guard struct {
	mutex    sync.RWMutex
	spelling map[string]struct{} // registered secrets in every encoding looked for
}

func newGuard() *guard { return &guard{spelling: map[string]struct{}{}} }

// register adds a secret in every encoding that a page, a request or a log may put it in.
func (g *guard) register(s secret.Text) {
	text := s.Reveal()
	if len(text) < shortestSecret {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for _, spelling := range spellings(text) {
		g.spelling[spelling] = struct{}{}
	}
}

// unescape undoes the escapes that JSON and HTML put into a text, so that what they take apart
// is found. Anything else stays as it is.
var unescape = strings.NewReplacer(
	`\u0026`, "&", `\u003c`, "<", `\u003e`, ">", `\u003d`, "=", `\/`, "/", `\"`, `"`,
	"&amp;", "&", "&#43;", "+", "&#61;", "=", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">",
)

// check returns a *SecretError for the first thing that must not be kept, escaped or not.
func (g *guard) check(content []byte) error {
	if err := g.checkPlain(content); err != nil {
		return err
	}
	if !bytes.ContainsAny(content, `\&`) || bytes.HasPrefix(content, []byte("\x89PNG")) {
		return nil
	}
	return g.checkPlain([]byte(unescape.Replace(string(content))))
}

func (g *guard) checkPlain(content []byte) error {
	for _, s := range shapes {
		if at := s.pattern.FindIndex(content); at != nil {
			return &SecretError{Kind: s.kind, Offset: at[0]}
		}
	}
	g.mutex.RLock()
	defer g.mutex.RUnlock()
	for spelling := range g.spelling {
		if at := bytes.Index(content, []byte(spelling)); at >= 0 {
			return &SecretError{Kind: "registered secret", Offset: at}
		}
	}
	return nil
}

// spellings are the encodings of a secret.
func spellings(text string) []string {
	inJSON, _ := json.Marshal(text) // a string always encodes
	all := []string{
		text, url.QueryEscape(text), url.PathEscape(text), strings.ReplaceAll(url.QueryEscape(text), "+", "%20"),
		html.EscapeString(text), strings.Trim(string(inJSON), `"`), hex.EncodeToString([]byte(text)),
	}
	return append(all, base64Spellings(text)...)
}

// base64Spellings are the parts of the base64 forms that do not depend on what stands before
// and after, for each of the three ways in which the text can fall on groups of three bytes.
func base64Spellings(text string) []string {
	var all []string
	for shift := range 3 {
		padded := append(bytes.Repeat([]byte{0}, shift), text...)
		whole := len(padded) / 3 * 3
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			encoded := encoding.EncodeToString(padded[:whole])
			if shift > 0 {
				encoded = encoded[4:] // the first group depends on what stands before
			}
			if len(encoded) >= shortestSecret {
				all = append(all, encoded)
			}
		}
	}
	return all
}
