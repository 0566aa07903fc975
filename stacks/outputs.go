package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// output is a value for people and other tools.
type output struct{ Name, Value, Description string }

// newOutputs leaves out those without a value: their part isn't made.
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

// firstAlias is the name by which the outputs call the system; a wildcard is no name.
func firstAlias(aliases []string) string {
	for _, alias := range aliases {
		if !strings.HasPrefix(alias, "*") {
			return alias
		}
	}
	return ""
}
