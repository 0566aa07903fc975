package cli

import (
	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of cdktf.json",
		Long: `Prints the JSON Schema of cdktf.json, by which an editor completes the configuration, explains its
fields and marks wrong values.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printJSON(cmd, config.Schema())
		},
	}
}
