package tokens

import (
	"encoding/base64"
	"strings"
)

// ParseAuthenticateHeader reads the Bearer challenge out of a WWW-Authenticate header. errCode is
// its error parameter, "" when it has none. ok is true for the challenge of continuous access
// evaluation only: error="insufficient_claims" with claims that are a JSON object in standard
// base64 (documented), which claimsJSON then is. It is not PIM's refusal, which comes as an
// HTTP 400 without this header.
func ParseAuthenticateHeader(h string) (claimsJSON, errCode string, ok bool) {
	bearer := bearerParameters(h)
	errCode = bearer["error"]
	if errCode != "insufficient_claims" {
		return "", errCode, false
	}
	// Padding may be missing: it is lost where the value is written unquoted.
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(bearer["claims"], "="))
	if err != nil || !isObject(string(raw)) {
		return "", errCode, false
	}
	return string(raw), errCode, true
}

// bearerParameters reads the parameters of the first Bearer challenge, by lower-case name
// (RFC 9110, section 11): several challenges may stand in one header, separated by commas just as
// their parameters are. What follows a mistake is left out.
func bearerParameters(h string) map[string]string {
	var params map[string]string
	for s := (scanner{h}); ; {
		s.skip(", \t")
		word := strings.ToLower(s.token())
		if word == "" {
			return params
		}
		s.skip(" \t")
		if !s.take('=') { // a word without a value is the scheme of the next challenge
			if params != nil {
				return params
			}
			if word == "bearer" {
				params = map[string]string{}
			}
			continue
		}
		s.skip(" \t")
		value, ok := s.value()
		if !ok {
			return params
		}
		if _, twice := params[word]; params != nil && !twice {
			params[word] = value
		}
	}
}

// scanner consumes a header from the left.
type scanner struct{ rest string }

func (s *scanner) skip(cut string) { s.rest = strings.TrimLeft(s.rest, cut) }

// take consumes c if it is next.
func (s *scanner) take(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// token consumes a word; "" when none is next.
func (s *scanner) token() string {
	end := strings.IndexAny(s.rest, "=, \t\"")
	if end < 0 {
		end = len(s.rest)
	}
	word := s.rest[:end]
	s.rest = s.rest[end:]
	return word
}

// value consumes a quoted string or an unquoted value, which may hold the '=' of base64.
func (s *scanner) value() (string, bool) {
	if s.take('"') {
		return s.quoted()
	}
	end := strings.IndexAny(s.rest, ", \t")
	if end < 0 {
		end = len(s.rest)
	}
	v := s.rest[:end]
	s.rest = s.rest[end:]
	return v, true
}

// quoted consumes up to the closing quote; a backslash takes the next character as it is.
func (s *scanner) quoted() (string, bool) {
	var v strings.Builder
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return v.String(), true
		case c == '\\' && i+1 < len(s.rest):
			i++
			v.WriteByte(s.rest[i])
		default:
			v.WriteByte(c)
		}
	}
	return "", false
}
