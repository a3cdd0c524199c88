package suite

import (
	"os"
	"regexp"
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
	_, shell, more := strings.Cut(script, "```sh\n")
	shell, powershell, also := strings.Cut(shell, "```powershell\n")
	if !ok || !more || !also {
		t.Fatal("the guide lacks a script or the Terraform")
	}
	for where, lists := range map[string]map[string][]string{
		quotedAfter(t, powershell, "$roles = ", "\n$"):      {"the PowerShell's roles": readerRoles},
		quotedAfter(t, powershell, "$scopes = ", "\n"):      {"the PowerShell's scopes": harnessScopes},
		quotedAfter(t, shell, "roles='", "'"):               {"the script's roles": readerRoles},
		quotedAfter(t, shell, "scopes='", "'"):              {"the script's scopes": harnessScopes},
		quotedAfter(t, shell, "for name in auth_time", ";"): {"the script's claims": harnessClaims[1:]},
		quotedAfter(t, terraform, "  reader = [", "]"):      {"the Terraform's roles": readerRoles},
		quotedAfter(t, terraform, "  harness = [", "]"):     {"the Terraform's scopes": harnessScopes},
		quotedAfter(t, terraform, "for_each = [", "]"):      {"the Terraform's claims": harnessClaims},
	} {
		for what, want := range lists {
			got := strings.FieldsFunc(where, func(r rune) bool { return strings.ContainsRune(" ,'\"\n", r) })
			slices.Sort(got)
			if want := slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
				t.Errorf("%s are %v, want %v", what, got, want)
			}
		}
	}
	for _, name := range slices.Concat(readerRoles, harnessScopes, fixturesRoles) {
		if !strings.Contains(tables, "`"+name+"`") {
			t.Errorf("no reason is given for %s", name)
		}
	}
	for _, cell := range strings.Split(tables, "`") {
		if strings.Contains(cell, ".Read") && !strings.ContainsAny(cell, " |\n") &&
			!slices.Contains(slices.Concat(readerRoles, harnessScopes, fixturesRoles, []string{"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"}), cell) {
			t.Errorf("the guide names %s, which init gives nobody", cell)
		}
	}
}

// quotedAfter is what stands between two texts.
func quotedAfter(t *testing.T, text, after, before string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, after)
	found, _, end := strings.Cut(rest, before)
	if !ok || !end {
		t.Fatalf("the guide has no %q", after)
	}
	return found
}

// cmdlets are the requests that those of the guide's PowerShell make (documented in the reference of each),
// in its order, with the parameters that are no property of the body.
var cmdlets = []struct{ name, posts, inPath string }{
	{"New-MgApplication -DisplayName 'reprompt reader'", "post applications '{\"displayName\":\"reprompt reader\"", ""},
	{"New-MgServicePrincipal -AppId $reader", "post servicePrincipals '{\"appId\":\"'$reader'", ""},
	{"New-MgServicePrincipalAppRoleAssignment -", "/appRoleAssignments\"", "servicePrincipalId"},
	{"New-MgApplication -DisplayName 'reprompt harness'", "post applications '{\"displayName\":\"reprompt harness\"", ""},
	{"New-MgServicePrincipal -AppId $harness", "post servicePrincipals '{\"appId\":\"'$harness'", ""},
	{"New-MgServicePrincipalAppRoleAssignedTo -", "/appRoleAssignedTo\"", "servicePrincipalId"},
	{"New-MgOauth2PermissionGrant -", "post oauth2PermissionGrants ", ""},
}

// The PowerShell cannot be run here. What it sets is what the script sets that a test runs.
func TestThePowerShellSetsWhatTheScriptSets(t *testing.T) {
	text, err := os.ReadFile("../docs/real-tenant.md")
	if err != nil {
		t.Fatal(err)
	}
	shell := quotedAfter(t, string(text), "```sh\nset", "```")
	powershell := quotedAfter(t, string(text), "```powershell", "```")
	parameter, key := regexp.MustCompile(`\s-([A-Z]\w+)`), regexp.MustCompile(`[{,\n ]"(\w+)":`)
	if got := strings.Count(powershell, "New-Mg"); got != len(cmdlets) {
		t.Errorf("the PowerShell has %d cmdlets that make something, %d are known", got, len(cmdlets))
	}
	for _, c := range cmdlets {
		_, call, ok := strings.Cut(powershell, strings.TrimSuffix(c.name, " -"))
		call = strings.TrimSuffix(c.name, " -") + regexp.MustCompile(`(?s)^(?:.*?[\x60,(]\n)*[^\n]*`).FindString(call)
		_, body, also := strings.Cut(shell, c.posts)
		body = c.posts + regexp.MustCompile(`(?s)^.*?\}' `).FindString(body)
		if !ok || !also {
			t.Errorf("%s or its request %s is not in the guide", c.name, c.posts)
			continue
		}
		var sets, want []string
		for _, found := range parameter.FindAllStringSubmatch(" "+call, -1) {
			if name := strings.ToLower(found[1][:1]) + found[1][1:]; name != c.inPath {
				sets = append(sets, name)
			}
		}
		for _, found := range key.FindAllStringSubmatch(body, -1) {
			want = append(want, found[1])
		}
		inner := []string{"redirectUris", "idToken", "resourceAppId", "resourceAccess", "type", "usage", "key"}
		want = slices.DeleteFunc(want, func(name string) bool { return slices.Contains(inner, name) })
		slices.Sort(sets)
		slices.Sort(want)
		if !slices.Equal(sets, want) || len(sets) == 0 {
			t.Errorf("%s sets %v, the script %v", c.name, sets, want)
		}
	}
}
