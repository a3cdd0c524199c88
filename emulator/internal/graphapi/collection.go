package graphapi

import (
	"encoding/base64"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/odata"
)

func firstSegment(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

const (
	usualPage   = 100
	largestPage = 999
)

// page is one page of a collection.
type page struct {
	items []*document.Object
	total int
	next  string // skip token of the next page, "" on the last
}

// paginate filters, orders and cuts a list. Without an order and a count it looks no further
// than to the first object of the next page.
func (e *entity) paginate(objects iter.Seq[*document.Object], q odata.Query) (page, error) {
	offset, err := skipOffset(q)
	if err != nil {
		return page{}, err
	}
	size := e.pageSize(q.Top)
	if q.Top > largestPage && e.page == 0 || e.page > 0 && q.Top > e.page {
		return page{}, badRequest("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", q.Top, e.largest())
	}
	last := offset + size + 1
	if q.Count || len(q.OrderBy) > 0 {
		last = 0
	}
	list := matching(objects, q.Filter, last)
	odata.Sort(list, q.OrderBy)
	out := page{total: len(list)}
	start := min(offset, len(list))
	end := min(start+size, len(list))
	out.items = list[start:end]
	// Documented: $top is the size of a page, not of the answer.
	if end < len(list) {
		out.next = base64.RawURLEncoding.EncodeToString([]byte("offset:" + strconv.Itoa(end)))
	}
	return out, nil
}

// matching collects the objects that the filter matches, the first ones only where a limit
// is given.
func matching(objects iter.Seq[*document.Object], filter *odata.Filter, limit int) []*document.Object {
	var list []*document.Object
	for o := range objects {
		if !filter.Match(o) {
			continue
		}
		if list = append(list, o); len(list) == limit {
			break
		}
	}
	return list
}

func (e *entity) largest() int {
	if e.page > 0 {
		return e.page
	}
	return largestPage
}

func (e *entity) pageSize(top int) int {
	switch {
	case top > 0:
		return top
	case e.page > 0:
		return e.page
	}
	return usualPage
}

func skipOffset(q odata.Query) (int, error) {
	if q.SkipToken == "" {
		return q.Skip, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(q.SkipToken)
	digits, ok := strings.CutPrefix(string(text), "offset:")
	offset, parseErr := strconv.Atoi(digits)
	if err != nil || !ok || parseErr != nil || offset < 0 {
		return 0, badRequest("Skip token is invalid.")
	}
	return offset, nil
}

// nextLink is the same request with the token of the next page.
func nextLink(base, path, rawQuery, token string) string {
	values, err := parseQuery(rawQuery)
	if err != nil {
		values = url.Values{}
	}
	values.Del("$skip")
	values.Set("$skiptoken", token)
	return base + path + "?" + strings.ReplaceAll(values.Encode(), "%24", "$")
}

// project applies $select and $expand to one object.
func (e *entity) project(c *call, o *document.Object, q odata.Query) (*document.Object, error) {
	out := &document.Object{}
	wanted := q.Select
	if len(wanted) == 0 {
		wanted = e.standard
	}
	for _, k := range o.Keys() {
		annotation := strings.Contains(k, "@")
		if wanted == nil || annotation || slices.Contains(wanted, k) {
			v, _ := o.Get(k)
			out.Set(k, v)
		}
	}
	for _, x := range e.expansions(q) {
		v, err := e.expandOne(c, o, x)
		if err != nil {
			return nil, err
		}
		out.Set(x.Property, v)
	}
	return out, nil
}

// expansions resolves the asterisk.
func (e *entity) expansions(q odata.Query) []odata.Expand {
	var out []odata.Expand
	for _, x := range q.Expand {
		if x.Property != "*" {
			out = append(out, x)
			continue
		}
		for name := range e.expand {
			out = append(out, odata.Expand{Property: name})
		}
	}
	return out
}

// expanded applies the options of an expansion to the list. It is not paged.
func expanded(list []*document.Object, q odata.Query) []*document.Object {
	list = matching(slices.Values(list), q.Filter, 0)
	odata.Sort(list, q.OrderBy)
	list = list[min(q.Skip, len(list)):]
	if q.Top > 0 {
		list = list[:min(q.Top, len(list))]
	}
	return list
}

func (e *entity) expandOne(c *call, o *document.Object, x odata.Expand) (any, error) {
	nav := e.expand[x.Property]
	of := nav.of()
	switch v := nav.read(c, o).(type) {
	case *document.Object:
		if v == nil {
			return nil, nil
		}
		return of.project(c, v, x.Query)
	case []*document.Object:
		list := []*document.Object{}
		for _, child := range expanded(v, x.Query) {
			projected, err := of.project(c, child, x.Query)
			if err != nil {
				return nil, err
			}
			list = append(list, projected)
		}
		return list, nil
	}
	return nil, nil
}
