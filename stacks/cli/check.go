package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/expect"
	"ml-api-accelerator/stacks/internal/synth/bindings"
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Only check the configuration",
		Long: `Checks the configuration and writes no stack. The exit code is 1 if there are problems that would stop
the synthesis.

Whether the edge does what expect says only a stack tells. One that isn't in the cache is made, and kept
there; where Node.js is missing or too old, the expectations that couldn't be tried are listed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return checkJSON(cmd)
			}
			warnings, notTried, err := check(cmd)
			warnOf(cmd, append(warnings, notTried...))
			if err != nil {
				return err
			}
			verdict, colour := "fine", terminal.Green
			if len(warnings)+len(notTried) > 0 {
				verdict, colour = "no problems", terminal.Yellow
			}
			if len(warnings) > 0 {
				verdict += fmt.Sprintf(", %d to think about", len(warnings))
			}
			if len(notTried) > 0 {
				verdict += ", some expectations not tried"
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", cmd.Flag("config").Value, terminal.Paint(cmd.OutOrStdout(), colour, verdict))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {path, rule, class, message, line, column}; a file that can't be read is one problem, with rule S0 and an empty path")
	return cmd
}

// check holds a configuration to its rules, and its stacks to what is expected of them. It returns the expectations
// that can't be tried, where Node.js can't make the stack, as warnings of their own.
func check(cmd *cobra.Command) (warnings, notTried []config.Problem, err error) {
	file := cmd.Flag("config").Value.String()
	c, warnings, err := config.Load(file)
	if err != nil {
		return warnings, nil, err
	}
	var expecting []string
	for _, name := range c.EnvironmentNames() {
		if len(c.Environments[name].Expect) > 0 {
			expecting = append(expecting, c.StackName(name))
		}
	}
	rendered, err := renderAnew(cmd, c, warnings, expecting, false)
	if unusable := (*bindings.UnusableNode)(nil); errors.As(err, &unusable) {
		notTried, err = untried(file, c, rendered, unusable)
	}
	if err != nil {
		return warnings, nil, err
	}
	more, err := holdToExpectations(file, c, rendered)
	return append(warnings, more...), notTried, err
}

// untried returns a warning for each environment whose stack isn't among those that are rendered, since Node.js can't
// be used.
func untried(file string, c config.Config, rendered map[string]render.Stack, why error) ([]config.Problem, error) {
	var problems []config.Problem
	for _, name := range c.EnvironmentNames() {
		n := len(c.Environments[name].Expect)
		if _, found := rendered[c.StackName(name)]; !found && n > 0 {
			message := fmt.Sprintf("%s not tried: %v", count(n, "expectation"), why)
			problems = append(problems, config.Unmet(config.Warning, name, message))
		}
	}
	return problems, config.Locate(file, problems)
}

// errSilent ends the program with exit code 1 when everything has been said.
var errSilent = errors.New("")

func checkJSON(cmd *cobra.Command) error {
	warnings, notTried, err := check(cmd)
	if errors.Is(err, context.Canceled) {
		return err
	}
	problems := slices.Concat([]config.Problem{}, config.Problems(err), warnings, notTried)
	if err := printJSON(cmd, problems); err != nil {
		return err
	}
	if err != nil {
		return errSilent
	}
	return nil
}

// holdToExpectations holds rendered stacks to what their environments expect. What isn't so is the error; the warnings are where
// nothing is expected.
func holdToExpectations(file string, c config.Config, rendered map[string]render.Stack) (warnings []config.Problem, err error) {
	var problems, wrong []config.Problem
	for _, name := range c.EnvironmentNames() {
		stack, found := rendered[c.StackName(name)]
		if expected := c.Environments[name].Expect; found && len(expected) > 0 {
			d, err := edge.Parse(stack.JSON)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.StackName(name), err)
			}
			problems = append(problems, expect.Check(name, expected, d)...)
		}
	}
	if err := config.Locate(file, problems); err != nil {
		return nil, err
	}
	for _, p := range problems {
		if p.Class == config.Warning {
			warnings = append(warnings, p)
		} else {
			wrong = append(wrong, p)
		}
	}
	if len(wrong) > 0 {
		return warnings, &config.Invalid{File: file, Under: config.Under, Problems: wrong}
	}
	return warnings, nil
}
