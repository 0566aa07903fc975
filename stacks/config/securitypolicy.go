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

// policyKeywords are what such a policy has in quotes, but for nonces and hashes (the same pages; W3C, Trusted Types;
// WICG, Speculation Rules).
var policyKeywords = strings.Fields("'self' 'none' 'unsafe-inline' 'unsafe-eval' 'unsafe-hashes' 'strict-dynamic' 'wasm-unsafe-eval' " +
	"'report-sample' 'report-sha256' 'report-sha384' 'report-sha512' 'inline-speculation-rules' 'trusted-types-eval' " +
	"'allow-duplicates' 'script'")

// longName is longer than what somebody misspells.
const longName = 60

var (
	// bareKeyword is a keyword that browsers take for a host unless it is in quotes.
	bareKeyword = regexp.MustCompile(`^(?i:self|none|unsafe-inline|unsafe-eval|unsafe-hashes|strict-dynamic|wasm-unsafe-eval|report-sample|` +
		`nonce-.+|sha(?:256|384|512)-.+)$`)
	quotedHash  = regexp.MustCompile(`^'(?i:sha(?:256|384|512)-).+'$`)
	quotedNonce = regexp.MustCompile(`^'(?i:nonce-).+'$`)
	// curlyQuotes are what word processors make of quotes.
	curlyQuotes = strings.NewReplacer("‘", "'", "’", "'", "“", "'", "”", "'")
)

// checkSecurityPolicy warns of what browsers ignore in a content security policy, or read differently.
func checkSecurityPolicy(r *declare.Report, at declare.Path, policy string) {
	straight := curlyQuotes.Replace(policy)
	if straight != policy {
		r.Warn(ruleHasEffect, at, "has curly quotes, which browsers don't take for quotes: write ' for each")
	} else {
		checkASCII(r, ruleResponseHeaders, at, policy)
	}
	had := map[string]bool{}
	for directive := range strings.SplitSeq(straight, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if !slices.Contains(policyDirectives, name) && len(name) < longName {
			r.Warn(ruleHasEffect, at, "has a directive %q, which browsers don't know and ignore%s", words[0],
				declare.Suggestion(name, policyDirectives))
		} else if had[name] {
			r.Warn(ruleHasEffect, at, "has %s twice: browsers use the first and ignore the other", name)
		}
		had[name] = true
		for _, source := range words[1:] {
			checkSource(r, at, name, source)
		}
	}
}

// checkSource warns of a source in a directive that browsers take for something else.
func checkSource(r *declare.Report, at declare.Path, directive, source string) {
	bare := strings.Trim(source, `'"`)
	switch {
	case bareKeyword.MatchString(source):
		r.Warn(ruleHasEffect, at, "has %s without quotes, which browsers take for a host: write '%[1]s'", source)
	case quotedNonce.MatchString(source):
		r.Warn(ruleResponseHeaders, at, "has a nonce, which must be another in every answer, and here is the same in all: "+
			"use hashes, or let the backend send the policy")
	case strings.Contains(source, "-") && slices.Contains(policyDirectives, strings.ToLower(source)):
		r.Warn(ruleHasEffect, at, "has %s among the sources of %s: put a ; before it", source, directive)
	case !strings.ContainsAny(source, `'"`), quotedHash.MatchString(source), len(source) >= longName,
		slices.Contains(policyKeywords, strings.ToLower(source)):
	case strings.ContainsAny(bare, ".:/*"):
		r.Warn(ruleHasEffect, at, "has %s in quotes, so browsers ignore it: write %s", source, bare)
	default:
		r.Warn(ruleHasEffect, at, "has %s, which browsers don't know and ignore%s", source,
			declare.Suggestion("'"+bare+"'", policyKeywords))
	}
}

// checkReportOnly checks a policy whose breaches browsers only report.
func checkReportOnly(r *declare.Report, at declare.Path, policy string) {
	checkSecurityPolicy(r, at, policy)
	for directive := range strings.SplitSeq(policy, ";") {
		if name, _, _ := strings.Cut(strings.TrimSpace(directive), " "); slices.Contains(reporting, strings.ToLower(name)) {
			return
		}
	}
	if policy != "" {
		r.Warn(ruleHasEffect, at, "has neither report-uri nor report-to: what it would block shows only in each visitor's console")
	}
}

// reporting are the directives that say where reports go.
var reporting = []string{"report-uri", "report-to"}
