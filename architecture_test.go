// Package reprompt_test holds the rules about the tree as a whole: who may import whom, that
// every folder says once what it is for, that nothing sleeps, that only one place activates.
package reprompt_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/reprompt/reprompt"

// mayImport is the import table of docs/architecture.md: for each package of this module the
// packages of this module that its shipped code may import. Arrows follow the data and never return.
var mayImport = map[string][]string{
	"features":            {},
	"steps":               {"activation", "fixtures", "verdict", "evidence", "config", "graph", "secret"},
	"config":              {"loopback", "secret"},
	"graph":               {"secret", "await"},
	"fixtures":            {"graph", "await", "secret"},
	"browser":             {"telemetry", "loopback", "secret"},
	"browser/entra":       {"browser", "telemetry", "secret"},
	"browser/fence":       {},
	"signin":              {"tokens", "secret"},
	"tokens":              {"secret"},
	"activation":          {"browser", "browser/entra", "graph", "signin", "tokens", "verdict", "await", "telemetry", "secret"},
	"verdict":             {"tokens"},
	"docs":                {},
	"cucumber":            {},
	"evidence":            {"verdict", "tokens", "secret"},
	"doctor":              {"graph", "tokens", "secret"},
	"trace":               {"browser", "tokens", "evidence", "await", "secret"},
	"emulator":            {"emulator/internal/*"},
	"emulator/internal/*": {"emulator/internal/*"},
	"notify":              {"await", "secret"},
	"metrics":             {},
	"watch":               {"graph", "await", "notify"},
	"fleet":               {"notify"},
	"suite":               {"*"},
	"telemetry":           {"await", "loopback", "secret"},
	"telemetry/tracetest": {},
	"secret":              {},
	"loopback":            {},
	"await":               {},
	"planner":             {},
	"pool":                {"planner"},
	"cmd/reprompt":        {"suite", "config", "evidence", "doctor", "docs", "secret", "watch", "fleet", "notify", "metrics", "telemetry"},
	"lease":               {},
	"cmd/mutants":         {"suite"},
	"cmd/faults":          {"suite", "config", "evidence", "verdict", "features"},
	"scripts/licences":    {},
}

// goFile is one parsed file of the module.
type goFile struct {
	path string // slash-separated, relative to the root
	pkg  string // folder
	test bool
	ast  *ast.File
	set  *token.FileSet
}

func parseTree(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			base := entry.Name()
			if name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules" || base == "bin") {
				return fs.SkipDir
			}
			if name != "." {
				if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
					return fs.SkipDir // a module of its own
				}
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(name)
		files = append(files, goFile{
			path: slash, pkg: path.Dir(slash), test: strings.HasSuffix(slash, "_test.go"), ast: parsed, set: set,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("parsed only %d files: the walk is broken", len(files))
	}
	return files
}

func (f goFile) imports() []string {
	var all []string
	for _, spec := range f.ast.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		all = append(all, name)
	}
	return all
}

// ruleFor finds the row of the import table for a folder.
func ruleFor(pkg string) ([]string, bool) {
	if rule, ok := mayImport[pkg]; ok {
		return rule, true
	}
	if strings.HasPrefix(pkg, "emulator/internal/") {
		return mayImport["emulator/internal/*"], true
	}
	return nil, false
}

func allowed(rule []string, imported string) bool {
	for _, pattern := range rule {
		if pattern == "*" || pattern == imported {
			return true
		}
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasPrefix(imported, prefix) {
			return true
		}
	}
	return false
}

func TestImportsFollowTheTable(t *testing.T) {
	for _, file := range parseTree(t) {
		if file.test || file.pkg == "." {
			continue
		}
		rule, ok := ruleFor(file.pkg)
		if !ok {
			t.Errorf("%s: package %s has no row in the import table", file.path, file.pkg)
			continue
		}
		for _, name := range file.imports() {
			imported, ours := strings.CutPrefix(name, module+"/")
			if ours && !allowed(rule, imported) {
				t.Errorf("%s imports %s: the import table does not allow it", file.path, imported)
			}
		}
	}
}

// The embedded tenant and the harness must not vouch for each other, so they share no code,
// not even in tests.
func TestEmulatorAndHarnessShareNoCode(t *testing.T) {
	for _, file := range parseTree(t) {
		inside := strings.HasPrefix(file.pkg+"/", "emulator/")
		for _, name := range file.imports() {
			imported, ours := strings.CutPrefix(name, module+"/")
			if !ours {
				continue
			}
			toEmulator := strings.HasPrefix(imported+"/", "emulator/")
			switch {
			case inside && !toEmulator:
				t.Errorf("%s imports %s of the harness", file.path, imported)
			case !inside && toEmulator && file.pkg != "suite":
				t.Errorf("%s imports %s: only suite opens the embedded tenant", file.path, imported)
			}
		}
	}
}

func TestOnlyGraphCompilesTheGraphSDK(t *testing.T) {
	for _, file := range parseTree(t) {
		for _, name := range file.imports() {
			if strings.HasPrefix(name, "github.com/microsoftgraph/msgraph-sdk-go/") && file.pkg != "graph" {
				t.Errorf("%s imports %s: only graph does", file.path, name)
			}
		}
	}
}

func TestEveryFolderSaysOnceWhatItIsFor(t *testing.T) {
	docs := map[string][]string{}
	for _, file := range parseTree(t) {
		if file.test && file.pkg != "." {
			continue
		}
		docs[file.pkg] = append(docs[file.pkg], nil...)
		if file.ast.Doc != nil {
			docs[file.pkg] = append(docs[file.pkg], file.path)
		}
	}
	for pkg, with := range docs {
		if len(with) != 1 {
			t.Errorf("%s has %d package comments, want one: %v", pkg, len(with), with)
		}
	}
}

// waiting are the calls that pause; only await may.
var waiting = []string{"time.Sleep", "time.After", "time.NewTimer", "time.Tick", "time.NewTicker", "chromedp.Sleep"}

func TestOnlyAwaitWaits(t *testing.T) {
	for _, file := range parseTree(t) {
		if file.pkg == "await" {
			continue
		}
		ast.Inspect(file.ast, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			if name := qualified(call.Fun); slices.Contains(waiting, name) && !excused(file, name) {
				t.Errorf("%s: %s: wait through package await", file.set.Position(call.Pos()), name)
			}
			return true
		})
	}
}

// pauses are the places that may hold a timer, each with its reason.
var pauses = map[string]string{
	"emulator/": "the embedded tenant shares no code with the harness; its timers are injected delays and polls that a test asks for",
	"suite/":    "the progress line redraws itself; nothing waits for it",
}

func excused(file goFile, name string) bool {
	if name == "time.Sleep" || name == "chromedp.Sleep" {
		return false
	}
	for prefix := range pauses {
		if strings.HasPrefix(file.path, prefix) {
			return true
		}
	}
	return false
}

func qualified(expr ast.Expr) string {
	selector, ok := expr.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if name, ok := selector.X.(*ast.Ident); ok {
		return name.Name + "." + selector.Sel.Name
	}
	return ""
}

// Only activation posts an activation: a second place would be a second idea of what a proof is.
func TestOnlyActivationActivates(t *testing.T) {
	callers := map[string]bool{}
	for _, file := range parseTree(t) {
		if file.test || strings.HasPrefix(file.pkg, "emulator") || file.pkg == "graph" {
			continue
		}
		importsGraph := slices.Contains(file.imports(), module+"/graph")
		ast.Inspect(file.ast, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if ok && selector.Sel.Name == "Activate" {
				callers[file.pkg] = true
				if file.pkg != "activation" && importsGraph {
					t.Errorf("%s: posts an activation; only package activation does", file.set.Position(call.Pos()))
				}
			}
			return true
		})
		for _, literal := range stringLiterals(file.ast) {
			if strings.Contains(literal, "selfActivate") {
				t.Errorf("%s: names selfActivate; only package graph knows how an activation is spelt", file.path)
			}
		}
	}
	if !callers["activation"] {
		t.Error("package activation calls no Activate: this test looks for the wrong name")
	}
}

func stringLiterals(file *ast.File) []string {
	var all []string
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				all = append(all, text)
			}
		}
		return true
	})
	return all
}

// No exported signature of a public package may name a type that its users cannot name.
func TestPublicSignaturesNameNoInternalType(t *testing.T) {
	for _, file := range parseTree(t) {
		if file.test || strings.Contains(file.pkg, "internal") || file.pkg == "." {
			continue
		}
		internal := map[string]bool{}
		for _, spec := range file.ast.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if !strings.Contains(name, "/internal/") {
				continue
			}
			local := path.Base(name)
			if spec.Name != nil {
				local = spec.Name.Name
			}
			internal[local] = true
		}
		for _, found := range exportedUses(file, internal) {
			t.Error(found)
		}
	}
}

func exportedUses(file goFile, internal map[string]bool) []string {
	var found []string
	report := func(where ast.Node, name string) {
		ast.Inspect(where, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if ident, ok := selector.X.(*ast.Ident); ok && internal[ident.Name] {
				found = append(found, fmt.Sprintf("%s: exported %s names internal type %s.%s",
					file.set.Position(selector.Pos()), name, ident.Name, selector.Sel.Name))
			}
			return true
		})
	}
	for _, decl := range file.ast.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Name.IsExported() && exportedReceiver(decl) {
				report(decl.Type, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if typed, ok := spec.(*ast.TypeSpec); ok && typed.Name.IsExported() {
					for _, field := range exportedFields(typed.Type) {
						report(field, typed.Name.Name)
					}
				}
			}
		}
	}
	return found
}

// exportedReceiver reports whether users can have a value that the method is called on.
func exportedReceiver(decl *ast.FuncDecl) bool {
	if decl.Recv == nil {
		return true
	}
	exported := true
	ast.Inspect(decl.Recv.List[0].Type, func(node ast.Node) bool {
		if name, ok := node.(*ast.Ident); ok {
			exported = name.IsExported()
			return false
		}
		return true
	})
	return exported
}

// exportedFields are the parts of a type that its users see.
func exportedFields(expr ast.Expr) []ast.Node {
	structure, ok := expr.(*ast.StructType)
	if !ok {
		return []ast.Node{expr}
	}
	var nodes []ast.Node
	for _, field := range structure.Fields.List {
		if len(field.Names) == 0 || slices.ContainsFunc(field.Names, (*ast.Ident).IsExported) {
			nodes = append(nodes, field.Type)
		}
	}
	return nodes
}
