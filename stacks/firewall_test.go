package stacks_test

import (
	"encoding/json"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
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

// counted is a request as the firewall sees it; want is what it counts for: a rule, and the caller.
type counted struct {
	path, header string
	want         []string
}

// TestRequestsCountForTheirCaller runs the rules of a web ACL over requests, as the AWS WAF Developer Guide says that
// it runs them: none passes by a limit by the way its path or its header is written.
func TestRequestsCountForTheirCaller(t *testing.T) {
	const embeddings, tune = "rate-limit-v1_embeddings-all-17da73a3", "rate-limit-v1_models_-all_tune-a28db510"
	whole := []string{"rate-limit: a", "rate-limit-by-address: ip"}
	on := func(rule string) []string { return append([]string{rule + ": a"}, whole...) }
	without := []string{"rate-limit-without-header: ip", "rate-limit-by-address: ip"}
	acl := webACLs(t)["everything-full"].Resource["aws_wafv2_web_acl"]["edge"]
	for _, row := range []counted{
		{"/v1/chat", "a", whole},
		{"/v1/chat", "", without},
		{"/v1/chat", "A", whole},
		{"/v1/chat", "Bearer \t A", []string{"rate-limit: bearer a", "rate-limit-by-address: ip"}},
		{"/v1/embeddings", "a", on(embeddings)},
		{"/v1/embeddings", "", append([]string{embeddings + "-without-header: ip"}, without...)},
		{"/v1/embeddings/x", "a", on(embeddings)},
		{"/v1/embedding", "a", whole},
		{"/v1/%65mbeddings", "a", on(embeddings)},
		{"/v1%2Fembeddings", "a", on(embeddings)},
		{"//v1/./x/..//embeddings", "a", on(embeddings)},
		{"/v1/x/%2e%2e/embeddings", "a", on(embeddings)},
		{"/v1%5Cembeddings", "a", on(embeddings)},
		{"/V1/Embeddings", "a", on(embeddings)},
		{"/v1/models/llama/tune", "a", on(tune)},
		{"/v1/models/a/b/tune", "a", on(tune)},
		{"/v1/models/a%0Ab/tune", "a", on(tune)},
		{"/v1/models/tune", "a", whole},
		{"/v1/models/a/tuned", "a", whole},
	} {
		require.Equal(t, row.want, countsFor(t, acl, row), "%s by %q", row.path, row.header)
	}
}

func countsFor(t *testing.T, acl object, request counted) []string {
	t.Helper()
	rules := items(acl["rule"])
	slices.SortFunc(rules, func(a, b object) int { return int(a["priority"].(float64) - b["priority"].(float64)) })
	var all []string
	for _, rule := range rules {
		rate, _ := at(rule, "statement", "rate_based_statement").(object)
		if rate == nil || rate["scope_down_statement"] != nil && !matchesRequest(t, rate["scope_down_statement"].(object), request) {
			continue
		}
		caller := "ip"
		if rate["aggregate_key_type"] == "CUSTOM_KEYS" {
			header := at(rate, "custom_key", 0, "header")
			require.Equal(t, "x-client-id", at(header, "name"))
			caller = transformed(t, request.header, at(header, "text_transformation"))
		}
		if caller != "" { // a rule passes over requests that lack its key
			all = append(all, rule["name"].(string)+": "+caller)
		}
	}
	return all
}

func matchesRequest(t *testing.T, statement object, request counted) bool {
	t.Helper()
	for kind, s := range statement {
		switch kind {
		case "and_statement":
			return !slices.ContainsFunc(items(at(s, "statement")), func(inner object) bool { return !matchesRequest(t, inner, request) })
		case "not_statement":
			return !matchesRequest(t, items(at(s, "statement"))[0], request)
		case "size_constraint_statement":
			require.Equal(t, "x-client-id", at(s, "field_to_match", "single_header", "name"))
			require.Equal(t, []any{"GT", 0.0}, []any{at(s, "comparison_operator"), at(s, "size")})
			return len(transformed(t, request.header, at(s, "text_transformation"))) > 0
		}
		require.NotNil(t, at(s, "field_to_match", "uri_path"))
		seen := transformed(t, request.path, at(s, "text_transformation"))
		switch {
		case kind == "regex_match_statement":
			return regexp.MustCompile(at(s, "regex_string").(string)).MatchString(seen)
		case at(s, "positional_constraint") == "STARTS_WITH":
			return strings.HasPrefix(seen, at(s, "search_string").(string))
		}
		require.Equal(t, "EXACTLY", at(s, "positional_constraint"))
		return seen == at(s, "search_string")
	}
	return false
}

// transformed is a text as AWS WAF compares it (AWS WAF Developer Guide, Using text transformations).
func transformed(t *testing.T, text string, transformations any) string {
	t.Helper()
	for i, transformation := range items(transformations) {
		require.EqualValues(t, i, transformation["priority"])
		switch kind := transformation["type"]; kind {
		case "NONE":
		case "URL_DECODE":
			decoded, err := url.QueryUnescape(text)
			require.NoError(t, err)
			text = decoded
		case "NORMALIZE_PATH_WIN":
			text = path.Clean(strings.ReplaceAll(text, `\`, "/"))
		case "LOWERCASE":
			text = strings.ToLower(text)
		case "COMPRESS_WHITE_SPACE":
			text = regexp.MustCompile(`\s+`).ReplaceAllString(text, " ")
		default:
			t.Fatal("not known here: ", kind)
		}
	}
	return text
}

// TestLimitsKnowTheirPaths holds that a limit finds the paths that CloudFront finds by the same pattern.
func TestLimitsKnowTheirPaths(t *testing.T) {
	for pattern, want := range map[string]config.PathMatch{
		"/v1/chat":      {Exactly: "/v1/chat"},
		"v1/Chat":       {Exactly: "/v1/chat"},
		"/v1/*":         {Begins: "/v1/"},
		"/v1/a?c":       {Expression: `^/v1/a[\s\S]c$`},
		"*.gguf":        {Expression: `^/[\s\S]*\.gguf$`},
		"/v1/*/a*":      {Expression: `^/v1/[\s\S]*/a`},
		"/v1/a+b":       {Expression: `^/v1/a[ +]b$`},
		"/v1/$a~'&@:.b": {Exactly: "/v1/$a~'&@:.b"},
		"/v1/?$":        {Expression: `^/v1/[\s\S]\$$`},
	} {
		require.Equal(t, want, config.Limit{Path: pattern}.Match(), pattern)
	}
}

// TestCallersOverALimitLearnWhenToComeBack holds that every limit answers 429, and asks for as long as it looks back.
func TestCallersOverALimitLearnWhenToComeBack(t *testing.T) {
	for name, stack := range webACLs(t) {
		rates := 0
		for _, rule := range items(stack.Resource["aws_wafv2_web_acl"]["edge"]["rule"]) {
			rate := at(rule, "statement", "rate_based_statement")
			if rate == nil {
				continue
			}
			rates++
			response := at(rule, "action", "block", "custom_response")
			require.EqualValues(t, 429, at(response, "response_code"), name)
			require.Equal(t, []any{object{"name": "Retry-After", "value": "300"}}, at(response, "response_header"), name)
			require.EqualValues(t, 300, at(rate, "evaluation_window_sec"), name)
		}
		require.Positive(t, rates, name)
	}
}

// TestDashboardShowsEachLimit holds the graph of the limits to the rules that there are.
func TestDashboardShowsEachLimit(t *testing.T) {
	stack := allStacks(t)["everything-full"]
	var rules, shown []string
	for _, rule := range items(stack.Resource["aws_wafv2_web_acl"]["edge"]["rule"]) {
		if at(rule, "statement", "rate_based_statement") != nil {
			rules = append(rules, at(rule, "visibility_config", "metric_name").(string))
		}
	}
	var body object
	require.NoError(t, json.Unmarshal([]byte(stack.Resource["aws_cloudwatch_dashboard"]["edge"]["dashboard_body"].(string)), &body))
	for _, widget := range items(body["widgets"]) {
		if at(widget, "properties", "title") == "Requests over a limit (429)" {
			for _, series := range asList(at(widget, "properties", "metrics")) {
				require.Equal(t, []any{"AWS/WAFV2", "BlockedRequests", "WebACL", "everything-full", "Rule"}, asList(series)[:5])
				shown = append(shown, asList(series)[5].(string))
			}
		}
	}
	require.Equal(t, rules, shown)
}
