package awstest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rule is one that blocks, with the fields of its action and its statement.
func rule(n int, response, statement string) string {
	return fmt.Sprintf(`{"Name": "r%d", "Priority": %d, %s, "Action": {"Block": {%s}}, "Statement": %s}`,
		n, n, visibility, response, statement)
}

func rules(list ...string) string { return `"Rules": [` + strings.Join(list, ", ") + `]` }

const (
	byAddress = `"Limit": 10, "AggregateKeyType": "IP"`
	noChange  = `"TextTransformations": [{"Priority": 0, "Type": "NONE"}]`
	ofPath    = `"FieldToMatch": {"UriPath": {}}, ` + noChange
)

func rate(fields string) string { return `{"RateBasedStatement": {` + fields + `}}` }

func byHeader(name, transformations string) string {
	return `"Limit": 10, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [{"Header": {"Name": "` + name + `", ` +
		transformations + `}}]`
}

func scopedTo(statement string) string {
	return rate(byAddress + `, "ScopeDownStatement": ` + statement)
}

// TestLongRateRuleRefusals holds the stand-in to the AWS WAF API Reference, RateBasedStatement and what it uses.
func TestLongRateRuleRefusals(t *testing.T) {
	s := start(t)
	many := func(n int, statement string) string {
		var list []string
		for i := range n {
			list = append(list, rule(i, "", statement))
		}
		return rules(list...)
	}
	repeatedly := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+", ", n), ", ") }
	transforming := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"Priority": %d, "Type": "LOWERCASE"}`, i))
		}
		return `"TextTransformations": [` + strings.Join(list, ", ") + `]`
	}
	expression := func(text string) string {
		return `{"RegexMatchStatement": {"RegexString": "` + text + `", ` + ofPath + `}}`
	}
	answering := func(headers string) string {
		return rules(rule(0, `"CustomResponse": {"ResponseCode": 429, "ResponseHeaders": [`+headers+`]}`, rate(byAddress)))
	}
	const parameter, limits = "WAFInvalidParameterException", "WAFLimitsExceededException"
	for name, row := range map[string]struct{ fields, code, says string }{
		"window": {many(1, rate(byAddress+`, "EvaluationWindowSec": 301`)), parameter, "60, 120, 300 or 600"},
		"no keys": {many(1, rate(`"Limit": 10, "AggregateKeyType": "CUSTOM_KEYS"`)),
			parameter, "they go with the type CUSTOM_KEYS alone"},
		"keys by address": {many(1, rate(byAddress+`, "CustomKeys": [{"HTTPMethod": {}}]`)),
			parameter, "they go with the type CUSTOM_KEYS alone"},
		"address alone": {many(1, rate(`"Limit": 10, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [{"IP": {}}]`)),
			parameter, "needs another key"},
		"all together": {many(1, rate(`"Limit": 10, "AggregateKeyType": "CONSTANT"`)),
			parameter, "counting all together needs one"},
		"transformations": {many(1, rate(byHeader("a", transforming(11)))), limits, "11 text transformations"},
		"same priority": {many(1, rate(byHeader("a", `"TextTransformations": [`+repeatedly(2, `{"Priority": 0, "Type": "LOWERCASE"}`)+`]`))),
			parameter, "two transformations have it"},
		"nested": {many(1, `{"NotStatement": {"Statement": `+rate(byAddress)+`}}`), parameter, "it can't be nested"},
		"and of one": {many(1, scopedTo(`{"AndStatement": {"Statements": [`+expression("a")+`]}}`)),
			parameter, "fewer than two"},
		"expression":      {many(1, scopedTo(expression("("))), parameter, "isn't supported"},
		"capture":         {many(1, scopedTo(expression("(a)"))), parameter, "isn't supported"},
		"wildcards":       {many(1, scopedTo(expression(strings.Repeat("a.*", 6)))), parameter, "isn't supported"},
		"long expression": {many(1, scopedTo(expression(strings.Repeat("a", 201)))), parameter, "or too long"},
		"longest text":    {many(1, scopedTo(expression(strings.Repeat("a", 200)))), "", ""},
		"text": {many(1, scopedTo(`{"ByteMatchStatement": {"SearchString": "no base64", "PositionalConstraint": "EXACTLY", `+ofPath+`}}`)),
			parameter, "isn't base64"},
		"most rate rules": {many(10, rate(byAddress)), "", ""},
		"too many rates":  {many(11, rate(byAddress)), limits, "11 rate-based rules, of at most 10"},
		"capacity": {many(10, rate(`"Limit": 10, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [`+repeatedly(5, `{"Header": {"Name": "a", `+transforming(10)+`}}`)+`]`)),
			limits, "needs 6520 WCUs, of at most 5000"},
		"same name": {rules(rule(0, "", rate(byAddress)), strings.Replace(rule(0, "", rate(byAddress)), `"Priority": 0`, `"Priority": 1`, 1)),
			parameter, "two rules have it, field: RULE, parameter: Name"},
		"same place": {rules(rule(0, "", rate(byAddress)), strings.Replace(rule(1, "", rate(byAddress)), `"Priority": 1`, `"Priority": 0`, 1)),
			parameter, "two rules have it, field: RULE, parameter: Priority"},
		"content type": {answering(`{"Name": "Content-Type", "Value": "a"}`), parameter, "content-type can't be set"},
		"header twice": {answering(repeatedly(2, `{"Name": "Retry-After", "Value": "300"}`)),
			parameter, "a header is there twice"},
		"headers": {answering(repeatedly(11, `{"Name": "Retry-After", "Value": "300"}`)),
			limits, "11 headers, of at most 10"},
		"no body": {rules(rule(0, `"CustomResponse": {"ResponseCode": 429, "CustomResponseBodyKey": "a"}`, rate(byAddress))),
			parameter, "there is no such body"},
		"Retry-After": {answering(`{"Name": "Retry-After", "Value": "300"}`), "", ""},
		"a header's callers": {many(1, rate(byHeader("authorization", transforming(2))+`, "EvaluationWindowSec": 300`)),
			"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := makeWebACL(t, s, strings.ReplaceAll(name, " ", "-"), row.fields)
			if row.code == "" {
				require.Equal(t, 200, a.status, a.text)
				return
			}
			var said map[string]string
			require.NoError(t, json.Unmarshal([]byte(a.text), &said))
			require.Equal(t, 400, a.status)
			require.Contains(t, said["__type"], row.code, a.text)
			require.Contains(t, a.text, row.says)
		})
	}
}
