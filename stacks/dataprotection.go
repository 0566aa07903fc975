package stacks

import (
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"
)

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
