package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/suite"
)

// documents say, for each command below the root, which document explains it, and so the errors that it
// ends with. A command below another has that of its parent.
var documents = map[string]string{
	"run":        "docs/running.md",
	"prove":      "docs/real-tenant.md",
	"doctor":     "docs/real-tenant.md",
	"init":       "docs/real-tenant.md",
	"cleanup":    "docs/real-tenant.md",
	"watch":      "docs/operations.md",
	"fleet":      "docs/operations.md",
	"emulator":   "docs/emulator.md",
	"steps":      "docs/writing-scenarios.md",
	"check":      "docs/writing-scenarios.md",
	"new":        "docs/writing-scenarios.md",
	"explain":    "docs/codes.md",
	"evidence":   "docs/evidence.md",
	"keygen":     "docs/evidence.md",
	"show":       "docs/show.md",
	"version":    "CHANGELOG.md",
	"man":        "docs/running.md",
	"completion": "docs/running.md",
	"reprompt":   "docs/getting-started.md",
}

// documentKey is the annotation of a command that holds its document.
const documentKey = "document"

// setDocuments gives every command its document, which its help names at the end.
func setDocuments(root *cobra.Command) {
	root.SetUsageTemplate(root.UsageTemplate() + `{{with index .Annotations "` + documentKey + `"}}
More: {{.}}
{{end}}`)
	setDocument(root, documents[root.Name()])
}

func setDocument(cmd *cobra.Command, document string) {
	if of, named := documents[cmd.Name()]; named && (!cmd.HasParent() || !cmd.Parent().HasParent()) {
		document = of
	}
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[documentKey] = document
	for _, below := range cmd.Commands() {
		setDocument(below, document)
	}
}

// documentOf is the document that explains why a command ended with an error; empty for an interruption,
// which needs none.
func documentOf(ctx context.Context, cmd *cobra.Command, err error) string {
	var (
		interrupted *suite.InterruptedError
		file        *config.Error
		left        *suite.NotRestoredError
		unkept      *suite.EvidenceError
	)
	switch {
	case errors.As(err, &left), errors.As(err, &file):
		return "docs/real-tenant.md"
	case errors.As(err, &interrupted), errors.Is(context.Cause(ctx), errInterrupted), cmd == nil:
		return ""
	case errors.As(err, &unkept):
		return "docs/evidence.md"
	}
	return cmd.Annotations[documentKey]
}

// sayDocument names the document behind an error.
func (p *program) sayDocument(document string) {
	if document != "" {
		fmt.Fprintln(p.stderr, "reprompt: more: "+document)
	}
}
