package entra

import (
	"slices"
	"strings"
)

// Factors that a page can ask for.
const (
	FactorPassword            = "password"
	FactorTOTP                = "totp"
	FactorPasskey             = "passkey"
	FactorPush                = "push"
	FactorTemporaryAccessPass = "temporary-access-pass"
)

// Names of the pages.
const (
	PageUserName            = "user-name"
	PageAccountPicker       = "account-picker"
	PagePassword            = "password"
	PageTemporaryAccessPass = "temporary-access-pass"
	PageOneTimeCode         = "one-time-code"
	PagePush                = "push"
	PageMethods             = "method-picker"
	PagePasskeyOffer        = "passkey-offer"
	PagePasskey             = "passkey"
	PageStaySignedIn        = "stay-signed-in"
	PageConfirm             = "app-confirmation"
	PageConsent             = "consent"
	PageProofUp             = "register-security-info"
	PageProofUpLater        = "register-security-info-later"
	PageNudge               = "security-nudge"
	PageTermsOfUse          = "terms-of-use"
	PageThrottled           = "throttled"
	PageChangePassword      = "change-password"
	PageBlocked             = "blocked"
	PageError               = "error"
	PageSignedOut           = "signed-out"
)

// selectors of the elements that pages are recognised by and acted on with. Observed in public
// sign-in automation unless a comment says otherwise. Several are given where pages of
// different ages differ.
var selectors = map[string]string{
	"user":     `#i0116, input[name=loginfmt]:not([type=hidden])`,
	"password": `#i0118, input[name=passwd]`,
	"pass":     `input[name=accesspass]`,
	"code":     `#idTxtBx_SAOTCC_OTC`,
	"next":     `#idSIButton9`,
	"verify":   `#idSubmit_SAOTCC_Continue, #idA_SAOTCC_Continue, #idSIButton9`,
	"no":       `#idBtn_Back`,
	"tiles":    `#tilesHolder`,
	"tile":     `#tilesHolder [data-test-id], #tilesHolder [role=listitem], #tilesHolder [role=button]`,
	"other":    `#otherTile, #otherTileText`,
	"push":     `#idDiv_SAOTCAS_Title, #idDiv_SAOTCAS_Description, #idRichContext_DisplaySign`,
	"methods":  `div[data-value]`,
	"method":   `[data-value]`,
	"another":  `#signInAnotherWay`,
	"picker":   `#idA_PWD_SwitchToCredPicker`,
	"passkey":  `#idA_PWD_SwitchToFido, [data-value=FidoKey]`,
	"stay":     `#KmsiDescription, #kmsiTitle, #KmsiCheckboxField`,
	"accept":   `#idBtn_Accept`,
	"skip":     `#skipMfaRegistrationLink, a[data-bind*=SkipMfaRegistration]`,
	"proofup":  `#idSubmit_ProofUp_Redirect`,
	"later":    `#btnAskLater, #iShowSkip`,
	"number":   `#idRichContext_DisplaySign`,
	// Inferred: no public source shows the form that leads to the passkey's own host.
	"fido": `#fidoForm, form[action*="/fido/get"]`,
}

// errorSelectors are where pages say what is wrong with what was sent.
var errorSelectors = []string{
	"#usernameError", "#passwordError", "#accessPassError", "#idSpan_SAOTCC_Error_OTC", "#passkeyError",
	"#idDiv_SAASDS_Description", "#idDiv_SAASTO_Description", "#service_exception_message",
}

// snapshot is what a page showed at one moment, as the script in recognise.go reports it.
type snapshot struct {
	PGID      string `json:"pgid"`
	ErrorCode string `json:"errorCode"` // $Config.sErrorCode
	Exception string `json:"exception"` // $Config.strServiceExceptionMessage
	Problem   string `json:"problem"`   // the text of the first visible error element
	Title     string `json:"title"`
	Host      string `json:"host"`
	Path      string `json:"path"`
	// Shown says which elements are visible, and whether they are enabled.
	Shown map[string]bool `json:"shown"`
	// Present lists elements that are in the document, visible or not.
	Present []string `json:"present"`
	// Methods are the data-value of the visible choices of a factor.
	Methods []string `json:"methods"`
	// Number is what a notification has to be matched with; empty where there is none.
	Number string `json:"number"`
	// Status is the HTTP status of the document; 0 when unknown.
	Status int `json:"-"`
}

func (s snapshot) shows(name string) bool {
	_, ok := s.Shown[name]
	return ok
}

func (s snapshot) enabled(name string) bool { return s.Shown[name] }

func (s snapshot) has(name string) bool { return slices.Contains(s.Present, name) }

// PagesVersion is the version of the table of pages: the day on which a row last changed. Errors
// and captured pages name it, so that a page that was unknown then can be told from one that is
// unknown still.
const PagesVersion = "2026-11-25"

// page is a row of the table: how to recognise a page and what it asks for. Within a field any
// value will do; all fields that are set have to agree. Texts never count: they are in the
// language of the account.
type page struct {
	name string
	// factor that it asks for; empty when it is no prompt for a credential.
	factor string
	// field that has to be enabled before the page stands still; empty when there is none.
	field string

	pgid    []string // the page's own name in $Config; one that ends in * names a family
	shown   []string // selectors of which one is visible
	also    string   // a selector that has to be visible besides
	present []string // selectors of which one is in the document, visible or not
	host    []string // hosts that serve it
	path    []string // how the path of its address ends, without case
	raised  func(s snapshot) bool
}

// pages in the order in which they are tried; the first match wins. pgid values are observed,
// but for those that a comment calls inferred.
var pages = []page{
	{name: PageThrottled, raised: func(s snapshot) bool { return throttledBy(s) }},
	{name: PageBlocked, raised: func(s snapshot) bool { return blockedBy(s.Exception) }},
	// Documented: 50055, the password has expired. Some pages say only the number.
	{name: PageChangePassword, raised: func(s snapshot) bool { return aadstsOf(s.Exception) == 50055 || s.ErrorCode == "50055" }},
	{name: PageError, raised: func(s snapshot) bool { return s.Exception != "" && s.PGID != "ConvergedProofUpRedirect" }},
	{name: PageChangePassword, pgid: []string{"ConvergedChangePassword"}},
	// Registration that may be put off, for a number of days that $Config names.
	{name: PageProofUpLater, pgid: []string{"ConvergedProofUpRedirect"}, shown: []string{"skip"}},
	{name: PageProofUp, pgid: []string{"ConvergedProofUpRedirect"}},
	{name: PageProofUp, shown: []string{"proofup"}},
	// Where the registration itself is done (observed): nothing leads back from there.
	{name: PageProofUp, host: []string{"mysignins.microsoft.com"}, path: []string{"/register"}},
	{name: PageNudge, shown: []string{"later"}},
	{name: PageTermsOfUse, path: []string{"/termsofuse"}},
	{name: PageConsent, pgid: []string{"ConvergedConsent"}},
	{name: PageConfirm, field: "next", pgid: []string{"CmsiInterrupt"}, shown: []string{"next"}},
	{name: PageStaySignedIn, field: "next", pgid: []string{"KmsiInterrupt"}, shown: []string{"next"}},
	{name: PageStaySignedIn, field: "next", shown: []string{"stay"}, also: "next"},
	{name: PageOneTimeCode, factor: FactorTOTP, field: "code", shown: []string{"code"}},
	{name: PageTemporaryAccessPass, factor: FactorTemporaryAccessPass, field: "pass", shown: []string{"pass"}},
	{name: PagePassword, factor: FactorPassword, field: "password", shown: []string{"password"}},
	{name: PageUserName, field: "user", shown: []string{"user"}},
	{name: PageAccountPicker, shown: []string{"tiles"}},
	{name: PagePush, factor: FactorPush, shown: []string{"push"}},
	{name: PageMethods, shown: []string{"methods"}},
	// The ceremony runs on another host (observed); the pgid is inferred.
	{name: PagePasskey, factor: FactorPasskey, pgid: []string{"ConvergedFido*"}},
	{name: PagePasskey, factor: FactorPasskey, path: []string{"/fido/get"}},
	{name: PagePasskeyOffer, field: "next", pgid: []string{"ConvergedSignIn"}, present: []string{"fido"}, shown: []string{"next"}},
	{name: PageSignedOut, pgid: []string{"ConvergedSignOut"}},
}

// recognise finds the page that a snapshot shows; nil when it is none of the table.
func recognise(s snapshot) *page {
	for i := range pages {
		if pages[i].is(s) {
			return &pages[i]
		}
	}
	return nil
}

// is reports whether everything that the row asks for is so.
func (p *page) is(s snapshot) bool {
	any := func(wanted []string, is func(string) bool) bool {
		return len(wanted) == 0 || slices.ContainsFunc(wanted, is)
	}
	return any(p.pgid, s.named) && any(p.shown, s.shows) && any(p.present, s.has) &&
		any(p.host, func(host string) bool { return s.Host == host }) &&
		any(p.path, func(end string) bool { return strings.HasSuffix(strings.ToLower(s.Path), end) }) &&
		(p.also == "" || s.shows(p.also)) && (p.raised == nil || p.raised(s))
}

// named reports whether the page calls itself by this pgid, or by one of this family.
func (s snapshot) named(pgid string) bool {
	family, isFamily := strings.CutSuffix(pgid, "*")
	return s.PGID == pgid || isFamily && strings.HasPrefix(s.PGID, family)
}

// stands reports whether the page is ready to be acted on.
func (p *page) stands(s snapshot) bool { return p.field == "" || s.enabled(p.field) }

// carriers say in which field of a request a factor leaves the browser (observed): a form
// field, or a member of a JSON body.
var carriers = map[string][]string{
	FactorPassword:            {"passwd"},
	FactorTOTP:                {"otc", "AdditionalAuthData"},
	FactorPasskey:             {"assertion"},
	FactorTemporaryAccessPass: {"accesspass"},
	FactorPush:                {"mfaAuthMethod"}, // leaves once the notification was approved
}

// methodValues are the data-value of a factor in a list of methods (observed for all but the
// two whose comment says so).
var methodValues = map[string][]string{
	FactorTOTP:     {"PhoneAppOTP", "SoftwareTokenOTP"}, // the second inferred
	FactorPush:     {"PhoneAppNotification"},
	FactorPasskey:  {"FidoKey"},
	FactorPassword: {"Password"}, // inferred

	FactorTemporaryAccessPass: {"AccessPass"},
}
