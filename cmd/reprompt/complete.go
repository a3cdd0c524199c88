package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/docs"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/suite"
)

// flagValues are what a shell offers for a flag, wherever it is one: what it takes where that is a short
// list, else which files. A tab behind --tags or --name offers those of the features that PATH names.
var flagValues = map[string]cobra.CompletionFunc{
	"format":    offered(append(slices.Clone(formatNames), "junit:junit.xml", "messages:cucumber.ndjson")...),
	"random":    offered("auto"),
	"way":       offered("portal", "graph"),
	"replay":    offered("real", "validation"),
	"algorithm": offered(evidence.ECDSAP256, evidence.Ed25519),
	"role":      offered("Application Administrator"),
	"retries":   offered("1", "2"),
	"timeout":   offered("3m", "10m"),
	"slow-mo":   offered("500ms", "1s"),
	"tags":      tagsOffered,
	"tag":       tagsOffered,
	"name":      namesOffered,
	"tenant":    ofKind("yaml", "yml"),
	"key":       ofKind("pem", "pub"),
	"sign-key":  ofKind("pem"),
	"evidence":  folders,
	"dir":       folders,
}

// argumentValues are what a shell offers for the arguments of a command.
var argumentValues = map[string]cobra.CompletionFunc{
	"reprompt run":                 ofKind("feature"),
	"reprompt check":               ofKind("feature"),
	"reprompt explain":             codesOffered,
	"reprompt man":                 folders,
	"reprompt evidence verify":     folders,
	"reprompt evidence show":       folders,
	"reprompt evidence merge":      folders,
	"reprompt evidence attach-log": folders,
	"reprompt evidence diff":       folders,
	"reprompt show":                folders,
}

// complete has the shell offer values for every flag and argument that it can.
func complete(cmd *cobra.Command) {
	for name, offer := range flagValues {
		if cmd.Flags().Lookup(name) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(name, offer); err != nil {
			panic(err) // the flag is there, and nobody else registers
		}
	}
	if offer, ok := argumentValues[cmd.CommandPath()]; ok {
		cmd.ValidArgsFunction = offer
	} else if !cmd.HasSubCommands() && cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, below := range cmd.Commands() {
		complete(below)
	}
}

func offered(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

func ofKind(extensions ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}

var folders = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)

// planned are the scenarios of the paths that were typed so far; none where they cannot be read.
func planned(paths []string) []suite.Planned {
	all, _ := suite.Plan(suite.Options{Paths: paths})
	return all
}

func tagsOffered(_ *cobra.Command, paths []string, _ string) ([]string, cobra.ShellCompDirective) {
	var tags []string
	for _, p := range planned(paths) {
		tags = append(tags, p.Tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags), cobra.ShellCompDirectiveNoFileComp
}

func namesOffered(_ *cobra.Command, paths []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, p := range planned(paths) {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
}

func codesOffered(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var codes []string
	for _, code := range docs.Codes() {
		codes = append(codes, cobra.CompletionWithDesc(code.Name, firstLine(code.Text)))
	}
	slices.Sort(codes)
	return slices.Compact(codes), cobra.ShellCompDirectiveNoFileComp
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
