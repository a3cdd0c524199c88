package login

import (
	"slices"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// questions are what may be asked once somebody is there, in their order.
func (m *machine) questions() []func(ca.Decision) stage {
	last := []func(ca.Decision) stage{m.staySignedIn, m.confirmApp}
	if m.t.Manner().ConfirmsFirst {
		slices.Reverse(last)
	}
	return append([]func(ca.Decision) stage{m.policies, m.secondFactorAsked, m.registration, m.consent}, last...)
}

// secondFactorAsked serves a request that names mfa in its claims, as the portal does when
// PIM wants a second factor and no context; and the portal itself, by the setting portal_mfa.
func (m *machine) secondFactorAsked(ca.Decision) stage {
	has := slices.ContainsFunc(m.factors(), func(f store.Factor) bool { return f.Secondary })
	portal := m.t.Settings.PortalMFA && (m.app.ClientID == store.ClientPortal || m.app.ClientID == store.ClientPIM)
	if has || !m.f.Request.MFAAsked && !portal {
		return stage{}
	}
	return m.secondFactor(secondFactors(m.user))
}

// registration asks a user without a second factor to register one, where the tenant has a
// registration policy (setting mfa_registration_days). It can be put off until the days are
// over, counted from the first time (documented for Identity Protection's policy).
func (m *machine) registration(ca.Decision) stage {
	days := m.t.Settings.MFARegistrationDays
	if days == 0 || m.f.Postponed || len(secondFactors(m.user)) > 0 {
		return stage{}
	}
	if m.user.RegistrationAskedAt.IsZero() {
		m.user.RegistrationAskedAt = m.t.Now()
	}
	left := days - int(m.t.Now().Sub(m.user.RegistrationAskedAt)/(24*time.Hour))
	return stage{Page: pageProofUp, SkipDays: max(left, 0), Err: fail(registrationNudge, "interaction_required",
		"The user needs to register a second factor.")}
}

// consent checks who may use the application, and the scopes, and shows the pages that want
// a yes.
func (m *machine) consent(ca.Decision) stage {
	if err := assigned(m.t, m.app, m.user); err != nil {
		return stage{Page: pageError, Err: err}
	}
	missing, err := missingConsent(m.app, m.user, m.f.Request.Resource, m.f.Request.Scopes)
	again := m.f.Request.Prompt == "consent" && !m.app.FirstParty && !m.f.Consented
	switch {
	case err != nil:
		return stage{Page: pageError, Err: err}
	case m.f.Request.DeviceCode != "" && !m.f.Confirmed:
		return stage{Page: pageConfirm}
	case slices.ContainsFunc(missing, needsAdminConsent):
		return stage{Page: pageAdminConsent, Err: fail(adminConsentMissing, "consent_required",
			"An administrator of %s has set a policy that prevents you from granting %s the permissions it is requesting.", m.t.DisplayName, m.app.DisplayName)}
	case len(missing) > 0 || again:
		return stage{Page: pageConsent}
	}
	return stage{}
}

// staySignedIn is asked after a first factor was given, unless the session stays signed in
// already or a policy decides it.
func (m *machine) staySignedIn(d ca.Decision) stage {
	gave := slices.ContainsFunc(m.f.Done, func(f store.Factor) bool { return f.Primary })
	stays := m.session != nil && (m.session.Persistent || m.session.KMSINever)
	if !gave || stays || m.t.Manner().HidesStay || m.f.StayAsked || d.PersistentBrowser != "" || m.f.Request.DeviceCode != "" {
		return stage{}
	}
	return stage{Page: pageStay}
}

// confirmApp asks whether the app is meant, in tenants of that manner: after a first factor
// was given for a native client.
func (m *machine) confirmApp(ca.Decision) stage {
	gave := slices.ContainsFunc(m.f.Done, func(f store.Factor) bool { return f.Primary })
	if !m.t.Manner().Confirms || !gave || m.f.Confirmed || m.app.FirstParty || !m.app.Public {
		return stage{}
	}
	return stage{Page: pageConfirm}
}
