// Package stacks makes the Terraform stacks of the ML API accelerator: one file per concern,
// one function per construct.
package stacks

import (
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// New makes an app that synthesizes the stacks of a valid configuration into the folder outdir: all, or only
// those named. The warnings become annotations, which the cdktf CLI shows.
func New(c config.Config, warnings []config.Problem, outdir string, only ...string) cdktf.App {
	app := cdktf.NewApp(&cdktf.AppConfig{
		Outdir:      jsii.String(outdir),
		StackTraces: jsii.Bool(false),
		// They run terraform version for terraform_data and moved, and fail where there is no Terraform.
		SkipValidation: jsii.Bool(true),
		// Without these an address carries the stack's name and a hash.
		Context: &map[string]any{
			"excludeStackIdFromLogicalIds": "true",
			"allowSepCharsInLogicalIds":    "true",
		},
	})
	wanted := func(stack string) bool { return len(only) == 0 || slices.Contains(only, stack) }
	if name := c.StateStackName(); wanted(name) {
		newState(app, name, c.State)
	}
	for _, environment := range c.EnvironmentNames() {
		name := c.StackName(environment)
		if !wanted(name) {
			continue
		}
		stack := newAccelerator(app, name, acceleratorProps{
			Environment: c.Environments[environment],
			State:       c.State,
			StateKey:    names.StateKey(c.Name, environment),
		})
		annotate(stack, environment, warnings)
	}
	return app
}

// annotate adds the warnings about an environment to its stack.
func annotate(stack cdktf.TerraformStack, environment string, warnings []config.Problem) {
	for _, w := range warnings {
		if config.EnvironmentOf(w) == environment {
			cdktf.Annotations_Of(stack).AddWarning(jsii.String(w.String()))
		}
	}
}
