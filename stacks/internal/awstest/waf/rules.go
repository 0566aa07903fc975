// Package waf refuses what AWS WAF refuses and moto takes, where several parts of a web ACL decide it. Lengths and
// patterns of single values are left to the rules of the configuration and to the provider, which checks them in a plan.
package waf

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// The fixed quotas of a web ACL (AWS WAF Developer Guide, Quotas).
const (
	mostRateRules       = 10
	mostCapacity        = 5000
	mostCharacters      = 200 // of a text or an expression that is looked for
	mostTransformations = 10  // of a statement
	mostResponseHeaders = 10
	mostReferences      = 50 // to IP sets and rule groups
	mostAddresses       = 10_000
)

// Refuse returns how WAF refuses a web ACL or an IP set, or nil. What IP sets are there the caller knows, by their ARNs.
func Refuse(call apicall.Call, isIPSet func(arn string) bool) *wire.Error {
	refuse := func(acl object) *wire.Error { return cmp.Or(refuseRules(acl), refuseReferences(acl, isIPSet)) }
	switch call.Name() {
	case "wafv2:CreateWebACL", "wafv2:UpdateWebACL":
	case "wafv2:CreateIPSet", "wafv2:UpdateIPSet":
		refuse = refuseAddresses
	default:
		return nil
	}
	var input object
	if err := json.Unmarshal(call.Body, &input); err != nil {
		return &wire.Error{Status: 400, Code: "SerializationException", Message: err.Error()}
	}
	return refuse(input)
}

// refuseReferences refuses too many references, and those to IP sets that aren't there, or of another scope than the
// web ACL (AWS WAF Developer Guide, Quotas, and Using an IP set match rule statement).
func refuseReferences(acl object, isIPSet func(arn string) bool) *wire.Error {
	scope, n := ":regional/ipset/", 0
	if acl["Scope"] == "CLOUDFRONT" {
		scope = ":global/ipset/"
	}
	for _, s := range allStatements(list(acl, "Rules")) {
		if s.object["ManagedRuleGroupStatement"] != nil {
			n++
		}
		set := below(s.object, "IPSetReferenceStatement")
		if set == nil {
			continue
		}
		n++
		switch arn, _ := set["ARN"].(string); {
		case !strings.Contains(arn, scope):
			return invalid("IP_SET_REFERENCE_STATEMENT", "ARN", "the set is of another scope")
		case !isIPSet(arn):
			return &wire.Error{Status: 400, Code: "WAFNonexistentItemException", Message: "There is no IP set " + arn + "."}
		}
	}
	if n > mostReferences {
		return exceeded("web ACL has %d reference statements, of at most %d", n, mostReferences)
	}
	return nil
}

// refuseAddresses refuses what isn't of the set's version, of which an update doesn't tell, and too much of it (AWS WAF
// API Reference, IPSet).
func refuseAddresses(set object) *wire.Error {
	addresses := list(set, "Addresses")
	if len(addresses) > mostAddresses {
		return exceeded("IP set has %d addresses, of at most %d", len(addresses), mostAddresses)
	}
	for _, address := range addresses {
		text, _ := address.(string)
		p, err := netip.ParsePrefix(text)
		version := "IPV4"
		if err == nil && p.Addr().Is6() {
			version = "IPV6"
		}
		if given, known := set["IPAddressVersion"]; err != nil || p.Bits() == 0 || known && given != version {
			return invalid("IP_ADDRESS", "Addresses", "it isn't a range of the set's version")
		}
	}
	return nil
}

// refuseRules returns how WAF refuses rules whose parts it takes one by one, or nil.
func refuseRules(acl object) *wire.Error {
	rules := list(acl, "Rules")
	rates, capacity := 0, 0
	for _, s := range allStatements(rules) {
		if err := refuseStatement(s); err != nil {
			return err
		}
		if s.object["RateBasedStatement"] != nil {
			rates++
		}
		capacity += ownCapacity(s)
	}
	for _, rule := range rules {
		response := below(below(below(rule.(object), "Action"), "Block"), "CustomResponse")
		if err := refuseResponse(response, below(acl, "CustomResponseBodies")); err != nil {
			return err
		}
	}
	switch {
	case repeats(rules, "Name"):
		return invalid("RULE", "Name", "two rules have it")
	case repeats(rules, "Priority"):
		return invalid("RULE", "Priority", "two rules have it")
	case rates > mostRateRules:
		return exceeded("web ACL has %d rate-based rules, of at most %d", rates, mostRateRules)
	case capacity > mostCapacity:
		return exceeded("web ACL needs %d WCUs, of at most %d", capacity, mostCapacity)
	}
	return nil
}

func invalid(field, parameter, reason string) *wire.Error {
	return &wire.Error{Status: 400, Code: "WAFInvalidParameterException",
		Message: fmt.Sprintf("Error reason: %s, field: %s, parameter: %s", reason, field, parameter)}
}

func exceeded(format string, args ...any) *wire.Error {
	return &wire.Error{Status: 400, Code: "WAFLimitsExceededException", Message: fmt.Sprintf(format, args...)}
}

// repeats tells whether two of a list have the same value in a field.
func repeats(items []any, field string) bool {
	seen := map[any]bool{}
	for _, item := range items {
		value := item.(object)[field]
		if seen[value] {
			return true
		}
		seen[value] = true
	}
	return false
}

func refuseStatement(s statement) *wire.Error {
	if rate := below(s.object, "RateBasedStatement"); rate != nil {
		if err := refuseRate(rate, s.depth); err != nil {
			return err
		}
	}
	for _, kind := range []string{"ByteMatchStatement", "RegexMatchStatement", "SizeConstraintStatement"} {
		if err := refuseTransformations(list(below(s.object, kind), "TextTransformations")); err != nil {
			return err
		}
	}
	for _, kind := range []string{"AndStatement", "OrStatement"} {
		if n := len(list(below(s.object, kind), "Statements")); s.object[kind] != nil && n < 2 {
			return invalid("STATEMENT", kind, "it combines fewer than two statements")
		}
	}
	if below(s.object, "NotStatement")["Statement"] == nil && s.object["NotStatement"] != nil {
		return invalid("NOT_STATEMENT", "Statement", "there is nothing that it negates")
	}
	if s.depth > 0 && s.object["ManagedRuleGroupStatement"] != nil {
		return invalid("STATEMENT", "ManagedRuleGroupStatement", "it can't be nested")
	}
	if text, ok := below(s.object, "ByteMatchStatement")["SearchString"].(string); ok {
		if decoded, err := base64.StdEncoding.DecodeString(text); err != nil || len(decoded) > mostCharacters {
			return invalid("BYTE_MATCH_STATEMENT", "SearchString", "it isn't base64, or too long")
		}
	}
	return refuseExpression(below(s.object, "RegexMatchStatement"))
}

// refuseRate refuses one that is nested, and one whose way of counting lacks what it needs (AWS WAF Developer Guide,
// Using rate-based rule statements, and Aggregating rate-based rules).
func refuseRate(rate object, depth int) *wire.Error {
	keys := list(rate, "CustomKeys")
	window, given := rate["EvaluationWindowSec"].(float64)
	switch {
	case depth > 0:
		return invalid("STATEMENT", "RateBasedStatement", "it can't be nested")
	case given && !slices.Contains([]float64{60, 120, 300, 600}, window):
		return invalid("RATE_BASED_STATEMENT", "EvaluationWindowSec", "it isn't 60, 120, 300 or 600")
	case (rate["AggregateKeyType"] == "CUSTOM_KEYS") != (len(keys) > 0):
		return invalid("CUSTOM_KEYS", "CustomKeys", "they go with the type CUSTOM_KEYS alone")
	case rate["AggregateKeyType"] == "CONSTANT" && rate["ScopeDownStatement"] == nil:
		return invalid("SCOPE_DOWN", "ScopeDownStatement", "counting all together needs one")
	case len(keys) == 1 && (keys[0].(object)["IP"] != nil || keys[0].(object)["ForwardedIP"] != nil):
		return invalid("CUSTOM_KEYS", "CustomKeys", "an address needs another key beside it")
	}
	for _, key := range keys {
		if err := refuseTransformations(list(below(key.(object), "Header"), "TextTransformations")); err != nil {
			return err
		}
	}
	return nil
}

func refuseTransformations(transformations []any) *wire.Error {
	if len(transformations) > mostTransformations {
		return exceeded("statement has %d text transformations, of at most %d", len(transformations), mostTransformations)
	}
	if repeats(transformations, "Priority") {
		return invalid("TEXT_TRANSFORMATION", "Priority", "two transformations have it")
	}
	return nil
}

// refuseExpression refuses what no expression is. AWS WAF takes a part of PCRE, without captures, and few wildcards
// that repeat (AWS WAF Developer Guide, Supported regular expression syntax, which doesn't say how few).
func refuseExpression(match object) *wire.Error {
	text, ok := match["RegexString"].(string)
	if !ok {
		return nil
	}
	compiled, err := regexp.Compile(text)
	if err != nil || compiled.NumSubexp() > 0 || len(text) > mostCharacters || strings.Count(text, "]*")+strings.Count(text, ".*") > 5 {
		return invalid("REGEX_PATTERN_REFERENCE_STATEMENT", "RegexString", "the expression isn't supported, or too long")
	}
	return nil
}

// refuseResponse holds an answer to its headers' names, and to a body that exists (AWS WAF API Reference,
// CustomResponse and CustomHTTPHeader).
func refuseResponse(response, bodies object) *wire.Error {
	if response == nil {
		return nil
	}
	headers := list(response, "ResponseHeaders")
	if len(headers) > mostResponseHeaders {
		return exceeded("custom response has %d headers, of at most %d", len(headers), mostResponseHeaders)
	}
	if repeats(headers, "Name") {
		return invalid("CUSTOM_RESPONSE", "ResponseHeaders", "a header is there twice")
	}
	for _, header := range headers {
		name, _ := header.(object)["Name"].(string)
		if strings.EqualFold(name, "Content-Type") {
			return invalid("HEADER_NAME", "ResponseHeaders", "content-type can't be set")
		}
	}
	if key, given := response["CustomResponseBodyKey"].(string); given && bodies[key] == nil {
		return invalid("CUSTOM_RESPONSE_BODY", "CustomResponseBodyKey", "there is no such body")
	}
	return nil
}

// object is one of WAF's JSON.
type object = map[string]any

// below returns the object in a field, or nil.
func below(o object, field string) object {
	inner, _ := o[field].(object)
	return inner
}

func list(o object, field string) []any {
	items, _ := o[field].([]any)
	return items
}

// statement is one of a rule, or nested in another.
type statement struct {
	object
	depth int
}

// statements returns a statement and all that are nested in it.
func (s statement) statements() []statement {
	nested := list(below(s.object, "AndStatement"), "Statements")
	nested = append(nested, list(below(s.object, "OrStatement"), "Statements")...)
	nested = append(nested, below(s.object, "NotStatement")["Statement"])
	for _, kind := range []string{"RateBasedStatement", "ManagedRuleGroupStatement"} {
		nested = append(nested, below(s.object, kind)["ScopeDownStatement"])
	}
	all := []statement{s}
	for _, inner := range nested {
		if o, ok := inner.(object); ok {
			all = append(all, statement{o, s.depth + 1}.statements()...)
		}
	}
	return all
}

// allStatements are those of the rules of a web ACL.
func allStatements(rules []any) []statement {
	var all []statement
	for _, rule := range rules {
		if r, ok := rule.(object); ok {
			all = append(all, statement{below(r, "Statement"), 0}.statements()...)
		}
	}
	return all
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
