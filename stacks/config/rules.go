package config

import (
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Rules returns all rules there are: those of the engine, and then the ones below in the order they are declared.
func Rules() []*declare.Rule { return rules }

var rules = declare.Rules()

// rule declares one: what is declared is listed.
func rule(id, holds, otherwise string, source declare.Source, classes ...Class) *declare.Rule {
	r := &declare.Rule{ID: id, Holds: holds, Otherwise: otherwise, Source: source, Classes: classes}
	rules = append(rules, r)
	return r
}

var (
	ruleNoTerraformExpression = rule("T1", "no text has `${` or `%{`", "Terraform evaluates it", srcTerraform, Hard)
	ruleNoControlCharacters   = rule("T2", "no text has control characters", "InvalidArgument", srcAPI, Hard)
	ruleNoSpaceAround         = rule("T3", "no text begins or ends with space", "InvalidArgument", srcAPI, Hard)
	ruleNoInvisibleCharacters = rule("T4", "no text has characters that nobody sees, or that turn the order of others around", "a reviewer reads something else", srcUnicode, Hard)

	ruleEnvironmentNames = rule("N0", "the name and those of environments are short, of a-z, 0-9 and -; there is an environment, and none is called state", "", srcUs, Hard)
	ruleBucketName       = rule("N1", "bucket names are S3's, without a reserved prefix or suffix and without a dot; name has no such prefix", "InvalidBucketName", srcS3, Hard)
	ruleRegion           = rule("N2", "regions exist; that of the replica is another, and its retired one a third", "", srcRegions, Hard)
	ruleLogsRegion       = rule("N3", "version 1 of standard logs isn't delivered to an opt-in region", "AccessDenied", srcLogs, Hard)
	ruleARN              = rule("N4", "account ids have 12 digits; ARNs are of the right service, region and account", "", srcARN, Hard)
	ruleSharedNames      = rule("N5", "no two environments share a bucket, an alias or an originAlias, and none has the bucket of the state", "BucketAlreadyOwnedByYou, CNAMEAlreadyExists", srcS3, Hard)
	ruleTags             = rule("N6", "tags are such as all services here take; no key begins with aws: or is that of the stack; with api.regions there are few enough for a health check", "InvalidTagging", srcTags, Hard, Quota)
	rulePlanRoles        = rule("N7", "no role that plans is one that deploys or writes the state, of whatever environment", "every pull request could deploy", srcUs, Hard)
	ruleNamesApart       = rule("N8", "no environment is named so that another's deployer could change what it has, unless they name different accounts", "", srcUs, Hard)

	ruleOneBackend        = rule("O1", "the API has exactly one of domainName, regions and vpcOrigin", "", srcUs, Hard)
	ruleOriginDomain      = rule("O2", "domains of origins are DNS names, not an IP address, not an S3 website or accelerate endpoint", "InvalidArgument", srcOrigin, Hard)
	rulePlaceholderDomain = rule("O3", "placeholders are replaced: names at or below example.com, example.net and example.org, and what the shipped cdktf.json has for names and ids of your own", "502 for every call", srcUs, Warning)
	ruleOriginPath        = rule("O4", "the origin path begins with / and doesn't end with it", "InvalidArgument", srcOrigin, Hard)
	ruleOriginPort        = rule("O5", "the port is one that CloudFront connects to, and that speaks TLS", "InvalidArgument", srcOrigin, Hard, Warning)
	ruleConnection        = rule("O6", "connection attempts and their timeout are within CloudFront's range", "InvalidArgument", srcQuotas, Hard)
	ruleReadTimeout       = rule("O7", "the read timeout is at least 1 second and within quotas.originReadTimeoutSeconds", "InvalidOriginReadTimeout", srcQuotas, Hard, Quota)
	ruleKeepaliveTimeout  = rule("O8", "the keepalive timeout is at least 1 second and within quotas.originKeepaliveTimeoutSeconds", "InvalidOriginKeepaliveTimeout", srcQuotas, Hard, Quota, Warning)
	ruleOriginHeaders     = rule("O9", "headers to the origin, with that of verifySecret, are within quotas.originCustomHeaders, of token characters, none twice, names and values not too long", "TooManyOriginCustomHeaders", srcQuotas, Hard, Quota)
	ruleOriginHeaderNames = rule("O10", "no header to the origin is one that CloudFront sets or refuses", "InvalidArgument", srcHeaders, Hard)
	ruleFailover          = rule("O11", "api.failover differs from the API; a route with failover needs it, and methods read", "AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with an origin group", srcFailover, Hard)
	ruleOriginShield      = rule("O12", "shieldRegion is a region of Origin Shield, and there are no api.regions", "InvalidArgument", srcShield, Warning)
	ruleOriginRegions     = rule("O13", "api.regions has at least 2 different regions, an originAlias, domain.hostedZoneId and health paths that begin with /, which answer without verifySecret", "InvalidChangeBatch", srcRoute53, Hard, Warning)
	ruleVPCOrigin         = rule("O14", "a VPC origin is an application or network load balancer or an instance, without gRPC; failover from it is not documented", "InvalidArgument", srcVPC, Hard, Warning)
	ruleVerifySecret      = rule("O16", "verifySecret is the name of a secret or its ARN, of the region", "ResourceNotFoundException", srcSecrets, Hard)
	ruleBackendName       = rule("O17", "backends have names that the public DNS and a public certificate can have: not those that AWS gives to load balancers, and none of a private network", "502 for every call", srcTLS, Hard, Warning)
	ruleNoKeyInHeaders    = rule("O18", "no secret stands in the configuration: not in api.headers, and not where the name of a secret belongs", "everyone who reads the synthesized JSON has it", srcUs, Hard, Warning)

	rulePathPattern         = rule("R1", "path patterns have only the allowed characters, and aren't that of the default route", "InvalidArgument", srcBehavior, Hard)
	rulePathPatternOnce     = rule("R2", "no path pattern stands twice; a leading / makes no difference", "InvalidArgument", srcBehavior, Hard)
	ruleRouteReached        = rule("R3", "no path pattern is covered by an earlier one", "the route is never reached", srcBehavior, Warning)
	ruleBehaviorCount       = rule("R4", "behaviors are within quotas.behaviors", "TooManyCacheBehaviors", srcQuotas, Quota)
	ruleTTLOrder            = rule("R5", "minTTLSeconds, defaultTTLSeconds and maxTTLSeconds are in this order, and at most 100 years", "InvalidTTLOrder", srcAPI, Hard)
	ruleCacheKeeps          = rule("R6", "a cache keeps something: maxTTLSeconds is over 0", "InvalidArgument", srcAPI, Hard)
	ruleKeyHeaders          = rule("R7", "key headers are within quotas.cachePolicyHeaders and not too long together, none twice, none that CloudFront refuses or S3 needs", "InvalidArgument", srcRequests, Hard, Quota, Warning)
	ruleCallersApart        = rule("R8", "a cached route to the API has in its key what tells callers apart: Authorization or, with api.keys, x-caller", "one caller's answer reaches another", srcBehavior, Warning)
	ruleCookiesInKey        = rule("R9", "a cache with all cookies in its key has a short TTL", "it hardly ever hits", srcBehavior, Warning)
	ruleGRPC                = rule("R10", "gRPC needs methods all, HTTP/2, no cache and no api.path", "InvalidArgument", srcGRPC, Hard)
	ruleSigners             = rule("R11", "signed needs models.signers; these have unique names and public keys in PEM, RSA 2048 or ECDSA P-256, within quotas.keyGroupKeys, publicKeys and keyGroups", "InvalidArgument", srcSigners, Hard, Quota, Warning)
	ruleModelsRoute         = rule("R12", "routes to the models only read, without gRPC and without the failover of the API", "MethodNotAllowed", srcUs, Hard)
	ruleCachePolicyCount    = rule("R13", "names of cache policies aren't too long; an account makes at most quotas.cachePolicies", "TooManyCachePolicies", srcQuotas, Hard, Quota, Warning)
	ruleCachePolicyNames    = rule("R14", "no two cached routes make a cache policy of the same name", "CachePolicyAlreadyExists", srcAPI, Hard)
	ruleModelsAuthorization = rule("R15", "a cached route to the models has no Authorization in its key", "S3 refuses the request", srcOAI, Warning)
	ruleRouteChoices        = rule("R16", "origin, methods, queryStrings and cookies are one of their choices", "", srcUs, Hard)
	ruleModelsSigned        = rule("R17", "a route to the models is signed if models.signers is set", "everyone can read what it serves", srcUs, Warning)
	ruleForwardHeaders      = rule("R18", "forwardHeaders are headers that an origin request policy takes, within quotas.originRequestPolicyHeaders, of the API only, and don't change answers", "InvalidArgument", srcORP, Hard, Quota, Warning)
	ruleShippedKey          = rule("R19", "no signer has the public key that this project once shipped", "whoever has its private half signs your URLs", srcUs, Hard)
	rulePostNotCached       = rule("R20", "a path that callers send POST to lets it through, and has no cache", "it never has a hit", srcBehavior, Warning)
	rulePatternOfPaths      = rule("R21", "path patterns are such as paths match: no URL, query string or regular expression; that of the models has a wildcard", "the route is never reached", srcBehavior, Warning)
	ruleErrorsApart         = rule("R23", "where 5xx answers are kept, no header reaches the API outside the key of a cached route", "one caller makes an error that all others get", srcORP, Warning)
	ruleResponseParameters  = rule("R24", "query strings reach the models only with a signature", "callers choose the headers of an answer", srcGetObject, Warning)
	ruleDefaultRouteCache   = rule("R25", "the default route has no cache that takes cookies and WebSockets from everything", "the backend gets no cookies, and no WebSocket opens", srcCookies, Warning)
	ruleSetCookieApart      = rule("R26", "a cached route to the API keeps no cookies apart", "one caller's Set-Cookie reaches another", srcCookies, Warning)

	ruleAliases             = rule("D1", "aliases are DNS names in lower case, * only as the whole first label, none twice, within quotas.aliases", "InvalidArgument", srcAliases, Hard, Quota)
	ruleAliasCertificate    = rule("D2", "aliases come with either hostedZoneId or certificateArn, and these with aliases", "InvalidViewerCertificate", srcAPI, Hard)
	ruleCertificateARN      = rule("D3", "certificateArn is of ACM in us-east-1", "InvalidViewerCertificate", srcAPI, Hard)
	ruleMinimumTLSVersion   = rule("D4", "minimumTLSVersion is TLSv1.2_2018, TLSv1.2_2019 or TLSv1.2_2021, and there are aliases it counts for", "InvalidArgument", srcAPI, Hard, Warning)
	ruleDistributionChoices = rule("D5", "priceClass and httpVersion are one of CloudFront's", "InvalidArgument", srcAPI, Hard)
	ruleDefaultRootObject   = rule("D6", "defaultRootObject has only path characters, the first not /", "InvalidDefaultRootObject", srcAPI, Hard)
	ruleGeoRestriction      = rule("D7", "geoRestriction has locations exactly if its type isn't none, each an existing country once", "InvalidLocationCode", srcISO, Hard)
	ruleComment             = rule("D8", "the comment isn't too long", "InvalidArgument", srcAPI, Hard)
	ruleErrorCache          = rule("D9", "errorCacheSeconds is at most a year", "InvalidErrorCode", srcAPI, Hard)
	ruleHostedZone          = rule("D10", "hostedZoneId is one of Route 53; no origin's name is an alias, and originAlias leads elsewhere", "NoSuchHostedZone", srcRoute53, Hard)
	ruleCertificateNames    = rule("D11", "the names of a certificate made here are within quotas.certificateNames, the shortest short enough to be its first", "LimitExceededException", srcACM, Hard, Quota)
	ruleWildcardAlias       = rule("D12", "a name and its wildcard are aliases of one environment, if both are validated in the same zone", "the certificate isn't renewed", srcValidation, Hard)
	ruleOneZone             = rule("D13", "all names made in a hosted zone, the aliases and originAliases of all its environments, are of one domain; the zone isn't CloudFront's own", "the certificate is never issued", srcValidation, Hard)
	rulePublicAliases       = rule("D14", "aliases are names for which an authority issues certificates: none of AWS's own, and none of a private network", "Additional Verification Required, Invalid Public Domain", srcRequested, Hard, Warning)

	ruleCORS                       = rule("C1", "CORS origins are * or [scheme://]host[:port], methods CloudFront's or ALL alone, headers well-formed; these lists aren't empty", "InvalidArgument", srcCORS, Hard, Warning)
	ruleCORSCredentials            = rule("C2", "allowCredentials goes with no *; without it, * in allowHeaders doesn't stand for Authorization", "InvalidArgument", srcFetch, Hard, Warning)
	ruleResponseHeadersPolicyCount = rule("C3", "an account makes at most quotas.responseHeadersPolicies", "TooManyResponseHeadersPolicies", srcQuotas, Quota, Warning)

	ruleLogging        = rule("L1", "the log prefix doesn't begin with /; logs are kept at most ten years; prod doesn't force their destruction", "InvalidArgument", srcLogs, Hard, Warning)
	ruleLoggingVersion = rule("L2", "retiredVersion and queries go with version 2 of standard logging, and cookies with version 1", "", srcDelivered, Hard, Warning)
	ruleLogPrefix      = rule("L3", "with version 2 of standard logging, the prefix is folders of plain characters, and not too long", "Provided suffixPath is invalid", srcDelivery, Hard)

	ruleWebACL       = rule("F1", "webACLArn is a web ACL of scope CLOUDFRONT, and then the only field of firewall", "InvalidWebACLId", srcAPI, Hard)
	ruleRateLimit    = rule("F2", "requestsPer5Minutes, of all paths and of each of limits, is within WAF's range", "WAFInvalidParameterException", srcWAF, Hard)
	ruleIPRanges     = rule("F3", "blockedIPs and allowedIPs are CIDR ranges, not all addresses, without overlap, as many as an IP set takes", "WAFInvalidParameterException", srcWAF, Hard, Quota)
	ruleCountedRules = rule("F4", "countedRules are rules of the managed groups in use, written exactly so, none twice", "the rule goes on blocking", srcManaged, Hard)
	ruleLimitBy      = rule("F5", "limitBy is ip or the name of a header that AWS WAF takes, and that tells callers apart", "WAFInvalidParameterException", srcWAF, Hard, Warning)
	ruleLimits       = rule("F6", "limits are as many as fit into a web ACL, of paths that AWS WAF can compare, none twice, and none that another limit always comes before", "WAFLimitsExceededException", srcWAFQuotas, Hard, Quota, Warning)

	ruleMonitoring   = rule("M1", "e-mail addresses parse and none stands twice; thresholds make sense", "InvalidParameter", srcUs, Hard)
	ruleModelsAccess = rule("M2", "access is identity or control; kmsKeyArn, and a bucket in a region without origin access identities, need control", "403 at run time", srcOAI, Hard)
	ruleModelsKept   = rule("M3", "old versions of models are kept at most ten years; prod doesn't force its destruction", "", srcLifecycle, Hard, Warning)
	ruleReplicaKey   = rule("M4", "kmsKeyArn with replicaRegion is a multi-Region key", "objects aren't replicated", srcMRK, Hard)

	ruleAPIKeyHeader       = rule("K1", "the header of api.keys is one that a function can read and take away, and that has nothing but a key", "502 for every call", srcFunctions, Hard)
	ruleEdgeHeaders        = rule("K2", "api.headers has none of the headers in which the edge tells of a caller", "the backend takes every caller for the same", srcHeaders, Hard)
	ruleCallerInKey        = rule("K3", "keyHeaders has x-caller only with api.keys, never x-canary or the header that api.keys takes away, and always the one that it passes on", "every caller gets the same cached answer", srcFunctions, Hard, Warning)
	ruleCallerNotForwarded = rule("K4", "forwardHeaders has neither x-caller nor x-canary nor the header of api.keys", "one caller's answer reaches another", srcORP, Hard)
	ruleCanary             = rule("K5", "api.canary is another backend, for 0 to 100 percent of the callers", "", srcUs, Hard)
	ruleCORSAPIKey         = rule("K6", "with cors, browsers may send the header of api.keys", "browsers refuse to send it", srcFetch, Warning)
	ruleLimitByCaller      = rule("K7", "the firewall doesn't count by what the edge tells of a caller", "callers choose by what they are counted", srcEdge, Hard)
	ruleExpectedCallers    = rule("K8", "what is expected of callers and of the canary is expected where these are", "", srcUs, Hard)
	ruleKeyValueStoreCount = rule("K9", "an account makes at most quotas.keyValueStores, and 100 functions", "EntityLimitExceeded", srcQuotas, Quota, Warning)
	ruleLimitsByKey        = rule("K10", "with api.keys, limits of the firewall count by the header of the key", "callers share limits, or evade them", srcEdge, Warning)
	ruleFunctionSize       = rule("K11", "the function that knows callers fits into CloudFront's 10 KB, with cors.allowOrigins and the routes it guards", "FunctionSizeLimitExceeded", srcQuotas, Hard)

	rulePricingPlan      = rule("P1", "pricingPlan is empty or one of CloudFront's flat-rate plans", "", srcPlans, Hard)
	rulePlanWebACL       = rule("P2", "with a plan there is a web ACL, which no other distribution has", "ValidationException, InvalidArgument", srcPlans, Hard)
	rulePlanModelsAccess = rule("P3", "with a plan, no origin access identity reads the models", "ValidationException", srcPlans, Hard)
	rulePlanCounts       = rule("P4", "behaviors and rules of the web ACL are as few as the plan wants", "ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Quota)
	rulePlanFeatures     = rule("P5", "the plan includes what the distribution and its web ACL need", "ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Hard)
	rulePlanAliases      = rule("P6", "with a plan, all aliases are names of one apex domain", "", srcPlans, Hard)
	rulePlanUndocumented = rule("P7", "the guide says that the plan includes what is used", "ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Warning)

	ruleExpectation  = rule("E1", "an expectation names a request and what the edge must do with it", "", srcUs, Hard)
	ruleExpected     = rule("E2", "the edge does what is expected, and where something is, every route is reached", "", srcUs, Hard, Warning)
	ruleExpectedHost = rule("E3", "an expectation has no host, or one of domain.aliases; "+names.PlaceholderHost+" stands for the name that CloudFront gives", "another's distribution gets the request", srcUs, Hard)

	ruleHasEffect = rule("U1", "what is set has an effect", "", srcUs, Warning)

	ruleQuotaMinimum = rule("Q1", "quotas are at least AWS's defaults", "", srcQuotas, Hard)
)

// The pages that the limits and rules come from, as read in 2026-11; those on quotas were read again on 2026-11-30.
const (
	srcQuotas     declare.Source = "CloudFront Developer Guide, Quotas"
	srcOrigin     declare.Source = "CloudFront Developer Guide, Origin settings"
	srcBehavior   declare.Source = "CloudFront Developer Guide, Cache behavior settings"
	srcCookies    declare.Source = "CloudFront Developer Guide, Cache content based on cookies"
	srcHeaders    declare.Source = "CloudFront Developer Guide, Add custom headers to origin requests"
	srcRequests   declare.Source = "CloudFront Developer Guide, Request and response behavior for custom origins"
	srcLogs       declare.Source = "CloudFront Developer Guide, Configure standard logging (legacy)"
	srcDelivered  declare.Source = "CloudFront Developer Guide, Configure standard logging (v2)"
	srcDelivery   declare.Source = "CloudWatch Logs API Reference, S3DeliveryConfiguration"
	srcOAI        declare.Source = "CloudFront Developer Guide, Restrict access to an Amazon S3 origin"
	srcAPI        declare.Source = "CloudFront API Reference"
	srcS3         declare.Source = "Amazon S3 User Guide, Bucket naming rules"
	srcGetObject  declare.Source = "Amazon S3 API Reference, GetObject"
	srcLifecycle  declare.Source = "Amazon S3 User Guide, Lifecycle configuration"
	srcShield     declare.Source = "CloudFront Developer Guide, Use Amazon CloudFront Origin Shield"
	srcVPC        declare.Source = "CloudFront Developer Guide, Restrict access with VPC origins"
	srcFailover   declare.Source = "CloudFront Developer Guide, Optimize high availability with origin failover"
	srcGRPC       declare.Source = "CloudFront Developer Guide, Use gRPC with CloudFront distributions"
	srcAliases    declare.Source = "CloudFront Developer Guide, Use custom URLs by adding alternate domain names"
	srcCORS       declare.Source = "CloudFront Developer Guide, Understand response headers policies"
	srcSigners    declare.Source = "CloudFront Developer Guide, Specify signers that can create signed URLs and signed cookies"
	srcEdge       declare.Source = "CloudFront Developer Guide, Customize at the edge with functions"
	srcFunctions  declare.Source = "CloudFront Developer Guide, Restrictions on all edge functions"
	srcFetch      declare.Source = "Fetch Standard, CORS protocol and credentials"
	srcRoute53    declare.Source = "Route 53 API Reference"
	srcWAF        declare.Source = "AWS WAF API Reference"
	srcWAFQuotas  declare.Source = "AWS WAF Developer Guide, Quotas"
	srcManaged    declare.Source = "AWS WAF Developer Guide, Baseline rule groups; API Reference, RuleActionOverride"
	srcSecrets    declare.Source = "Secrets Manager API Reference"
	srcMRK        declare.Source = "Amazon S3 User Guide, Replicating encrypted objects"
	srcACM        declare.Source = "AWS Certificate Manager User Guide, Quotas; API Reference, RequestCertificate"
	srcORP        declare.Source = "CloudFront Developer Guide, Control origin requests with a policy"
	srcValidation declare.Source = "AWS Certificate Manager User Guide, DNS validation"
	srcTags       declare.Source = "Tagging AWS Resources User Guide, Tag naming limits"
	srcPlans      declare.Source = "CloudFront Developer Guide, CloudFront flat-rate pricing plans"
	srcRegions    declare.Source = "AWS Account Management Reference Guide, AWS Regions"
	srcARN        declare.Source = "IAM User Guide, Amazon Resource Names"
	srcISO        declare.Source = "ISO 3166-1 alpha-2"
	srcTerraform  declare.Source = "Terraform Language, Strings and Templates"
	srcTLS        declare.Source = "CloudFront Developer Guide, Requirements for using SSL/TLS certificates with CloudFront"
	srcRequested  declare.Source = "AWS Certificate Manager User Guide, Troubleshoot certificate requests"
	srcUnicode    declare.Source = "Unicode Technical Standard 55, Source Code Handling"
	srcUs                        = declare.Ours
)
