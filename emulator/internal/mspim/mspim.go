// Package mspim is the legacy PIM service, api.azrbac.mspim.azure.com, as far as the portal's
// page and a public command-line client use it: another door to package pim, with the words of
// an older time.
//
//	GET  /api/v2/privilegedAccess/aadroles/roleAssignments?$filter=(subject/id eq '…') and (assignmentState eq 'Eligible')
//	GET  /api/v2/privilegedAccess/aadroles/roleAssignmentRequests?$filter=(subject/id eq '…')
//	GET  /api/v2/privilegedAccess/aadroles/roleSettingsV2?$filter=(resource/id eq '…') and (roleDefinition/id eq '…')
//	POST /api/v2/privilegedAccess/aadroles/roleAssignmentRequests[?evaluateOnly=true]
//	     {"roleDefinitionId","resourceId","subjectId","assignmentState":"Active","type":"UserAdd"|"UserRemove",
//	      "reason","ticketNumber","ticketSystem","schedule":{"type":"Once","startDateTime","endDateTime","duration"},
//	      "linkedEligibleRoleAssignmentId","scopedResourceId"}
//
// Observed: the addresses, the filters, the body and the status of an answer; that the real
// portal still called this service for Entra roles in 2026; that aadGroups has answered 401
// since May 2026, which is all that this package says of it; that the refusal for a missing
// authentication context comes wrapped as JSON text in the message of an UnknownError.
// Inferred: the form of the role settings, the plain form of other refusals, and that a
// caller sees only what is theirs. Every expansion is always there; $expand is read and not
// needed. What else there may be is answered 501.
//
// A token for the service (audience 01fc33a7-78ba-4d2f-a4b7-768e336e890e, or its address) is
// held to the same rules by package pim as one for Microsoft Graph.
package mspim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/odata"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Verifier reads the claims of a bearer token whose signature is right; its times and its
// audience are checked here, by the tenant's clock.
type Verifier interface {
	Verify(bearer string) (issuer.Access, error)
}

// New returns the handler of the service's host.
func New(st *store.Store, verifier Verifier) http.Handler {
	s := &service{st: st, verifier: verifier}
	const roles = "/api/v2/privilegedAccess/aadroles/"
	mux := http.NewServeMux()
	mux.Handle("GET "+roles+"roleAssignments", s.answer(http.StatusOK, listAssignments))
	mux.Handle("GET "+roles+"roleAssignmentRequests", s.answer(http.StatusOK, listRequests))
	mux.Handle("GET "+roles+"roleSettingsV2", s.answer(http.StatusOK, listSettings))
	mux.Handle("POST "+roles+"roleAssignmentRequests", s.answer(http.StatusCreated, submit))
	mux.HandleFunc("GET /api/v2/privilegedAccess/aadGroups/", groupsMoved)
	mux.HandleFunc("POST /api/v2/privilegedAccess/aadGroups/", groupsMoved)
	mux.HandleFunc("OPTIONS /api/v2/privilegedAccess/", preflight)
	mux.HandleFunc("/", unmodelled)
	return mux
}

type service struct {
	st       *store.Store
	verifier Verifier
}

// call is one request with the lock of its tenant held.
type call struct {
	tenant *store.Tenant
	token  issuer.Access
	query  odata.Query
	values url.Values
	body   *document.Object // nil for a read
}

// answer makes a handler of a function from a call to a JSON value.
func (s *service) answer(status int, f func(*call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allowOrigin(w, r)
		value, err := s.serve(w, r, f)
		if err != nil {
			writeError(w, err)
			return
		}
		write(w, status, value)
	})
}

func (s *service) serve(w http.ResponseWriter, r *http.Request, f func(*call) (any, error)) (value any, err error) {
	token, err := s.authenticate(r)
	if err != nil {
		return nil, err
	}
	c := &call{token: token, values: r.URL.Query()}
	if c.query, err = odata.Parse(c.values); err != nil {
		return nil, badRequest(err.Error())
	}
	if r.Method == http.MethodPost {
		if c.body, err = readBody(w, r); err != nil {
			return nil, err
		}
	}
	lookup := s.st.With(token.TenantID, func(t *store.Tenant) error {
		c.tenant = t
		if err := checkToken(t, token); err != nil {
			return err
		}
		pim.Settle(t)
		value, err = f(c)
		return err
	})
	if errors.Is(lookup, store.ErrNoTenant) {
		return nil, unauthorized("The token's tenant is not known.")
	}
	return value, lookup
}

func write(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, fmt.Sprintf("encode answer: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func allowOrigin(w http.ResponseWriter, r *http.Request) {
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "WWW-Authenticate")
		w.Header().Add("Vary", "Origin")
	}
}

func preflight(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// groupsMoved refuses groups as the service has done since May 2026 (observed); clients turned
// to Microsoft Graph.
func groupsMoved(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	writeError(w, unauthorized("The request is not authorized."))
}

func unmodelled(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotImplemented) }
