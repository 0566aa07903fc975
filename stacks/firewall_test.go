package stacks_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPromptsPassTheFirewall holds that what a prompt may well contain only counts (AWS WAF Developer Guide, Baseline
// rule groups: the rules of the core rule set that look at bodies), and is logged.
func TestPromptsPassTheFirewall(t *testing.T) {
	for name, stack := range webACLs(t) {
		var counted []any
		for _, rule := range items(stack.Resource["aws_wafv2_web_acl"]["edge"]["rule"]) {
			if rule["name"] == "AWSManagedRulesCommonRuleSet" {
				counted = countedRules(t, rule)
			}
		}
		for _, rule := range []string{"SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY"} {
			require.Contains(t, counted, rule, name)
		}
		filter := stack.Resource["aws_wafv2_web_acl_logging_configuration"]["edge"]["logging_filter"]
		var kept []any
		for _, condition := range items(at(filter, "filter", 0, "condition")) {
			kept = append(kept, at(condition, "action_condition", "action"))
		}
		require.Equal(t, []any{"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"}, kept, name)
		require.Equal(t, "MEETS_ANY", at(filter, "filter", 0, "requirement"), name)
	}
}

// TestSignaturesBlock holds that a managed rule counts only where it is named.
func TestSignaturesBlock(t *testing.T) {
	for name, stack := range webACLs(t) {
		for _, rule := range items(stack.Resource["aws_wafv2_web_acl"]["edge"]["rule"]) {
			if at(rule, "statement", "managed_rule_group_statement") != nil {
				require.Equal(t, object{"none": object{}}, rule["override_action"], "%s: %s", name, rule["name"])
			}
			if rule["name"] == "AWSManagedRulesKnownBadInputsRuleSet" && name == "everything-full" {
				require.Equal(t, []any{"JavaDeserializationRCE_BODY", "Log4JRCE_BODY"}, countedRules(t, rule))
			}
		}
	}
}

// countedRules are those of a group whose action is overridden, which is always to count.
func countedRules(t *testing.T, group object) []any {
	t.Helper()
	var names []any
	for _, override := range items(at(group, "statement", "managed_rule_group_statement", "rule_action_override")) {
		require.Equal(t, object{"count": object{}}, override["action_to_use"])
		require.False(t, slices.Contains(names, override["name"]), "%s twice", override["name"])
		names = append(names, override["name"])
	}
	return names
}

// webACLs are the stacks with one.
func webACLs(t *testing.T) map[string]parsed {
	t.Helper()
	found := map[string]parsed{}
	for name, stack := range allStacks(t) {
		if len(stack.Resource["aws_wafv2_web_acl"]) > 0 {
			found[name] = stack
		}
	}
	require.Contains(t, found, "everything-full")
	return found
}

// TestFirewallStoresNoCredentials holds that neither samples nor the log have what lets a caller in, or what it sends.
func TestFirewallStoresNoCredentials(t *testing.T) {
	credentials := []any{"authorization", "cookie", "x-api-key", "x-origin-verify"}
	for name, stack := range webACLs(t) {
		credentials := credentials
		if name == "everything-full" {
			credentials = append(slices.Clone(credentials), "x-client-id", "x-team-key") // by which callers are counted, and let in
		}
		protected := map[any]any{}
		for _, p := range items(at(stack.Resource["aws_wafv2_web_acl"]["edge"], "data_protection_config", "data_protection")) {
			require.Equal(t, "SUBSTITUTION", p["action"], name)
			for _, exception := range []string{"exclude_rule_match_details", "exclude_rate_based_details"} {
				require.NotEqual(t, true, p[exception], name)
			}
			protected[at(p, "field", "field_type")] = at(p, "field", "field_keys")
		}
		require.Equal(t, map[any]any{"SINGLE_HEADER": credentials, "QUERY_STRING": nil, "BODY": nil}, protected, name)

		var redacted []any
		for _, field := range items(stack.Resource["aws_wafv2_web_acl_logging_configuration"]["edge"]["redacted_fields"]) {
			if _, ok := field["query_string"]; ok {
				redacted = append(redacted, "query string")
			} else {
				redacted = append(redacted, at(field, "single_header", "name"))
			}
		}
		require.ElementsMatch(t, append(credentials, "query string"), redacted, name)
	}
}
