package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/live/plan"
	"ml-api-accelerator/stacks/internal/synth/output"
)

// newPlanChanges is for .github/scripts/plan.sh, so help doesn't list it.
func newPlanChanges() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:    "plan-changes",
		Hidden: true,
		Short:  "Show what a Terraform plan changes in origins that Terraform hides",
		Long: `Reads a plan, as terraform show -json prints it, from stdin, and prints what it changes in the origins that
Terraform hides because of one secret. With --digest it writes a digest of all that the plan changes, without
its secrets: two plans that change the same have the same digest.`,
		Example: `  go run . plan-changes --digest plan.digest <plan.json`,
		Args:    takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := plan.Read(cmd.InOrStdin())
			if err != nil {
				return fmt.Errorf("stdin: %w", err)
			}
			if file != "" {
				digest, err := p.Digest()
				if err != nil {
					return err
				}
				if err := output.WriteFile(file, []byte(digest+"\n")); err != nil {
					return err
				}
			}
			return printText(cmd, p.Origins())
		},
	}
	cmd.Flags().StringVar(&file, "digest", "", "write a digest of what changes to `FILE`")
	return cmd
}
