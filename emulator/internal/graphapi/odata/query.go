package odata

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// Query is the parsed options of a request. The zero value asks for everything.
type Query struct {
	Filter  *Filter
	Select  []string
	Expand  []Expand
	OrderBy []Order
	Top     int // 0: not given
	Skip    int
	// SkipToken is the opaque text of a continuation.
	SkipToken string
	Count     bool
}

// Expand is one navigation property to expand, with its own options.
type Expand struct {
	Property string
	Query    Query
}

// Order is one key of $orderby.
type Order struct {
	Property   string
	Descending bool
}

// Parse reads the options of a request. Parameters without a dollar sign are none of
// OData's and stay unread; one with a dollar sign that it does not know is an error.
func Parse(values url.Values) (Query, error) {
	var q Query
	for name, texts := range values {
		if !strings.HasPrefix(name, "$") {
			continue
		}
		if len(texts) != 1 {
			return Query{}, fmt.Errorf("query option '%s' was specified more than once", name)
		}
		if err := q.set(name, texts[0]); err != nil {
			return Query{}, err
		}
	}
	return q, nil
}

func (q *Query) set(name, text string) (err error) {
	switch strings.ToLower(name) {
	case "$filter":
		if q.Filter, err = ParseFilter(text); err != nil {
			return fmt.Errorf("invalid filter clause: %w", err)
		}
	case "$select":
		q.Select = names(text)
	case "$expand":
		q.Expand, err = parseExpand(text)
	case "$orderby":
		q.OrderBy, err = parseOrder(text)
	case "$top":
		q.Top, err = number(name, text, 1)
	case "$skip":
		q.Skip, err = number(name, text, 0)
	case "$skiptoken":
		q.SkipToken = text
	case "$count":
		q.Count, err = strconv.ParseBool(text)
	case "$format":
		if !strings.Contains(strings.ToLower(text), "json") {
			err = fmt.Errorf("format %q is not supported", text)
		}
	default:
		err = fmt.Errorf("the query parameter '%s' is not supported", name)
	}
	return err
}

func number(name, text string, least int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		return 0, fmt.Errorf("invalid value %q for the query option '%s'", text, name)
	}
	return n, nil
}

func names(text string) []string {
	var out []string
	for _, n := range strings.Split(text, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

func parseOrder(text string) ([]Order, error) {
	var out []Order
	for _, part := range names(text) {
		fields := strings.Fields(part)
		o := Order{Property: fields[0]}
		switch {
		case len(fields) == 2 && strings.EqualFold(fields[1], "desc"):
			o.Descending = true
		case len(fields) == 2 && strings.EqualFold(fields[1], "asc"), len(fields) == 1:
		default:
			return nil, fmt.Errorf("invalid order %q", part)
		}
		out = append(out, o)
	}
	return out, nil
}

// parseExpand reads "a,policy($expand=rules;$select=id)".
func parseExpand(text string) ([]Expand, error) {
	if strings.Count(text, "(") > deepest {
		return nil, fmt.Errorf("more than %d levels in $expand", deepest)
	}
	var out []Expand
	for text = strings.TrimSpace(text); text != ""; {
		n := strings.IndexAny(text, ",(")
		if n < 0 {
			return append(out, Expand{Property: strings.TrimSpace(text)}), nil
		}
		e := Expand{Property: strings.TrimSpace(text[:n])}
		if text[n] == '(' {
			inner, rest, err := enclosed(text[n:])
			if err != nil {
				return nil, err
			}
			if e.Query, err = parseInner(inner); err != nil {
				return nil, err
			}
			text = strings.TrimPrefix(strings.TrimSpace(rest), ",")
		} else {
			text = text[n+1:]
		}
		out = append(out, e)
	}
	return out, nil
}

// enclosed splits "(…)rest" at the matching parenthesis.
func enclosed(text string) (inner, rest string, err error) {
	depth := 0
	for i, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[1:i], text[i+1:], nil
			}
		}
	}
	return "", "", errors.New("missing ) in $expand")
}

func parseInner(text string) (Query, error) {
	values := url.Values{}
	for _, option := range splitOptions(text) {
		name, value, ok := strings.Cut(option, "=")
		if !ok {
			return Query{}, fmt.Errorf("invalid option %q in $expand", option)
		}
		values.Add(strings.TrimSpace(name), value)
	}
	return Parse(values)
}

// splitOptions splits at semicolons outside of parentheses.
func splitOptions(text string) []string {
	var out []string
	depth, start := 0, 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ';' && depth == 0:
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(out, text[start:])
}

// Sort orders objects in place by the keys, keeping the order of equals.
func Sort(list []*document.Object, keys []Order) {
	slices.SortStableFunc(list, func(a, b *document.Object) int {
		for _, k := range keys {
			c := compareValues(read(a, k.Property), read(b, k.Property))
			if k.Descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

func read(o *document.Object, property string) any {
	return path{segments: strings.Split(property, "/")}.read(scope{"": o})
}

// compareValues orders values of one type, and nulls before everything.
func compareValues(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(btoi(a != nil), btoi(b != nil))
	}
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	at, errA := time.Parse(time.RFC3339Nano, x)
	bt, errB := time.Parse(time.RFC3339Nano, y)
	if errA == nil && errB == nil {
		return at.Compare(bt)
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
