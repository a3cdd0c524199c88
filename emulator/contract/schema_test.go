package contract_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// schema is the published subset, ready to judge exchanges.
type schema struct {
	document *openapi3.T
	routes   []route
}

// route is one operation with the pattern of its path.
type route struct {
	*routers.Route
	pattern *regexp.Regexp
}

func newSchema(t testing.TB) *schema {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile(published(t, "openapi-subset.json"))
	if err != nil {
		t.Fatalf("load the published schema: %v", err)
	}
	s := &schema{document: document}
	for path, item := range document.Paths.Map() {
		pattern := strings.NewReplacer("(", `\(`, ")", `\)`).Replace(path)
		pattern = braces.ReplaceAllString(pattern, `([^/]+)`)
		for method, operation := range item.Operations() {
			s.routes = append(s.routes, route{
				&routers.Route{Spec: document, Path: path, PathItem: item, Method: method, Operation: operation},
				regexp.MustCompile(`^/v1\.0` + pattern + "$"),
			})
		}
	}
	// The longer pattern is the more literal one: filterByCurrentUser is no id.
	slices.SortFunc(s.routes, func(a, b route) int { return len(b.pattern.String()) - len(a.pattern.String()) })
	return s
}

// find is the operation that a request is one of, with the variables of its path.
func (s *schema) find(r *http.Request) (*routers.Route, map[string]string, error) {
	for _, route := range s.routes {
		match := route.pattern.FindStringSubmatch(r.URL.Path)
		if route.Method != r.Method || match == nil {
			continue
		}
		variables := map[string]string{}
		for i, name := range braces.FindAllStringSubmatch(route.Path, -1) {
			variables[name[1]] = match[i+1]
		}
		return route.Route, variables, nil
	}
	return nil, nil, fmt.Errorf("%s %s is no operation of the published schema", r.Method, r.URL.Path)
}

// operations are the schema's, as "GET /users/{id}", sorted.
func (s *schema) operations() []string {
	var out []string
	for _, route := range s.routes {
		out = append(out, route.Method+" "+route.Path)
	}
	slices.Sort(out)
	return out
}

// exchange is one request with its answer.
type exchange struct {
	request  *http.Request
	sent     []byte
	answered *httptest.ResponseRecorder
}

// judge validates an exchange: the answer always, the request too where it is meant to be
// right. It returns the operation of the schema that the request is one of.
func (s *schema) judge(x exchange, requestToo bool) (operation string, err error) {
	route, variables, err := s.find(x.request)
	if err != nil {
		return "", err
	}
	operation = route.Method + " " + route.Path
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true}
	options.WithCustomSchemaErrorFunc(briefly)
	x.request.Body = io.NopCloser(bytes.NewReader(x.sent))
	in := &openapi3filter.RequestValidationInput{Request: x.request, PathParams: variables, Route: route, Options: options}
	if requestToo {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			return operation, fmt.Errorf("the request is not as published: %w", err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: x.answered.Code, Header: x.answered.Header(), Options: options}
	out.SetBodyBytes(x.answered.Body.Bytes())
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		return operation, fmt.Errorf("the answer %d is not as published: %w", x.answered.Code, err)
	}
	return operation, nil
}

// briefly says where a value is not as the schema wants it; the schema itself is pages long.
func briefly(e *openapi3.SchemaError) string {
	text := fmt.Sprintf("/%s: %s", strings.Join(e.JSONPointer(), "/"), e.Reason)
	if inner := errors.Unwrap(e); inner != nil {
		text += " (" + inner.Error() + ")"
	}
	return text
}
