package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/diagram"
)

func newDiagram() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "diagram ENVIRONMENT",
		Short: "Draw the routes and origins of an environment",
		Long: `Prints a flowchart of an environment in Mermaid, which GitHub draws in a Markdown file, an issue or a pull
request between ` + "```mermaid and ```" + `: what is in front, the routes in the order in which they are
tried, and the origins they lead to. Dashed lines are failover, where Route 53 leads, and copies. With
--stack it draws a stack that was synthesized before.`,
		Example: `  go run . diagram prod
  go run . diagram --stack cdktf.out/stacks/ml-api-prod/cdk.tf.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if file != "" && len(args) > 0 {
				return usageErrorf("diagram takes an environment or --stack, not both: diagram --stack %s", file)
			} else if file != "" {
				return nil
			}
			return takes(1, 1, "an environment", "diagram prod")(cmd, args)
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
			d, err := edge.Parse(text)
			if err != nil {
				return err
			}
			for _, u := range d.Unread {
				warn(cmd, "%s: an override sets %s.%s, which can't be drawn", name, u.Address, u.Argument)
			}
			return printText(cmd, drawn)
		},
	}
	cmd.Flags().StringVar(&file, "stack", "", "draw this cdk.tf.json `FILE` instead of an environment")
	addFresh(cmd)
	return cmd
}

// stackToDraw returns the JSON of a stack, and what it is called.
func stackToDraw(cmd *cobra.Command, file string, args []string) (text []byte, name string, err error) {
	if file != "" {
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			return nil, file, isFolder(file)
		}
		if text, err = os.ReadFile(file); errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: not found", file)
		}
		return text, file, err
	}
	e, err := openEnvironment(cmd, args[0])
	if err != nil {
		return nil, "", err
	}
	text, err = e.json()
	return text, e.stack, err
}

// isFolder says which files in a folder are stacks.
func isFolder(folder string) error {
	var found []string
	for _, pattern := range []string{"cdk.tf.json", "*/cdk.tf.json", "stacks/*/cdk.tf.json"} {
		below, _ := filepath.Glob(filepath.Join(escaped(folder), pattern)) // an error is a pattern that isn't valid
		found = append(found, below...)
	}
	if len(found) == 0 {
		return fmt.Errorf("%s: is a folder without a cdk.tf.json; name one that synth wrote: "+
			"cdktf.out/stacks/ml-api-prod/cdk.tf.json", folder)
	}
	return fmt.Errorf("%s: is a folder; name a file in it: %s", folder, strings.Join(found, ", "))
}

// escaped is a path as a pattern.
func escaped(path string) string {
	return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(path)
}
