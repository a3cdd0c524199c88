package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// pages are the documents in which commands are looked for.
func pages(t *testing.T) map[string]string {
	t.Helper()
	var files []string
	for _, glob := range []string{"../../*.md", "../../docs/*.md", "../../clients/*.md"} {
		found, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	texts := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[strings.TrimPrefix(filepath.ToSlash(file), "../../")] = string(text)
	}
	return texts
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^ *```([a-z]*)\n(.*?)^ *```")
	inlineCode  = regexp.MustCompile("`([^`\n]+)`")
	runInYAML   = regexp.MustCompile(`(?m)^\s*(?:- )?run: (.+)$`)
	continued   = regexp.MustCompile(`\\\n\s*`)
)

// typedIn are the lines of a document that a person types: those of fenced blocks, and of pipelines.
func typedIn(text string) []string {
	var lines []string
	for _, block := range fencedBlock.FindAllStringSubmatch(text, -1) {
		switch block[1] {
		case "", "sh":
			lines = append(lines, strings.Split(continued.ReplaceAllString(block[2], " "), "\n")...)
		case "yaml":
			for _, run := range runInYAML.FindAllStringSubmatch(block[2], -1) {
				lines = append(lines, run[1])
			}
		}
	}
	return lines
}

// shellWords splits a line as a shell would, as far as documents need it: quotes, comments, and what ends
// a command (| ; & > and their doubles). rest is what stands behind that end.
func shellWords(line string) (words []string, rest string) {
	var word strings.Builder
	var quote rune
	open := false
	flush := func() {
		if open {
			words = append(words, word.String())
		}
		word.Reset()
		open = false
	}
	for i, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, open = r, true
		case r == '#' && !open:
			return words, ""
		case unicode.IsSpace(r):
			flush()
		case strings.ContainsRune("|;&>", r):
			flush()
			return words, strings.TrimLeft(line[i:], "|;&> ")
		default:
			word.WriteRune(r)
			open = true
		}
	}
	flush()
	return words, ""
}

// commandsIn are the commands of a line, each as its words, without assignments before them.
func commandsIn(line string) [][]string {
	var all [][]string
	for rest := line; rest != ""; {
		var words []string
		words, rest = shellWords(rest)
		for len(words) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(words[0]) {
			words = words[1:]
		}
		if len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}

// Whatever the documents have people type is a command that there is, with flags that it has and values
// that they take.
func TestCommandsInTheDocumentationAreTaken(t *testing.T) {
	typed := 0
	for page, text := range pages(t) {
		for _, line := range typedIn(text) {
			for _, words := range commandsIn(line) {
				if name := strings.TrimPrefix(words[0], "bin/"); name == "reprompt" && !strings.Contains(line, "…") && !strings.Contains(line, " -> ") {
					typed++
					isTaken(t, page, line, words[1:])
				}
			}
		}
	}
	if typed < 40 {
		t.Errorf("only %d commands were looked at: the test does not see them", typed)
	}
}

func isTaken(t *testing.T, page, line string, args []string) {
	t.Helper()
	root := newRoot(&program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard})
	cmd, rest, err := root.Find(args)
	if err == nil && cmd != root {
		err = cmd.ParseFlags(rest)
	}
	if err == nil && cmd.Args != nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil || cmd == root {
		t.Errorf("%s: %s: reprompt takes no such line: %v", page, line, err)
	}
}

// registrations are what reprompt makes in a tenant, by the second word of their names.
var registrations = []string{"reader", "harness", "test", "fixtures"}

// So is what the prose names: `reprompt NAME --flag`.
func TestCommandsInProseAreThere(t *testing.T) {
	named := 0
	root := newRoot(&program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard})
	for page, text := range pages(t) {
		for _, code := range inlineCode.FindAllStringSubmatch(fencedBlock.ReplaceAllString(text, ""), -1) {
			rest, ours := strings.CutPrefix(strings.TrimPrefix(code[1], "bin/"), "reprompt ")
			if !ours || slices.Contains(registrations, rest) {
				continue
			}
			words, _ := shellWords(rest)
			first := slices.IndexFunc(words, func(w string) bool {
				return strings.HasPrefix(w, "-") || strings.ToLower(w) != w || strings.ContainsAny(w, "…/.[")
			})
			if first < 0 {
				first = len(words)
			}
			cmd, _, err := root.Find(words[:first])
			if err != nil || first > 0 && cmd == root {
				t.Errorf("%s: `%s` names no command: %v", page, code[1], err)
				continue
			}
			named++
			for _, flag := range flagIn.FindAllStringSubmatch(rest, -1) {
				if flag[1] != "help" && cmd.Flags().Lookup(flag[1]) == nil && cmd.InheritedFlags().Lookup(flag[1]) == nil {
					t.Errorf("%s: `%s` uses --%s, which %s has not", page, code[1], flag[1], cmd.CommandPath())
				}
			}
		}
	}
	if named < 40 {
		t.Errorf("only %d commands were looked at: the test does not see them", named)
	}
}

// A target of make that a document names is in the Makefile.
func TestMakeTargetsInTheDocumentationAreThere(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	target := regexp.MustCompile(`^make ([a-z][a-z-]*(?: [a-z][a-z-]*)*)`)
	for page, text := range pages(t) {
		lines := typedIn(text)
		for _, code := range inlineCode.FindAllStringSubmatch(fencedBlock.ReplaceAllString(text, ""), -1) {
			lines = append(lines, code[1])
		}
		for _, line := range lines {
			found := target.FindStringSubmatch(strings.TrimSpace(line))
			if found == nil {
				continue
			}
			for _, name := range strings.Fields(found[1]) {
				named++
				if !regexp.MustCompile(`(?m)^` + name + `:`).Match(makefile) {
					t.Errorf("%s: make has no target %s", page, name)
				}
			}
		}
	}
	if named < 15 {
		t.Errorf("only %d targets were looked at: the test does not see them", named)
	}
}

func TestShellWords(t *testing.T) {
	for line, want := range map[string][]string{
		`reprompt run --tags "@smoke and not @window"   # some`: {"reprompt", "run", "--tags", "@smoke and not @window"},
		`A=1 bin/reprompt show | jq .x`:                         {"bin/reprompt", "show"},
		`reprompt run '' a"b c"d`:                               {"reprompt", "run", "", "ab cd"},
	} {
		if got := commandsIn(line); len(got) == 0 || !slices.Equal(got[0], want) {
			t.Errorf("%s: %q", line, got)
		}
	}
	if got := commandsIn("a b && c | d > e"); len(got) != 4 {
		t.Errorf("%q", got)
	}
}

// Features in the documents are ones that reprompt would run.
func TestFeaturesInTheDocumentationAreRight(t *testing.T) {
	checked := 0
	for page, text := range pages(t) {
		for _, block := range fencedBlock.FindAllStringSubmatch(text, -1) {
			if block[1] != "gherkin" || !strings.HasPrefix(block[2], "Feature:") {
				continue
			}
			checked++
			file := filepath.Join(t.TempDir(), "documented.feature")
			if err := os.WriteFile(file, []byte(block[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			p := &program{stdin: strings.NewReader(""), stdout: &said, stderr: &said}
			if code := p.execute(t.Context(), newRoot(p), []string{"check", file}); code != exitAsDemanded {
				t.Errorf("%s: reprompt check ends with %d: %s", page, code, said.String())
			}
		}
	}
	if checked < 2 {
		t.Errorf("only %d features were looked at", checked)
	}
}
