package stacks

import (
	"maps"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/provider"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type providersProps struct {
	Home    string // region of the default provider
	Replica string // region; empty: no provider
	Retired string // region that once was the replica's; empty: no provider
	Stack   string
	Account config.Account
	Tags    map[string]string
}

// providers are the AWS provider in the regions other than the home region.
type providers struct {
	Edge    cdktf.TerraformProvider // of config.EdgeRegion
	Replica cdktf.TerraformProvider
}

// newProviders configures the default provider for the home region, and one for each other region that is
// needed. Terraform can't destroy what is removed from the configuration without its provider, so the edge's
// is always there, and a replica's is named after its region: without the retired one, a plan fails.
func newProviders(scope constructs.Construct, id string, props providersProps) providers {
	newProvider(scope, id, providerProps{Region: props.Home, Stack: props.Stack, Account: props.Account, Tags: props.Tags})
	var p providers
	p.Edge = newProvider(scope, id+"-edge", providerProps{Region: config.EdgeRegion, Alias: "edge", Stack: props.Stack, Account: props.Account, Tags: props.Tags})
	if props.Replica != "" {
		p.Replica = newReplicaProvider(scope, id, props.Replica, props)
	}
	if props.Retired != "" {
		newReplicaProvider(scope, id, props.Retired, props)
	}
	return p
}

func newReplicaProvider(scope constructs.Construct, id, region string, props providersProps) cdktf.TerraformProvider {
	alias := names.Replica(region)
	return newProvider(scope, id+"-"+alias, providerProps{Region: region, Alias: alias, Stack: props.Stack, Account: props.Account, Tags: props.Tags})
}

type providerProps struct {
	Region  string
	Alias   string // empty: the default provider of the stack
	Stack   string
	Account config.Account
	Tags    map[string]string
}

// newProvider configures the AWS provider for one region. What it makes is tagged with the stack, if it can have tags.
func newProvider(scope constructs.Construct, id string, props providerProps) cdktf.TerraformProvider {
	tags := map[string]string{names.StackTag: props.Stack}
	maps.Copy(tags, props.Tags)
	c := &provider.AwsProviderConfig{
		Region:      jsii.String(props.Region),
		Alias:       optional(props.Alias),
		DefaultTags: []*provider.AwsProviderDefaultTags{{Tags: stringMap(tags)}},
	}
	if props.Account.ID != "" {
		c.AllowedAccountIds = jsii.Strings(props.Account.ID)
	}
	if props.Account.RoleARN != "" {
		c.AssumeRole = []*provider.AwsProviderAssumeRole{{RoleArn: jsii.String(props.Account.RoleARN)}}
	}
	return provider.NewAwsProvider(scope, jsii.String(id), c)
}
