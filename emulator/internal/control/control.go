// Package control is the listener that moves the embedded tenant: its clock, its faults, its
// lag and its switches. It stands apart from the product surface, on a loopback address of
// its own, and wants a bearer token.
//
//	GET    /clock                          {"now":"…","offset":"11m0s"}
//	POST   /clock/advance                  {"duration":"6m"} -> as GET /clock
//	POST   /faults                         {"kind":"status|reset|truncate|delay|unreachable|stale","host","method","path","status","retry_after","acted","after","times","delay"} -> {"id"}
//	GET    /faults                         [{"id","kind","after","times"}] of those that are not used up
//	DELETE /faults/{id}
//	POST   /lag                            {"policy","context","role_setting","assignment","sign_in_log","audit_log"}: durations
//	POST   /push                           {"upn","approve":true,"number":"42"}, or {"upn","register":true} to have an app
//	POST   /keys/rollover                  {"keep":"24h","emergency":true}: the next signing key, see [store.Signing]
//	POST   /variant                        {"seed":7,"language":"de","adversarial":true}, see [store.Manner]
//	POST   /applications                  {"display_name","platform":"web|spa|public","redirect_uris","scopes","app_roles","id_token_claims","secret":true,"certificate":PEM} -> {"client_id","client_secret"}
//	POST   /settings                       see [store.Settings]
//	POST   /tenant                         {"licence_p2":false,"security_defaults":true}
//	GET    /requests                       [{"at","tenant","method","url","status","unmodelled","refused_host"}]
//	POST   /tenants                        {} or {"sample":true} -> what [Tenants.Create] answers
//	DELETE /tenants/{id}
//	POST   /reset                          every tenant away, one fresh default tenant with the first one's ids -> as POST /tenants
//
// Every call takes ?tenant=ID; without it the first tenant is meant. Durations are written
// as Go writes them ("6m", "90s"). An unknown key or query parameter is a 400, an unknown
// tenant a 404, a missing or wrong token a 401, another Host than a loopback one or any Origin a 403; each with one line that says what is wrong.
// docs/control.md has it for users of curl. What changes nothing to be told answers 204. A tenant's time never goes back: nothing in
// here can move it but forward.
package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Tenants makes tenants in the way that the emulator answers them.
type Tenants interface {
	// Create makes a fresh tenant, the sample one if asked, and returns what a harness
	// must know of it; it is sent as JSON.
	Create(sample bool) (any, error)
}

// Handler serves the control listener.
type Handler struct {
	store   *store.Store
	tenants Tenants
	token   [sha256.Size]byte
	mux     *http.ServeMux
}

// New returns a handler that wants the given bearer token.
func New(st *store.Store, tenants Tenants, token string) *Handler {
	h := &Handler{store: st, tenants: tenants, token: sha256.Sum256([]byte(token)), mux: http.NewServeMux()}
	for pattern, handle := range h.calls() {
		h.mux.HandleFunc(pattern, adapt(handle))
	}
	return h
}

// calls are the calls by their patterns; docs/control.md has a line that makes each.
func (h *Handler) calls() map[string]func(*http.Request) (any, error) {
	return map[string]func(*http.Request) (any, error){
		"GET /clock":           h.clock,
		"POST /clock/advance":  h.advance,
		"POST /faults":         h.addFault,
		"GET /faults":          h.faults,
		"DELETE /faults/{id}":  h.deleteFault,
		"POST /lag":            h.lag,
		"POST /push":           h.push,
		"POST /keys/rollover":  h.rollOver,
		"POST /variant":        h.variant,
		"POST /applications":   h.registerApplication,
		"POST /settings":       h.settings,
		"POST /tenant":         h.describe,
		"GET /requests":        h.requests,
		"POST /tenants":        h.createTenant,
		"DELETE /tenants/{id}": h.deleteTenant,
		"POST /reset":          h.reset,
	}
}

// ServeHTTP checks where the call comes from, the token and the query, then the call itself.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if why := foreign(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	// Digests have one length, so that the comparison tells nothing about the token's.
	sent := sha256.Sum256([]byte(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") || subtle.ConstantTimeCompare(sent[:], h.token[:]) != 1 {
		http.Error(w, "wrong or missing control token: send Authorization: Bearer with the control_token of emulator.json", http.StatusUnauthorized)
		return
	}
	for name := range r.URL.Query() {
		if name != "tenant" {
			http.Error(w, fmt.Sprintf("unknown query parameter %q: only tenant is known", name), http.StatusBadRequest)
			return
		}
	}
	h.mux.ServeHTTP(w, r)
}

// foreign says why a call is one that a page in a browser could make, and no program of this machine
// does: under the name of a site that points at this machine (DNS rebinding), or with an origin.
func foreign(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	switch {
	case host != "localhost" && (ip == nil || !ip.IsLoopback()):
		return "the control listener is asked under its own address only: 127.0.0.1, [::1] or localhost"
	case r.Header.Get("Origin") != "":
		return "the control listener answers no page of a browser: leave the Origin out"
	}
	return ""
}

// badRequest is an error that the caller made.
type badRequest struct{ error }

func invalid(format string, args ...any) error { return badRequest{fmt.Errorf(format, args...)} }

// errNotFound is for what a path names and is not there.
var errNotFound = errors.New("not found")

// adapt writes what a call returns: its value as JSON, nothing as 204, an error as one line.
func adapt(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := handle(r)
		var bad badRequest
		switch {
		case errors.As(err, &bad):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case errors.Is(err, store.ErrNoTenant) || errors.Is(err, errNotFound):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		case value == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "application/json")
			// The caller may have gone away; there is nobody to tell.
			_ = json.NewEncoder(w).Encode(value)
		}
	}
}

// maxBody bounds what a call may send.
const maxBody = 1 << 20

// read decodes a JSON object strictly into a struct; an empty body is the empty object.
func read(r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return invalid("read the request: %w", err)
	}
	if decoder.More() {
		return invalid("read the request: more than one JSON value")
	}
	return nil
}

// with runs f on the tenant that the query names.
func (h *Handler) with(r *http.Request, f func(t *store.Tenant) error) error {
	return h.store.With(r.URL.Query().Get("tenant"), f)
}
