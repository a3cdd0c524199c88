package conditionalaccess

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Method is one way to authenticate, spelled as Microsoft Graph's
// authenticationMethodModes.
type Method string

// The methods that combinations are made of (documented).
const (
	Password          Method = "password"
	SoftwareOath      Method = "softwareOath"
	HardwareOath      Method = "hardwareOath"
	SMS               Method = "sms"
	Voice             Method = "voice"
	AuthenticatorPush Method = "microsoftAuthenticatorPush"
	DeviceBasedPush   Method = "deviceBasedPush"
	FIDO2             Method = "fido2"
	WindowsHello      Method = "windowsHelloForBusiness"
	CertificateSingle Method = "x509CertificateSingleFactor"
	CertificateMulti  Method = "x509CertificateMultiFactor"
	TAPOneTime        Method = "temporaryAccessPassOneTime"
	TAPMultiUse       Method = "temporaryAccessPassMultiUse"
	Email             Method = "email"
	QRCodePin         Method = "qrCodePin"
	FederatedSingle   Method = "federatedSingleFactor"
	FederatedMulti    Method = "federatedMultiFactor"
)

// MultiFactor reports whether the method is multifactor by itself.
func (m Method) MultiFactor() bool {
	switch m {
	case FIDO2, WindowsHello, CertificateMulti, DeviceBasedPush, TAPOneTime, TAPMultiUse, FederatedMulti:
		return true
	}
	return false
}

// SecondFactor reports whether the method completes an MFA, alone or after a
// first factor.
func (m Method) SecondFactor() bool {
	switch m {
	case SoftwareOath, HardwareOath, SMS, Voice, AuthenticatorPush:
		return true
	}
	return m.MultiFactor()
}

// FirstFactor reports whether a sign-in can begin with the method.
func (m Method) FirstFactor() bool {
	switch m {
	case Password, CertificateSingle, FederatedSingle, Email, QRCodePin, SMS:
		return true
	}
	return m.MultiFactor()
}

// Combination is a set of methods that together satisfy a strength.
type Combination []Method

// Strength is an authentication strength: any one of its combinations will do.
type Strength struct {
	ID, DisplayName string
	Combinations    []Combination
}

// The ids of the built-in authentication strengths (observed).
const (
	StrengthMFA               = "00000000-0000-0000-0000-000000000002"
	StrengthPasswordless      = "00000000-0000-0000-0000-000000000003"
	StrengthPhishingResistant = "00000000-0000-0000-0000-000000000004"
)

// BuiltInStrengths are the tenant's strengths that nobody can change. The
// combinations of 0002 and 0004 are observed in a live export; those of 0003 are
// documented. 0002 includes the Temporary Access Pass, 0003 and 0004 do not.
func BuiltInStrengths() []Strength {
	return []Strength{
		{ID: StrengthMFA, DisplayName: "Multifactor authentication", Combinations: combinations(
			"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush",
			"temporaryAccessPassOneTime", "temporaryAccessPassMultiUse", "password,microsoftAuthenticatorPush",
			"password,softwareOath", "password,hardwareOath", "password,sms", "password,voice", "federatedMultiFactor",
			"x509CertificateSingleFactor,microsoftAuthenticatorPush", "federatedSingleFactor,microsoftAuthenticatorPush",
			"federatedSingleFactor,softwareOath", "federatedSingleFactor,hardwareOath", "federatedSingleFactor,sms", "federatedSingleFactor,voice")},
		{ID: StrengthPasswordless, DisplayName: "Passwordless MFA", Combinations: combinations(
			"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush")},
		{ID: StrengthPhishingResistant, DisplayName: "Phishing-resistant MFA", Combinations: combinations(
			"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor")},
	}
}

func combinations(lists ...string) []Combination {
	out := make([]Combination, 0, len(lists))
	for _, l := range lists {
		var c Combination
		for _, m := range flags(l) {
			c = append(c, Method(m))
		}
		out = append(out, c)
	}
	return out
}

// Strings gives the combinations as Microsoft Graph writes them ("password,sms").
func (s Strength) Strings() []string {
	out := make([]string, 0, len(s.Combinations))
	for _, c := range s.Combinations {
		parts := make([]string, len(c))
		for i, m := range c {
			parts[i] = string(m)
		}
		out = append(out, strings.Join(parts, ","))
	}
	return out
}

// strengthFrom takes the combinations that the policy carries, else those of the built-in strength.
func strengthFrom(id, name string, lists []string) (Strength, error) {
	if len(lists) > 0 {
		return Strength{ID: id, DisplayName: name, Combinations: combinations(lists...)}, nil
	}
	for _, s := range BuiltInStrengths() {
		if strings.EqualFold(s.ID, id) {
			return s, nil
		}
	}
	return Strength{}, fmt.Errorf("authentication strength %q has no allowedCombinations and is not built in", id)
}

// completedAt is the instant at which the factors completed the combination:
// that of its last part that is not a mere first factor, so that a password
// typed anew does not make an old second factor young. Zero when it is not met.
func (c Combination) completedAt(factors []Factor) time.Time {
	var completed time.Time
	for _, m := range c {
		at := latest(factors, func(f Factor) bool { return f.Method == m })
		if at.IsZero() {
			return time.Time{}
		}
		if (m.SecondFactor() || len(c) == 1) && at.After(completed) {
			completed = at
		}
	}
	return completed
}

// completedAt is the latest instant at which any combination was completed.
func (s Strength) completedAt(factors []Factor) time.Time {
	var completed time.Time
	for _, c := range s.Combinations {
		if at := c.completedAt(factors); at.After(completed) {
			completed = at
		}
	}
	return completed
}

// mfaCompletedAt is the latest instant at which the session completed an MFA: a
// method that is multifactor by itself, or a second factor beside a first one.
func mfaCompletedAt(factors []Factor) time.Time {
	first := slices.ContainsFunc(factors, func(f Factor) bool { return f.Method.FirstFactor() && f.Method != SMS })
	return latest(factors, func(f Factor) bool { return f.Method.MultiFactor() || first && f.Method.SecondFactor() })
}

func latest(factors []Factor, match func(Factor) bool) time.Time {
	var at time.Time
	for _, f := range factors {
		if match(f) && f.At.After(at) {
			at = f.At
		}
	}
	return at
}
