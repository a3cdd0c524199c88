package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/reprompt/reprompt/graph"
)

func (e *examination) reach(ctx context.Context) []Check {
	tenant, err := e.Graph.Organization(ctx)
	if err != nil {
		return e.unread(err, "Directory.Read.All")
	}
	return ok("answers for %s", tenant.DisplayName)
}

func (e *examination) licence(ctx context.Context) []Check {
	plans, err := e.Graph.Plans(ctx)
	if err != nil {
		return e.unread(err, "Directory.Read.All")
	}
	const mend = "get Microsoft Entra ID P2 or Microsoft Entra ID Governance for the tenant, also as a trial"
	i := slices.IndexFunc(plans, func(p graph.Plan) bool { return p.ID == graph.PlanEntraP2 || p.ID == graph.PlanGovernance })
	switch {
	case i < 0:
		return failed(mend, "the tenant has neither Entra ID P2 nor Entra ID Governance, without which there is no Privileged Identity Management")
	case plans[i].Status != "Enabled" && plans[i].Status != "Warning":
		return failed(mend, "the licence for Privileged Identity Management is %s", plans[i].Status)
	}
	return ok("brings Privileged Identity Management")
}

func (e *examination) defaults(ctx context.Context) []Check {
	on, err := e.Graph.SecurityDefaults(ctx)
	switch {
	case err != nil:
		return e.unread(err, "Policy.Read.All")
	case on:
		return failed("turn security defaults off (Entra admin center, Overview, Properties) and put Conditional Access policies in their place",
			"security defaults are on: no Conditional Access policy can be")
	}
	return ok("off")
}

// freeContext looks for one of c1 to c99 that nothing names. A tenant that is only proved needs none.
func (e *examination) freeContext(ctx context.Context) []Check {
	taken, err := e.takenContexts(ctx)
	if err != nil {
		return e.unread(err, "AuthenticationContext.Read.All")
	}
	for n := 1; n <= 99; n++ {
		if id := fmt.Sprintf("c%d", n); !taken[id] {
			return ok("%s is free", id)
		}
	}
	if !e.Prepares {
		return note("", "all of c1 to c99 are taken: scenarios that make one could not run here")
	}
	return failed("delete an authentication context that no policy, role setting or protected action names", "all of c1 to c99 are taken: a scenario can make none")
}

func (e *examination) takenContexts(ctx context.Context) (map[string]bool, error) {
	taken := map[string]bool{}
	contexts, err := e.Graph.Contexts(ctx)
	for _, c := range contexts {
		taken[c.ID] = true
	}
	if err == nil {
		err = e.readPolicies(ctx)
	}
	for _, p := range e.policies {
		for _, id := range p.Contexts {
			taken[id] = true
		}
	}
	if err != nil {
		return nil, err
	}
	settings, err := e.Graph.RoleSettings(ctx)
	for _, s := range settings {
		if s.ContextEnabled {
			taken[s.ContextID] = true
		}
	}
	if err != nil {
		return nil, err
	}
	actions, err := e.Graph.ProtectedActions(ctx)
	for _, a := range actions {
		taken[a.ContextID] = true
	}
	return taken, err
}
