package store

import (
	"encoding/json"
	"time"
)

// Method is an authentication method by the name that authentication strengths use.
type Method string

// Authentication methods that the sign-in pages offer.
const (
	MethodPassword Method = "password"
	MethodTOTP     Method = "softwareOath"
	MethodPush     Method = "microsoftAuthenticatorPush"
	MethodPasskey  Method = "fido2"
	MethodTAPOnce  Method = "temporaryAccessPassOneTime"
	MethodTAPMulti Method = "temporaryAccessPassMultiUse"
)

// Factor is one authentication that really happened: a credential was sent and accepted.
type Factor struct {
	Method    Method
	At        time.Time
	Primary   bool // answered the question "who are you"
	Secondary bool // answered a demand for a second factor; a passkey or a pass is both
}

// Session is a signed-in account in one browser. It survives as long as the cookie does:
// for the browser's life, or across it when the user said "stay signed in".
type Session struct {
	ID         string // claim sid: "generated when a new session is established" (documented)
	Handle     string // secret that the session cookies carry
	UserID     string
	CreatedAt  time.Time
	LastUsedAt time.Time
	Persistent bool      // stay signed in
	KMSIAsked  bool      // the question was answered, either way
	KMSINever  bool      // "don't show this again" was ticked with the answer
	Factors    []Factor  // in the order in which they happened: the method history
	PIMStepUp  time.Time // last step-up made for an authentication context: PIM's window when keyed on the session
	SignedOut  bool
	UserAgent  string
}

// PrimaryAt is the instant of the last primary factor: the claim auth_time. Observed:
// auth_time is the instant of the password, not of the second factor.
func (s *Session) PrimaryAt() time.Time {
	return s.last(func(f Factor) bool { return f.Primary })
}

// SecondaryAt is the instant of the last second factor; zero when there was none.
func (s *Session) SecondaryAt() time.Time {
	return s.last(func(f Factor) bool { return f.Secondary })
}

func (s *Session) last(match func(Factor) bool) time.Time {
	var at time.Time
	for _, f := range s.Factors {
		if match(f) && f.At.After(at) {
			at = f.At
		}
	}
	return at
}

// Grant is what a sign-in ended with: who, for whom, and on which evidence. Codes, refresh
// tokens and access tokens carry it on.
type Grant struct {
	ClientID  string
	UserID    string   // empty: the application itself
	Session   string   // handle of the browser session; empty for device code and applications
	SessionID string   // claim sid
	Resource  string   // [ResourceGraph], [ResourcePIM] or a client id
	Scopes    []string // as asked, with openid, profile, offline_access
	Nonce     string   // of the authorize request
	Contexts  []string // authentication contexts satisfied on demand
	CP1       bool     // the client said that it understands claims challenges
	Factors   []Factor // method history at the time of the grant
	AuthTime  time.Time
	StepUpAt  time.Time // instant at which the asked context was satisfied; zero: none asked
	TokenID   string    // claim uti of the tokens that the first redemption gives, and of its sign-in row
	ACRS      []string  // contexts to emit: satisfied on demand, and the unprotected ones
	Persisted bool      // the session stays signed in
	V1        bool      // asked at the v1.0 endpoint
	IDACRS    bool      // the ID token was asked to carry acrs
	SPAUntil  time.Time // end of what a single-page application can refresh; zero: the client is none
	Client    string    // client app type as Conditional Access saw it
	UserAgent string
}

// AuthCode is an authorization code. It is good once and for about ten minutes (documented).
type AuthCode struct {
	Code        string
	Grant       Grant
	RedirectURI string
	Challenge   string // PKCE, S256; empty: none
	IssuedAt    time.Time
	Redeemed    bool
}

// RefreshToken continues a grant without the user.
type RefreshToken struct {
	Token     string
	Grant     Grant
	IssuedAt  time.Time
	RevokedAt time.Time
}

// DeviceCode is a sign-in that one device asked for and another completes.
type DeviceCode struct {
	Code     string // device_code
	UserCode string // what the user types
	Request  AuthorizeRequest
	IssuedAt time.Time
	Grant    *Grant // nil until the user has signed in
	Declined bool
	Redeemed bool
}

// IssuedToken is what the tenant remembers of an access token, by its uti.
type IssuedToken struct {
	ID        string // claim uti
	Grant     Grant
	Audience  string
	ACRS      []string // claim acrs as emitted, asked or not
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// AuthorizeRequest is an authorize request after parsing.
type AuthorizeRequest struct {
	TenantSegment   string // as asked: id, domain, "common", "organizations"
	Host            string // login host as asked
	V1              bool   // the v1.0 endpoint
	ClientID        string
	RedirectURI     string
	ResponseType    string
	ResponseMode    string
	Resource        string
	Scopes          []string
	State           string
	Nonce           string
	Challenge       string
	Prompt          string
	MaxAge          *time.Duration
	LoginHint       string
	SessionHint     string // sid
	DomainHint      string
	Claims          json.RawMessage // as sent
	Contexts        []string        // acrs values asked, from access_token or id_token
	CP1             bool
	MFAAsked        bool // amr_values=ngcmfa or claims amr mfa
	IDACRS          bool // acrs asked in the ID token
	WantsClientInfo bool // client_info=1
	UserAgent       string
	CorrelationID   string
	DeviceCode      string // set when the sign-in completes a device code
}

// Flow is a sign-in under way: what was asked, and how far it got. Its key is the flow
// token that each page sends back.
type Flow struct {
	Token       string
	Context     string // what the pages carry as sCtx
	Secret      string // key of the canaries that the pages carry; it never leaves the tenant
	Pages       int    // pages shown so far
	Page        string // the page that was shown last
	Request     AuthorizeRequest
	UserID      string   // known once the name was accepted
	NotUser     string   // a name that was typed and is unknown here
	Browser     []string // handles of the sessions that the browser brought along
	Session     string   // handle of the session that the flow goes on from; empty: none yet
	StartedAt   time.Time
	Done        []Factor // factors completed in this flow
	Invented    []Factor // factors that nobody gave, see [StepsUpUnaskedFresh]
	Picked      bool     // the account was chosen in this flow
	Primary     Method   // first factor that the user switched to; empty: the default
	Secondary   Method   // second factor that the user switched to; empty: the default
	ListMethods bool     // the user asked for another way
	Challenge   string   // of the passkey ceremony: ASCII text of the page's sFidoChallenge
	PushID      string
	CodeSent    bool         // EndAuth took a code of the authenticator, and ProcessAuth has not come yet
	PushLate    bool         // the last notification was not answered in time
	Stay        bool         // answer to "stay signed in?"
	StayAsked   bool         // the question was answered
	StayNever   bool         // "don't show this again" was ticked
	Postponed   bool         // the registration of a second factor was put off
	NewPassword bool         // the password was changed in this flow
	Consented   bool         // the consent page was accepted
	Confirmed   bool         // the device code's confirmation was accepted
	Interactive bool         // a page that wants an act was shown
	Interrupts  map[int]bool // interruptions that the sign-in log has already
}
