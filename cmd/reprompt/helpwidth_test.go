package main

import (
	"io"
	"strings"
	"testing"
)

// Paragraphs flow, entries of a list are folded below their text, and what fits is left alone.
func TestAHelpFitsIntoATerminal(t *testing.T) {
	const text = "It proves a role of one tenant\nonce, and says so.\n\nShort\nlines.\n\nExit codes:\n  0    every role is enforced\n  1    a role is not, or the\n       evidence is lost\n  130  stopped"
	for columns, want := range map[int]string{
		80: text,
		22: "It proves a role of\none tenant once, and\nsays so.\n\nShort\nlines.\n\nExit codes:\n  0    every role is\n       enforced\n  1    a role is not,\n       or the evidence\n       is lost\n  130  stopped",
	} {
		if got := fitted(text, columns); got != want {
			t.Errorf("%d columns:\n%s\nwant\n%s", columns, got, want)
		}
	}
}

// Nothing but an example, a line of usage and a word of its own is wider than the terminal, and no word is lost.
func TestEveryHelpFitsInto80Columns(t *testing.T) {
	help := func(columns int) map[string]string {
		root := newRoot(&program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard})
		fitHelp(root, columns)
		all := map[string]string{}
		for _, cmd := range commandsOf(root) {
			all[cmd.CommandPath()] = cmd.Long + "\n" + cmd.UsageString()
		}
		return all
	}
	wide := help(0)
	for name, text := range help(80) {
		if got, want := strings.Fields(text), strings.Fields(wide[name]); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: its help has other words on a terminal", name)
		}
		in := ""
		for line := range strings.Lines(text) {
			if line = strings.TrimRight(line, "\n"); strings.HasSuffix(line, ":") && !strings.HasPrefix(line, " ") {
				in = line
			}
			if len([]rune(line)) > 80 && in != "Examples:" && in != "Usage:" {
				t.Errorf("%s: %d columns: %s", name, len([]rune(line)), line)
			}
		}
	}
	if !strings.Contains(wide["reprompt run"], "--allow-host PATTERN   with --tenant, a PATTERN of hosts that the browser may ask for, beside those of the cloud: NAME or *.NAME; may be repeated\n") {
		t.Error("what goes into a file or a pipe is folded")
	}
}
