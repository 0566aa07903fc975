package config

import (
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// policyDirectives are those of a content security policy that browsers know (W3C, Content Security Policy Level 3; MDN,
// Content-Security-Policy).
var policyDirectives = strings.Fields("base-uri block-all-mixed-content child-src connect-src default-src fenced-frame-src font-src " +
	"form-action frame-ancestors frame-src img-src manifest-src media-src object-src plugin-types prefetch-src report-to " +
	"report-uri require-trusted-types-for sandbox script-src script-src-attr script-src-elem style-src style-src-attr " +
	"style-src-elem trusted-types upgrade-insecure-requests worker-src")

// longName is longer than what somebody misspells.
const longName = 60

// bareKeyword is a keyword that browsers take for a host unless it is in quotes.
var bareKeyword = regexp.MustCompile(`^(?i:self|none|unsafe-inline|unsafe-eval|unsafe-hashes|strict-dynamic|wasm-unsafe-eval|report-sample|` +
	`nonce-.+|sha(?:256|384|512)-.+)$`)

// checkSecurityPolicy warns of what browsers pass over in a content security policy, or take for something else.
func checkSecurityPolicy(r *declare.Report, at declare.Path, policy string) {
	for directive := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		if name := strings.ToLower(words[0]); !slices.Contains(policyDirectives, name) && len(name) < longName {
			r.Warn(ruleHasEffect, at, "has a directive %q that browsers don't know, and pass over%s", words[0],
				declare.Suggestion(name, policyDirectives))
		}
		for _, source := range words[1:] {
			if bareKeyword.MatchString(source) {
				r.Warn(ruleHasEffect, at, "has %s without quotes, which browsers take for a host: write '%[1]s'", source)
			}
		}
	}
}
