// Package stacks makes the Terraform stacks of the ML API accelerator: one file per concern,
// one function per construct.
package stacks

import (
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

// New makes an app that synthesizes every stack of a valid configuration into the folder outdir.
// The warnings become annotations, which the cdktf CLI shows.
func New(c config.Config, warnings []config.Problem, outdir string) cdktf.App {
	app := cdktf.NewApp(&cdktf.AppConfig{
		Outdir:      jsii.String(outdir),
		StackTraces: jsii.Bool(false),
		// Without these an address carries the stack's name and a hash.
		Context: &map[string]any{
			"excludeStackIdFromLogicalIds": "true",
			"allowSepCharsInLogicalIds":    "true",
		},
	})
	newState(app, c)
	for _, name := range c.EnvironmentNames() {
		annotate(newAccelerator(app, c, name), "environments."+name, warnings)
	}
	return app
}

// annotate adds the warnings about an environment to its stack.
func annotate(stack cdktf.TerraformStack, path string, warnings []config.Problem) {
	for _, w := range warnings {
		if w.Path == path || strings.HasPrefix(w.Path, path+".") {
			cdktf.Annotations_Of(stack).AddWarning(jsii.String(w.String()))
		}
	}
}

// newStack makes a stack that says which Terraform and which provider it needs.
func newStack(app cdktf.App, name string) cdktf.TerraformStack {
	stack := cdktf.NewTerraformStack(app, jsii.String(name))
	stack.AddOverride(jsii.String("terraform"), map[string]any{
		// The first Terraform whose S3 backend locks without DynamoDB.
		"required_version": ">= 1.10",
		// The bindings ask for exactly the version they were made from.
		"required_providers": map[string]any{"aws": map[string]any{"version": "~> 5.99"}},
	})
	return stack
}
