package graphapi

import "strings"

// demands are the values that a filter wants some properties to have, "" where it wants
// none: what can be told of a stored object before it is written as a document. The filter
// is evaluated on the documents all the same.
type demands []string

// demands reads them off the filter of the request.
func (c *call) demands(properties ...string) demands {
	d := make(demands, len(properties))
	for i, p := range properties {
		if value, ok := c.query.Filter.Equals(p); ok {
			d[i] = value
		}
	}
	return d
}

// allow reports whether an object with these values, in the same order, can match. Without
// demands every object can.
func (d demands) allow(values ...string) bool {
	for i, want := range d {
		if want != "" && !strings.EqualFold(want, values[i]) {
			return false
		}
	}
	return true
}
