package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/suite"
)

// Every command has a document that is there, which its help names, and so does every error of it.
func TestEveryCommandAndItsErrorsNameADocument(t *testing.T) {
	root := newRoot(&program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard})
	for _, cmd := range commandsOf(root) {
		document := cmd.Annotations[documentKey]
		if text, err := os.ReadFile("../../" + document); err != nil || len(text) < 500 {
			t.Errorf("%s has the document %q, which is not there or says nothing: %v", cmd.CommandPath(), document, err)
		}
		if documents[cmd.Name()] == "" && cmd.Parent() == root {
			t.Errorf("%s has no document of its own", cmd.CommandPath())
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		var help, said bytes.Buffer
		p := &program{stdin: strings.NewReader(""), stdout: &help, stderr: io.Discard}
		if code := p.execute(t.Context(), newRoot(p), append(path, "--help")); code != exitAsDemanded || !strings.HasSuffix(help.String(), "\nMore: "+document+"\n") {
			t.Errorf("%s --help ends with %d and does not name %s", cmd.CommandPath(), code, document)
		}
		p = &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: &said}
		if code := p.execute(t.Context(), newRoot(p), append(path, "--no-such-flag")); code != exitUsage || !strings.HasSuffix(said.String(), "\nreprompt: more: "+document+"\n") {
			t.Errorf("%s --no-such-flag ends with %d and says %q", cmd.CommandPath(), code, said.String())
		}
	}
}

func TestTheDocumentIsThatOfTheError(t *testing.T) {
	cmd := &cobra.Command{Annotations: map[string]string{documentKey: "docs/running.md"}}
	interrupted, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	for want, row := range map[string]struct {
		ctx context.Context
		err error
	}{
		"docs/running.md":     {t.Context(), usagef("a slip")},
		"docs/real-tenant.md": {t.Context(), fmt.Errorf("load: %w", &config.Error{})},
		"docs/evidence.md":    {t.Context(), fmt.Errorf("run: %w", &suite.EvidenceError{Err: errors.New("full")})},
		"":                    {interrupted, errors.New("broken off")},
	} {
		if got := documentOf(row.ctx, cmd, row.err); got != want {
			t.Errorf("%v: %q, want %q", row.err, got, want)
		}
	}
	if got := documentOf(interrupted, cmd, &suite.NotRestoredError{Err: errors.New("left")}); got != "docs/real-tenant.md" {
		t.Errorf("what was not undone is explained in %q", got)
	}
}
