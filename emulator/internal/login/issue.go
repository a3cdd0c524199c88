package login

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// tokens is what a redemption gives, before it is signed.
type tokens struct {
	access     issuer.Access
	id         *issuer.ID // nil without openid
	refresh    string
	scope      string
	clientInfo string
	lifetime   time.Duration
	v1         bool
	resource   string
	expires    time.Time
	damage     issuer.Damage
	signer     int // number of the key
}

// tokenBody is the answer of the token endpoint.
type tokenBody struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    any    `json:"expires_in"` // v1.0 sends texts
	ExtExpiresIn any    `json:"ext_expires_in"`
	ExpiresOn    string `json:"expires_on,omitempty"`
	Resource     string `json:"resource,omitempty"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	ClientInfo   string `json:"client_info,omitempty"`
}

// tokenLifetime is random between 60 and 90 minutes (documented).
func tokenLifetime(t *store.Tenant) time.Duration {
	return time.Hour + time.Duration(t.Rand.Int64N(int64(30*time.Minute/time.Second)))*time.Second
}

// newTokens composes the claims of a user's grant and remembers the access token by its uti.
func newTokens(t *store.Tenant, r tokenRequest, g store.Grant) tokens {
	c := cloudOfHost(r.at.Host)
	user, _ := t.Users.Get(g.UserID)
	if g.TokenID == "" || tokenKnown(t, g.TokenID) {
		g.TokenID = newTokenID(t)
	}
	now := t.Now().Truncate(time.Second)
	issue := tokens{
		lifetime: tokenLifetime(t), v1: r.at.V1, resource: g.Resource,
		scope: scopeAnswer(g.Scopes, r.form.Get("scope")), clientInfo: clientInfo(user.ID, t.ID),
	}
	issue.expires = now.Add(issue.lifetime)
	issue.access = userAccess(t, r, c, g, user, now, issue.expires)
	if slices.Contains(g.Scopes, "openid") {
		id := userID(t, r, c, g, user, now, issue.expires)
		issue.id = &id
	}
	issue.signer = t.Signing.Signer()
	issue.damage = misissue(t, r.app, g, &issue)
	t.Tokens.Put(g.TokenID, &store.IssuedToken{
		ID: g.TokenID, Grant: g, Audience: issue.access.Audience, ACRS: issue.access.ACRS, IssuedAt: now, ExpiresAt: issue.expires,
	})
	return issue
}

// scopeAnswer spells the granted scopes as the client asked for them: documented examples
// answer a URI with a URI and a short name with a short name. MSAL for Go refuses an answer in
// which a scope that it asked for is missing, ".default" among them (measured). A request
// without scopes is answered short names.
func scopeAnswer(granted []string, asked string) string {
	wanted, prefix := strings.Fields(asked), ""
	for _, scope := range wanted {
		if i := strings.LastIndex(scope, "/"); i >= 0 {
			prefix = scope[:i+1]
		}
	}
	var answer []string
	for _, scope := range without(granted, "offline_access") {
		short := slices.Contains(oidcScopes, scope) || containsFold(wanted, scope)
		switch {
		case scope == defaultScope && !short && !containsFold(wanted, prefix+scope):
		case short:
			answer = append(answer, scope)
		default:
			answer = append(answer, prefix+scope)
		}
	}
	return strings.Join(answer, " ")
}

func tokenKnown(t *store.Tenant, id string) bool {
	_, ok := t.Tokens.Get(id)
	return ok
}

func cloudOfHost(host string) cloud.Cloud {
	if c, _, ok := cloud.Of(host); ok {
		return c
	}
	return cloud.Public()
}

// audience is what a resource calls itself in tokens (observed).
func audience(c cloud.Cloud, resource string) string {
	if resource == store.ResourceGraph {
		return "https://" + c.Graph
	}
	return resource
}

func userAccess(t *store.Tenant, r tokenRequest, c cloud.Cloud, g store.Grant, user *store.User, now, expires time.Time) issuer.Access {
	member := 0
	if user.Guest {
		member = 1
	}
	a := issuer.Access{
		Audience: audience(c, g.Resource), Issuer: c.IssuerV1 + t.ID + "/",
		IssuedAt: now.Unix(), NotBefore: now.Unix(), Expires: expires.Unix(),
		AccountType: &member, ACR: "1", ACRS: g.ACRS, AIO: t.NewSecret(36), AMR: amr(g.Factors),
		AppName: r.app.DisplayName, AppID: g.ClientID, AppIDACR: clientACR(r), FamilyName: user.Surname, GivenName: user.GivenName,
		IdentityType: "user", IPAddress: clientAddress, Name: user.DisplayName, ObjectID: user.ID,
		PUID: strings.ToUpper(user.ID[:8] + user.ID[24:32]), History: "1." + t.NewSecret(40),
		Scopes: strings.Join(without(g.Scopes, defaultScope, "offline_access"), " "), SessionID: g.SessionID,
		Subject: pairwise(t, g.Resource, user.ID), Region: "EU", TenantID: t.ID, UniqueName: user.UPN, UPN: user.UPN,
		TokenID: g.TokenID, Version: "1.0", WIDs: wids(t, user),
	}
	if g.Persisted {
		a.State = []string{"kmsi"}
	}
	if g.CP1 {
		// Documented: only when the client asked; Graph opted in.
		a.ClientCap = []string{"CP1"}
	}
	return a
}

// everyUser is in the wids of every token that was ever published (observed).
const everyUser = "b79fbf4d-3ef9-4689-8143-76b194e85509"

// wids are the template ids of the roles that are active tenant-wide when the token is made
// (documented), and the one that everybody has.
func wids(t *store.Tenant, user *store.User) []string {
	var list []string
	for _, id := range t.RolesOf(user.ID, t.Now()) {
		if role, ok := t.RoleDefs.Get(id); ok && role.BuiltIn {
			list = append(list, role.TemplateID)
		}
	}
	return append(list, everyUser)
}

// clientACR says how the client proved itself (documented): not at all, by secret, by
// certificate.
func clientACR(r tokenRequest) string {
	switch {
	case r.cert:
		return "2"
	case r.secret:
		return "1"
	}
	return "0"
}

// amr are the authentication methods in the vocabulary of v1.0 tokens (documented: pwd, mfa,
// otp, rsa, …; observed: fido). A passkey counts as multifactor. Inferred: otp stands for a
// Temporary Access Pass; an authenticator code shows as mfa alone.
func amr(factors []store.Factor) []string {
	var list []string
	add := func(values ...string) {
		for _, v := range values {
			if !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	for _, f := range factors {
		switch f.Method {
		case store.MethodPassword:
			add("pwd")
		case store.MethodPasskey:
			add("fido", "mfa")
		case store.MethodTAPOnce, store.MethodTAPMulti:
			add("otp", "mfa")
		default:
			add("mfa")
		}
	}
	return list
}

// pairwise is the subject: stable per user and application, and unlike for two applications
// (documented).
func pairwise(t *store.Tenant, app, user string) string {
	sum := sha256.Sum256([]byte(t.ID + "\x00" + app + "\x00" + user))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func userID(t *store.Tenant, r tokenRequest, c cloud.Cloud, g store.Grant, user *store.User, now, expires time.Time) issuer.ID {
	id := issuer.ID{
		Issuer: c.IssuerV2 + t.ID + "/v2.0", Audience: g.ClientID,
		IssuedAt: now.Unix(), NotBefore: now.Unix(), Expires: expires.Unix(),
		Subject: pairwise(t, g.ClientID, user.ID), ObjectID: user.ID, TenantID: t.ID, Version: "2.0",
		Nonce: g.Nonce, TokenID: g.TokenID, History: "1." + t.NewSecret(40),
	}
	if slices.Contains(g.Scopes, "profile") || r.at.V1 {
		id.Username, id.Name = user.UPN, user.DisplayName
	}
	if slices.Contains(g.Scopes, "email") {
		id.Email = user.Mail
	}
	addOptional(&id, r.app.IDClaims, g, user)
	return id
}

// addOptional adds the claims that the registration asks for, and acrs when the request
// asked for it in the ID token.
func addOptional(id *issuer.ID, optional []string, g store.Grant, user *store.User) {
	wants := func(claim string) bool { return slices.Contains(optional, claim) }
	if wants("auth_time") {
		id.AuthTime = g.AuthTime.Unix()
	}
	if wants("sid") {
		id.SessionID = g.SessionID
	}
	if wants("login_hint") {
		id.LoginHint = opaqueHint(user)
	}
	if wants("acrs") || g.IDACRS {
		id.ACRS = g.ACRS
	}
	if wants("xms_cc") && g.CP1 {
		id.ClientCap = []string{"CP1"}
	}
}

func without(list []string, values ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return slices.Contains(values, v) })
}

// clientCredentials issues an application's own token. Documented: it cannot be challenged,
// and only ".default" can be asked for.
func clientCredentials(t *store.Tenant, r tokenRequest) (tokens, *aadsts) {
	if !r.secret && !r.cert {
		return tokens{}, unauthorized(secretMissing, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	}
	resource, err := applicationResource(r)
	if err != nil {
		return tokens{}, err
	}
	c, now := cloudOfHost(r.at.Host), t.Now().Truncate(time.Second)
	g := store.Grant{ClientID: r.app.ClientID, Resource: resource, TokenID: newTokenID(t), CP1: r.claims.cp1()}
	issue := tokens{lifetime: time.Hour, v1: r.at.V1, resource: resource, expires: now.Add(time.Hour), signer: t.Signing.Signer()}
	issue.access = issuer.Access{
		Audience: audience(c, resource), Issuer: c.IssuerV1 + t.ID + "/",
		IssuedAt: now.Unix(), NotBefore: now.Unix(), Expires: issue.expires.Unix(),
		AIO: t.NewSecret(36), AppName: r.app.DisplayName, AppID: g.ClientID, AppIDACR: clientACR(r), IdentityType: "app",
		ObjectID: r.app.ServiceID, History: "1." + t.NewSecret(40), Roles: r.app.AppRoles, Subject: r.app.ServiceID,
		Region: "EU", TenantID: t.ID, TokenID: g.TokenID, Version: "1.0", WIDs: []string{"0997a1d0-0d1d-4acb-b408-d5ca73121e90"},
	}
	if g.CP1 {
		issue.access.ClientCap = []string{"CP1"}
	}
	t.Tokens.Put(g.TokenID, &store.IssuedToken{ID: g.TokenID, Grant: g, Audience: issue.access.Audience, IssuedAt: now, ExpiresAt: issue.expires})
	t.AddSignIn(applicationRow(t, r, resource, g.TokenID))
	return issue, nil
}

func applicationResource(r tokenRequest) (string, *aadsts) {
	if r.at.V1 {
		return resourceOf(r.form.Get("resource"))
	}
	resource, scopes, err := parseScopes(r.form.Get("scope"))
	if err != nil {
		return "", err
	}
	if wanted := without(scopes, oidcScopes...); !slices.Equal(wanted, []string{defaultScope}) {
		return "", fail(1002012, "invalid_scope", "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", r.form.Get("scope"))
	}
	return resource, nil
}

func applicationRow(t *store.Tenant, r tokenRequest, resource, tokenID string) *store.SignInRow {
	row := newRow(t, r.app, resource, emptyDecision, nil)
	row.SignInEventTypes, row.ServicePrincipalID, row.ServicePrincipalName = []string{eventApplication}, r.app.ServiceID, r.app.DisplayName
	row.UniqueTokenIdentifier, row.UserAgent = tokenID, r.agent
	return row
}

// issueTokens signs outside of the store's lock.
func (s *Server) issueTokens(r *http.Request, tenant string, issue tokens) answer {
	access, err := s.keys.SignDamagedAccess(issue.signer, issue.access, issue.damage)
	if err != nil {
		return s.refuseToken(r, tenant, asAADSTS(err))
	}
	body := tokenBody{
		TokenType: "Bearer", Scope: issue.scope, AccessToken: access, RefreshToken: issue.refresh,
		ExpiresIn: int(issue.lifetime / time.Second), ExtExpiresIn: int(issue.lifetime / time.Second),
	}
	if r.PostForm.Get("client_info") == "1" {
		body.ClientInfo = issue.clientInfo
	}
	if issue.id != nil {
		if body.IDToken, err = s.keys.SignDamagedID(issue.signer, *issue.id, issue.damage); err != nil {
			return s.refuseToken(r, tenant, asAADSTS(err))
		}
	}
	if issue.v1 {
		issue.asV1(&body)
	}
	out := jsonAnswer(http.StatusOK, body)
	return out
}

// asV1 gives the answer the shape of the v1.0 endpoint: numbers as texts, the resource, the
// instant of expiry.
func (issue tokens) asV1(body *tokenBody) {
	seconds := strconv.Itoa(int(issue.lifetime / time.Second))
	body.ExpiresIn, body.ExtExpiresIn = seconds, seconds
	body.ExpiresOn = strconv.FormatInt(issue.expires.Unix(), 10)
	body.Resource = issue.access.Audience
}

// refuseToken answers a failed token request (documented body). Without a tenant the error
// carries the machine's time.
func (s *Server) refuseToken(r *http.Request, tenant string, refused *aadsts) answer {
	tr := s.plainTrace(r)
	if tenant != "" {
		// A tenant that was deleted in between has no time of its own.
		_ = s.store.With(tenant, func(t *store.Tenant) error {
			tr.ID, tr.At = t.NewID(), t.Now()
			return nil
		})
	}
	if tr.CorrelationID = r.FormValue("client-request-id"); tr.CorrelationID == "" {
		tr.CorrelationID = tr.ID
	}
	out := jsonAnswer(refused.status(), refused.body(tr))
	out.requestID = tr.ID
	return out
}
