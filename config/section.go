package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// reader reads one file and keeps the first thing that is wrong with it; after that every
// reading yields nothing.
type reader struct {
	file string
	what string // what the file is, for errors; empty: the tenant file
	err  *Error
}

func (r *reader) title() string {
	if r.what == "" {
		return "the tenant file"
	}
	return r.what
}

func (r *reader) fail(at *token.Position, mend, format string, args ...any) {
	if r.err != nil {
		return
	}
	r.err = &Error{File: r.file, Text: fmt.Sprintf(format, args...), Mend: mend}
	if at != nil {
		r.err.Line, r.err.Column = at.Line, at.Column
	}
}

// section is a mapping of the file. Its zero value is one that is not there.
type section struct {
	r      *reader
	name   string // "" for the file itself, "admin"
	at     *token.Position
	keys   []string // in the order of the file
	keyAt  map[string]*token.Position
	values map[string]ast.Node
}

// mapping opens a node as a section that may have the given keys; none given means any.
func (r *reader) mapping(name string, at *token.Position, node ast.Node, known ...string) section {
	s := section{r: r, name: name, at: at, keyAt: map[string]*token.Position{}, values: map[string]ast.Node{}}
	m, ok := node.(*ast.MappingNode)
	if !ok {
		r.fail(at, "write keys with their values under it", "%s is %s, want a mapping", s.title(), kind(node))
		return section{r: r, name: name}
	}
	for _, pair := range m.Values {
		key := pair.Key.GetToken()
		if len(known) > 0 && !slices.Contains(known, key.Value) {
			r.fail(key.Position, unknownMend(key.Value, known), "unknown key %q in %s", key.Value, s.title())
		}
		s.keys = append(s.keys, key.Value)
		s.keyAt[key.Value], s.values[key.Value] = key.Position, pair.Value
	}
	return s
}

// unknownMend names the key that was probably meant.
func unknownMend(key string, known []string) string {
	best, distance := "", len(key)/2+1
	for _, k := range known {
		if d := editDistance(key, k); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return "remove it; known are " + strings.Join(known, ", ")
}

func (s section) title() string {
	if s.name == "" {
		return s.r.title()
	}
	return s.name
}

// path is the key with the names of its sections.
func (s section) path(key string) string {
	if s.name == "" {
		return key
	}
	return s.name + "." + key
}

func (s section) has(key string) bool { return s.values[key] != nil }

// position is where the value of a key stands, the key itself where the value has no place of its
// own, and where the section begins when the key is not there.
func (s section) position(key string) *token.Position {
	switch node := s.values[key].(type) {
	case nil:
		return s.at
	case *ast.MappingNode, *ast.NullNode:
		return s.keyAt[key]
	default:
		return node.GetToken().Position
	}
}

// fail reports something wrong with the value of a key.
func (s section) fail(key, mend, format string, args ...any) {
	s.r.fail(s.position(key), mend, format, args...)
}

// need reports a key that is not there.
func (s section) need(key, example string) bool {
	if !s.has(key) {
		s.fail(key, fmt.Sprintf("add %s: %s", key, example), "%s is missing", s.path(key))
	}
	return s.has(key)
}

// section opens the section under a key; its zero value when it is not there.
func (s section) section(key string, known ...string) section {
	if !s.has(key) {
		return section{r: s.r, name: s.path(key)}
	}
	return s.r.mapping(s.path(key), s.position(key), s.values[key], known...)
}

// text reads a text; "" when it is not there.
func (s section) text(key string) string {
	if !s.has(key) {
		return ""
	}
	text, ok := textOf(s.values[key])
	if !ok {
		s.fail(key, "put it in quotes", "%s is %s, want a text", s.path(key), kind(s.values[key]))
	} else if text == "" {
		s.fail(key, "give it a value or leave the key out", "%s is empty", s.path(key))
	}
	return text
}

// texts reads a list of texts; nil when it is not there.
func (s section) texts(key string) []string {
	if !s.has(key) {
		return nil
	}
	list, ok := s.values[key].(*ast.SequenceNode)
	if !ok {
		s.fail(key, "write it in brackets: [a, b]", "%s is %s, want a list", s.path(key), kind(s.values[key]))
		return nil
	}
	texts := make([]string, 0, len(list.Values))
	for _, node := range list.Values {
		text, ok := textOf(node)
		if !ok || text == "" {
			s.r.fail(node.GetToken().Position, "put it in quotes", "%s holds %s, want texts", s.path(key), kind(node))
		}
		texts = append(texts, text)
	}
	return texts
}

// placed reads a list of texts together with where each stands; nil when it is not there.
func (s section) placed(key string) []Placed {
	texts := s.texts(key)
	if s.r.err != nil || texts == nil {
		return nil
	}
	placed := make([]Placed, len(texts))
	for i, node := range s.values[key].(*ast.SequenceNode).Values {
		at := node.GetToken().Position
		placed[i] = Placed{Text: texts[i], File: s.r.file, Line: at.Line, Column: at.Column}
	}
	return placed
}

// flag reads true or false; false when it is not there.
func (s section) flag(key string) bool {
	node, ok := s.values[key].(*ast.BoolNode)
	if s.has(key) && !ok {
		s.fail(key, "write true or false", "%s is %s, want true or false", s.path(key), kind(s.values[key]))
	}
	return ok && node.Value
}

// count reads a whole number of at least 1, or otherwise when it is not there.
func (s section) count(key string, otherwise int) int {
	if !s.has(key) {
		return otherwise
	}
	node, _ := s.values[key].(*ast.IntegerNode)
	if node != nil {
		if n, ok := node.Value.(uint64); ok && n >= 1 && n <= 1_000_000 {
			return int(n)
		}
	}
	s.fail(key, "write a whole number from 1 on", "%s is %s, want a whole number of at least 1", s.path(key), kind(s.values[key]))
	return otherwise
}

// duration reads a span of time, or otherwise when it is not there.
func (s section) duration(key string, otherwise time.Duration) time.Duration {
	if !s.has(key) {
		return otherwise
	}
	d, err := time.ParseDuration(s.text(key))
	if err != nil || d <= 0 {
		s.fail(key, "write a number with its unit, such as 30s or 2m", "%s is no span of time", s.path(key))
		return otherwise
	}
	return d
}

// oneOf reads a text that must be one of a few.
func (s section) oneOf(key string, allowed ...string) string {
	text := s.text(key)
	if s.has(key) && !slices.Contains(allowed, text) {
		s.fail(key, "write one of "+strings.Join(allowed, ", "), "%s is %q", s.path(key), text)
	}
	return text
}

func textOf(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	default:
		return "", false
	}
}

// kind names the type of a value without showing it.
func kind(node ast.Node) string {
	switch node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "empty"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode:
		return "a mapping"
	default:
		return "an alias or tag, which are not read"
	}
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
