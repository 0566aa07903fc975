package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
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
	r.domain(ruleO2, nil, text, false)
	return text != "" && len(r.problems) == 0
}

// checkOriginDomain refuses, beyond what is no domain, the S3 endpoints that don't speak TLS or don't suit an origin.
func checkOriginDomain(r *report, at path, name string) {
	r.domain(ruleO2, at, name, false)
	if strings.HasSuffix(name, ".amazonaws.com") && (strings.Contains(name, ".s3-website") || strings.Contains(name, ".s3-accelerate.")) {
		r.must(ruleO2, at, "must not be an S3 website or accelerate endpoint, got %q", name)
	}
}

// loadBalancerName is the name that Elastic Load Balancing gives: of an application or classic load balancer, or of a
// network load balancer, in front of its Region.
var loadBalancerName = regexp.MustCompile(`(?i)\.elb\.([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$`)

// uncertified are other names of AWS's for which their users get no certificate, and what these are; those of API Gateway,
// Lambda, S3, App Runner and CloudFront come with one.
var uncertified = []struct {
	name *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`(?i)\.compute(-\d)?\.amazonaws\.com(\.cn)?$`), "an EC2 instance"},
	{regexp.MustCompile(`(?i)\.elasticbeanstalk\.com(\.cn)?$`), "an Elastic Beanstalk environment"},
	{regexp.MustCompile(`(?i)\.awsglobalaccelerator\.com$`), "an accelerator of Global Accelerator"},
	{regexp.MustCompile(`(?i)\.eks\.amazonaws\.com(\.cn)?$`), "an EKS cluster, whose certificate is its own"},
	{regexp.MustCompile(`(?i)\.(rds|docdb|neptune|redshift|cache|memorydb|es|aoss)(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$`), "a database, cache or search domain"},
}

// unreachable are names at which CloudFront finds nothing, since they lead into a VPC, and what these are.
var unreachable = []struct {
	name *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`(?i)^(.+\.)?internal-[^.]+(\.[a-z0-9-]+)?\.elb(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$`), "an internal load balancer"},
	{regexp.MustCompile(`(?i)\.vpce\.amazonaws\.com(\.cn)?$`), "a VPC endpoint"},
	{regexp.MustCompile(`(?i)\.vpc-lattice-svcs\.[a-z0-9-]+\.on\.aws$`), "a VPC Lattice service"},
}

// privateName reports whether a name is of no top-level domain of the public DNS, or of home.arpa.
func privateName(name string) bool {
	suffix, icann := publicsuffix.PublicSuffix(strings.ToLower(name))
	return !icann && !strings.Contains(suffix, ".") || suffix == "home.arpa" || suffix == "onion"
}

// checkReached warns of a name that leads nowhere on the internet, from which CloudFront and Route 53 reach a backend.
func checkReached(r *report, at path, name string) {
	for _, u := range unreachable {
		if u.name.MatchString(name) {
			r.warn(ruleO17, at, "is the name of %s, %q, which nothing reaches from the internet; give a public one, or reach a private load balancer or instance through api.vpcOrigin", u.what, name)
			return
		}
	}
	if isDomain(name) && privateName(name) {
		r.warn(ruleO17, at, "is no name of the public DNS, %q, in which it is looked up; give a public one, or reach a private load balancer or instance through api.vpcOrigin", name)
	}
}

// checkCertified holds a name that CloudFront connects to by TLS to be one that a public certificate can have, and reports
// whether it is. hint says what else there is for a private load balancer.
func checkCertified(r *report, at path, name, hint string) bool {
	if loadBalancerName.MatchString(name) {
		r.must(ruleO17, at, "must be a name of your own for which the load balancer has a certificate, got the load balancer's own, %q: no public certificate has it, "+
			"and every call would be answered 502%s", name, hint)
		return false
	}
	for _, u := range uncertified {
		if u.name.MatchString(name) {
			r.warn(ruleO17, at, "is the name of %s, %q: no public certificate has it, and every call will be answered 502; give a name of your own for which the backend has a certificate", u.what, name)
			return false
		}
	}
	return true
}
