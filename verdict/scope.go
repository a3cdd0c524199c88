package verdict

import (
	"fmt"
	"slices"
)

// ScopeOf lays the static configuration beside the observation: for which other admins and
// under which conditions the configuration says something else than what was seen. It reads
// settings; it tries nothing. Where Configuration is nil the scope is not known.
func ScopeOf(o Observation) Scope {
	if o.Configuration == nil {
		return Scope{}
	}
	c := *o.Configuration
	s := Scope{NotCovered: []NotCovered{}, NarrowedBy: []Narrowing{}, OtherPaths: append([]OtherPath{}, c.OtherPaths...)}
	policies := c.targeting(o.Setting.ContextID)
	narrowed := policiesRelyingOnConditions(policies, c.admin(o.Admin.ObjectID), o.Require)
	counted := map[string]bool{}
	for _, p := range c.Principals {
		if counted[p.ID] {
			continue // eligible along two ways, one person
		}
		counted[p.ID] = true
		s.Eligible++
		if why := o.notCovered(policies, p.subject()); why != "" {
			s.NotCovered = append(s.NotCovered, NotCovered{ID: p.ID, Why: why})
			continue
		}
		s.Covered++
		narrowed = append(narrowed, policiesRelyingOnConditions(policies, p.subject(), o.Require)...)
	}
	for _, p := range narrowed {
		for _, condition := range c.conditions(p) {
			if n := (Narrowing{Policy: p.ID, Condition: condition}); !slices.Contains(s.NarrowedBy, n) {
				s.NarrowedBy = append(s.NarrowedBy, n)
			}
		}
	}
	return s
}

// Known reports whether the configuration could be read.
func (s Scope) Known() bool { return s.NotCovered != nil }

// Clean reports whether the configuration treats every eligible admin, everywhere, as the
// observed one was treated. A scope that is not known is not clean.
func (s Scope) Clean() bool {
	return s.Known() && len(s.NotCovered) == 0 && len(s.NarrowedBy) == 0 && len(s.OtherPaths) == 0
}

// notCovered says why no right policy covers the subject; empty when one does.
func (o Observation) notCovered(policies []Policy, s subject) string {
	if !o.Setting.RequiresContext() {
		return "the role setting requires no authentication context"
	}
	why := fmt.Sprintf("no enabled policy with sign-in frequency \"every time\" targets the context %s", o.Setting.ContextID)
	for _, p := range policies {
		if !p.right(o.Require) {
			continue
		}
		if p.covers(s) {
			return ""
		}
		why = fmt.Sprintf("the policy %q does not include this principal", p.Name)
		if path, out := p.excludes(s); out {
			why = fmt.Sprintf("the policy %q excludes this principal %s", p.Name, path)
		}
	}
	return why
}

// policiesRelyingOnConditions are the right policies that cover the subject, all of them with
// conditions; none when one covers the subject without any.
func policiesRelyingOnConditions(policies []Policy, s subject, require Require) []Policy {
	var narrowed []Policy
	for _, p := range policies {
		if !p.right(require) || !p.covers(s) {
			continue
		}
		if len(p.conditions()) == 0 {
			return nil
		}
		narrowed = append(narrowed, p)
	}
	return narrowed
}
