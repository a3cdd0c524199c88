package conditionalaccess_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
)

const (
	admin      = "11111111-0000-0000-0000-000000000001"
	breakGlass = "11111111-0000-0000-0000-000000000002"
	innerGroup = "22222222-0000-0000-0000-000000000001"
	outerGroup = "22222222-0000-0000-0000-000000000002"
	appAdmin   = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	graph      = "00000003-0000-0000-c000-000000000000"
	exchange   = "00000002-0000-0ff1-ce00-000000000000"
	portal     = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
	office     = "33333333-0000-0000-0000-000000000001"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// policy is a policy as JSON with the parts that a row is about.
type policy struct {
	state        string // enabled
	users        string // {"includeUsers":["All"]}
	applications string // context c1
	conditions   string // further conditions, each followed by a comma
	grant        string // null
	session      string // every time
}

const (
	everyTime          = `{"signInFrequency":{"isEnabled":true,"frequencyInterval":"everyTime","authenticationType":"primaryAndSecondaryAuthentication","type":null,"value":null}}`
	everyTimeSecondary = `{"signInFrequency":{"isEnabled":true,"frequencyInterval":"everyTime","authenticationType":"secondaryAuthentication"}}`
	hourly             = `{"signInFrequency":{"isEnabled":true,"frequencyInterval":"timeBased","authenticationType":"primaryAndSecondaryAuthentication","type":"hours","value":1}}`
	hourlySecondary    = `{"signInFrequency":{"isEnabled":true,"frequencyInterval":"timeBased","authenticationType":"secondaryAuthentication","type":"hours","value":1}}`
	daily              = `{"signInFrequency":{"isEnabled":true,"frequencyInterval":"timeBased","type":"days","value":1}}`
	switchedOff        = `{"signInFrequency":{"isEnabled":false,"frequencyInterval":"everyTime"}}`
	none               = "null"

	onC1     = `{"includeApplications":[],"includeAuthenticationContextClassReferences":["c1"]}`
	allApps  = `{"includeApplications":["All"]}`
	mfa      = `{"operator":"OR","builtInControls":["mfa"]}`
	block    = `{"operator":"OR","builtInControls":["block"]}`
	device   = `{"operator":"OR","builtInControls":["compliantDevice"]}`
	phishing = `{"operator":"OR","builtInControls":[],"authenticationStrength":{"id":"00000000-0000-0000-0000-000000000004"}}`
	anyMFA   = `{"operator":"OR","builtInControls":[],"authenticationStrength":{"id":"00000000-0000-0000-0000-000000000002"}}`
)

func (p policy) parse(t *testing.T) ca.Policy {
	t.Helper()
	or := func(s, standard string) string {
		if s == "" {
			return standard
		}
		return s
	}
	raw := fmt.Sprintf(`{"id":"p","displayName":"policy","state":%q,"conditions":{%s"clientAppTypes":["all"],"applications":%s,"users":%s},"grantControls":%s,"sessionControls":%s}`,
		or(p.state, "enabled"), p.conditions, or(p.applications, onC1), or(p.users, `{"includeUsers":["All"]}`), or(p.grant, none), or(p.session, everyTime))
	if strings.Contains(p.conditions, `"clientAppTypes"`) {
		raw = strings.Replace(raw, `"clientAppTypes":["all"],"applications"`, `"applications"`, 1)
	}
	parsed, err := ca.Parse(json.RawMessage(raw))
	if err != nil {
		t.Fatalf("parse the row's policy: %v", err)
	}
	return parsed
}

// stepUp is the sign-in of every row before the row changes it: the admin asks for c1 in
// a browser, with password and code of twenty minutes ago.
func stepUp() ca.SignIn {
	return ca.SignIn{
		UserID: admin, ClientAppID: portal, ResourceIDs: []string{graph}, Contexts: []string{"c1"}, ClientAppType: "browser", Platform: "windows",
		Now: now, Started: now, Session: session(20*time.Minute, 20*time.Minute),
	}
}

// session has a password and a one-time code of the given ages.
func session(password, code time.Duration) ca.SessionState {
	return ca.SessionState{
		Primary:   ca.Factor{Method: ca.Password, At: ago(password)},
		Secondary: ca.Factor{Method: ca.SoftwareOath, At: ago(code)},
	}
}

func passkey(age time.Duration) ca.Factor { return ca.Factor{Method: ca.FIDO2, At: ago(age)} }

// row is one question; policies nil means one policy with its defaults.
type row struct {
	name     string
	policies []policy
	signIn   func(*ca.SignIn)
	want     string // what Decision says, in words
}

// words say a decision briefly: granted, blocked, primary, secondary, mfa, strength, device.
func words(d ca.Decision) string {
	var out []string
	if d.Granted() {
		out = append(out, "granted")
	}
	if d.Blocked() {
		out = append(out, "blocked")
	}
	if d.Reauthentication.Primary {
		out = append(out, "primary")
	}
	if d.Reauthentication.Secondary {
		out = append(out, "secondary")
	}
	for _, r := range d.Unmet {
		out = append(out, r.Controls...)
	}
	return strings.Join(out, " ")
}

func (r row) run(t *testing.T) {
	in := stepUp()
	if r.signIn != nil {
		r.signIn(&in)
	}
	asked := r.policies
	if asked == nil {
		asked = []policy{{}}
	}
	var policies []ca.Policy
	for _, p := range asked {
		policies = append(policies, p.parse(t))
	}
	if got := words(ca.Evaluate(in, policies)); got != r.want {
		t.Errorf("decided %q, want %q", got, r.want)
	}
}

func runAll(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, r.run)
	}
}

func TestEveryTime(t *testing.T) {
	runAll(t, []row{
		{name: "a session of twenty minutes is asked again", want: "primary"},
		{name: "no policy, no question", policies: []policy{}, want: "granted"},
		{name: "within five minutes of the password nobody is asked", signIn: func(s *ca.SignIn) { s.Session = session(4*time.Minute, 20*time.Minute) }, want: "granted"},
		{name: "within five minutes of the second factor nobody is asked", signIn: func(s *ca.SignIn) { s.Session = session(20*time.Minute, 4*time.Minute) }, want: "granted"},
		{name: "at five minutes exactly the admin is asked", signIn: func(s *ca.SignIn) { s.Session = session(5*time.Minute, 5*time.Minute) }, want: "primary"},
		{name: "an empty session has to sign in", signIn: func(s *ca.SignIn) { s.Session = ca.SessionState{} }, want: "primary"},
		{name: "with MFA both factors are asked again", policies: []policy{{grant: mfa}}, want: "primary secondary"},
		{name: "a new password leaves the old second factor old", policies: []policy{{grant: mfa}}, signIn: func(s *ca.SignIn) { s.Session = session(0, 20*time.Minute) }, want: "secondary"},
		{name: "both given anew, the admin is through", policies: []policy{{grant: mfa}}, signIn: func(s *ca.SignIn) { s.Session = session(time.Minute, 0) }, want: "granted"},
		{name: "a password that took six minutes to confirm counts", policies: []policy{{grant: mfa}}, signIn: func(s *ca.SignIn) { s.Session = session(6*time.Minute, 0) }, want: "granted"},
		{name: "a passkey is both factors", policies: []policy{{grant: mfa}}, signIn: func(s *ca.SignIn) { s.Session.Done = []ca.Factor{passkey(0)} }, want: "granted"},
		{name: "secondary only asks for the second factor", policies: []policy{{session: everyTimeSecondary, grant: mfa}}, want: "secondary"},
		{name: "secondary only without MFA re-runs the one of the session", policies: []policy{{session: everyTimeSecondary}}, want: "secondary"},
		{name: "secondary only has nothing to re-run after a password alone", policies: []policy{{session: everyTimeSecondary}}, signIn: func(s *ca.SignIn) { s.Session.Secondary = ca.Factor{} }, want: "granted"},
		{name: "switched off it asks nothing", policies: []policy{{session: switchedOff}}, want: "granted"},
		{name: "a disabled policy asks nothing", policies: []policy{{state: "disabled"}}, want: "granted"},
		{name: "a report-only policy asks nothing", policies: []policy{{state: "enabledForReportingButNotEnforced"}}, want: "granted"},
	})
}

func TestWindows(t *testing.T) {
	after := func(stepUp time.Duration, rule ca.WindowRule) func(*ca.SignIn) {
		return func(s *ca.SignIn) {
			s.Session = session(stepUp, stepUp)
			s.Session.StepUpAt, s.Windows.Rule = ago(stepUp), rule
		}
	}
	runAll(t, []row{
		{name: "nine minutes after a step-up for PIM nobody is asked", signIn: after(9*time.Minute, ""), want: "granted"},
		{name: "ten minutes after it the admin is asked", signIn: after(10*time.Minute, ""), want: "primary"},
		{name: "nine minutes after it, five-minute rule only", signIn: after(9*time.Minute, ca.WindowsConditionalAccess), want: "primary"},
		{name: "four minutes after it, five-minute rule only", signIn: after(4*time.Minute, ca.WindowsConditionalAccess), want: "granted"},
		{name: "nine minutes after any sign-in, ten-minute rule only", signIn: func(s *ca.SignIn) {
			s.Session = session(9*time.Minute, 9*time.Minute)
			s.Windows.Rule = ca.WindowsPIM
		}, want: "granted"},
		{name: "nine minutes after any sign-in, both rules", signIn: func(s *ca.SignIn) { s.Session = session(9*time.Minute, 9*time.Minute) }, want: "primary"},
		{name: "PIM's window says nothing about an app", policies: []policy{{applications: allApps}}, signIn: func(s *ca.SignIn) {
			after(9*time.Minute, "")(s)
			s.Contexts = nil
		}, want: "primary"},
	})
}

func TestTimeBased(t *testing.T) {
	runAll(t, []row{
		{name: "hourly, twenty minutes old", policies: []policy{{session: hourly}}, want: "granted"},
		{name: "hourly, an hour old", policies: []policy{{session: hourly}}, signIn: func(s *ca.SignIn) { s.Session = session(time.Hour, time.Hour) }, want: "primary"},
		{name: "hourly, only the second factor is an hour old", policies: []policy{{session: hourly, grant: mfa}}, signIn: func(s *ca.SignIn) { s.Session = session(time.Minute, time.Hour) }, want: "secondary"},
		{name: "hourly, only the password is an hour old", policies: []policy{{session: hourly, grant: mfa}}, signIn: func(s *ca.SignIn) { s.Session = session(time.Hour, time.Minute) }, want: "primary"},
		{name: "hourly for the second factor only", policies: []policy{{session: hourlySecondary}}, signIn: func(s *ca.SignIn) { s.Session = session(2*time.Hour, 2*time.Hour) }, want: "secondary"},
		{name: "daily, two hours old", policies: []policy{{session: daily}}, signIn: func(s *ca.SignIn) { s.Session = session(2*time.Hour, 2*time.Hour) }, want: "granted"},
		{name: "daily and hourly, two hours old: the strictest counts", policies: []policy{{session: daily}, {session: hourly}}, signIn: func(s *ca.SignIn) { s.Session = session(2*time.Hour, 2*time.Hour) }, want: "primary"},
		{name: "hourly and every time, twenty minutes old", policies: []policy{{session: hourly}, {}}, want: "primary"},
	})
}

func TestGrants(t *testing.T) {
	runAll(t, []row{
		{name: "an MFA of the session meets MFA", policies: []policy{{grant: mfa, session: none}}, want: "granted"},
		{name: "a password alone does not", policies: []policy{{grant: mfa, session: none}}, signIn: func(s *ca.SignIn) { s.Session.Secondary = ca.Factor{} }, want: "mfa"},
		{name: "a code meets the strength multifactor", policies: []policy{{grant: anyMFA, session: none}}, want: "granted"},
		{name: "a code does not meet phishing-resistant", policies: []policy{{grant: phishing, session: none}}, want: "authenticationStrength"},
		{name: "a passkey of the session's history does", policies: []policy{{grant: phishing, session: none}}, signIn: func(s *ca.SignIn) { s.Session.Done = []ca.Factor{passkey(3 * time.Hour)} }, want: "granted"},
		{name: "with every time the passkey is asked again", policies: []policy{{grant: phishing}}, signIn: func(s *ca.SignIn) { s.Session.Done = []ca.Factor{passkey(3 * time.Hour)} }, want: "primary secondary"},
		{name: "an access pass is no phishing-resistant method", policies: []policy{{grant: phishing, session: none}}, signIn: func(s *ca.SignIn) { s.Session.Done = []ca.Factor{{Method: ca.TAPOneTime, At: ago(time.Minute)}} }, want: "authenticationStrength"},
		{name: "an access pass is multifactor", policies: []policy{{grant: anyMFA, session: none}}, signIn: func(s *ca.SignIn) {
			s.Session = ca.SessionState{Primary: ca.Factor{Method: ca.TAPMultiUse, At: ago(time.Minute)}}
		}, want: "granted"},
		{name: "a custom strength names its own combinations", policies: []policy{{grant: `{"operator":"OR","authenticationStrength":{"id":"x","displayName":"ours","allowedCombinations":["password,sms"]}}`, session: none}}, want: "authenticationStrength"},
		{name: "block blocks", policies: []policy{{grant: block, session: none}}, want: "blocked"},
		{name: "block wins over another policy that is satisfied", policies: []policy{{grant: mfa, session: none}, {grant: block, session: none}}, want: "blocked"},
		{name: "block wins in whichever order", policies: []policy{{grant: block, session: none}, {grant: mfa, session: none}}, want: "blocked"},
		{name: "a report-only block does not", policies: []policy{{grant: block, session: none, state: "enabledForReportingButNotEnforced"}}, want: "granted"},
		{name: "an unknown device is not compliant", policies: []policy{{grant: device, session: none}}, want: "compliantDevice"},
		{name: "a compliant one is", policies: []policy{{grant: device, session: none}}, signIn: func(s *ca.SignIn) { s.Device = ca.Device{ID: "d", Compliant: true} }, want: "granted"},
		{name: "one of two suffices with OR", policies: []policy{{grant: `{"operator":"OR","builtInControls":["mfa","compliantDevice"]}`, session: none}}, want: "granted"},
		{name: "both are needed with AND", policies: []policy{{grant: `{"operator":"AND","builtInControls":["mfa","compliantDevice"]}`, session: none}}, want: "compliantDevice"},
		{name: "terms of use are never met", policies: []policy{{grant: `{"operator":"OR","termsOfUse":["t"]}`, session: none}}, want: "termsOfUse:t"},
	})
}

func TestWhoIsCovered(t *testing.T) {
	nested := func(s *ca.SignIn) { s.GroupIDs = []string{innerGroup, outerGroup} }
	only := func(users string) []policy { return []policy{{users: users}} }
	runAll(t, []row{
		{name: "the admin by id", policies: only(`{"includeUsers":["` + admin + `"]}`), want: "primary"},
		{name: "somebody else by id", policies: only(`{"includeUsers":["` + breakGlass + `"]}`), want: "granted"},
		{name: "nobody", policies: only(`{"includeUsers":["None"]}`), want: "granted"},
		{name: "all but the admin", policies: only(`{"includeUsers":["All"],"excludeUsers":["` + admin + `"]}`), want: "granted"},
		{name: "included by id and excluded by a nested group", policies: only(`{"includeUsers":["` + admin + `"],"excludeGroups":["` + outerGroup + `"]}`), signIn: nested, want: "granted"},
		{name: "included by a nested group", policies: only(`{"includeGroups":["` + outerGroup + `"]}`), signIn: nested, want: "primary"},
		{name: "not in the group", policies: only(`{"includeGroups":["` + outerGroup + `"]}`), want: "granted"},
		{name: "a role that the admin is only eligible for", policies: only(`{"includeRoles":["` + appAdmin + `"]}`), want: "granted"},
		{name: "a role that is active", policies: only(`{"includeRoles":["` + appAdmin + `"]}`), signIn: func(s *ca.SignIn) { s.RoleIDs = []string{appAdmin} }, want: "primary"},
		{name: "excluded by an active role", policies: only(`{"includeUsers":["All"],"excludeRoles":["` + appAdmin + `"]}`), signIn: func(s *ca.SignIn) { s.RoleIDs = []string{appAdmin} }, want: "granted"},
		{name: "guests, and the admin is none", policies: only(`{"includeUsers":["GuestsOrExternalUsers"]}`), want: "granted"},
		{name: "guests, and the admin is one", policies: only(`{"includeUsers":["GuestsOrExternalUsers"]}`), signIn: func(s *ca.SignIn) { s.Guest = "b2bCollaborationGuest" }, want: "primary"},
		{name: "guests of another kind", policies: only(`{"includeGuestsOrExternalUsers":{"guestOrExternalUserTypes":"internalGuest,serviceProvider"}}`), signIn: func(s *ca.SignIn) { s.Guest = "b2bCollaborationGuest" }, want: "granted"},
		{name: "guests of one home tenant", policies: only(`{"includeGuestsOrExternalUsers":{"guestOrExternalUserTypes":"b2bCollaborationGuest","externalTenants":{"membershipKind":"enumerated","members":["home"]}}}`), signIn: func(s *ca.SignIn) { s.Guest, s.HomeTenantID = "b2bCollaborationGuest", "home" }, want: "primary"},
	})
}

func TestWhatIsProtected(t *testing.T) {
	plain := func(s *ca.SignIn) { s.Contexts = nil }
	on := func(applications string) []policy { return []policy{{applications: applications}} }
	runAll(t, []row{
		{name: "a policy on a context leaves plain tokens alone", signIn: plain, want: "granted"},
		{name: "another context", signIn: func(s *ca.SignIn) { s.Contexts = []string{"c2"} }, want: "granted"},
		{name: "two contexts, one of them protected", signIn: func(s *ca.SignIn) { s.Contexts = []string{"c2", "c1"} }, want: "primary"},
		{name: "all apps, a plain token", policies: on(allApps), signIn: plain, want: "primary"},
		{name: "all apps, through the app that the context is asked for", policies: on(allApps), want: "primary"},
		{name: "all apps but Graph", policies: on(`{"includeApplications":["All"],"excludeApplications":["` + graph + `"]}`), want: "granted"},
		{name: "one app by id", policies: on(`{"includeApplications":["` + graph + `"]}`), want: "primary"},
		{name: "another app by id", policies: on(`{"includeApplications":["` + office + `"]}`), want: "granted"},
		{name: "Office 365, asked for Graph", policies: on(`{"includeApplications":["Office365"]}`), want: "granted"},
		{name: "Office 365, asked for Exchange", policies: on(`{"includeApplications":["Office365"]}`), signIn: func(s *ca.SignIn) { s.ResourceIDs = []string{exchange} }, want: "primary"},
		{name: "the admin portals, from the portal", policies: on(`{"includeApplications":["MicrosoftAdminPortals"]}`), want: "primary"},
		{name: "the admin portals, from another client", policies: on(`{"includeApplications":["MicrosoftAdminPortals"]}`), signIn: func(s *ca.SignIn) { s.ClientAppID = office }, want: "granted"},
		{name: "a user action, at an ordinary sign-in", policies: on(`{"includeUserActions":["urn:user:registersecurityinfo"]}`), want: "granted"},
		{name: "a user action, at that action", policies: on(`{"includeUserActions":["urn:user:registersecurityinfo"]}`), signIn: func(s *ca.SignIn) { s.UserAction = "urn:user:registersecurityinfo" }, want: "primary"},
		{name: "nothing included", policies: on(`{"includeApplications":["None"]}`), want: "granted"},
	})
}

func TestConditions(t *testing.T) {
	when := func(conditions string) []policy { return []policy{{conditions: conditions + ","}} }
	runAll(t, []row{
		{name: "the platform of the sign-in", policies: when(`"platforms":{"includePlatforms":["windows"]}`), want: "primary"},
		{name: "another platform", policies: when(`"platforms":{"includePlatforms":["iOS"]}`), want: "granted"},
		{name: "all platforms but this", policies: when(`"platforms":{"includePlatforms":["all"],"excludePlatforms":["windows"]}`), want: "granted"},
		{name: "an unknown platform is in all", policies: when(`"platforms":{"includePlatforms":["all"],"excludePlatforms":["windows"]}`), signIn: func(s *ca.SignIn) { s.Platform = "" }, want: "primary"},
		{name: "a browser", policies: when(`"clientAppTypes":["browser"]`), want: "primary"},
		{name: "desktop clients, from a browser", policies: when(`"clientAppTypes":["mobileAppsAndDesktopClients"]`), want: "granted"},
		{name: "all locations but trusted ones, from a trusted one", policies: when(`"locations":{"includeLocations":["All"],"excludeLocations":["AllTrusted"]}`), signIn: func(s *ca.SignIn) { s.LocationTrusted = true }, want: "granted"},
		{name: "all locations but trusted ones, from elsewhere", policies: when(`"locations":{"includeLocations":["All"],"excludeLocations":["AllTrusted"]}`), want: "primary"},
		{name: "one location by id", policies: when(`"locations":{"includeLocations":["office"]}`), signIn: func(s *ca.SignIn) { s.LocationIDs = []string{"office"} }, want: "primary"},
		{name: "high sign-in risk, and there is none", policies: when(`"signInRiskLevels":["high"]`), want: "granted"},
		{name: "high sign-in risk", policies: when(`"signInRiskLevels":["high","medium"]`), signIn: func(s *ca.SignIn) { s.SignInRisk = "high" }, want: "primary"},
		{name: "high user risk", policies: when(`"userRiskLevels":["high"]`), signIn: func(s *ca.SignIn) { s.UserRisk = "high" }, want: "primary"},
		{name: "the device code flow, at another", policies: when(`"authenticationFlows":{"transferMethods":"deviceCodeFlow"}`), want: "granted"},
		{name: "the device code flow", policies: when(`"authenticationFlows":{"transferMethods":"deviceCodeFlow,authenticationTransfer"}`), signIn: func(s *ca.SignIn) { s.TransferMethod = "deviceCodeFlow" }, want: "primary"},
		{name: "workload identities only", policies: when(`"clientApplications":{"includeServicePrincipals":["ServicePrincipalsInMyTenant"]}`), want: "granted"},
		{name: "devices that are not compliant, by exclusion", policies: when(`"devices":{"deviceFilter":{"mode":"exclude","rule":"device.isCompliant -eq True"}}`), want: "primary"},
		{name: "a compliant device is excluded", policies: when(`"devices":{"deviceFilter":{"mode":"exclude","rule":"device.isCompliant -eq True"}}`), signIn: func(s *ca.SignIn) { s.Device = ca.Device{ID: "d", Compliant: true} }, want: "granted"},
	})
}
