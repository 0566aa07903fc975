package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2ipset"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type ipSetsProps struct {
	Ranges   []string
	Stack    string
	Provider cdktf.TerraformProvider
}

type ipSet struct{ ID, ARN string }

// newIPSets makes a set of the IPv4 and one of the IPv6 ranges, if there are any: a set holds only one version.
func newIPSets(scope constructs.Construct, id string, props ipSetsProps) []ipSet {
	v4, v6 := config.ByIPVersion(props.Ranges)
	var sets []ipSet
	if len(v4) > 0 {
		sets = append(sets, newIPSet(scope, id+"-IPV4", ipSetProps{Version: "IPV4", Ranges: v4, Stack: props.Stack, Provider: props.Provider}))
	}
	if len(v6) > 0 {
		sets = append(sets, newIPSet(scope, id+"-IPV6", ipSetProps{Version: "IPV6", Ranges: v6, Stack: props.Stack, Provider: props.Provider}))
	}
	return sets
}

type ipSetProps struct {
	Version  string
	Ranges   []string
	Stack    string
	Provider cdktf.TerraformProvider
}

func newIPSet(scope constructs.Construct, id string, props ipSetProps) ipSet {
	set := wafv2ipset.NewWafv2IpSet(scope, jsii.String(id), &wafv2ipset.Wafv2IpSetConfig{
		Provider:         props.Provider,
		Name:             jsii.String(props.Stack + "-" + id),
		Scope:            jsii.String("CLOUDFRONT"),
		IpAddressVersion: jsii.String(props.Version),
		Addresses:        jsii.Strings(props.Ranges...),
		Lifecycle:        createBeforeDestroy(),
	})
	return ipSet{ID: id, ARN: *set.Arn()}
}
