package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is a test as the pages name it: `folder.TestName`.
var named = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")

// The threat model claims nothing that no test shows.
func TestTheThreatModelNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile("security.md")
	if err != nil {
		t.Fatal(err)
	}
	found := named.FindAllStringSubmatch(string(page), -1)
	if len(found) < 20 {
		t.Fatalf("the page names only %d tests: they are not read", len(found))
	}
	for _, match := range found {
		if !testsIn(t, match[1])[match[2]] {
			t.Errorf("security.md names %s in %s, which is not there", match[2], match[1])
		}
	}
}

// testsIn are the functions in the test files of a folder.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok {
				all[function.Name.Name] = true
			}
		}
	}
	return all
}

// constant is a bound as the page names it: `folder.name`.
var constant = regexp.MustCompile("`([a-z0-9/]+)\\.([a-z][A-Za-z0-9]+)`")

// The bounds of the page are those of the source.
func TestTheThreatModelNamesBoundsThatExist(t *testing.T) {
	page, err := os.ReadFile("security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| constant |")
	table, _, _ = strings.Cut(table, "\n\n")
	found := constant.FindAllStringSubmatch(table, -1)
	if len(found) < 25 {
		t.Fatalf("the page names only %d bounds: they are not read", len(found))
	}
	for _, match := range found {
		if !constantsIn(t, match[1])[match[2]] {
			t.Errorf("security.md names %s in %s, which is no constant there", match[2], match[1])
		}
	}
}

// constantsIn are the constants of a folder's source.
func constantsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if of, ok := decl.(*ast.GenDecl); ok && of.Tok == token.CONST {
				for _, spec := range of.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						all[name.Name] = true
					}
				}
			}
		}
	}
	return all
}
