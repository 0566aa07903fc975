package config

import "slices"

// RuleGroup is one of AWS's managed rule groups that a web ACL made here applies, with its rules that only count.
type RuleGroup struct {
	Name    string
	Counted []string
}

// ruleGroups are in the order in which they are applied (AWS WAF Developer Guide, Baseline rule groups and IP
// reputation rule groups). AWSManagedRulesAnonymousIpList is left out: it blocks callers in clouds.
var ruleGroups = []struct {
	name    string
	rules   []string // in the guide's order
	counted []string // of rules, in every web ACL
}{
	{
		name:    "AWSManagedRulesAmazonIpReputationList",
		rules:   []string{"AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList"},
		counted: []string{"AWSManagedIPDDoSList"}, // as AWS has it; written here, it stays so
	},
	{
		name: "AWSManagedRulesKnownBadInputsRuleSet",
		rules: []string{
			"JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_BODY", "JavaDeserializationRCE_URIPATH",
			"JavaDeserializationRCE_QUERYSTRING", "Host_localhost_HEADER", "PROPFIND_METHOD", "ExploitablePaths_URIPATH",
			"Log4JRCE_HEADER", "Log4JRCE_QUERYSTRING", "Log4JRCE_BODY", "Log4JRCE_URIPATH", "ReactJSRCE_BODY",
		},
	},
	{
		name: "AWSManagedRulesCommonRuleSet",
		rules: []string{
			"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER",
			"SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY", "SizeRestrictions_URIPATH",
			"EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_QUERYARGUMENTS",
			"GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH", "GenericLFI_BODY",
			"RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS",
			"GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_URIPATH",
			"CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY", "CrossSiteScripting_URIPATH",
		},
		// All that look at bodies: a prompt is often over 8 KB, or quotes paths, URLs or scripts.
		counted: []string{"SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY"},
	},
}

// RuleGroups returns the managed rule groups, in the order in which they are applied.
func (w Firewall) RuleGroups() []RuleGroup {
	var groups []RuleGroup
	for _, g := range ruleGroups {
		group := RuleGroup{Name: g.name}
		for _, rule := range g.rules {
			if slices.Contains(g.counted, rule) || slices.Contains(w.CountedRules, rule) {
				group.Counted = append(group.Counted, rule)
			}
		}
		groups = append(groups, group)
	}
	return groups
}

// managedRules are the rules of all groups.
func managedRules() []string {
	var rules []string
	for _, g := range ruleGroups {
		rules = append(rules, g.rules...)
	}
	return rules
}

func checkCounted(r *report, at path, rules []string) {
	again := repeated(rules, exactly)
	for _, i := range again {
		r.must(ruleF4, at.index(i), "must not repeat %q", rules[i])
	}
	for i, rule := range rules {
		for _, g := range ruleGroups {
			if slices.Contains(g.counted, rule) && !slices.Contains(again, i) {
				r.warn(ruleU1, at.index(i), "has no effect: %s counts anyway", rule)
			}
		}
	}
}
