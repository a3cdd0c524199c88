package graphapi

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var userType = &entity{
	directory: true, name: "microsoft.graph.user",
	properties: []string{
		"id", "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName",
		"accountEnabled", "createdDateTime", "mailNickname", "userType", "lastPasswordChangeDateTime", "onPremisesSyncEnabled", "usageLocation", "signInSessionsValidFromDateTime", "deletedDateTime",
	},
	standard: []string{"id", "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName"},
}

// directoryObjectType is a user, a group, a role or another object of the directory.
var directoryObjectType = &entity{directory: true, name: "microsoft.graph.directoryObject", properties: slices.Concat(
	userType.properties, groupType.properties, []string{"roleTemplateId", "appId"},
)}

func init() {
	memberOf := expander{of: func() *entity { return directoryObjectType }, read: func(c *call, o *document.Object) any { return c.directMemberships(o.String("id")) }}
	userType.expand = map[string]expander{"memberOf": memberOf}
	groupType.expand = map[string]expander{
		"members": {of: func() *entity { return directoryObjectType }, read: func(c *call, o *document.Object) any {
			g, ok := c.t.Groups.Get(o.String("id"))
			if !ok {
				return []*document.Object{}
			}
			return c.directoryObjects(g.Members)
		}},
	}
}

var userBody = &bodyType{userType.name, shape{
	"id": text, "accountEnabled": boolean, "displayName": text, "givenName": text, "surname": text, "jobTitle": text, "mail": text, "mailNickname": text,
	"userPrincipalName": text, "userType": text, "usageLocation": text, "preferredLanguage": text, "mobilePhone": text, "officeLocation": text, "businessPhones": texts,
	"passwordProfile": objectOf(graphPrefix+"passwordProfile", shape{"password": text, "forceChangePasswordNextSignIn": boolean, "forceChangePasswordNextSignInWithMfa": boolean}),
}}

func userOperations() []*operation {
	read := permissions("User.ReadBasic.All", "User.Read.All", "Directory.Read.All", "Directory.AccessAsUser.All")
	readOne := read.orOwn("User.Read")
	write := permissions("User.ReadWrite.All", "Directory.ReadWrite.All").role(userAdmins)
	deletion := permissions("User.DeleteRestore.All", "User.ReadWrite.All").role(userAdmins)
	me := grant{me: true, delegated: []string{"User.Read", "User.ReadBasic.All", "User.Read.All", "Directory.Read.All"}}
	basic := []string{"GroupMember.ReadBasic.All", "Group.ReadBasic.All", "Directory.Read.All"}
	member := permissions(append(basic, "GroupMember.Read.All")...).forApplications(basic...).orOwn("User.Read")
	transitive := permissions(append(basic, "GroupMember.Read.All", "Group.Read.All", "User.Read.All")...).orOwn("User.Read")
	return []*operation{
		{method: get, path: "/me", grant: me, handle: getMe},
		{method: get, path: "/users", grant: read, handle: listUsers},
		{method: get, path: "/users/$count", grant: read, handle: counting(listUsers)},
		{method: post, path: "/users", grant: write, body: userBody, handle: postUser},
		{method: get, path: "/users/{user}", grant: readOne, handle: getUser},
		{method: patch, path: "/users/{user}", grant: write, body: userBody, handle: patchUser},
		{method: remove, path: "/users/{user}", grant: deletion, handle: deleteUser},
		{method: post, path: "/users/{user}/revokeSignInSessions", grant: permissions("User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All").role(userAdmins), handle: revokeSessions},
		{method: get, path: "/users/{user}/memberOf", grant: member, handle: listMemberOf},
		{method: get, path: "/users/{user}/transitiveMemberOf", grant: transitive, handle: listTransitiveMemberOf},
	}
}

func findUser(t *store.Tenant, idOrName string) (*store.User, bool) {
	if u, ok := t.Users.Get(strings.ToLower(idOrName)); ok {
		return u, true
	}
	for u := range t.Users.All() {
		if strings.EqualFold(u.UPN, idOrName) {
			return u, true
		}
	}
	return nil, false
}

func (c *call) user() (*store.User, error) {
	id := c.vars["user"]
	if strings.EqualFold(id, "me") {
		id = c.token.UserID
	}
	u, ok := findUser(c.t, id)
	if !ok {
		return nil, directoryNotFound(c.vars["user"])
	}
	return u, nil
}

func userObject(u *store.User) *document.Object {
	kind := "Member"
	if u.Guest {
		kind = "Guest"
	}
	return document.Of("businessPhones", u.Contact.BusinessPhones, "displayName", u.DisplayName, "givenName", document.Null(u.GivenName), "jobTitle", document.Null(u.JobTitle),
		"mail", document.Null(u.Mail), "mobilePhone", document.Null(u.Contact.MobilePhone), "officeLocation", document.Null(u.Contact.OfficeLocation),
		"preferredLanguage", document.Null(u.Contact.PreferredLanguage), "surname", document.Null(u.Surname),
		"userPrincipalName", u.UPN, "id", u.ID, "accountEnabled", u.Enabled, "createdDateTime", u.CreatedAt, "mailNickname", document.Null(u.MailNickname),
		"userType", kind, "lastPasswordChangeDateTime", u.PasswordChangedAt, "onPremisesSyncEnabled", nil, "usageLocation", document.Null(u.Contact.UsageLocation),
		"signInSessionsValidFromDateTime", u.CreatedAt, "deletedDateTime", nil)
}

func getMe(c *call) (result, error) {
	u, ok := c.t.Users.Get(c.token.UserID)
	if !ok {
		return result{}, directoryNotFound(c.token.UserID)
	}
	r, err := c.one(userType, userObject(u))
	r.context = "users/$entity"
	return r, err
}

func listUsers(c *call) (result, error) {
	return c.stream(userType, func(yield func(*document.Object) bool) {
		demands := c.demands("id", "userPrincipalName", "displayName")
		for u := range c.t.Users.All() {
			if demands.allow(u.ID, u.UPN, u.DisplayName) && !yield(userObject(u)) {
				return
			}
		}
	})
}

func getUser(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	return c.one(userType, userObject(u))
}

func postUser(c *call) (result, error) {
	b := c.body
	for _, required := range []string{"displayName", "mailNickname", "userPrincipalName"} {
		if b.String(required) == "" {
			return result{}, directoryBadRequest("A value is required for property '%s' of resource 'User'.", required)
		}
	}
	password := b.Object("passwordProfile").String("password")
	if password == "" || !b.Has("accountEnabled") {
		return result{}, directoryBadRequest("A value is required for property 'passwordProfile' and 'accountEnabled' of resource 'User'.")
	}
	name, domain, ok := strings.Cut(b.String("userPrincipalName"), "@")
	if !ok || name == "" || !strings.EqualFold(domain, c.t.Domain) {
		return result{}, directoryBadRequest("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")
	}
	if _, exists := c.t.UserByUPN(b.String("userPrincipalName")); exists {
		return result{}, directoryBadRequest("Another object with the same value for property userPrincipalName already exists.")
	}
	u := &store.User{ID: c.t.NewID(), CreatedAt: c.now, Password: password, PasswordID: c.t.NewID(), PasswordChangedAt: c.now, Risk: "none"}
	c.fillUser(u)
	c.t.Users.Put(u.ID, u)
	c.auditUser("Add user", u)
	return created(userType, userObject(u)), nil
}

func (c *call) fillUser(u *store.User) {
	for name, field := range map[string]*string{
		"displayName": &u.DisplayName, "givenName": &u.GivenName, "surname": &u.Surname, "jobTitle": &u.JobTitle,
		"mail": &u.Mail, "mailNickname": &u.MailNickname, "userPrincipalName": &u.UPN,
		"mobilePhone": &u.Contact.MobilePhone, "officeLocation": &u.Contact.OfficeLocation, "preferredLanguage": &u.Contact.PreferredLanguage, "usageLocation": &u.Contact.UsageLocation,
	} {
		if c.body.Has(name) {
			*field = c.body.String(name)
		}
	}
	if profile := c.body.Object("passwordProfile"); profile != nil && profile.Has("forceChangePasswordNextSignIn") {
		u.MustChange = profile.Bool("forceChangePasswordNextSignIn")
	}
	if c.body.Has("businessPhones") {
		u.Contact.BusinessPhones = c.body.Strings("businessPhones")
	}
	if c.body.Has("accountEnabled") {
		u.Enabled = c.body.Bool("accountEnabled")
	}
	if c.body.Has("userType") {
		u.Guest = strings.EqualFold(c.body.String("userType"), "Guest")
		u.GuestType = ""
		if u.Guest {
			u.GuestType = "b2bCollaborationGuest"
		}
	}
}

func patchUser(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	c.fillUser(u)
	if password := c.body.Object("passwordProfile").String("password"); password != "" {
		u.Password, u.PasswordChangedAt, u.SignInsValidAt = password, c.now, c.now
	}
	c.auditUser("Update user", u)
	return noContent(), nil
}

// deleteUser takes the user out of groups and ends what PIM gave (the service keeps a
// deleted user for 30 days, which the tenant does not model).
func deleteUser(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	c.t.Users.Delete(u.ID)
	c.forget(u.ID)
	c.auditUser("Delete user", u)
	return noContent(), nil
}

// forget removes a deleted principal from groups and schedules.
func (c *call) forget(id string) {
	for _, g := range c.t.Groups.List() {
		g.Members = slices.DeleteFunc(g.Members, func(m string) bool { return m == id })
		g.Owners = slices.DeleteFunc(g.Owners, func(m string) bool { return m == id })
	}
	for _, s := range c.t.Schedules.List() {
		if s.PrincipalID == id || s.GroupID == id {
			c.t.Schedules.Delete(s.ID, c.t.EffectiveAt(store.LagAssignment))
		}
	}
}

var booleanResult = &entity{name: "Edm.Boolean", properties: []string{"value"}}

func revokeSessions(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	u.SignInsValidAt = c.now
	c.auditUser("Update StsRefreshTokenValidFrom Timestamp", u)
	r := one(booleanResult, document.Of("value", true))
	r.context = "Edm.Boolean"
	return r, nil
}

func (c *call) auditUser(activity string, u *store.User) {
	c.audit(activity, "UserManagement", "Core Directory", store.AuditTarget{ID: u.ID, DisplayName: u.DisplayName, Type: "User", UPN: u.UPN})
}

// directoryObjects writes users and groups by their ids, with their types.
func (c *call) directoryObjects(ids []string) []*document.Object {
	list := []*document.Object{}
	for _, id := range ids {
		if u, ok := c.t.Users.Get(id); ok {
			list = append(list, typed("#microsoft.graph.user", userObject(u)))
		} else if g, ok := c.t.Groups.Get(id); ok {
			list = append(list, typed("#microsoft.graph.group", groupObject(g)))
		}
	}
	return list
}

// directMemberships are the groups that name the principal as a member.
func (c *call) directMemberships(id string) []*document.Object {
	var groups []string
	for g := range c.t.Groups.All() {
		if containsFold(g.Members, id) {
			groups = append(groups, g.ID)
		}
	}
	return c.directoryObjects(groups)
}

func listMemberOf(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	r, err := c.list(directoryObjectType, append(c.directMemberships(u.ID), c.activeRoles(u.ID)...))
	r.context = "directoryObjects"
	return r, err
}

// listTransitiveMemberOf are groups, nested ones too, active directory roles and
// administrative units.
func listTransitiveMemberOf(c *call) (result, error) {
	u, err := c.user()
	if err != nil {
		return result{}, err
	}
	list := append(c.directoryObjects(c.t.GroupsAt(u.ID, c.now)), c.activeRoles(u.ID)...)
	for _, unit := range c.t.Units.List() {
		if containsFold(unit.Members, u.ID) {
			list = append(list, typed("#microsoft.graph.administrativeUnit", unitObject(unit)))
		}
	}
	r, err := c.list(directoryObjectType, list)
	r.context = "directoryObjects"
	return r, err
}

func (c *call) activeRoles(user string) []*document.Object {
	list := []*document.Object{}
	for _, id := range c.t.RolesOf(user, c.now) {
		if r, ok := c.t.RoleDefs.Get(id); ok && r.BuiltIn {
			list = append(list, typed("#microsoft.graph.directoryRole", directoryRoleObject(r)))
		}
	}
	return list
}
