package login

import (
	"errors"
	"net/http"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Server answers for the sign-in hosts of every cloud. Use [New].
type Server struct {
	store *store.Store
	keys  *issuer.Keys
	mux   *http.ServeMux
}

// New returns the sign-in service over a store, signing with the given keys.
func New(st *store.Store, keys *issuer.Keys) *Server {
	s := &Server{store: st, keys: keys, mux: http.NewServeMux()}
	for pattern, handle := range s.routes() {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { handle(r).write(w, r) })
	}
	return s
}

// ServeHTTP answers one request. The host of the request must be a sign-in host.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// handler answers with a value; the answer writes itself.
type handler func(r *http.Request) answer

func (s *Server) routes() map[string]handler {
	return map[string]handler{
		"GET /{tenant}/v2.0/.well-known/openid-configuration": s.metadataV2,
		"GET /{tenant}/.well-known/openid-configuration":      s.metadataV1,
		"GET /{tenant}/discovery/v2.0/keys":                   s.keyDocument,
		"GET /{tenant}/discovery/keys":                        s.keyDocument,
		"GET /common/discovery/instance":                      s.instance,

		"GET /{tenant}/oauth2/v2.0/authorize":  s.authorize,
		"POST /{tenant}/oauth2/v2.0/authorize": s.authorize,
		"GET /{tenant}/oauth2/authorize":       s.authorize,
		"POST /{tenant}/oauth2/authorize":      s.authorize,

		"POST /{tenant}/oauth2/v2.0/token":      s.token,
		"POST /{tenant}/oauth2/token":           s.token,
		"OPTIONS /{tenant}/oauth2/v2.0/token":   preflight,
		"POST /{tenant}/oauth2/v2.0/devicecode": s.deviceAuthorization,
		"POST /{tenant}/oauth2/devicecode":      s.deviceAuthorization,
		"GET /{tenant}/oauth2/deviceauth":       s.deviceAuthPage,
		"POST /{tenant}/oauth2/deviceauth":      s.deviceAuthEntered,
		"GET /device":                           s.deviceShortcut,
		"GET /{tenant}/oauth2/v2.0/logout":      s.logout,
		"POST /{tenant}/oauth2/v2.0/logout":     s.logout,
		"GET /{tenant}/oauth2/logout":           s.logout,
		"POST /{tenant}/login":                  s.postLogin,
		"GET /{tenant}/reprocess":               s.reprocess,
		"GET /{tenant}/resume":                  s.reprocess,
		"POST /{tenant}/SSPR/Begin":             s.beginPassword,
		"POST /{tenant}/SSPR/Poll":              s.pollPassword,
		"POST /{tenant}/SSPR/End":               s.endPassword,
		"GET /{tenant}/oauth2/v2.0/token":       s.getOnPost,
		"GET /{tenant}/oauth2/token":            s.getOnPost,
		"GET /{tenant}/login":                   s.getOnPost,
		"POST /{tenant}/GetCredentialType":      s.credentialType,
		"POST /{tenant}/SAS/ProcessAuth":        s.processAuth,
		"POST /{tenant}/SAS/BeginAuth":          s.beginAuth,
		"POST /{tenant}/SAS/EndAuth":            s.endAuth,
		"POST /kmsi":                            s.postStay,
		"POST /{tenant}/Consent/Set":            s.postConsent,
		"POST /appverify":                       s.postConfirm,
		"POST /{tenant}/fido/get":               s.passkeyPage,
		"GET /favicon.ico":                      noContent,
		"GET /common/oauth2/nativeclient":       noContent, // the redirect of native clients
		"/":                                     unmodelled,
	}
}

// getOnPost answers a GET where only forms are taken (documented number).
func (s *Server) getOnPost(r *http.Request) answer {
	return s.errorPage(r, "", fail(postOnly, "invalid_request", "The endpoint only accepts POST requests. Received a GET request."))
}

// unmodelled answers what this service has no model for; the shell records it.
func unmodelled(*http.Request) answer {
	return textAnswer(http.StatusNotImplemented, "the embedded tenant has no model for this request")
}

func noContent(*http.Request) answer { return answer{status: http.StatusNoContent} }

// at reads where a request was sent.
func at(r *http.Request) target {
	return target{
		Segment: r.PathValue("tenant"), Host: hostOf(r),
		V1: strings.Contains(r.URL.Path, "/oauth2/") && !strings.Contains(r.URL.Path, "/v2.0/"),
	}
}

func hostOf(r *http.Request) string { return strings.ToLower(strings.TrimSuffix(r.Host, ":443")) }

// cloudOf is the cloud of the request's host; the public one when a test calls the handler
// by another name.
func cloudOf(r *http.Request) cloud.Cloud {
	if c, _, ok := cloud.Of(hostOf(r)); ok {
		return c
	}
	return cloud.Public()
}

// anyTenant says that a tenant segment leaves the tenant open.
func anyTenant(segment string) bool {
	switch strings.ToLower(segment) {
	case "common", "organizations", "consumers":
		return true
	}
	return false
}

// tenantFor finds the tenant of a request that names an application or a user: by the path
// segment, else by what else is known, in the order given.
func (s *Server) tenantFor(segment string, hints ...func() (string, bool)) (string, *aadsts) {
	if !anyTenant(segment) {
		if id, ok := s.store.Resolve(segment); ok {
			return id, nil
		}
		return "", fail(unknownTenant, "invalid_request", "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", segment)
	}
	for _, hint := range hints {
		if id, ok := hint(); ok {
			return id, nil
		}
	}
	if ids := s.store.TenantIDs(); len(ids) == 1 {
		return ids[0], nil
	}
	return "", fail(unknownTenant, "invalid_request", "The tenant of this request cannot be told; name it in the path.")
}

// byUserName is the tenant that has the domain of a user name as its own.
func (s *Server) byUserName(name string) func() (string, bool) {
	return func() (string, bool) {
		_, domain, ok := strings.Cut(name, "@")
		if !ok {
			return "", false
		}
		return s.store.Resolve(domain)
	}
}

// byClient is the only tenant that has an application registered.
func (s *Server) byClient(clientID string) func() (string, bool) {
	return func() (string, bool) {
		var found []string
		for _, id := range s.store.TenantIDs() {
			// A tenant deleted in between simply does not count.
			_ = s.store.With(id, func(t *store.Tenant) error {
				if _, ok := t.Client(clientID); ok {
					found = append(found, id)
				}
				return nil
			})
		}
		if len(found) != 1 {
			return "", false
		}
		return found[0], true
	}
}

// byCookie is the tenant of the browser's first session.
func (s *Server) byCookie(r *http.Request) func() (string, bool) {
	return func() (string, bool) {
		for _, handle := range browserSessions(r) {
			if id, ok := tenantOfHandle(handle); ok {
				if id, ok = s.store.Resolve(id); ok {
					return id, true
				}
			}
		}
		return "", false
	}
}

// byHandle is the tenant that a code, token or flow token names.
func (s *Server) byHandle(handle string) func() (string, bool) {
	return func() (string, bool) {
		id, ok := tenantOfHandle(strings.TrimPrefix(handle, "1."))
		if !ok {
			return "", false
		}
		return s.store.Resolve(id)
	}
}

// asAADSTS unwraps a refusal; any other error is a defect of the tenant.
func asAADSTS(err error) *aadsts {
	if err == nil {
		return nil
	}
	var refused *aadsts
	if errors.As(err, &refused) {
		return refused
	}
	return &aadsts{Number: 90033, OAuth: "temporarily_unavailable", Text: "A transient error has occurred: " + err.Error(), Status: http.StatusInternalServerError}
}
