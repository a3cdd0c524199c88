package graphapi

import (
	"slices"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/odata"
)

// entity is a type of the service: what may be selected, filtered and expanded.
type entity struct {
	name       string   // such as "microsoft.graph.user"
	properties []string // every structural property that the tenant models
	standard   []string // those answered without $select; nil means all
	expand     map[string]expander
	page       int // default and largest page; 0 means the service's usual 100 and 999
}

// expander reads a navigation property: a *document.Object (nil for null) or a list.
type expander struct {
	of   func() *entity // a func, since types refer to each other
	read func(c *call, o *document.Object) any
}

func (e *entity) has(property string) bool { return slices.Contains(e.properties, property) }

// check refuses query options that name what the type does not have.
func (e *entity) check(q odata.Query) error {
	missing := func(p string) error {
		return badRequest("Could not find a property named '%s' on type '%s'.", p, e.name)
	}
	for _, p := range q.Filter.Properties() {
		if !e.has(p) {
			return missing(p)
		}
	}
	for _, p := range q.Select {
		if !e.has(p) && e.expand[p].read == nil {
			return missing(p)
		}
	}
	for _, o := range q.OrderBy {
		if first := firstSegment(o.Property); !e.has(first) {
			return missing(first)
		}
	}
	for _, x := range q.Expand {
		if e.expand[x.Property].read == nil && x.Property != "*" {
			return badRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.", x.Property, e.name)
		}
	}
	return nil
}
