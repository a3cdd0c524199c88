package main

import (
	"bytes"
	"errors"
	"html/template"
	"path"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// repository is where a file is that has no page.
const repository = "https://github.com/reprompt/reprompt/blob/main/"

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithASTTransformers(util.Prioritized(relink{}, 100))),
)

// render makes a page of a document. Its first heading is its title.
func render(name string, content []byte) (page, error) {
	line, _, _ := strings.Cut(string(content), "\n")
	title, found := strings.CutPrefix(line, "# ")
	if !found {
		return page{}, errors.New("it does not begin with a heading")
	}
	var b bytes.Buffer
	if err := markdown.Convert(content, &b, parser.WithContext(parser.NewContext(parser.WithIDs(&anchors{seen: map[string]int{}})))); err != nil {
		return page{}, err
	}
	return page{Name: name, Title: strings.ReplaceAll(title, "`", ""), Body: template.HTML(reachable(b.String()))}, nil // our own documents
}

// reachable lets the keyboard into what scrolls, and takes heads of tables that say nothing for what they are.
func reachable(body string) string {
	return strings.NewReplacer(
		"<table>", `<div class="scroll" role="group" tabindex="0" aria-label="Table"><table>`, "</table>", "</table></div>",
		"<th></th>", "<td></td>", "<pre>", `<pre tabindex="0">`,
	).Replace(body)
}

// relink leads links to where the pages are.
type relink struct{}

// Transform implements parser.ASTTransformer.
func (relink) Transform(document *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := node.(*ast.Link); ok && entering {
			link.Destination = []byte(leadsTo(string(link.Destination)))
		}
		return ast.WalkContinue, nil
	})
}

// leadsTo is the address of what a document links to.
func leadsTo(to string) string {
	file, anchor, anchored := strings.Cut(to, "#")
	if file == "" || strings.Contains(file, ":") {
		return to
	}
	if anchored {
		anchor = "#" + anchor
	}
	at := path.Join("docs", file)
	if name, document := strings.CutSuffix(at, ".md"); document && path.Dir(at) == "docs" {
		return path.Base(name) + ".html" + anchor
	}
	if path.Dir(at) == "docs" && (path.Ext(at) == ".png" || path.Ext(at) == ".svg") {
		return path.Base(at)
	}
	return repository + at + anchor
}

// anchors gives headings the anchors that GitHub gives them. It implements parser.IDs.
type anchors struct{ seen map[string]int }

// Generate implements parser.IDs.
func (a *anchors) Generate(heading []byte, _ ast.NodeKind) []byte {
	anchor := anchorOf(string(heading))
	n := a.seen[anchor]
	a.seen[anchor]++
	if n > 0 {
		anchor += "-" + string(rune('0'+n%10))
	}
	return []byte(anchor)
}

// Put implements parser.IDs.
func (a *anchors) Put(value []byte) { a.seen[string(value)]++ }

// anchorOf is the anchor of a heading: in lower case, spaces as hyphens, without what is neither letter,
// digit, hyphen nor underscore.
func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(heading))
}
