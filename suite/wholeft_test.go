package suite

import (
	"strings"
	"testing"

	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
)

// Where a role is active already, the message names the run that left it so and the command that undoes it, as
// far as the journal of the tenant knows.
func TestARoleThatIsActiveAlreadySaysWhoLeftIt(t *testing.T) {
	const exact = "Reader is active already, left by run earlier; undo it with: reprompt cleanup --tenant t.yaml"
	const perhaps = "as read; it may be so because run earlier did not undo what it made (1 change); undo that with: reprompt cleanup --tenant t.yaml"
	for _, row := range []struct {
		name, run, tenant, role string
		file, code, want        string
	}{
		{name: "an activation of it that was not given back", want: exact},
		{name: "another change of a run that was killed", role: "other", want: perhaps},
		{name: "the activation of another tenant", tenant: "elsewhere", want: "as read"},
		{name: "a scenario of this run", run: "mine-07", want: "as read"},
		{name: "an account that was made for this run", run: "mine-admin", role: "other", want: "as read"},
		{name: "a tenant that ends with this process", file: "none", want: "as read"},
		{name: "another failure", code: string(verdict.RoleNotEligible), want: "as read"},
	} {
		t.Run(row.name, func(t *testing.T) {
			journal, err := fixtures.Open(t.TempDir() + "/journal.db")
			if err != nil {
				t.Fatal(err)
			}
			defer journal.Close()
			or := func(text, otherwise string) string {
				if text == "" {
					return otherwise
				}
				return text
			}
			before := &fixtures.Fixtures{Journal: journal, TenantID: or(row.tenant, "tenant"), RunID: or(row.run, "earlier")}
			ref := fixtures.ActivationRef{PrincipalID: "admin", RoleDefinitionID: or(row.role, "reader"), DirectoryScopeID: "/", Justification: "a run's own"}
			if _, err := before.Activating(t.Context(), ref); err != nil {
				t.Fatal(err)
			}
			w := &world{
				runID: "mine-01", place: place{tenantID: "tenant", adminID: "admin", file: strings.TrimPrefix(or(row.file, "t.yaml"), "none")},
				fixtures: &fixtures.Fixtures{Journal: journal},
			}
			seen := verdict.Observation{
				Role:    verdict.Role{Name: "Reader", DefinitionID: "reader", DirectoryScopeID: "/"},
				Failure: &verdict.Failure{Code: verdict.Code(or(row.code, string(verdict.RoleAlreadyActive))), Text: "as read"},
			}
			if w.sayWhoLeft(&seen); seen.Failure.Text != row.want {
				t.Errorf("%s\nwant %s", seen.Failure.Text, row.want)
			}
		})
	}
}
