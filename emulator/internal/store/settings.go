package store

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Settings switch what nobody has documented: each is an inference that a real tenant could
// prove wrong, and a harness must hold under either value.
type Settings struct {
	// CP1Required: PIM honours an authentication context only from a client that says it
	// understands claims challenges (xms_cc has cp1). Observed by two clients; default true.
	CP1Required bool `json:"cp1_required"`
	// UnaskedContexts: an access token carries every published context that no enabled
	// policy targets, unasked. Observed; default true.
	UnaskedContexts bool `json:"unasked_contexts"`
	// Windows says how Conditional Access's five minutes and PIM's ten combine. Both are
	// documented, how they combine is not: inferred, default [WindowsBoth].
	Windows Windows `json:"windows"`
	// WindowsKeyedOn says what PIM's window belongs to. Inferred from "when a user
	// reauthenticates"; default [KeyedOnUser].
	WindowsKeyedOn string `json:"windows_keyed_on"`
	// ReplaySteppedUp: a token that stepped up once may activate again while it lives.
	// Inferred from acrs living as long as the token; default true.
	ReplaySteppedUp bool `json:"replay_stepped_up"`
	// RefreshStepsUp: a refresh that asks for a context gets it although sign-in frequency is
	// due, as long as the session has what the policies want beyond freshness. Inferred, as
	// is its opposite; default false.
	RefreshStepsUp bool `json:"refresh_steps_up"`
	// RefreshKeepsContexts: the tokens of a refresh hold the contexts of the sign-in before it,
	// asked for or not. Nobody has published either; default false, as xms_cc is lost
	// (observed), which makes that the likelier inference.
	RefreshKeepsContexts bool `json:"refresh_keeps_contexts"`
	// SecondaryAsks is what sign-in frequency for the secondary factor asks for anew:
	// "second-factor" or "both". Inferred from the name of the value, as no document gives the
	// sequence of prompts; default "second-factor".
	SecondaryAsks string `json:"secondary_asks"`
	// ValidationOnlyChecksContext: a validation-only request is refused without the context
	// as a real one is. Unknown; default true.
	ValidationOnlyChecksContext bool `json:"validation_only_checks_context"`
	// PortalAPI is what the portal's page calls: "graph" or "mspim". Observed until 2026 was
	// the second; default "graph", which is documented for everybody else.
	PortalAPI string `json:"portal_api"`
	// PortalStepUp is how the portal's page steps up: "redirect" or "popup". Documented is
	// that "the user is then redirected"; default "redirect".
	PortalStepUp string `json:"portal_step_up"`
	// PortalSurvey: the portal lays a survey over its page each time it is loaded, as it now and then
	// does. Inferred, its wording and form included; default false, so that tests see the page.
	PortalSurvey bool `json:"portal_survey"`
	// PortalBubble: a teaching bubble lies over the first control of the list of roles whenever it is
	// loaded, not modal. Inferred like the survey; default false.
	PortalBubble bool `json:"portal_bubble"`
	// CAE: Graph answers tokens of cp1 clients that are older than a change of policy or
	// role with a 401 claims challenge. Observed; default false, because nobody has
	// published after which changes exactly.
	CAE bool `json:"cae"`
	// PortalMFA: the portal's own clients are given to nobody without a second factor, whatever
	// the policies say. Documented of the admin portals since October 2024; default false,
	// because a tenant is rolled into it by phases, and its own policies are then what is left
	// to ask.
	PortalMFA bool `json:"portal_mfa"`
	// ConditionalAccessLimit: Graph takes one request per second for Conditional Access and
	// Identity Protection, of all applications together, and answers the others 429 without
	// Retry-After (documented). It names the clock that counts the second: "tenant", which
	// moving the tenant's clock moves too, or "machine". Default "", no limit, so that tests
	// do not wait.
	ConditionalAccessLimit string `json:"conditional_access_limit"`
	// MFARegistrationDays: a registration policy asks every user without a second factor to
	// register one, and lets them put it off for so many days. Documented with 14 for Identity
	// Protection's policy; default 0, no such policy.
	MFARegistrationDays int `json:"mfa_registration_days"`
	// Misbehaviour is a defect that Entra does not have; empty, the default, is none.
	Misbehaviour Misbehaviour `json:"misbehaviour"`
}

// Windows names the re-use windows that suppress a prompt.
type Windows string

// Values of [Settings.Windows]: which window suppresses the prompt of "every time".
const (
	WindowsBoth Windows = "both"               // five minutes for anything, ten after a step-up for PIM
	WindowsCA   Windows = "conditional-access" // five minutes only
	WindowsPIM  Windows = "pim"                // ten minutes after any re-authentication
)

// Values of [Settings.SecondaryAsks].
const (
	SecondaryAsksSecond = "second-factor"
	SecondaryAsksBoth   = "both"
)

// Values of [Settings.WindowsKeyedOn].
const (
	KeyedOnUser    = "user"
	KeyedOnSession = "session"
)

// DefaultSettings are the settings of a new tenant.
func DefaultSettings() Settings {
	return Settings{
		CP1Required: true, UnaskedContexts: true, Windows: WindowsBoth, WindowsKeyedOn: KeyedOnUser,
		ReplaySteppedUp: true, SecondaryAsks: SecondaryAsksSecond, ValidationOnlyChecksContext: true, PortalAPI: "graph", PortalStepUp: "redirect",
	}
}

// LagKind is a kind of write that can be made to take effect late.
type LagKind string

// Kinds of lag, by the key of the control listener.
const (
	LagPolicy      LagKind = "policy"
	LagContext     LagKind = "context"
	LagRoleSetting LagKind = "role_setting"
	LagAssignment  LagKind = "assignment"
	LagSignInLog   LagKind = "sign_in_log"
	LagAuditLog    LagKind = "audit_log"
)

// LagKinds lists every kind.
func LagKinds() []LagKind {
	return []LagKind{LagPolicy, LagContext, LagRoleSetting, LagAssignment, LagSignInLog, LagAuditLog}
}

// EffectiveAt is when a write of that kind takes effect that is made now.
func (t *Tenant) EffectiveAt(kind LagKind) time.Time { return t.Now().Add(t.Lag[kind]) }

// LagOf is the lag of a kind; zero unless the control listener set one.
func (t *Tenant) LagOf(kind LagKind) time.Duration { return t.Lag[kind] }

// Validate names the first setting that has a value which nobody knows.
func (s Settings) Validate() error {
	for _, check := range []struct {
		name, value string
		known       []string
	}{
		{"windows", string(s.Windows), []string{string(WindowsBoth), string(WindowsCA), string(WindowsPIM)}},
		{"windows_keyed_on", s.WindowsKeyedOn, []string{KeyedOnUser, KeyedOnSession}},
		{"secondary_asks", s.SecondaryAsks, []string{SecondaryAsksSecond, SecondaryAsksBoth}},
		{"portal_api", s.PortalAPI, []string{"graph", "mspim"}},
		{"portal_step_up", s.PortalStepUp, []string{"redirect", "popup"}},
		{"conditional_access_limit", s.ConditionalAccessLimit, []string{"", "tenant", "machine"}},
	} {
		if !slices.Contains(check.known, check.value) {
			return fmt.Errorf("setting %s: %q is none of %s", check.name, check.value, strings.Trim(strings.Join(check.known, ", "), ", "))
		}
	}
	if s.MFARegistrationDays < 0 {
		return fmt.Errorf("setting mfa_registration_days: %d is negative; 0 means no such policy", s.MFARegistrationDays)
	}
	return s.Misbehaviour.validate()
}
