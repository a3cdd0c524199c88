package suite

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// proved proves roles of the clinic's tenant through Graph.
func (c *clinic) proved(options Options, request ProveRequest) []evidence.Proof {
	c.Helper()
	options.Tenant, options.EvidenceDir, request.Way = c.tenant, c.TempDir(), verdict.WayGraph
	proofs, err := Prove(c.Context(), options, request, nil)
	c.must(err)
	return proofs
}

func TestAProofWaitsUntilTheConfigurationHasSettled(t *testing.T) {
	c := newClinic(t)
	c.tenant.Waits.Settle = 20 * time.Minute
	began := c.world.clock.Now()
	c.policy(graph.Policy{Name: "younger", Contexts: []string{"c1"}, IncludeApplications: []string{}, GrantOperator: "OR", Grants: []string{"mfa"}})
	proof := c.proved(Options{}, ProveRequest{Roles: []string{embeddedRole}})[0]
	if waited := proof.Observation.Started.Sub(began); waited < 19*time.Minute {
		t.Errorf("the proof began after %s, want the policy to be 20 minutes old", waited)
	}
	if proof.Verdict.Outcome != verdict.Enforced {
		t.Errorf("verdict %+v", proof.Verdict)
	}
}

// onText calls do once when a text comes by.
type onText struct {
	text string
	do   func()
	once sync.Once
}

func (o *onText) Write(p []byte) (int, error) {
	if strings.Contains(string(p), o.text) {
		o.once.Do(o.do)
	}
	return len(p), nil
}

func TestAChangeDuringAProofDecidesNothing(t *testing.T) {
	for name, row := range map[string]struct {
		change func(c *clinic)
		says   string
	}{
		"a policy more": {func(c *clinic) {
			c.policy(graph.Policy{Name: "new", Contexts: []string{"c1"}, IncludeApplications: []string{}, GrantOperator: "OR", Grants: []string{"mfa"}})
		}, `the policy "new" (/identity/conditionalAccess/policies/`},
		"a policy less": {func(c *clinic) {
			policies, err := c.world.reader.Policies(c.Context())
			c.must(err)
			c.must(c.world.reader.DeletePolicy(c.Context(), policies[0].ID))
		}, `the policy "Re-authenticate before a role is activated"`},
		"a policy beside, new": {func(c *clinic) {
			c.policy(graph.Policy{Name: "beside", GrantOperator: "OR", Grants: []string{"mfa", "compliantDevice"}})
		}, `the policy "beside" (/identity/conditionalAccess/policies/`},
		"a policy beside, for others": {func(c *clinic) {
			c.policy(graph.Policy{Name: "beside", GrantOperator: "OR", Grants: []string{"mfa"}})
		}, ""},
		"another policy": {func(c *clinic) {
			c.must(c.world.reader.SetContext(c.Context(), graph.Context{ID: "c9", Name: "elsewhere", Published: true}))
			c.policy(graph.Policy{Name: "elsewhere", Contexts: []string{"c9"}, IncludeApplications: []string{}, GrantOperator: "OR", Grants: []string{"mfa"}})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t)
			watch := &onText{text: "give the role back", do: func() { row.change(c) }}
			proof := c.proved(Options{Progress: watch}, ProveRequest{Roles: []string{embeddedRole}})[0]
			failure := proof.Observation.Failure
			switch {
			case row.says == "" && proof.Verdict.Outcome != verdict.Enforced:
				t.Errorf("verdict %+v", proof.Verdict)
			case row.says != "" && (failure == nil || failure.Code != verdict.TenantNotReady || !strings.Contains(failure.Text, row.says) || proof.Verdict.Outcome != verdict.Inconclusive):
				t.Errorf("failure %+v, verdict %+v", failure, proof.Verdict)
			}
		})
	}
}

// A policy that is in the way, and was there before, counts when it is changed or goes.
func TestAPolicyBesideThatGoesDecidesNothing(t *testing.T) {
	c := newClinic(t)
	made, err := c.world.reader.CreatePolicy(t.Context(), graph.Policy{
		Name: "beside", State: graph.PolicyEnabled, IncludeUsers: []string{c.tenant.Admin.ObjectID}, IncludeApplications: []string{"00000002-0000-0ff1-ce00-000000000000"},
		GrantOperator: "OR", Grants: []string{"compliantDevice"},
	})
	c.must(err)
	watch := &onText{text: "give the role back", do: func() { c.must(c.world.reader.DeletePolicy(t.Context(), made.ID)) }}
	failure := c.proved(Options{Progress: watch}, ProveRequest{Roles: []string{embeddedRole}})[0].Observation.Failure
	if failure == nil || failure.Code != verdict.TenantNotReady || !strings.Contains(failure.Text, made.ID) {
		t.Errorf("failure %+v, want one that names the policy %s", failure, made.ID)
	}
}

func TestEveryProtectedRoleIsProved(t *testing.T) {
	c := newClinic(t)
	proofs := c.proved(Options{}, ProveRequest{AllProtected: true})
	if len(proofs) != 1 || proofs[0].Role.Name != embeddedRole || proofs[0].Verdict.Outcome != verdict.Enforced {
		t.Errorf("proofs %+v", proofs)
	}
	setting, err := c.world.reader.RoleSetting(t.Context(), proofs[0].Role.DefinitionID)
	c.must(err)
	rule, _ := setting.Rule(graph.RuleContext)
	off, err := rule.WithContextOff("")
	c.must(err)
	c.must(c.world.reader.SetRule(t.Context(), setting.PolicyID, off))
	_, err = Prove(t.Context(), Options{Tenant: c.tenant, EvidenceDir: t.TempDir()}, ProveRequest{AllProtected: true}, nil)
	wantRequirement(t, "nothing is protected", err, []string{"no role setting of the tenant", "nothing to prove"})
}
