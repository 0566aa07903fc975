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
	Home     string   // region of the default provider
	Buckets  []string // other regions in which there is a bucket, or was
	ZoneRole string   // ARN of a role of the account that has the hosted zones; empty: it is this one
	Stack    string
	Account  config.Account
	Tags     map[string]string
}

// providers are the AWS providers of regions other than the home region.
type providers struct {
	Edge    cdktf.TerraformProvider            // of config.EdgeRegion
	Buckets map[string]cdktf.TerraformProvider // by region
	Zones   cdktf.TerraformProvider            // of the account that has the hosted zones; nil: the default one
}

// newProviders configures the default provider for the home region, and one for each other region that is needed.
// Terraform needs the provider of what it destroys, so the edge's is always there, and a replica's is named after its
// region: without the retired one, a plan fails.
func newProviders(scope constructs.Construct, id string, props providersProps) providers {
	in := func(region, alias string) cdktf.TerraformProvider {
		id := id
		if alias != "" {
			id += "-" + alias
		}
		return newProvider(scope, id, providerProps{
			Region: region, Alias: alias, Stack: props.Stack, Account: props.Account, Tags: props.Tags,
		})
	}
	in(props.Home, "")
	made := providers{Edge: in(config.EdgeRegion, "edge"), Buckets: map[string]cdktf.TerraformProvider{}}
	for _, region := range props.Buckets {
		made.Buckets[region] = in(region, names.Replica(region))
	}
	if props.ZoneRole != "" {
		made.Zones = newProvider(scope, id+"-"+names.ZoneProvider, providerProps{
			Region:   config.EdgeRegion, // Route 53 has none, and an account may lack one that is opted in to
			Alias:    names.ZoneProvider,
			Stack:    props.Stack,
			Account:  config.Account{RoleARN: props.Account.RoleARN},
			ThenRole: props.ZoneRole,
			Tags:     props.Tags,
		})
	}
	return made
}

type providerProps struct {
	Region  string
	Alias   string // empty: the default provider of the stack
	Stack   string
	Account config.Account
	// ARN of a role that the account's role assumes, or whoever runs Terraform; empty: none
	ThenRole string
	Tags     map[string]string
}

// newProvider configures the AWS provider for one region, and tags all that it makes with the stack.
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
	var roles []*provider.AwsProviderAssumeRole // one after the other
	for _, role := range []string{props.Account.RoleARN, props.ThenRole} {
		if role != "" {
			roles = append(roles, &provider.AwsProviderAssumeRole{RoleArn: jsii.String(role)})
		}
	}
	if roles != nil {
		c.AssumeRole = roles
	}
	return provider.NewAwsProvider(scope, jsii.String(id), c)
}
