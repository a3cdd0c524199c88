package graphapi

import (
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/odata"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// call is one authorised request in the hands of a handler; the tenant's lock is held.
type call struct {
	t     *store.Tenant
	now   time.Time
	token Token
	beta  bool
	base  string // "https://graph.microsoft.com/v1.0"
	vars  map[string]string
	query odata.Query
	body  *document.Object // checked against the operation's shape; nil without a body
	ip    string
	// eventual is true where the client takes answers of the directory's index
	// (ConsistencyLevel: eventual).
	eventual bool
}

func (c *call) caller() pim.Caller {
	return pim.Caller{
		UserID: c.token.UserID, AppID: c.token.AppID, TokenID: c.token.TokenID,
		AMR: c.token.AMR, ACRS: c.token.ACRS, XMSCC: c.token.XMSCC, IP: c.ip,
	}
}

// result is what a handler answers: nothing, one object or a list.
type result struct {
	status  int
	of      *entity
	object  *document.Object
	list    iter.Seq[*document.Object] // nil: it is no list
	text    string                     // the answer of …/$count: no JSON
	context string                     // what follows $metadata#; empty: the path of the operation
}

func one(of *entity, o *document.Object) result {
	return result{status: http.StatusOK, of: of, object: o}
}

func created(of *entity, o *document.Object) result {
	return result{status: http.StatusCreated, of: of, object: o}
}

func many(of *entity, list iter.Seq[*document.Object]) result {
	return result{status: http.StatusOK, of: of, list: list}
}

func noContent() result { return result{status: http.StatusNoContent} }

// apiError is a refused request.
type apiError struct {
	status       int
	code         string
	message      string
	authenticate string // WWW-Authenticate of a 401
	allow        string // Allow of a 405
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message) }

func badRequest(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "BadRequest", message: fmt.Sprintf(format, args...)}
}

// directoryBadRequest is what the directory itself answers (users, groups).
func directoryBadRequest(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "Request_BadRequest", message: fmt.Sprintf(format, args...)}
}

func notFound(what, id string) *apiError {
	return &apiError{status: http.StatusNotFound, code: "ResourceNotFound", message: fmt.Sprintf("The %s '%s' was not found.", what, id)}
}

// directoryConflict: the directory refuses a second object with the name of a first.
func directoryConflict(format string, args ...any) *apiError {
	return &apiError{status: http.StatusConflict, code: "Request_MultipleObjectsWithSameKeyValue", message: fmt.Sprintf(format, args...)}
}

func directoryNotFound(id string) *apiError {
	return &apiError{
		status: http.StatusNotFound, code: "Request_ResourceNotFound",
		message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id),
	}
}

// notAllowed is the refusal of a method that a resource cannot have; allow lists those it has.
func notAllowed(allow []string) *apiError {
	return &apiError{
		status: http.StatusMethodNotAllowed, code: "Request_BadRequest", allow: strings.Join(allow, ", "),
		message: "Specified HTTP method is not allowed for the request target.",
	}
}

func unmodelled(format string, args ...any) *apiError {
	return &apiError{status: http.StatusNotImplemented, code: "NotImplemented", message: "the embedded tenant has no model for this request: " + fmt.Sprintf(format, args...)}
}
