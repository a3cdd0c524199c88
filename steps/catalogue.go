package steps

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// source is this package's own text: the catalogue is read from what is registered, so it
// cannot say anything else.
//
//go:embed *.go
var source embed.FS

// Sentence is one sentence that a scenario may use.
type Sentence struct {
	Keyword string // Given, When or Then
	Pattern string // the regular expression, anchored
	Text    string // what it does, in one or a few sentences
	Example string // as a scenario would write it, with its keyword
	Subject string // what it is about, for people to find it by
	// Proves is true when the sentence comes to a verdict, Asserts when it says which one is
	// expected. Both are read from the body of its function.
	Proves, Asserts bool
	File            string // of this package
	Line            int
}

// Catalogue lists every sentence, by subject, in the order of the lines in its file.
func Catalogue() ([]Sentence, error) {
	names, err := fs.Glob(source, "*.go")
	if err != nil {
		return nil, fmt.Errorf("list step files: %w", err)
	}
	var all []Sentence
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		found, err := sentencesIn(name)
		if err != nil {
			return nil, fmt.Errorf("read sentences: %w", err)
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b Sentence) int { return subjectOf(a.File) - subjectOf(b.File) })
	return all, nil
}

// subjectOf is the place of a file in subjects; -1 when it has none.
func subjectOf(file string) int {
	return slices.IndexFunc(subjects, func(s struct{ file, name string }) bool { return s.file == file })
}

// sentencesIn reads the registrations of one file, and the comments of the functions they name.
func sentencesIn(name string) ([]Sentence, error) {
	text, err := source.ReadFile(name)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	handlers := map[string]*ast.FuncDecl{}
	for _, decl := range parsed.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && function.Recv == nil {
			handlers[function.Name.Name] = function
		}
	}
	var found []Sentence
	ast.Inspect(parsed, func(node ast.Node) bool {
		keyword, pattern, handler, ok := registration(node)
		if ok {
			s := Sentence{
				Keyword: keyword, Pattern: pattern, File: name, Line: files.Position(node.Pos()).Line,
				Proves: calls(handlers[handler], "prove"), Asserts: calls(handlers[handler], "assert"),
			}
			if i := subjectOf(name); i >= 0 {
				s.Subject = subjects[i].name
			}
			if function := handlers[handler]; function != nil {
				s.Text, s.Example = split(function.Doc.Text(), handler)
			}
			found = append(found, s)
		}
		return true
	})
	return found, nil
}

// subjects are the files in the order in which a scenario is written, each with its name in the
// words of the field.
var subjects = []struct{ file, name string }{
	{"contexts.go", "Authentication contexts"},
	{"policies.go", "Conditional Access policies"},
	{"coverage.go", "Whom a policy covers"},
	{"conditions.go", "Conditions of a policy"},
	{"elsewhere.go", "Policies elsewhere"},
	{"roles.go", "Role settings"},
	{"eligibility.go", "Eligibility"},
	{"admin.go", "The test admin"},
	{"beside.go", "What is done beside the proof"},
	{"lab.go", "The embedded tenant, made to misbehave"},
	{"beside.go", "Activations beside the proof"},
	{"activations.go", "Activating"},
	{"verdicts.go", "The verdict"},
	{"witnesses.go", "Witnesses and controls"},
	{"replays.go", "Trying tokens again"},
	{"scope.go", "Scope"},
}

// calls reports whether a function calls a method of that name of the scenario's state.
func calls(function *ast.FuncDecl, method string) bool {
	if function == nil {
		return false
	}
	found := false
	ast.Inspect(function, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok {
			selector, ok := call.Fun.(*ast.SelectorExpr)
			found = found || ok && selector.Sel.Name == method
		}
		return !found
	})
	return found
}

// registration recognises sc.Given(`pattern`, handler) and its sisters.
func registration(node ast.Node) (keyword, pattern, handler string, ok bool) {
	call, isCall := node.(*ast.CallExpr)
	if !isCall || len(call.Args) != 2 {
		return "", "", "", false
	}
	selector, isSelector := call.Fun.(*ast.SelectorExpr)
	if !isSelector || !slices.Contains([]string{"Given", "When", "Then", "Step"}, selector.Sel.Name) {
		return "", "", "", false
	}
	literal, isLiteral := call.Args[0].(*ast.BasicLit)
	name, isName := call.Args[1].(*ast.Ident)
	if !isLiteral || !isName {
		return "", "", "", false
	}
	pattern, err := strconv.Unquote(literal.Value)
	return selector.Sel.Name, pattern, name.Name, err == nil
}

// split parts a comment into what the sentence does and its example. The name of the function,
// with which a Go comment begins, means nothing to the writer of a scenario.
func split(comment, handler string) (text, example string) {
	before, after, _ := strings.Cut(comment, "Example: ")
	text = strings.Join(strings.Fields(before), " ")
	if rest, ok := strings.CutPrefix(text, handler+" "); ok {
		text = strings.ToUpper(rest[:1]) + rest[1:]
	}
	example, _, _ = strings.Cut(after, "\n")
	return text, strings.TrimSpace(example)
}
