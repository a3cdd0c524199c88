package login

import (
	"encoding/json"
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// config is the page's $Config, by the fields of the real pages (observed). A client may
// recognise a page by pgid and read errors from sErrorCode, sErrTxt and
// strServiceExceptionMessage.
func (v *view) config() map[string]any {
	print := fingerprints[v.Kind]
	c := map[string]any{
		"pgid": print.ID, "hpgid": print.Page, "hpgact": print.Action, "scid": print.Scenario,
		"sFT": v.Flow, "sFTName": "flowToken", "sCtx": v.Context, "canary": v.Canary, "apiCanary": v.API,
		"correlationId": v.Trace.CorrelationID, "sessionId": v.Trace.ID, "mkt": v.Lang, "country": "ZZ",
		"urlPost": v.Post(), "urlPostAad": v.LoginURL(), "urlPostMsa": "https://login.live.com/ppsecure/post.srf", "oPostParams": map[string]any{},
		"urlLogin": v.back("/reprocess"), "urlCancel": v.back("/reprocess"), "urlRefresh": v.back("/reprocess"),
		"urlResume": v.ResumeURL(), "urlSessionState": "https://" + v.Host + "/common/DeviceCodeStatus",
		"urlGetOneTimeCode":    "https://" + v.Host + "/common/GetOneTimeCode", // observed: the address; no account here has a code by mail or text
		"urlGetCredentialType": "https://" + v.Host + v.address("/GetCredentialType"),
		"urlBeginAuth":         "https://" + v.Host + v.address("/SAS/BeginAuth"), "urlEndAuth": "https://" + v.Host + v.address("/SAS/EndAuth"),
		"arrValErrs": []string{}, "sErrorCode": v.errorCode(), "sErrTxt": "", "iErrorCode": 0,
		"strServiceExceptionMessage": nil, "strMainMessage": nil,
		"fAccessPassSupported": true, "fIsFidoSupported": true, "fIsPasskeySupportEnabled": true, "iAllowedIdentities": 2,
		"iSAOtcLength": 6, "iTotpOtcLength": 6, "iRememberMfaDuration": 14,
		"sTrustedDeviceCheckboxName": "rememberMFA", "sAuthMethodInputFieldName": "mfaAuthMethod",
	}
	v.addError(c)
	v.addCredentials(c)
	return c
}

func (v *view) addError(c map[string]any) {
	if v.Error == nil {
		return
	}
	c["sErrTxt"], c["iErrorCode"] = v.ErrorText, v.Error.Number
	switch {
	case v.Kind == pageProofUp && v.SkipDays > 0: // nothing has failed yet
	case slices.Contains([]pageKind{pageError, pageBlocked, pageProofUp, pageAdminConsent}, v.Kind):
		c["strServiceExceptionMessage"] = v.Error.describe(v.Trace)
		c["strMainMessage"] = v.ErrorText
	}
}

// errorCode is "50058" on the very first page, with no error shown (observed).
func (v *view) errorCode() string {
	switch {
	case v.Error != nil && v.Error.PageCode != "":
		return v.Error.PageCode
	case v.Error != nil:
		return strconv.Itoa(v.Error.Number)
	case v.Kind == pageUserName:
		return strconv.Itoa(noSession)
	}
	return ""
}

func (v *view) addCredentials(c map[string]any) {
	if v.Account != "" {
		c["sPOST_Username"] = v.Account
		c["oGetCredTypeResult"] = v.credentialType()
	}
	if v.Challenge != "" {
		c["urlFidoLogin"] = v.FidoURL()
		c["sFidoChallenge"], c["arrFidoAllowList"], c["sCrossDomainCanary"] = v.Challenge, v.Allow, v.Cross
	}
	if v.Kind == pageCode || v.Kind == pagePush || v.Kind == pageMethods {
		c["arrUserProofs"] = v.proofs()
		c["oPerAuthPollingInterval"] = map[string]float64{proofNames[store.MethodPush]: pollSeconds}
		c["iMaxPollAttempts"], c["iPollingInterval"] = int(pushLife.Seconds()/pollSeconds), 1
	}
	switch {
	case v.Kind == pageProofUp && v.SkipDays > 0:
		c["urlSkipMfaRegistration"], c["iRemainingDaysToSkipMfaRegistration"] = v.SkipURL(), v.SkipDays
	case v.Kind == pageChangePassword:
		c["urlAsyncSsprBegin"], c["urlAsyncSsprPoll"] = "https://"+v.Host+v.address("/SSPR/Begin"), "https://"+v.Host+v.address("/SSPR/Poll")
	}
	if len(v.Tiles) > 0 {
		sessions := []map[string]any{}
		for _, t := range v.Tiles {
			sessions = append(sessions, map[string]any{"id": t.ID, "name": t.Account, "fullName": t.Name, "isSignedIn": true})
		}
		c["arrSessions"] = sessions
	}
}

// pollSeconds is how many seconds the page lets pass before it asks again whether the
// notification was answered (the real pages: one).
const pollSeconds = 0.2

func (v *view) credentialType() map[string]any {
	return map[string]any{
		"IfExistsResult": 0, "ThrottleStatus": 0, "FlowToken": v.Flow,
		"Credentials": map[string]any{
			"PrefCredential": 1, "HasPassword": v.HasWord, "HasFido": v.HasKey, "HasAccessPass": v.HasPass,
			"HasRemoteNGC": false, "FidoParams": map[string]any{"AllowList": v.Allow}, "RemoteNgcParams": nil, "FederationRedirectUrl": "",
		},
	}
}

func (v *view) proofs() []map[string]any {
	proofs := []map[string]any{}
	for _, c := range v.Choices {
		proofs = append(proofs, map[string]any{
			"authMethodId": c.Value, "data": c.Value, "display": "", "isDefault": c.Default, "isLocationAware": false,
		})
	}
	return proofs
}

// Config is the script that sets $Config, framed as on the real pages (observed). JSON
// escapes <, > and & by default, so that no text can end the script.
func (v *view) Config() (template.JS, error) {
	text, err := json.Marshal(v.config())
	return template.JS("//<![CDATA[\n$Config=" + string(text) + ";\n//]]>"), err //nolint:gosec // see above
}

func (v *view) address(path string) string { return "/" + v.Segment + path }

// back is an address that finds the sign-in by its context.
func (v *view) back(path string) string {
	return v.address(path) + "?" + url.Values{"ctx": {v.Context}}.Encode()
}

// ResumeURL leads back to the page that the sign-in stands at.
func (v *view) ResumeURL() string { return "https://" + v.Host + v.back("/resume") }

// SkipURL puts the registration off (observed parameters).
func (v *view) SkipURL() string {
	return v.ResumeURL() + "&" + url.Values{"flowtoken": {v.Flow}, "skipmfaregistration": {"1"}}.Encode()
}

// registrationURL is where a second factor is registered (observed). It is a host of its
// own, which the embedded tenant does not have: whoever goes there is refused, and recorded.
const registrationURL = "https://mysignins.microsoft.com/api/post/registerMfaMethods"

// Post is where the page's form goes.
func (v *view) Post() string {
	base := "https://" + v.Host
	switch v.Kind {
	case pageCode, pagePush:
		return base + v.address("/SAS/ProcessAuth")
	case pageStay:
		return base + "/kmsi"
	case pageConsent, pageAdminConsent:
		return base + v.address("/Consent/Set")
	case pageConfirm:
		return base + "/appverify"
	case pageChangePassword:
		return base + v.address("/SSPR/End")
	case pageProofUp:
		return registrationURL
	case pageDeviceCode:
		return base + v.address("/oauth2/deviceauth")
	}
	return base + v.address("/login")
}

// FidoURL is where the ceremony of a passkey runs.
func (v *view) FidoURL() string { return "https://" + v.Fido + v.address("/fido/get?uiflavor=Web") }

// LoginURL is where views of the sign-in page are switched.
func (v *view) LoginURL() string { return "https://" + v.Host + v.address("/login") }
