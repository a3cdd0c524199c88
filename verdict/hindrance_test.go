package verdict_test

import (
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// stopped is a proof that broke at a step, under one more policy on all applications.
func stopped(o *verdict.Observation, f verdict.Failure, change func(*verdict.Policy)) {
	beside := everyTimePolicy()
	beside.ID, beside.Name, beside.Contexts, beside.Applications = "beside-1", "Everything", nil, []string{"All"}
	if change != nil {
		change(&beside)
	}
	o.Configuration.Beside, o.Failure = []verdict.Policy{beside}, &f
}

// What stopped the proof is named as an object where the configuration lets tell, and nobody is accused
// where it does not.
func TestWhatStoppedTheProofIsNamed(t *testing.T) {
	const prime, strength = "prime the session", "00000000-0000-0000-0000-000000000004"
	device := func(p *verdict.Policy) { p.Grants = []string{"compliantDevice"} }
	register := verdict.Failure{Code: verdict.TenantNotReady, Step: prime, Page: "register-security-info"}
	for _, d := range []diagnosis{
		{name: "every time on everything", change: func(o *verdict.Observation) {
			stopped(o, verdict.Failure{Code: verdict.OtherPolicyPrompts, Step: prime}, nil)
		}, codes: codes(verdict.PolicyPromptsElsewhere), object: "/policies/beside-1", says: `"Everything" asks every time for the applications All`, mend: "Exclude the test admin"},
		{name: "every time on everything, the admin excluded", change: func(o *verdict.Observation) {
			stopped(o, verdict.Failure{Code: verdict.OtherPolicyPrompts, Step: prime}, func(p *verdict.Policy) { p.ExcludeUsers = []string{adminID} })
		}, codes: codes()},
		{name: "the proof broke at something else", change: func(o *verdict.Observation) {
			stopped(o, verdict.Failure{Code: verdict.HostRefused, Step: prime}, device)
		}, codes: codes()},
		{name: "the context's policy demands a device", change: func(o *verdict.Observation) {
			stopped(o, verdict.Failure{Code: verdict.DeviceRequired, Step: prime}, nil)
			device(onlyPolicy(o))
		}, codes: codes(verdict.PolicyDemandsDevice), object: "/policies/policy-1", says: "demands a compliant or joined device", mend: "--headed"},
		{name: "a policy on everything demands a device at the first sign-in", change: func(o *verdict.Observation) {
			stopped(o, verdict.Failure{Code: verdict.DeviceRequired, Step: "sign in"}, device)
			device(onlyPolicy(o))
		}, codes: codes(verdict.PolicyDemandsDevice), object: "/policies/beside-1"},
		{name: "no method of the strength", change: func(o *verdict.Observation) {
			stopped(o, register, nil)
			onlyPolicy(o).Grants, onlyPolicy(o).Strength = nil, strength
			o.Configuration.Names = []verdict.Named{{ID: strength, Name: "Phishing-resistant MFA"}}
		}, codes: codes(verdict.PolicyMethodMissing), object: "/policies/policy-1", says: `the authentication strength "Phishing-resistant MFA" (` + strength + ")", mend: "Register a method"},
		{name: "no second factor at all", change: func(o *verdict.Observation) {
			stopped(o, register, nil)
		}, codes: codes(verdict.PolicyMethodMissing), says: "demands multifactor authentication"},
		{name: "a registration that no policy on the context asks for", change: func(o *verdict.Observation) {
			stopped(o, verdict.Failure{Code: verdict.TenantNotReady, Step: "sign in", Page: register.Page}, nil)
		}, codes: codes()},
		{name: "consent is another matter", change: func(o *verdict.Observation) {
			stopped(o, verdict.Failure{Code: verdict.TenantNotReady, Step: prime, Page: "consent"}, nil)
		}, codes: codes()},
	} {
		t.Run(d.name, d.run)
	}
}
