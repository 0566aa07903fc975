package stacks

import (
	"net/netip"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2ipset"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type firewallProps struct {
	config.Firewall
	Stack    string
	Provider cdktf.TerraformProvider // of config.EdgeRegion, where web ACLs for CloudFront live
}

type firewallRule = *wafv2webacl.Wafv2WebAclRule

// tooMany is the key of the body that callers over the rate limit are answered with.
const tooMany = "too-many-requests"

// newFirewall returns the ARN of the web ACL before the distribution: the given one, or one made here.
// Without either there is none.
func newFirewall(scope constructs.Construct, id string, props firewallProps) string {
	if !props.Enabled {
		return props.WebACLARN
	}
	acl := rename(wafv2webacl.NewWafv2WebAcl(scope, jsii.String(id+"-firewall"), &wafv2webacl.Wafv2WebAclConfig{
		Provider:         props.Provider,
		Name:             jsii.String(props.Stack),
		Scope:            jsii.String("CLOUDFRONT"),
		DefaultAction:    &wafv2webacl.Wafv2WebAclDefaultAction{Allow: &wafv2webacl.Wafv2WebAclDefaultActionAllow{}},
		Rule:             firewallRules(scope, props),
		VisibilityConfig: &wafv2webacl.Wafv2WebAclVisibilityConfig{CloudwatchMetricsEnabled: true, SampledRequestsEnabled: true, MetricName: jsii.String(props.Stack)},
		CustomResponseBody: []*wafv2webacl.Wafv2WebAclCustomResponseBody{{
			Key:         jsii.String(tooMany),
			ContentType: jsii.String("APPLICATION_JSON"),
			Content:     jsii.String(toJSON(map[string]string{"error": "too many requests"})),
		}},
		Lifecycle: createBeforeDestroy(),
	}), id)
	arn := *acl.Arn()
	newFirewallLog(scope, id, arn, props)
	return arn
}

// firewallRules are tried in their order; the priority of a rule is its place. People on the lists are
// let through or refused first, then come AWS's managed rules, and what is left is counted.
func firewallRules(scope constructs.Construct, props firewallProps) []firewallRule {
	allowedAction := &wafv2webacl.Wafv2WebAclRuleAction{Allow: &wafv2webacl.Wafv2WebAclRuleActionAllow{}}
	blockedAction := &wafv2webacl.Wafv2WebAclRuleAction{Block: &wafv2webacl.Wafv2WebAclRuleActionBlock{}}
	rules := append(
		ipRules(scope, "allowed", props.AllowedIPs, allowedAction, props),
		ipRules(scope, "blocked", props.BlockedIPs, blockedAction, props)...)
	// AnonymousIpList is left out: it blocks callers in clouds. The rules on bodies count only: they
	// block what is over 8 KB, and prompts that look like scripts.
	rules = append(rules,
		managedRules("AWSManagedRulesAmazonIpReputationList"),
		managedRules("AWSManagedRulesKnownBadInputsRuleSet"),
		managedRules("AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY"),
		rateRule(props.RequestsPer5Minutes))
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

// ipRules makes a rule for the IPv4 and one for the IPv6 ranges of a list: a set holds only one kind.
func ipRules(scope constructs.Construct, list string, ranges []string, action *wafv2webacl.Wafv2WebAclRuleAction, props firewallProps) []firewallRule {
	byVersion := map[string][]string{}
	for _, text := range ranges {
		version := "IPV6"
		if netip.MustParsePrefix(text).Addr().Is4() {
			version = "IPV4"
		}
		byVersion[version] = append(byVersion[version], text)
	}
	var rules []firewallRule
	for _, version := range []string{"IPV4", "IPV6"} {
		if len(byVersion[version]) == 0 {
			continue
		}
		name := list + "-" + version
		set := wafv2ipset.NewWafv2IpSet(scope, jsii.String(name), &wafv2ipset.Wafv2IpSetConfig{
			Provider:         props.Provider,
			Name:             jsii.String(props.Stack + "-" + name),
			Scope:            jsii.String("CLOUDFRONT"),
			IpAddressVersion: jsii.String(version),
			Addresses:        jsii.Strings(byVersion[version]...),
			Lifecycle:        createBeforeDestroy(),
		})
		rules = append(rules, &wafv2webacl.Wafv2WebAclRule{
			Name:      jsii.String(name),
			Action:    action,
			Statement: map[string]any{"ip_set_reference_statement": map[string]any{"arn": *set.Arn()}},
		})
	}
	return rules
}

// managedRules applies one of AWS's rule groups; the rules named in counted only count.
func managedRules(group string, counted ...string) firewallRule {
	statement := map[string]any{"vendor_name": "AWS", "name": group}
	var overrides []any
	for _, rule := range counted {
		overrides = append(overrides, map[string]any{"name": rule, "action_to_use": map[string]any{"count": map[string]any{}}})
	}
	if overrides != nil {
		statement["rule_action_override"] = overrides
	}
	return &wafv2webacl.Wafv2WebAclRule{
		Name:           jsii.String(group),
		OverrideAction: &wafv2webacl.Wafv2WebAclRuleOverrideAction{None: &wafv2webacl.Wafv2WebAclRuleOverrideActionNone{}},
		Statement:      map[string]any{"managed_rule_group_statement": statement},
	}
}

// rateRule answers 429 to an IP address that sends more than it may in 5 minutes.
func rateRule(limit int) firewallRule {
	return &wafv2webacl.Wafv2WebAclRule{
		Name: jsii.String("rate-limit"),
		Action: &wafv2webacl.Wafv2WebAclRuleAction{Block: &wafv2webacl.Wafv2WebAclRuleActionBlock{
			CustomResponse: &wafv2webacl.Wafv2WebAclRuleActionBlockCustomResponse{
				ResponseCode:          jsii.Number(429),
				CustomResponseBodyKey: jsii.String(tooMany),
			},
		}},
		Statement: map[string]any{"rate_based_statement": map[string]any{
			"aggregate_key_type":    "IP",
			"evaluation_window_sec": 300,
			"limit":                 limit,
		}},
	}
}
