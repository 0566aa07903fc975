package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Only check the configuration",
		Long: `Checks the configuration and writes nothing; Node.js isn't needed. The exit code is 1 if there are
problems that would stop the synthesis. What the edge is expected to do is looked at where the
stack is in the cache; otherwise the synthesis does.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return checkJSON(cmd)
			}
			warnings, err := check(cmd.Flag("config").Value.String())
			warnOf(cmd, warnings)
			if err != nil {
				return err
			}
			verdict, colour := "fine", terminal.Green
			if len(warnings) > 0 {
				verdict, colour = fmt.Sprintf("no problems, %d to think about", len(warnings)), terminal.Yellow
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", cmd.Flag("config").Value, terminal.Paint(cmd.OutOrStdout(), colour, verdict))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {path, rule, class, message, line, column}; a file that can't be read is one problem, with rule S0 and an empty path")
	return cmd
}

// check holds a configuration to its rules, and the stacks that needn't be made to what is expected of them.
func check(file string) ([]config.Problem, error) {
	c, warnings, err := config.Load(file)
	if err != nil {
		return warnings, err
	}
	var expecting []string
	for _, name := range c.EnvironmentNames() {
		if len(c.Environments[name].Expect) > 0 {
			expecting = append(expecting, c.StackName(name))
		}
	}
	more, err := holdToExpectations(file, c, render.Kept(c, warnings, expecting))
	return append(warnings, more...), err
}

// errSilent ends the program with exit code 1 when everything has been said.
var errSilent = errors.New("")

func checkJSON(cmd *cobra.Command) error {
	warnings, err := check(cmd.Flag("config").Value.String())
	problems := append(append([]config.Problem{}, config.Problems(err)...), warnings...)
	if err := printJSON(cmd, problems); err != nil {
		return err
	}
	if err != nil {
		return errSilent
	}
	return nil
}
