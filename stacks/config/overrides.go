package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// overrides is the field that has them.
const overrides = "overrides"

// overridable is the address of a resource or a data source. Terraform's names begin with a letter or _ (Terraform
// Language, Configuration Syntax, Identifiers).
var overridable = regexp.MustCompile(`^(data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][A-Za-z0-9_-]*$`)

// sayable are the arguments of the distribution that fields of the configuration set.
var sayable = map[string]string{
	"aliases":                "domain.aliases",
	"comment":                "distribution.comment",
	"custom_error_response":  "distribution.errorCacheSeconds and routes",
	"default_root_object":    "distribution.defaultRootObject",
	"http_version":           "distribution.httpVersion",
	"is_ipv6_enabled":        "distribution.ipv6",
	"logging_config":         "logging",
	"ordered_cache_behavior": "routes",
	"origin":                 "api, backends, models and buckets",
	"origin_group":           "failover",
	"price_class":            "distribution.priceClass",
	"restrictions":           "distribution.geoRestriction",
	"viewer_certificate":     "domain and distribution.minimumTLSVersion",
	"web_acl_id":             "firewall",
}

const distributionAddress = "aws_cloudfront_distribution.edge"

// checkOverrides checks what can be known of them without the stack.
func checkOverrides(r *declare.Report, at declare.Path, all map[string]map[string]any) {
	for _, address := range slices.Sorted(maps.Keys(all)) {
		if len(all[address]) == 0 {
			r.Warn(ruleHasEffect, at.Field(address), "has no effect: it sets nothing")
		}
		checkOverriddenHeaders(r, at.Field(address), "", all[address])
		checkProtections(r, at.Field(address), address, "", all[address])
	}
	for _, argument := range slices.Sorted(maps.Keys(all[distributionAddress])) {
		if field := sayable[argument]; field != "" && gone(distributionAddress, argument, all[distributionAddress][argument]) == "" {
			r.Warn(ruleOverrideIsLast, at.Field(distributionAddress).Field(argument),
				"is set by %s: set it there, since rules, quotas and pricing plans don't see overrides", field)
		}
	}
}

// protections are arguments with which an override takes away what protects callers or files.
var protections = []struct {
	kind, argument string
	weak           func(value any) bool // whether the value takes it away
	gone           string
}{
	{"aws_cloudfront_distribution", "web_acl_id", empty, "no web ACL is in front: no list, limit or rule of firewall holds"},
	{"aws_cloudfront_distribution", "viewer_protocol_policy", among("allow-all"),
		"callers may use plain HTTP, in which everyone on the way reads their keys and prompts"},
	{"aws_cloudfront_distribution", "origin_protocol_policy", among("http-only", "match-viewer"),
		"CloudFront may speak plain HTTP to the origin, in which everyone on the way reads keys and prompts"},
	{"aws_cloudfront_distribution", "minimum_protocol_version", among("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016"),
		"callers may use versions of TLS that are broken"},
	{"aws_cloudfront_distribution", "trusted_key_groups", empty, "no signature is needed: everyone gets in"},
	{"aws_cloudfront_distribution", "function_association", empty, "no function runs: whatever it checks, such as api.keys and " +
		"allowed paths, isn't checked"},
	{"aws_cloudfront_distribution", "response_headers_policy_id", empty, "answers have no Strict-Transport-Security and no other " +
		"header of responseHeaders and cors"},
	{"aws_cloudfront_distribution", "origin_access_control_id", empty, "CloudFront doesn't sign requests, and the bucket or the " +
		"function refuses them unless everyone may read it"},
	{"aws_cloudfront_distribution", "s3_origin_config", empty, "CloudFront has no identity, and the bucket refuses it unless " +
		"everyone may read it"},
	{"aws_cloudfront_response_headers_policy", "security_headers_config", empty, "answers have no Strict-Transport-Security and " +
		"none of the other security headers"},
	{"aws_cloudfront_origin_access_control", "signing_behavior", among("never", "no-override"),
		"CloudFront doesn't sign all requests"},
	{"aws_wafv2_web_acl", "rule", always, "these are its only rules: all lists and limits of firewall are gone unless they are among " +
		"them"},
	{"aws_s3_bucket_public_access_block", "block_public_acls", off, publicBucket},
	{"aws_s3_bucket_public_access_block", "block_public_policy", off, publicBucket},
	{"aws_s3_bucket_public_access_block", "ignore_public_acls", off, publicBucket},
	{"aws_s3_bucket_public_access_block", "restrict_public_buckets", off, publicBucket},
	{"aws_s3_bucket_policy", "policy", always, "it replaces the policy that lets only CloudFront read, and only over HTTPS"},
	{"aws_lambda_function_url", "authorization_type", among("NONE"), "everyone can call the function past the edge"},
}

const publicBucket = "nothing keeps the bucket from being made public"

func always(any) bool { return true }

func off(value any) bool { return value == nil || value == false }

func empty(value any) bool {
	list, isList := value.([]any)
	return value == nil || value == "" || isList && len(list) == 0
}

func among(values ...string) func(any) bool {
	return func(value any) bool { text, _ := value.(string); return slices.Contains(values, text) }
}

// gone says what a value of an argument takes away; empty: nothing that is known.
func gone(address, argument string, value any) string {
	kind, _, _ := strings.Cut(address, ".")
	for _, p := range protections {
		if p.kind == kind && p.argument == argument && p.weak(value) {
			return p.gone
		}
	}
	return ""
}

// checkProtections warns of what an override takes away, wherever in a resource it stands. The value is that of an
// argument.
func checkProtections(r *declare.Report, at declare.Path, address, argument string, value any) {
	if lost := gone(address, argument, value); lost != "" {
		r.Warn(ruleOverrideProtects, at, "takes away a protection: %s", lost)
		return
	}
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			checkProtections(r, at.Index(i), address, "", item)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			checkProtections(r, at.Field(name), address, name, value[name])
		}
	}
}

// checkOverriddenHeaders refuses headers for origins with a key that stands in the file. The value is that of an
// argument.
func checkOverriddenHeaders(r *declare.Report, at declare.Path, argument string, value any) {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			checkOverriddenHeaders(r, at.Index(i), argument, item)
		}
	case map[string]any:
		name, _ := value["name"].(string)
		text, _ := value["value"].(string)
		if argument == "custom_header" && text != "" && !strings.Contains(text, "${") {
			Backend{}.checkSecret(r, at.Field("value"), name, text)
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			checkOverriddenHeaders(r, at.Field(name), name, value[name])
		}
	}
}

// Unfit is a problem of an override, which only the stack tells. The steps lead to a place below overrides: an address,
// and names of arguments.
func Unfit(class Class, environment, message string, steps ...any) Problem {
	return overrideProblem(class, environment, ruleOverrideFits, message, steps)
}

// Unprotected is a warning about what an override takes away, which only the stack tells. The steps are those of Unfit.
func Unprotected(environment, message string, steps ...any) Problem {
	return overrideProblem(Warning, environment, ruleOverrideProtects, message, steps)
}

// Unread is a warning about an argument, as a dotted path, that an override of the environment sets and that the model
// of the edge can't read.
func (e Environment) Unread(environment, address, argument string) Problem {
	steps := []any{address}
	var value any = e.Overrides[address]
	for name := range strings.SplitSeq(argument, ".") {
		object, _ := value.(map[string]any)
		if value = object[name]; value == nil {
			break // it is an item of a list, or a default
		}
		steps = append(steps, name)
	}
	return overrideProblem(Warning, environment, ruleOverrideUnread,
		"sets "+argument+", which the model of the edge doesn't read: explain, expect, serve and verify go on as if it weren't set",
		steps)
}

func overrideProblem(class Class, environment string, rule *declare.Rule, message string, steps []any) Problem {
	at := declare.Path{environments, environment, overrides}.Join(steps)
	return Problem{Path: at.String(), Rule: rule.ID, Class: class, Message: message, At: at}
}
