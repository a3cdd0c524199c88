package login

import (
	"fmt"
	"net/http"
	"time"
)

// aadsts is a failure in Entra's terms: the OAuth error, the AADSTS number and its text.
// The numbers and what they mean are documented in the reference of error codes.
type aadsts struct {
	Number   int
	OAuth    string // error
	Text     string // without the "AADSTS…: " prefix
	Suberror string
	Claims   string // claims challenge to send along
	Status   int    // of the token endpoint; 0 means 400
	PageCode string // sErrorCode where it is not the number
}

func (e *aadsts) Error() string { return fmt.Sprintf("AADSTS%d: %s", e.Number, e.Text) }

// Numbers that code compares with.
const (
	unknownApp            = 700016
	badRedirect           = 50011
	missingParameter      = 900144
	unknownTenant         = 90002
	noSession             = 50058
	wrongPassword         = 50126
	unknownUser           = 50034
	disabledUser          = 50057
	strongAuthNeeded      = 50076
	strongAuthInterrupt   = 50074
	enrollmentNeeded      = 50079
	enrollmentInterrupt   = 50072
	secondFactorFailed    = 500121
	accessPassRefused     = 130503
	blockedByPolicy       = 53003
	deviceNotCompliant    = 53000
	deviceNotJoined       = 53001
	kmsiInterrupt         = 50140
	cmsiInterrupt         = 50199
	consentMissing        = 65001
	notPreauthorised      = 65002
	consentDeclined       = 65004
	refreshTooOldByPolicy = 70043
	sessionTooOldByPolicy = 70044
	codeExpired           = 70008
	codeRedeemed          = 54005
	pkceMismatch          = 501481
	wrongSecret           = 7000215
	secretExpired         = 7000222
	secretMissing         = 7000218
	assertionRefused      = 700027
	federatedIssuer       = 700211
	federatedAudience     = 700212
	federatedSubject      = 700213
	federatedRefused      = 50013
	invalidScope          = 70011
	unknownResource       = 500011
	grantUnsupported      = 70003
	refreshRefused        = 700082
	spaRefreshRefused     = 700084
	crossOriginRefused    = 9002326
	crossOriginNeeded     = 9002327
	sessionRevoked        = 50173
	flowExpired           = 50089
	invalidCanary         = 165000
	lockedOut             = 50053
	passwordExpired       = 50055
	passwordTooWeak       = 120002
	registrationNudge     = 50203
	adminConsentMissing   = 90094
	postOnly              = 900561
	selectAccount         = 16000
	devicePending         = 70016
	deviceExpired         = 70020
	badRequest            = 90023
	unknownInstance       = 50049
)

func fail(number int, oauth, format string, args ...any) *aadsts {
	return &aadsts{Number: number, OAuth: oauth, Text: fmt.Sprintf(format, args...)}
}

// tokenError is the body of a failed token request (documented).
type tokenError struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri,omitempty"`
	Suberror      string `json:"suberror,omitempty"`
	Claims        string `json:"claims,omitempty"`
}

// trace is what an error tells support: when, and which request.
type trace struct {
	ID            string
	CorrelationID string
	At            time.Time
	Host          string
}

const errorTime = "2006-01-02 15:04:05Z"

// describe is error_description as documented: text, trace, correlation and time.
func (e *aadsts) describe(t trace) string {
	return fmt.Sprintf("%s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
		e.Error(), t.ID, t.CorrelationID, t.At.Format(errorTime))
}

func (e *aadsts) body(t trace) tokenError {
	return tokenError{
		Error: e.OAuth, Description: e.describe(t), Codes: []int{e.Number},
		Timestamp: t.At.Format(errorTime), TraceID: t.ID, CorrelationID: t.CorrelationID,
		URI: e.uri(t), Suberror: e.Suberror, Claims: e.Claims,
	}
}

func (e *aadsts) uri(t trace) string {
	return fmt.Sprintf("https://%s/error?code=%d", t.Host, e.Number)
}

func (e *aadsts) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}
