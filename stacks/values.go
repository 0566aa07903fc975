package stacks

import "github.com/aws/jsii-runtime-go"

// optional leaves an argument out where the configuration says nothing.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return jsii.String(s)
}

// optionalList leaves an argument out where the list is empty.
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

func numbers(list []int) *[]*float64 {
	pointers := make([]*float64, len(list))
	for i, n := range list {
		pointers[i] = jsii.Number(n)
	}
	return &pointers
}

func stringMap(m map[string]string) *map[string]*string {
	pointers := make(map[string]*string, len(m))
	for k, v := range m {
		pointers[k] = jsii.String(v)
	}
	return &pointers
}
