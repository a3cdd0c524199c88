package suite

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The guide, its script and its Terraform name the permissions that init gives, each of them.
func TestTheGuideNamesThePermissionsThatInitGives(t *testing.T) {
	text, err := os.ReadFile("../docs/real-tenant.md")
	if err != nil {
		t.Fatal(err)
	}
	tables, rest, _ := strings.Cut(string(text), "## Click by click")
	script, terraform, ok := strings.Cut(rest, "## As Terraform")
	if !ok {
		t.Fatal("the guide has no Terraform")
	}
	for _, name := range slices.Concat(readerRoles, harnessScopes, fixturesRoles) {
		if !strings.Contains(tables, "`"+name+"`") {
			t.Errorf("no reason is given for %s", name)
		}
	}
	for _, name := range slices.Concat(readerRoles, harnessScopes, harnessClaims) {
		if !strings.Contains(script, "'"+name+"'") {
			t.Errorf("the script lacks %s", name)
		}
		if !strings.Contains(terraform, `"`+name+`"`) {
			t.Errorf("the Terraform lacks %s", name)
		}
	}
	for _, cell := range strings.Split(tables, "`") {
		if strings.Contains(cell, ".Read") && !strings.ContainsAny(cell, " |\n") &&
			!slices.Contains(slices.Concat(readerRoles, harnessScopes, fixturesRoles, []string{"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"}), cell) {
			t.Errorf("the guide names %s, which init gives nobody", cell)
		}
	}
}
