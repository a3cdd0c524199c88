package conditionalaccess_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
)

func TestContextsInTheLog(t *testing.T) {
	for name, test := range map[string]struct {
		policies []policy
		change   func(*ca.SignIn)
		want     string
	}{
		"asked again in this sign-in, not yet done":     {policies: []policy{{}}, want: ca.DetailRequired},
		"asked again in this sign-in, and done":         {policies: []policy{{}}, change: func(s *ca.SignIn) { s.Started = ago(time.Minute); s.Session.Primary.At = now }, want: ca.DetailRequired},
		"silently, within the allowance":                {policies: []policy{{}}, change: func(s *ca.SignIn) { s.Session = session(time.Minute, time.Minute) }, want: ca.DetailPreviouslySatisfied},
		"a strength that the session's history meets":   {policies: []policy{{grant: anyMFA, session: none}}, want: ca.DetailPreviouslySatisfied},
		"no policy on the context":                      {policies: nil, want: ca.DetailNotApplicable},
		"a report-only policy on the context":           {policies: []policy{{state: "enabledForReportingButNotEnforced"}}, want: ca.DetailNotApplicable},
		"a policy on the context that leaves them out":  {policies: []policy{{users: `{"includeUsers":["None"]}`}}, want: ca.DetailNotApplicable},
		"a policy on all apps says nothing of contexts": {policies: []policy{{applications: allApps}}, want: ca.DetailNotApplicable},
	} {
		t.Run(name, func(t *testing.T) {
			in := stepUp()
			if test.change != nil {
				test.change(&in)
			}
			var policies []ca.Policy
			for _, p := range test.policies {
				policies = append(policies, p.parse(t))
			}
			want := []ca.ContextResult{{ID: "c1", Detail: test.want}}
			if diff := cmp.Diff(want, ca.Evaluate(in, policies).Contexts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAppliedPolicies(t *testing.T) {
	const reportOnly = "enabledForReportingButNotEnforced"
	for name, test := range map[string]struct {
		policy policy
		want   ca.Result
	}{
		"met":                                   {policy{grant: mfa, session: none}, ca.Success},
		"asks again":                            {policy{}, ca.Failure},
		"blocks":                                {policy{grant: block, session: none}, ca.Failure},
		"leaves the admin out":                  {policy{users: `{"includeUsers":["None"]}`}, ca.NotApplied},
		"is off":                                {policy{state: "disabled"}, ca.NotEnabled},
		"reports only, met":                     {policy{grant: mfa, session: none, state: reportOnly}, ca.ReportOnlySuccess},
		"reports only, would ask again":         {policy{state: reportOnly}, ca.ReportOnlyInterrupted},
		"reports only, would ask for a passkey": {policy{grant: phishing, session: none, state: reportOnly}, ca.ReportOnlyInterrupted},
		"reports only, would block":             {policy{grant: block, session: none, state: reportOnly}, ca.ReportOnlyFailure},
		"reports only, would want a device":     {policy{grant: device, session: none, state: reportOnly}, ca.ReportOnlyFailure},
		"reports only, leaves the admin out":    {policy{users: `{"includeUsers":["None"]}`, state: reportOnly}, ca.ReportOnlyNotApplied},
	} {
		t.Run(name, func(t *testing.T) {
			rows := ca.Evaluate(stepUp(), []ca.Policy{test.policy.parse(t)}).Applied
			if len(rows) != 1 || rows[0].Result != test.want {
				t.Errorf("rows %+v, want one with %s", rows, test.want)
			}
		})
	}
}

func TestTheLogNamesControlsAndLifetimes(t *testing.T) {
	d := ca.Evaluate(stepUp(), []ca.Policy{policy{grant: phishing}.parse(t), policy{session: hourly}.parse(t), policy{}.parse(t)})
	wantControls := []string{"Require authentication strength - Phishing-resistant MFA"}
	if diff := cmp.Diff(wantControls, d.Applied[0].GrantControls); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"signInFrequency"}, d.Applied[0].SessionControls); diff != "" {
		t.Error(diff)
	}
	var lifetimes []string
	for _, l := range d.SessionLifetime {
		lifetimes = append(lifetimes, l.ExpirationRequirement)
	}
	if diff := cmp.Diff([]string{ca.FrequencyEveryTime, ca.FrequencyPeriodic}, lifetimes); diff != "" {
		t.Error(diff)
	}
}

func TestAcceptsTheMethodsThatGoOn(t *testing.T) {
	passwordOnly := session(20*time.Minute, 20*time.Minute)
	passwordOnly.Secondary = ca.Factor{}
	for name, test := range map[string]struct {
		policy policy
		method ca.Method
		want   bool
	}{
		"a code for MFA":                       {policy{grant: mfa, session: none}, ca.SoftwareOath, true},
		"a password is no second factor":       {policy{grant: mfa, session: none}, ca.Password, false},
		"a code for phishing-resistant":        {policy{grant: phishing, session: none}, ca.SoftwareOath, false},
		"a passkey for phishing-resistant":     {policy{grant: phishing, session: none}, ca.FIDO2, true},
		"a code for the strength multifactor":  {policy{grant: anyMFA, session: none}, ca.SoftwareOath, true},
		"a pass for phishing-resistant":        {policy{grant: phishing, session: none}, ca.TAPOneTime, false},
		"a code when a passkey is asked again": {policy{grant: phishing}, ca.SoftwareOath, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := stepUp()
			in.Session = passwordOnly
			d := ca.Evaluate(in, []ca.Policy{test.policy.parse(t)})
			if !d.NeedsSecondFactor() {
				t.Fatalf("no second factor is asked: %+v", d)
			}
			if got := d.Accepts(test.method, in.Session); got != test.want {
				t.Errorf("accepted: %v, want %v", got, test.want)
			}
		})
	}
}

func TestNeedsDevice(t *testing.T) {
	if d := ca.Evaluate(stepUp(), []ca.Policy{policy{grant: device, session: none}.parse(t)}); !d.NeedsDevice() || d.NeedsSecondFactor() {
		t.Errorf("a compliant device is asked: needs device %v, second factor %v", d.NeedsDevice(), d.NeedsSecondFactor())
	}
}

func TestContextTargets(t *testing.T) {
	enabled, disabled := policy{}.parse(t), policy{state: "disabled"}.parse(t)
	if !ca.ContextTargeted("C1", []ca.Policy{disabled}) || ca.ContextProtected("c1", []ca.Policy{disabled}) {
		t.Error("a disabled policy targets its context and protects nothing")
	}
	if !ca.ContextProtected("c1", []ca.Policy{enabled}) || ca.ContextTargeted("c2", []ca.Policy{enabled}) {
		t.Error("an enabled policy protects its context and no other")
	}
}

func TestParseRefuses(t *testing.T) {
	const whole = `{"displayName":"p","state":"enabled","conditions":{"applications":{},"users":{}},"grantControls":{"operator":"OR","builtInControls":["mfa"]},"sessionControls":{"signInFrequency":{"isEnabled":true,"type":"hours","value":1}}}`
	if _, err := ca.Parse(json.RawMessage(whole)); err != nil {
		t.Fatalf("the policy that every row spoils: %v", err)
	}
	for name, spoil := range map[string][2]string{
		"a state that is none":                {`"enabled","cond`, `"on","cond`},
		"an operator that is none":            {`"OR"`, `"XOR"`},
		"a frequency of zero":                 {`"value":1`, `"value":0`},
		"a frequency without value":           {`"value":1`, `"value":null`},
		"a frequency in weeks":                {`"hours"`, `"weeks"`},
		"a strength that nobody knows":        {`["mfa"]`, `["mfa"],"authenticationStrength":{"id":"x"}`},
		"a list that is a text":               {`["mfa"]`, `"mfa"`},
		"a device filter that cannot be read": {`"users"`, `"devices":{"deviceFilter":{"mode":"include","rule":"device.x ~ 1"}},"users"`},
	} {
		raw := strings.Replace(whole, spoil[0], spoil[1], 1)
		if raw == whole {
			t.Fatalf("%s: the row spoils nothing", name)
		}
		if p, err := ca.Parse(json.RawMessage(raw)); err == nil {
			t.Errorf("%s: parsed as %+v, want an error", name, p)
		}
	}
}

func TestDeviceFilter(t *testing.T) {
	saw := ca.Device{ID: "d", Compliant: true, HybridJoined: true, Attributes: map[string]string{"extensionAttribute1": "SAW-7", "operatingSystem": "Windows"}}
	for rule, want := range map[string]bool{
		`device.isCompliant -eq True`:                                                  true,
		`device.isCompliant -ne True`:                                                  false,
		`device.trustType -eq "ServerAD"`:                                              true,
		`device.extensionAttribute1 -startsWith "saw"`:                                 true,
		`device.extensionAttribute1 -notStartsWith "SAW"`:                              false,
		`device.extensionAttribute1 -contains "-"`:                                     true,
		`device.extensionAttribute1 -endsWith "8"`:                                     false,
		`device.operatingSystem -in ["macOS", "Windows"]`:                              true,
		`device.operatingSystem -notIn ["macOS","Linux"]`:                              true,
		`device.extensionAttribute2 -eq "x"`:                                           false,
		`device.extensionAttribute2 -ne "x"`:                                           true,
		`device.isCompliant -eq False -or device.deviceId -eq "d"`:                     true,
		`device.isCompliant -eq True -and -not (device.operatingSystem -eq "Windows")`: false,
	} {
		f, err := ca.ParseDeviceFilter("include", rule)
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		if got := f.Matches(saw); got != want {
			t.Errorf("%s: matched %v, want %v", rule, got, want)
		}
	}
	unknown, err := ca.ParseDeviceFilter("include", `device.isCompliant -ne True`)
	if err != nil {
		t.Fatal(err)
	}
	if !unknown.Matches(ca.Device{}) {
		t.Error("a negative operator does not match an unknown device (documented that it does)")
	}
	for _, rule := range []string{``, `isCompliant -eq True`, `device.x`, `device.x -like "a"`, `(device.x -eq "a"`, `device.x -eq "a" device.y -eq "b"`, `device.x -eq "a`, `device.x -in ["a"`} {
		if _, err := ca.ParseDeviceFilter("include", rule); err == nil {
			t.Errorf("%q: parsed, want an error", rule)
		}
	}
}
