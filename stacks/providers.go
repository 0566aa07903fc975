package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type providersProps struct {
	Home    string // region of the default provider
	Replica string // region; empty: no provider
	Account config.Account
	Tags    map[string]string
}

// providers are the AWS provider in the regions other than the home region.
type providers struct {
	Edge    cdktf.TerraformProvider // of config.EdgeRegion
	Replica cdktf.TerraformProvider
}

// newProviders configures the default provider for the home region, and one for each other region that is
// needed. The edge's is always there: Terraform can't destroy what is removed from the configuration
// without its provider.
func newProviders(scope constructs.Construct, id string, props providersProps) providers {
	newProvider(scope, id, providerProps{Region: props.Home, Account: props.Account, Tags: props.Tags})
	var p providers
	p.Edge = newProvider(scope, id+"-edge", providerProps{Region: config.EdgeRegion, Alias: "edge", Account: props.Account, Tags: props.Tags})
	if props.Replica != "" {
		p.Replica = newProvider(scope, id+"-replica", providerProps{Region: props.Replica, Alias: "replica", Account: props.Account, Tags: props.Tags})
	}
	return p
}
