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
	File    string // of this package
	Line    int
}

// Catalogue lists every sentence, in the order of the files and of the lines in them.
func Catalogue() ([]Sentence, error) {
	names, err := fs.Glob(source, "*.go")
	if err != nil {
		return nil, fmt.Errorf("list step files: %w", err)
	}
	slices.Sort(names)
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
	return all, nil
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
	comments := map[string]string{}
	for _, decl := range parsed.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && function.Recv == nil {
			comments[function.Name.Name] = function.Doc.Text()
		}
	}
	var found []Sentence
	ast.Inspect(parsed, func(node ast.Node) bool {
		keyword, pattern, handler, ok := registration(node)
		if ok {
			s := Sentence{Keyword: keyword, Pattern: pattern, File: name, Line: files.Position(node.Pos()).Line}
			s.Text, s.Example = split(comments[handler], handler)
			found = append(found, s)
		}
		return true
	})
	return found, nil
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
