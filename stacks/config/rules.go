package config

// Rule is one thing that must hold of a configuration.
type Rule struct {
	ID string
	// What breaking it is: one class, or several for a rule of several parts.
	Classes []Class
	// What must hold.
	Holds string
	// What AWS says otherwise; empty where the configuration would mean nothing.
	Otherwise string
	Source    Source
}

// Rules are all rules there are. The ids are those that problems carry.
var Rules = []Rule{
	{"S1", []Class{Hard}, "every field is one that exists", "", srcUs},
	{"S2", []Class{Hard}, "no field is written twice", "", srcUs},
	{"S3", []Class{Hard}, "every field has a value of its type", "", srcUs},
	{"S4", []Class{Hard}, "every required field is there", "", srcUs},
	{"T1", []Class{Hard}, "no text has `${` or `%{`", "Terraform evaluates it", srcTerraform},
	{"T2", []Class{Hard}, "no text has control characters", "InvalidArgument", srcAPI},
	{"T3", []Class{Hard}, "no text begins or ends with space", "InvalidArgument", srcAPI},

	{"N0", []Class{Hard}, "name and the names of environments have 2 to 25 and 1 to 16 of a-z, 0-9 and -, beginning with a letter; there is an environment, and none is called state", "", srcUs},
	{"N1", []Class{Hard}, "bucket names have 3 to 63 of a-z, 0-9 and -, no reserved prefix or suffix, and no dot", "InvalidBucketName", srcS3},
	{"N2", []Class{Hard}, "regions exist", "", srcRegions},
	{"N3", []Class{Hard}, "standard logs aren't delivered to an opt-in region", "AccessDenied", srcLogs},
	{"N4", []Class{Hard}, "account ids have 12 digits; ARNs are of the right service, region and account", "", srcARN},
	{"N5", []Class{Hard}, "no two environments share a bucket, and none has that of the state", "BucketAlreadyOwnedByYou", srcS3},
	{"N6", []Class{Hard, Quota}, "at most 50 tags, keys of 1 to 128 and values of at most 256 characters, no key beginning with aws:", "InvalidTagging", srcTags},

	{"O1", []Class{Hard}, "the API has a domainName", "", srcUs},
	{"O2", []Class{Hard}, "domains of origins are DNS names of at most 253 characters in lower case, not an IP address, not an S3 website or accelerate endpoint", "InvalidArgument", srcOrigin},
	{"O3", []Class{Warning}, "the placeholder domain is replaced", "502 for every call", srcUs},
	{"O4", []Class{Hard}, "the origin path begins with /, doesn't end with it, and has at most 255 characters", "InvalidArgument", srcOrigin},
	{"O5", []Class{Hard}, "the port is 443 or 1024 to 65535", "InvalidArgument", srcOrigin},
	{"O6", []Class{Hard}, "1 to 3 connection attempts of 1 to 10 seconds", "InvalidArgument", srcQuotas},
	{"O7", []Class{Hard, Quota}, "the read timeout is 1 to 120 seconds, or quotas.originReadTimeoutSeconds", "InvalidOriginReadTimeout", srcQuotas},
	{"O8", []Class{Hard, Quota}, "the keepalive timeout is 1 to 120 seconds", "InvalidOriginKeepaliveTimeout", srcQuotas},
	{"O9", []Class{Hard, Quota}, "at most 30 headers to the origin, names of at most 256 token characters, values of at most 1783, together at most 10240, none twice", "TooManyOriginCustomHeaders", srcQuotas},
	{"O10", []Class{Hard}, "no header to the origin is one that CloudFront sets or refuses", "InvalidArgument", srcHeaders},
	{"O15", []Class{Quota}, "at most 100 origins, or quotas.origins", "TooManyOrigins", srcQuotas},

	{"R1", []Class{Hard}, "path patterns have 1 to 255 of the allowed characters, begin with / or *, and aren't that of the default route", "InvalidArgument", srcBehavior},
	{"R2", []Class{Hard}, "no path pattern stands twice; a leading / makes no difference", "InvalidArgument", srcBehavior},
	{"R3", []Class{Warning}, "no path pattern is covered by an earlier one", "the route is never reached", srcBehavior},
	{"R4", []Class{Quota}, "at most 75 behaviors, or quotas.behaviors", "TooManyCacheBehaviors", srcQuotas},
	{"R5", []Class{Hard}, "0 <= minTTLSeconds <= defaultTTLSeconds <= maxTTLSeconds <= 31536000", "InvalidTTLOrder", srcAPI},
	{"R6", []Class{Hard}, "a cache keeps something: maxTTLSeconds is over 0", "InvalidArgument", srcAPI},
	{"R7", []Class{Hard, Quota}, "at most 10 key headers, none twice, none that CloudFront refuses", "InvalidArgument", srcRequests},
	{"R8", []Class{Warning}, "a cached route to the API has Authorization in its key", "one caller's answer reaches another", srcBehavior},
	{"R9", []Class{Warning}, "a cache with all cookies in its key has a short TTL", "it hardly ever hits", srcBehavior},
	{"R12", []Class{Hard}, "routes to the models only read", "MethodNotAllowed", srcUs},
	{"R13", []Class{Hard, Warning}, "names of cache policies have at most 128 characters; at most 20 cache policies in an account", "TooManyCachePolicies", srcQuotas},
	{"R14", []Class{Hard}, "no two cached routes make a cache policy of the same name", "CachePolicyAlreadyExists", srcAPI},
	{"R15", []Class{Warning}, "a cached route to the models has no Authorization in its key", "S3 refuses the request", srcOAI},
	{"R16", []Class{Hard}, "origin, methods, queryStrings and cookies are one of their choices", "", srcUs},

	{"D5", []Class{Hard}, "priceClass and httpVersion are one of CloudFront's", "InvalidArgument", srcAPI},
	{"D6", []Class{Hard}, "defaultRootObject has at most 255 path characters, the first not /", "InvalidDefaultRootObject", srcAPI},
	{"D7", []Class{Hard}, "geoRestriction has locations exactly if its type isn't none, each an existing country once", "InvalidLocationCode", srcISO},
	{"D8", []Class{Hard}, "the comment has at most 128 characters", "InvalidArgument", srcAPI},
	{"D9", []Class{Hard}, "errorCacheSeconds is 0 to 31536000", "InvalidErrorCode", srcAPI},

	{"L1", []Class{Hard}, "the log prefix has at most 256 characters, the first not /; logs are kept 1 to 3650 days", "InvalidArgument", srcLogs},
	{"M3", []Class{Hard, Warning}, "old versions of models are kept 1 to 3650 days; prod doesn't force its destruction", "", srcLifecycle},
	{"Q1", []Class{Hard}, "quotas are at least AWS's defaults", "", srcQuotas},
}
