package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

func TestWhichPermissionsChangeSomething(t *testing.T) {
	for permission, want := range map[string]bool{
		"Policy.Read.All": false, "RoleManagement.Read.Directory": false, "User.Read": false, "User.ReadBasic.All": false, "openid": false, "offline_access": false,
		"Policy.ReadWrite.ConditionalAccess": true, "Application.ReadWrite.OwnedBy": true, "Directory.AccessAsUser.All": true, "Mail.Send": true,
		"AppRoleAssignment.ReadWrite.All": true, "Group.Create": true, "User.Invite.All": true, "user_impersonation": true, "Sites.FullControl.All": true,
	} {
		if got := changes(permission); got != want {
			t.Errorf("changes(%s) = %t, want %t", permission, got, want)
		}
	}
}

func TestPolicyInTheWay(t *testing.T) {
	passwordOnly := Credentials{Password: true}
	every := &graph.Frequency{Enabled: true, Interval: graph.FrequencyEveryTime}
	for name, row := range map[string]struct {
		policy      graph.Policy
		credentials Credentials
		want        []Result
	}{
		"multifactor, with a second factor":        {graph.Policy{GrantOperator: "OR", Grants: []string{"mfa"}}, Credentials{Password: true, TOTP: true}, nil},
		"multifactor, with a password":             {graph.Policy{GrantOperator: "OR", Grants: []string{"mfa"}}, passwordOnly, []Result{Failed}},
		"multifactor or a device, with a password": {graph.Policy{GrantOperator: "OR", Grants: []string{"mfa", "compliantDevice"}}, passwordOnly, []Result{Failed}},
		"multifactor or a device":                  {graph.Policy{GrantOperator: "OR", Grants: []string{"mfa", "compliantDevice"}}, Credentials{TOTP: true}, nil},
		"multifactor and a device":                 {graph.Policy{GrantOperator: "AND", Grants: []string{"mfa", "compliantDevice"}}, Credentials{TOTP: true}, []Result{Failed}},
		"a strong method, with a passkey":          {graph.Policy{GrantOperator: "OR", Strength: strengthPhishing}, Credentials{Passkeys: []string{"k"}}, nil},
		"a strong method, with a code":             {graph.Policy{GrantOperator: "OR", Strength: strengthPhishing}, Credentials{TOTP: true}, []Result{Failed}},
		"a strong method, with a person":           {graph.Policy{GrantOperator: "OR", Strength: strengthPhishing}, Credentials{Human: true}, nil},
		"every time on a context":                  {graph.Policy{Contexts: []string{"c1"}, Frequency: every}, passwordOnly, nil},
		"every time on everything":                 {graph.Policy{Frequency: every}, passwordOnly, []Result{Failed}},
		"every time that is off":                   {graph.Policy{Frequency: &graph.Frequency{Interval: graph.FrequencyEveryTime}}, passwordOnly, nil},
		"hourly on everything":                     {graph.Policy{Frequency: &graph.Frequency{Enabled: true, Interval: graph.FrequencyTimeBased}}, passwordOnly, nil},
		"every time and a device":                  {graph.Policy{Frequency: every, GrantOperator: "OR", Grants: []string{"domainJoinedDevice"}}, passwordOnly, []Result{Failed, Failed}},
		"a block by risk":                          {graph.Policy{Grants: []string{"block"}, SignInRisk: []string{"high"}}, passwordOnly, []Result{Note}},
		"a block of old clients":                   {graph.Policy{Grants: []string{"block"}, ClientAppTypes: []string{"exchangeActiveSync", "other"}}, passwordOnly, []Result{Note}},
		"terms of use":                             {graph.Policy{GrantOperator: "AND", Grants: []string{}}, passwordOnly, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := &examination{Patient: Patient{Credentials: row.credentials}}
			var got []Result
			for _, c := range e.inTheWay(row.policy) {
				got = append(got, c.Result)
				if c.Mend == "" || c.Found == "" {
					t.Errorf("%+v does not say what to do", c)
				}
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPolicyThatAProofMeets(t *testing.T) {
	all := graph.Policy{State: graph.PolicyEnabled, IncludeUsers: []string{"All"}, IncludeApplications: []string{"All"}}
	for name, row := range map[string]struct {
		change func(p *graph.Policy)
		want   bool
	}{
		"everything":                     {func(*graph.Policy) {}, true},
		"report-only":                    {func(p *graph.Policy) { p.State = graph.PolicyReportOnly }, false},
		"another application":            {func(p *graph.Policy) { p.IncludeApplications = []string{"x"} }, false},
		"the admin portals":              {func(p *graph.Policy) { p.IncludeApplications = []string{"MicrosoftAdminPortals"} }, true},
		"a context":                      {func(p *graph.Policy) { p.IncludeApplications, p.Contexts = nil, []string{"c1"} }, true},
		"the admin, excluded":            {func(p *graph.Policy) { p.ExcludeUsers = []string{"me"} }, false},
		"the admin's group":              {func(p *graph.Policy) { p.IncludeUsers, p.IncludeGroups = nil, []string{"G"} }, true},
		"the admin's group, excluded":    {func(p *graph.Policy) { p.ExcludeGroups = []string{"g"} }, false},
		"a role that is not active":      {func(p *graph.Policy) { p.IncludeUsers, p.IncludeRoles = nil, []string{"r2"} }, false},
		"a role that is active":          {func(p *graph.Policy) { p.IncludeUsers, p.IncludeRoles = nil, []string{"r"} }, true},
		"everything but Graph, exempted": {func(p *graph.Policy) { p.ExcludeApplications = []string{graph.AppIDGraph} }, false},
	} {
		e := &examination{Patient: Patient{AdminID: "me"}, member: graph.Memberships{Groups: []string{"g"}, Roles: []string{"r"}}}
		p := all
		row.change(&p)
		if got := e.touches(p); got != row.want {
			t.Errorf("%s: %t, want %t", name, got, row.want)
		}
	}
}

func TestCredentialIDsInBothAlphabets(t *testing.T) {
	if !sameCredential("-_8=", "+/8") || sameCredential("AQI", "AQM") {
		t.Error("credential ids are compared wrongly")
	}
}

// Without a token nothing of the tenant is asked, and nothing of it is said to be ok.
func TestWithoutATokenNothingIsKnown(t *testing.T) {
	report := Examine(t.Context(), Patient{
		TenantID: "t", Reader: "reader_app",
		Token:   func(context.Context) (secret.Text, error) { return secret.Text{}, errors.New("AADSTS7000222: expired") },
		Offset:  func(context.Context) (time.Duration, error) { return 0, errors.New("no network") },
		Browser: func(context.Context) (string, error) { return "Chromium 12.0.1.2", nil },
	})
	want := map[string]Result{"token": Failed, "clock": Unknown, "browser": Note, "attacker": Note}
	for _, c := range report.Checks {
		if expected, named := want[c.Name]; named && c.Result != expected || !named && c.Result != Unknown {
			t.Errorf("%+v", c)
		}
	}
	if report.Result != Failed || !strings.Contains(report.Checks[0].Mend, "has expired") {
		t.Errorf("result %s, %+v", report.Result, report.Checks[0])
	}
}

func TestTheWorstCheckDecides(t *testing.T) {
	for name, row := range map[string]struct {
		checks []Check
		want   Result
	}{
		"nothing to mend": {[]Check{{Result: OK}, {Result: Note}}, OK},
		"one unknown":     {[]Check{{Result: OK}, {Result: Unknown}}, Unknown},
		"one failed":      {[]Check{{Result: Failed}, {Result: Unknown}}, Failed},
	} {
		if got := newReport("t", row.checks).Result; got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// On a terminal what is long goes on in its own column, word by word; where there is little room for one it
// stands behind what was looked at; in a file it stays a line.
func TestReportFollowsTheTerminal(t *testing.T) {
	report := newReport("t", []Check{{"clock", "clock", Failed, "this machine is an hour behind the tenant", "set it, https://contoso.example/a/long/address"}})
	const sum = "0 ok, 1 failed, 0 could not be made, 0 to know\n"
	const whole = "FAILED   clock  this machine is an hour behind the tenant\n                mend: set it, https://contoso.example/a/long/address\n" + sum
	for columns, want := range map[int]string{
		0: whole, 68: whole,
		56: "FAILED   clock  this machine is an hour behind the\n" +
			"                tenant\n" +
			"                mend: set it,\n" +
			"                https://contoso.example/a/long/address\n" + sum,
		55: "FAILED   clock: this machine is an hour behind the\n" +
			"         tenant\n" +
			"         mend: set it,\n" +
			"         https://contoso.example/a/long/address\n" + sum,
	} {
		var text strings.Builder
		if err := report.Write(&text, columns); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, text.String()); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", columns, diff)
		}
	}
}

func TestReportForPeopleAndPrograms(t *testing.T) {
	report := newReport("t", []Check{{"licence", "licence", Failed, "none", "buy one"}, {"defaults", "security defaults", OK, "off", ""}})
	var text strings.Builder
	if err := report.Write(&text, 0); err != nil {
		t.Fatal(err)
	}
	const want = "FAILED   licence            none\n                            mend: buy one\nok       security defaults  off\n1 ok, 1 failed, 0 could not be made, 0 to know\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	const object = `{"schema":"reprompt/doctor/v1","tenant_id":"t","result":"failed","checks":[{"name":"licence","what":"licence","result":"failed","found":"none","mend":"buy one"},{"name":"defaults","what":"security defaults","result":"ok","found":"off","mend":""}]}`
	if diff := cmp.Diff(object, string(data)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}
