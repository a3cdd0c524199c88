package portal_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/certs"
	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/mspim"
	"github.com/reprompt/reprompt/emulator/internal/portal"
	"github.com/reprompt/reprompt/emulator/internal/portaltest"
	"github.com/reprompt/reprompt/emulator/internal/proxy"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// world is the portal between a sign-in service and a Graph that do only what a test needs:
// nobody is ever asked for a credential, and an activation wants whatever context says.
type world struct {
	st     *store.Store
	tenant string
	proxy  *proxy.Proxy

	mu         sync.Mutex
	settings   map[string]any // what the role setting says: "context", "mfa", "ticket", "approval"
	context    string         // what the activation wants in acrs; empty: nothing
	amr        []string       // of the tokens
	brokered   bool           // the sign-in service redeems for the broker
	failStepUp string         // error that the step-up ends with
	failPost   string         // error code of the next activation
	challenge  bool           // the next call to Graph ends with a 401 claims challenge
	active     bool
	authorize  []url.Values // authorize requests
	grants     []url.Values // token requests
	posts      []map[string]any
	origins    []string // of the posts
}

const (
	adminID = "11111111-2222-4333-8444-555555555555"
	roleID  = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	groupID = "99999999-2222-4333-8444-555555555555"
)

func newWorld(t *testing.T, change func(*world, *store.Tenant)) *world {
	t.Helper()
	w := &world{brokered: true, amr: []string{"pwd", "mfa"}, settings: map[string]any{}}
	w.st, w.tenant = newTenant(t, func(tenant *store.Tenant) {
		tenant.Variant = 2
		change(w, tenant)
	})
	var err error
	w.proxy, err = proxy.Start(proxy.Options{Handler: w.handler(), Emulated: cloud.Emulated, Certificate: authority.Leaf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.proxy.Close() })
	return w
}

// Every world is signed for by one authority, so that one browser can look at all of them.
var (
	authority *certs.Authority
	browser   func() (*portaltest.Browser, error)
)

func TestMain(m *testing.M) {
	var err error
	if authority, err = certs.New(time.Now()); err != nil {
		panic(err)
	}
	started := false
	browser = sync.OnceValues(func() (*portaltest.Browser, error) {
		b, err := portaltest.Start(portaltest.Shell, authority.Certificate())
		started = err == nil
		return b, err
	})
	code := m.Run()
	if started {
		if b, err := browser(); err == nil {
			b.Close()
		}
	}
	os.Exit(code)
}

// browse opens a page behind the world's proxy.
func (w *world) browse(t *testing.T) *portaltest.Page {
	t.Helper()
	b, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	return b.NewPage(t, w.proxy.URL())
}

func (w *world) handler() http.Handler {
	page := portal.New(w.st)
	mux := http.NewServeMux()
	mux.HandleFunc("GET login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", w.serveAuthorize)
	mux.HandleFunc("POST login.microsoftonline.com/{tenant}/oauth2/v2.0/token", w.serveToken)
	mux.HandleFunc("graph.microsoft.com/", w.serveGraph)
	mux.Handle("api.azrbac.mspim.azure.com/", mspim.New(w.st, w))
	mux.Handle("/", page)
	return mux
}

func (w *world) serveAuthorize(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	query := r.URL.Query()
	w.authorize = append(w.authorize, query)
	answer := url.Values{"state": {query.Get("state")}, "code": {fmt.Sprint(len(w.authorize) - 1)}}
	if w.failStepUp != "" && strings.Contains(query.Get("claims"), "acrs") {
		answer = url.Values{"state": {query.Get("state")}, "error": {w.failStepUp}, "error_description": {"AADSTS50000: no."}}
	}
	http.Redirect(rw, r, query.Get("redirect_uri")+"#"+answer.Encode(), http.StatusFound)
}

func (w *world) serveToken(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = r.ParseForm()
	w.grants = append(w.grants, r.PostForm)
	rw.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	rw.Header().Set("Content-Type", "application/json")
	if r.PostForm.Has("brk_client_id") && !w.brokered {
		rw.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(rw, `{"error":"invalid_grant","error_description":"AADSTS70000: no."}`)
		return
	}
	var nonce string
	var index int
	if _, err := fmt.Sscan(r.PostForm.Get("code"), &index); err == nil {
		nonce = w.authorize[index].Get("nonce")
	}
	_ = json.NewEncoder(rw).Encode(map[string]any{
		"access_token":  w.accessToken(r.PostForm),
		"id_token":      token(map[string]any{"aud": r.PostForm.Get("client_id"), "nonce": nonce, "oid": adminID, "tid": w.tenant, "preferred_username": "robin@contoso.example", "name": "Robin Prompt"}),
		"refresh_token": "refresh of " + r.PostForm.Get("client_id"), "expires_in": 3600, "token_type": "Bearer",
	})
}

// accessToken is what a sign-in service gives that grants whatever is asked for.
func (w *world) accessToken(form url.Values) string {
	var wanted struct {
		AccessToken struct {
			ACRS struct{ Value string }
			AMR  struct{ Values []string }
		} `json:"access_token"`
	}
	_ = json.Unmarshal([]byte(form.Get("claims")), &wanted)
	audience := store.ResourceGraph
	if strings.Contains(form.Get("scope"), "mspim") {
		audience = store.ResourcePIM
	}
	return token(map[string]any{
		"aud": audience, "tid": w.tenant, "oid": adminID, "scp": "user_impersonation", "exp": midday.Add(time.Hour).Unix(),
		"acrs": []string{wanted.AccessToken.ACRS.Value}, "xms_cc": []string{"cp1"},
		"amr": append(slices.Clone(w.amr), wanted.AccessToken.AMR.Values...), "uti": fmt.Sprint(len(w.grants)),
	})
}

// Verify believes every token, for the real legacy service behind the page.
func (w *world) Verify(bearer string) (claims issuer.Access, err error) {
	return decode[issuer.Access](bearer)
}

// token is a token that nobody signed.
func token(claims map[string]any) string {
	payload, _ := json.Marshal(claims)
	return "e30." + base64.RawURLEncoding.EncodeToString(payload) + ".x"
}

func decode[T any](bearer string) (claims T, err error) {
	parts := strings.Split(bearer, ".")
	if len(parts) != 3 {
		return claims, errors.New("no token")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return claims, err
	}
	return claims, json.Unmarshal(payload, &claims)
}

func (w *world) serveGraph(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	header := rw.Header()
	header.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, client-request-id")
	header.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
	header.Set("Content-Type", "application/json")
	status, answer := w.graph(r)
	if status == http.StatusUnauthorized {
		claims := base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"nbf":{"essential":true,"value":"1795435200"}}}`))
		header.Set("WWW-Authenticate", `Bearer realm="", error="insufficient_claims", claims="`+claims+`"`)
	}
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(answer)
}

func (w *world) graph(r *http.Request) (int, any) {
	switch path := r.URL.Path; {
	case r.Method == http.MethodOptions:
		return http.StatusOK, nil
	case w.challenge:
		w.challenge = false
		return graphError(http.StatusUnauthorized, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge")
	case strings.Contains(path, "roleEligibilityScheduleInstances"):
		return http.StatusOK, map[string]any{"value": []any{w.instance("Eligible")}}
	case strings.Contains(path, "roleAssignmentScheduleInstances"):
		active := []any{}
		if w.active {
			active = append(active, w.instance("Activated"))
		}
		return http.StatusOK, map[string]any{"value": active}
	case strings.Contains(path, "group/eligibilityScheduleInstances"):
		return http.StatusOK, map[string]any{"value": []any{w.groupInstance()}}
	case strings.Contains(path, "group/assignmentScheduleInstances"):
		if !w.active {
			return http.StatusOK, map[string]any{"value": []any{}}
		}
		return http.StatusOK, map[string]any{"value": []any{w.groupInstance()}}
	case r.Method == http.MethodGet && strings.Contains(path, "roleAssignmentScheduleRequests"):
		return w.past(r)
	case strings.Contains(path, "roleManagementPolicyAssignments"):
		return http.StatusOK, map[string]any{"value": []any{map[string]any{"policy": map[string]any{"rules": w.rules()}}}}
	case r.Method == http.MethodPost:
		return w.post(r)
	}
	return graphError(http.StatusNotImplemented, "notImplemented", r.URL.Path)
}

func (w *world) instance(assignment string) map[string]any {
	return map[string]any{
		"roleDefinitionId": roleID, "directoryScopeId": "/", "memberType": "Direct", "assignmentType": assignment,
		"endDateTime": nil, "roleDefinition": map[string]any{"displayName": "Application Administrator"},
	}
}

func (w *world) groupInstance() map[string]any {
	return map[string]any{
		"groupId": groupID, "accessId": "member", "memberType": "direct", "assignmentType": "activated",
		"endDateTime": nil, "group": map[string]any{"displayName": "Tier 0"},
	}
}

// past answers old requests on two pages.
func (w *world) past(r *http.Request) (int, any) {
	request := func(id, name, action, status, created string) any {
		return map[string]any{
			"action": action, "status": status, "createdDateTime": created, "roleDefinitionId": id, "directoryScopeId": "/",
			"roleDefinition": map[string]any{"displayName": name},
			"scheduleInfo":   map[string]any{"startDateTime": created, "expiration": map[string]any{"duration": "PT1H"}},
		}
	}
	if r.URL.Query().Has("$skiptoken") {
		return http.StatusOK, map[string]any{"value": []any{request("r2", "User Administrator", "selfActivate", "Revoked", "2026-11-21T08:00:00Z")}}
	}
	return http.StatusOK, map[string]any{
		"@odata.nextLink": "https://graph.microsoft.com" + r.URL.Path + "?$skiptoken=2",
		"value": []any{
			request("r1", "Security Reader", "selfActivate", "Provisioned", "2026-11-20T08:00:00Z"),
			request("r1", "Security Reader", "selfActivate", "Provisioned", "2026-11-22T08:00:00Z"),
			request("r1", "Security Reader", "selfDeactivate", "Revoked", "2026-11-22T08:30:00Z"),
			request("r3", "Global Reader", "selfActivate", "AdminDenied", "2026-11-22T08:00:00Z"),
		},
	}
}

func (w *world) rules() []any {
	enabled := []string{"Justification"}
	if w.settings["mfa"] == true {
		enabled = append(enabled, "MultiFactorAuthentication")
	}
	if w.settings["ticket"] == true {
		enabled = append(enabled, "Ticketing")
	}
	context, named := w.settings["context"].(string)
	return []any{
		map[string]any{"id": "Expiration_EndUser_Assignment", "maximumDuration": "PT4H"},
		map[string]any{"id": "Enablement_EndUser_Assignment", "enabledRules": enabled},
		map[string]any{"id": "AuthenticationContext_EndUser_Assignment", "isEnabled": named, "claimValue": context},
	}
}

func (w *world) post(r *http.Request) (int, any) {
	body, _ := io.ReadAll(r.Body)
	var request map[string]any
	_ = json.Unmarshal(body, &request)
	w.posts = append(w.posts, request)
	w.origins = append(w.origins, r.Header.Get("Origin"))
	if code := w.failPost; code != "" {
		w.failPost = ""
		return graphError(http.StatusBadRequest, code, "because")
	}
	claims, _ := decode[issuer.Access](strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if w.context != "" && !slices.Contains(claims.ACRS, w.context) {
		challenge := url.PathEscape(`{"access_token":{"acrs":{"essential":true, "value":"` + w.context + `"}}}`)
		return graphError(http.StatusBadRequest, "RoleAssignmentRequestAcrsValidationFailed", "&claims="+challenge)
	}
	w.active = request["action"] == "selfActivate"
	status := "Provisioned"
	if w.settings["approval"] == true {
		status, w.active = "PendingApproval", false
	}
	return http.StatusCreated, map[string]any{"status": status}
}

func graphError(status int, code, message string) (int, any) {
	return status, map[string]any{"error": map[string]any{"code": code, "message": message}}
}

func (w *world) seen() (authorize, grants []url.Values, posts []map[string]any, origins []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.authorize), slices.Clone(w.grants), slices.Clone(w.posts), slices.Clone(w.origins)
}
