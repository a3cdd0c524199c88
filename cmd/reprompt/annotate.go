package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/reprompt/reprompt/suite"
)

// annotations tell GitHub Actions of scenarios that failed, at the line in the feature file, and of
// those that passed only when they were tried again. They are workflow commands (documented:
// docs.github.com, "Workflow commands for GitHub Actions").
type annotations struct {
	w io.Writer
	// workspace is the folder of the repository: annotations name files in it.
	workspace string
}

// annotationsHere is nil where this does not run in GitHub Actions.
func annotationsHere(w io.Writer) *annotations {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return nil
	}
	return &annotations{w, os.Getenv("GITHUB_WORKSPACE")}
}

// tell tells of every scenario that did not simply pass, by its last attempt.
func (a *annotations) tell(result *suite.Result) {
	for _, r := range result.Last() {
		switch {
		case r.Outcome == suite.Failed:
			text := r.Error
			if r.Cause != "" {
				text += "\n" + r.Cause + "\nmend: " + r.Mend
			}
			a.write("error", r, text)
		case r.Outcome == suite.Passed && r.Attempt > 1:
			a.write("warning", r, fmt.Sprintf("flaky: it passed at attempt %d of %d", r.Attempt, r.Attempts))
		}
	}
}

func (a *annotations) write(command string, r suite.ScenarioResult, text string) {
	properties := "title=" + property(r.Name)
	if file := a.file(r.Feature); file != "" {
		line := r.Line
		if r.StepLine > 0 {
			line = r.StepLine
		}
		properties = fmt.Sprintf("file=%s,line=%d,%s", property(file), line, properties)
	} else {
		text = r.Feature + ": " + text
	}
	fmt.Fprintf(a.w, "::%s %s::%s\n", command, properties, data(text))
}

// file is where a feature stands in the repository; empty for one that is embedded, or outside.
func (a *annotations) file(feature string) string {
	absolute, err := filepath.Abs(filepath.FromSlash(feature))
	if err != nil || a.workspace == "" {
		return ""
	}
	if _, err := os.Stat(absolute); err != nil {
		return ""
	}
	inside, err := filepath.Rel(a.workspace, absolute)
	if err != nil || strings.HasPrefix(inside, "..") {
		return ""
	}
	return filepath.ToSlash(inside)
}

// data and property write what a workflow command would take for its own.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}
