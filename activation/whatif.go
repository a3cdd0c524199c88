package activation

import (
	"cmp"
	"context"
	"runtime"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// platforms are Conditional Access's names of the systems that the browser may run on. It tells
// them by the user agent (documented).
var platforms = map[string]string{"linux": "linux", "windows": "windows", "darwin": "macOS"}

// foretell asks Microsoft's What-If, before anything is tried, what the policies would make of a
// sign-in that asks for the context. It is an adviser: without an answer the proof goes on.
func (p *proof) foretell(ctx context.Context) error {
	p.seen.Prediction = &verdict.Prediction{At: p.now(), Asked: p.seen.Setting.RequiresContext(), Applies: []verdict.PredictedPolicy{}}
	if !p.seen.Prediction.Asked {
		return nil
	}
	policies, err := p.Reader.WhatIf(ctx, graph.WhatIfQuery{
		UserID: p.AdminID, ContextID: p.seen.Setting.ContextID, ClientApp: "browser", Platform: platforms[runtime.GOOS],
	})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case graph.IsForbidden(err):
		p.seen.Prediction.Text = "not permitted: What-If needs Policy.Read.ConditionalAccess or Policy.Read.All"
	case err != nil:
		p.seen.Prediction.Text = "no answer: " + err.Error()
	}
	for _, policy := range policies {
		if policy.Applies {
			p.seen.Prediction.Applies = append(p.seen.Prediction.Applies, predicted(policy.Policy))
		}
	}
	p.event("what-if", "%s", cmp.Or(p.seen.Prediction.Text, foretold(p.seen.Prediction)))
	return nil
}

func foretold(prediction *verdict.Prediction) string {
	switch prediction.Foretells() {
	case verdict.SignInBlocked:
		return "a policy that blocks would apply"
	case verdict.SignInNeedsDevice:
		return "a policy that demands a compliant or joined device would apply"
	case verdict.SignInPrompts:
		return "a policy that asks every time would apply"
	default:
		return "no policy that asks every time would apply"
	}
}

func predicted(p graph.Policy) verdict.PredictedPolicy {
	whole := policyOf(p)
	return verdict.PredictedPolicy{
		ID: whole.ID, Name: whole.Name, State: whole.State, Grants: whole.Grants, GrantOperator: whole.GrantOperator,
		Strength: whole.Strength, Frequency: whole.Frequency,
	}
}
