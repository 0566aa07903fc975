package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
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
	return renderAnew(cmd, c, warnings, names, fresh)
}

// renderAnew is renderStacks for a command without the flag: fresh says whether each is made anew.
func renderAnew(cmd *cobra.Command, c config.Config, warnings []config.Problem, names []string, fresh bool) (map[string]render.Stack, error) {
	line := terminal.Start(warningWriter(cmd), "reading what is kept")
	defer line.Stop()
	return render.Stacks(cmd.Context(), c, warnings, names, render.Options{Fresh: fresh, Warn: line, Progress: func(made, all int) {
		line.Tell(fmt.Sprintf("making %s in Node.js, %d done", count(all, "stack"), made))
	}})
}
