package cli

import (
	"fmt"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/expect"
	"ml-api-accelerator/stacks/internal/synth/render"
)

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
		return warnings, &config.Invalid{File: file, Problems: wrong}
	}
	return warnings, nil
}
