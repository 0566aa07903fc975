package stacks

import "github.com/aws/jsii-runtime-go"

// optional leaves an argument out where the configuration says nothing.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return jsii.String(s)
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

// renamed is any element whose Terraform name can be chosen.
type renamed interface{ OverrideLogicalId(name *string) }

// rename gives a resource the Terraform name of the one it belongs to: cdktf wants ids to be unique
// among all resources of a stack, Terraform only among those of one type.
func rename[R renamed](resource R, name string) R {
	resource.OverrideLogicalId(jsii.String(name))
	return resource
}
