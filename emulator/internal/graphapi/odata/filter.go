package odata

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// Filter is a parsed $filter; nil matches everything.
type Filter struct {
	root node
	// paths are the properties named outside of lambda variables, by first segment.
	paths []string
	// full are all paths that are named, those of lambda variables below their collection.
	full []string
	// operators are the operators and functions, in lower case.
	operators []string
}

// Properties lists the properties that the filter names, by first segment.
func (f *Filter) Properties() []string {
	if f == nil {
		return nil
	}
	return f.paths
}

// Paths lists every path that the filter names, whole: "status/errorCode", and for a
// variable of a lambda the path below its collection, "parts/id".
func (f *Filter) Paths() []string {
	if f == nil {
		return nil
	}
	return f.full
}

// Operators lists the operators and functions that the filter uses, in lower case: "eq",
// "not", "startswith", "any".
func (f *Filter) Operators() []string {
	if f == nil {
		return nil
	}
	return f.operators
}

// Match evaluates the filter over one object.
func (f *Filter) Match(o *document.Object) bool {
	return f == nil || f.root.match(scope{"": o})
}

// Equals returns the literal that the filter demands a property to equal, when it is a
// conjunction that does; a service uses it for filters that it requires.
func (f *Filter) Equals(property string) (value string, ok bool) {
	if f == nil {
		return "", false
	}
	return equals(f.root, property)
}

func equals(n node, property string) (string, bool) {
	switch n := n.(type) {
	case and:
		if v, ok := equals(n.left, property); ok {
			return v, true
		}
		return equals(n.right, property)
	case comparison:
		text, isText := n.value.(string)
		return text, isText && n.operator == "eq" && n.path.String() == property
	}
	return "", false
}

// ParseFilter parses the text of a $filter.
func ParseFilter(text string) (*Filter, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, fmt.Errorf("unexpected %q", p.peek().text)
	}
	return &Filter{root: root, paths: p.paths, full: p.full, operators: p.operators}, nil
}

type parser struct {
	tokens    []token
	variables []variable // of lambdas, in scope
	paths     []string
	full      []string
	operators []string
	depth     int
}

// variable stands for the elements of a collection.
type variable struct{ name, collection string }

// deepest is how many parentheses, negations and lambdas may be inside each other; the
// service has a limit too (documented for query complexity), and without one a request
// could exhaust the stack.
const deepest = 100

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != tokenEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) word(w string) bool {
	if t := p.peek(); t.kind == tokenWord && strings.EqualFold(t.text, w) {
		p.next()
		return true
	}
	return false
}

func (p *parser) mark(m string) bool {
	if t := p.peek(); t.kind == tokenMark && t.text == m {
		p.next()
		return true
	}
	return false
}

func (p *parser) or() (node, error) {
	left, err := p.and()
	for err == nil && p.word("or") {
		var right node
		if right, err = p.and(); err == nil {
			left = or{left, right}
		}
	}
	return left, err
}

func (p *parser) and() (node, error) {
	left, err := p.unary()
	for err == nil && p.word("and") {
		var right node
		if right, err = p.unary(); err == nil {
			left = and{left, right}
		}
	}
	return left, err
}

func (p *parser) unary() (node, error) {
	if p.depth++; p.depth > deepest {
		return nil, fmt.Errorf("more than %d levels", deepest)
	}
	defer func() { p.depth-- }()
	if p.word("not") {
		p.operators = append(p.operators, "not")
		inner, err := p.unary()
		return not{inner}, err
	}
	if p.mark("(") {
		inner, err := p.or()
		if err == nil && !p.mark(")") {
			err = errors.New("missing )")
		}
		return inner, err
	}
	return p.primary()
}

// primary is a comparison, a function over text, a lambda or a boolean property.
func (p *parser) primary() (node, error) {
	t := p.next()
	if t.kind != tokenWord {
		return nil, fmt.Errorf("a property was expected, not %q", t.text)
	}
	if p.peek().kind == tokenMark && p.peek().text == "(" {
		return p.call(t.text)
	}
	path, err := p.path(t.text)
	if err != nil {
		return nil, err
	}
	switch operator := strings.ToLower(p.peek().text); {
	case p.peek().kind != tokenWord:
	case slices.Contains([]string{"eq", "ne", "gt", "ge", "lt", "le"}, operator):
		p.next()
		p.operators = append(p.operators, operator)
		value, err := p.literal()
		return comparison{path: path, operator: operator, value: value}, err
	case operator == "in":
		p.next()
		values, err := p.list()
		return membership{path, values}, err
	}
	return comparison{path: path, operator: "eq", value: true}, nil
}

// path resolves the first segment against the lambda variables.
func (p *parser) path(text string) (path, error) {
	segments := strings.Split(text, "/")
	if slices.Contains(segments, "") {
		return path{}, fmt.Errorf("%q is not a property path", text)
	}
	for _, v := range slices.Backward(p.variables) {
		if v.name == segments[0] {
			p.full = append(p.full, strings.Join(append([]string{v.collection}, segments[1:]...), "/"))
			return path{variable: segments[0], segments: segments[1:]}, nil
		}
	}
	if !isName(segments[0]) {
		return path{}, fmt.Errorf("%q is not a property", segments[0])
	}
	p.paths, p.full = append(p.paths, segments[0]), append(p.full, text)
	return path{segments: segments}, nil
}

func isName(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '@'
		if !letter && (i == 0 || c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

func (p *parser) call(name string) (node, error) {
	p.next() // the parenthesis
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		if quantifier := strings.ToLower(name[i+1:]); quantifier == "any" || quantifier == "all" {
			p.operators = append(p.operators, quantifier)
			return p.lambda(name[:i], quantifier)
		}
	}
	operator := strings.ToLower(name)
	if !slices.Contains([]string{"startswith", "endswith", "contains"}, operator) {
		return nil, fmt.Errorf("the function %q is not supported", name)
	}
	p.operators = append(p.operators, operator)
	property := p.next()
	if property.kind != tokenWord {
		return nil, fmt.Errorf("%s: a property was expected, not %q", operator, property.text)
	}
	path, err := p.path(property.text)
	if err != nil {
		return nil, err
	}
	if !p.mark(",") {
		return nil, fmt.Errorf("%s: missing comma", operator)
	}
	value := p.next()
	if value.kind != tokenText {
		return nil, fmt.Errorf("%s: a text was expected, not %q", operator, value.text)
	}
	if !p.mark(")") {
		return nil, fmt.Errorf("%s: missing )", operator)
	}
	return p.maybeBoolean(comparison{path: path, operator: operator, value: value.text})
}

// maybeBoolean accepts "startswith(a,'b') eq true", which clients send.
func (p *parser) maybeBoolean(n node) (node, error) {
	if !p.word("eq") {
		return n, nil
	}
	switch {
	case p.word("true"):
		return n, nil
	case p.word("false"):
		return not{n}, nil
	}
	return nil, fmt.Errorf("true or false was expected, not %q", p.peek().text)
}

// lambda parses what follows "path/any(" or "path/all(".
func (p *parser) lambda(text, quantifier string) (node, error) {
	path, err := p.path(text)
	if err != nil {
		return nil, err
	}
	if quantifier == "any" && p.mark(")") {
		return lambda{path: path, any: true, variable: "it", body: always{}}, nil
	}
	t := p.next()
	name, rest, found := strings.Cut(t.text, ":")
	if t.kind != tokenWord || !found && !p.word(":") {
		return nil, fmt.Errorf("%s: a variable with a colon was expected, not %q", quantifier, t.text)
	}
	if rest != "" { // "t:t" without a space
		p.tokens = append([]token{{tokenWord, rest}}, p.tokens...)
	}
	if !isName(name) {
		return nil, fmt.Errorf("%s: %q is not a name for a variable", quantifier, name)
	}
	p.variables = append(p.variables, variable{name, p.full[len(p.full)-1]})
	body, err := p.or()
	p.variables = p.variables[:len(p.variables)-1]
	if err == nil && !p.mark(")") {
		err = fmt.Errorf("%s: missing )", quantifier)
	}
	return lambda{path: path, any: quantifier == "any", variable: name, body: body}, err
}

func (p *parser) literal() (any, error) {
	t := p.next()
	switch t.kind {
	case tokenText:
		return t.text, nil
	case tokenWord:
		return word(t.text)
	}
	return nil, fmt.Errorf("a literal was expected, not %q", t.text)
}

func (p *parser) list() ([]any, error) {
	if !p.mark("(") {
		return nil, errors.New("in: missing (")
	}
	var values []any
	for {
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if p.mark(")") {
			return values, nil
		}
		if !p.mark(",") {
			return nil, errors.New("in: missing )")
		}
	}
}
