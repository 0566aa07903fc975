package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
)

func newCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Only check the configuration",
		Long: `Checks the configuration and writes nothing; Node.js isn't needed. The exit code is 1 if there are
problems that would stop the synthesis.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return checkJSON(cmd)
			}
			_, warnings, err := load(cmd)
			if err != nil {
				return err
			}
			verdict := "fine"
			if len(warnings) > 0 {
				verdict = fmt.Sprintf("no problems, %d to think about", len(warnings))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", cmd.Flag("config").Value, verdict)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {path, rule, class, message, line, column}")
	return cmd
}

// errSilent ends the program with exit code 1 when everything has been said.
var errSilent = errors.New("")

func checkJSON(cmd *cobra.Command) error {
	_, warnings, err := config.Load(cmd.Flag("config").Value.String())
	problems := append([]config.Problem{}, warnings...)
	invalid := (*config.Invalid)(nil)
	if errors.As(err, &invalid) {
		problems = append(invalid.Problems, problems...)
		err = errSilent
	}
	if err != nil && invalid == nil {
		return err // no configuration to check
	}
	return errors.Join(printJSON(cmd, problems), err)
}
