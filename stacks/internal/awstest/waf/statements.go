package waf

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/constraint"
)

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
	at    string // as WAF writes it
	depth int
}

// statements returns a statement and all that are nested in it.
func (s statement) statements() []statement {
	all := []statement{s}
	nest := func(at string, inner any) {
		if o, ok := inner.(object); ok {
			all = append(all, statement{o, s.at + at, s.depth + 1}.statements()...)
		}
	}
	nest(".rateBasedStatement.scopeDownStatement", below(s.object, "RateBasedStatement")["ScopeDownStatement"])
	nest(".managedRuleGroupStatement.scopeDownStatement", below(s.object, "ManagedRuleGroupStatement")["ScopeDownStatement"])
	nest(".notStatement.statement", below(s.object, "NotStatement")["Statement"])
	for _, combined := range []string{"And", "Or"} {
		for i, inner := range list(below(s.object, combined+"Statement"), "Statements") {
			nest(fmt.Sprintf(".%sStatement.statements.%d.member", strings.ToLower(combined), i+1), inner)
		}
	}
	return all
}

// allStatements are those of the rules of a web ACL.
func allStatements(rules []any) []statement {
	var all []statement
	for i, rule := range rules {
		if r, ok := rule.(object); ok {
			all = append(all, statement{below(r, "Statement"), fmt.Sprintf("rules.%d.member.statement", i+1), 0}.statements()...)
		}
	}
	return all
}

// statementConstraints are those of the AWS WAF API Reference: RateBasedStatement, RateLimitHeader, ByteMatchStatement,
// RegexMatchStatement, SizeConstraintStatement and TextTransformation.
var statementConstraints = append([]constraint.Constraint{
	constraint.Within("rateBasedStatement.limit", 10, 2_000_000_000),
	constraint.OneOf("rateBasedStatement.aggregateKeyType", "IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"),
	constraint.Size("rateBasedStatement.customKeys", 0, 5),
	constraint.Size("rateBasedStatement.customKeys.*.header.name", 1, 64),
	constraint.Like("rateBasedStatement.customKeys.*.header.name", `.*\S.*`),
	constraint.OneOf("byteMatchStatement.positionalConstraint", "EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"),
	constraint.Size("regexMatchStatement.regexString", 1, 512),
	constraint.OneOf("sizeConstraintStatement.comparisonOperator", "EQ", "NE", "LE", "LT", "GE", "GT"),
	constraint.Within("sizeConstraintStatement.size", 0, 21_474_836_480),
	constraint.Size("sizeConstraintStatement.fieldToMatch.singleHeader.name", 1, 64),
}, transformationConstraints("rateBasedStatement.customKeys.*.header", "byteMatchStatement", "regexMatchStatement", "sizeConstraintStatement")...)

func transformationConstraints(places ...string) []constraint.Constraint {
	var all []constraint.Constraint
	for _, place := range places {
		all = append(all,
			constraint.Size(place+".textTransformations", 1, 0),
			constraint.OneOf(place+".textTransformations.*.type", "NONE", "COMPRESS_WHITE_SPACE", "HTML_ENTITY_DECODE", "LOWERCASE", "CMD_LINE", "URL_DECODE",
				"BASE64_DECODE", "HEX_DECODE", "MD5", "REPLACE_COMMENTS", "ESCAPE_SEQ_DECODE", "SQL_HEX_DECODE", "CSS_DECODE", "JS_DECODE", "NORMALIZE_PATH",
				"NORMALIZE_PATH_WIN", "REMOVE_NULLS", "REPLACE_NULLS", "BASE64_DECODE_EXT", "URL_DECODE_UNI", "UTF8_TO_UNICODE"),
		)
	}
	return all
}
