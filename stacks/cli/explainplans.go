package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge/explain"
)

// listPlans says how an environment goes with CloudFront's pricing plans, whatever plan is set.
func listPlans(cmd *cobra.Command, args []string, asJSON bool) error {
	if len(args) != 1 {
		return fmt.Errorf("--plans is about an environment, not a request: explain %s --plans", args[0])
	}
	if err := refuseRequestFlags(cmd); err != nil {
		return err
	}
	c, _, err := config.LoadForPlans(cmd.Flag("config").Value.String())
	if err != nil {
		return err
	}
	if _, err := c.Environment(args[0]); err != nil {
		return err
	}
	fits := c.PlanFits(args[0])
	if asJSON {
		return printJSON(cmd, explain.PlanFits(fits))
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), explain.Plans(fits))
	return err
}
