package login

// silent is the error that takes the place of a page under prompt=none. Documented:
// login_required without a session, interaction_required or consent_required else. Which
// number says that re-authentication is due is inferred (70044 is documented as "the
// session has expired due to sign-in frequency").
func (m *machine) silent(st stage) *aadsts {
	switch st.Page {
	case pageError:
		return st.Err
	case pageBlocked:
		return fail(st.Err.Number, "interaction_required", "%s", st.Err.Text)
	case pagePicker:
		return fail(selectAccount, "interaction_required", "Either multiple user identities are available for the current request or selected account is not supported for the scenario.")
	case pageConsent, pageAdminConsent:
		return fail(consentMissing, "consent_required", "The user has not consented to use the application with ID '%s'.", m.app.ClientID)
	case pageProofUp:
		return fail(enrollmentNeeded, "interaction_required", "%s", st.Err.Text)
	}
	switch {
	case m.session == nil:
		return fail(noSession, "login_required", "Session information is not sufficient for single-sign-on.")
	case st.Decision.NeedsPrimary():
		return fail(sessionTooOldByPolicy, "interaction_required", "The session has expired or is invalid due to sign-in frequency checks by conditional access.")
	case m.needsFirstFactor():
		return fail(noSession, "login_required", "The session is older than the request allows.")
	}
	return fail(strongAuthNeeded, "interaction_required",
		"Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '%s'.", resourceAppID(m.f.Request.Resource))
}
