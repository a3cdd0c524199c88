package login

import (
	"fmt"
	"slices"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Event types of the sign-in log (documented).
const (
	eventInteractive    = "interactiveUser"
	eventNonInteractive = "nonInteractiveUser"
	eventApplication    = "servicePrincipal"
)

// row is the sign-in log's entry of this flow: completed when err is nil, else failed or
// interrupted. A sign-in in which the user had to act is interactive; one that a session
// cookie answered is not.
func (m *machine) row(d ca.Decision, g store.Grant, err *aadsts) *store.SignInRow {
	row := newRow(m.t, m.app, m.f.Request.Resource, d, err)
	row.CorrelationID = m.f.Request.CorrelationID
	row.UserAgent = m.f.Request.UserAgent
	row.ClientAppUsed = clientAppUsed(clientAppType(m.app, m.f.Request.RedirectURI))
	row.IsInteractive = m.f.Interactive
	row.SignInEventTypes = []string{eventNonInteractive}
	if row.IsInteractive {
		row.SignInEventTypes = []string{eventInteractive}
	}
	row.UniqueTokenIdentifier = g.TokenID
	row.AuthenticationDetails = authDetails(m.f.Done, m.factors())
	if m.session != nil {
		row.SessionID = m.session.ID
	}
	nameUser(row, m.user)
	return row
}

// interrupt logs once per flow that a page stopped it (documented: 50074, 50140 and such
// are entries of their own).
func (m *machine) interrupt(number int, text string, d ca.Decision) {
	if m.user == nil || m.f.Interrupts[number] {
		return
	}
	if m.f.Interrupts == nil {
		m.f.Interrupts = map[int]bool{}
	}
	m.f.Interrupts[number] = true
	m.t.AddSignIn(m.row(d, store.Grant{}, fail(number, "interaction_required", "%s", text)))
}

// newRow fills in what rows of all kinds share.
func newRow(t *store.Tenant, app *store.Application, resource string, d ca.Decision, err *aadsts) *store.SignInRow {
	row := &store.SignInRow{
		ID: t.NewID(), CreatedAt: t.Now(),
		AppID: app.ClientID, AppDisplayName: app.DisplayName,
		ResourceID: resourceAppID(resource), ResourceDisplayName: resourceName(resource),
		IPAddress: clientAddress, HomeTenantID: t.ID, ResourceTenantID: t.ID, IncomingTokenType: "none",
		AuthenticationRequirement: "singleFactorAuthentication", ConditionalAccessStatus: "notApplied",
		RiskLevelDuringSignIn: "none", RiskLevelAggregated: "none", RiskState: "none", RiskDetail: "none",
	}
	row.OriginalRequestID = row.ID
	if d.MFARequired {
		row.AuthenticationRequirement = "multiFactorAuthentication"
		row.AuthenticationRequirementPolicies = []store.RequirementPart{{Provider: "multiConditionalAccess", Detail: "Conditional Access"}}
	}
	if err != nil {
		row.Status = store.SignInStatus{ErrorCode: err.Number, FailureReason: err.Text}
	}
	addDecision(row, d)
	return row
}

func addDecision(row *store.SignInRow, d ca.Decision) {
	for _, p := range d.Applied {
		row.AppliedPolicies = append(row.AppliedPolicies, store.AppliedPolicy{
			ID: p.Policy.ID, DisplayName: p.Policy.DisplayName, Result: string(p.Result),
			GrantControls: p.GrantControls, SessionControls: p.SessionControls,
		})
		switch {
		case p.Result == ca.Failure:
			row.ConditionalAccessStatus = "failure"
		case p.Result == ca.Success && row.ConditionalAccessStatus == "notApplied":
			row.ConditionalAccessStatus = "success"
		}
	}
	for _, c := range d.Contexts {
		row.AuthenticationContexts = append(row.AuthenticationContexts, store.ContextDetail{ID: c.ID, Detail: c.Detail})
	}
	for _, l := range d.SessionLifetime {
		row.SessionLifetimePolicies = append(row.SessionLifetimePolicies, store.LifetimeDetail{
			Detail: l.Detail, Requirement: l.ExpirationRequirement,
		})
	}
}

func nameUser(row *store.SignInRow, user *store.User) {
	if user != nil {
		row.UserID, row.UserPrincipalName, row.UserDisplayName = user.ID, user.UPN, user.DisplayName
	}
}

func clientAppUsed(clientType string) string {
	if clientType == "browser" {
		return "Browser"
	}
	return "Mobile Apps and Desktop clients"
}

// methodNames are the names of the sign-in log.
var methodNames = map[store.Method]string{
	store.MethodPassword: "Password",
	store.MethodTOTP:     "OATH verification code",
	store.MethodPush:     "Mobile app notification",
	store.MethodPasskey:  "Passkey (device-bound)",
	store.MethodTAPOnce:  "Temporary Access Pass",
	store.MethodTAPMulti: "Temporary Access Pass",
}

// authDetails lists the steps of this sign-in, and says "Previously satisfied" for a factor
// that the session had already.
func authDetails(done, all []store.Factor) []store.AuthDetail {
	var details []store.AuthDetail
	for _, f := range done {
		details = append(details, store.AuthDetail{
			Method: methodNames[f.Method], At: f.At, Requirement: requirementOf(f), Succeeded: true,
			Result: fmt.Sprintf("%s accepted", methodNames[f.Method]),
		})
	}
	for _, kind := range []struct {
		is          func(store.Factor) bool
		requirement string
		result      string
	}{
		{func(f store.Factor) bool { return f.Primary }, "Primary authentication", "First factor requirement satisfied by claim in the token"},
		{func(f store.Factor) bool { return f.Secondary }, "Multifactor authentication", "MFA requirement satisfied by claim in the token"},
	} {
		if slices.ContainsFunc(done, kind.is) || !slices.ContainsFunc(all, kind.is) {
			continue
		}
		details = append(details, store.AuthDetail{
			Method: "Previously satisfied", At: lastFactor(all), Requirement: kind.requirement,
			Result: kind.result, Succeeded: true,
		})
	}
	return details
}

func requirementOf(f store.Factor) string {
	if f.Secondary && !f.Primary {
		return "Multifactor authentication"
	}
	return "Primary authentication"
}
