package terraform

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// arguments are the names that the documentation of the provider has for what the guide uses, nested blocks
// by their path (hashicorp/azuread at f0169e0, of version 3; documented).
var arguments = map[string][]string{
	"resource azuread_application":                                          {"display_name", "fallback_public_client_enabled", "public_client", "optional_claims", "required_resource_access", "sign_in_audience"},
	"resource azuread_application/public_client":                            {"redirect_uris"},
	"resource azuread_application/optional_claims":                          {"access_token", "id_token", "saml2_token"},
	"resource azuread_application/optional_claims/id_token":                 {"name", "essential", "source", "additional_properties"},
	"resource azuread_application/required_resource_access":                 {"resource_app_id", "resource_access"},
	"resource azuread_application/required_resource_access/resource_access": {"id", "type"},
	"resource azuread_service_principal":                                    {"client_id", "app_role_assignment_required"},
	"resource azuread_application_certificate":                              {"application_id", "type", "value", "encoding", "end_date", "end_date_relative", "start_date", "key_id"},
	"resource azuread_app_role_assignment":                                  {"app_role_id", "principal_object_id", "resource_object_id", "for_each"},
	"resource azuread_service_principal_delegated_permission_grant":         {"service_principal_object_id", "resource_service_principal_object_id", "user_object_id", "claim_values"},
	"data azuread_service_principal":                                        {"client_id", "display_name", "object_id"},
	"data azuread_user":                                                     {"user_principal_name", "object_id"},
	"output":                                                                {"value"},
	"variable":                                                              {"type", "description"},
	"terraform":                                                             {"required_providers"},
	"terraform/required_providers":                                          {"azuread"},
}

// exported are the attributes of each that others may name, beside its arguments.
var exported = []string{"id", "object_id", "client_id", "app_role_ids", "oauth2_permission_scope_ids"}

// blocks is the Terraform of the guide.
func blocks(t *testing.T) hclsyntax.Blocks {
	t.Helper()
	text, err := os.ReadFile("../../docs/real-tenant.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```hcl\n")
	source, _, more := strings.Cut(rest, "```")
	if !ok || !more {
		t.Fatal("the guide has no Terraform")
	}
	file, problems := hclsyntax.ParseConfig([]byte(source), "real-tenant.md", hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return file.Body.(*hclsyntax.Body).Blocks
}

func TestEveryArgumentIsOneOfTheProvider(t *testing.T) {
	for _, block := range blocks(t) {
		if block.Type == "locals" {
			continue
		}
		kind := block.Type
		if len(block.Labels) == 2 {
			kind += " " + block.Labels[0]
		}
		checkBody(t, kind, block.Body)
	}
}

func checkBody(t *testing.T, path string, body *hclsyntax.Body) {
	t.Helper()
	known, ok := arguments[path]
	if !ok {
		t.Errorf("%s is not documented", path)
	}
	for name := range body.Attributes {
		if !slices.Contains(known, name) {
			t.Errorf("%s has no argument %s", path, name)
		}
	}
	for _, inner := range body.Blocks {
		name, content := inner.Type, inner.Body
		if name == "dynamic" {
			name, content = inner.Labels[0], content.Blocks[0].Body
		}
		if !slices.Contains(known, name) {
			t.Errorf("%s has no block %s", path, name)
		}
		checkBody(t, path+"/"+name, content)
	}
}

// Terraform refuses a name that nothing declares.
func TestEverythingThatIsNamedIsDeclared(t *testing.T) {
	declared := map[string]bool{}
	for _, block := range blocks(t) {
		switch block.Type {
		case "resource":
			declared[block.Labels[0]+"."+block.Labels[1]] = true
		case "data":
			declared["data."+block.Labels[0]+"."+block.Labels[1]] = true
		case "variable":
			declared["var."+block.Labels[0]] = true
		case "locals":
			for name := range block.Body.Attributes {
				declared["local."+name] = true
			}
		}
	}
	used := map[string]bool{}
	for _, block := range blocks(t) {
		problems := hclsyntax.VisitAll(block.Body, func(node hclsyntax.Node) hcl.Diagnostics {
			if names, ok := node.(*hclsyntax.ScopeTraversalExpr); ok {
				path, attribute := pathOf(names.Traversal)
				switch {
				case slices.Contains([]string{"each", "resource_access", "id_token", "string"}, names.Traversal.RootName()):
				case !declared[path]:
					t.Errorf("%s is not declared", path)
				case attribute != "" && !slices.Contains(exported, attribute):
					t.Errorf("%s has no attribute %s", path, attribute)
				}
				used[path] = true
			}
			return nil
		})
		if problems.HasErrors() {
			t.Fatal(problems)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if strings.HasPrefix(name, "local.") || strings.HasPrefix(name, "var.") || strings.HasPrefix(name, "data.") {
			if !used[name] {
				t.Errorf("%s is declared and not used", name)
			}
		}
	}
}

// pathOf splits a reference into what it names and the attribute of it.
func pathOf(names hcl.Traversal) (path, attribute string) {
	var parts []string
	for _, step := range names {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, step.Name)
		case hcl.TraverseAttr:
			parts = append(parts, step.Name)
		}
	}
	long := 2
	if parts[0] == "data" {
		long = 3
	}
	long = min(long, len(parts))
	path = strings.Join(parts[:long], ".")
	if len(parts) > long {
		attribute = parts[long]
	}
	return path, attribute
}
