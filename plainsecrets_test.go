package reprompt_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretName is what a field or variable is called that holds what somebody could sign in with.
var secretName = regexp.MustCompile(`(?i)(password|passcode|secret|totp|seed|cookie|accesspass|assertion|verifier|privatekey|bearer|(id|access|refresh|control|flow|bearer|login)token|^token$|^tokens$)`)

// plainFields are the fields of the harness with such a name that are plain text all the same, and why.
var plainFields = map[string]string{
	"cmd/faults.facts.ClientSecret": "of the embedded tenant, which tells it whoever asks",
	"cmd/faults.facts.ControlToken": "of the embedded tenant, which tells it whoever asks",
	"cmd/reprompt.program.secrets":  "what is looked for in every text that is printed",
	"evidence.replayView.Token":     "which token was tried: first, plain",
	"suite.InitReport.Secrets":      "paths of files",
	"verdict.Witnesses.Token":       "what the witness says: fresh, stale",
}

// What somebody could sign in with is held as secret.Text, which cannot be printed, wherever the harness
// keeps it. A password that a caller holds for a moment, in a variable, is not looked at.
func TestSecretsAreOfTheTypeThatCannotBePrinted(t *testing.T) {
	found := map[string]bool{}
	for path, file := range harness(t) {
		for _, field := range fieldsOf(path, file) {
			if secretName.MatchString(field.name) && plainText(field.kind) {
				found[field.of+"."+field.name] = true
			}
		}
	}
	for field := range found {
		if plainFields[field] == "" {
			t.Errorf("%s is plain text: hold it as secret.Text, or say here why it is no secret", field)
		}
	}
	for field := range plainFields {
		if !found[field] {
			t.Errorf("%s is excused and is not there, or is no plain text", field)
		}
	}
}

// fieldOf is a field of a struct type.
type fieldOf struct {
	of, name string // of: folder and type, "signin.tokenAnswer"
	kind     ast.Expr
}

// fieldsOf are the fields of every struct type of a file, those of structs without a name too.
func fieldsOf(path string, file *ast.File) []fieldOf {
	var all []fieldOf
	folder := filepath.ToSlash(filepath.Dir(path))
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		ast.Inspect(spec.Type, func(n ast.Node) bool {
			if of, ok := n.(*ast.StructType); ok {
				for _, field := range of.Fields.List {
					for _, name := range field.Names {
						all = append(all, fieldOf{folder + "." + spec.Name.Name, name.Name, field.Type})
					}
				}
			}
			return true
		})
		return true
	})
	return all
}

// plainText reports whether a type is text or bytes, or holds some: string, []byte, map[string]string.
func plainText(kind ast.Expr) bool {
	switch kind := kind.(type) {
	case *ast.Ident:
		return kind.Name == "string" || kind.Name == "byte"
	case *ast.ArrayType:
		return plainText(kind.Elt)
	case *ast.StarExpr:
		return plainText(kind.X)
	case *ast.MapType:
		return plainText(kind.Value)
	}
	return false
}

// harness are the files of the packages that hold an admin's credentials. The embedded tenant's secrets are
// its own, and it tells them whoever asks.
func harness(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := parsed(t, ".", "emulator", "clients", "verifiers", "examples", "conformance", "bench")
	if len(files) < 200 {
		t.Fatalf("only %d files were found", len(files))
	}
	return files
}

// parsed are the Go files below a folder that are no tests, by their paths.
func parsed(t *testing.T, root string, without ...string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (slices.Contains(without, entry.Name()) || entry.Name() == "testdata" || entry.Name() == "node_modules" || len(path) > 1 && strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// comparedName is what in the emulator is compared with what a client sent, and must not be guessed byte by
// byte by the time that the answer takes.
var comparedName = regexp.MustCompile(`(?i)^(.*(password|secret|canary|verifier|challenge|totp|thumbprint|pass|usercode)|sent|typed|given)$`)

// compared are the comparisons of such names that need not take the same time, and why.
var compared = map[string]string{
	"emulator/internal/login/clientauth.go: thumbprint with …": "a thumbprint is public",
}

// The emulator compares secrets in constant time only: by crypto/subtle or crypto/hmac.
func TestTheEmulatorComparesSecretsInConstantTime(t *testing.T) {
	files, found := parsed(t, "emulator"), map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		ast.Inspect(files[path], func(n ast.Node) bool {
			if operands := comparison(n); slices.ContainsFunc(operands, secretOperand) && !slices.ContainsFunc(operands, constant) {
				found[filepath.ToSlash(path)+": "+nameOf(operands[0])+" with "+nameOf(operands[1])] = true
			}
			return true
		})
	}
	for at := range found {
		if compared[at] == "" {
			t.Errorf("%s: compare by subtle.ConstantTimeCompare, or say here why the time tells nothing", at)
		}
	}
	for at := range compared {
		if !found[at] {
			t.Errorf("%s is excused and is not there", at)
		}
	}
}

// comparison are the two operands where a node compares: == and !=, strings.EqualFold, bytes.Equal.
func comparison(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			return []ast.Expr{n.X, n.Y}
		}
	case *ast.CallExpr:
		if called, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 2 && slices.Contains([]string{"strings.EqualFold", "bytes.Equal", "slices.Equal", "reflect.DeepEqual"}, nameOf(called)) {
			return n.Args
		}
	}
	return nil
}

// secretOperand goes by the last name; pagePassword is a page, and MethodPassword a method.
func secretOperand(e ast.Expr) bool {
	parts := strings.Split(nameOf(e), ".")
	name := parts[len(parts)-1]
	return comparedName.MatchString(name) && !strings.HasPrefix(name, "page") && !strings.HasPrefix(name, "Method")
}

// constant reports whether an operand is a literal or nil: whether something is there at all is no secret.
func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	}
	return false
}

// nameOf is an operand's own name: x.Secret of x.Secret, []byte(x.Secret) and x.Secret[0].
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return nameOf(e.Args[0])
		}
		return nameOf(e.Fun)
	case *ast.IndexExpr:
		return nameOf(e.X)
	}
	return "…"
}
