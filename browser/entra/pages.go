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
}

func (s snapshot) shows(name string) bool {
	_, ok := s.Shown[name]
	return ok
}

func (s snapshot) enabled(name string) bool { return s.Shown[name] }

func (s snapshot) has(name string) bool { return slices.Contains(s.Present, name) }

// page is a row of the table: how to recognise a page and what it asks for.
type page struct {
	name string
	// factor that it asks for; empty when it is no prompt for a credential.
	factor string
	// field that has to be enabled before the page stands still; empty when there is none.
	field string
	// is recognises the page.
	is func(s snapshot) bool
}

// pages in the order in which they are tried; the first match wins. pgid values are observed,
// but for those that a comment calls inferred.
var pages = []page{
	{PageBlocked, "", "", func(s snapshot) bool { return s.Exception != "" && blockedBy(s.Exception) }},
	{PageError, "", "", func(s snapshot) bool { return s.Exception != "" && s.PGID != "ConvergedProofUpRedirect" }},
	{PageChangePassword, "", "", func(s snapshot) bool { return s.PGID == "ConvergedChangePassword" }},
	{PageProofUp, "", "", func(s snapshot) bool { return s.PGID == "ConvergedProofUpRedirect" }},
	{PageConsent, "", "", func(s snapshot) bool { return s.PGID == "ConvergedConsent" }},
	{PageConfirm, "", "next", func(s snapshot) bool { return s.PGID == "CmsiInterrupt" && s.shows("next") }},
	{PageStaySignedIn, "", "next", func(s snapshot) bool {
		return (s.PGID == "KmsiInterrupt" || s.shows("stay")) && s.shows("next")
	}},
	{PageOneTimeCode, FactorTOTP, "code", func(s snapshot) bool { return s.shows("code") }},
	{PageTemporaryAccessPass, FactorTemporaryAccessPass, "pass", func(s snapshot) bool { return s.shows("pass") }},
	{PagePassword, FactorPassword, "password", func(s snapshot) bool { return s.shows("password") }},
	{PageUserName, "", "user", func(s snapshot) bool { return s.shows("user") }},
	{PageAccountPicker, "", "", func(s snapshot) bool { return s.shows("tiles") }},
	{PagePush, FactorPush, "", func(s snapshot) bool { return s.shows("push") }},
	{PageMethods, "", "", func(s snapshot) bool { return s.shows("methods") }},
	// The ceremony runs on another host (observed); the pgid is inferred.
	{PagePasskey, FactorPasskey, "", func(s snapshot) bool {
		return strings.HasPrefix(s.PGID, "ConvergedFido") || strings.HasSuffix(s.Path, "/fido/get")
	}},
	{PagePasskeyOffer, "", "next", func(s snapshot) bool {
		return s.PGID == "ConvergedSignIn" && s.has("fido") && s.shows("next")
	}},
	{PageSignedOut, "", "", func(s snapshot) bool { return s.PGID == "ConvergedSignOut" }},
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
