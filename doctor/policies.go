package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/graph"
)

// readPolicies reads the policies once.
func (e *examination) readPolicies(ctx context.Context) (err error) {
	if e.policies == nil {
		e.policies, err = e.Graph.Policies(ctx)
	}
	return err
}

// excludes and includes are documented: an exclusion beats every inclusion, groups count with nested
// members, a directory role counts while it is active.
func (e *examination) excludes(p graph.Policy) bool {
	return slices.Contains(p.ExcludeUsers, e.AdminID) || common(p.ExcludeGroups, e.member.Groups) || common(p.ExcludeRoles, e.member.Roles)
}

func (e *examination) covers(p graph.Policy) bool {
	in := slices.Contains(p.IncludeUsers, "All") || slices.Contains(p.IncludeUsers, e.AdminID) ||
		common(p.IncludeGroups, e.member.Groups) || common(p.IncludeRoles, e.member.Roles)
	return in && !e.excludes(p)
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool {
		return slices.ContainsFunc(b, func(other string) bool { return strings.EqualFold(one, other) })
	})
}

// resources that a proof asks for tokens of: everything, Microsoft Graph, the admin portals, the
// portal's own client.
var resources = []string{"All", graph.AppIDGraph, "MicrosoftAdminPortals", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"}

// touches reports whether a policy decides about the sign-ins of a proof: those of the test admin to
// what a proof uses, or to any authentication context.
func (e *examination) touches(p graph.Policy) bool {
	excluded := slices.Contains(p.ExcludeApplications, graph.AppIDGraph)
	return p.State == graph.PolicyEnabled && e.covers(p) && (len(p.Contexts) > 0 || common(p.IncludeApplications, resources) && !excluded)
}

// otherPolicies names every policy in the way of a proof.
func (e *examination) otherPolicies(ctx context.Context) []Check {
	if err := e.readPolicies(ctx); err != nil {
		return e.unread(err, "Policy.Read.All")
	}
	var checks []Check
	looked := 0
	for _, p := range e.policies {
		if !e.touches(p) {
			continue
		}
		looked++
		checks = append(checks, named("policy/"+p.ID, fmt.Sprintf("policy %q", p.Name), e.inTheWay(p))...)
	}
	if !slices.ContainsFunc(checks, func(c Check) bool { return c.Result == Failed }) {
		checks = append(checks, ok("none of the %d that cover the test admin is in the way", looked)...)
	}
	return checks
}

const excludeAdmin = "exclude the test admin from the policy, or use an admin that it does not cover"

// inTheWay are the reasons why a policy makes a proof impossible or meaningless; none for most.
func (e *examination) inTheWay(p graph.Policy) []Check {
	var checks []Check
	everything := len(p.Contexts) == 0
	if f := p.Frequency; everything && f != nil && f.Enabled && f.Interval == graph.FrequencyEveryTime {
		checks = append(checks, failed(excludeAdmin, "asks for a new sign-in every time on all resources that a proof uses: a prompt would say nothing about the role")...)
	}
	if slices.Contains(p.Grants, "block") {
		return append(checks, blocks(p)...)
	}
	return append(checks, e.demands(p)...)
}

func blocks(p graph.Policy) []Check {
	if conditions := conditionsOf(p); conditions != "" {
		return note("run from where and with what it lets through", "blocks by %s", conditions)
	}
	return failed(excludeAdmin, "blocks the test admin")
}

// conditionsOf names what a policy depends on beside users and resources.
func conditionsOf(p graph.Policy) string {
	var on []string
	for name, there := range map[string]bool{
		"location": len(p.IncludeLocations)+len(p.ExcludeLocations) > 0, "platform": len(p.IncludePlatforms)+len(p.ExcludePlatforms) > 0,
		"device": p.DeviceFilter != "", "user risk": len(p.UserRisk) > 0, "sign-in risk": len(p.SignInRisk) > 0,
		"client app": len(p.ClientAppTypes) > 0 && !slices.Contains(p.ClientAppTypes, "all"),
	} {
		if there {
			on = append(on, name)
		}
	}
	slices.Sort(on)
	return strings.Join(on, ", ")
}

// unattainable are grant controls that a browser on this machine cannot satisfy.
var unattainable = map[string]string{
	"compliantDevice": "a compliant device", "domainJoinedDevice": "a hybrid joined device", "approvedApplication": "an approved mobile app",
	"compliantApplication": "a mobile app with protection", "passwordChange": "a change of password", "unknownFutureValue": "something that is not known",
}

// demands are what a policy wants and the test admin cannot give. With OR one control suffices.
func (e *examination) demands(p graph.Policy) []Check {
	var cannot []string
	can := 0
	for _, control := range append(slices.Clone(p.Grants), p.Strength) {
		what, hard := e.hard(control)
		switch {
		case hard:
			cannot = append(cannot, what)
		case control != "":
			can++
		}
	}
	if len(cannot) == 0 || can > 0 && p.GrantOperator == "OR" {
		return nil
	}
	if conditions := conditionsOf(p); conditions != "" {
		return note(excludeAdmin+", where its conditions ("+conditions+") hold here", "may want %s", strings.Join(cannot, " and "))
	}
	return failed(excludeAdmin, "wants %s, which this machine and this account cannot give", strings.Join(cannot, " and "))
}

// hard reports whether a grant control or authentication strength cannot be satisfied, and calls it.
func (e *examination) hard(control string) (what string, hard bool) {
	switch control {
	case strengthPhishing:
		return "a stronger method than the credentials in the tenant file", !(e.Makes != nil && e.Makes.Passkey) && len(e.Credentials.Passkeys) == 0 && !e.Credentials.Human
	case strengthMFA, "mfa":
		return "a second factor, which the credentials in the tenant file lack", e.Makes == nil && !e.Credentials.secondFactor()
	}
	what, hard = unattainable[control]
	return what, hard
}

// Built-in authentication strengths (observed in exports of tenants).
const (
	strengthMFA      = "00000000-0000-0000-0000-000000000002"
	strengthPhishing = "00000000-0000-0000-0000-000000000004"
)
