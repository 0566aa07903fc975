// Package waf refuses what AWS WAF refuses and moto takes.
package waf

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// constraint is one of WAF's API: the place of a value, where * is any item of a list, and what is wrong with one.
type constraint struct {
	at    string
	wrong func(value any) string
}

// webACLConstraints are those of the AWS WAF API Reference: DataProtectionConfig, DataProtection, FieldToProtect,
// RuleActionOverride, Rule, VisibilityConfig, CustomResponse and CustomHTTPHeader. A name that no rule of a managed group has breaks none: WAF ignores it.
var webACLConstraints = []constraint{
	{"dataProtectionConfig.dataProtections", size(1, 26)},
	{"dataProtectionConfig.dataProtections.*.action", oneOf("SUBSTITUTION", "HASH")},
	{"dataProtectionConfig.dataProtections.*.field.fieldType", oneOf("SINGLE_HEADER", "SINGLE_COOKIE", "SINGLE_QUERY_ARGUMENT", "QUERY_STRING", "BODY")},
	{"dataProtectionConfig.dataProtections.*.field.fieldKeys", size(0, 100)},
	{"dataProtectionConfig.dataProtections.*.field.fieldKeys.*", size(1, 64)},
	{"dataProtectionConfig.dataProtections.*.field.fieldKeys.*", like(`.*\S.*`)},
	{"rules.*.statement.managedRuleGroupStatement.ruleActionOverrides", size(0, 100)},
	{"rules.*.statement.managedRuleGroupStatement.ruleActionOverrides.*.name", size(1, 128)},
	{"rules.*.statement.managedRuleGroupStatement.ruleActionOverrides.*.name", like(`^[\w\-]+$`)},
	{"rules.*.name", size(1, 128)},
	{"rules.*.name", like(`^[\w\-]+$`)},
	{"rules.*.visibilityConfig.metricName", size(1, 255)},
	{"rules.*.action.block.customResponse.responseCode", within(200, 599)},
	{"rules.*.action.block.customResponse.responseHeaders", size(1, 0)},
	{"rules.*.action.block.customResponse.responseHeaders.*.name", size(1, 64)},
	{"rules.*.action.block.customResponse.responseHeaders.*.name", like(`^[a-zA-Z0-9._$-]+$`)},
	{"rules.*.action.block.customResponse.responseHeaders.*.value", size(1, 255)},
}

var wafConstraints = map[string][]constraint{
	"wafv2:CreateWebACL": webACLConstraints,
	"wafv2:UpdateWebACL": webACLConstraints,
	// LoggingConfiguration, Filter and ActionCondition
	"wafv2:PutLoggingConfiguration": {
		{"loggingConfiguration.redactedFields", size(0, 100)},
		{"loggingConfiguration.loggingFilter.defaultBehavior", oneOf("KEEP", "DROP")},
		{"loggingConfiguration.loggingFilter.filters", size(1, 0)},
		{"loggingConfiguration.loggingFilter.filters.*.behavior", oneOf("KEEP", "DROP")},
		{"loggingConfiguration.loggingFilter.filters.*.requirement", oneOf("MEETS_ALL", "MEETS_ANY")},
		{"loggingConfiguration.loggingFilter.filters.*.conditions", size(1, 0)},
		{"loggingConfiguration.loggingFilter.filters.*.conditions.*.actionCondition.action",
			oneOf("ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE", "EXCLUDED_AS_COUNT")},
	},
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
	broken := breaks(input, "", constraints)
	for _, s := range allStatements(list(input, "Rules")) {
		broken = append(broken, breaks(s.object, s.at, statementConstraints)...)
	}
	if broken == nil {
		return refuseRules(input)
	}
	errors := "errors"
	if len(broken) == 1 {
		errors = "error"
	}
	return &wire.Error{Status: 400, Code: "ValidationException",
		Message: fmt.Sprintf("%d validation %s detected: %s", len(broken), errors, strings.Join(broken, "; "))}
}

// breaks returns the constraints that something at a place breaks, as WAF says it.
func breaks(value object, at string, constraints []constraint) []string {
	var broken []string
	for _, c := range constraints {
		visit(value, at, strings.Split(c.at, "."), func(at string, value any) {
			if wrong := c.wrong(value); wrong != "" {
				broken = append(broken, fmt.Sprintf("Value '%v' at '%s' failed to satisfy constraint: Member must %s", value, at, wrong))
			}
		})
	}
	return broken
}

// visit calls see for each value at a place below another, with the place as AWS writes it.
func visit(value any, at string, steps []string, see func(at string, value any)) {
	switch below := value.(type) {
	case nil: // left out
	case []any:
		if len(steps) > 0 {
			for i, item := range below {
				visit(item, fmt.Sprintf("%s.%d.member", at, i+1), steps[1:], see)
			}
			return
		}
		see(at, value)
	case map[string]any:
		name := strings.ToUpper(steps[0][:1]) + steps[0][1:]
		visit(below[name], strings.TrimPrefix(at+"."+steps[0], "."), steps[1:], see)
	default:
		see(at, value)
	}
}

func oneOf(allowed ...string) func(any) string {
	return func(value any) string {
		if text, _ := value.(string); slices.Contains(allowed, text) {
			return ""
		}
		return "satisfy enum value set: [" + strings.Join(allowed, ", ") + "]"
	}
}

func like(pattern string) func(any) string {
	expression := regexp.MustCompile(pattern)
	return func(value any) string {
		if text, _ := value.(string); expression.MatchString(text) {
			return ""
		}
		return "satisfy regular expression pattern: " + pattern
	}
}

// within holds a number to a range.
func within(least, most float64) func(any) string {
	return func(value any) string {
		switch n, _ := value.(float64); {
		case n < least:
			return fmt.Sprintf("have value greater than or equal to %.0f", least)
		case n > most:
			return fmt.Sprintf("have value less than or equal to %.0f", most)
		}
		return ""
	}
}

// size holds a text or a list to a length; a most of 0 is none.
func size(least, most int) func(any) string {
	return func(value any) string {
		n := len([]rune(fmt.Sprint(value)))
		if list, ok := value.([]any); ok {
			n = len(list)
		}
		switch {
		case n < least:
			return fmt.Sprintf("have length greater than or equal to %d", least)
		case most > 0 && n > most:
			return fmt.Sprintf("have length less than or equal to %d", most)
		}
		return ""
	}
}
