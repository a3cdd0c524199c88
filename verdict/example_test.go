package verdict_test

import (
	"fmt"

	"github.com/reprompt/reprompt/verdict"
)

// A policy that only reports: the role became active and nobody was asked.
func ExampleDecide() {
	v := verdict.Decide(unasked())
	fmt.Println(v.Outcome)
	fmt.Println(v.Reasons[0].Code)
	fmt.Println(v.Causes[0].Code, v.Causes[0].Object)
	fmt.Println(v.Causes[0].Mend)
	// Output:
	// not-enforced
	// ACTIVATED_WITHOUT_PROMPT
	// POLICY_REPORT_ONLY /identity/conditionalAccess/policies/policy-1
	// Switch the policy from report-only to on.
}
