package login

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// emptyDecision is that of a sign-in which no policy looked at.
var emptyDecision ca.Decision

// Device codes live for a quarter of an hour, and are polled every five seconds (documented).
const (
	deviceCodeLife = 15 * time.Minute
	devicePoll     = 5 * time.Second
)

// deviceAuthorization starts a sign-in that another device completes.
func (s *Server) deviceAuthorization(r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return s.refuseToken(r, "", fail(badRequest, "invalid_request", "The request body cannot be read."))
	}
	form := r.PostForm
	form.Set("response_type", "code")
	tenant, refused := s.tenantFor(at(r).Segment, s.byClient(form.Get("client_id")))
	if refused != nil {
		return s.refuseToken(r, "", refused)
	}
	request, refused := parseAuthorize(at(r), form)
	if refused != nil {
		return s.refuseToken(r, tenant, refused)
	}
	var out answer
	err := s.store.With(tenant, func(t *store.Tenant) error {
		app, ok := t.Client(request.ClientID)
		if !ok || !app.Public {
			return fail(unknownApp, "unauthorized_client", "Application with identifier '%s' was not found in the directory, or is no public client.", request.ClientID)
		}
		code := newDeviceCode(t, request)
		page := "https://" + cloudOf(r).Fido + "/device"
		out = jsonAnswer(http.StatusOK, map[string]any{
			"user_code": code.UserCode, "device_code": code.Code, "verification_uri": page,
			"expires_in": int(deviceCodeLife / time.Second), "interval": int(devicePoll / time.Second),
			"message": fmt.Sprintf("To sign in, use a web browser to open the page %s and enter the code %s to authenticate.", page, code.UserCode),
		})
		return nil
	})
	if err != nil {
		return s.refuseToken(r, tenant, asAADSTS(err))
	}
	return out
}

// userCodeLetters leaves out what is easily mistaken for another.
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXYZ23456789"

func newDeviceCode(t *store.Tenant, request store.AuthorizeRequest) *store.DeviceCode {
	letters := make([]byte, 9)
	for i := range letters {
		letters[i] = userCodeLetters[t.Rand.IntN(len(userCodeLetters))]
	}
	code := &store.DeviceCode{Code: "1." + newHandle(t), UserCode: string(letters), Request: request, IssuedAt: t.Now()}
	code.Request.DeviceCode, code.Request.Prompt = code.Code, ""
	t.DeviceCodes.Put(code.Code, code)
	return code
}

// deviceShortcut is the short address that the message names.
func (s *Server) deviceShortcut(r *http.Request) answer {
	return answer{status: http.StatusFound, location: "https://" + cloudOf(r).Login + "/common/oauth2/deviceauth"}
}

// deviceAuthPage asks for the code that the other device shows.
func (s *Server) deviceAuthPage(r *http.Request) answer { return s.deviceCodePage(r, "", nil) }

func (s *Server) deviceCodePage(r *http.Request, typed string, err *aadsts) answer {
	c := cloudOf(r)
	v := &view{
		Kind: pageDeviceCode, Lang: "en", Status: http.StatusOK, Prefill: typed, Error: err, ErrorText: errorText("en", err),
		Host: c.Login, Fido: c.Fido, Segment: "common", Trace: s.plainTrace(r), Nonce: newNonce(),
	}
	return pageAnswer(v)
}

// deviceAuthEntered starts the sign-in of a device code.
func (s *Server) deviceAuthEntered(r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return s.errorPage(r, "", fail(badRequest, "invalid_request", "The request cannot be read."))
	}
	typed := strings.ToUpper(strings.TrimSpace(r.PostForm.Get("otc")))
	for _, tenant := range s.store.TenantIDs() {
		var out *answer
		// A tenant deleted in between has no device codes.
		_ = s.store.With(tenant, func(t *store.Tenant) error {
			for _, code := range t.DeviceCodes.List() {
				if subtle.ConstantTimeCompare([]byte(code.UserCode), []byte(typed)) == 1 && t.Now().Sub(code.IssuedAt) < deviceCodeLife && code.Grant == nil && !code.Declined {
					found := s.beginDevice(r, t, code)
					out = &found
				}
			}
			return nil
		})
		if out != nil {
			return *out
		}
	}
	return s.deviceCodePage(r, typed, fail(devicePending, "invalid_grant", "The code is not known."))
}

func (s *Server) beginDevice(r *http.Request, t *store.Tenant, code *store.DeviceCode) answer {
	f := newFlow(t, r, code.Request)
	f.Request.UserAgent, f.Request.CorrelationID = r.UserAgent(), t.NewID()
	t.Flows.Put(f.Token, f)
	m, refused := newMachine(t, f)
	if refused != nil {
		v := s.newView(r, t, pageError, refused)
		return pageAnswer(v)
	}
	out, err := s.show(r, m, nil)
	if err != nil {
		v := s.newView(r, t, pageError, asAADSTS(err))
		return pageAnswer(v)
	}
	return out
}

// redeemDeviceCode is what the device polls.
func redeemDeviceCode(t *store.Tenant, r tokenRequest) (tokens, *aadsts) {
	if refused := deviceCodeAllowed(r.app); refused != nil {
		return tokens{}, refused
	}
	code, ok := t.DeviceCodes.Get(firstOf(r.form.Get("device_code"), r.form.Get("code")))
	switch {
	case !ok || code.Request.ClientID != r.app.ClientID || code.Redeemed:
		return tokens{}, fail(70000, "invalid_grant", "The provided value for the 'device_code' parameter is not valid.")
	case code.Declined:
		return tokens{}, fail(devicePending+2, "authorization_declined", "The user declined the sign-in.")
	case code.Grant == nil && t.Now().Sub(code.IssuedAt) > deviceCodeLife:
		return tokens{}, fail(deviceExpired, "expired_token", "The provided value for the 'device_code' parameter is not valid. This device code has expired.")
	case code.Grant == nil:
		return tokens{}, fail(devicePending, "authorization_pending", "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")
	}
	code.Redeemed = true
	return grantTokens(t, r, *code.Grant)
}
