package activation

import (
	"errors"

	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/signin"
)

const consentAdvice = "an administrator has to grant consent to the application harness_app.client_id in the tenant file"

// registrationFaults are the refusals that are about the harness's own registration or about the
// tenant file, and about no policy, with how to mend each. The numbers are documented.
var registrationFaults = map[int]string{
	50011:   "add harness_app.redirect_uri of the tenant file to the registration, as a mobile and desktop redirect URI",
	50105:   "assign the test admin to the application harness_app.client_id, or let it be used without assignment",
	65001:   consentAdvice,
	65004:   consentAdvice,
	70011:   "the registration harness_app.client_id may not ask for that scope: add the permissions of Graph that it needs",
	90002:   "mend tenant_id in the tenant file: the sign-in host knows no such tenant",
	90094:   consentAdvice,
	500011:  "the tenant has no service principal of that resource: mend tenant_id or cloud in the tenant file",
	650052:  "the tenant has no service principal of that resource: mend tenant_id or cloud in the tenant file",
	650053:  "the registration harness_app.client_id asks for a scope that does not exist: mend its permissions",
	650057:  "the registration harness_app.client_id lists no permission of that resource: add the permissions of Graph that it needs",
	700016:  "mend harness_app.client_id in the tenant file: the tenant has no such application",
	7000112: "the application harness_app.client_id is disabled in the tenant: enable it",
	7000218: "allow public client flows in the registration harness_app.client_id, and give it harness_app.redirect_uri as a mobile and desktop redirect URI, not as a web one",
	9002326: "give the registration harness_app.client_id its harness_app.redirect_uri as a mobile and desktop redirect URI, not as a single-page one",
	9002327: "give the registration harness_app.client_id its harness_app.redirect_uri as a mobile and desktop redirect URI, not as a single-page one",
}

// adviceOn says how to mend the registration, when that is what the sign-in host refused, as the
// end of a sentence; empty otherwise.
func adviceOn(err error) string {
	var (
		blocked *entra.Blocked
		refused *signin.Error
		advice  string
	)
	switch {
	case errors.As(err, &blocked) && blocked.Page == entra.PageConsent:
		advice = consentAdvice
	case errors.As(err, &blocked):
		advice = registrationFaults[blocked.AADSTS]
	case errors.As(err, &refused):
		advice = registrationFaults[refused.AADSTS]
	}
	if advice == "" {
		return ""
	}
	return "; " + advice
}
