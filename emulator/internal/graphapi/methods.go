package graphapi

import (
	"slices"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	methodType   = &entity{name: "microsoft.graph.authenticationMethod", properties: []string{"id", "createdDateTime"}}
	passType     = &entity{name: "microsoft.graph.temporaryAccessPassAuthenticationMethod", properties: []string{"id", "temporaryAccessPass", "createdDateTime", "startDateTime", "lifetimeInMinutes", "isUsableOnce", "isUsable", "methodUsabilityReason"}}
	oathType     = &entity{name: "microsoft.graph.softwareOathAuthenticationMethod", properties: []string{"id", "createdDateTime", "secretKey"}}
	passwordType = &entity{name: "microsoft.graph.passwordAuthenticationMethod", properties: []string{"id", "createdDateTime", "password"}}
	pushType     = &entity{name: "microsoft.graph.microsoftAuthenticatorAuthenticationMethod", properties: []string{"id", "createdDateTime", "displayName", "deviceTag", "phoneAppVersion"}}
)

var passBody = &bodyType{passType.name, shape{"startDateTime": moment, "lifetimeInMinutes": integer, "isUsableOnce": boolean}}

const userMethods = "/users/{user}/authentication"

func methodOperations() []*operation {
	read := permissions("UserAuthenticationMethod.Read.All").role(methodAdmins).orOwn("UserAuthenticationMethod.Read")
	pass, passRead := writesMethod("TAP"), readsMethod("TAP")
	codeRead, passwordRead, pushRead := readsMethod("SoftwareOATH"), readsMethod("Password"), readsMethod("MicrosoftAuthApp")
	return []*operation{
		{method: get, path: userMethods + "/methods", grant: read, handle: listMethods},
		{method: get, path: userMethods + "/temporaryAccessPassMethods", grant: passRead, handle: listPasses},
		{method: post, path: userMethods + "/temporaryAccessPassMethods", grant: pass, body: passBody, handle: postPass},
		{method: get, path: userMethods + "/temporaryAccessPassMethods/{pass}", grant: passRead, handle: getPass},
		{method: remove, path: userMethods + "/temporaryAccessPassMethods/{pass}", grant: pass, handle: deletePass},
		{method: get, path: userMethods + "/softwareOathMethods", grant: codeRead, handle: listOaths},
		{method: get, path: userMethods + "/softwareOathMethods/{method}", grant: codeRead, handle: getOath},
		{method: remove, path: userMethods + "/softwareOathMethods/{method}", grant: writesMethod("SoftwareOATH"), handle: deleteOath},
		{method: get, path: userMethods + "/passwordMethods", grant: passwordRead, handle: listPasswords},
		{method: get, path: userMethods + "/microsoftAuthenticatorMethods", grant: pushRead, handle: listPushes},
	}
}

// readsMethod is the grant of who reads methods of a kind: their own, or as an
// administrator of methods those of others.
func readsMethod(kind string) grant {
	return permissions("UserAuthMethod-"+kind+".Read.All", "UserAuthenticationMethod.Read.All").role(methodAdmins).
		orOwn("UserAuthMethod-"+kind+".Read", "UserAuthenticationMethod.Read")
}

func writesMethod(kind string) grant {
	return permissions("UserAuthMethod-"+kind+".ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All").role(methodAdmins)
}

// passObject shows the pass itself only in the answer that made it (documented).
func passObject(p *store.AccessPass, now time.Time, reveal bool) *document.Object {
	usable, reason := p.Usability(now)
	secret := any(nil)
	if reveal {
		secret = p.Pass
	}
	return document.Of("id", p.ID, "temporaryAccessPass", secret, "createdDateTime", p.CreatedAt, "startDateTime", p.StartsAt,
		"lifetimeInMinutes", int(p.Lifetime/time.Minute), "isUsableOnce", p.Once, "isUsable", usable, "methodUsabilityReason", reason)
}

func oathObjects(u *store.User) []*document.Object {
	if u.TOTPSecret == "" {
		return nil
	}
	return []*document.Object{document.Of("id", u.TOTPID, "createdDateTime", nil, "secretKey", nil)}
}

func passwordObjects(u *store.User) []*document.Object {
	if u.Password == "" {
		return nil
	}
	return []*document.Object{document.Of("id", u.PasswordID, "createdDateTime", u.PasswordChangedAt, "password", nil)}
}

func pushObjects(u *store.User) []*document.Object {
	if u.Push == nil {
		return nil
	}
	return []*document.Object{document.Of("id", u.Push.ID, "createdDateTime", u.Push.CreatedAt, "displayName", u.Push.DisplayName, "deviceTag", "SoftwareTokenActivated", "phoneAppVersion", nil)}
}

// listMethods are all methods of a user, each with its type.
func listMethods(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	var list []*document.Object
	add := func(kind string, objects []*document.Object) {
		for _, o := range objects {
			list = append(list, typed("#microsoft.graph."+kind+"AuthenticationMethod", o))
		}
	}
	add("password", passwordObjects(u))
	add("softwareOath", oathObjects(u))
	add("microsoftAuthenticator", pushObjects(u))
	for _, k := range u.Passkeys {
		add("fido2", []*document.Object{passkeyObject(k)})
	}
	for _, p := range u.AccessPasses {
		add("temporaryAccessPass", []*document.Object{passObject(p, c.now, false)})
	}
	return c.list(methodType, list)
}

func listPasses(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	var list []*document.Object
	for _, p := range u.AccessPasses {
		list = append(list, passObject(p, c.now, false))
	}
	return c.list(passType, list)
}

func getPass(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	for _, p := range u.AccessPasses {
		if p.ID == c.vars["pass"] {
			return c.one(passType, passObject(p, c.now, false))
		}
	}
	return result{}, notFound("authentication method", c.vars["pass"])
}

// postPass makes a pass within the bounds of the policy; a user has one, and a new one
// replaces the old (documented). Where the policy wants passes for one use, a pass is for
// one use (documented).
func postPass(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	policy, err := c.enabled("TemporaryAccessPass")
	if err != nil {
		return result{}, err
	}
	minutes, err := c.passLifetime(policy)
	if err != nil {
		return result{}, err
	}
	start := c.now
	if s := c.body.String("startDateTime"); s != "" {
		if at, err := time.Parse(time.RFC3339Nano, s); err == nil && at.After(c.now) {
			start = at.UTC()
		}
	}
	p := &store.AccessPass{
		ID: c.t.NewID(), Pass: c.newPass(), CreatedAt: c.now, StartsAt: start,
		Lifetime: time.Duration(minutes) * time.Minute, Once: c.body.Bool("isUsableOnce") || policy.Bool("isUsableOnce"),
	}
	u.AccessPasses = []*store.AccessPass{p}
	c.auditMethod("Admin registered security info", u)
	return created(passType, typed("#"+passType.name, passObject(p, c.now, true))), nil
}

// passLifetime is what the body asks for, within the bounds of the policy.
func (c *call) passLifetime(policy *document.Object) (minutes int, err error) {
	least, _ := policy.Int("minimumLifetimeInMinutes")
	most, _ := policy.Int("maximumLifetimeInMinutes")
	minutes, _ = policy.Int("defaultLifetimeInMinutes")
	if n, ok := c.body.Int("lifetimeInMinutes"); ok {
		minutes = n
	}
	if minutes < least || minutes > most {
		return 0, badRequest("The lifetimeInMinutes must be between %d and %d.", least, most)
	}
	return minutes, nil
}

// newPass has eight characters of letters and digits and a mark, as the service's.
func (c *call) newPass() string {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789@*+"
	pass := make([]byte, 8)
	for i := range pass {
		pass[i] = alphabet[c.t.Rand.IntN(len(alphabet))]
	}
	return string(pass)
}

func deletePass(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	i := slices.IndexFunc(u.AccessPasses, func(p *store.AccessPass) bool { return p.ID == c.vars["pass"] })
	if i < 0 {
		return result{}, notFound("authentication method", c.vars["pass"])
	}
	u.AccessPasses = slices.Delete(u.AccessPasses, i, i+1)
	c.auditMethod("Admin deleted security info", u)
	return noContent(), nil
}

func (c *call) auditMethod(activity string, u *store.User) {
	c.audit(activity, "UserManagement", "Authentication Methods", store.AuditTarget{ID: u.ID, DisplayName: u.DisplayName, Type: "User", UPN: u.UPN})
}

func listOaths(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	return c.list(oathType, oathObjects(u))
}

func getOath(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	for _, o := range oathObjects(u) {
		if o.String("id") == c.vars["method"] {
			return c.one(oathType, o)
		}
	}
	return result{}, notFound("authentication method", c.vars["method"])
}

func deleteOath(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	if u.TOTPSecret == "" || u.TOTPID != c.vars["method"] {
		return result{}, notFound("authentication method", c.vars["method"])
	}
	u.TOTPSecret, u.TOTPLastStep = "", 0
	c.auditMethod("Admin deleted security info", u)
	return noContent(), nil
}

func listPasswords(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	return c.list(passwordType, passwordObjects(u))
}

func listPushes(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	return c.list(pushType, pushObjects(u))
}
