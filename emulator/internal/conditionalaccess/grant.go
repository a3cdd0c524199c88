package conditionalaccess

import "strings"

// The grant controls that the tenant can judge, spelled as Microsoft Graph does.
const (
	controlBlock     = "block"
	controlMFA       = "mfa"
	controlCompliant = "compliantDevice"
	controlHybrid    = "domainJoinedDevice"
	controlStrength  = "authenticationStrength"
)

// requiresMFA reports whether the grant can only be had with an MFA.
func (g *Grant) requiresMFA() bool {
	if g == nil {
		return false
	}
	controls := g.controls()
	mfa := 0
	for _, c := range controls {
		if c == controlMFA || c == controlStrength {
			mfa++
		}
	}
	return mfa > 0 && (g.All || mfa == len(controls))
}

// controls lists every control of the grant once.
func (g *Grant) controls() []string {
	if g == nil {
		return nil
	}
	var out []string
	for _, c := range g.BuiltIn {
		out = append(out, canonicalControl(c))
	}
	if g.Strength != nil {
		out = append(out, controlStrength)
	}
	for _, t := range g.TermsOfUse {
		out = append(out, "termsOfUse:"+t)
	}
	for _, c := range g.Custom {
		out = append(out, "custom:"+c)
	}
	return out
}

func canonicalControl(c string) string {
	for _, known := range []string{controlBlock, controlMFA, controlCompliant, controlHybrid} {
		if strings.EqualFold(c, known) {
			return known
		}
	}
	return c
}

// names are the controls as the sign-in log lists them.
func (g *Grant) names() []string {
	names := g.controls()
	for i, n := range names {
		if n == controlStrength {
			names[i] = "Require authentication strength - " + g.Strength.DisplayName
		}
	}
	return names
}

// names are the session controls as the sign-in log lists them.
func (s Session) names() []string {
	var out []string
	if s.Frequency != nil {
		out = append(out, "signInFrequency")
	}
	if s.PersistentBrowser != "" {
		out = append(out, "persistentBrowserSessionMode")
	}
	return append(out, s.Other...)
}

// examine judges the grant controls. Controls that the tenant does not model
// (terms of use, password change, approved apps, custom factors) are never met.
func (g *Grant) examine(in SignIn, p Policy) finding {
	controls := g.controls()
	if len(controls) == 0 {
		return finding{}
	}
	if containsFold(controls, controlBlock) {
		return finding{blocked: true, hard: true}
	}
	var unmet []string
	for _, c := range controls {
		if !g.met(c, in) {
			unmet = append(unmet, c)
		}
	}
	if len(unmet) == 0 || !g.All && len(unmet) < len(controls) {
		return finding{}
	}
	r := Requirement{Policy: PolicyRef{p.ID, p.DisplayName}, All: g.All, Controls: unmet}
	if containsFold(unmet, controlStrength) {
		r.Strength = g.Strength
	}
	return finding{unmet: &r, hard: !r.methodHelps()}
}

func (g *Grant) met(control string, in SignIn) bool {
	switch control {
	case controlMFA:
		return !mfaCompletedAt(in.Session.factors()).IsZero()
	case controlStrength:
		// Documented: a method of the session's history counts, however old.
		return !g.Strength.completedAt(in.Session.factors()).IsZero()
	case controlCompliant:
		return in.Device.Compliant
	case controlHybrid:
		return in.Device.HybridJoined
	}
	return false
}
