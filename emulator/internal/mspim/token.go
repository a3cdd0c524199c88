package mspim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// maximumBody is far above any request of the service.
const maximumBody = 1 << 20

// authenticate reads who calls out of the Authorization header.
func (s *service) authenticate(r *http.Request) (issuer.Access, error) {
	scheme, bearer, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return issuer.Access{}, unauthorized("A bearer token is required.")
	}
	token, err := s.verifier.Verify(bearer)
	if err != nil {
		return issuer.Access{}, unauthorized("The token is not valid.")
	}
	return token, nil
}

// checkToken checks audience, times and permission. Only users have a place in this service.
func checkToken(t *store.Tenant, token issuer.Access) error {
	switch {
	case !ownAudience(token.Audience):
		return unauthorized("The token is for another audience.")
	case !t.Now().Before(time.Unix(token.Expires, 0)):
		return unauthorized("The token has expired.")
	case !slices.Contains(strings.Fields(token.Scopes), "user_impersonation"):
		return &pim.Error{Status: http.StatusForbidden, Code: "Forbidden", Message: "The scope user_impersonation is required."}
	}
	return nil
}

func ownAudience(audience string) bool {
	host := strings.TrimSuffix(strings.TrimPrefix(audience, "https://"), "/")
	_, part, known := cloud.Of(host)
	return audience == store.ResourcePIM || known && part == cloud.PIM
}

func callerOf(token issuer.Access) pim.Caller {
	return pim.Caller{
		UserID: token.ObjectID, AppID: token.AppID, TokenID: token.TokenID,
		AMR: token.AMR, ACRS: token.ACRS, XMSCC: token.ClientCap, IP: token.IPAddress,
	}
}

func readBody(w http.ResponseWriter, r *http.Request) (*document.Object, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maximumBody))
	if err != nil {
		return nil, badRequest("The body cannot be read.")
	}
	body, err := document.Parse(text)
	if err != nil {
		return nil, badRequest("The body is not a JSON object.")
	}
	return body, nil
}

func unauthorized(message string) *pim.Error {
	return &pim.Error{Status: http.StatusUnauthorized, Code: "Unauthorized", Message: message}
}

func badRequest(message string) *pim.Error {
	return &pim.Error{Status: http.StatusBadRequest, Code: "InvalidRequest", Message: message}
}

// errUnmodelled is a request of a kind that has no model here.
var errUnmodelled = errors.New("no model for the request")

// writeError writes a refusal in the service's envelope.
func writeError(w http.ResponseWriter, err error) {
	var refusal *pim.Error
	switch {
	case errors.Is(err, errUnmodelled):
		unmodelled(w, nil)
		return
	case !errors.As(err, &refusal):
		refusal = &pim.Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: err.Error()}
	}
	if refusal.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	code, message := refusal.Code, refusal.Message
	if code == pim.CodeAcrsValidationFailed {
		code, message = "UnknownError", wrapped(refusal)
	}
	write(w, refusal.Status, document.Of("error", document.Of("code", code, "message", message)))
}

// wrapped is the error as JSON text inside another error's message (observed for the refusal
// that asks for an authentication context).
func wrapped(refusal *pim.Error) string {
	text, err := json.Marshal(document.Of("errorCode", refusal.Code, "message", refusal.Message))
	if err != nil {
		panic(err) // two texts always have a JSON form
	}
	return string(text)
}
