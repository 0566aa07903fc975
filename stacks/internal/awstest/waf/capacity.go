package waf

// groupCapacity is what AWS's rule groups need, in WCUs (AWS WAF Developer Guide, Baseline rule groups and IP reputation
// rule groups).
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
