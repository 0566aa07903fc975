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
		checkOverriddenHeaders(r, at.Field(address), "", all[address])
	}
	for _, argument := range slices.Sorted(maps.Keys(all[distributionAddress])) {
		if field := sayable[argument]; field != "" {
			r.Warn(ruleOverrideIsLast, at.Field(distributionAddress).Field(argument),
				"is what %s sets: use that instead, since rules, quotas and pricing plans don't see overrides", field)
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
		"sets "+argument+", which the model of the edge can't read: what it does to a request isn't known here", steps)
}

func overrideProblem(class Class, environment string, rule *declare.Rule, message string, steps []any) Problem {
	at := declare.Path{environments, environment, overrides}.Join(steps)
	return Problem{Path: at.String(), Rule: rule.ID, Class: class, Message: message, At: at}
}
