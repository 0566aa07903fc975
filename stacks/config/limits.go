package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"golang.org/x/net/publicsuffix"

	"ml-api-accelerator/stacks/config/declare"
)

// Limits that several fields or rules share.
const (
	mostTTL      = 3_153_600_000 // 100 years (AWS CLI Reference, create-distribution, MinTTL)
	mostErrorTTL = 31_536_000    // a year
	mostPath     = 255
	mostDomain   = 253
	mostDaysKept = 3650
)

// What may stand in a text.
var (
	projectName     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,24}$`)
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)
	accountID       = regexp.MustCompile(`^\d{12}$`)
	bucketName      = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	tagKey          = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$`)
	tagValue        = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$`)
	domainLabel     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	headerName      = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	headerNameSized = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$")
	shortHeader     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	hostedZoneID    = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
	signerName      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	secretName      = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	securityGroupID = regexp.MustCompile(`^sg-([0-9a-f]{8}|[0-9a-f]{17})$`)
	pathCharacters  = regexp.MustCompile("^[A-Za-z0-9_.*$/~\"'@:+&?-]*$")
)

// What a text must do that holds one of these.
const (
	aHeaderName      = "have only letters, digits and !#$%&'*+-.^_`|~"
	aHeaderNameSized = "have a name of 1 to 256 letters, digits and !#$%&'*+-.^_`|~"
	onlyPathSigns    = "have only letters, digits and _ - . * $ / ~ \" ' @ : + & ?"
	aSecurityGroupID = "be the id of a security group, like sg-0123456789abcdef0"
	aBucketName      = "have 3 to 63 characters of a-z, 0-9 and -, with a letter or digit first and last"
	aTagKey          = "have a name of 1 to 128 letters, digits, spaces and _ . : / = + - @"
	aTagValue        = "have at most 256 letters, digits, spaces and _ . : / = + - @"
	beginsWithASlash = `begin with "/"`
)

// arnShape is what an ARN in some field must look like.
type arnShape struct {
	service  string
	resource *regexp.Regexp // the part after the account
	example  string
	region   string // required region; empty: any
	global   bool   // has no region
	managed  bool   // may be one of AWS's own, of no account
	named    string // what a name may stand for instead; empty: only an ARN will do
}

// EdgeRegion is where everything that belongs to CloudFront as a whole has to be.
const EdgeRegion = "us-east-1"

// functionQualifier finds the version or the alias in the ARN of a Lambda function.
var functionQualifier = regexp.MustCompile(`^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)$`)

const exampleKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-96ef-1234567890ab"

// stateKey is a key as Terraform's S3 backend takes it: a UUID of RFC 4122, or a multi-Region key. It refuses all
// others at init (terraform, internal/backend/remote-state/s3/validate.go).
var stateKey = regexp.MustCompile(`^key/(mrk-[0-9a-f]{32}|` +
	`[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$`)

var (
	roleARN = arnShape{service: "iam", resource: regexp.MustCompile(`^role/.+$`), global: true,
		example: "arn:aws:iam::111122223333:role/deploy"}
	policyARN = arnShape{service: "iam", resource: regexp.MustCompile(`^policy/.+$`), global: true, managed: true,
		example: "arn:aws:iam::111122223333:policy/boundary"}
	certificateARN = arnShape{service: "acm", resource: regexp.MustCompile(`^certificate/.+$`), region: EdgeRegion,
		example: "arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"}
	webACLARN = arnShape{service: "wafv2", resource: regexp.MustCompile(`^global/webacl/[^/]+/[^/]+$`),
		region:  EdgeRegion,
		example: "arn:aws:wafv2:us-east-1:111122223333:global/webacl/name/1234abcd-12ab-34cd-56ef-1234567890ab",
	}
	secretARN = arnShape{service: "secretsmanager", resource: regexp.MustCompile(`^secret:[A-Za-z0-9/_+=.@!-]+$`),
		named:   "a secret in Secrets Manager, like ml-api/prod/origin-verify",
		example: "arn:aws:secretsmanager:us-east-1:111122223333:secret:origin-verify-AbCdEf"}
	loadBalancerARN = arnShape{service: "elasticloadbalancing",
		resource: regexp.MustCompile(`^loadbalancer/(app|net)/.+$`),
		example:  "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/name/1234567890abcdef"}
	instanceARN = arnShape{service: "ec2", resource: regexp.MustCompile(`^instance/.+$`),
		example: "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"}
	listenerARN = arnShape{service: "elasticloadbalancing",
		resource: regexp.MustCompile(`^listener/(app|net)/[^/]+/[^/]+/[^/]+$`),
		example:  "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/name/1234567890abcdef/1234567890abcdef"}
	functionARN = arnShape{service: "lambda", resource: regexp.MustCompile(`^function:[A-Za-z0-9_-]{1,64}$`),
		example: "arn:aws:lambda:us-east-1:111122223333:function:chat"}
	topicARN = arnShape{service: "sns", resource: regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}(\.fifo)?$`),
		example: "arn:aws:sns:us-east-1:111122223333:alarms"}
	keyARN      = arnShape{service: "kms", resource: regexp.MustCompile(`^key/.+$`), example: exampleKey}
	stateKeyARN = arnShape{service: "kms", resource: stateKey, example: exampleKey}
)

// in returns the shape of an ARN that must lie in one region.
func (s arnShape) in(region string) arnShape {
	s.region = region
	return s
}

// checkARN holds a text to an ARN of some shape and, where one is given, to an account.
func checkARN(r *declare.Report, rule *declare.Rule, at declare.Path, text string, shape arnShape, account string) {
	got, err := arn.Parse(text)
	if err == nil && (got.Partition == "aws-us-gov" || got.Partition == "aws-cn") {
		r.Must(rule, at, "must be of the partition aws (GovCloud and China are not supported), got %s", shown(text))
		return
	}
	like := "an ARN like " + shape.example
	if shape.named != "" {
		like = "the name of " + shape.named + ", or its ARN, like " + shape.example
	}
	managed := shape.managed && got.AccountID == "aws"
	if err != nil || got.Partition != "aws" || got.Service != shape.service || !managed &&
		!accountID.MatchString(got.AccountID) ||
		!shape.resource.MatchString(got.Resource) {
		r.Must(rule, at, "must be %s, got %s%s", like, shown(text), arnMeant(text, got, shape))
		return
	}
	if shape.global && got.Region != "" || !shape.global && got.Region == "" {
		r.Must(rule, at, "must be %s, got %s", like, shown(text))
	} else if shape.region != "" && got.Region != shape.region {
		r.Must(rule, at, "must be in %s, got %q", shape.region, got.Region)
	}
	switch {
	case account != "" && !managed && got.AccountID != account:
		r.Must(rule, at, "must be in account %s (account.id), got %s", account, got.AccountID)
	case exampleAccount(got.AccountID):
		r.Warn(rulePlaceholderDomain, at,
			"is a placeholder, in account %s, which is only for examples: replace it with one of your own", got.AccountID)
	case exampleResource.MatchString(got.Resource):
		r.Warn(rulePlaceholderDomain, at, "is a placeholder, with an id of AWS's documentation: replace it with one of your own")
	}
}

var (
	bucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	bucketSuffixes = []string{accessPointSuffix, "--ol-s3", ".mrap", "--x-s3", "--table-s3", accountSuffix}
)

// accountSuffix ends the name of a bucket in the namespace of one account and region, which Terraform can't make.
const accountSuffix = "-an"

// checkBucket holds the name of a bucket to S3's rules, which one that is there already may be named by. A dot is legal,
// but breaks TLS to the bucket.
func checkBucket(r *declare.Report, at declare.Path, name string, there bool) {
	for _, prefix := range bucketPrefixes {
		if strings.HasPrefix(name, prefix) {
			r.Must(ruleBucketName, at, "must not begin with %q, which S3 reserves, got %q", prefix, name)
			return
		}
	}
	for _, suffix := range bucketSuffixes {
		if strings.HasSuffix(name, suffix) && (!there || suffix != accountSuffix) {
			why := "which S3 reserves"
			if there {
				why = "a kind that can't be read here: give a general purpose bucket, or with existing an access point's alias"
			}
			r.Must(ruleBucketName, at, "must not end with %q, %s, got %q", suffix, why, name)
			return
		}
	}
	if _, err := netip.ParseAddr(name); err == nil {
		r.Must(ruleBucketName, at, "must not be an IP address, got %q", name)
	} else if strings.Contains(name, ".") {
		r.Must(ruleBucketName, at, "must not have a dot, which breaks TLS to the bucket, got %q%s", name, bucketMeant(name))
	}
}

// checkDomain holds a text to be the name of a host and nothing more; an alias is in lower case, and may begin with
// "*.".
func checkDomain(r *declare.Report, rule *declare.Rule, at declare.Path, text string, alias bool) {
	if fault := domainFault(text, alias); fault != "" && text != "" {
		r.Must(rule, at, "must be a DNS name like api.example.com: %s, got %q%s", fault, text, domainMeant(text, alias))
	}
}

// domainFault says how a text isn't the name of a host.
func domainFault(text string, alias bool) string {
	name, stars := text, "without a wildcard"
	if alias {
		name, stars = strings.TrimPrefix(text, "*."), "* only as the whole first label"
	}
	switch _, err := netip.ParseAddr(name); {
	case err == nil:
		return "not an IP address"
	case strings.HasPrefix(name, "arn:"):
		return "not an ARN"
	case strings.Contains(name, "://"):
		return "without a scheme"
	case strings.Contains(name, "/"):
		return "without a path"
	case strings.Contains(name, ":"):
		return "without a port"
	case strings.Contains(name, "*"):
		return stars
	case alias && strings.ToLower(name) != name:
		return "in lower case"
	case !strings.Contains(name, "."):
		return "with at least one dot"
	case strings.HasSuffix(name, "."):
		return "without a dot at the end"
	case slices.ContainsFunc(strings.Split(strings.ToLower(name), "."), notLabel):
		return "1 to 63 letters, digits and - between the dots, - neither first nor last"
	}
	return ""
}

func notLabel(text string) bool { return !domainLabel.MatchString(text) }

// isDomain reports whether a text is the name of a host.
func isDomain(text string) bool { return domainFault(text, false) == "" }

// checkOriginDomain refuses, beyond what is no domain, the S3 endpoints that don't speak TLS or don't suit an origin,
// and warns of the others: CloudFront signs its requests to S3 only for the models.
func checkOriginDomain(r *declare.Report, at declare.Path, name string) {
	checkDomain(r, ruleOriginDomain, at, name, false)
	if strings.HasSuffix(name, ".amazonaws.com") && (strings.Contains(name, ".s3-website") || strings.Contains(name,
		".s3-accelerate.")) {
		r.Must(ruleOriginDomain, at, "must not be an S3 website or accelerate endpoint, got %q", name)
	} else if bucketHost.MatchString(name) {
		r.Warn(ruleBackendName, at,
			"belongs to S3, %q, which answers 403 for everything that isn't public: buckets belong in models, which makes a "+
				"private one and lets CloudFront read it", name)
	}
}

// bucketHost is the name of S3 or of a bucket in it (Amazon S3 API Reference, Making requests using the REST API).
var bucketHost = regexp.MustCompile(
	`(?i)(^|\.)s3([.-](dualstack\.|fips\.|accesspoint\.)*[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$`)

// loadBalancerName is the name that Elastic Load Balancing gives: of an application or classic load balancer, or of a
// network load balancer, in front of its Region.
var loadBalancerName = regexp.MustCompile(`(?i)\.elb\.([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$`)

// uncertified are other names of AWS's for which their users get no certificate, and what these are; those of API
// Gateway, Lambda, S3, App Runner and CloudFront come with one.
var uncertified = []struct {
	name *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`(?i)\.compute(-\d)?\.amazonaws\.com(\.cn)?$`), "an EC2 instance"},
	{regexp.MustCompile(`(?i)\.elasticbeanstalk\.com(\.cn)?$`), "an Elastic Beanstalk environment"},
	{regexp.MustCompile(`(?i)\.awsglobalaccelerator\.com$`), "an accelerator of Global Accelerator"},
	{regexp.MustCompile(`(?i)\.eks\.amazonaws\.com(\.cn)?$`), "an EKS cluster, whose certificate is its own"},
	{regexp.MustCompile(`(?i)\.(rds|docdb|neptune|redshift|cache|memorydb|es|aoss)` +
		`(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$`),
		"a database, cache or search domain"},
}

// unreachable are names at which CloudFront finds nothing, since they lead into a VPC, and what these are.
var unreachable = []struct {
	name *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`(?i)^(.+\.)?internal-[^.]+(\.[a-z0-9-]+)?\.elb(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$`),
		"an internal load balancer"},
	{regexp.MustCompile(`(?i)\.vpce\.amazonaws\.com(\.cn)?$`), "a VPC endpoint"},
	{regexp.MustCompile(`(?i)\.vpc-lattice-svcs\.[a-z0-9-]+\.on\.aws$`), "a VPC Lattice service"},
}

// ofDistribution is the name that CloudFront gives a distribution.
var ofDistribution = regexp.MustCompile(`(?i)\.cloudfront\.net$`)

// privateName reports whether a name is of no top-level domain of the public DNS, or of home.arpa.
func privateName(name string) bool {
	suffix, icann := publicsuffix.PublicSuffix(strings.ToLower(name))
	return !icann && !strings.Contains(suffix, ".") || suffix == "home.arpa" || suffix == "onion"
}

// checkReached warns of a name that leads nowhere on the internet, from which CloudFront and Route 53 reach a backend.
func checkReached(r *declare.Report, at declare.Path, name string) {
	for _, u := range unreachable {
		if u.name.MatchString(name) {
			r.Warn(ruleBackendName, at,
				"is the name of %s, %q, which can't be reached from the internet; give a public one, or reach a private load "+
					"balancer or instance through api.vpcOrigin", u.what, name)
			return
		}
	}
	if ofDistribution.MatchString(name) {
		r.Warn(ruleBackendName, at, "is the name of a CloudFront distribution, %q: if it is this one's own, which the outputs "+
			"have, requests go in a circle until they fail; give the backend's own name", name)
	}
	if isDomain(name) && privateName(name) {
		r.Warn(ruleBackendName, at,
			"isn't a public DNS name, %q, so CloudFront can't resolve it; give a public one, or reach a private load "+
				"balancer or instance through api.vpcOrigin", name)
	}
}

// checkCertified holds a name that CloudFront connects to by TLS to be one that a public certificate can have, and
// reports whether it is. hint says what else there is for a private load balancer.
func checkCertified(r *declare.Report, at declare.Path, name, hint string) bool {
	if loadBalancerName.MatchString(name) {
		r.Must(ruleBackendName, at,
			"must be a name of yours for which the load balancer has a certificate, got the load balancer's own, "+
				"%q: no public certificate covers it, "+
				"and every call would be answered 502%s", name, hint)
		return false
	}
	for _, u := range uncertified {
		if u.name.MatchString(name) {
			r.Warn(ruleBackendName, at,
				"is the name of %s, %q: no public certificate covers it, and every call will be answered 502; give a name of "+
					"yours for which the backend has a certificate", u.what, name)
			return false
		}
	}
	return true
}

// overQuota holds a number to a quota that the field raisedBy of quotas raises; with none it can't be raised here.
func overQuota(r *declare.Report, rule *declare.Rule, at declare.Path, n, quota int, unit, raisedBy string) {
	if raisedBy != "" {
		r.Count(raisedBy, n)
	}
	if n <= quota {
		return
	}
	verb, hint := "have", ""
	if unit == "" {
		verb = "be"
	}
	if raisedBy != "" {
		hint = "; if AWS raised this quota for you, say so in quotas." + raisedBy
	}
	r.Add(Quota, rule, at, "must %s at most %d%s, got %d%s", verb, quota, unit, n, hint)
}

// repeated returns the indexes of the items that an earlier one equals once both are folded.
func repeated(items []string, fold func(string) string) []int {
	var again []int
	seen := map[string]bool{}
	for i, item := range items {
		if seen[fold(item)] {
			again = append(again, i)
		}
		seen[fold(item)] = true
	}
	return again
}

// exactly folds nothing.
func exactly(s string) string { return s }

// Quotas are the AWS quotas a configuration is held to. The defaults are AWS's
// (CloudFront Developer Guide, Quotas; ACM User Guide, Quotas), as read on 2026-11-30.
type Quotas struct {
	OriginReadTimeoutSeconds      int
	OriginKeepaliveTimeoutSeconds int
	OriginCustomHeaders           int
	Behaviors                     int
	Origins                       int
	Aliases                       int
	CachePolicyHeaders            int
	OriginRequestPolicyHeaders    int
	KeyGroupKeys                  int
	CertificateNames              int
	CachePolicyQueryStrings       int
	CachePolicyCookies            int
	CachePolicies                 int
	OriginRequestPolicies         int
	ResponseHeadersPolicies       int
	PublicKeys                    int
	KeyGroups                     int
	KeyValueStores                int
	IPSets                        int
}

// Declare implements [declare.Section].
func (q *Quotas) Declare(f *declare.Fields) {
	quota(f, "originReadTimeoutSeconds", &q.OriginReadTimeoutSeconds, 120, "Largest api.readTimeoutSeconds.")
	f.Integer("originKeepaliveTimeoutSeconds", &q.OriginKeepaliveTimeoutSeconds, "Largest api.keepaliveTimeoutSeconds.").
		Default(keepaliveQuota).AtLeast(ruleQuotaMinimum, keepaliveOfAPI)
	quota(f, "originCustomHeaders", &q.OriginCustomHeaders, 30, "Headers in api.headers, plus one each for api.verifySecret and api.credential.secret.")
	quota(f, "behaviors", &q.Behaviors, 75, "Cache behaviors of a distribution, including the default one.")
	quota(f, "origins", &q.Origins, 100, "Origins of a distribution.")
	quota(f, "aliases", &q.Aliases, 100, "Aliases of a distribution.")
	quota(f, "cachePolicyHeaders", &q.CachePolicyHeaders, 10, "Headers in a cache key.")
	quota(f, "cachePolicyQueryStrings", &q.CachePolicyQueryStrings, 10, "Names in queryStrings of a cache.")
	quota(f, "cachePolicyCookies", &q.CachePolicyCookies, 10, "Names in cookies of a cache.")
	quota(f,
		"originRequestPolicyHeaders", &q.OriginRequestPolicyHeaders, 10,
		"Headers forwarded outside the cache key, including those of CORS.")
	quota(f, "keyGroupKeys", &q.KeyGroupKeys, 5, "Keys in models.signers.")
	quota(f, "certificateNames", &q.CertificateNames, 10, "Names in an ACM certificate.")
	quota(f, "cachePolicies", &q.CachePolicies, 20, "Cache policies of the account: one for each cache, and one for a page.")
	quota(f, "originRequestPolicies", &q.OriginRequestPolicies, 20,
		"Origin request policies of the account, one for each list of forwarded headers.")
	quota(f, "responseHeadersPolicies", &q.ResponseHeadersPolicies, 20,
		"Response headers policies of the account: one for each environment, and one for each different responseHeaders in it.")
	quota(f, "publicKeys", &q.PublicKeys, 10, "Public keys of the account, one for each signer.")
	quota(f, "keyGroups", &q.KeyGroups, 10, "Key groups of the account, one for each list of signers.")
	quota(f, "keyValueStores", &q.KeyValueStores, 200,
		"Key value stores of the account, one for each environment with api.keys or api.canary.")
	quota(f, "ipSets", &q.IPSets, 100,
		"IP sets of the account in us-east-1, one for each version of IP in allowedIPs, blockedIPs and those of routes and buckets.")
}

// AWS says two things about the keep-alive timeout: the Developer Guide's quotas 1 to 300 seconds, the API Reference
// (CustomOriginConfig, OriginKeepaliveTimeout) at most 120 unless AWS raises it.
const (
	keepaliveQuota = 300
	keepaliveOfAPI = 120
)

// quota declares one that AWS raises on request, and never lowers.
func quota(f *declare.Fields, name string, to *int, standard int, meaning string) {
	f.Integer(name, to, meaning).Default(standard).AtLeast(ruleQuotaMinimum, standard)
}

// shown is a text as a message about the name of a secret or an ARN shows it: a text that isn't one may be what should
// be secret.
func shown(text string) string {
	if strings.HasPrefix(text, "arn:") && !strings.ContainsFunc(text, unicode.IsSpace) || aliasName.MatchString(text) ||
		instanceID.MatchString(text) {
		return strconv.Quote(text)
	}
	return "something else (not shown, since it may be a secret)"
}
