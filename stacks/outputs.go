package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// output is a value made known to people and other tools.
type output struct{ Name, Value, Description string }

// newOutputs leaves out those whose part isn't there.
func newOutputs(scope constructs.Construct, outputs []output) {
	for _, o := range outputs {
		if o.Value == "" {
			continue
		}
		cdktf.NewTerraformOutput(scope, jsii.String(o.Name), &cdktf.TerraformOutputConfig{
			Value:       o.Value,
			Description: jsii.String(o.Description),
		})
	}
}

// servedBelow is the part of a path pattern before its first wildcard, with a leading /.
func servedBelow(pattern string) string {
	fixed, _, _ := strings.Cut(pattern, "*")
	fixed, _, _ = strings.Cut(fixed, "?")
	return "/" + strings.TrimPrefix(fixed, "/")
}
