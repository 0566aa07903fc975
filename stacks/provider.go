package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/provider"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

// providers are the AWS provider in each region that an environment needs.
type providers struct {
	Edge    cdktf.TerraformProvider // of config.EdgeRegion
	Replica cdktf.TerraformProvider
}

// newProviders configures the default provider for the home region, and one for each other region that some
// part needs. The edge's is always there: Terraform can't destroy what is taken out without its provider.
func newProviders(stack cdktf.TerraformStack, env config.Environment) providers {
	newProvider(stack, "aws", providerProps{Region: env.Region, Account: env.Account, Tags: env.Tags})
	p := providers{Edge: newProvider(stack, "aws-edge", providerProps{Region: config.EdgeRegion, Alias: "edge", Account: env.Account, Tags: env.Tags})}
	if env.Models.ReplicaRegion != "" {
		p.Replica = newProvider(stack, "aws-replica", providerProps{Region: env.Models.ReplicaRegion, Alias: "replica", Account: env.Account, Tags: env.Tags})
	}
	return p
}

type providerProps struct {
	Region  string
	Alias   string // empty: the default provider of the stack
	Account config.Account
	Tags    map[string]string
}

// newProvider configures the AWS provider for one region.
func newProvider(scope constructs.Construct, id string, props providerProps) provider.AwsProvider {
	c := &provider.AwsProviderConfig{Region: jsii.String(props.Region), Alias: optional(props.Alias)}
	if props.Account.ID != "" {
		c.AllowedAccountIds = jsii.Strings(props.Account.ID)
	}
	if props.Account.RoleARN != "" {
		c.AssumeRole = []*provider.AwsProviderAssumeRole{{RoleArn: jsii.String(props.Account.RoleARN)}}
	}
	if len(props.Tags) > 0 {
		c.DefaultTags = []*provider.AwsProviderDefaultTags{{Tags: stringMap(props.Tags)}}
	}
	return provider.NewAwsProvider(scope, jsii.String(id), c)
}
