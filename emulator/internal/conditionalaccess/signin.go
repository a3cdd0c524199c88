package conditionalaccess

import "time"

// SignIn is one evaluation: an authorize request, a token redemption or a
// refresh, with all that the policies may look at.
type SignIn struct {
	// UserID is the object id of the user.
	UserID string
	// GroupIDs are the groups that the user is a member of, nested ones included.
	GroupIDs []string
	// RoleIDs are the template ids of the directory roles active now at tenant scope.
	RoleIDs []string
	// Guest is "" for a member, else a value of guestOrExternalUserTypes.
	Guest string
	// HomeTenantID is the guest's home tenant.
	HomeTenantID string
	// ClientAppID is the application that asks.
	ClientAppID string
	// ResourceIDs are the application ids of what is asked for. Names of suites
	// ("Office365") follow from the ids.
	ResourceIDs []string
	// Contexts are the authentication contexts asked for, such as "c1".
	Contexts []string
	// UserAction is a value of includeUserActions, "" for an ordinary sign-in.
	UserAction string
	// ClientAppType is browser, mobileAppsAndDesktopClients, exchangeActiveSync or other.
	ClientAppType string
	// TransferMethod is deviceCodeFlow, authenticationTransfer or "".
	TransferMethod string
	// Platform is windows, macOS, linux, iOS, android, windowsPhone or "" when unknown.
	Platform string
	// LocationIDs are the named locations that the address lies in.
	LocationIDs []string
	// LocationTrusted says that one of them is marked as trusted.
	LocationTrusted bool
	Device          Device
	// UserRisk, SignInRisk are none, low, medium or high; "" means none.
	UserRisk, SignInRisk string
	// InsiderRisk is minor, moderate, elevated or "".
	InsiderRisk string
	// Now is the instant of the evaluation by the tenant's clock.
	Now time.Time
	// Started is when this sign-in began. A factor given at or after it was given
	// in this sign-in, which the log calls "required"; zero means that nothing was
	// asked in this sign-in, as in a silent one.
	Started time.Time
	Session SessionState
	Windows Windows
	// SecondaryMeansBoth: sign-in frequency for the secondary factor asks for both factors
	// anew. The documents name the value and not what it asks for.
	SecondaryMeansBoth bool
}

// SessionState is what the session of the browser, or of the refresh token, remembers.
type SessionState struct {
	// Primary is the latest first factor; a passkey is both first and second.
	Primary Factor
	// Secondary is the latest second factor.
	Secondary Factor
	// Done holds every method ever used in the session with its latest instant.
	// Primary and Secondary count even if they are missing here.
	Done []Factor
	// StepUpAt is the instant of the last re-authentication that PIM accepted for
	// an activation; zero when there was none.
	StepUpAt time.Time
}

// Factor is a method and when it was used.
type Factor struct {
	Method Method
	At     time.Time
}

func (s SessionState) factors() []Factor {
	all := append([]Factor(nil), s.Done...)
	for _, f := range []Factor{s.Primary, s.Secondary} {
		if f.Method != "" {
			all = append(all, f)
		}
	}
	return all
}

// before is the session as it was before the instant.
func (s SessionState) before(t time.Time) SessionState {
	var out SessionState
	for _, f := range s.factors() {
		if f.At.Before(t) {
			out.Done = append(out.Done, f)
		}
	}
	if s.StepUpAt.Before(t) {
		out.StepUpAt = s.StepUpAt
	}
	return out
}

// Device is what the sign-in tells of the device; the zero value is an unknown one.
type Device struct {
	ID string
	// Compliant is Intune's word, HybridJoined the directory's.
	Compliant, HybridJoined bool
	// Attributes are further device properties for filters, by their names in a
	// rule without "device.", such as extensionAttribute1 or operatingSystem.
	Attributes map[string]string
}

// WindowRule says how the allowance of Conditional Access and PIM's window
// combine for a context; the documents do not say it.
type WindowRule string

const (
	// WindowsBoth: five minutes after any authentication, ten after a step-up that
	// served for an activation. The empty value means this.
	WindowsBoth WindowRule = "both"
	// WindowsConditionalAccess: only the five minutes count.
	WindowsConditionalAccess WindowRule = "conditional-access"
	// WindowsPIM: for a context, ten minutes after any authentication.
	WindowsPIM WindowRule = "pim"
)

const (
	// EveryTimeAllowance is the clock skew that "every time" allows (documented).
	EveryTimeAllowance = 5 * time.Minute
	// PIMWindow is how long a re-authentication for one activation serves for
	// others (documented, role settings pages of 2026-04).
	PIMWindow = 10 * time.Minute
)

// Windows are the two windows; zero durations mean the documented ones.
type Windows struct {
	Rule      WindowRule
	EveryTime time.Duration
	PIM       time.Duration
}

func (w Windows) everyTime() time.Duration {
	if w.EveryTime == 0 {
		return EveryTimeAllowance
	}
	return w.EveryTime
}

func (w Windows) pim() time.Duration {
	if w.PIM == 0 {
		return PIMWindow
	}
	return w.PIM
}
