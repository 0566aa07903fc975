package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// newStack makes a stack that says which Terraform and which provider it needs.
func newStack(app cdktf.App, id string) cdktf.TerraformStack {
	stack := cdktf.NewTerraformStack(app, jsii.String(id))
	stack.AddOverride(jsii.String("terraform"), map[string]any{
		// The first Terraform whose S3 backend locks without DynamoDB.
		"required_version": ">= 1.10",
		// The bindings ask for exactly the version they were made from.
		"required_providers": map[string]any{"aws": map[string]any{"version": "~> 5.99"}},
	})
	return stack
}
