package store

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Tenant is one emulated Entra tenant. Its fields and methods may be used only with the
// store's lock held.
type Tenant struct {
	ID          string    // tenant id, a GUID
	Domain      string    // the verified domain, such as "contoso-3f2a.onmicrosoft.com"
	DisplayName string    // organisation name
	CreatedAt   time.Time // tenant time
	Language    string    // texts of pages, one of [Languages]; ids never change with it
	Variant     uint64    // seed of what may differ between two runs of a page: order, latency, generated ids

	LicenceP2        bool // Entra ID P2: without it PIM answers AadPremiumLicenseRequired
	SecurityDefaults bool // off in a new tenant

	Users          *Index[*User]               // by object id
	Groups         *Index[*Group]              // by object id
	RoleDefs       *Index[*RoleDefinition]     // by id; a built-in role's id is its template id
	Units          *Index[*AdministrativeUnit] // by object id
	Apps           *Index[*Application]        // by client id
	NamedLocations *Index[*NamedLocation]      // by id
	Strengths      *Index[*Strength]           // by id

	Contexts     *Lagged[Context]         // authentication contexts by id "c1".."c99"; lag kind [LagContext]
	Policies     *Lagged[Policy]          // Conditional Access policies by id; lag kind [LagPolicy]
	RoleSettings *Lagged[RoleSetting]     // role management policies by policy id; lag kind [LagRoleSetting]
	Schedules    *Lagged[Schedule]        // eligibility and assignment schedules by id; lag kind [LagAssignment]
	Requests     *Index[*ScheduleRequest] // PIM requests by id

	Sessions      *Index[*Session]      // browser sign-ins by cookie handle
	Flows         *Index[*Flow]         // sign-ins under way by flow token
	Codes         *Index[*AuthCode]     // authorization codes by code
	RefreshTokens *Index[*RefreshToken] // by token
	DeviceCodes   *Index[*DeviceCode]   // by device code
	Tokens        *Index[*IssuedToken]  // access tokens by uti
	Pushes        *Index[*Push]         // authenticator notifications by id

	SignIns []*SignInRow // sign-in log, oldest first
	Audits  []*AuditRow  // directory audit log, oldest first

	Settings Settings // inferred behaviour, switched over the control listener
	Lag      map[LagKind]time.Duration
	Faults   []*Fault // in the order in which they were asked for

	MethodsPolicy          []byte            // authentication methods policy: what was changed of Graph's object; nil: nothing
	MethodConfigurations   map[string][]byte // its configurations that were changed, whole, by id
	MethodsPolicyChangedAt time.Time         // zero: never
	Signing                Signing           // which keys sign and verify its tokens

	PoliciesChangedAt time.Time // last write to a Conditional Access policy, for continuous access evaluation

	Rand *rand.Rand // the seeded source; use it for everything that may vary

	adversary *adversary // nil: an ordinary tenant

	conditionalAccessAt time.Time // last request for Conditional Access that was let through, by the clock that the setting names

	machine func() time.Time
	offset  time.Duration
	latest  time.Time
}

func newTenant(seed, ordinal uint64, machine func() time.Time) *Tenant {
	t := &Tenant{
		Language: English, Variant: seed + ordinal, LicenceP2: true,
		Users: NewIndex[*User](), Groups: NewIndex[*Group](), RoleDefs: NewIndex[*RoleDefinition](),
		Units: NewIndex[*AdministrativeUnit](), Apps: NewIndex[*Application](),
		NamedLocations: NewIndex[*NamedLocation](), Strengths: NewIndex[*Strength](),
		Contexts: NewLagged[Context](), Policies: NewLagged[Policy](),
		RoleSettings: NewLagged[RoleSetting](), Schedules: NewLagged[Schedule](),
		Requests: NewIndex[*ScheduleRequest](), Sessions: NewIndex[*Session](), Flows: NewIndex[*Flow](),
		Codes: NewIndex[*AuthCode](), RefreshTokens: NewIndex[*RefreshToken](),
		DeviceCodes: NewIndex[*DeviceCode](), Tokens: NewIndex[*IssuedToken](), Pushes: NewIndex[*Push](),
		Settings: DefaultSettings(), Lag: map[LagKind]time.Duration{},
		Rand: newRand(seed, ordinal), machine: machine,
	}
	t.ID = t.NewID()
	t.Domain = fmt.Sprintf("contoso-%s.onmicrosoft.com", t.NewHex(6))
	t.DisplayName = "Contoso"
	t.CreatedAt = t.Now()
	addBuiltIns(t)
	return t
}

// Now is the tenant's time in UTC: the machine's plus the offset, never earlier than an
// instant that was handed out before.
func (t *Tenant) Now() time.Time {
	now := t.machine().UTC().Add(t.offset)
	if now.Before(t.latest) {
		return t.latest
	}
	t.latest = now
	return now
}

// Offset is how far the tenant's clock is ahead of the machine's.
func (t *Tenant) Offset() time.Duration { return t.offset }

// Advance moves the tenant's clock forward. A negative duration is an error: a tenant's
// time never goes back.
func (t *Tenant) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("advance clock by %s: a tenant's time never goes back; give a positive duration", d)
	}
	t.offset += d
	return nil
}
