package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Error is a refusal by Graph: any answer that is not 2xx.
type Error struct {
	Op        string // what was tried: "create conditional access policy"
	Status    int    // HTTP status
	Code      string // error.code, empty when the body was no error object
	Message   string // error.message
	RequestID string // Graph's request-id, which Microsoft's support asks for
}

// Error names operation, status, code, message and request id.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: graph answered %d", e.Op, e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request-id " + e.RequestID + ")"
	}
	return text
}

// IsNotFound reports whether err is Graph's 404.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsForbidden reports whether err is Graph's 403, which also stands for a deletion that the
// state of the object forbids.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsUnavailable reports whether err says that Graph, or what stands before it, failed: a 5xx, an answer
// that broke off or did not come, a connection that could not be made. Whether the request was acted on
// is not known then.
func IsUnavailable(err error) bool {
	var (
		refusal *Error
		network *url.Error
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &refusal):
		return refusal.Status >= http.StatusInternalServerError
	}
	return errors.As(err, &network)
}

// HasCode reports whether err is a refusal by Graph with one of these codes.
func HasCode(err error, codes ...string) bool {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return false
	}
	for _, code := range codes {
		if refusal.Code == code {
			return true
		}
	}
	return false
}

func hasStatus(err error, status int) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Status == status
}

// Codes of refusals that callers branch on, all observed with HTTP 400.
const (
	CodeContextRequired        = "RoleAssignmentRequestAcrsValidationFailed" // PIM wants the context in the token
	CodeAssignmentExists       = "RoleAssignmentExists"
	CodeAssignmentDoesNotExist = "RoleAssignmentDoesNotExist"
	CodeScopeNotGranted        = "PermissionScopeNotGranted" // the token lacks the permission
	CodeActiveTooShort         = "ActiveDurationTooShort"    // less than five minutes old
	CodeRequestPending         = "PendingRoleAssignmentRequest"
	CodeMFAAndContextConflict  = "MfaAndAcrsConflict"
)

// errorBody is Graph's error envelope. innerError has the request id where the header has not.
type errorBody struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   struct {
			RequestID string `json:"request-id"`
		} `json:"innerError"`
	} `json:"error"`
}

func parseError(got answer) (body errorBody, requestID string) {
	_ = json.Unmarshal(got.body, &body) // a gateway's HTML stays an empty code
	requestID = got.header.Get("request-id")
	if requestID == "" {
		requestID = body.Error.Inner.RequestID
	}
	return body, requestID
}

func newError(op string, got answer) *Error {
	body, requestID := parseError(got)
	return &Error{
		Op: op, Status: got.status, Code: body.Error.Code, Message: body.Error.Message, RequestID: requestID,
	}
}
