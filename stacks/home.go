package stacks

import (
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// newHome keeps in the state in which region an environment was made, and has the plan fail when it says another:
// provider 5 would look there for everything that the state has, find nothing, and make it anew.
func newHome(scope constructs.Construct, id, region string) {
	cdktf.NewDataResource(scope, jsii.String(id), &cdktf.DataConfig{
		Input: &map[string]any{"region": region},
		Lifecycle: &cdktf.TerraformResourceLifecycle{
			IgnoreChanges: jsii.Strings("input"), // the output stays the first region
			Postcondition: &[]*cdktf.Postcondition{{
				Condition: jsii.String(fmt.Sprintf(`${self.output.region == "%s"}`, region)),
				ErrorMessage: jsii.String(fmt.Sprintf(
					"This environment was deployed to ${self.output.region}. It can't move to %s: make a new environment there (Move to another region, stacks/README.md).", region)),
			}},
		},
	})
}
