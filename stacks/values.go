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

// element is a resource or data source.
type element interface{ OverrideLogicalId(name *string) }

// rename gives an element the Terraform name of the one it belongs to, and returns it: cdktf wants ids to be
// unique among all elements of a stack, Terraform only among those of one type. An attribute that was read
// before keeps the old name.
func rename[E element](e E, name string) E {
	e.OverrideLogicalId(jsii.String(name))
	return e
}
