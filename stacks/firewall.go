package stacks

import (
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type firewallProps struct {
	config.Firewall
	KeyHeader string // with the keys of callers, in lower case; empty: none
	Stack     string
	Provider  cdktf.TerraformProvider // of config.EdgeRegion, where web ACLs for CloudFront live
}

// newFirewall returns the ARN of the web ACL before the distribution: the given one, or one made here.
// Without either there is none.
func newFirewall(scope constructs.Construct, id string, props firewallProps) string {
	if !props.Enabled {
		return props.WebACLARN
	}
	allowed := newIPSets(scope, "allowed", ipSetsProps{Ranges: props.AllowedIPs, Stack: props.Stack, Provider: props.Provider})
	blocked := newIPSets(scope, "blocked", ipSetsProps{Ranges: props.BlockedIPs, Stack: props.Stack, Provider: props.Provider})
	protected := protectedHeaders(props.LimitHeader(), props.KeyHeader)
	acl := rename(wafv2webacl.NewWafv2WebAcl(scope, jsii.String(id+"-firewall"), &wafv2webacl.Wafv2WebAclConfig{
		Provider:             props.Provider,
		Name:                 jsii.String(props.Stack),
		Scope:                jsii.String("CLOUDFRONT"),
		DefaultAction:        &wafv2webacl.Wafv2WebAclDefaultAction{Allow: &wafv2webacl.Wafv2WebAclDefaultActionAllow{}},
		Rule:                 firewallRules(allowed, blocked, props.Firewall),
		DataProtectionConfig: dataProtection(protected),
		VisibilityConfig:     &wafv2webacl.Wafv2WebAclVisibilityConfig{CloudwatchMetricsEnabled: true, SampledRequestsEnabled: true, MetricName: jsii.String(props.Stack)},
		CustomResponseBody: []*wafv2webacl.Wafv2WebAclCustomResponseBody{{
			Key:         jsii.String(tooMany),
			ContentType: jsii.String("APPLICATION_JSON"),
			Content:     jsii.String(config.TooManyRequests),
		}},
		Lifecycle: createBeforeDestroy(),
	}), id)
	arn := *acl.Arn()
	newFirewallLog(scope, id, firewallLogProps{WebACLARN: arn, Redacted: protected, Stack: props.Stack, Provider: props.Provider})
	return arn
}

// firewallRules are tried in order: the priority of a rule is its place. The lists of addresses come first,
// then AWS's managed rules, and last the limits, so that what is refused anyway counts for none.
func firewallRules(allowed, blocked []ipSet, firewall config.Firewall) []firewallRule {
	rules := slices.Concat(
		ipRules(allowed, &wafv2webacl.Wafv2WebAclRuleAction{Allow: &wafv2webacl.Wafv2WebAclRuleActionAllow{}}),
		ipRules(blocked, &wafv2webacl.Wafv2WebAclRuleAction{Block: &wafv2webacl.Wafv2WebAclRuleActionBlock{}}))
	for _, group := range firewall.RuleGroups() {
		rules = append(rules, managedRules(group))
	}
	for _, limit := range firewall.RateLimits() {
		rules = append(rules, rateRule(limit))
	}
	for i, rule := range rules {
		rule.Priority = jsii.Number(i)
		rule.VisibilityConfig = &wafv2webacl.Wafv2WebAclRuleVisibilityConfig{
			CloudwatchMetricsEnabled: true,
			SampledRequestsEnabled:   true,
			MetricName:               rule.Name,
		}
	}
	return rules
}
