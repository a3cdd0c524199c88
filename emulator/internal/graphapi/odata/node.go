package odata

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// scope holds the object under "" and each lambda variable under its name.
type scope map[string]any

type node interface{ match(scope) bool }

type (
	and        struct{ left, right node }
	or         struct{ left, right node }
	not        struct{ inner node }
	always     struct{}
	comparison struct {
		path     path
		operator string
		value    any
	}
	membership struct {
		path   path
		values []any
	}
	lambda struct {
		path     path
		any      bool
		variable string
		body     node
	}
)

func (n and) match(s scope) bool { return n.left.match(s) && n.right.match(s) }
func (n or) match(s scope) bool  { return n.left.match(s) || n.right.match(s) }
func (n not) match(s scope) bool { return !n.inner.match(s) }
func (always) match(scope) bool  { return true }

func (n membership) match(s scope) bool {
	for _, v := range n.values {
		if compare(n.path.read(s), "eq", v) {
			return true
		}
	}
	return false
}

func (n comparison) match(s scope) bool { return compare(n.path.read(s), n.operator, n.value) }

func (n lambda) match(s scope) bool {
	list, _ := n.path.read(s).([]any)
	for _, element := range list {
		inner := scope{n.variable: element}
		for k, v := range s {
			if k != n.variable {
				inner[k] = v
			}
		}
		if n.body.match(inner) == n.any {
			return n.any
		}
	}
	return !n.any
}

// path is a property path, from the object or from a lambda variable.
type path struct {
	variable string
	segments []string
}

func (p path) String() string {
	if p.variable != "" {
		return strings.Join(append([]string{p.variable}, p.segments...), "/")
	}
	return strings.Join(p.segments, "/")
}

func (p path) read(s scope) any {
	v := s[p.variable]
	for _, name := range p.segments {
		o, ok := v.(*document.Object)
		if !ok {
			return nil
		}
		v, _ = o.Get(name)
	}
	return v
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// word reads a literal without quotes.
func word(text string) (any, error) {
	switch strings.ToLower(text) {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, nil
	}
	if guid.MatchString(text) {
		return text, nil
	}
	return nil, fmt.Errorf("%q is not a literal", text)
}

// compare evaluates one operator. A comparison of unlike things is false, except ne.
func compare(have any, operator string, want any) bool {
	order, comparable := orderOf(have, want)
	switch operator {
	case "eq":
		return comparable && order == 0
	case "ne":
		return !comparable || order != 0
	case "gt":
		return comparable && order > 0
	case "ge":
		return comparable && order >= 0
	case "lt":
		return comparable && order < 0
	case "le":
		return comparable && order <= 0
	}
	return matchText(have, operator, want)
}

func matchText(have any, operator string, want any) bool {
	h, isText := have.(string)
	w, _ := want.(string)
	if !isText {
		return false
	}
	h, w = strings.ToLower(h), strings.ToLower(w)
	switch operator {
	case "startswith":
		return strings.HasPrefix(h, w)
	case "endswith":
		return strings.HasSuffix(h, w)
	}
	return strings.Contains(h, w)
}

// orderOf compares two values of one type; text without regard to case.
func orderOf(have, want any) (order int, comparable bool) {
	switch want := want.(type) {
	case nil:
		return 0, have == nil
	case bool:
		h, ok := have.(bool)
		return cmp.Compare(strconv.FormatBool(h), strconv.FormatBool(want)), ok
	case string:
		h, ok := have.(string)
		return strings.Compare(strings.ToLower(h), strings.ToLower(want)), ok
	case float64:
		h, ok := have.(json.Number)
		n, err := h.Float64()
		return cmp.Compare(n, want), ok && err == nil
	case time.Time:
		h, _ := have.(string)
		at, err := time.Parse(time.RFC3339Nano, h)
		return at.Compare(want), err == nil
	}
	return 0, false
}
