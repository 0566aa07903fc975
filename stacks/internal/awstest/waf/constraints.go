// Package waf refuses what AWS WAF refuses and moto takes.
package waf

import (
	"encoding/json"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/constraint"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// webACLConstraints are those of the AWS WAF API Reference, FieldToProtect, RuleActionOverride, Rule and
// VisibilityConfig. A name that no rule of a managed group has breaks none: WAF ignores it.
var webACLConstraints = []constraint.Constraint{
	constraint.Size("dataProtectionConfig.dataProtections.*.field.fieldKeys", 0, 100),
	constraint.Size("dataProtectionConfig.dataProtections.*.field.fieldKeys.*", 1, 64),
	constraint.Like("dataProtectionConfig.dataProtections.*.field.fieldKeys.*", `.*\S.*`),
	constraint.Size("rules.*.statement.managedRuleGroupStatement.ruleActionOverrides", 0, 100),
	constraint.Size("rules.*.name", 1, 128),
	constraint.Like("rules.*.name", `^[\w\-]+$`),
	constraint.Size("rules.*.visibilityConfig.metricName", 1, 255),
}

var wafConstraints = map[string][]constraint.Constraint{
	"wafv2:CreateWebACL":            webACLConstraints,
	"wafv2:UpdateWebACL":            webACLConstraints,
	"wafv2:PutLoggingConfiguration": {constraint.Size("loggingConfiguration.redactedFields", 0, 100)},
}

// Refuse returns how WAF refuses a call that breaks its constraints, or nil.
func Refuse(call apicall.Call) *wire.Error {
	constraints, known := wafConstraints[call.Name()]
	if !known {
		return nil
	}
	var input object
	if err := json.Unmarshal(call.Body, &input); err != nil {
		return &wire.Error{Status: 400, Code: "SerializationException", Message: err.Error()}
	}
	broken := constraint.Broken(input, "", constraints)
	for _, s := range allStatements(list(input, "Rules")) {
		broken = append(broken, constraint.Broken(s.object, s.at, statementConstraints)...)
	}
	if broken == nil {
		return refuseRules(input)
	}
	return &wire.Error{Status: 400, Code: "ValidationException", Message: constraint.Say(broken)}
}

// groupCapacity is what AWS's rule groups need, in WCUs (AWS WAF Developer Guide, Baseline rule groups and IP
// reputation rule groups).
var groupCapacity = map[any]int{
	"AWSManagedRulesAmazonIpReputationList": 25,
	"AWSManagedRulesKnownBadInputsRuleSet":  200,
	"AWSManagedRulesCommonRuleSet":          700,
}

// ownCapacity is what a statement needs, in WCUs, without those nested in it (AWS WAF Developer Guide, the page of each
// statement). Transformations of a key are counted like those of a match, of which the guide says nothing.
func ownCapacity(s statement) int {
	n := groupCapacity[below(s.object, "ManagedRuleGroupStatement")["Name"]]
	if s.object["IPSetReferenceStatement"] != nil {
		n++
	}
	if rate := below(s.object, "RateBasedStatement"); rate != nil {
		n += 2
		for _, key := range list(rate, "CustomKeys") {
			n += 30 + transforming(below(key.(object), "Header"))
		}
	}
	if match := below(s.object, "ByteMatchStatement"); match != nil {
		n += 2 + transforming(match)
		if c := match["PositionalConstraint"]; c == "CONTAINS" || c == "CONTAINS_WORD" {
			n += 8
		}
	}
	if match := below(s.object, "RegexMatchStatement"); match != nil {
		n += 3 + transforming(match)
	}
	if match := below(s.object, "SizeConstraintStatement"); match != nil {
		n += 1 + transforming(match)
	}
	return n
}

// transforming needs 10 for each transformation; NONE is none.
func transforming(o object) int {
	n := 0
	for _, t := range list(o, "TextTransformations") {
		if t.(object)["Type"] != "NONE" {
			n += 10
		}
	}
	return n
}
