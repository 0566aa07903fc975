package cli

import (
	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
)

// completeEnvironments has a shell complete the first argument: an environment of the configuration, or one of the others.
func completeEnvironments(others ...string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c, _, _ := config.Load(cmd.Flag("config").Value.String()) // none if it is wrong
		return append(c.EnvironmentNames(), others...), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlags has a shell complete the values of flags.
func completeFlags(root *cobra.Command) {
	_ = root.MarkPersistentFlagFilename("config", "json") // an error is a flag that doesn't exist, as a test would see
	for _, c := range append(root.Commands(), root) {
		if c.Flags().Lookup("output") != nil {
			_ = c.MarkFlagDirname("output")
		}
	}
}
