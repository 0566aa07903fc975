package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Limit is what AWS allows of a number, or of the length of a text or list.
// A quota has a Default that AWS can raise; then Max is 0.
type Limit struct {
	Min, Max, Default int
	// AWS page that says so.
	Source Source
}

func (l Limit) holds(n int) bool { return n >= l.Min && n <= l.Max }

func (l Limit) String() string {
	if l.Min == 0 {
		return fmt.Sprintf("at most %d", l.Max)
	}
	return fmt.Sprintf("%d to %d", l.Min, l.Max)
}

// Source is a page of AWS's documentation, as read in 2026-11.
type Source string

// The pages that the limits and rules come from.
const (
	srcQuotas    Source = "CloudFront Developer Guide, Quotas"
	srcOrigin    Source = "CloudFront Developer Guide, Origin settings"
	srcBehavior  Source = "CloudFront Developer Guide, Cache behavior settings"
	srcHeaders   Source = "CloudFront Developer Guide, Add custom headers to origin requests"
	srcRequests  Source = "CloudFront Developer Guide, Request and response behavior for custom origins"
	srcLogs      Source = "CloudFront Developer Guide, Configure standard logging (legacy)"
	srcOAI       Source = "CloudFront Developer Guide, Restrict access to an Amazon S3 origin"
	srcAPI       Source = "CloudFront API Reference"
	srcS3        Source = "Amazon S3 User Guide, Bucket naming rules"
	srcLifecycle Source = "Amazon S3 User Guide, Lifecycle configuration"
	srcShield    Source = "CloudFront Developer Guide, Use Amazon CloudFront Origin Shield"
	srcVPC       Source = "CloudFront Developer Guide, Restrict access with VPC origins"
	srcFailover  Source = "CloudFront Developer Guide, Optimize high availability with origin failover"
	srcGRPC      Source = "CloudFront Developer Guide, Use gRPC with CloudFront distributions"
	srcAliases   Source = "CloudFront Developer Guide, Use custom URLs by adding alternate domain names"
	srcCORS      Source = "CloudFront Developer Guide, Understand response headers policies"
	srcSigners   Source = "CloudFront Developer Guide, Specify signers that can create signed URLs and signed cookies"
	srcFetch     Source = "Fetch Standard, CORS protocol and credentials"
	srcRoute53   Source = "Route 53 API Reference"
	srcWAF       Source = "AWS WAF API Reference"
	srcSecrets   Source = "Secrets Manager API Reference"
	srcMRK       Source = "Amazon S3 User Guide, Replicating encrypted objects"
	srcTags      Source = "Tagging AWS Resources User Guide, Tag naming limits"
	srcRegions   Source = "AWS Account Management Reference Guide, AWS Regions"
	srcARN       Source = "IAM User Guide, Amazon Resource Names"
	srcISO       Source = "ISO 3166-1 alpha-2"
	srcTerraform Source = "Terraform Language, Strings and Templates"
	srcUs        Source = "this project"
)

// Every number AWS sets for what a configuration can say.
var (
	connectionAttempts     = Limit{Min: 1, Max: 3, Source: srcQuotas}
	connectionTimeout      = Limit{Min: 1, Max: 10, Source: srcQuotas}
	originReadTimeout      = Limit{Min: 1, Default: 120, Source: srcQuotas}
	originKeepaliveTimeout = Limit{Min: 1, Default: 120, Source: srcQuotas}
	originPort             = Limit{Min: 1024, Max: 65535, Source: srcOrigin}
	originPathLength       = Limit{Max: 255, Source: srcOrigin}
	originHeaders          = Limit{Default: 30, Source: srcQuotas}
	originHeaderName       = Limit{Min: 1, Max: 256, Source: srcQuotas}
	originHeaderValue      = Limit{Max: 1783, Source: srcQuotas}
	originHeadersTotal     = Limit{Max: 10240, Source: srcQuotas}
	domainNameLength       = Limit{Min: 1, Max: 253, Source: srcOrigin}

	origins          = Limit{Min: 1, Default: 100, Source: srcQuotas}
	behaviors        = Limit{Min: 1, Default: 75, Source: srcQuotas}
	cachePolicies    = Limit{Default: 20, Source: srcQuotas}
	keyHeaders       = Limit{Default: 10, Source: srcQuotas}
	policyNameLength = Limit{Min: 1, Max: 128, Source: srcAPI}
	pathLength       = Limit{Min: 1, Max: 255, Source: srcBehavior}
	ttl              = Limit{Max: 31_536_000, Source: srcAPI}

	commentLength    = Limit{Max: 128, Source: srcAPI}
	rootObjectLength = Limit{Max: 255, Source: srcAPI}
	logPrefixLength  = Limit{Max: 256, Source: srcLogs}
	days             = Limit{Min: 1, Max: 3650, Source: srcUs}

	aliases      = Limit{Min: 1, Default: 100, Source: srcQuotas}
	keysPerGroup = Limit{Default: 5, Source: srcQuotas}

	healthPathLength = Limit{Min: 1, Max: 255, Source: srcRoute53}
	rateLimit        = Limit{Min: 10, Max: 2_000_000_000, Source: srcWAF}
	ipSetSize        = Limit{Max: 10_000, Source: srcWAF}

	bucketNameLength = Limit{Min: 3, Max: 63, Source: srcS3}
	tags             = Limit{Default: 50, Source: srcTags}
	tagKeyLength     = Limit{Min: 1, Max: 128, Source: srcTags}
	tagValueLength   = Limit{Max: 256, Source: srcTags}
)

// What may stand in a text.
var (
	projectName     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,24}$`)
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)
	accountID       = regexp.MustCompile(`^\d{12}$`)
	bucketName      = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*[a-z0-9]$`)
	domainLabel     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	headerName      = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	hostedZoneID    = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
	signerName      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	secretName      = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	pathCharacters  = regexp.MustCompile("^[A-Za-z0-9_.*$/~\"'@:+&?-]*$")
)

// The choices of fields that have some.
var (
	methodChoices      = []string{MethodsAll, MethodsRead}
	originChoices      = []string{OriginAPI, OriginModels}
	queryStringChoices = []string{"all", "none"}
	cookieChoices      = []string{"none", "all"}
	accessChoices      = []string{AccessIdentity, AccessControl}
	tlsVersions        = []string{"TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021"}
	grpcVersions       = []string{"http2", "http2and3"}
	corsMethods        = []string{"GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ALL"}
	priceClasses       = []string{"PriceClass_100", "PriceClass_200", "PriceClass_All"}
	httpVersions       = []string{"http1.1", "http2", "http3", "http2and3"}
	geoTypes           = []string{"none", "whitelist", "blacklist"}
)

// Regions of the aws partition that provider 5.x knows.
var regions = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
	"ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
	"ap-southeast-5", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2",
	"eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1",
	"me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// optInRegions have to be switched on in an account; CloudFront can't deliver standard logs to them.
var optInRegions = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
	"ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1",
	"me-south-1", "mx-central-1",
}

// shieldRegions are the regions of Origin Shield, as of 2023; a newer one is only warned of.
var shieldRegions = []string{
	"us-east-1", "us-east-2", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1",
	"ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2", "sa-east-1",
}

var (
	bucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	bucketSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// originHeaderDenied are headers that a distribution can't add to origin requests; lower-case, * ends a prefix.
var originHeaderDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since",
	"if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding",
	"upgrade", "via", "x-real-ip", "x-amz-*", "x-edge-*",
}

// keyHeaderDenied are headers that can't be part of a cache key; lower-case, * ends a prefix.
var keyHeaderDenied = []string{
	"accept-encoding", "cache-control", "connection", "content-length", "cookie", "host", "max-forwards", "pragma",
	"proxy-*", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "x-amz-cf-id", "x-edge-*",
	"x-forwarded-proto",
}

// denied tells whether a header stands in a list like those above.
func denied(list []string, header string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc(list, func(d string) bool {
		prefix, wild := strings.CutSuffix(d, "*")
		return d == header || wild && strings.HasPrefix(header, prefix)
	})
}

// countries are the officially assigned codes.
var countries = strings.Fields(`
	AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
	CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
	GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
	JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
	MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
	RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
	TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`)
