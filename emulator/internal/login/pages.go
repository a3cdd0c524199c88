package login

import (
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// pageKind is a page of the sign-in.
type pageKind string

// Pages. Several share the pgid of the real service, as they do there.
const (
	pageUserName     pageKind = "username"
	pagePicker       pageKind = "picker"
	pagePassword     pageKind = "password"
	pageAccessPass   pageKind = "accesspass"
	pageFirstFactors pageKind = "firstfactors"
	pagePasskeyStart pageKind = "passkeystart"
	pagePasskey      pageKind = "passkey"
	pageCode         pageKind = "code"
	pagePush         pageKind = "push"
	pageMethods      pageKind = "methods"
	pageStay         pageKind = "stay"
	pageConsent      pageKind = "consent"
	pageConfirm      pageKind = "confirm"
	pageProofUp      pageKind = "proofup"
	pageAdminConsent pageKind = "adminconsent"

	pageChangePassword pageKind = "changepassword"

	pageBlocked    pageKind = "blocked"
	pageError      pageKind = "error"
	pageMessage    pageKind = "message"
	pageDeviceCode pageKind = "devicecode"
	pageSignOut    pageKind = "signout"
	pageFormPost   pageKind = "formpost"
)

// fingerprint is how a page tells what it is in $Config.
type fingerprint struct {
	ID       string // pgid
	Page     int    // hpgid
	Action   int    // hpgact
	Scenario int    // scid
}

// fingerprints: ConvergedSignIn, ConvergedTFA, KmsiInterrupt, ConvergedProofUpRedirect,
// ConvergedChangePassword, ConvergedConsent and CmsiInterrupt are observed, with their numbers as far as known.
// Inferred: the names of the passkey page, the error page, the page of a blocked sign-in,
// of a message and of the device code; no public source shows them.
var fingerprints = map[pageKind]fingerprint{
	pageUserName:     {"ConvergedSignIn", 1104, 1800, 1013},
	pagePicker:       {"ConvergedSignIn", 1104, 1800, 1013},
	pagePassword:     {"ConvergedSignIn", 1104, 1800, 1013},
	pageAccessPass:   {"ConvergedSignIn", 1104, 1800, 1013},
	pageFirstFactors: {"ConvergedSignIn", 1104, 1800, 1013},
	pagePasskeyStart: {"ConvergedSignIn", 1104, 1800, 1013},
	pagePasskey:      {"ConvergedFido", 1186, 1800, 1013},
	pageCode:         {"ConvergedTFA", 1114, 2202, 1008},
	pagePush:         {"ConvergedTFA", 1114, 2202, 1008},
	pageMethods:      {"ConvergedTFA", 1114, 2202, 1008},
	pageStay:         {"KmsiInterrupt", 1115, 2005, 1008},
	pageProofUp:      {"ConvergedProofUpRedirect", 1121, 2000, 1008},
	pageAdminConsent: {"ConvergedConsent", 1116, 2006, 1008},

	pageChangePassword: {"ConvergedChangePassword", 1112, 2013, 1009},

	pageConsent:    {"ConvergedConsent", 1116, 2006, 1008},
	pageConfirm:    {"CmsiInterrupt", 1143, 2061, 1008},
	pageBlocked:    {"ConvergedConditionalAccess", 1147, 2000, 1008},
	pageError:      {"ConvergedError", 1113, 1800, 1013},
	pageMessage:    {"ConvergedSignOut", 1110, 1800, 1013},
	pageSignOut:    {"ConvergedSignOut", 1110, 1800, 1013},
	pageDeviceCode: {"ConvergedRemoteConnect", 1130, 1800, 1013},
	pageFormPost:   {"", 0, 0, 0},
}

// proofNames are the authMethodId values of the second factors (observed; the passkey's is
// the display name of the proof).
var proofNames = map[store.Method]string{
	store.MethodTOTP:    "PhoneAppOTP",
	store.MethodPush:    "PhoneAppNotification",
	store.MethodPasskey: "FidoKey",
}

// view is everything that a page shows. It holds values only: it is rendered after the
// store's lock was released.
type view struct {
	Kind      pageKind
	Lang      string
	Tenant    string // display name
	Status    int
	Error     *aadsts
	ErrorText string // of the error, in the page's language where the page has a text for it
	Flow      string
	Context   string
	Canary    string // of the page's forms
	API       string // canary of the page's scripts
	Cross     string // canary of the post back from the passkey's origin
	Account   string // user principal name
	Prefill   string
	App       string
	Tiles     []tile
	Choices   []choice
	HasPass   bool // a Temporary Access Pass is usable
	HasWord   bool // there is a password
	HasKey    bool // there is a passkey
	More      bool // there is another way
	Alone     bool // the form sends itself, see [store.PageGoesOn]
	Second    bool // something was given already: a passkey would be the second factor
	SkipDays  int  // how long registering a second factor can still be put off; 0: it cannot
	PushLate  bool // the notification was not answered in time
	Challenge string
	Allow     []string // credential ids in base64url
	Host      string
	Fido      string
	Segment   string // tenant segment of page addresses
	Trace     trace
	Scopes    []string
	Message   string // key of the text of a message page
	Links     []string
	Target    string // of a form that posts by itself
	Fields    []field
	Variant   uint64
	Nonce     string // of the content security policy
}

// tile is an account of the picker.
type tile struct{ ID, Name, Account, State string }

// choice is a method of a list.
type choice struct {
	Value, Text string
	Default     bool
}

// field is a hidden field of a form.
type field struct{ Name, Value string }
