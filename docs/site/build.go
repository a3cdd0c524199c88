package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// chapter is a part of the navigation; pages are names of documents without their ending.
type chapter struct {
	Title string
	Pages []string
}

// chapters are the order of the pages. A document that none names stands in a last one.
var chapters = []chapter{
	{"Begin", []string{"getting-started", "concepts", "faq"}},
	{"Use", []string{"writing-scenarios", "running", "show", "your-own-suite", "steps", "ci", "operations"}},
	{"Tenants", []string{"real-tenant", "emulator", "control", "clients"}},
	{"Evidence", []string{"evidence", "exports", "evidence-fields", "codes"}},
	{"Why to believe it", []string{"fidelity", "mutants", "reliability", "performance", "security", "architecture", "dependencies"}},
}

// first is the page that index.html is a copy of.
const first = "getting-started"

//go:embed page.html.tmpl
var pageTemplate string

//go:embed site.css
var siteStyle string

var layout = template.Must(template.New("page").Parse(pageTemplate))

// page is one document, ready to be shown.
type page struct {
	Name, Title string
	Body        template.HTML
}

// shown is what the template is given.
type shown struct {
	page
	Style          template.CSS
	Chapters       []shownChapter
	Previous, Next *page
}

type shownChapter struct {
	Title string
	Pages []page
}

// build writes the site and returns how many pages it has.
func build(docs, out string) (int, error) {
	files, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil || len(files) == 0 {
		return 0, errors.Join(err, fmt.Errorf("%s holds no document", docs))
	}
	pages := map[string]page{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		p, err := render(strings.TrimSuffix(filepath.Base(file), ".md"), content)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		pages[p.Name] = p
	}
	style, err := sheet(docs)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(os.RemoveAll(out), os.MkdirAll(out, 0o755), copyPictures(docs, out)); err != nil {
		return 0, err
	}
	return len(pages), write(out, pages, style)
}

// sheet is the style of the pages: the colours and fonts of the report, and what the pages add.
func sheet(docs string) (template.CSS, error) {
	report, err := os.ReadFile(filepath.Join(docs, "..", "evidence", "report.css"))
	if err != nil {
		return "", err
	}
	colours, _, found := strings.Cut(string(report), "* { box-sizing")
	if !found {
		return "", errors.New("evidence/report.css does not begin with its colours any more")
	}
	return template.CSS(colours + siteStyle), nil
}

func copyPictures(docs, out string) error {
	for _, kind := range []string{"*.png", "*.svg"} {
		files, err := filepath.Glob(filepath.Join(docs, kind))
		if err != nil {
			return err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(filepath.Join(out, filepath.Base(file)), content, 0o644)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func write(out string, pages map[string]page, style template.CSS) error {
	navigation := chaptersOf(pages)
	var order []page
	for _, c := range navigation {
		order = append(order, c.Pages...)
	}
	for i, p := range order {
		view := shown{page: p, Style: style, Chapters: navigation}
		if i > 0 {
			view.Previous = &order[i-1]
		}
		if i+1 < len(order) {
			view.Next = &order[i+1]
		}
		var b bytes.Buffer
		if err := layout.Execute(&b, view); err != nil {
			return err
		}
		names := []string{p.Name + ".html"}
		if p.Name == first {
			names = append(names, "index.html")
		}
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(out, name), b.Bytes(), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// chaptersOf are the chapters with the pages that are there, and those that no chapter names.
func chaptersOf(pages map[string]page) []shownChapter {
	var all []shownChapter
	listed := map[string]bool{}
	for _, c := range chapters {
		s := shownChapter{Title: c.Title}
		for _, name := range c.Pages {
			listed[name] = true
			if p, there := pages[name]; there {
				s.Pages = append(s.Pages, p)
			}
		}
		all = append(all, s)
	}
	rest := shownChapter{Title: "More"}
	for _, p := range pages {
		if !listed[p.Name] {
			rest.Pages = append(rest.Pages, p)
		}
	}
	if len(rest.Pages) == 0 {
		return all
	}
	slices.SortFunc(rest.Pages, func(a, b page) int { return strings.Compare(a.Name, b.Name) })
	return append(all, rest)
}
