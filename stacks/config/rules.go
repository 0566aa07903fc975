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
	ruleNoTerraformExpression = rule("T1", "no text has `${` or `%{`, but in overrides", "Terraform evaluates it", srcTerraform, Hard)
	ruleNoControlCharacters   = rule("T2", "no text has control characters", "InvalidArgument", srcAPI, Hard)
	ruleNoSpaceAround         = rule("T3", "no text begins or ends with space", "InvalidArgument", srcAPI, Hard)
	ruleNoInvisibleCharacters = rule("T4",
		"no text has invisible characters, or characters that reorder others", "a reviewer sees something else", srcUnicode,
		Hard)
	ruleNoPastedSecret = rule("T5", "no text has a key or a token of a well-known kind", "everyone who reads the JSON has it", srcUs, Hard)

	ruleEnvironmentNames = rule("N0",
		"name and environment names are short, of a-z, 0-9 and -; there is an environment, and none is called state", "",
		srcUs, Hard)
	ruleBucketName = rule("N1",
		"bucket names are valid in S3 and have no reserved prefix or suffix and no dot; name has no such prefix",
		"InvalidBucketName", srcS3, Hard)
	ruleRegion = rule("N2",
		"regions exist; replicaRegion differs from region, and retiredReplicaRegion from both", "", srcRegions, Hard)
	ruleLogsRegion = rule("N3",
		"version 1 of standard logging is off in opt-in regions", "AccessDenied", srcLogs, Hard)
	ruleARN = rule("N4",
		"account ids have 12 digits; ARNs are of the right service, region and account", "", srcARN, Hard)
	ruleSharedNames = rule("N5",
		"environments share no bucket but an existing one, no alias and no originAlias, and none uses the state bucket",
		"BucketAlreadyOwnedByYou, CNAMEAlreadyExists", srcS3, Hard)
	ruleTags = rule("N6",
		"tags are valid in every service used; no key begins with aws: or is the "+
			"stack's; with api.regions they fit a health check", "InvalidTagging", srcTags, Hard, Quota)
	rulePlanRoles = rule("N7",
		"no role that plans is one that deploys, writes the state or changes records, in any environment",
		"every pull request could deploy",
		srcUs, Hard)
	ruleNamesApart = rule("N8",
		"environments that may share an account have names so different that no deployer can change what another one has",
		"", srcUs, Hard)

	ruleOneBackend = rule("O1",
		"the API has exactly one of domainName, regions, vpcOrigin, loadBalancer and functionUrl", "", srcUs, Hard)
	ruleOriginDomain = rule("O2",
		"origin domains are DNS names, not IP addresses and not S3 website or accelerate endpoints", "InvalidArgument",
		srcOrigin, Hard)
	rulePlaceholderDomain = rule("O3",
		"placeholders are replaced: example.com, yourdomain.com and the like, made-up ids, and the names of the "+
			"shipped cdktf.json",
		"502 for every call", srcUs, Warning)
	ruleOriginPath = rule("O4",
		"the origin path begins with / and doesn't end with it, nor with what callers' paths begin with", "InvalidArgument", srcOrigin,
		Hard, Warning)
	ruleOriginPort = rule("O5",
		"the port is one that CloudFront connects to, and speaks TLS", "InvalidArgument", srcOrigin, Hard, Warning)
	ruleConnection = rule("O6",
		"connection attempts and their timeout are within CloudFront's range", "InvalidArgument", srcQuotas, Hard)
	ruleReadTimeout = rule("O7",
		"the read timeout is at least 1 second and within quotas.originReadTimeoutSeconds", "InvalidOriginReadTimeout",
		srcQuotas, Hard, Quota)
	ruleKeepaliveTimeout = rule("O8",
		"the keepalive timeout is at least 1 second and within quotas.originKeepaliveTimeoutSeconds",
		"InvalidOriginKeepaliveTimeout", srcQuotas, Hard, Quota, Warning)
	ruleOriginHeaders = rule("O9",
		"headers to the origin, including those of verifySecret and credential, are within "+
			"quotas.originCustomHeaders, well-formed, unique, of ASCII, and not too long", "TooManyOriginCustomHeaders", srcQuotas, Hard,
		Quota, Warning)
	ruleOriginHeaderNames = rule("O10",
		"no header to the origin is one that CloudFront sets or refuses", "InvalidArgument", srcHeaders, Hard)
	ruleFailover = rule("O11",
		"api.failover differs from the API; a route with failover needs it, and methods \"read\"",
		"AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with an origin group",
		srcFailover, Hard)
	ruleOriginShield = rule("O12",
		"shieldRegion is a region of Origin Shield and isn't combined with api.regions", "InvalidArgument", srcShield,
		Warning)
	ruleOriginRegions = rule("O13",
		"api.regions has at least 2 different regions, with originAlias below a domain, "+
			"a hosted zone, and health paths that need no verifySecret", "InvalidChangeBatch", srcRoute53, Hard, Warning)
	ruleVPCOrigin = rule("O14",
		"a VPC origin is an application or network load balancer or an instance, without gRPC, in the region of the "+
			"environment where it is looked up there; failover from it is documented for the canary only", "InvalidArgument",
		srcVPC, Hard, Warning)
	ruleVerifySecret = rule("O16",
		"verifySecret is the name or ARN of a secret in the region", "ResourceNotFoundException", srcSecrets, Hard)
	ruleBackendName = rule("O17",
		"backends have names that public DNS and public certificates can "+
			"have: no load balancer's own name, no private name; and none is a bucket's or a distribution's", "502 for every call, or 403", srcTLS,
		Hard, Warning)
	ruleNoKeyInHeaders = rule("O18",
		"no secret is in the configuration: neither in api.headers (such as Authorization, x-api-key or api-key) nor in "+
			"place of a secret's name",
		"everyone who reads pull requests or the synthesized JSON has it", srcUs, Hard, Warning)
	ruleLoadBalancer = rule("O19",
		"loadBalancer names a listener in the region of the environment, and has a hosted zone",
		"CertificateNotFound, ListenerNotFound", srcListener, Hard)
	ruleFunctionURL = rule("O20",
		"functionUrl names a function in the region of the environment, which knows CloudFront by verifySecret or by "+
			"signatures; signatures leave no other Authorization and need the SHA-256 of every body",
		"everyone can call the function, or 403 for every call", srcURL, Hard, Warning)
	ruleOpenBackend = rule("O21",
		"a function URL, an API of API Gateway, and a public backend for which the edge checks callers have verifySecret",
		"whoever knows its name gets past the edge, and you pay", srcUs, Warning)
	ruleOriginNames = rule("O22",
		"backends and buckets have short names, each its own and not one of the program's", "", srcUs, Hard)
	ruleOriginCount = rule("O23",
		"origins are within quotas.origins", "TooManyOrigins", srcQuotas, Quota)
	ruleViewerHeaders = rule("O24",
		"viewerHeaders are within quotas.originRequestPolicyHeaders, unique, and none that a policy can't name; without "+
			"publicHost \"host\" no other header of callers reaches the backend", "InvalidArgument", srcORP, Hard, Quota, Warning)
	ruleBackendsApart = rule("O25",
		"no two backends, of whatever environments, make the same function URL, record, or rule of a security group",
		"the deploy fails halfway, or one backend's name goes with the other's", srcUs, Hard)
	ruleCredential = rule("O26",
		"a credential has either secret, the name or ARN of a secret in the region, or store, and a header that can be set; "+
			"a provider gets its key in a header in which it takes it",
		"ResourceNotFoundException, InvalidArgument, 401", srcSecrets, Hard, Warning)
	ruleCredentialSpent = rule("O27",
		"on every route with a credential callers need an API key or a signature, and their key is sent in no header of it",
		"everyone spends it", srcUs, Hard)
	ruleCredentialApart = rule("O28",
		"a credential in the store is sent to one backend only, and on routes without a cache",
		"another backend gets it, or none does", srcORP, Hard)

	rulePathPattern = rule("R1",
		"path patterns have only allowed characters, and none is that of the default route", "InvalidArgument", srcBehavior,
		Hard)
	rulePathPatternOnce = rule("R2",
		"no path pattern is repeated; a leading / makes no difference", "InvalidArgument", srcBehavior, Hard)
	ruleRouteReached = rule("R3",
		"no path pattern is covered by an earlier one", "the route is never reached", srcBehavior, Warning)
	ruleBehaviorCount = rule("R4",
		"behaviors are within quotas.behaviors", "TooManyCacheBehaviors", srcQuotas, Quota)
	ruleTTLOrder = rule("R5",
		"minTTLSeconds, defaultTTLSeconds and maxTTLSeconds are in this order, and at most 100 years", "InvalidTTLOrder",
		srcAPI, Hard)
	ruleCacheKeeps = rule("R6", "maxTTLSeconds is over 0", "InvalidArgument", srcAPI, Hard)
	ruleKeyHeaders = rule("R7",
		"key headers are within quotas.cachePolicyHeaders, not too long together, "+
			"unique, and none that CloudFront refuses or S3 needs", "InvalidArgument", srcRequests, Hard, Quota, Warning)
	ruleCallersApart = rule("R8",
		"a cached API route has what tells callers apart in its key: Authorization or, with api.keys, x-caller",
		"one caller gets another's answer", srcBehavior, Warning)
	ruleKeyRepeats = rule("R9",
		"a cache with all cookies in its key has a short TTL, and no header is in its key that differs with every request",
		"it hardly ever has a hit", srcBehavior, Warning)
	ruleGRPC = rule("R10",
		"gRPC needs methods \"all\" and HTTP/2, without cache and without api.path, and a backend that speaks it", "InvalidArgument",
		srcGRPC, Hard, Warning)
	ruleSigners = rule("R11",
		"signed needs models.signers, which have unique names and valid public keys, within the quotas", "InvalidArgument",
		srcSigners, Hard, Quota, Warning)
	ruleModelsRoute = rule("R12",
		"routes to the models only read, without gRPC and without api.failover", "MethodNotAllowed", srcUs, Hard)
	ruleCachePolicyCount = rule("R13",
		"cache policy names aren't too long; an account has at most quotas.cachePolicies", "TooManyCachePolicies", srcQuotas,
		Hard, Quota, Warning)
	ruleCachePolicyNames = rule("R14",
		"no two cached routes have the same cache policy name", "CachePolicyAlreadyExists", srcAPI, Hard)
	ruleModelsAuthorization = rule("R15",
		"a cached route to the models doesn't have Authorization in its key", "S3 refuses the request", srcOAI, Warning)
	ruleRouteChoices = rule("R16",
		"origin, methods, queryStrings and cookies are one of their choices", "", srcUs, Hard)
	ruleModelsSigned = rule("R17",
		"routes to the models are signed if models.signers is set", "everyone can read what they serve", srcUs, Warning)
	ruleForwardHeaders = rule("R18",
		"forwardHeaders are headers that an origin request policy takes and answers don't depend on, within "+
			"quotas.originRequestPolicyHeaders, to the API only", "InvalidArgument", srcORP, Hard, Quota, Warning)
	ruleShippedKey = rule("R19",
		"no signer has the public key that this project once shipped", "whoever has its private key can sign your URLs",
		srcUs, Hard)
	rulePostNotCached = rule("R20",
		"a path to which callers send POST allows it, and has no cache",
		"it never has a hit, and the backend gets fewer headers", srcBehavior, Warning)
	rulePatternOfPaths = rule("R21",
		"path patterns can match a path: no URL, query string or regular expression; models.path has a wildcard",
		"the route is never reached", srcBehavior, Warning)
	ruleErrorsApart = rule("R23",
		"where 5xx answers are cached, API routes forward no header outside the cache key",
		"one caller causes an error that everyone gets", srcORP, Warning)
	ruleResponseParameters = rule("R24",
		"query strings that S3 obeys reach the models only with a signature", "callers choose the headers of an answer",
		srcGetObject, Warning)
	ruleDefaultRouteCache = rule("R25",
		"the default route has no cache that breaks cookies and WebSockets for everything else",
		"the backend gets no cookies, and no WebSocket opens", srcCookies, Warning)
	ruleSetCookieApart = rule("R26",
		"a cached API route doesn't cache by cookies", "one caller gets another's Set-Cookie", srcCookies, Warning)
	ruleKeyNames = rule("R29",
		"lists of queryStrings and cookies have names, each once, within quotas.cachePolicyQueryStrings and "+
			"quotas.cachePolicyCookies, and not too long together with keyHeaders", "InvalidArgument", srcQuotas, Hard, Quota,
		Warning)

	ruleStrip = rule("R27",
		"strip begins the path pattern of its route or bucket", "nothing is stripped", srcUs, Hard)
	rulePublic = rule("R28",
		"public is set only where an API key would be needed, on a path both with and without a slash at its end, and where "+
			"callers log in",
		"400 for the path with it", srcUs, Hard, Warning)

	ruleAliases = rule("D1",
		"aliases are lower-case DNS names, * only as the whole first label, unique, within quotas.aliases",
		"InvalidArgument", srcAliases, Hard, Quota)
	ruleAliasCertificate = rule("D2",
		"aliases have one of hostedZoneId, hostedZones, dns and certificateArn, of which none is set without aliases",
		"InvalidViewerCertificate",
		srcAPI, Hard)
	ruleCertificateARN = rule("D3",
		"certificateArn is an ACM certificate in us-east-1", "InvalidViewerCertificate", srcAPI, Hard)
	ruleMinimumTLSVersion = rule("D4",
		"minimumTLSVersion is TLSv1.2_2018, TLSv1.2_2019 or TLSv1.2_2021, and there are aliases it applies to",
		"InvalidArgument", srcAPI, Hard, Warning)
	ruleDistributionChoices = rule("D5",
		"priceClass and httpVersion are one of CloudFront's", "InvalidArgument", srcAPI, Hard)
	ruleDefaultRootObject = rule("D6",
		"defaultRootObject has only path characters and doesn't begin with /", "InvalidDefaultRootObject", srcAPI, Hard)
	ruleGeoRestriction = rule("D7",
		"geoRestriction has locations unless its type is none, each an existing country, unique", "InvalidLocationCode",
		srcISO, Hard)
	ruleComment    = rule("D8", "the comment isn't too long", "InvalidArgument", srcAPI, Hard)
	ruleErrorCache = rule("D9", "errorCacheSeconds is at most a year, and not over five minutes with a cached route", "InvalidErrorCode", srcAPI,
		Hard, Warning)
	ruleHostedZone = rule("D10",
		"hostedZoneId is a Route 53 zone, and hostedZones are zones of domains, each changed in one account; no origin's name is an alias, and "+
			"originAlias leads elsewhere", "NoSuchHostedZone",
		srcRoute53, Hard)
	ruleCertificateNames = rule("D11",
		"names in a certificate are within quotas.certificateNames, and the shortest fits as the common name",
		"LimitExceededException", srcACM, Hard, Quota)
	ruleWildcardAlias = rule("D12",
		"a name and its wildcard are aliases of one environment if both are validated in the same zone",
		"the certificate isn't renewed", srcValidation, Hard)
	ruleOneZone = rule("D13",
		"aliases and originAliases in one hosted zone belong to one domain; the zone isn't AWS's own",
		"the certificate is never issued", srcValidation, Hard)
	rulePublicAliases = rule("D14",
		"aliases are names for which a public certificate is issued: neither AWS's own nor private ones",
		"Additional Verification Required, Invalid Public Domain", srcRequested, Hard, Warning)
	ruleZones = rule("D15",
		"with hostedZones, every alias, originAlias and name of a load balancer is at or below one of its domains, and each "+
			"domain has such a name", "InvalidChangeBatch", srcRoute53, Hard, Warning)
	ruleZonePlanRole = rule("D16",
		"with hostedZoneRoleArn and planRoleArn there is hostedZonePlanRoleArn", "the workflows can't plan", srcUs, Warning)

	ruleCORS = rule("C1",
		"CORS origins are * or [scheme://]host[:port], methods CloudFront's or ALL "+
			"alone, headers well-formed; these lists aren't empty", "InvalidArgument", srcCORS, Hard, Warning)
	ruleCORSCredentials = rule("C2",
		"allowCredentials isn't combined with *; without it, * in allowHeaders doesn't include Authorization",
		"InvalidArgument", srcFetch, Hard, Warning)
	ruleResponseHeadersPolicyCount = rule("C3",
		"an account has at most quotas.responseHeadersPolicies", "TooManyResponseHeadersPolicies", srcQuotas, Quota, Warning)
	ruleResponseHeaders = rule("C4",
		"responseHeaders are up to 10 that CloudFront adds, none of which has a field of its own or is wrong on some of "+
			"the answers that get it, and up to 10 that it removes",
		"InvalidArgument", srcCORS, Hard, Quota, Warning)

	ruleLogging = rule("L1",
		"the log prefix doesn't begin with /; logs are kept at most ten years; prod doesn't set forceDestroy",
		"InvalidArgument", srcLogs, Hard, Warning)
	ruleLoggingVersion = rule("L2",
		"retiredVersion and queries need version 2 of standard logging, and includeCookies version 1", "", srcDelivered,
		Hard, Warning)
	ruleLogPrefix = rule("L3",
		"with version 2 of standard logging, the prefix is folders of plain characters, not too long",
		"Provided suffixPath is invalid", srcDelivery, Hard)

	ruleWebACL = rule("F1",
		"webACLArn is a web ACL of scope CLOUDFRONT, and then the only field of firewall", "InvalidWebACLId", srcAPI, Hard)
	ruleRateLimit = rule("F2",
		"every requestsPer5Minutes is within AWS WAF's range", "WAFInvalidParameterException", srcWAF, Hard)
	ruleIPRanges = rule("F3",
		"blockedIPs and allowedIPs are CIDR ranges, none within one that comes before, not all addresses, and fit an IP set",
		"WAFInvalidParameterException", srcWAF, Hard, Quota, Warning)
	ruleCountedRules = rule("F4",
		"countedRules are rules of the managed groups in use, spelt exactly, unique", "the rule keeps blocking", srcManaged,
		Hard)
	ruleLimitBy = rule("F5",
		"limitBy is ip or the name of a header that AWS WAF takes and that tells callers apart",
		"WAFInvalidParameterException", srcWAF, Hard, Warning)
	ruleLimits = rule("F6",
		"limits fit a web ACL, have paths that AWS WAF can compare, are unique, and can be reached",
		"WAFLimitsExceededException", srcWAFQuotas, Hard, Quota, Warning)
	ruleAllowedOnly = rule("F7",
		"onlyAllowedIPs, and allowedIPs of routes and buckets, need firewall.enabled and somebody who is let in", "everyone gets in, or nobody",
		srcUs, Hard)
	ruleAllowedIPv6 = rule("F8",
		"with distribution.ipv6, lists of those who alone get in have IPv6 ranges", "403 for callers by IPv6", srcIPv6, Warning)
	ruleAllowedPaths = rule("F9",
		"with allowedIPs, the path of a route or bucket is one that AWS WAF can compare, and no other leads to the same",
		"WAFInvalidParameterException, or others get in", srcWAFQuotas, Hard, Warning)
	ruleIPSets = rule("F10",
		"a web ACL refers to at most 50 IP sets and rule groups; an account has at most quotas.ipSets",
		"WAFLimitsExceededException", srcWAFQuotas, Quota, Warning)

	ruleMonitoring = rule("M1",
		"e-mail addresses and topics are valid and unique, and in a region with alarms; thresholds make sense",
		"InvalidParameter", srcUs, Hard, Warning)
	ruleModelsAccess = rule("M2",
		"access is identity or control; a kmsKeyArn, an access point, or a region without origin access identities, needs control",
		"403 at run time", srcOAI, Hard)
	ruleModelsKept = rule("M3",
		"old versions of models are kept at most ten years; prod doesn't set forceDestroy", "", srcLifecycle, Hard, Warning)
	ruleReplicaKey = rule("M4",
		"with replicaRegion, kmsKeyArn is a multi-Region key", "objects aren't replicated", srcMRK, Hard)
	ruleExisting = rule("M5",
		"an existing bucket is named, in one region, and no field is set that would change it; only it has bucketRegion", "", srcUs, Hard)
	ruleAdopted = rule("M6",
		"a bucket to adopt is named, in the region of the environment, and isn't existing", "", srcUs, Hard)

	ruleSlack = rule("M7",
		"slack has the ids of a workspace and a channel, which no other environment of the account has",
		"InvalidRequestException", srcSlack, Hard, Warning)
	ruleWebPath = rule("W1",
		`web.path is "/*", or a folder and "/*"`, "", srcUs, Hard)
	ruleAPIPaths = rule("W2",
		`with web.path "/*", and only then, web.apiPaths lead to the API, and leave some to the page`,
		"nothing leads to the API", srcUs, Hard, Warning)
	ruleWebDefault = rule("W3",
		`with web.path "/*" there is neither api.cache nor distribution.defaultRootObject`, "", srcUs, Hard)
	ruleWebIndex = rule("W4",
		"no route but the page's own matches its index.html", "callers of one get what is cached of the other", srcBehavior,
		Hard)

	ruleAPIKeyHeader = rule("K1",
		"the header of api.keys is one that a function can read and remove, and has only the API key", "502 for every call",
		srcFunctions, Hard)
	ruleEdgeHeaders = rule("K2",
		"api.headers has no header in which the edge names the caller", "the backend takes every caller for the same one",
		srcHeaders, Hard)
	ruleCallerInKey = rule("K3",
		"keyHeaders has x-caller only with api.keys, never x-canary or an API key "+
			"header that is removed, and always one that is forwarded", "every caller gets the same cached answer",
		srcFunctions, Hard, Warning)
	ruleCallerNotForwarded = rule("K4",
		"forwardHeaders has neither x-caller nor x-canary nor the header of api.keys", "one caller gets another's answer",
		srcORP, Hard)
	ruleCanary = rule("K5",
		"api.canary is another backend, for 0 to 100 percent of the callers", "", srcUs, Hard)
	ruleCORSAPIKey = rule("K6",
		"with cors, browsers may send the header of api.keys", "browsers refuse to send it", srcFetch, Warning)
	ruleLimitByCaller = rule("K7",
		"firewall.limitBy is no header that the edge sets", "callers choose what they are counted by", srcEdge, Hard)
	ruleExpectedCallers    = rule("K8", "expectations name callers and the canary only where these exist", "", srcUs, Hard)
	ruleKeyValueStoreCount = rule("K9",
		"an account has at most quotas.keyValueStores, and 100 functions", "EntityLimitExceeded", srcQuotas, Quota, Warning)
	ruleLimitsByKey = rule("K10",
		"with api.keys, the firewall's limits count by the header of the API key", "callers share limits, or evade them",
		srcEdge, Warning)
	ruleFunctionSize = rule("K11",
		"the viewer request function fits CloudFront's 10 KB, with cors.allowOrigins and the routes it protects",
		"FunctionSizeLimitExceeded", srcQuotas, Hard)
	ruleStoreReaders = rule("K12",
		"at most 10 functions read the key value store", "InvalidArgument", srcQuotas, Hard)

	rulePricingPlan = rule("P1", "pricingPlan is empty or one of CloudFront's flat-rate plans", "", srcPlans, Hard)
	rulePlanWebACL  = rule("P2",
		"with a plan there is a web ACL, which no other distribution uses", "ValidationException, InvalidArgument", srcPlans,
		Hard)
	rulePlanModelsAccess = rule("P3", "with a plan, models.access is control", "ValidationException", srcPlans, Hard)
	rulePlanCounts       = rule("P4",
		"cache behaviors and web ACL rules are within the plan's limits",
		"ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Quota)
	rulePlanFeatures = rule("P5",
		"the plan includes what the distribution and its web ACL need",
		"ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Hard)
	rulePlanAliases      = rule("P6", "with a plan, all aliases belong to one apex domain", "", srcPlans, Hard)
	rulePlanUndocumented = rule("P7",
		"AWS's guide says that the plan includes what is used",
		"ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Warning)

	ruleExpectation = rule("E1",
		"an expectation names a request, what the edge must do with it, and no address that CloudFront never sees", "", srcUs,
		Hard, Warning)
	ruleExpected = rule("E2",
		"the edge does what is expected; if anything is, a request reaches every route", "", srcUs, Hard, Warning)
	ruleExpectedHost = rule("E3", "an expectation has no host, or one of domain.aliases; "+names.PlaceholderHost+
		" stands for the name that CloudFront gives",
		"another customer's distribution gets the request", srcUs, Hard)

	ruleOverrideNames = rule("V1", "an override names a resource as TYPE.NAME, or a data source as data.TYPE.NAME", "",
		srcUs, Hard)
	ruleOverrideFits = rule("V2",
		"what an override names is in the stack, with an object where it has an object, and a list where it has a list", "",
		srcJSON, Hard, Warning)
	ruleOverrideIsLast = rule("V3", "overrides don't set what fields can say",
		"rules, quotas and pricing plans don't see it", srcUs, Warning)
	ruleOverrideUnread = rule("V4", "the model of the edge can read what overrides set",
		"expect, explain, serve and verify don't know what it does", srcUs, Warning)
	ruleOverrideProtects = rule("V5", "overrides take no protection away", "everyone gets in, or reads what is on the way", srcUs,
		Warning)

	ruleHasEffect = rule("U1", "what is set has an effect", "", srcUs, Warning)

	ruleQuotaMinimum = rule("Q1", "quotas are at least AWS's defaults", "", srcQuotas, Hard)
)

// The pages that the limits and rules come from, as read in 2026-11; those on quotas were read again on 2026-11-30.
const (
	srcQuotas    declare.Source = "CloudFront Developer Guide, Quotas"
	srcOrigin    declare.Source = "CloudFront Developer Guide, Origin settings"
	srcBehavior  declare.Source = "CloudFront Developer Guide, Cache behavior settings"
	srcCookies   declare.Source = "CloudFront Developer Guide, Cache content based on cookies"
	srcHeaders   declare.Source = "CloudFront Developer Guide, Add custom headers to origin requests"
	srcRequests  declare.Source = "CloudFront Developer Guide, Request and response behavior for custom origins"
	srcLogs      declare.Source = "CloudFront Developer Guide, Configure standard logging (legacy)"
	srcDelivered declare.Source = "CloudFront Developer Guide, Configure standard logging (v2)"
	srcDelivery  declare.Source = "CloudWatch Logs API Reference, S3DeliveryConfiguration"
	srcOAI       declare.Source = "CloudFront Developer Guide, Restrict access to an Amazon S3 origin"
	srcAPI       declare.Source = "CloudFront API Reference"
	srcS3        declare.Source = "Amazon S3 User Guide, Bucket naming rules"
	srcGetObject declare.Source = "Amazon S3 API Reference, GetObject"
	srcLifecycle declare.Source = "Amazon S3 User Guide, Lifecycle configuration"
	srcShield    declare.Source = "CloudFront Developer Guide, Use Amazon CloudFront Origin Shield"
	srcVPC       declare.Source = "CloudFront Developer Guide, Restrict access with VPC origins"
	srcListener  declare.Source = "Elastic Load Balancing API Reference, AddListenerCertificates"
	srcURL       declare.Source = "CloudFront Developer Guide, Restrict access to an AWS Lambda function URL origin; " +
		"Lambda Developer Guide, Control access to Lambda function URLs"
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
	srcIPv6       declare.Source = "CloudFront Developer Guide, Enable IPv6 for CloudFront distributions"
	srcWAFQuotas  declare.Source = "AWS WAF Developer Guide, Quotas"
	srcManaged    declare.Source = "AWS WAF Developer Guide, Baseline rule groups; API Reference, RuleActionOverride"
	srcSecrets    declare.Source = "Secrets Manager API Reference"
	srcMRK        declare.Source = "Amazon S3 User Guide, Replicating encrypted objects"
	srcACM        declare.Source = "AWS Certificate Manager User Guide, Quotas; API Reference, RequestCertificate"
	srcORP        declare.Source = "CloudFront Developer Guide, Control origin requests with a policy"
	srcValidation declare.Source = "AWS Certificate Manager User Guide, DNS validation"
	srcTags       declare.Source = "Tagging AWS Resources User Guide, Tag naming limits"
	srcPlans      declare.Source = "CloudFront Developer Guide, CloudFront flat-rate pricing plans"
	srcSlack      declare.Source = "Amazon Q Developer in chat applications API Reference, CreateSlackChannelConfiguration; " +
		"Administrator Guide, Service-linked role"
	srcRegions   declare.Source = "AWS Account Management Reference Guide, AWS Regions"
	srcARN       declare.Source = "IAM User Guide, Amazon Resource Names"
	srcISO       declare.Source = "ISO 3166-1 alpha-2"
	srcTerraform declare.Source = "Terraform Language, Strings and Templates"
	srcJSON      declare.Source = "Terraform Language, JSON Configuration Syntax"
	srcTLS       declare.Source = "CloudFront Developer Guide, Requirements for using SSL/TLS certificates with CloudFront"
	srcRequested declare.Source = "AWS Certificate Manager User Guide, Troubleshoot certificate requests"
	srcUnicode   declare.Source = "Unicode Technical Standard 55, Source Code Handling"
	srcUs                       = declare.Ours
)
