package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/provider"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type providerProps struct {
	Region  string
	Alias   string // empty: the default provider of the stack
	Account config.Account
	Tags    map[string]string
}

// newProvider configures the AWS provider for one region.
func newProvider(scope constructs.Construct, id string, props providerProps) cdktf.TerraformProvider {
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
