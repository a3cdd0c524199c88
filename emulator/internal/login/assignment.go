package login

import "github.com/reprompt/reprompt/emulator/internal/store"

// notAssigned is the number for a user who may not use an application (documented).
const notAssigned = 50105

// assigned refuses a user who is not assigned to an application that requires it.
func assigned(t *store.Tenant, app *store.Application, user *store.User) *aadsts {
	if t.MayUse(app, user.ID) {
		return nil
	}
	return fail(notAssigned, "access_denied",
		"Your administrator has configured the application %s ('%s') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '%s' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application.",
		app.DisplayName, app.ClientID, user.UPN)
}

// deviceCodeAllowed refuses the device code flow to a registration that does not allow public
// client flows: without a redirect URI it counts as confidential (documented), and is asked for a
// secret (observed: AADSTS7000218).
func deviceCodeAllowed(app *store.Application) *aadsts {
	if app.FirstParty || app.Fallback {
		return nil
	}
	return unauthorized(secretMissing, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
}
