package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commandsOf are a command and all below it, but for those that Cobra brings along.
func commandsOf(cmd *cobra.Command) []*cobra.Command {
	if cmd.Name() == "completion" || cmd.Name() == "help" {
		return nil
	}
	all := []*cobra.Command{cmd}
	for _, below := range cmd.Commands() {
		all = append(all, commandsOf(below)...)
	}
	return all
}

// flagIn finds the flags of an example.
var flagIn = regexp.MustCompile(`--([a-z][a-z-]*)`)

// Every command says in a sentence what it does, in more than one how, and shows a line to type that
// it would take.
func TestEveryCommandHasHelpAndExamples(t *testing.T) {
	root := newRoot(&program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard})
	for _, cmd := range commandsOf(root) {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || cmd.Long == "" || !strings.Contains(cmd.Long, ".") {
			t.Errorf("%s: its help is %q, %q", cmd.CommandPath(), cmd.Short, cmd.Long)
		}
		if cmd.Example == "" {
			t.Errorf("%s shows no example", cmd.CommandPath())
		}
		for line := range strings.Lines(strings.ReplaceAll(cmd.Example, "\\\n", "")) {
			exampleWorks(t, root, cmd, strings.TrimRight(line, "\n"))
		}
		for line := range strings.Lines(cmd.Long) {
			if len([]rune(line)) > 121 {
				t.Errorf("%s: a line of its help is %d letters long: %s", cmd.CommandPath(), len(line), line)
			}
		}
	}
}

func exampleWorks(t *testing.T, root, of *cobra.Command, line string) {
	t.Helper()
	text, indented := strings.CutPrefix(line, "  ")
	if !indented || strings.HasPrefix(text, " ") {
		t.Errorf("%s: the example %q is not indented by two", of.CommandPath(), line)
	}
	rest, ours := strings.CutPrefix(text, "reprompt ")
	if !ours {
		return // what is typed before or behind
	}
	words := strings.Fields(strings.Split(rest, " | ")[0])
	cmd, _, err := root.Find(words)
	if err != nil || cmd == root {
		t.Errorf("%s: the example %q names no command: %v", of.CommandPath(), line, err)
		return
	}
	for _, flag := range flagIn.FindAllStringSubmatch(strings.Split(rest, " | ")[0], -1) {
		if cmd.Flags().Lookup(flag[1]) == nil && cmd.InheritedFlags().Lookup(flag[1]) == nil {
			t.Errorf("%s: the example %q uses --%s, which %s has not", of.CommandPath(), line, flag[1], cmd.CommandPath())
		}
	}
}

// What a shell would offer behind a line.
func TestShellsAreOfferedValues(t *testing.T) {
	for line, want := range map[string]string{
		"run --format ":      "pretty\nprogress\njunit\nmessages\n",
		"run --tags ":        "@smoke\n",
		"run --name ":        "Activation through Graph\n",
		"run --random ":      "auto\n",
		"run --tenant ":      "yaml\nyml\n:8\n",
		"run ":               "feature\n:8\n",
		"prove --way ":       "portal\ngraph\n:4\n",
		"prove --replay ":    "real\nvalidation\n:4\n",
		"explain POLICY_MIS": "POLICY_MISSING\t",
		"evidence verify ":   ":16\n",
		"keygen --algorithm": "--algorithm\t",
		"steps ":             ":4\n",
	} {
		var out bytes.Buffer
		p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard}
		code := p.execute(t.Context(), newRoot(p), append([]string{"__complete"}, strings.Split(line, " ")...))
		if code != exitAsDemanded || !strings.Contains(out.String(), want) {
			t.Errorf("behind %q, code %d: %q, want %q", line, code, out.String(), want)
		}
	}
}
