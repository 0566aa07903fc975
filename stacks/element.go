package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// rename gives a resource or data source the Terraform name of the one it belongs to, and returns it: cdktf wants
// ids to be unique in the whole stack, Terraform only within a type. Read attributes afterwards: the first one
// that is read fixes the name, and cdktf then ignores a new one without a word.
func rename[E cdktf.TerraformElement](element E, name string) E {
	element.OverrideLogicalId(jsii.String(name))
	return element
}

// createBeforeDestroy makes Terraform take a resource out of use before it destroys it: what refers to
// it is updated first. AWS refuses to delete what a distribution still uses.
func createBeforeDestroy() *cdktf.TerraformResourceLifecycle {
	return &cdktf.TerraformResourceLifecycle{CreateBeforeDestroy: jsii.Bool(true)}
}
