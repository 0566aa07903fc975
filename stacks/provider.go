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
