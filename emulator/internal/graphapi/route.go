package graphapi

import (
	"net/http"
	"slices"
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

// find returns the operation of a request with its variables. A method that the resource
// cannot have is an error that is answered 405; what the tenant has no model for is one that is
// answered 501.
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
	if best != nil {
		return best, bound, nil
	}
	if allow := s.methodsAt(version, segments); impossible(method, segments, allow) {
		return nil, nil, notAllowed(allow)
	}
	return nil, nil, unmodelled("%s %s", method, path)
}

// methodsAt lists, sorted, the methods that are modelled for what a path names: those of its
// best match.
func (s *server) methodsAt(version versions, segments []string) []string {
	var methods []string
	most := -1
	for _, op := range s.operations {
		if _, ok := op.match(segments); !ok || op.versions&version == 0 || op.literals() < most {
			continue
		}
		if op.literals() > most {
			most, methods = op.literals(), nil
		}
		methods = append(methods, op.method)
	}
	slices.Sort(methods)
	return methods
}

// impossible says that no resource of that kind has the method, whatever else of it the tenant
// has a model for: a method of which Graph knows nothing, a collection (read and added to) that
// is changed or deleted as a whole, an object with a key that is added to (documented: OData
// 4.0, section 11.4; the answer is observed: microsoft-graph-docs #119). Anything else may be there in the real service,
// and has to stay a gap that is seen.
func impossible(method string, segments, modelled []string) bool {
	has := func(m string) bool { return slices.Contains(modelled, m) }
	switch method {
	case http.MethodPatch, http.MethodPut, http.MethodDelete:
		return has(http.MethodGet) && has(http.MethodPost)
	case http.MethodPost:
		return has(http.MethodGet) && isKey(segments[len(segments)-1])
	case http.MethodGet, http.MethodHead:
		return false
	}
	return len(modelled) > 0
}

// isKey tells the id of an object from the name of an action that is bound to its collection,
// which stands in the same place: a name has neither digit nor sign.
func isKey(segment string) bool { return strings.ContainsAny(segment, "0123456789@'") }

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
