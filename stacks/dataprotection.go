package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webacl"
)

// credentialHeaders are those that let a caller in. AWS WAF takes them in lower case.
var credentialHeaders = []string{"authorization", "cookie", "x-api-key", "x-origin-verify"}

// dataProtection keeps credentials and prompts out of all that AWS WAF stores of a request: its samples and its log. A
// signed URL is known by its query string (AWS WAF API Reference, DataProtectionConfig).
func dataProtection() *wafv2webacl.Wafv2WebAclDataProtectionConfig {
	return &wafv2webacl.Wafv2WebAclDataProtectionConfig{DataProtection: []*wafv2webacl.Wafv2WebAclDataProtectionConfigDataProtection{
		substituted("SINGLE_HEADER", credentialHeaders...),
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
