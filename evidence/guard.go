package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"html"
	"net/url"
	"regexp"
	"slices"
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

// shape is a kind of text that is refused whatever its value is. The pattern is tried only
// where one of the hints occurs, in lower case: pictures are large and hold none.
type shape struct {
	kind    string
	hints   []string
	pattern *regexp.Regexp
}

// shapes, observed in Entra's traffic. Values of state, code and canary are refused only when
// they are long: "state=enabled" is a setting.
var shapes = []shape{
	{"JSON Web Token", []string{"eyj"}, regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`)},
	{
		"form value that signs in",
		[]string{"code", "state", "canary", "ctx"},
		regexp.MustCompile(`(?i)(?:^|[^a-z0-9])(?:code|state|session_state|canary|ctx)(?:=|%3D)[a-z0-9_.~%+/-]{12,}`),
	},
	{
		"credential in a form", credentialNames,
		regexp.MustCompile(`(?i)(?:^|[^a-z0-9])(?:` + strings.Join(credentialNames, "|") + `)(?:=|%3D)[^\s&"'<>]{4,}`),
	},
	{
		"credential in JSON", credentialNames,
		regexp.MustCompile(`(?i)"(?:` + strings.Join(credentialNames, "|") + `)\\?"\s*:\s*\\?"[^"\\]{4,}`),
	},
	{"code or refresh token", []string{".a"}, regexp.MustCompile(`(?:^|[^A-Za-z0-9_.-])[0-9]\.A[A-Za-z0-9_-]{40,}`)},
	{"session cookie", []string{"ests"}, regexp.MustCompile(`ESTS(?:AUTH|AUTHPERSISTENT|AUTHLIGHT|SC)?=[^\s;"']{4,}`)},
	{"private key", []string{"private key"}, regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
}

// credentialNames are the names of form and JSON fields whose value alone signs in.
var credentialNames = []string{
	"flowtoken", "flow_token", "access_token", "refresh_token", "id_token", "client_secret", "client_assertion",
	"code_verifier", "passwd", "password", "otc", "accesspass", "sft",
}

// guard refuses content that must not be kept. It is safe for concurrent use.
//
// It keeps a digest of each registered secret in each encoding, found by its first bytes: a look at a
// content takes the same time however many secrets a long run comes to, and the secrets themselves are
// not kept for as long as the run lasts.
type guard struct {
	mutex sync.RWMutex
	seed  maphash.Seed
	// needles are an open table: one stands at its place, or behind those that are there. A quarter is free.
	needles []needle
	taken   int
}

// needle is a registered secret in one encoding, in twelve bytes: a long run has tens of thousands. The zero value is
// a free place.
type needle struct {
	begin uint32 // digest of its first bytes
	low   uint32 // of the digest of the whole, which has 40 bits
	rest  uint32 // its high byte, and the length
}

// longestNeedle is how much of a secret is looked for.
const longestNeedle = 1<<24 - 1

func newGuard() *guard { return &guard{seed: maphash.MakeSeed()} }

// register adds a secret in every encoding that a page, a request or a log may put it in.
func (g *guard) register(s secret.Text) {
	text := s.Reveal()
	if len(text) < shortestSecret {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for _, spelling := range spellings(text) {
		g.addLocked([]byte(spelling))
	}
}

// addLocked adds a text of at least shortestSecret bytes, once.
func (g *guard) addLocked(text []byte) {
	text = text[:min(len(text), longestNeedle)]
	if g.foundLocked(text, 0) {
		return
	}
	if g.taken++; g.taken*4 > len(g.needles)*3 {
		before := g.needles
		g.needles = make([]needle, max(64, len(before)*3/2))
		for _, n := range before {
			if n.length() > 0 {
				g.putLocked(n)
			}
		}
	}
	g.putLocked(g.needle(text))
}

func (g *guard) putLocked(n needle) {
	i := g.place(n.begin)
	for g.needles[i].length() > 0 {
		i = (i + 1) % len(g.needles)
	}
	g.needles[i] = n
}

// place is where a needle stands if nothing else does.
func (g *guard) place(begin uint32) int { return int(uint64(begin) * uint64(len(g.needles)) >> 32) }

func (g *guard) needle(text []byte) needle {
	whole := maphash.Bytes(g.seed, text)
	return needle{g.begin(text), uint32(whole), uint32(whole>>32)<<24 | uint32(len(text))}
}

func (g *guard) begin(text []byte) uint32 {
	return uint32(maphash.Bytes(g.seed, text[:shortestSecret]))
}

func (n needle) length() int { return int(n.rest & longestNeedle) }

// foundLocked reports whether a needle stands at an offset of a content.
func (g *guard) foundLocked(content []byte, at int) bool {
	if g.taken == 0 {
		return false
	}
	begin := g.begin(content[at:])
	for i := g.place(begin); g.needles[i].length() > 0; i = (i + 1) % len(g.needles) {
		n := g.needles[i]
		if end := at + n.length(); n.begin == begin && end <= len(content) && n == g.needle(content[at:end]) {
			return true
		}
	}
	return false
}

// unescape undoes the escapes that JSON and HTML put into a text, so that what they take apart
// is found. Anything else stays as it is.
var unescape = strings.NewReplacer(
	`\u0026`, "&", `\u003c`, "<", `\u003e`, ">", `\u003d`, "=", `\/`, "/", `\"`, `"`,
	"&amp;", "&", "&#43;", "+", "&#61;", "=", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">",
)

// check returns a *SecretError for the first thing that must not be kept, escaped or not.
// Pictures inside a page are passed over: each is a file of its own, or made from one, that was
// checked.
func (g *guard) check(content []byte) error {
	content = withoutPictures(withoutPixels(content))
	if err := g.checkPlain(content); err != nil {
		return err
	}
	if !bytes.ContainsAny(content, `\&`) || bytes.HasPrefix(content, pngSignature) {
		return nil
	}
	return g.checkPlain([]byte(unescape.Replace(string(content))))
}

func (g *guard) checkPlain(content []byte) error {
	lower := lowerASCII(content)
	for _, s := range shapes {
		hinted := slices.ContainsFunc(s.hints, func(hint string) bool { return bytes.Contains(lower, []byte(hint)) })
		if !hinted {
			continue
		}
		if at := s.pattern.FindIndex(content); at != nil {
			return &SecretError{Kind: s.kind, Offset: at[0]}
		}
	}
	g.mutex.RLock()
	defer g.mutex.RUnlock()
	if g.taken == 0 {
		return nil
	}
	for at := range max(0, len(content)-shortestSecret+1) {
		if g.foundLocked(content, at) {
			return &SecretError{Kind: "registered secret", Offset: at}
		}
	}
	return nil
}

// pngSignature begins every PNG.
var pngSignature = []byte("\x89PNG\r\n\x1a\n")

// withoutPixels leaves the compressed pixels out of a PNG: what stands there is no text, and by chance
// looks like the hint of every shape (measured: to look through it cost half of a run). Every other
// chunk stays, and so does the whole of what is no PNG from its first chunk to its last.
func withoutPixels(content []byte) []byte {
	if !bytes.HasPrefix(content, pngSignature) {
		return content
	}
	const header, checksum = 8, 4
	kept, rest := slices.Clone(pngSignature), content[len(pngSignature):]
	for len(rest) > 0 {
		if len(rest) < header+checksum || uint64(binary.BigEndian.Uint32(rest)) > uint64(len(rest)-header-checksum) {
			return content
		}
		whole := header + int(binary.BigEndian.Uint32(rest)) + checksum
		if string(rest[4:header]) != "IDAT" {
			kept = append(kept, rest[:whole]...)
		}
		rest = rest[whole:]
	}
	return kept
}

// withoutPictures leaves out what is embedded by dataURI.
func withoutPictures(content []byte) []byte {
	if !bytes.Contains(content, []byte(embeddedPrefix)) {
		return content
	}
	var rest []byte
	for {
		before, after, found := bytes.Cut(content, []byte(embeddedPrefix))
		rest = append(rest, before...)
		if !found {
			return rest
		}
		content = bytes.TrimLeftFunc(after, isBase64InHTML)
	}
}

// isBase64InHTML reports whether the rune belongs to base64, or to an escaped plus in it.
func isBase64InHTML(r rune) bool {
	return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+/=&#;", r))
}

// lowerASCII is faster than bytes.ToLower on what is not text, and keeps every offset.
func lowerASCII(content []byte) []byte {
	lower := make([]byte, len(content))
	for i, b := range content {
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		lower[i] = b
	}
	return lower
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
