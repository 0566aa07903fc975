package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/compare"
	"ml-api-accelerator/stacks/internal/edge/diagram"
	"ml-api-accelerator/stacks/internal/edge/expect"
)

func newCompare() *cobra.Command {
	var asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Tell which requests two syntheses treat differently",
		Long: `Compares two folders of synthesized stacks, such as cdktf.out, and tells for every environment which
requests are treated differently, and how. It tries GET, POST and OPTIONS on a path for each route of
either side, with and without Authorization, Origin and a query string, with and without a known key
where either side checks the keys of callers, and in and outside of a canary where either side has one;
and the requests that the configuration, if there is one, expects something of. A signature counts as
good.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := compare.Read(args[0])
			if err != nil {
				return err
			}
			after, err := compare.Read(args[1])
			if err != nil {
				return err
			}
			expected, err := expectedRequests(cmd)
			if err != nil {
				return err
			}
			differences := compare.Compare(before, after, expected)
			switch {
			case asJSON:
				return printJSON(cmd, append([]compare.Difference{}, differences...))
			case asMarkdown:
				_, err = fmt.Fprint(cmd.OutOrStdout(), compare.Markdown(differences))
			default:
				_, err = fmt.Fprint(cmd.OutOrStdout(), compare.Text(differences))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {environment, request, before, after}")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print tables for a pull request")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	return cmd
}

// expectedRequests are those of the configuration, by environment; none where there is no configuration.
func expectedRequests(cmd *cobra.Command) (map[string][]edge.Request, error) {
	file := cmd.Flag("config")
	if _, err := os.Stat(file.Value.String()); errors.Is(err, fs.ErrNotExist) && !file.Changed {
		return nil, nil
	}
	c, _, err := config.Load(file.Value.String())
	requests := map[string][]edge.Request{}
	for name, environment := range c.Environments {
		for _, e := range environment.Expect {
			requests[name] = append(requests[name], expect.Request(e))
		}
	}
	return requests, err
}

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
