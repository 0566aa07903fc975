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
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/synth/bindings"
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "check",
		SuggestFor: []string{"validate", "lint", "test"},
		Short:      "Check the configuration without writing anything",
		Long: `Checks the configuration and writes no stack. The exit code is 1 if there are problems that would stop
the synthesis.

To test expect, and whether the resources that overrides name exist, it uses the stacks in the cache, and
makes those that are missing. Without Node.js, or with one that is too old, it lists what it couldn't test.`,
		Example: `  go run . check
  go run . check --json`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, warnings, notTried, err := check(cmd)
			if asJSON {
				return printProblems(cmd, warnings, notTried, err)
			}
			p.warn(append(warnings, notTried...))
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
				verdict += ", some of it not tried"
			}
			return printText(cmd, fmt.Sprintf("%s: %s\n", p.file, terminal.Paint(cmd.OutOrStdout(), colour, verdict)))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print a list of {path, rule, class, message, line, column}; a file that can't be read is one problem, with rule S0 and an empty path")
	return cmd
}

// check holds a configuration to its rules, and its stacks to what is expected of them and to overrides. It returns what
// can't be tried, where Node.js can't make the stack, as warnings of their own.
func check(cmd *cobra.Command) (p project, warnings, notTried []config.Problem, err error) {
	p, err = open(cmd)
	if err != nil {
		return p, p.warnings, nil, err
	}
	var asked []string // stacks that only tell whether all is well
	for _, name := range p.config.EnvironmentNames() {
		if e := p.config.Environments[name]; len(e.Expect)+len(e.Overrides) > 0 {
			asked = append(asked, p.config.StackName(name))
		}
	}
	rendered, err := p.render(asked...)
	if unusable := (*bindings.UnusableNode)(nil); errors.As(err, &unusable) {
		notTried, err = p.untried(rendered, unusable)
	}
	if err != nil {
		return p, p.warnings, nil, err
	}
	more, err := p.holdToExpectations(rendered)
	return p, append(p.warnings, more...), notTried, err
}

// untried returns warnings for each environment whose stack isn't among those that are rendered, since Node.js can't be
// used.
func (p project) untried(rendered map[string]render.Stack, why error) ([]config.Problem, error) {
	var problems []config.Problem
	for _, name := range p.config.EnvironmentNames() {
		if _, found := rendered[p.config.StackName(name)]; found {
			continue
		}
		e := p.config.Environments[name]
		if n := len(e.Expect); n > 0 {
			message := fmt.Sprintf("%s not tried: %v", format.Count(n, "expectation"), why)
			problems = append(problems, config.Unmet(config.Warning, name, message))
		}
		if len(e.Overrides) > 0 {
			problems = append(problems, config.Unfit(config.Warning, name, fmt.Sprintf("not tried: %v", why)))
		}
	}
	return problems, config.Locate(p.file, problems)
}

func printProblems(cmd *cobra.Command, warnings, notTried []config.Problem, err error) error {
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

// holdToExpectations holds rendered stacks to what their environments expect. What isn't so is the error; the warnings
// are where nothing is expected.
func (p project) holdToExpectations(rendered map[string]render.Stack) (warnings []config.Problem, err error) {
	var problems, wrong []config.Problem
	for _, name := range p.config.EnvironmentNames() {
		stack, found := rendered[p.config.StackName(name)]
		e := p.config.Environments[name]
		if expected := e.Expect; found && len(expected)+len(e.Overrides) > 0 {
			d, err := edge.Parse(stack.JSON)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.config.StackName(name), err)
			}
			problems = append(problems, expect.Check(name, expected, d)...)
			unread, err := p.unread(name, d)
			if err != nil {
				return nil, err
			}
			warnings = append(append(warnings, unread...), stack.Warnings...)
		}
	}
	if err := config.Locate(p.file, problems); err != nil {
		return nil, err
	}
	for _, problem := range problems {
		if problem.Class == config.Warning {
			warnings = append(warnings, problem)
		} else {
			wrong = append(wrong, problem)
		}
	}
	if len(wrong) > 0 {
		return warnings, &config.Invalid{File: p.file, Under: config.Under, Problems: wrong}
	}
	return warnings, nil
}
