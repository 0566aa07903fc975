package stacks

import (
	"strconv"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"

	"ml-api-accelerator/stacks/config"
)

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
