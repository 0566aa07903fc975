package stacks

import (
	"encoding/json"
	"slices"
	"strings"

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

// optionalList leaves an argument out where the list is empty.
func optionalList(items []string) *[]*string {
	if len(items) == 0 {
		return nil
	}
	return jsii.Strings(items...)
}

// optionalTexts is a list of what isn't empty; nil without any.
func optionalTexts(items ...string) *[]*string {
	return optionalList(slices.DeleteFunc(items, func(item string) bool { return item == "" }))
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

// object is a JSON object.
type object = map[string]any

// toJSON renders what AWS takes as JSON text; & and < stay readable.
func toJSON(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // only a value that JSON has no form for gets here
	}
	return strings.TrimSpace(text.String())
}

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
