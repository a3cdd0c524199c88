package verdict

import (
	"fmt"
	"strings"
	"time"

	"github.com/reprompt/reprompt/tokens"
)

// Way is how the activation was asked for.
type Way string

// The ways of an activation.
const (
	WayPortal Way = "portal" // the PIM page of the admin centre, as an admin does it
	WayGraph  Way = "graph"  // the harness's own client: Graph's 400, its own step-up, Graph again
	WayGroup  Way = "group"  // PIM for Groups, through Graph
)

// Require says what a re-authentication must consist of to count.
type Require string

// What a step-up must consist of.
const (
	RequireAny               Require = "any"                // any credential
	RequireMFA               Require = "mfa"                // two factors, or one that counts as two
	RequirePhishingResistant Require = "phishing-resistant" // a passkey, a certificate, Windows Hello
)

// Observation is everything one proof saw, in the order in which it happened. It holds
// facts, never conclusions: Decide draws those. Times are the tenant's clock, UTC. A zero
// time or a nil pointer means "not observed", never "no".
//
// An Observation holds nothing that could be used to sign in.
type Observation struct {
	Way      Way     `json:"way"`
	Require  Require `json:"require"`
	TenantID string  `json:"tenant_id"` // directory (tenant) id that Graph and both issuers named
	Role     Role    `json:"role"`
	Admin    Admin   `json:"admin"`

	Started  time.Time `json:"started"`  // before the first sign-in
	Finished time.Time `json:"finished"` // once the role was given back, or the proof broke

	// Setting is the role setting as Graph answered it before anything was tried.
	Setting Setting `json:"setting"`
	// Active lists assignments of the role that the admin held before anything was tried.
	Active []ActiveAssignment `json:"active"`
	// Eligible says whether the admin may activate the role at this scope.
	Eligible bool `json:"eligible"`

	// SignIn is the interactive sign-in of step 1.
	SignIn Authentication `json:"sign_in"`
	// Priming is the first satisfaction of the context in this session (step 2).
	Priming Priming `json:"priming"`
	// Entries are the passes through the sign-in pages that opening the portal led to, one for each
	// activation through it.
	Entries []Authentication `json:"entries,omitempty"`
	// Probes are the silent looks at the session, in order: two before the activation
	// (Phase "before"), then one after each activation (Phase "after", N set).
	Probes []Probe `json:"probes"`
	// Replays are the tries of tokens that must be refused.
	Replays []Replay `json:"replays"`
	// Activations are the activations tried: one, or two with --twice.
	Activations []Activation `json:"activations"`

	// Failure is set when the flow broke before it came to an end.
	Failure *Failure `json:"failure"`
	// Configuration is the static configuration read beside the observation; nil when it
	// could not be read.
	Configuration *Configuration `json:"configuration"`
	// Log is what the tenant's sign-in log said; nil when it was not asked.
	Log *Log `json:"log"`
	// Elsewhere is what the tenant told of the admin's account beside this proof; nil when it was not
	// asked.
	Elsewhere *Elsewhere `json:"elsewhere"`
	// Prediction is what Microsoft's What-If foretold; nil when it was not asked. It never counts.
	Prediction *Prediction `json:"prediction"`
}

// Role names a directory role (or, for WayGroup, a group) and the scope it is held at.
type Role struct {
	Name             string `json:"name"`               // display name, for people
	DefinitionID     string `json:"definition_id"`      // id of the role definition; for WayGroup of the group
	DirectoryScopeID string `json:"directory_scope_id"` // "/" for the whole tenant
}

// Admin is the account that was driven.
type Admin struct {
	ObjectID string `json:"object_id"` // of the account; tokens of another one count for nothing
	UPN      string `json:"upn"`       // user principal name, for people
}

// Setting is the part of a role setting that decides what an activation is asked for.
type Setting struct {
	PolicyID         string   `json:"policy_id"`         // of the role management policy it was read from
	ContextEnabled   bool     `json:"context_enabled"`   // whether activation requires an authentication context
	ContextID        string   `json:"context_id"`        // claimValue; may be left over while ContextEnabled is false
	MFARequired      bool     `json:"mfa_required"`      // whether activation requires a second factor of the session, however old
	ApprovalRequired bool     `json:"approval_required"` // whether somebody has to agree before the role is active
	EnabledRules     []string `json:"enabled_rules"`     // what an activation has to state: Justification, Ticketing, MultiFactorAuthentication
	MaximumDuration  string   `json:"maximum_duration"`  // ISO 8601, for example PT8H
}

// RequiresContext reports whether the setting really names a context.
func (s Setting) RequiresContext() bool { return s.ContextEnabled && s.ContextID != "" }

// ActiveAssignment is an assignment that makes the role active already.
type ActiveAssignment struct {
	ID   string    `json:"id"`   // of the assignment schedule instance
	Type string    `json:"type"` // Assigned or Activated
	End  time.Time `json:"end"`  // zero: it does not end
}

// Authentication is one interactive pass through the sign-in pages.
type Authentication struct {
	Started  time.Time   `json:"started"`  // when the authorize request left
	Finished time.Time   `json:"finished"` // when the answer came back, or the pass broke off
	Pages    []PageVisit `json:"pages"`
	// Authorize are the parameters of the authorize request that matter, as sent.
	Authorize AuthorizeRequest `json:"authorize"`
	// ID are the claims of the verified ID token that came back; nil when none came or it did not verify.
	ID *tokens.IDClaims `json:"id"`
	// Token are the unverified claims of the access token that came with it.
	Token *tokens.AccessClaims `json:"token"`
}

// AuthorizeRequest is what an authorize request asked for.
type AuthorizeRequest struct {
	At       time.Time `json:"at"`        // when it left the browser
	ClientID string    `json:"client_id"` // of the application that asked
	// Contexts are the authentication contexts that its claims name.
	Contexts []string `json:"contexts"`
	// Forced are parameters or claims by which the client itself forces a prompt:
	// "prompt", "max_age", "amr_values", or the path of a claim other than acrs and xms_cc.
	Forced []string `json:"forced"`
}

// PageVisit is one page of the sign-in host that the browser stood on.
type PageVisit struct {
	At   time.Time `json:"at"`   // when it was recognised, standing still
	Page string    `json:"page"` // the page object's name, for example "password"
	PGID string    `json:"pgid"` // $Config.pgid
	Host string    `json:"host"` // that served the page
	// Factor is the credential that the page asks for ("password", "totp", "passkey", "push",
	// "temporary-access-pass"); empty for pages that are no prompt (picker, stay signed in, consent, terms).
	Factor string `json:"factor"`
	// StoodStill is true when the page waited for the harness, false when it went on by itself.
	StoodStill bool `json:"stood_still"`
	// Sent is true when the credential was seen leaving in a request, at SentAt.
	Sent   bool      `json:"sent"`
	SentAt time.Time `json:"sent_at"` // zero: it was not seen leaving
	// Screenshot is the bundle path of the picture of this page; empty when none was taken.
	Screenshot string `json:"screenshot"`
}

// Priming is step 2: the context asked for once, so that from then on only freshness can prompt.
type Priming struct {
	// Asked is false where the role setting names no context.
	Asked bool `json:"asked"`
	// Done is true when a token that holds the context came back.
	Done           bool           `json:"done"`
	Authentication Authentication `json:"authentication"`
	Text           string         `json:"text"` // why it failed; empty when it did not
}

// Probe is a silent look at the session: a navigation of a top-level page with prompt=none.
type Probe struct {
	Phase string    `json:"phase"` // "before" or "after"
	N     int       `json:"n"`     // number of the activation for "after"; 1 or 2 for "before"
	At    time.Time `json:"at"`    // when the answer came
	// Alive is true when a verified ID token came back.
	Alive bool             `json:"alive"`
	ID    *tokens.IDClaims `json:"id"`
	// AADSTS and Text are the refusal; 0 and "" when alive.
	AADSTS int    `json:"aadsts"`
	Text   string `json:"text"`
	// Dead is true when the refusal says that no session is there, false when another policy refused.
	Dead bool `json:"dead"`
}

// ReplayToken names the token that was tried.
type ReplayToken string

// The tokens that are tried.
const (
	ReplayFirst     ReplayToken = "first"      // the first plain token of the session
	ReplayPlain     ReplayToken = "plain"      // a plain token minted just now, no context asked
	ReplaySteppedUp ReplayToken = "stepped-up" // the token that was stepped up, after both windows
	ReplayRefresh   ReplayToken = "refresh"    // a refresh token of the stepped-up session, redeemed for the context, and the token that came of it
)

// ReplayAnswer sorts what the server said.
type ReplayAnswer string

// The answers to a replay.
const (
	// AnswerRefused is 400 RoleAssignmentRequestAcrsValidationFailed naming the context, nothing else. For
	// ReplayRefresh it is also the sign-in host's demand that the admin act first.
	AnswerRefused     ReplayAnswer = "refused"
	AnswerAccepted    ReplayAnswer = "accepted"     // the role became active or pending
	AnswerRevoked     ReplayAnswer = "revoked"      // 401 insufficient_claims: continuous access evaluation, not PIM
	AnswerNotObserved ReplayAnswer = "not-observed" // anything else, or not tried
)

// Replay is one try of a token that should not be enough.
type Replay struct {
	N      int                  `json:"n"` // before which activation: 1 or 2
	Token  ReplayToken          `json:"token"`
	Mode   string               `json:"mode"`   // "real" or "validation"
	At     time.Time            `json:"at"`     // when it was sent
	Age    time.Duration        `json:"age_ns"` // since the token was issued
	Answer ReplayAnswer         `json:"answer"`
	Status int                  `json:"status"` // HTTP status of the answer
	Code   string               `json:"code"`   // error code of the answer, empty when it was accepted
	Claims *tokens.AccessClaims `json:"claims"`
	// Context is the context that the refusal named, also where it is not the one of the role setting.
	Context   string `json:"context"`
	RequestID string `json:"request_id"` // of the answer, by which Microsoft finds it
}

// Challenge is the demand for the context.
type Challenge struct {
	At time.Time `json:"at"` // when it was seen
	// Source is "graph" for PIM's 400, "portal" for the authorize request on the wire.
	Source   string   `json:"source"`
	Contexts []string `json:"contexts"` // authentication contexts that it names
}

// Activation is one try to activate the role.
type Activation struct {
	N int `json:"n"` // 1, or 2 with --twice
	// Requested is when the harness set out; the age of the session is counted to here.
	Requested time.Time `json:"requested"`
	// AuthAge is how old the last authentication was at Requested.
	AuthAge time.Duration `json:"auth_age_ns"`
	// Challenge is nil when none was seen.
	Challenge *Challenge `json:"challenge"`
	// Demands is how often PIM refused a request of this activation for want of a context; 0 in the
	// portal, which steps up before it asks.
	Demands int `json:"demands,omitempty"`
	// StepUp is the pass through the sign-in pages that the challenge led to.
	StepUp Authentication `json:"step_up"`
	// TokenAt is when the first token after the challenge arrived; TokenHost is the host that issued it.
	TokenAt   time.Time `json:"token_at"`
	TokenHost string    `json:"token_host"` // host that issued it
	// Token are the unverified claims of the access token that the accepted activation carried.
	Token *tokens.AccessClaims `json:"token"`
	// TokenProblem says why the claims of that token could not be read; empty when they could.
	TokenProblem string `json:"token_problem,omitempty"`
	// AuthTimeBefore and AuthTimeAfter are auth_time of the session by verified ID tokens of the
	// harness's own client, before the challenge and after the step-up.
	AuthTimeBefore time.Time `json:"auth_time_before"`
	AuthTimeAfter  time.Time `json:"auth_time_after"` // see auth_time_before
	// SameSession is true when oid, tid and sid of both ID tokens are equal.
	SameSession bool `json:"same_session"`
	// Outcome is "active", "pending" (approval), "refused" or "" when it was never reached.
	Outcome   string    `json:"outcome"`
	Status    int       `json:"status"`     // HTTP status of the activation request
	Code      string    `json:"code"`       // error code of a refusal
	At        time.Time `json:"at"`         // when the activation was answered
	RequestID string    `json:"request_id"` // of the answer, by which Microsoft finds it
	// Deactivated is true once the role was given back.
	Deactivated bool `json:"deactivated"`
	// GiveBackRefusals is how often PIM refused to let the role go, because it was too young.
	GiveBackRefusals int `json:"give_back_refusals,omitempty"`
	// Withdrawn is true once a request that waited for approval was taken back.
	Withdrawn bool `json:"withdrawn,omitempty"`
	// Approval is what became of a pending activation that was awaited: "approved", "undecided", or the
	// status with which PIM ended it. Empty: nobody waited.
	Approval string `json:"approval,omitempty"`
	// Expired is true when the activation was left alone and seen to have ended by itself.
	Expired bool `json:"expired,omitempty"`
}

// Failure is why a flow broke. Code is one of the inconclusive reasons.
type Failure struct {
	Code Code   `json:"code"`
	Step string `json:"step"` // which step of the proof, in words
	Text string `json:"text"` // one sentence, what happened and how to mend it
	// Screenshot is the bundle path of the picture taken when it broke.
	Screenshot string `json:"screenshot"`
	// Page is the page of the sign-in host at which it stopped; empty where it was none.
	Page string `json:"page,omitempty"`
}

// Configuration is the chain role setting -> context -> policies -> this admin, as Graph
// answered it: what Diagnose reads.
type Configuration struct {
	Contexts []Context `json:"contexts"`
	// Policies are all policies that name the context of the role setting, whatever their state.
	Policies []Policy `json:"policies"`
	// Beside are policies that are on, target applications and ask every time or demand a device: they
	// can be in the way of a proof.
	Beside []Policy `json:"beside,omitempty"`
	// AdminGroups are the ids of the groups that the admin is in, nested too.
	AdminGroups []string `json:"admin_groups"`
	// AdminRoles are the template ids of the roles that are active for the admin.
	AdminRoles []string `json:"admin_roles"`
	// Principals are the principals that may activate the role, groups resolved, nested too.
	Principals []Principal `json:"principals"`
	// Groups are the groups that Policies name.
	Groups []Group `json:"groups,omitempty"`
	// Names are display names of named locations, directory roles and authentication strengths that
	// Policies and Beside name.
	Names []Named `json:"names,omitempty"`
	// OtherPaths are other ways to the same role that need no context.
	OtherPaths []OtherPath `json:"other_paths"`
	// Digest is the SHA-256 of the canonical JSON of the objects read, in hexadecimal.
	Digest string `json:"digest"`
}

// Context is an authentication context.
type Context struct {
	ID        string `json:"id"`        // claim value, c1 to c99
	Name      string `json:"name"`      // display name
	Published bool   `json:"published"` // whether applications may use it; unpublished, no token ever holds it
}

// Policy is a Conditional Access policy, as far as it decides about a step-up.
type Policy struct {
	ID    string `json:"id"`    // object id
	Name  string `json:"name"`  // display name
	State string `json:"state"` // enabled, disabled, enabledForReportingButNotEnforced

	Contexts      []string `json:"contexts"`               // authentication contexts that it is on
	Applications  []string `json:"applications,omitempty"` // application ids, All, MicrosoftAdminPortals, …
	IncludeUsers  []string `json:"include_users"`          // object ids, All or GuestsOrExternalUsers
	ExcludeUsers  []string `json:"exclude_users"`          // object ids or GuestsOrExternalUsers; excluding goes before including
	IncludeGroups []string `json:"include_groups"`         // object ids
	ExcludeGroups []string `json:"exclude_groups"`         // object ids
	IncludeRoles  []string `json:"include_roles"`          // template ids of directory roles
	ExcludeRoles  []string `json:"exclude_roles"`          // template ids of directory roles

	ClientAppTypes   []string `json:"client_app_types"`  // all, browser, mobileAppsAndDesktopClients, …; of others it asks nothing
	IncludePlatforms []string `json:"include_platforms"` // empty: any platform
	ExcludePlatforms []string `json:"exclude_platforms"` // on these it asks nothing
	IncludeLocations []string `json:"include_locations"` // ids of named locations, All or AllTrusted; empty: anywhere
	ExcludeLocations []string `json:"exclude_locations"` // from these it asks nothing
	DeviceFilter     string   `json:"device_filter"`     // rule that a device has to meet, include or exclude before it; empty: any device
	UserRisk         []string `json:"user_risk"`         // levels of user risk at which it asks; empty: at any
	SignInRisk       []string `json:"sign_in_risk"`      // levels of sign-in risk at which it asks; empty: at any

	GrantOperator string   `json:"grant_operator"` // AND, OR or empty
	Grants        []string `json:"grants"`         // mfa, block, compliantDevice, …
	Strength      string   `json:"strength"`       // id of an authentication strength

	Frequency *Frequency `json:"frequency"`
}

// Frequency is the sign-in frequency session control of a policy.
type Frequency struct {
	Enabled            bool   `json:"enabled"`             // whether the control is on
	Interval           string `json:"interval"`            // everyTime or timeBased
	Type               string `json:"type"`                // hours or days
	Value              int    `json:"value"`               // 0 with everyTime
	AuthenticationType string `json:"authentication_type"` // primaryAndSecondaryAuthentication or secondaryAuthentication
}

// Principal is a user who may activate the role.
type Principal struct {
	ID     string   `json:"id"`     // object id of the user
	Name   string   `json:"name"`   // user principal name or display name, for people
	Via    string   `json:"via"`    // "direct" or the id of the eligible group
	Scope  string   `json:"scope"`  // directory scope at which it may activate the role
	Groups []string `json:"groups"` // ids of the groups that the principal is in, nested too
	Roles  []string `json:"roles"`  // template ids of active roles
}

// Group is a group that a policy includes or excludes.
type Group struct {
	ID   string `json:"id"`   // object id
	Name string `json:"name"` // empty when there is no such group any more
	// Users is how many accounts are in it, those of nested groups too.
	Users int `json:"users"`
	// AdminDirect is true when the admin is in it directly, not only through a group nested in it.
	AdminDirect bool `json:"admin_direct"`
	// AdminPath are the groups nested in it by which the admin is in it otherwise, the outermost first;
	// the admin is directly in the last one.
	AdminPath []Named `json:"admin_path,omitempty"`
}

// Named is the display name of an object.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Compare orders by id.
func (n Named) Compare(other Named) int { return strings.Compare(n.ID, other.ID) }

// String is the object for people: its name and its id.
func (n Named) String() string { return fmt.Sprintf("%q (%s)", n.Name, n.ID) }

// OtherPath is another way for the admin to the same power.
type OtherPath struct {
	Object string `json:"object"` // Graph path of the assignment, eligibility or ownership
	Text   string `json:"text"`   // what it gives, in one sentence
}
