package verdict

import (
	"fmt"
	"slices"
)

// pageRegister is the page at which the sign-in host wants a method to be registered first.
const pageRegister = "register-security-info"

// hindranceCauses name the policies that stopped the proof, as far as the configuration lets tell: those
// that are on, cover the admin and demand what the flow broke at.
func (o Observation) hindranceCauses() []Cause {
	if o.Failure == nil || o.Configuration == nil {
		return nil
	}
	onContext := o.Configuration.targeting(o.Setting.ContextID)
	afterAsking := o.Failure.Step != firstSignIn
	switch {
	case o.Failure.Code == DeviceRequired && afterAsking:
		return o.hindrances(slices.Concat(onContext, o.Configuration.Beside), deviceHindrance)
	case o.Failure.Code == DeviceRequired:
		return o.hindrances(o.Configuration.Beside, deviceHindrance)
	case o.Failure.Code == OtherPolicyPrompts:
		return o.hindrances(o.Configuration.Beside, o.promptHindrance)
	case o.Failure.Code == TenantNotReady && o.Failure.Page == pageRegister && afterAsking:
		return o.hindrances(onContext, o.methodHindrance)
	default:
		return nil
	}
}

// hindrances are the causes that of finds in the policies that are on and cover the admin.
func (o Observation) hindrances(policies []Policy, of func(Policy) (Cause, bool)) []Cause {
	var causes []Cause
	for _, p := range policies {
		if p.State != stateEnabled || !p.covers(o.Configuration.admin(o.Admin.ObjectID)) {
			continue
		}
		if cause, ok := of(p); ok {
			cause.Object = p.path()
			causes = append(causes, cause)
		}
	}
	return causes
}

func deviceHindrance(p Policy) (Cause, bool) {
	return Cause{
		Code: PolicyDemandsDevice,
		Text: fmt.Sprintf("The policy %q demands a compliant or joined device, which the harness's browser is not on.", p.Name),
		Mend: "Prove on such a device with --headed, or exclude the test admin from the policy.",
	}, demandsDevice(p.Grants, p.GrantOperator, p.Strength)
}

func (o Observation) promptHindrance(p Policy) (Cause, bool) {
	f := p.Frequency
	return Cause{
		Code: PolicyPromptsElsewhere,
		Text: fmt.Sprintf("The policy %q asks every time for the applications %s, not for the context %s: its prompt comes wherever the admin signs in to them.",
			p.Name, list(p.Applications), o.Setting.ContextID),
		Mend: "Exclude the test admin from this policy and leave asking to the one on the context; where it covers the admin portals only, prove with --way graph.",
	}, f != nil && f.Enabled && f.Interval == everyTime
}

// methodHindrance tells of a policy that demands what the admin would have to register first.
func (o Observation) methodHindrance(p Policy) (Cause, bool) {
	demands := "multifactor authentication"
	if p.Strength != "" {
		demands = "the authentication strength " + o.Configuration.named(p.Strength)
	}
	return Cause{
		Code: PolicyMethodMissing,
		Text: fmt.Sprintf("The policy %q demands %s, for which the admin has no method: the sign-in host wants one registered first.", p.Name, demands),
		Mend: "Register a method for the test admin that satisfies the policy and name it in the tenant file, or change what the policy demands.",
	}, p.Strength != "" || slices.Contains(p.Grants, "mfa")
}
