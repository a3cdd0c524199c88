package graphapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	// nested are the properties of structured properties, where a filter that names another
	// one is refused; what is not here is not looked into.
	nested map[string][]string
	// directory is true of the types of the directory, whose advanced queries have to be
	// asked for.
	directory bool
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
	for _, p := range q.Filter.Paths() {
		first, rest, deep := strings.Cut(p, "/")
		if known, ok := e.nested[first]; deep && ok && !slices.Contains(known, firstSegment(rest)) {
			return badRequest("Could not find a property named '%s' on the type of '%s' of '%s'.", firstSegment(rest), first, e.name)
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
	return e.checkExpand(q)
}

// checkExpand looks into the options of what is expanded too.
func (e *entity) checkExpand(q odata.Query) error {
	for _, x := range q.Expand {
		if x.Property == "*" {
			continue
		}
		nav := e.expand[x.Property]
		if nav.read == nil {
			return badRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.", x.Property, e.name)
		}
		if err := nav.of().check(x.Query); err != nil {
			return err
		}
	}
	return nil
}

// advanced are the operators that the directory evaluates only in an advanced query
// (documented: advanced query capabilities on directory objects).
var advanced = []string{"ne", "not", "endswith"}

// checkAdvanced refuses a query that only the index of the directory answers, unless the
// client has asked for it by ConsistencyLevel and $count (documented). Filtering by contains
// is not there at all (documented).
func (e *entity) checkAdvanced(c *call) error {
	if !e.directory {
		return nil
	}
	for _, operator := range c.query.Filter.Operators() {
		if operator == "contains" || slices.Contains(advanced, operator) && !(c.eventual && c.query.Count) {
			return unsupportedQuery("Unsupported Query. The operator '%s' in the filter clause is not supported by '%s' in this request.", operator, e.name)
		}
	}
	if c.query.Filter != nil && len(c.query.OrderBy) > 0 && !(c.eventual && c.query.Count) {
		return unsupportedQuery("Sorting by '%s' is not supported for current query: $filter beside $orderby is an advanced query.", c.query.OrderBy[0].Property)
	}
	return nil
}

// counted reports whether the answer has a count: of the directory's objects only an
// advanced query has one (documented).
func (e *entity) counted(c *call) bool { return c.query.Count && (!e.directory || c.eventual) }

func unsupportedQuery(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "Request_UnsupportedQuery", message: fmt.Sprintf(format, args...)}
}
