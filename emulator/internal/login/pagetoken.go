package login

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// A page carries the state of its sign-in in values that its forms send back (names
// observed): sFT names the sign-in and ends with it; sCtx belongs to the request; canary and
// sCrossDomainCanary are drawn anew for each page and fit no other sign-in.

// canaryUse says which post a canary is good for.
type canaryUse string

// Uses: a form of the sign-in pages, a call of their scripts, and the post back of the
// passkey's own origin.
const (
	canaryForm  canaryUse = "CANARY"
	canaryAPI   canaryUse = "API"
	canaryCross canaryUse = "XDOMAIN"
)

// newFlow begins the sign-in of a request in a browser.
func newFlow(t *store.Tenant, r *http.Request, request store.AuthorizeRequest) *store.Flow {
	return &store.Flow{
		Token: newHandle(t), Context: newHandle(t), Secret: t.NewSecret(32),
		Request: request, Browser: browserSessions(r), StartedAt: t.Now(),
	}
}

// newCanary makes the canary of the page that is being shown.
func newCanary(f *store.Flow, use canaryUse) string { return canaryOf(f, use, f.Pages) }

func canaryOf(f *store.Flow, use canaryUse, page int) string {
	mac := hmac.New(sha256.New, []byte(f.Secret))
	fmt.Fprintf(mac, "%s\x00%s\x00%d", f.Token, use, page)
	return fmt.Sprintf("%s=%d:1:%s", base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), page, use)
}

// checkCanary accepts the canary of any page that this sign-in has shown, so that the
// browser's way back works (inferred).
func checkCanary(f *store.Flow, use canaryUse, sent string) *aadsts {
	if sent == "" {
		return userContext("Token was not provided", "The request did not return all of the form fields.")
	}
	_, rest, _ := strings.Cut(sent, "=")
	number, _, _ := strings.Cut(rest, ":")
	page, err := strconv.Atoi(number)
	if err != nil || page < 1 || page > f.Pages || !hmac.Equal([]byte(sent), []byte(canaryOf(f, use, page))) {
		return userContext("Token is invalid", "")
	}
	return nil
}

// checkContext compares sCtx with that of the sign-in.
func checkContext(f *store.Flow, sent string) *aadsts {
	switch {
	case sent == "":
		return userContext("Context was not provided", "The request did not return all of the form fields.")
	case !hmac.Equal([]byte(sent), []byte(f.Context)):
		return userContext("Token values do not match", "")
	}
	return nil
}

// userContext is InvalidRequestCanary (documented number; the sentences are observed).
func userContext(reason, missing string) *aadsts {
	text := "Invalid Request: The request tokens do not match the user context."
	if missing != "" {
		text += " " + missing
	}
	return fail(invalidCanary, "invalid_request", "%s Failure Reasons:[%s;]", text, reason)
}

// pageFields are the names under which a post carries the state of its page.
type pageFields struct {
	flow, context, canary string
	// spared: the post may leave the canary out; one that is sent is checked all the same.
	spared bool
}

// Observed: on its way to the passkey's origin the flow token travels as canary, and the
// canary as loginCanary; saml2aws answers "stay signed in?" without a canary, and ends a
// second factor with the context as request and without a canary too.
var (
	loginFields  = pageFields{flow: "flowToken", context: "ctx", canary: "canary"}
	stayFields   = pageFields{flow: "flowToken", context: "ctx", canary: "canary", spared: true}
	secondFields = pageFields{flow: "flowToken", context: "request", canary: "canary", spared: true}
	fidoFields   = pageFields{flow: "canary", context: "ctx", canary: "loginCanary"}
)

func (p pageFields) check(f *store.Flow, form url.Values) *aadsts {
	if err := checkContext(f, firstOf(form.Get(p.context), form.Get("ctx"))); err != nil {
		return err
	}
	if p.spared && !form.Has(p.canary) {
		return nil
	}
	return checkCanary(f, canaryForm, form.Get(p.canary))
}
