package stacks

import (
	"slices"
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchloggroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2ipset"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webaclloggingconfiguration"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type firewallProps struct {
	config.Firewall
	KeyHeader string // with the keys of callers, in lower case; empty: none
	Stack     string
	Provider  cdktf.TerraformProvider // of config.EdgeRegion, where web ACLs for CloudFront live
}

// newFirewall returns the ARN of the web ACL before the distribution: the given one, or one made here.
// Without either there is none.
func newFirewall(scope constructs.Construct, id string, props firewallProps) string {
	if !props.Enabled {
		return props.WebACLARN
	}
	allowed := newIPSets(scope, "allowed", ipSetsProps{Ranges: props.AllowedIPs, Stack: props.Stack, Provider: props.Provider})
	blocked := newIPSets(scope, "blocked", ipSetsProps{Ranges: props.BlockedIPs, Stack: props.Stack, Provider: props.Provider})
	protected := protectedHeaders(props.LimitHeader(), props.KeyHeader)
	acl := rename(wafv2webacl.NewWafv2WebAcl(scope, jsii.String(id+"-firewall"), &wafv2webacl.Wafv2WebAclConfig{
		Provider:             props.Provider,
		Name:                 jsii.String(props.Stack),
		Scope:                jsii.String("CLOUDFRONT"),
		DefaultAction:        &wafv2webacl.Wafv2WebAclDefaultAction{Allow: &wafv2webacl.Wafv2WebAclDefaultActionAllow{}},
		Rule:                 firewallRules(allowed, blocked, props.Firewall),
		DataProtectionConfig: dataProtection(protected),
		VisibilityConfig:     &wafv2webacl.Wafv2WebAclVisibilityConfig{CloudwatchMetricsEnabled: true, SampledRequestsEnabled: true, MetricName: jsii.String(props.Stack)},
		CustomResponseBody: []*wafv2webacl.Wafv2WebAclCustomResponseBody{{
			Key:         jsii.String(tooMany),
			ContentType: jsii.String("APPLICATION_JSON"),
			Content:     jsii.String(config.TooManyRequests),
		}},
		Lifecycle: createBeforeDestroy(),
	}), id)
	arn := *acl.Arn()
	newFirewallLog(scope, id, firewallLogProps{WebACLARN: arn, Redacted: protected, Stack: props.Stack, Provider: props.Provider})
	return arn
}

// firewallRules are tried in order: the priority of a rule is its place. The lists of addresses come first,
// then AWS's managed rules, and last the limits, so that what is refused anyway counts for none.
func firewallRules(allowed, blocked []ipSet, firewall config.Firewall) []firewallRule {
	rules := slices.Concat(
		ipRules(allowed, &wafv2webacl.Wafv2WebAclRuleAction{Allow: &wafv2webacl.Wafv2WebAclRuleActionAllow{}}),
		ipRules(blocked, &wafv2webacl.Wafv2WebAclRuleAction{Block: &wafv2webacl.Wafv2WebAclRuleActionBlock{}}))
	for _, group := range firewall.RuleGroups() {
		rules = append(rules, managedRules(group))
	}
	for _, limit := range firewall.RateLimits() {
		rules = append(rules, rateRule(limit))
	}
	for i, rule := range rules {
		rule.Priority = jsii.Number(i)
		rule.VisibilityConfig = &wafv2webacl.Wafv2WebAclRuleVisibilityConfig{
			CloudwatchMetricsEnabled: true,
			SampledRequestsEnabled:   true,
			MetricName:               rule.Name,
		}
	}
	return rules
}

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

// tooMany is the key of the body that callers over a limit are answered with.
const tooMany = "too-many-requests"

// rateRule answers 429 to a caller over a limit. It asks for the whole window of patience: by then nothing is left to count.
func rateRule(limit config.RateLimit) firewallRule {
	return &wafv2webacl.Wafv2WebAclRule{
		Name: jsii.String(limit.Name),
		Action: &wafv2webacl.Wafv2WebAclRuleAction{Block: &wafv2webacl.Wafv2WebAclRuleActionBlock{
			CustomResponse: &wafv2webacl.Wafv2WebAclRuleActionBlockCustomResponse{
				ResponseCode:          jsii.Number(429),
				CustomResponseBodyKey: jsii.String(tooMany),
				ResponseHeader: []*wafv2webacl.Wafv2WebAclRuleActionBlockCustomResponseResponseHeader{
					{Name: jsii.String("Retry-After"), Value: jsii.String(strconv.Itoa(config.RateWindowSeconds))},
				},
			},
		}},
		Statement: object{"rate_based_statement": rateStatement(limit)},
	}
}

func rateStatement(limit config.RateLimit) object {
	statement := object{"aggregate_key_type": "IP", "evaluation_window_sec": config.RateWindowSeconds, "limit": limit.Requests}
	if limit.Header != "" && !limit.Missing {
		// "bearer  a" lets in whom "Bearer a" does: it must not be another caller.
		alike := transformations("LOWERCASE", "COMPRESS_WHITE_SPACE")
		statement["aggregate_key_type"] = "CUSTOM_KEYS"
		statement["custom_key"] = []object{{"header": object{"name": limit.Header, "text_transformation": alike}}}
	}
	var only []object
	if limit.Path != nil {
		only = append(only, pathStatement(limit.Path.Match()))
	}
	if limit.Missing {
		only = append(only, missing(limit.Header))
	}
	switch len(only) {
	case 1:
		statement["scope_down_statement"] = only[0]
	case 2:
		statement["scope_down_statement"] = object{"and_statement": object{"statement": only}}
	}
	return statement
}

// missing is true of a request without the header, or with an empty one (AWS WAF Developer Guide, Rate limit the requests
// that are missing a specific header).
func missing(header string) object {
	return object{"not_statement": object{"statement": []object{{"size_constraint_statement": object{
		"field_to_match":      object{"single_header": object{"name": header}},
		"comparison_operator": "GT",
		"size":                0,
		"text_transformation": transformations("NONE"),
	}}}}}
}

// pathStatement is true of a request for the path, however it is written: encoded, with other slashes, or in capitals. The
// backend may read it so too, and CloudFront passes it on as it came.
func pathStatement(match config.PathMatch) object {
	compared := object{
		"field_to_match":      object{"uri_path": object{}},
		"text_transformation": transformations("URL_DECODE", "NORMALIZE_PATH_WIN", "LOWERCASE"),
	}
	switch {
	case match.Expression != "":
		compared["regex_string"] = match.Expression
		return object{"regex_match_statement": compared}
	case match.Begins != "":
		compared["positional_constraint"], compared["search_string"] = "STARTS_WITH", match.Begins
	default:
		compared["positional_constraint"], compared["search_string"] = "EXACTLY", match.Exactly
	}
	return object{"byte_match_statement": compared}
}

// transformations are applied in order before AWS WAF compares.
func transformations(kinds ...string) []object {
	var list []object
	for i, kind := range kinds {
		list = append(list, object{"priority": i, "type": kind})
	}
	return list
}

type ipSetsProps struct {
	Ranges   []string
	Stack    string
	Provider cdktf.TerraformProvider
}

type ipSet struct{ ID, ARN string }

// newIPSets makes a set of the IPv4 and one of the IPv6 ranges, if there are any: a set holds only one version.
func newIPSets(scope constructs.Construct, id string, props ipSetsProps) []ipSet {
	v4, v6 := config.ByIPVersion(props.Ranges)
	var sets []ipSet
	if len(v4) > 0 {
		sets = append(sets, newIPSet(scope, id+"-IPV4", ipSetProps{Version: "IPV4", Ranges: v4, Stack: props.Stack, Provider: props.Provider}))
	}
	if len(v6) > 0 {
		sets = append(sets, newIPSet(scope, id+"-IPV6", ipSetProps{Version: "IPV6", Ranges: v6, Stack: props.Stack, Provider: props.Provider}))
	}
	return sets
}

type ipSetProps struct {
	Version  string
	Ranges   []string
	Stack    string
	Provider cdktf.TerraformProvider
}

func newIPSet(scope constructs.Construct, id string, props ipSetProps) ipSet {
	set := wafv2ipset.NewWafv2IpSet(scope, jsii.String(id), &wafv2ipset.Wafv2IpSetConfig{
		Provider:         props.Provider,
		Name:             jsii.String(props.Stack + "-" + id),
		Scope:            jsii.String("CLOUDFRONT"),
		IpAddressVersion: jsii.String(props.Version),
		Addresses:        jsii.Strings(props.Ranges...),
		Lifecycle:        createBeforeDestroy(),
	})
	return ipSet{ID: id, ARN: *set.Arn()}
}

// firewallLogDays is how long logged requests are kept; CloudWatch Logs accepts only certain numbers.
const firewallLogDays = 90

type firewallLogProps struct {
	WebACLARN string
	Redacted  []string // headers
	Stack     string
	Provider  cdktf.TerraformProvider
}

// newFirewallLog keeps a log of the requests that the firewall blocks or counts. AWS WAF requires the beginning of
// the group's name (AWS WAF Developer Guide, CloudWatch Logs).
func newFirewallLog(scope constructs.Construct, id string, props firewallLogProps) {
	group := rename(cloudwatchloggroup.NewCloudwatchLogGroup(scope, jsii.String(id+"-log"), &cloudwatchloggroup.CloudwatchLogGroupConfig{
		Provider:        props.Provider,
		Name:            jsii.String("aws-waf-logs-" + props.Stack),
		RetentionInDays: jsii.Number(firewallLogDays),
	}), id)
	rename(wafv2webaclloggingconfiguration.NewWafv2WebAclLoggingConfiguration(scope, jsii.String(id+"-logging"),
		&wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationConfig{
			Provider:              props.Provider,
			ResourceArn:           jsii.String(props.WebACLARN),
			LogDestinationConfigs: jsii.Strings(*group.Arn()),
			RedactedFields:        redactedFields(props.Redacted),
			LoggingFilter: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilter{
				DefaultBehavior: jsii.String("DROP"),
				Filter: []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilter{{
					Behavior:    jsii.String("KEEP"),
					Requirement: jsii.String("MEETS_ANY"),
					// A managed rule that is overridden to count is EXCLUDED_AS_COUNT (AWS WAF API Reference, ActionCondition).
					Condition: actionConditions("BLOCK", "COUNT", "EXCLUDED_AS_COUNT"),
				}},
			},
		}), id)
}

// actionConditions are met by a request that a rule with one of these actions matched.
func actionConditions(names ...string) []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition {
	var conditions []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition
	for _, name := range names {
		conditions = append(conditions, &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition{
			ActionCondition: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterConditionActionCondition{
				Action: jsii.String(name),
			},
		})
	}
	return conditions
}

// redactedFields keep out of the log what the web ACL protects, even if its data protection is taken off the web ACL.
func redactedFields(headers []string) []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFields {
	fields := []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFields{{
		QueryString: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFieldsQueryString{},
	}}
	for _, header := range headers {
		fields = append(fields, &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFields{
			SingleHeader: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader{Name: jsii.String(header)},
		})
	}
	return fields
}

// credentialHeaders are those that let a caller in. AWS WAF takes them in lower case.
var credentialHeaders = []string{"authorization", "cookie", "x-api-key", "x-origin-verify"}

// protectedHeaders are those that AWS WAF stores of no request: they let a caller in, or tell which one it is. The
// environment's own have the keys of callers and what limits count by; either may be empty.
func protectedHeaders(own ...string) []string {
	headers := slices.Clone(credentialHeaders)
	for _, header := range own {
		if header != "" && !slices.Contains(headers, header) {
			headers = append(headers, header)
		}
	}
	return headers
}

// dataProtection keeps credentials and prompts out of all that AWS WAF stores of a request: its samples and its log. A
// signed URL is known by its query string (AWS WAF API Reference, DataProtectionConfig). The log of a rate-based rule, which
// has the values it counts by, is no exception (AWS WAF Developer Guide, Data protection exceptions).
func dataProtection(headers []string) *wafv2webacl.Wafv2WebAclDataProtectionConfig {
	return &wafv2webacl.Wafv2WebAclDataProtectionConfig{DataProtection: []*wafv2webacl.Wafv2WebAclDataProtectionConfigDataProtection{
		substituted("SINGLE_HEADER", headers...),
		substituted("QUERY_STRING"),
		substituted("BODY"),
	}}
}

// substituted has REDACTED stand for a part of requests; without keys for all of it.
func substituted(part string, keys ...string) *wafv2webacl.Wafv2WebAclDataProtectionConfigDataProtection {
	field := &wafv2webacl.Wafv2WebAclDataProtectionConfigDataProtectionField{FieldType: jsii.String(part)}
	if keys != nil {
		field.FieldKeys = jsii.Strings(keys...)
	}
	return &wafv2webacl.Wafv2WebAclDataProtectionConfigDataProtection{Action: jsii.String("SUBSTITUTION"), Field: field}
}
