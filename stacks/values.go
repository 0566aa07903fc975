package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// optional leaves an argument out where the configuration says nothing.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return jsii.String(s)
}

func optionalList(items []string) *[]*string {
	if len(items) == 0 {
		return nil
	}
	return jsii.Strings(items...)
}

// positive leaves an argument out where the number is 0.
func positive(n int) *float64 {
	if n == 0 {
		return nil
	}
	return jsii.Number(n)
}

func stringMap(m map[string]string) *map[string]*string {
	pointers := make(map[string]*string, len(m))
	for k, v := range m {
		pointers[k] = jsii.String(v)
	}
	return &pointers
}

// createBeforeDestroy makes Terraform take a resource out of use before it destroys it: what refers to
// it is updated first. AWS refuses to delete what a distribution still uses.
func createBeforeDestroy() *cdktf.TerraformResourceLifecycle {
	return &cdktf.TerraformResourceLifecycle{CreateBeforeDestroy: jsii.Bool(true)}
}

// reference returns how to refer to an attribute of a resource or data source. The bindings say the same,
// but ask the Node.js process for it, which takes as long as making half a resource.
func reference(kind, id string) func(attribute string) string {
	return func(attribute string) string { return "${" + kind + "." + id + "." + attribute + "}" }
}

// renamed is any element whose Terraform name can be chosen.
type renamed interface{ OverrideLogicalId(name *string) }

// rename gives a resource the Terraform name of the one it belongs to: cdktf wants ids to be unique
// among all resources of a stack, Terraform only among those of one type.
func rename(resource renamed, name string) { resource.OverrideLogicalId(jsii.String(name)) }
