package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// fitHelp has the help of all commands fit into a terminal of so many columns; 0 leaves it as it is written,
// for a file or a pipe. Only lines that are too long are changed, and what stands in an example never is: it is
// there to be copied.
func fitHelp(root *cobra.Command, columns int) {
	if columns == 0 {
		return
	}
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "Flags.FlagUsages ", fmt.Sprintf("Flags.FlagUsagesWrapped %d ", columns)))
	fitLong(root, columns)
}

func fitLong(cmd *cobra.Command, columns int) {
	cmd.Long = fitted(cmd.Long, columns)
	for _, below := range cmd.Commands() {
		fitLong(below, columns)
	}
}

// entryOf matches a line of a list in a help: where its text begins is where what is folded goes on.
var entryOf = regexp.MustCompile(`^ +(?:\S+ {2,})?`)

// fitted is a text whose lines have at most so many columns. The lines of a paragraph flow together where one of
// it is too long; each entry of an indented list is folded by itself, below its text.
func fitted(text string, columns int) string {
	var paragraphs []string
	for _, paragraph := range strings.Split(text, "\n\n") {
		if widest(paragraph) > columns {
			paragraph = folded(paragraph, columns)
		}
		paragraphs = append(paragraphs, paragraph)
	}
	return strings.Join(paragraphs, "\n\n")
}

// fitted is a text as it fits into the terminal that standard output goes to, if it goes to one.
func (p *program) fitted(text string) string {
	if columns := p.columns(); columns > 0 {
		return fitted(text, columns)
	}
	return text
}

func folded(paragraph string, columns int) string {
	var all []string
	indent := ""
	for line := range strings.Lines(paragraph) {
		line = strings.TrimRight(line, "\n")
		begins := entryOf.FindString(line)
		goesOn := len(all) > 0 && utf8.RuneCountInString(begins) == len(indent) && strings.TrimSpace(begins) == ""
		if !goesOn {
			all, indent = append(all, begins), strings.Repeat(" ", utf8.RuneCountInString(begins))
		}
		for _, word := range strings.Fields(line[len(begins):]) {
			last := &all[len(all)-1]
			switch {
			case strings.TrimSpace(*last) == "" || *last == begins && !goesOn:
				*last += word
			case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= columns:
				*last += " " + word
			default:
				all = append(all, indent+word)
			}
		}
	}
	return strings.Join(all, "\n")
}

func widest(text string) int {
	most := 0
	for line := range strings.Lines(text) {
		most = max(most, utf8.RuneCountInString(strings.TrimRight(line, "\n")))
	}
	return most
}
