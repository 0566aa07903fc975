package cli

import (
	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/render"
)

// addFresh gives the flag to a command that calls renderStacks.
func addFresh(cmd *cobra.Command) {
	cmd.Flags().Bool("fresh", false, "take no stack from the cache: make each anew, and keep it")
}

// renderStacks returns the Terraform JSON of the named stacks.
func renderStacks(cmd *cobra.Command, c config.Config, warnings []config.Problem, names []string) (map[string]render.Stack, error) {
	fresh, err := cmd.Flags().GetBool("fresh")
	if err != nil {
		return nil, err
	}
	return render.Stacks(c, warnings, names, render.Options{Fresh: fresh, Warn: warningWriter(cmd)})
}
