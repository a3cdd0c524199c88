package tokens

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// payload is the claims set of a token, by exact name: encoding/json would also take "AUD" for
// "aud". The first claim of a wrong type is remembered in wrong; what it stood for reads as absent.
//
// It satisfies jwt.Claims by an empty RegisteredClaims, because the library's own validation is
// switched off: it accepts what must be refused here (an audience list, an absent expiry).
type payload struct {
	jwt.RegisteredClaims
	fields map[string]json.RawMessage
	wrong  *RefusedError
}

// UnmarshalJSON takes an object and nothing else.
func (p *payload) UnmarshalJSON(raw []byte) error { return json.Unmarshal(raw, &p.fields) }

// has reports whether the claim is there; null counts as there, and is a wrong type.
func (p *payload) has(name string) bool {
	_, ok := p.fields[name]
	return ok
}

// text reads a string claim; "" when absent.
func (p *payload) text(name string) string {
	var v *string
	p.read(name, "a string", &v, func() bool { return v != nil })
	if v == nil {
		return ""
	}
	return *v
}

// texts reads an array of strings; nil when absent.
func (p *payload) texts(name string) []string {
	var v []*string
	ok := p.read(name, "an array of strings", &v, func() bool {
		for _, s := range v {
			if s == nil {
				return false
			}
		}
		return v != nil
	})
	if !ok {
		return nil
	}
	list := make([]string, len(v))
	for i, s := range v {
		list[i] = *s
	}
	return list
}

// words reads a string of words separated by spaces; nil when absent.
func (p *payload) words(name string) []string {
	if words := strings.Fields(p.text(name)); len(words) > 0 {
		return words
	}
	return nil
}

// instant reads a count of seconds since 1970; the zero time when absent. Entra writes whole
// seconds, so a fraction or milliseconds are not its own.
func (p *payload) instant(name string) time.Time {
	var v *int64
	ok := p.read(name, "a whole number of seconds since 1970", &v, func() bool {
		return v != nil && *v > 0 && *v <= math.MaxUint32
	})
	if !ok {
		return time.Time{}
	}
	return time.Unix(*v, 0).UTC()
}

// read decodes a claim into v and reports whether it was there and right.
func (p *payload) read(name, want string, v any, right func() bool) bool {
	raw, there := p.fields[name]
	if !there {
		return false
	}
	if err := json.Unmarshal(raw, v); err == nil && right() {
		return true
	}
	if p.wrong == nil {
		p.wrong = &RefusedError{Field: name, Text: fmt.Sprintf("is %s, want %s", kind(raw), want)}
	}
	return false
}

// kind names the type of a JSON value without showing it.
func kind(raw json.RawMessage) string {
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0:
		return "nothing"
	case raw[0] == '"':
		return "a string"
	case raw[0] == '[':
		return "an array"
	case raw[0] == '{':
		return "an object"
	case raw[0] == 'n':
		return "null"
	case raw[0] == 't', raw[0] == 'f':
		return "a boolean"
	default:
		return "a number"
	}
}

// digest is the SHA-256 of a token as received, in lower-case hexadecimal.
func digest(raw string) string {
	sum := sha256.Sum256([]byte(raw))
	return hex.EncodeToString(sum[:])
}
