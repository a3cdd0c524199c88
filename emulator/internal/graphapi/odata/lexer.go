package odata

import (
	"fmt"
	"strings"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenText
	tokenMark
)

type token struct {
	kind tokenKind
	text string
}

// lex splits a filter into words, quoted texts and marks. A quote inside a text is
// written twice.
func lex(s string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			text, n, err := quoted(s[i:])
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{tokenText, text})
			i += n
		case strings.IndexByte("(),", c) >= 0:
			tokens = append(tokens, token{tokenMark, string(c)})
			i++
		default:
			n := strings.IndexAny(s[i:], " \t\n\r'(),")
			if n < 0 {
				n = len(s) - i
			}
			tokens = append(tokens, token{tokenWord, s[i : i+n]})
			i += n
		}
	}
	return append(tokens, token{kind: tokenEnd}), nil
}

func quoted(s string) (text string, length int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, nil
	}
	return "", 0, fmt.Errorf("unfinished text literal at %s", s)
}
