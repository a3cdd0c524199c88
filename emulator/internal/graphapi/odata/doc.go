// Package odata parses the query options of an OData request and evaluates them
// over JSON objects: $filter, $select, $expand (nested), $orderby, $top, $skip,
// $skiptoken and $count. What it does not know is an error, never ignored.
//
//	q, err := odata.Parse(url.Values{"$filter": {"scopeId eq '/' and startswith(displayName,'App')"}})
//	ok, err := q.Filter.Match(object)
//
// The grammar of a filter is the part that Microsoft Graph documents: eq, ne, gt, ge,
// lt, le, in, and, or, not, startswith, endswith, contains, any, all, parentheses,
// paths with slashes, and literals (text, number, true, false, null, date and time,
// GUID). Text is compared without regard to case, as the directory does.
package odata
