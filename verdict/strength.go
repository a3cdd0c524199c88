package verdict

import "slices"

// Met reports whether the step-up of an activation was what require asks for: the credentials on
// screen were, and amr of the activating token does not deny it. A token that was not seen denies
// nothing.
func (r Require) Met(a Activation) bool {
	return r.met(a.Factors()) && (a.Token == nil || !r.contradictedBy(a.Token.AMR))
}

// MetBySignIn reports whether an interactive sign-in was what require asks for, by the credentials
// that were sent from pages that stood still.
func (r Require) MetBySignIn(pass Authentication) bool {
	factors := []string{}
	for _, page := range pass.Pages {
		if page.Factor != "" && page.StoodStill && page.Sent && !slices.Contains(factors, page.Factor) {
			factors = append(factors, page.Factor)
		}
	}
	return r.met(factors)
}
