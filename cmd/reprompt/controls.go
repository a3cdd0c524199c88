package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/evidence"
)

// controls is the flag that names a file of control rows.
type controls struct{ file string }

func (c *controls) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.file, "controls", "", "a `FILE` with rows of a control map of one's own, beside those that are built in")
}

// load reads the file; nil when none was named.
func (c *controls) load(cmd *cobra.Command) (evidence.ControlMap, error) {
	if !cmd.Flags().Changed("controls") {
		return nil, nil
	}
	content, err := os.ReadFile(c.file)
	if err != nil {
		return nil, usagef("--controls: %s; docs/exports.md shows what stands in such a file", err)
	}
	rows, err := evidence.ParseControls(content)
	if err != nil {
		return nil, usagef("--controls %s: %s", c.file, err)
	}
	return rows, nil
}
