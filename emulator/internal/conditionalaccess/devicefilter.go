package conditionalaccess

import (
	"errors"
	"fmt"
	"strings"
)

// DeviceFilter is a parsed filter for devices.
type DeviceFilter struct {
	exclude bool
	rule    deviceRule
}

type deviceRule func(Device) bool

// Matches reports whether the policy applies to the device; a nil filter applies
// to every device. An unknown device has no properties: it matches a positive
// operator never and a negative one always (documented).
func (f *DeviceFilter) Matches(d Device) bool {
	return f == nil || f.rule(d) != f.exclude
}

// ParseDeviceFilter reads a rule such as
//
//	device.isCompliant -eq True -and device.extensionAttribute1 -startsWith "SAW"
//
// with -and, -or, -not, parentheses and the documented operators. Mode is
// include or exclude.
func ParseDeviceFilter(mode, rule string) (*DeviceFilter, error) {
	exclude := strings.EqualFold(mode, "exclude")
	if !exclude && !strings.EqualFold(mode, "include") {
		return nil, fmt.Errorf("mode %q is neither include nor exclude", mode)
	}
	words, err := deviceWords(rule)
	if err != nil {
		return nil, err
	}
	p := deviceParser{words: words}
	parsed, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, fmt.Errorf("unexpected %q in rule", p.peek())
	}
	return &DeviceFilter{exclude: exclude, rule: parsed}, nil
}

// deviceWords splits a rule; a quoted value keeps its opening quote as a mark.
func deviceWords(rule string) ([]string, error) {
	var words []string
	for rule = strings.TrimSpace(rule); rule != ""; rule = strings.TrimSpace(rule) {
		n := 1
		switch rule[0] {
		case '(', ')', '[', ']', ',':
		case '"':
			end := strings.IndexByte(rule[1:], '"')
			if end < 0 {
				return nil, errors.New("unfinished quotation in rule")
			}
			words = append(words, rule[:end+1])
			rule = rule[end+2:]
			continue
		default:
			n = strings.IndexAny(rule, " \t\r\n()[],\"")
			if n < 0 {
				n = len(rule)
			}
		}
		words = append(words, rule[:n])
		rule = rule[n:]
	}
	return words, nil
}

type deviceParser struct{ words []string }

func (p *deviceParser) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *deviceParser) next() string {
	w := p.peek()
	if w != "" {
		p.words = p.words[1:]
	}
	return w
}

func (p *deviceParser) take(word string) bool {
	if !strings.EqualFold(p.peek(), word) {
		return false
	}
	p.next()
	return true
}

func (p *deviceParser) or() (deviceRule, error) {
	left, err := p.and()
	for err == nil && p.take("-or") {
		var right deviceRule
		if right, err = p.and(); err == nil {
			l := left
			left = func(d Device) bool { return l(d) || right(d) }
		}
	}
	return left, err
}

func (p *deviceParser) and() (deviceRule, error) {
	left, err := p.term()
	for err == nil && p.take("-and") {
		var right deviceRule
		if right, err = p.term(); err == nil {
			l := left
			left = func(d Device) bool { return l(d) && right(d) }
		}
	}
	return left, err
}

func (p *deviceParser) term() (deviceRule, error) {
	if p.take("-not") {
		inner, err := p.term()
		return func(d Device) bool { return !inner(d) }, err
	}
	if p.take("(") {
		inner, err := p.or()
		if err == nil && !p.take(")") {
			err = errors.New("missing ) in rule")
		}
		return inner, err
	}
	return p.comparison()
}

func (p *deviceParser) comparison() (deviceRule, error) {
	property := p.next()
	name, ok := strings.CutPrefix(property, "device.")
	if !ok {
		return nil, fmt.Errorf("rule names %q, not a property of device", property)
	}
	operator := strings.ToLower(p.next())
	values, err := p.values()
	if err != nil {
		return nil, err
	}
	positive, negated, ok := deviceOperator(operator)
	if !ok {
		return nil, fmt.Errorf("unknown operator %q in rule", operator)
	}
	return func(d Device) bool {
		have := d.property(name)
		for _, v := range values {
			if have != "" && positive(strings.ToLower(have), v) {
				return !negated
			}
		}
		return negated
	}, nil
}

// values reads one value, or a list in brackets, in lower case.
func (p *deviceParser) values() ([]string, error) {
	if !p.take("[") {
		v := strings.ToLower(strings.TrimPrefix(p.next(), `"`))
		return []string{v}, nil
	}
	var out []string
	for !p.take("]") {
		w := p.next()
		if w == "" {
			return nil, errors.New("missing ] in rule")
		}
		if w != "," {
			out = append(out, strings.ToLower(strings.TrimPrefix(w, `"`)))
		}
	}
	return out, nil
}

func deviceOperator(op string) (match func(have, want string) bool, negated, ok bool) {
	name, isDash := strings.CutPrefix(op, "-")
	if !isDash {
		return nil, false, false
	}
	equal := func(a, b string) bool { return a == b }
	switch name {
	case "eq", "equals", "in":
		return equal, false, true
	case "ne", "notequals", "notin":
		return equal, true, true
	}
	base, negated := strings.CutPrefix(name, "not")
	switch base {
	case "startswith":
		return strings.HasPrefix, negated, true
	case "endswith":
		return strings.HasSuffix, negated, true
	case "contains":
		return strings.Contains, negated, true
	}
	return nil, false, false
}

// property reads a device property by its name in a rule; "" when unknown.
func (d Device) property(name string) string {
	switch strings.ToLower(name) {
	case "deviceid":
		return d.ID
	case "iscompliant":
		return d.known(d.Compliant)
	case "trusttype":
		if d.HybridJoined {
			return "ServerAD"
		}
	}
	for k, v := range d.Attributes {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

func (d Device) known(flag bool) string {
	switch {
	case d.ID == "":
		return ""
	case flag:
		return "True"
	}
	return "False"
}
