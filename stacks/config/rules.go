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
	{"N1", []Class{Hard}, "bucket names have 3 to 63 of a-z, 0-9 and -, no reserved prefix or suffix, and no dot; name has no such prefix", "InvalidBucketName", srcS3},
	{"N2", []Class{Hard}, "regions exist, and that of the replica is another", "", srcRegions},
	{"N3", []Class{Hard}, "standard logs aren't delivered to an opt-in region", "AccessDenied", srcLogs},
	{"N4", []Class{Hard}, "account ids have 12 digits; ARNs are of the right service, region and account", "", srcARN},
	{"N5", []Class{Hard}, "no two environments share a bucket or an alias, and none has the bucket of the state", "BucketAlreadyOwnedByYou, CNAMEAlreadyExists", srcS3},
	{"N6", []Class{Hard, Quota}, "at most 50 tags, keys of 1 to 128 and values of at most 256 characters, no key beginning with aws:", "InvalidTagging", srcTags},

	{"O1", []Class{Hard}, "the API has exactly one of domainName, regions and vpcOrigin", "", srcUs},
	{"O2", []Class{Hard}, "domains of origins are DNS names of at most 253 characters in lower case, not an IP address, not an S3 website or accelerate endpoint", "InvalidArgument", srcOrigin},
	{"O3", []Class{Warning}, "the placeholder domain is replaced", "502 for every call", srcUs},
	{"O4", []Class{Hard}, "the origin path begins with /, doesn't end with it, and has at most 255 characters", "InvalidArgument", srcOrigin},
	{"O5", []Class{Hard}, "the port is 443 or 1024 to 65535", "InvalidArgument", srcOrigin},
	{"O6", []Class{Hard}, "1 to 3 connection attempts of 1 to 10 seconds", "InvalidArgument", srcQuotas},
	{"O7", []Class{Hard, Quota}, "the read timeout is 1 to 120 seconds, or quotas.originReadTimeoutSeconds", "InvalidOriginReadTimeout", srcQuotas},
	{"O8", []Class{Hard, Quota}, "the keepalive timeout is 1 to 120 seconds", "InvalidOriginKeepaliveTimeout", srcQuotas},
	{"O9", []Class{Hard, Quota}, "at most 30 headers to the origin with that of verifySecret, names of at most 256 token characters, values of at most 1783, together at most 10240, none twice", "TooManyOriginCustomHeaders", srcQuotas},
	{"O10", []Class{Hard}, "no header to the origin is one that CloudFront sets or refuses", "InvalidArgument", srcHeaders},
	{"O11", []Class{Hard}, "api.failover differs from the API; a route with failover needs it, and methods read", "AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with an origin group", srcFailover},
	{"O12", []Class{Warning}, "shieldRegion is a region of Origin Shield", "InvalidArgument", srcShield},
	{"O13", []Class{Hard}, "api.regions has at least 2 different regions, an originAlias, domain.hostedZoneId and health paths that begin with /", "InvalidChangeBatch", srcRoute53},
	{"O14", []Class{Hard}, "a VPC origin is an application or network load balancer or an instance of the region, without gRPC and failover", "InvalidArgument", srcVPC},
	{"O16", []Class{Hard}, "verifySecret is the name of a secret or its ARN, of the region", "ResourceNotFoundException", srcSecrets},
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
	{"R10", []Class{Hard}, "gRPC needs methods all, HTTP/2, and no cache", "InvalidArgument", srcGRPC},
	{"R11", []Class{Hard, Quota}, "signed needs models.signers; these have unique names and at most 5 public keys in PEM, RSA 2048 or ECDSA P-256", "InvalidArgument", srcSigners},
	{"R12", []Class{Hard}, "routes to the models only read, without gRPC and without the failover of the API", "MethodNotAllowed", srcUs},
	{"R13", []Class{Hard, Warning}, "names of cache policies have at most 128 characters; at most 20 cache policies in an account", "TooManyCachePolicies", srcQuotas},
	{"R14", []Class{Hard}, "no two cached routes make a cache policy of the same name", "CachePolicyAlreadyExists", srcAPI},
	{"R15", []Class{Warning}, "a cached route to the models has no Authorization in its key", "S3 refuses the request", srcOAI},
	{"R17", []Class{Warning}, "a route to the models is signed if models.signers is set", "everyone can read what it serves", srcUs},
	{"R16", []Class{Hard}, "origin, methods, queryStrings and cookies are one of their choices", "", srcUs},

	{"D1", []Class{Hard, Quota}, "aliases are DNS names in lower case, * only as the whole first label, none twice, at most 100 or quotas.aliases", "InvalidArgument", srcAliases},
	{"D2", []Class{Hard}, "aliases come with either hostedZoneId or certificateArn, and these with aliases", "InvalidViewerCertificate", srcAPI},
	{"D3", []Class{Hard}, "certificateArn is of ACM in us-east-1", "InvalidViewerCertificate", srcAPI},
	{"D4", []Class{Hard, Warning}, "minimumTLSVersion is TLSv1.2_2018, TLSv1.2_2019 or TLSv1.2_2021, and there are aliases it counts for", "InvalidArgument", srcAPI},
	{"D5", []Class{Hard}, "priceClass and httpVersion are one of CloudFront's", "InvalidArgument", srcAPI},
	{"D6", []Class{Hard}, "defaultRootObject has at most 255 path characters, the first not /", "InvalidDefaultRootObject", srcAPI},
	{"D7", []Class{Hard}, "geoRestriction has locations exactly if its type isn't none, each an existing country once", "InvalidLocationCode", srcISO},
	{"D8", []Class{Hard}, "the comment has at most 128 characters", "InvalidArgument", srcAPI},
	{"D9", []Class{Hard}, "errorCacheSeconds is 0 to 31536000", "InvalidErrorCode", srcAPI},
	{"D10", []Class{Hard}, "hostedZoneId is Z and 1 to 31 of A-Z and 0-9; originAlias is no alias", "NoSuchHostedZone", srcRoute53},

	{"C1", []Class{Hard}, "CORS origins are * or scheme://host[:port], methods CloudFront's or ALL alone, headers well-formed; these lists aren't empty; maxAgeSeconds is at least 0", "InvalidArgument", srcCORS},
	{"C2", []Class{Hard}, "allowCredentials goes with no *", "browsers refuse the answer", srcFetch},
	{"L1", []Class{Hard}, "the log prefix has at most 256 characters, the first not /; logs are kept 1 to 3650 days", "InvalidArgument", srcLogs},
	{"F1", []Class{Hard}, "webACLArn is a web ACL of scope CLOUDFRONT, and then the only field of firewall", "InvalidWebACLId", srcAPI},
	{"F2", []Class{Hard}, "requestsPer5Minutes is 10 to 2000000000", "WAFInvalidParameterException", srcWAF},
	{"F3", []Class{Hard, Quota}, "blockedIPs and allowedIPs are at most 10000 CIDR ranges each, not all addresses, without overlap", "WAFInvalidParameterException", srcWAF},
	{"M1", []Class{Hard}, "e-mail addresses parse and none stands twice; percentages are at most 100, milliseconds at least 1", "InvalidParameter", srcUs},
	{"M2", []Class{Hard}, "access is identity or control; kmsKeyArn needs control", "403 at run time", srcOAI},
	{"M3", []Class{Hard, Warning}, "old versions of models are kept 1 to 3650 days; prod doesn't force its destruction", "", srcLifecycle},
	{"M4", []Class{Hard}, "kmsKeyArn with replicaRegion is a multi-Region key", "objects aren't replicated", srcMRK},
	{"U1", []Class{Warning}, "what is set has an effect", "", srcUs},
	{"Q1", []Class{Hard}, "quotas are at least AWS's defaults", "", srcQuotas},
}
