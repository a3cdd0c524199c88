package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// built is the site of the documents as they are.
func built(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "site")
	pages, err := build("..", out)
	if err != nil {
		t.Fatal(err)
	}
	if pages < 20 {
		t.Fatalf("only %d pages", pages)
	}
	return out
}

var (
	references = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	ids        = regexp.MustCompile(`id="([^"]+)"`)
)

// Every link within the site leads to a page that is there, and to an anchor that it has.
func TestLinksWithinTheSiteLeadSomewhere(t *testing.T) {
	out := built(t)
	files, err := filepath.Glob(filepath.Join(out, "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	content, has := map[string]string{}, map[string]map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		content[name], has[name] = string(text), map[string]bool{}
		for _, id := range ids.FindAllStringSubmatch(string(text), -1) {
			if has[name][id[1]] {
				t.Errorf("%s has the id %s twice", name, id[1])
			}
			has[name][id[1]] = true
		}
	}
	links := 0
	for name, text := range content {
		for _, reference := range references.FindAllStringSubmatch(text, -1) {
			to, anchor, _ := strings.Cut(reference[1], "#")
			if strings.Contains(to, ":") {
				continue
			}
			links++
			if to == "" {
				to = name
			}
			if _, err := os.Stat(filepath.Join(out, to)); err != nil {
				t.Errorf("%s leads to %s, which is not there", name, reference[1])
			} else if anchor != "" && !has[to][anchor] {
				t.Errorf("%s leads to %s, which has no such heading", name, reference[1])
			}
		}
	}
	if links < 500 {
		t.Errorf("only %d links were looked at", links)
	}
}

// What people look for has a page, and its place in the navigation of every page.
func TestTheSiteHasThePagesThatPeopleLookFor(t *testing.T) {
	out := built(t)
	index, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"getting-started", "concepts", "real-tenant", "writing-scenarios", "evidence", "ci", "fidelity", "performance", "faq", "your-own-suite", "show", "codes",
	} {
		if !strings.Contains(string(index), `href="`+name+`.html"`) {
			t.Errorf("the navigation lacks %s", name)
		}
	}
	for _, wrong := range []string{"<script", "http-equiv=\"refresh", "ZgotmplZ", " onclick="} {
		if strings.Contains(string(index), wrong) {
			t.Errorf("the page holds %s", wrong)
		}
	}
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	a := &anchors{seen: map[string]int{}}
	for _, row := range [][2]string{
		{"Why was I not asked again?", "why-was-i-not-asked-again"},
		{"`emulator.json`", "emulatorjson"},
		{"Is `acrs` in it, too?", "is-acrs-in-it-too"},
		{"ROLE_ALREADY_ACTIVE", "role_already_active"},
		{"ROLE_ALREADY_ACTIVE", "role_already_active-1"},
		{"1. Build it, and see", "1-build-it-and-see"},
		{"Two  spaces", "two--spaces"},
	} {
		if got := string(a.Generate([]byte(row[0]), 0)); got != row[1] {
			t.Errorf("%q has the anchor %q, want %q", row[0], got, row[1])
		}
	}
}

func TestLinksToOtherFilesLeadToTheRepository(t *testing.T) {
	for to, want := range map[string]string{
		"faq.md": "faq.html", "evidence.md#sign-it": "evidence.html#sign-it", "#here": "#here", "https://example.com/x.md": "https://example.com/x.md",
		"../features": repository + "features", "../clients/README.md#a": repository + "clients/README.md#a", "report.png": "report.png",
	} {
		if got := leadsTo(to); got != want {
			t.Errorf("%s leads to %s, want %s", to, got, want)
		}
	}
}
