package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
)

// controls is the flag that names a file of control rows.
type controls struct{ file string }

func (c *controls) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.file, "controls", "", "a `FILE` with rows of a control map of one's own, beside those that are built in (default: the tenant file's)")
}

// load reads the file of the flag, else of the tenant file, which may be nil; nil when neither names one.
func (c *controls) load(cmd *cobra.Command, tenant *config.Tenant) (evidence.ControlMap, error) {
	file, named := c.file, "--controls"
	if !cmd.Flags().Changed("controls") {
		if tenant == nil || tenant.ControlsFile == "" {
			return nil, nil
		}
		file, named = tenant.ControlsFile, tenant.File+": controls"
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("%s: %s; docs/exports.md shows what stands in such a file", named, err)
	}
	rows, err := evidence.ParseControls(content)
	if err != nil {
		return nil, usagef("%s %s: %s", named, file, err)
	}
	return rows, nil
}
