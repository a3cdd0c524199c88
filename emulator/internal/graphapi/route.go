package graphapi

import (
	"net/http"
	"strings"
)

// operation is one row of the table of what the tenant serves.
type operation struct {
	method   string
	path     string // "/users/{user}"; a segment in braces is a variable
	versions versions
	grant    grant
	body     *bodyType // nil: no body is read
	handle   func(*call) (result, error)
	segments []string
}

// versions says where an operation is served.
type versions int

const (
	v1   versions = 1
	beta versions = 2
	both versions = v1 | beta
)

// bodyType is the type of a request body.
type bodyType struct {
	name  string
	shape shape
}

// match binds the variables of the path. Literals match in any case, as the service's do.
func (op *operation) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(op.segments) {
		return nil, false
	}
	vars := map[string]string{}
	for i, want := range op.segments {
		name, isVariable := strings.CutPrefix(want, "{")
		switch {
		case isVariable && segments[i] != "":
			vars[strings.TrimSuffix(name, "}")] = segments[i]
		case !strings.EqualFold(want, segments[i]):
			return nil, false
		}
	}
	return vars, true
}

// literals counts the segments that are no variables: the more, the better a match.
func (op *operation) literals() (n int) {
	for _, s := range op.segments {
		if !strings.HasPrefix(s, "{") {
			n++
		}
	}
	return n
}

// find returns the operation of a request with its variables. What the tenant has no
// model for is an error that is answered 501.
func (s *server) find(method string, version versions, path string) (*operation, map[string]string, error) {
	segments, err := segmentsOf(path)
	if err != nil {
		return nil, nil, err
	}
	var best *operation
	var bound map[string]string
	for _, op := range s.operations {
		if op.method != method || op.versions&version == 0 {
			continue
		}
		if vars, ok := op.match(segments); ok && (best == nil || op.literals() > best.literals()) {
			best, bound = op, vars
		}
	}
	if best == nil {
		return nil, nil, unmodelled("%s %s", method, path)
	}
	return best, bound, nil
}

// segmentsOf splits a path. A second key in parentheses, "applications(appId='…')", becomes
// a segment of its own, in the place of an id.
func segmentsOf(path string) ([]string, error) {
	var segments []string
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		plain, err := unescape(segment)
		if err != nil {
			return nil, err
		}
		if i := strings.Index(plain, "(appId='"); i > 0 {
			segments = append(segments, plain[:i])
			plain = plain[i:]
		}
		segments = append(segments, plain)
	}
	return segments, nil
}

// splitVersion takes the version off the path.
func splitVersion(path string) (version versions, name, rest string, ok bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch strings.ToLower(first) {
	case "v1.0":
		return v1, "v1.0", "/" + rest, true
	case "beta":
		return beta, "beta", "/" + rest, true
	}
	return 0, "", "", false
}

func invalidVersion() *apiError {
	return &apiError{status: http.StatusBadRequest, code: "BadRequest", message: "Invalid version."}
}
