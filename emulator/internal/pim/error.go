package pim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Error is a request that PIM refuses, in the words of the service.
type Error struct {
	Status  int // HTTP status
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// The codes of PIM's answers. Documented in tables of the service, or observed by its clients; UnauthorizedAccessException and ResourceNotFound are inferred.
const (
	CodeAcrsValidationFailed   = "RoleAssignmentRequestAcrsValidationFailed"
	CodePolicyValidationFailed = "RoleAssignmentRequestPolicyValidationFailed"
	CodeAssignmentExists       = "RoleAssignmentExists"
	CodeAssignmentDoesNotExist = "RoleAssignmentDoesNotExist"
	CodeActiveDurationTooShort = "ActiveDurationTooShort"
	CodePendingRequest         = "PendingRoleAssignmentRequest"
	CodeOverlapsPending        = "OverlapsPendingRoleAssignmentRequests"
	CodeInvalidRequest         = "InvalidRoleAssignmentRequest"
	CodeSubjectNotFound        = "SubjectNotFound"
	CodeRoleNotFound           = "RoleNotFound"
	CodeLicenceRequired        = "AadPremiumLicenseRequired"
	CodeMfaAndAcrsConflict     = "MfaAndAcrsConflict"
	CodeUnauthorized           = "UnauthorizedAccessException"
	CodeNotFound               = "ResourceNotFound"
	CodeBadRequest             = "BadRequest"
)

func refuse(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

func notFound(what, id string) *Error {
	return &Error{Status: http.StatusNotFound, Code: CodeNotFound, Message: fmt.Sprintf("The %s %q could not be found.", what, id)}
}

func unauthorized() *Error {
	return &Error{Status: http.StatusForbidden, Code: CodeUnauthorized, Message: "Attempted to perform an unauthorized operation."}
}

// challenge is the refusal that names the context to ask for. Observed: the space
// after the comma, and %20 rather than a plus sign.
func challenge(context string) *Error {
	value, err := json.Marshal(context)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	claims := `{"access_token":{"acrs":{"essential":true, "value":` + string(value) + `}}}`
	return refuse(CodeAcrsValidationFailed, "%s", "&claims="+strings.ReplaceAll(url.QueryEscape(claims), "+", "%20"))
}

func rulesFailed(rules []string) *Error {
	list, err := json.Marshal(rules)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return refuse(CodePolicyValidationFailed, "The following policy rules failed: %s", list)
}
