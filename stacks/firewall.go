package stacks

import (
	"slices"
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchloggroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2ipset"
	webacl "github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"
	waflogging "github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webaclloggingconfiguration"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type firewallProps struct {
	config.Firewall
	AllowedPaths []config.AllowedPath
	KeyHeaders   []string // with the keys of callers, in lower case
	Stack        string
	Provider     cdktf.TerraformProvider // of config.EdgeRegion, where web ACLs for CloudFront live
}

// newFirewall returns the ARN of the web ACL before the distribution, if there is one: the given one, or one made here.
func newFirewall(scope constructs.Construct, id string, props firewallProps) string {
	if !props.Enabled {
		return props.WebACLARN
	}
	ipSets := func(id string, ranges []string) []ipSet {
		return newIPSets(scope, id, ipSetsProps{Ranges: ranges, Stack: props.Stack, Provider: props.Provider})
	}
	allow := &webacl.Wafv2WebAclRuleAction{Allow: &webacl.Wafv2WebAclRuleActionAllow{}}
	block := &webacl.Wafv2WebAclRuleAction{Block: &webacl.Wafv2WebAclRuleActionBlock{}}
	allowed := ipSets("allowed", props.AllowedIPs)
	var first, bypass []firewallRule
	if props.OnlyAllowedIPs {
		first = []firewallRule{{Name: jsii.String(names.OnlyAllowed), Action: block, Statement: outside(allowed)}}
	} else {
		bypass = ipRules(allowed, allow)
	}
	if len(props.AllowedPaths) > 0 {
		first = append(first, &webacl.Wafv2WebAclRule{
			Name: jsii.String(names.AmbiguousPath), Action: block, Statement: pathLike(config.AmbiguousPath)})
	}
	for _, path := range props.AllowedPaths {
		first = append(first, &webacl.Wafv2WebAclRule{Name: jsii.String(path.Name), Action: block,
			Statement: object{"and_statement": object{"statement": []object{
				outside(ipSets(path.Name, path.Ranges)), pathLike(path.Expression),
			}}}})
	}
	rules := slices.Concat(
		first,
		bypass,
		ipRules(ipSets("blocked", props.BlockedIPs), block),
		managedRules(props.RuleGroups()),
		rateRules(props.RateLimits()))
	protected := protectedHeaders(append([]string{props.LimitHeader()}, props.KeyHeaders...))
	acl := rename(webacl.NewWafv2WebAcl(scope, jsii.String(id+"-firewall"), &webacl.Wafv2WebAclConfig{
		Provider:             props.Provider,
		Name:                 jsii.String(props.Stack),
		Scope:                jsii.String("CLOUDFRONT"),
		DefaultAction:        &webacl.Wafv2WebAclDefaultAction{Allow: &webacl.Wafv2WebAclDefaultActionAllow{}},
		Rule:                 inOrder(rules),
		DataProtectionConfig: dataProtection(protected),
		VisibilityConfig: &webacl.Wafv2WebAclVisibilityConfig{
			CloudwatchMetricsEnabled: true,
			SampledRequestsEnabled:   true,
			MetricName:               jsii.String(props.Stack),
		},
		CustomResponseBody: []*webacl.Wafv2WebAclCustomResponseBody{{
			Key:         jsii.String(tooMany),
			ContentType: jsii.String("APPLICATION_JSON"),
			Content:     jsii.String(config.TooManyRequests),
		}},
		Lifecycle: createBeforeDestroy(),
	}), id)
	arn := *acl.Arn()
	newFirewallLog(scope, id, firewallLogProps{
		WebACLARN: arn,
		Redacted:  protected,
		Stack:     props.Stack,
		Provider:  props.Provider,
	})
	return arn
}

type firewallRule = *webacl.Wafv2WebAclRule

// inOrder gives each rule its place as its priority: AWS WAF tries them in this order. The lists of addresses come
// first, and of these the ones that let in nobody else; then AWS's managed rules, and last the limits, so that what is
// refused anyway counts for none.
func inOrder(rules []firewallRule) []firewallRule {
	for i, rule := range rules {
		rule.Priority = jsii.Number(i)
		rule.VisibilityConfig = &webacl.Wafv2WebAclRuleVisibilityConfig{
			CloudwatchMetricsEnabled: true,
			SampledRequestsEnabled:   true,
			MetricName:               rule.Name,
		}
	}
	return rules
}

// ipRules apply one action to the addresses of each set.
func ipRules(sets []ipSet, action *webacl.Wafv2WebAclRuleAction) []firewallRule {
	var rules []firewallRule
	for _, set := range sets {
		rules = append(rules, &webacl.Wafv2WebAclRule{
			Name:      jsii.String(set.ID),
			Action:    action,
			Statement: object{"ip_set_reference_statement": object{"arn": set.ARN}},
		})
	}
	return rules
}

// outside matches requests from an address that is in none of the sets.
func outside(sets []ipSet) object {
	var in []object
	for _, set := range sets {
		in = append(in, object{"ip_set_reference_statement": object{"arn": set.ARN}})
	}
	if len(in) > 1 {
		in = []object{{"or_statement": object{"statement": in}}}
	}
	return object{"not_statement": object{"statement": in}}
}

// pathLike matches a request whose path, decoded twice, is like an expression. Unlike pathStatement it doesn't resolve
// dot segments first: CloudFront decodes less, and takes /admin/..%2Fa for a path below /admin (Cache behavior settings,
// Path normalization). The second decoding knows %u0061 as well.
func pathLike(expression string) object {
	return object{"regex_match_statement": object{
		"field_to_match":      object{"uri_path": object{}},
		"regex_string":        expression,
		"text_transformation": transformations("URL_DECODE", "URL_DECODE_UNI", "LOWERCASE"),
	}}
}

// managedRules apply AWS's rule groups.
func managedRules(groups []config.RuleGroup) []firewallRule {
	var rules []firewallRule
	for _, group := range groups {
		s := object{"vendor_name": "AWS", "name": group.Name}
		var overrides []object
		for _, rule := range group.Counted {
			overrides = append(overrides, object{"name": rule, "action_to_use": object{"count": object{}}})
		}
		if overrides != nil {
			s["rule_action_override"] = overrides
		}
		rules = append(rules, &webacl.Wafv2WebAclRule{
			Name:           jsii.String(group.Name),
			OverrideAction: &webacl.Wafv2WebAclRuleOverrideAction{None: &webacl.Wafv2WebAclRuleOverrideActionNone{}},
			Statement:      object{"managed_rule_group_statement": s},
		})
	}
	return rules
}

// tooMany is the key of the body that callers over a limit are answered with.
const tooMany = "too-many-requests"

// rateRules answer 429 to callers over a limit. Retry-After is the whole window: by then nothing is left to count.
func rateRules(limits []config.RateLimit) []firewallRule {
	var rules []firewallRule
	for _, limit := range limits {
		rules = append(rules, &webacl.Wafv2WebAclRule{
			Name: jsii.String(limit.Name),
			Action: &webacl.Wafv2WebAclRuleAction{Block: &webacl.Wafv2WebAclRuleActionBlock{
				CustomResponse: &webacl.Wafv2WebAclRuleActionBlockCustomResponse{
					ResponseCode:          jsii.Number(429),
					CustomResponseBodyKey: jsii.String(tooMany),
					ResponseHeader: []*webacl.Wafv2WebAclRuleActionBlockCustomResponseResponseHeader{
						{Name: jsii.String("Retry-After"), Value: jsii.String(strconv.Itoa(config.RateWindowSeconds))},
					},
				},
			}},
			Statement: object{"rate_based_statement": rateStatement(limit)},
		})
	}
	return rules
}

func rateStatement(limit config.RateLimit) object {
	statement := object{
		"aggregate_key_type":    "IP",
		"evaluation_window_sec": config.RateWindowSeconds,
		"limit":                 limit.Requests,
	}
	if limit.Header != "" && !limit.Missing {
		// "bearer  a" lets in the same caller as "Bearer a", so it must not count as another.
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

// missing matches a request without the header, or with an empty one (AWS WAF Developer Guide, Rate limit the requests
// that are missing a specific header).
func missing(header string) object {
	return object{"not_statement": object{"statement": []object{{"size_constraint_statement": object{
		"field_to_match":      object{"single_header": object{"name": header}},
		"comparison_operator": "GT",
		"size":                0,
		"text_transformation": transformations("NONE"),
	}}}}}
}

// pathStatement matches a request for the path, however it is written: encoded, with other slashes, or in capitals. The
// backend may read it like that too, and CloudFront passes it on as it came.
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
	for _, of := range []struct {
		version string
		ranges  []string
	}{{"IPV4", v4}, {"IPV6", v6}} {
		if len(of.ranges) == 0 {
			continue
		}
		id := id + "-" + of.version
		set := wafv2ipset.NewWafv2IpSet(scope, jsii.String(id), &wafv2ipset.Wafv2IpSetConfig{
			Provider:         props.Provider,
			Name:             jsii.String(props.Stack + "-" + id),
			Scope:            jsii.String("CLOUDFRONT"),
			IpAddressVersion: jsii.String(of.version),
			Addresses:        jsii.Strings(of.ranges...),
			Lifecycle:        createBeforeDestroy(),
		})
		sets = append(sets, ipSet{ID: id, ARN: *set.Arn()})
	}
	return sets
}

// firewallLogDays is how long logged requests are kept; CloudWatch Logs accepts only certain numbers.
const firewallLogDays = 90

type firewallLogProps struct {
	WebACLARN string
	Redacted  []string // headers
	Stack     string
	Provider  cdktf.TerraformProvider
}

// newFirewallLog keeps a log of the requests that the firewall blocks or counts. AWS WAF requires the prefix of the
// group's name (AWS WAF Developer Guide, CloudWatch Logs).
func newFirewallLog(scope constructs.Construct, id string, props firewallLogProps) {
	group := rename(cloudwatchloggroup.NewCloudwatchLogGroup(scope, jsii.String(id+"-log"),
		&cloudwatchloggroup.CloudwatchLogGroupConfig{
			Provider:        props.Provider,
			Name:            jsii.String("aws-waf-logs-" + props.Stack),
			RetentionInDays: jsii.Number(firewallLogDays),
		}), id)
	rename(waflogging.NewWafv2WebAclLoggingConfiguration(scope, jsii.String(id+"-logging"),
		&waflogging.Wafv2WebAclLoggingConfigurationConfig{
			Provider:              props.Provider,
			ResourceArn:           jsii.String(props.WebACLARN),
			LogDestinationConfigs: jsii.Strings(*group.Arn()),
			RedactedFields:        redactedFields(props.Redacted),
			LoggingFilter: &waflogging.Wafv2WebAclLoggingConfigurationLoggingFilter{
				DefaultBehavior: jsii.String("DROP"),
				Filter: []*waflogging.Wafv2WebAclLoggingConfigurationLoggingFilterFilter{{
					Behavior:    jsii.String("KEEP"),
					Requirement: jsii.String("MEETS_ANY"),
					// A managed rule that is overridden to count is EXCLUDED_AS_COUNT (AWS WAF API Reference,
					// ActionCondition).
					Condition: actionConditions("BLOCK", "COUNT", "EXCLUDED_AS_COUNT"),
				}},
			},
		}), id)
}

// actionConditions are met by a request that a rule with one of these actions matched.
func actionConditions(names ...string) []*waflogging.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition {
	var conditions []*waflogging.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition
	for _, name := range names {
		conditions = append(conditions, &waflogging.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition{
			ActionCondition: &waflogging.Wafv2WebAclLoggingConfigurationLoggingFilterFilterConditionActionCondition{
				Action: jsii.String(name),
			},
		})
	}
	return conditions
}

// redactedFields keep what the web ACL protects out of the log, even if somebody removes its data protection.
func redactedFields(headers []string) []*waflogging.Wafv2WebAclLoggingConfigurationRedactedFields {
	fields := []*waflogging.Wafv2WebAclLoggingConfigurationRedactedFields{{
		QueryString: &waflogging.Wafv2WebAclLoggingConfigurationRedactedFieldsQueryString{},
	}}
	for _, header := range headers {
		fields = append(fields, &waflogging.Wafv2WebAclLoggingConfigurationRedactedFields{
			SingleHeader: &waflogging.Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader{
				Name: jsii.String(header),
			},
		})
	}
	return fields
}

// credentialHeaders let a caller in. AWS WAF takes them in lower case.
var credentialHeaders = []string{"authorization", "cookie", "x-api-key", "x-origin-verify"}

// protectedHeaders returns the headers that AWS WAF must not store: they let a caller in, or tell who it is. The
// environment's own are those of limits, which may be empty, and of API keys.
func protectedHeaders(own []string) []string {
	headers := slices.Clone(credentialHeaders)
	for _, header := range own {
		if header != "" && !slices.Contains(headers, header) {
			headers = append(headers, header)
		}
	}
	return headers
}

// dataProtection keeps credentials and prompts out of all that AWS WAF stores of a request: its samples and its log. A
// signed URL is known by its query string (AWS WAF API Reference, DataProtectionConfig). This also holds for the values
// that a rate-based rule counts by (AWS WAF Developer Guide, Data protection exceptions).
func dataProtection(headers []string) *webacl.Wafv2WebAclDataProtectionConfig {
	return &webacl.Wafv2WebAclDataProtectionConfig{DataProtection: []*webacl.Wafv2WebAclDataProtectionConfigDataProtection{
		substituted("SINGLE_HEADER", headers...),
		substituted("QUERY_STRING"),
		substituted("BODY"),
	}}
}

// substituted replaces a part of requests by REDACTED; without keys all of it.
func substituted(part string, keys ...string) *webacl.Wafv2WebAclDataProtectionConfigDataProtection {
	field := &webacl.Wafv2WebAclDataProtectionConfigDataProtectionField{FieldType: jsii.String(part)}
	if keys != nil {
		field.FieldKeys = jsii.Strings(keys...)
	}
	return &webacl.Wafv2WebAclDataProtectionConfigDataProtection{Action: jsii.String("SUBSTITUTION"), Field: field}
}
