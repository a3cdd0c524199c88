package evidence

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// linkView is one link of the configuration chain as it is drawn: role setting, authentication context,
// policy, the admin covered by it, session control.
type linkView struct {
	Name  string
	Class string // good, bad, or unseen where it was not read or nothing hangs on it
	State string // in a word
	Text  string
	Fault string // what is wrong; empty when nothing is
}

// chainCodes are the causes that break each link.
var chainCodes = [][]verdict.CauseCode{
	{verdict.RoleSettingNoContext},
	{verdict.ContextMissing, verdict.ContextNotPublished},
	{verdict.PolicyMissing, verdict.PolicyDisabled, verdict.PolicyReportOnly, verdict.PolicyBlocks},
	{verdict.PolicyUserNotCovered, verdict.PolicyUserExcluded, verdict.PolicyScopedToInactiveRole, verdict.PolicyConditionNarrows},
	{verdict.SignInFrequencyMissing, verdict.SignInFrequencyDisabled, verdict.SignInFrequencyTimeBased, verdict.SignInFrequencySecondary},
}

// chainOf draws the chain by the configuration that was read; nil where the role setting was not. It
// draws the policy that comes nearest to asking this admin. What is drawn is what the settings say, and
// no part of the verdict.
func chainOf(o verdict.Observation) []linkView {
	if o.Setting.PolicyID == "" {
		return nil
	}
	policy, causes := nearestPolicy(o)
	links := []linkView{
		{Name: "Role setting", Text: settingInWords(o.Setting)},
		{Name: "Authentication context", Text: contextInWords(o)},
		{Name: "Conditional Access policy", Text: policyInWords(policy)},
		{Name: "Covers this admin", Text: coverageInWords(o, policy)},
		{Name: "Session control", Text: frequencyInWords(policy)},
	}
	broken := false
	for i := range links {
		link := &links[i]
		at := slices.IndexFunc(causes, func(c verdict.Cause) bool { return slices.Contains(chainCodes[i], c.Code) })
		switch {
		case at >= 0:
			link.Class, link.State, link.Fault, broken = "bad", "broken here", causes[at].Text, true
		case i > 0 && (!o.Setting.RequiresContext() || o.Configuration == nil), i > 2 && policy == nil:
			link.Class, link.State = "unseen", "not judged"
			if !broken {
				link.State = "not read"
			}
		default:
			link.Class, link.State = "good", "in order"
		}
	}
	return links
}

// nearestPolicy is the policy that the first cause about a policy names, else the first that targets the
// context, is on and asks every time, else nil; and the causes that are its own or no policy's.
func nearestPolicy(o verdict.Observation) (*verdict.Policy, []verdict.Cause) {
	causes := verdict.Diagnose(o)
	if o.Configuration == nil {
		return nil, causes
	}
	named := func(id string) func(verdict.Policy) bool {
		return func(p verdict.Policy) bool { return id != "" && p.ID == id }
	}
	for _, cause := range causes {
		if i := slices.IndexFunc(o.Configuration.Policies, named(path.Base(cause.Object))); i >= 0 {
			policy := &o.Configuration.Policies[i]
			others := func(c verdict.Cause) bool {
				return path.Base(c.Object) != policy.ID && slices.ContainsFunc(o.Configuration.Policies, named(path.Base(c.Object)))
			}
			return policy, slices.DeleteFunc(causes, others)
		}
	}
	for i, p := range o.Configuration.Policies {
		if slices.Contains(p.Contexts, o.Setting.ContextID) && p.State == "enabled" && p.Frequency != nil && p.Frequency.Interval == "everyTime" {
			return &o.Configuration.Policies[i], causes
		}
	}
	return nil, causes
}

func settingInWords(s verdict.Setting) string {
	switch {
	case s.RequiresContext():
		return "On activation it requires the context " + s.ContextID + "."
	case s.MFARequired:
		return "On activation it requires multifactor authentication and no context."
	default:
		return "On activation it requires nothing."
	}
}

func contextInWords(o verdict.Observation) string {
	if !o.Setting.RequiresContext() || o.Configuration == nil {
		return ""
	}
	for _, c := range o.Configuration.Contexts {
		if c.ID == o.Setting.ContextID {
			published := "published to apps"
			if !c.Published {
				published = "not published"
			}
			return fmt.Sprintf("%s, %q, %s.", c.ID, c.Name, published)
		}
	}
	return "There is no context " + o.Setting.ContextID + "."
}

func policyInWords(p *verdict.Policy) string {
	if p == nil {
		return ""
	}
	state := map[string]string{"enabled": "on", "disabled": "off", "enabledForReportingButNotEnforced": "report-only"}[p.State]
	return fmt.Sprintf("%q, %s.", p.Name, state)
}

func coverageInWords(o verdict.Observation, p *verdict.Policy) string {
	if p == nil {
		return ""
	}
	if slices.Contains(p.IncludeUsers, "All") {
		return "It includes all users."
	}
	if slices.Contains(p.IncludeUsers, o.Admin.ObjectID) {
		return "It includes the admin by name."
	}
	if n := len(p.IncludeGroups); n > 0 {
		return fmt.Sprintf("It includes %s.", counted(n, "group"))
	}
	return "It includes " + counted(len(p.IncludeUsers)+len(p.IncludeRoles), "user or role") + "."
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s", n, strings.Replace(noun, " or ", "s or ", 1)+"s")
}

func frequencyInWords(p *verdict.Policy) string {
	switch {
	case p == nil:
		return ""
	case p.Frequency == nil || !p.Frequency.Enabled:
		return "No sign-in frequency."
	case p.Frequency.Interval == "everyTime":
		return "Sign-in frequency: every time."
	default:
		return fmt.Sprintf("Sign-in frequency: %d %s.", p.Frequency.Value, p.Frequency.Type)
	}
}
