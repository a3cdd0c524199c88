package verdict

import (
	"cmp"
	"slices"
	"strings"
)

// strength is what one factor is worth by itself.
type strength struct {
	name              string // for people
	counts            int    // how many factors it counts as
	phishingResistant bool   // usable for the strength of that name
}

// strengths of the factors that a page can ask for. Documented: a passkey, Windows Hello and a
// multifactor certificate are phishing-resistant and multifactor; a Temporary Access Pass
// satisfies the built-in multifactor strength by itself, but not the phishing-resistant one.
var strengths = map[string]strength{
	"password":              {name: "password", counts: 1},
	"totp":                  {name: "one-time code", counts: 1},
	"push":                  {name: "authenticator approval", counts: 1},
	"temporary-access-pass": {name: "Temporary Access Pass", counts: 2},
	"passkey":               {name: "passkey", counts: 2, phishingResistant: true},
	"windows-hello":         {name: "Windows Hello", counts: 2, phishingResistant: true},
	"certificate":           {name: "certificate", counts: 2, phishingResistant: true},
}

// FactorName is what people call a factor: "one-time code" for "totp". An unknown factor is its
// own name.
func FactorName(factor string) string { return cmp.Or(strengths[factor].name, factor) }

// FactorNames joins factors for a sentence: "password and one-time code".
func FactorNames(factors []string) string {
	called := make([]string, len(factors))
	for i, factor := range factors {
		called[i] = FactorName(factor)
	}
	return joined(called)
}

// Factors are the credentials that this activation's step-up really consisted of: sent from a
// page that stood still, after the challenge and before the first token, in order, each once.
func (a Activation) Factors() []string {
	factors := []string{}
	for _, page := range a.StepUp.Pages {
		if a.prompts(page) && !slices.Contains(factors, page.Factor) {
			factors = append(factors, page.Factor)
		}
	}
	return factors
}

// singleFactor reports whether the factors count as one. An unknown factor counts as one.
func singleFactor(factors []string) bool {
	total := 0
	for _, factor := range factors {
		total += max(1, strengths[factor].counts)
	}
	return total < 2
}

func phishingResistant(factors []string) bool {
	return slices.ContainsFunc(factors, func(f string) bool { return strengths[f].phishingResistant })
}

// met reports whether the factors are what require asks for.
func (r Require) met(factors []string) bool {
	switch r {
	case RequirePhishingResistant:
		return phishingResistant(factors)
	case RequireMFA:
		return !singleFactor(factors)
	default:
		return len(factors) > 0
	}
}

// contradictedBy reports whether amr, where it is there at all, denies what the screen showed.
// It never adds to what the screen showed: amr gathers over a session, so after priming it
// lists methods that were not used again.
func (r Require) contradictedBy(amr []string) bool {
	if len(amr) == 0 || r == RequireAny {
		return false
	}
	return !slices.Contains(amr, "mfa") && !slices.Contains(amr, "ngcmfa") && !slices.Contains(amr, "fido")
}

func (r Require) valid() bool {
	return r == RequireAny || r == RequireMFA || r == RequirePhishingResistant
}

// joined writes a list for a sentence.
func joined(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
