package config

import (
	"net/netip"
	"slices"
	"strings"
)

var (
	bucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	bucketSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"}
)

// checkBucket holds a bucket name to S3's rules; a dot is legal there, but breaks TLS to the bucket.
func checkBucket(r *report, at path, name string) {
	if _, err := netip.ParseAddr(name); err == nil {
		r.must(ruleN1, at, "must not be an IP address, got %q", name)
	} else if strings.Contains(name, ".") {
		r.must(ruleN1, at, "must not have a dot, which breaks TLS to the bucket, got %q", name)
	}
	for _, prefix := range bucketPrefixes {
		if strings.HasPrefix(name, prefix) {
			r.must(ruleN1, at, "must not begin with %q, got %q", prefix, name)
		}
	}
	for _, suffix := range bucketSuffixes {
		if strings.HasSuffix(name, suffix) {
			r.must(ruleN1, at, "must not end with %q, got %q", suffix, name)
		}
	}
}

// domain holds a text to be the name of a host and nothing more; an alias is in lower case, and may begin with "*.".
func (r *report) domain(rule *Rule, at path, text string, alias bool) {
	bad := func(what string) { r.must(rule, at, "must be a DNS name like api.example.com: %s, got %q", what, text) }
	name, stars := text, "without a wildcard"
	if alias {
		name, stars = strings.TrimPrefix(text, "*."), "* only as the whole first label"
	}
	switch _, err := netip.ParseAddr(name); {
	case text == "":
	case err == nil:
		bad("not an IP address")
	case strings.Contains(name, "://"):
		bad("without a scheme")
	case strings.Contains(name, "/"):
		bad("without a path")
	case strings.Contains(name, ":"):
		bad("without a port")
	case strings.Contains(name, "*"):
		bad(stars)
	case alias && strings.ToLower(name) != name:
		bad("in lower case")
	case !strings.Contains(name, "."):
		bad("with at least one dot")
	case slices.ContainsFunc(strings.Split(name, "."), func(label string) bool { return !domainLabel.MatchString(strings.ToLower(label)) }):
		bad("1 to 63 letters, digits and - between the dots, - neither first nor last")
	}
}

// isDomain reports whether a text is the name of a host.
func isDomain(text string) bool {
	r := &report{}
	r.domain(ruleO2, "", text, false)
	return text != "" && len(r.problems) == 0
}

// checkOriginDomain refuses, beyond what is no domain, the S3 endpoints that don't speak TLS or don't suit an origin.
func checkOriginDomain(r *report, at path, name string) {
	r.domain(ruleO2, at, name, false)
	if strings.HasSuffix(name, ".amazonaws.com") && (strings.Contains(name, ".s3-website") || strings.Contains(name, ".s3-accelerate.")) {
		r.must(ruleO2, at, "must not be an S3 website or accelerate endpoint, got %q", name)
	}
}
