package store

import (
	"strings"
	"time"
)

// User is a member or guest of the tenant with everything it can sign in with.
type User struct {
	ID           string // object id
	UPN          string // user principal name
	DisplayName  string
	GivenName    string
	Surname      string
	Mail         string // may be empty (null in Graph)
	MailNickname string
	JobTitle     string
	Contact      Contact
	Guest        bool   // userType "Guest"
	GuestType    string // Conditional Access guest type, such as "b2bCollaborationGuest"; empty for members
	Enabled      bool   // accountEnabled
	CreatedAt    time.Time

	Password          string // empty: no password
	MustChange        bool   // forceChangePasswordNextSignIn: a new password is wanted at the next sign-in
	Lockout           Lockout
	PasswordID        string // id of the password method
	PasswordChangedAt time.Time
	TOTPSecret        string // base32 without padding; empty: no authenticator code
	TOTPID            string // id of the software OATH method
	TOTPLastStep      int64  // the last 30-second step that was accepted; a code is good once
	Passkeys          []*Passkey
	AccessPasses      []*AccessPass      // at most one is usable: a new one replaces the old
	Push              *PushDevice        // nil: no authenticator push registered
	PasskeyChallenges []PasskeyChallenge // registrations of a passkey that were begun over Graph

	RegistrationAskedAt time.Time // when a registration policy first asked for a second factor

	Risk           string    // user risk level: "none", "low", "medium", "high"
	SignInsValidAt time.Time // sign-in sessions begun before it are revoked
	RolesChangedAt time.Time // last change of directory roles, for continuous access evaluation
	PIMStepUpAt    time.Time // last re-authentication made for an activation: PIM's ten-minute window when keyed on the user
}

// Contact is how and where a user is reached: what a sign-in never looks at.
type Contact struct {
	MobilePhone, OfficeLocation, PreferredLanguage, UsageLocation string
	BusinessPhones                                                []string
}

// PasskeyChallenge is a challenge that creation options carried; it is good once.
type PasskeyChallenge struct {
	Challenge string // base64url without padding
	Expires   time.Time
}

// Passkey is a FIDO2 credential registered for relying party login.microsoft.com.
type Passkey struct {
	ID             string // id of the authentication method (the credential id in base64url)
	CredentialID   []byte
	PublicKey      []byte // COSE key
	SignCount      uint32 // 0 when the authenticator does not count
	AAGUID         []byte // 16 bytes
	BackupEligible bool   // flag BE: must be the same at each assertion
	BackupState    bool   // flag BS
	DisplayName    string
	Model          string
	Attestation    string // "attested" or "notAttested"
	CreatedAt      time.Time
}

// AccessPass is a Temporary Access Pass.
type AccessPass struct {
	ID        string
	Pass      string
	CreatedAt time.Time
	StartsAt  time.Time
	Lifetime  time.Duration
	Once      bool // usable for one sign-in only
	UsedAt    time.Time
}

// Usability says whether the pass can be used at an instant, with Graph's
// methodUsabilityReason.
func (p *AccessPass) Usability(now time.Time) (usable bool, reason string) {
	switch {
	case now.Before(p.StartsAt):
		return false, "NotYetValid"
	case !now.Before(p.StartsAt.Add(p.Lifetime)):
		return false, "Expired"
	case p.Once && !p.UsedAt.IsZero():
		return false, "OneTimeUsed"
	}
	return true, "EnabledByPolicy"
}

// PushDevice is an authenticator app that answers number-matching notifications.
type PushDevice struct {
	ID          string
	DisplayName string // such as "Pixel 9"
	CreatedAt   time.Time
}

// Push is a notification that waits for its answer.
type Push struct {
	ID        string
	UserID    string
	Flow      string // flow token of the sign-in that asked
	Number    string // two digits that the page shows
	CreatedAt time.Time
	State     PushState
}

// PushState is where a notification stands.
type PushState string

// States of a notification.
const (
	PushPending  PushState = "pending"
	PushApproved PushState = "approved"
	PushDenied   PushState = "denied"
)

// Group is a security group.
type Group struct {
	ID             string
	DisplayName    string
	Description    string
	MailNickname   string
	Visibility     string   // as it was asked for at creation; may be empty
	RoleAssignable bool     // isAssignableToRole; set at creation only
	Members        []string // object ids of users and groups: permanent members
	Owners         []string // object ids of users
	CreatedAt      time.Time
}

// AdministrativeUnit narrows the scope of a role.
type AdministrativeUnit struct {
	ID          string
	DisplayName string
	Description string
	Visibility  string // may be empty
	Members     []string
}

// RoleDefinition is a directory role: built-in (ID equals TemplateID) or custom.
type RoleDefinition struct {
	ID          string
	TemplateID  string
	DisplayName string
	Description string
	BuiltIn     bool
	Enabled     bool
	Version     string
	Permissions []string // allowed resource actions
}

// UserByUPN finds a user by user principal name or mail, ignoring letter case.
func (t *Tenant) UserByUPN(name string) (*User, bool) {
	for u := range t.Users.All() {
		if strings.EqualFold(u.UPN, name) || (u.Mail != "" && strings.EqualFold(u.Mail, name)) {
			return u, true
		}
	}
	return nil, false
}

// GroupsOf returns the ids of the groups that the principal is a permanent member of,
// directly or through other groups. Documented: a Conditional Access policy on a group
// applies to nested members too. Memberships that PIM activated are schedules and are not
// in here.
func (t *Tenant) GroupsOf(principal string) []string {
	var found []string
	seen := map[string]bool{}
	queue := []string{principal}
	for len(queue) > 0 {
		member := queue[0]
		queue = queue[1:]
		for g := range t.Groups.All() {
			if !seen[g.ID] && contains(g.Members, member) {
				seen[g.ID] = true
				found = append(found, g.ID)
				queue = append(queue, g.ID)
			}
		}
	}
	return found
}

func contains(list []string, value string) bool {
	for _, v := range list {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}

// PasskeyHandle is the user handle of the user's passkeys: what creation options name as
// user.id, and what an assertion must come back with. Inferred: the real service derives
// its handle from tenant and object id; clients may only treat it as opaque bytes.
func (u *User) PasskeyHandle() []byte { return []byte("OF." + u.ID) }
