package login

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// target is where a request was sent: which tenant segment, on which host, in which version
// of the protocol.
type target struct {
	Segment string
	Host    string
	V1      bool
}

// parseAuthorize reads an authorize request. It checks form only; whether the client, its
// redirect URI and the scopes exist is up to the tenant.
func parseAuthorize(at target, form url.Values) (store.AuthorizeRequest, *aadsts) {
	r := store.AuthorizeRequest{
		TenantSegment: at.Segment, Host: at.Host, V1: at.V1,
		ClientID: form.Get("client_id"), RedirectURI: form.Get("redirect_uri"),
		ResponseType: form.Get("response_type"), ResponseMode: form.Get("response_mode"),
		State: form.Get("state"), Nonce: form.Get("nonce"), Prompt: form.Get("prompt"),
		LoginHint: form.Get("login_hint"), SessionHint: form.Get("sid"), DomainHint: form.Get("domain_hint"),
		CorrelationID: form.Get("client-request-id"), WantsClientInfo: form.Get("client_info") == "1",
	}
	if r.ClientID == "" {
		return r, missing("client_id")
	}
	for _, check := range []func(*store.AuthorizeRequest, url.Values) *aadsts{
		readResponse, readPKCE, readPrompt, readMaxAge, readScopes, readClaims,
	} {
		if err := check(&r, form); err != nil {
			return r, err
		}
	}
	return r, nil
}

func missing(parameter string) *aadsts {
	return fail(missingParameter, "invalid_request", "The request body must contain the following parameter: '%s'.", parameter)
}

func readResponse(r *store.AuthorizeRequest, _ url.Values) *aadsts {
	if r.ResponseType == "" {
		return missing("response_type")
	}
	if r.ResponseType != "code" {
		// The implicit and hybrid grants are off in a new registration (documented).
		return fail(700051, "unsupported_response_type", "response_type '%s' is not enabled for the application.", r.ResponseType)
	}
	if r.ResponseMode == "" {
		r.ResponseMode = "query"
	}
	if !slices.Contains([]string{"query", "fragment", "form_post"}, r.ResponseMode) {
		return fail(badRequest, "invalid_request", "The response_mode '%s' is not supported.", r.ResponseMode)
	}
	return nil
}

func readPKCE(r *store.AuthorizeRequest, form url.Values) *aadsts {
	r.Challenge = form.Get("code_challenge")
	method := form.Get("code_challenge_method")
	if r.Challenge == "" && method == "" {
		return nil
	}
	// A SHA-256 in base64url has 43 characters; plain is possible in the protocol, and
	// no client of today sends it.
	if method != "S256" || len(r.Challenge) != 43 {
		return fail(501491, "invalid_request", "Invalid size or method of the code_challenge parameter; send 43 characters and S256.")
	}
	return nil
}

func readPrompt(r *store.AuthorizeRequest, _ url.Values) *aadsts {
	switch r.Prompt {
	case "", "none", "login", "consent", "select_account":
		return nil
	}
	return fail(badRequest, "invalid_request", "The prompt value '%s' is not supported.", r.Prompt)
}

func readMaxAge(r *store.AuthorizeRequest, form url.Values) *aadsts {
	text := form.Get("max_age")
	if text == "" {
		return nil
	}
	seconds, err := strconv.ParseInt(text, 10, 32)
	if err != nil || seconds < 0 {
		return fail(badRequest, "invalid_request", "The max_age value '%s' is not a number of seconds.", text)
	}
	age := time.Duration(seconds) * time.Second
	r.MaxAge = &age
	return nil
}

func readScopes(r *store.AuthorizeRequest, form url.Values) *aadsts {
	if r.V1 {
		// v1.0 names a resource and means everything that was consented to.
		r.Scopes = append([]string{"openid"}, defaultScope)
		resource, err := resourceOf(form.Get("resource"))
		r.Resource = resource
		return err
	}
	if form.Get("scope") == "" {
		return missing("scope")
	}
	var err *aadsts
	r.Resource, r.Scopes, err = parseScopes(form.Get("scope"))
	return err
}

// claimsParameter is the claims request of OpenID Connect, section 5.5, with Entra's
// access_token member.
type claimsParameter struct {
	AccessToken map[string]*claimRequest `json:"access_token"`
	IDToken     map[string]*claimRequest `json:"id_token"`
}

type claimRequest struct {
	Essential bool     `json:"essential"`
	Value     string   `json:"value"`
	Values    []string `json:"values"`
}

func (c *claimRequest) all() []string {
	if c == nil {
		return nil
	}
	if c.Value != "" {
		return append([]string{c.Value}, c.Values...)
	}
	return c.Values
}

func readClaims(r *store.AuthorizeRequest, form url.Values) *aadsts {
	// Observed: the legacy parameter amr_values=ngcmfa forces a second factor at v1.0.
	r.MFAAsked = r.V1 && strings.Contains(form.Get("amr_values"), "mfa")
	text := form.Get("claims")
	if text == "" {
		return nil
	}
	asked, err := parseClaims(text)
	if err != nil {
		return err
	}
	r.Claims = json.RawMessage(text)
	r.Contexts, r.CP1 = asked.contexts(), asked.cp1()
	r.IDACRS = asked.IDToken["acrs"] != nil
	r.MFAAsked = r.MFAAsked || asked.mfa()
	return nil
}

func parseClaims(text string) (claimsParameter, *aadsts) {
	var asked claimsParameter
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return asked, fail(badRequest, "invalid_request", "The claims parameter is not valid JSON: %v.", err)
	}
	return asked, nil
}

// contexts are the authentication contexts asked for, in either token (documented for both).
func (c claimsParameter) contexts() []string {
	var contexts []string
	for _, id := range append(c.AccessToken["acrs"].all(), c.IDToken["acrs"].all()...) {
		if !slices.Contains(contexts, id) {
			contexts = append(contexts, id)
		}
	}
	return contexts
}

// cp1 ignores letter case: xms_cc values are case-insensitive (documented).
func (c claimsParameter) cp1() bool {
	isCP1 := func(v string) bool { return strings.EqualFold(v, "cp1") }
	return slices.ContainsFunc(c.AccessToken["xms_cc"].all(), isCP1)
}

func (c claimsParameter) mfa() bool {
	amr := append(c.AccessToken["amr"].all(), c.IDToken["amr"].all()...)
	return slices.Contains(amr, "mfa") || slices.Contains(amr, "ngcmfa")
}
