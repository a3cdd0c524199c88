package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// tenantOf finds the tenant of a request, for its clock, its faults and the record. It
// proves nothing: who may do what is up to the services.
func (g *Gateway) tenantOf(r *http.Request) (string, bool) {
	// The portal's own endpoint has the tenant in its second segment.
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	second, _, _ := strings.Cut(rest, "/")
	form := peekForm(r)
	userName := firstOf(form.Get("loginfmt"), form.Get("login"), form.Get("login_hint"), form.Get("username"))
	candidates := []string{first, second, bearerTenant(r), domainOf(userName)}
	for _, field := range []string{"flowToken", "canary", "code", "refresh_token", "device_code"} {
		candidates = append(candidates, handleTenant(form.Get(field)))
	}
	for _, name := range []string{"ESTSAUTHPERSISTENT", "ESTSAUTH"} {
		if cookie, err := r.Cookie(name); err == nil {
			candidates = append(candidates, handleTenant(cookie.Value))
		}
	}
	for _, candidate := range candidates {
		if id, ok := g.store.Resolve(candidate); ok {
			return id, true
		}
	}
	if ids := g.store.TenantIDs(); len(ids) == 1 {
		return ids[0], true
	}
	return "", false
}

// maxPeek bounds what is read ahead of a form.
const maxPeek = 1 << 20

// peekForm reads query and form body without taking the body away from the service.
func peekForm(r *http.Request) url.Values {
	form := r.URL.Query()
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return form
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPeek))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	if err != nil {
		return form
	}
	posted, err := url.ParseQuery(string(body))
	if err != nil {
		return form
	}
	for name, values := range posted {
		form[name] = append(values, form[name]...)
	}
	return form
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func domainOf(userName string) string {
	_, domain, _ := strings.Cut(userName, "@")
	return domain
}

// bearerTenant is the tenant that a bearer token names.
func bearerTenant(r *http.Request) string { return bearerClaim(r, "tid") }

// bearerClaim reads a claim that is a text from a bearer token without verifying it.
func bearerClaim(r *http.Request, name string) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims map[string]any
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	text, _ := claims[name].(string)
	return text
}

// handleTenant is the tenant id that codes, flow tokens and session handles begin with.
func handleTenant(handle string) string {
	handle = strings.TrimPrefix(handle, "1.")
	if len(handle) <= 32 {
		return ""
	}
	h := handle[:32]
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
