package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/docs"
)

// constantsOf are the values of the string constants of a type, and the names of controls.
func constantsOf(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../verdict/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	found := map[string]string{}
	for _, name := range verificationCodes(t) {
		found["verification "+name] = "evidence/problem.go"
	}
	kinds := map[string]string{"Code": "reason", "CauseCode": "cause", "Outcome": "verdict"}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ValueSpec:
				typed, ok := node.Type.(*ast.Ident)
				if !ok || kinds[typed.Name] == "" {
					return !isChecks(node)
				}
				for _, value := range node.Values {
					if literal, ok := value.(*ast.BasicLit); ok {
						found[kinds[typed.Name]+" "+unquote(t, literal)] = file
					}
				}
			case *ast.GenDecl:
				for _, name := range controlNames(t, node) {
					found["control "+name] = file
				}
			}
			return true
		})
	}
	return found
}

// verificationCodes are the constants of evidence/problem.go.
func verificationCodes(t *testing.T) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../evidence/problem.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range parsed.Decls {
		if of, ok := decl.(*ast.GenDecl); ok && of.Tok == token.CONST {
			for _, spec := range of.Specs {
				names = append(names, unquote(t, spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit)))
			}
		}
	}
	return names
}

// isChecks is true for the table of controls, which controlNames reads.
func isChecks(spec *ast.ValueSpec) bool {
	return len(spec.Names) == 1 && spec.Names[0].Name == "checks"
}

// controlNames are the first members of the rows of `var checks = []check{…}`.
func controlNames(t *testing.T, decl *ast.GenDecl) []string {
	t.Helper()
	var names []string
	for _, spec := range decl.Specs {
		value, ok := spec.(*ast.ValueSpec)
		if !ok || !isChecks(value) || len(value.Values) != 1 {
			continue
		}
		for _, row := range value.Values[0].(*ast.CompositeLit).Elts {
			names = append(names, unquote(t, row.(*ast.CompositeLit).Elts[0].(*ast.BasicLit)))
		}
	}
	return names
}

func unquote(t *testing.T, literal *ast.BasicLit) string {
	t.Helper()
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Whatever a verdict may name is explained, and nothing else.
func TestEveryCodeIsExplained(t *testing.T) {
	known := constantsOf(t)
	if len(known) < 100 {
		t.Fatalf("found only %d codes in packages verdict and evidence: the test does not see them", len(known))
	}
	explained := map[string]bool{}
	for _, code := range docs.Codes() {
		key := code.Kind + " " + code.Name
		if explained[key] {
			t.Errorf("codes.md explains the %s twice", key)
		}
		explained[key] = true
		if known[key] == "" {
			t.Errorf("codes.md explains the %s, which nothing knows", key)
		}
		if len(code.Text) < 40 {
			t.Errorf("codes.md says next to nothing of the %s: %q", key, code.Text)
		}
	}
	for key, file := range known {
		if !explained[key] {
			t.Errorf("%s has the %s, which codes.md does not explain", file, key)
		}
	}
}

func TestExplain(t *testing.T) {
	for name, want := range map[string][]string{
		"WITHIN_REUSE_WINDOW": {"reason"},
		"within-reuse-window": {"reason"},
		"role_already_active": {"reason", "cause"},
		"session_primed":      {"control"},
		"Not-Enforced":        {"verdict"},
		"file-changed":        {"verification"},
		"OUT_OF_CHEESE":       nil,
	} {
		var got []string
		for _, code := range docs.Explain(name) {
			got = append(got, code.Kind)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is explained as %q, want %q", name, got, want)
		}
	}
}
