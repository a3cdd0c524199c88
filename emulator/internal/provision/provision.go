// Package provision fills a new embedded tenant: Entra's default configuration, one test
// admin, the application that makes fixtures, the harness's own public client, and the
// first-party clients of the portal.
//
// A new tenant has a P2 licence, security defaults off, no Conditional Access policy, no
// authentication context, default role settings, and an admin with password and one-time
// code who is eligible for nothing. [Sample] puts the four settings right that make
// activation of Application Administrator ask for a new sign-in.
package provision

import (
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Facts is what a harness must know of a new tenant.
type Facts struct {
	TenantID       string
	Domain         string
	AdminID        string
	AdminUPN       string
	Password       string
	TOTPSecret     string // base32
	FixturesID     string // client id
	FixturesSecret string
	ReaderID       string // client id
	ReaderSecret   string
	SetupID        string // client id
	SetupSecret    string
	HarnessID      string // client id
	RedirectURI    string
}

// loopback is a redirect URI for native clients: any port is accepted (documented).
const loopback = "http://localhost"

// secretLife is the longest life that the portal offers for a client secret.
const secretLife = 2 * 365 * 24 * time.Hour

// Fill puts the default content into an empty tenant.
func Fill(t *store.Tenant) Facts {
	admin := NewUser(t, "Robin Prompt")
	fixtures := addFixturesApp(t)
	reader, setup := addReaderApp(t), addSetupApp(t)
	harness := addHarnessApp(t, admin)
	addFirstParty(t)
	return Facts{
		TenantID: t.ID, Domain: t.Domain,
		AdminID: admin.ID, AdminUPN: admin.UPN, Password: admin.Password, TOTPSecret: admin.TOTPSecret,
		FixturesID: fixtures.ClientID, FixturesSecret: fixtures.Secrets[0].Value,
		ReaderID: reader.ClientID, ReaderSecret: reader.Secrets[0].Value,
		SetupID: setup.ClientID, SetupSecret: setup.Secrets[0].Value,
		HarnessID: harness.ClientID, RedirectURI: loopback,
	}
}

// NewUser adds a member with a password and an authenticator code. The user principal name
// is made from the display name and a few digits of the seed.
func NewUser(t *store.Tenant, displayName string) *store.User {
	given, surname, _ := strings.Cut(displayName, " ")
	nickname := strings.ToLower(given) + "." + t.NewHex(4)
	user := &store.User{
		ID: t.NewID(), UPN: nickname + "@" + t.Domain, DisplayName: displayName,
		GivenName: given, Surname: surname, MailNickname: nickname, Enabled: true,
		CreatedAt: t.Now(), Password: newPassword(t), PasswordID: t.NewID(), PasswordChangedAt: t.Now(),
		TOTPSecret: newTOTPSecret(t), TOTPID: t.NewID(), Risk: "none",
	}
	t.Users.Put(user.ID, user)
	return user
}

// newPassword has enough randomness that nobody guesses it and all the kinds of characters
// that a password policy may want.
func newPassword(t *store.Tenant) string {
	return fmt.Sprintf("%s-%s-Aa1!", t.NewSecret(9), t.NewSecret(9))
}

// newTOTPSecret has the 160 bits that RFC 4226 recommends.
func newTOTPSecret(t *store.Tenant) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(t.NewBytes(20))
}

func addFixturesApp(t *store.Tenant) *store.Application {
	app := newApp(t, t.NewID(), "reprompt fixtures")
	app.AppRoles = []string{
		"Application.Read.All", "AuditLog.Read.All", "AuthenticationContext.ReadWrite.All",
		"AdministrativeUnit.ReadWrite.All", "Directory.Read.All", "Group.ReadWrite.All", "Organization.Read.All",
		"Policy.Read.All", "Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod",
		"Policy.ReadWrite.ConditionalAccess", "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
		"PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup", "RoleAssignmentSchedule.ReadWrite.Directory",
		"RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory",
		"RoleManagementPolicy.ReadWrite.AzureADGroup", "RoleManagementPolicy.ReadWrite.Directory",
		"User.ReadWrite.All", "UserAuthMethod-Passkey.ReadWrite.All", "UserAuthMethod-TAP.ReadWrite.All",
		"UserAuthenticationMethod.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All",
	}
	return confidential(t, app)
}

// confidential gives an application a secret.
func confidential(t *store.Tenant, app *store.Application) *store.Application {
	app.Secrets = []store.AppSecret{{ID: t.NewID(), Value: t.NewSecret(30), Expires: t.Now().Add(secretLife)}}
	t.Apps.Put(app.ClientID, app)
	return app
}

// addReaderApp adds the application that reads a tenant that is proved and cannot write it.
func addReaderApp(t *store.Tenant) *store.Application {
	app := newApp(t, t.NewID(), "reprompt reader")
	app.AppRoles = []string{
		"Application.Read.All", "AuditLog.Read.All", "AuthenticationContext.Read.All", "Directory.Read.All", "Policy.Read.All", "PrivilegedEligibilitySchedule.Read.AzureADGroup",
		"RoleAssignmentSchedule.Read.Directory", "RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.All",
		"RoleManagementPolicy.Read.AzureADGroup", "UserAuthenticationMethod.Read.All",
	}
	return confidential(t, app)
}

// addSetupApp adds what stands for the administrator who registers applications.
func addSetupApp(t *store.Tenant) *store.Application {
	app := newApp(t, t.NewID(), "tenant setup")
	app.AppRoles = []string{
		"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "Directory.Read.All",
	}
	return confidential(t, app)
}

// addHarnessApp adds the public client. Only the admin may use it, and only the admin consented.
// It may be used in the device code flow, for clients that know no other.
func addHarnessApp(t *store.Tenant, admin *store.User) *store.Application {
	app := newApp(t, t.NewID(), "reprompt harness")
	app.Public, app.Fallback = true, true
	app.AssignmentRequired = true
	app.Assigned = []store.AppAssignment{{ID: t.NewID(), PrincipalID: admin.ID, CreatedAt: t.Now()}}
	app.RedirectURIs = []string{loopback}
	app.IDClaims = []string{"auth_time", "acrs", "sid", "login_hint"}
	app.Consents = []*store.Consent{{ID: t.NewID(), UserID: admin.ID, Resource: store.ResourceGraph, Scopes: []string{
		"User.Read", "Directory.Read.All", "Policy.Read.All", "AuditLog.Read.All", "RoleManagement.Read.Directory",
		"RoleAssignmentSchedule.ReadWrite.Directory", "RoleEligibilitySchedule.Read.Directory",
		"RoleManagementPolicy.Read.Directory", "RoleManagementPolicy.Read.AzureADGroup",
		"PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "PrivilegedEligibilitySchedule.Read.AzureADGroup",
	}}}
	t.Apps.Put(app.ClientID, app)
	return app
}

func newApp(t *store.Tenant, clientID, name string) *store.Application {
	return &store.Application{
		ClientID: clientID, ObjectID: t.NewID(), ServiceID: t.NewID(), DisplayName: name,
		Scopes: map[string][]string{}, CreatedAt: t.Now(),
	}
}
