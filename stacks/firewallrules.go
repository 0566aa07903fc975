package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"

	"ml-api-accelerator/stacks/config"
)

type firewallRule = *wafv2webacl.Wafv2WebAclRule

// ipRules apply one action to the addresses of each set.
func ipRules(sets []ipSet, action *wafv2webacl.Wafv2WebAclRuleAction) []firewallRule {
	var rules []firewallRule
	for _, set := range sets {
		rules = append(rules, &wafv2webacl.Wafv2WebAclRule{
			Name:      jsii.String(set.ID),
			Action:    action,
			Statement: object{"ip_set_reference_statement": object{"arn": set.ARN}},
		})
	}
	return rules
}

// managedRules applies one of AWS's rule groups.
func managedRules(group config.RuleGroup) firewallRule {
	s := object{"vendor_name": "AWS", "name": group.Name}
	var overrides []object
	for _, rule := range group.Counted {
		overrides = append(overrides, object{"name": rule, "action_to_use": object{"count": object{}}})
	}
	if overrides != nil {
		s["rule_action_override"] = overrides
	}
	return &wafv2webacl.Wafv2WebAclRule{
		Name:           jsii.String(group.Name),
		OverrideAction: &wafv2webacl.Wafv2WebAclRuleOverrideAction{None: &wafv2webacl.Wafv2WebAclRuleOverrideActionNone{}},
		Statement:      object{"managed_rule_group_statement": s},
	}
}
