package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/diagram"
)

func newDiagram() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "diagram ENVIRONMENT",
		Short: "Draw the routes and origins of an environment",
		Long: `Prints a flowchart of an environment in Mermaid, which GitHub shows in a Markdown file, issue or pull
request between ` + "```mermaid and ```" + `: what is in front, the routes in the order in which they are
tried, and the origins they lead to. Dashed lines are what is done when an origin fails, where Route 53
leads to, and copies. With --stack it draws a stack that was synthesized before.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if file != "" {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, name, err := stackToDraw(cmd, file, args)
			if err != nil {
				return err
			}
			drawn, err := diagram.Mermaid(text)
			if errors.Is(err, edge.ErrNoDistribution) {
				return fmt.Errorf("%s: has no distribution to draw", name)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), drawn)
			return err
		},
	}
	cmd.Flags().StringVar(&file, "stack", "", "draw this cdk.tf.json instead of an environment")
	addFresh(cmd)
	return cmd
}

// stackToDraw returns the JSON of a stack, and what it is called.
func stackToDraw(cmd *cobra.Command, file string, args []string) (text []byte, name string, err error) {
	if file != "" {
		if text, err = os.ReadFile(file); errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: not found", file)
		}
		return text, file, err
	}
	c, warnings, err := load(cmd)
	if err != nil {
		return nil, "", err
	}
	name = c.StackName(args[0])
	if _, found := c.Environments[args[0]]; !found {
		return nil, "", unknownEnvironment(c, args[0])
	}
	rendered, err := renderStacks(cmd, c, warnings, []string{name})
	return rendered[name].JSON, name, err
}
