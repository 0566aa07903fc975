package config

import "ml-api-accelerator/stacks/internal/shared/names"

// Rule is one thing that must hold of a configuration.
type Rule struct {
	ID string
	// What must hold.
	Holds string
	// What AWS says otherwise; empty where the configuration would mean nothing.
	Otherwise string
	Source    Source
	// What breaking it is: one class, or several for a rule of several parts.
	Classes []Class
}

// Rules returns all rules there are, in the order they are declared.
func Rules() []*Rule { return rules }

var rules []*Rule

// rule declares one: what is declared is listed.
func rule(id, holds, otherwise string, source Source, classes ...Class) *Rule {
	r := &Rule{ID: id, Holds: holds, Otherwise: otherwise, Source: source, Classes: classes}
	rules = append(rules, r)
	return r
}

var (
	ruleS0 = rule("S0", "the file is JSON in UTF-8, with an object under context.accelerator", "", srcUs, Hard)
	ruleS1 = rule("S1", "every field is one that exists", "", srcUs, Hard)
	ruleS2 = rule("S2", "no field is written twice", "", srcUs, Hard)
	ruleS3 = rule("S3", "every field has a value of its type", "", srcUs, Hard)
	ruleS4 = rule("S4", "every required field is there", "", srcUs, Hard)
	ruleT1 = rule("T1", "no text has `${` or `%{`", "Terraform evaluates it", srcTerraform, Hard)
	ruleT2 = rule("T2", "no text has control characters", "InvalidArgument", srcAPI, Hard)
	ruleT3 = rule("T3", "no text begins or ends with space", "InvalidArgument", srcAPI, Hard)
	ruleT4 = rule("T4", "no text has characters that nobody sees, or that turn the order of others around", "a reviewer reads something else", srcUnicode, Hard)

	ruleN0 = rule("N0", "the name and those of environments are short, of a-z, 0-9 and -; there is an environment, and none is called state", "", srcUs, Hard)
	ruleN1 = rule("N1", "bucket names are S3's, without a reserved prefix or suffix and without a dot; name has no such prefix", "InvalidBucketName", srcS3, Hard)
	ruleN2 = rule("N2", "regions exist; that of the replica is another, and its retired one a third", "", srcRegions, Hard)
	ruleN3 = rule("N3", "version 1 of standard logs isn't delivered to an opt-in region", "AccessDenied", srcLogs, Hard)
	ruleN4 = rule("N4", "account ids have 12 digits; ARNs are of the right service, region and account", "", srcARN, Hard)
	ruleN5 = rule("N5", "no two environments share a bucket, an alias or an originAlias, and none has the bucket of the state", "BucketAlreadyOwnedByYou, CNAMEAlreadyExists", srcS3, Hard)
	ruleN6 = rule("N6", "tags are such as all services here take; no key begins with aws: or is that of the stack; with api.regions there are few enough for a health check", "InvalidTagging", srcTags, Hard, Quota)
	ruleN7 = rule("N7", "no role that plans is one that deploys or writes the state, of whatever environment", "every pull request could deploy", srcUs, Hard)
	ruleN8 = rule("N8", "no environment is named so that another's deployer could change what it has, unless they name different accounts", "", srcUs, Hard)

	ruleO1  = rule("O1", "the API has exactly one of domainName, regions and vpcOrigin", "", srcUs, Hard)
	ruleO2  = rule("O2", "domains of origins are DNS names, not an IP address, not an S3 website or accelerate endpoint", "InvalidArgument", srcOrigin, Hard)
	ruleO3  = rule("O3", "placeholders are replaced: names at or below example.com, example.net and example.org, and what the shipped cdktf.json has for names and ids of your own", "502 for every call", srcUs, Warning)
	ruleO4  = rule("O4", "the origin path begins with / and doesn't end with it", "InvalidArgument", srcOrigin, Hard)
	ruleO5  = rule("O5", "the port is one that CloudFront connects to, and that speaks TLS", "InvalidArgument", srcOrigin, Hard, Warning)
	ruleO6  = rule("O6", "connection attempts and their timeout are within CloudFront's range", "InvalidArgument", srcQuotas, Hard)
	ruleO7  = rule("O7", "the read timeout is at least 1 second and within quotas.originReadTimeoutSeconds", "InvalidOriginReadTimeout", srcQuotas, Hard, Quota)
	ruleO8  = rule("O8", "the keepalive timeout is at least 1 second and within quotas.originKeepaliveTimeoutSeconds", "InvalidOriginKeepaliveTimeout", srcQuotas, Hard, Quota, Warning)
	ruleO9  = rule("O9", "headers to the origin, with that of verifySecret, are within quotas.originCustomHeaders, of token characters, none twice, names and values not too long", "TooManyOriginCustomHeaders", srcQuotas, Hard, Quota)
	ruleO10 = rule("O10", "no header to the origin is one that CloudFront sets or refuses", "InvalidArgument", srcHeaders, Hard)
	ruleO11 = rule("O11", "api.failover differs from the API; a route with failover needs it, and methods read", "AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with an origin group", srcFailover, Hard)
	ruleO12 = rule("O12", "shieldRegion is a region of Origin Shield, and there are no api.regions", "InvalidArgument", srcShield, Warning)
	ruleO13 = rule("O13", "api.regions has at least 2 different regions, an originAlias, domain.hostedZoneId and health paths that begin with /, which answer without verifySecret", "InvalidChangeBatch", srcRoute53, Hard, Warning)
	ruleO14 = rule("O14", "a VPC origin is an application or network load balancer or an instance, without gRPC; failover from it is not documented", "InvalidArgument", srcVPC, Hard, Warning)
	ruleO16 = rule("O16", "verifySecret is the name of a secret or its ARN, of the region", "ResourceNotFoundException", srcSecrets, Hard)
	ruleO17 = rule("O17", "backends have names that the public DNS and a public certificate can have: not those that AWS gives to load balancers, and none of a private network", "502 for every call", srcTLS, Hard, Warning)
	ruleO18 = rule("O18", "no secret stands in the configuration: not in api.headers, and not where the name of a secret belongs", "everyone who reads the synthesized JSON has it", srcUs, Hard, Warning)

	ruleR1  = rule("R1", "path patterns have only the allowed characters, and aren't that of the default route", "InvalidArgument", srcBehavior, Hard)
	ruleR2  = rule("R2", "no path pattern stands twice; a leading / makes no difference", "InvalidArgument", srcBehavior, Hard)
	ruleR3  = rule("R3", "no path pattern is covered by an earlier one", "the route is never reached", srcBehavior, Warning)
	ruleR4  = rule("R4", "behaviors are within quotas.behaviors", "TooManyCacheBehaviors", srcQuotas, Quota)
	ruleR5  = rule("R5", "minTTLSeconds, defaultTTLSeconds and maxTTLSeconds are in this order, and at most 100 years", "InvalidTTLOrder", srcAPI, Hard)
	ruleR6  = rule("R6", "a cache keeps something: maxTTLSeconds is over 0", "InvalidArgument", srcAPI, Hard)
	ruleR7  = rule("R7", "key headers are within quotas.cachePolicyHeaders and not too long together, none twice, none that CloudFront refuses or S3 needs", "InvalidArgument", srcRequests, Hard, Quota, Warning)
	ruleR8  = rule("R8", "a cached route to the API has in its key what tells callers apart: Authorization or, with api.keys, x-caller", "one caller's answer reaches another", srcBehavior, Warning)
	ruleR9  = rule("R9", "a cache with all cookies in its key has a short TTL", "it hardly ever hits", srcBehavior, Warning)
	ruleR10 = rule("R10", "gRPC needs methods all, HTTP/2, no cache and no api.path", "InvalidArgument", srcGRPC, Hard)
	ruleR11 = rule("R11", "signed needs models.signers; these have unique names and public keys in PEM, RSA 2048 or ECDSA P-256, within quotas.keyGroupKeys, publicKeys and keyGroups", "InvalidArgument", srcSigners, Hard, Quota, Warning)
	ruleR12 = rule("R12", "routes to the models only read, without gRPC and without the failover of the API", "MethodNotAllowed", srcUs, Hard)
	ruleR13 = rule("R13", "names of cache policies aren't too long; an account makes at most quotas.cachePolicies", "TooManyCachePolicies", srcQuotas, Hard, Quota, Warning)
	ruleR14 = rule("R14", "no two cached routes make a cache policy of the same name", "CachePolicyAlreadyExists", srcAPI, Hard)
	ruleR15 = rule("R15", "a cached route to the models has no Authorization in its key", "S3 refuses the request", srcOAI, Warning)
	ruleR19 = rule("R19", "no signer has the public key that this project once shipped", "whoever has its private half signs your URLs", srcUs, Hard)
	ruleR20 = rule("R20", "a path that callers send POST to lets it through, and has no cache", "it never has a hit", srcBehavior, Warning)
	ruleR21 = rule("R21", "path patterns are such as paths match: no URL, query string or regular expression; that of the models has a wildcard", "the route is never reached", srcBehavior, Warning)
	ruleR18 = rule("R18", "forwardHeaders are headers that an origin request policy takes, within quotas.originRequestPolicyHeaders, of the API only, and don't change answers", "InvalidArgument", srcORP, Hard, Quota, Warning)
	ruleR25 = rule("R25", "the default route has no cache that takes cookies and WebSockets from everything", "the backend gets no cookies, and no WebSocket opens", srcCookies, Warning)
	ruleR26 = rule("R26", "a cached route to the API keeps no cookies apart", "one caller's Set-Cookie reaches another", srcCookies, Warning)
	ruleR17 = rule("R17", "a route to the models is signed if models.signers is set", "everyone can read what it serves", srcUs, Warning)
	ruleR16 = rule("R16", "origin, methods, queryStrings and cookies are one of their choices", "", srcUs, Hard)
	ruleR23 = rule("R23", "where 5xx answers are kept, no header reaches the API outside the key of a cached route", "one caller makes an error that all others get", srcORP, Warning)
	ruleR24 = rule("R24", "query strings reach the models only with a signature", "callers choose the headers of an answer", srcGetObject, Warning)

	ruleD1  = rule("D1", "aliases are DNS names in lower case, * only as the whole first label, none twice, within quotas.aliases", "InvalidArgument", srcAliases, Hard, Quota)
	ruleD2  = rule("D2", "aliases come with either hostedZoneId or certificateArn, and these with aliases", "InvalidViewerCertificate", srcAPI, Hard)
	ruleD3  = rule("D3", "certificateArn is of ACM in us-east-1", "InvalidViewerCertificate", srcAPI, Hard)
	ruleD4  = rule("D4", "minimumTLSVersion is TLSv1.2_2018, TLSv1.2_2019 or TLSv1.2_2021, and there are aliases it counts for", "InvalidArgument", srcAPI, Hard, Warning)
	ruleD5  = rule("D5", "priceClass and httpVersion are one of CloudFront's", "InvalidArgument", srcAPI, Hard)
	ruleD6  = rule("D6", "defaultRootObject has only path characters, the first not /", "InvalidDefaultRootObject", srcAPI, Hard)
	ruleD7  = rule("D7", "geoRestriction has locations exactly if its type isn't none, each an existing country once", "InvalidLocationCode", srcISO, Hard)
	ruleD8  = rule("D8", "the comment isn't too long", "InvalidArgument", srcAPI, Hard)
	ruleD9  = rule("D9", "errorCacheSeconds is at most a year", "InvalidErrorCode", srcAPI, Hard)
	ruleD10 = rule("D10", "hostedZoneId is one of Route 53; no origin's name is an alias, and originAlias leads elsewhere", "NoSuchHostedZone", srcRoute53, Hard)

	ruleD11 = rule("D11", "the names of a certificate made here are within quotas.certificateNames, the shortest short enough to be its first", "LimitExceededException", srcACM, Hard, Quota)
	ruleD12 = rule("D12", "a name and its wildcard are aliases of one environment, if both are validated in the same zone", "the certificate isn't renewed", srcValidation, Hard)
	ruleD13 = rule("D13", "all names made in a hosted zone, the aliases and originAliases of all its environments, are of one domain; the zone isn't CloudFront's own", "the certificate is never issued", srcValidation, Hard)
	ruleD14 = rule("D14", "aliases are names for which an authority issues certificates: none of AWS's own, and none of a private network", "Additional Verification Required, Invalid Public Domain", srcRequested, Hard, Warning)

	ruleC1  = rule("C1", "CORS origins are * or [scheme://]host[:port], methods CloudFront's or ALL alone, headers well-formed; these lists aren't empty", "InvalidArgument", srcCORS, Hard, Warning)
	ruleC2  = rule("C2", "allowCredentials goes with no *; without it, * in allowHeaders doesn't stand for Authorization", "InvalidArgument", srcFetch, Hard, Warning)
	ruleC3  = rule("C3", "an account makes at most quotas.responseHeadersPolicies", "TooManyResponseHeadersPolicies", srcQuotas, Quota, Warning)
	ruleL1  = rule("L1", "the log prefix doesn't begin with /; logs are kept at most ten years; prod doesn't force their destruction", "InvalidArgument", srcLogs, Hard, Warning)
	ruleL2  = rule("L2", "retiredVersion and queries go with version 2 of standard logging, and cookies with version 1", "", srcDelivered, Hard, Warning)
	ruleL3  = rule("L3", "with version 2 of standard logging, the prefix is folders of plain characters, and not too long", "Provided suffixPath is invalid", srcDelivery, Hard)
	ruleF1  = rule("F1", "webACLArn is a web ACL of scope CLOUDFRONT, and then the only field of firewall", "InvalidWebACLId", srcAPI, Hard)
	ruleF2  = rule("F2", "requestsPer5Minutes, of all paths and of each of limits, is within WAF's range", "WAFInvalidParameterException", srcWAF, Hard)
	ruleF3  = rule("F3", "blockedIPs and allowedIPs are CIDR ranges, not all addresses, without overlap, as many as an IP set takes", "WAFInvalidParameterException", srcWAF, Hard, Quota)
	ruleF4  = rule("F4", "countedRules are rules of the managed groups in use, written exactly so, none twice", "the rule goes on blocking", srcManaged, Hard)
	ruleF5  = rule("F5", "limitBy is ip or the name of a header that AWS WAF takes, and that tells callers apart", "WAFInvalidParameterException", srcWAF, Hard, Warning)
	ruleF6  = rule("F6", "limits are as many as fit into a web ACL, of paths that AWS WAF can compare, none twice, and none that another limit always comes before", "WAFLimitsExceededException", srcWAFQuotas, Hard, Quota, Warning)
	ruleM1  = rule("M1", "e-mail addresses parse and none stands twice; thresholds make sense", "InvalidParameter", srcUs, Hard)
	ruleM2  = rule("M2", "access is identity or control; kmsKeyArn, and a bucket in a region without origin access identities, need control", "403 at run time", srcOAI, Hard)
	ruleM3  = rule("M3", "old versions of models are kept at most ten years; prod doesn't force its destruction", "", srcLifecycle, Hard, Warning)
	ruleM4  = rule("M4", "kmsKeyArn with replicaRegion is a multi-Region key", "objects aren't replicated", srcMRK, Hard)
	ruleK1  = rule("K1", "the header of api.keys is one that a function can read and take away, and that has nothing but a key", "502 for every call", srcFunctions, Hard)
	ruleK2  = rule("K2", "api.headers has none of the headers in which the edge tells of a caller", "the backend takes every caller for the same", srcHeaders, Hard)
	ruleK3  = rule("K3", "keyHeaders has x-caller only with api.keys, never x-canary or the header that api.keys takes away, and always the one that it passes on", "every caller gets the same cached answer", srcFunctions, Hard, Warning)
	ruleK4  = rule("K4", "forwardHeaders has neither x-caller nor x-canary nor the header of api.keys", "one caller's answer reaches another", srcORP, Hard)
	ruleK5  = rule("K5", "api.canary is another backend, for 0 to 100 percent of the callers", "", srcUs, Hard)
	ruleK6  = rule("K6", "with cors, browsers may send the header of api.keys", "browsers refuse to send it", srcFetch, Warning)
	ruleK7  = rule("K7", "the firewall doesn't count by what the edge tells of a caller", "callers choose by what they are counted", srcEdge, Hard)
	ruleK8  = rule("K8", "what is expected of callers and of the canary is expected where these are", "", srcUs, Hard)
	ruleK9  = rule("K9", "an account makes at most quotas.keyValueStores, and 100 functions", "EntityLimitExceeded", srcQuotas, Quota, Warning)
	ruleK10 = rule("K10", "with api.keys, limits of the firewall count by the header of the key", "callers share limits, or evade them", srcEdge, Warning)
	ruleK11 = rule("K11", "the function that knows callers fits into CloudFront's 10 KB, with cors.allowOrigins and the routes it guards", "FunctionSizeLimitExceeded", srcQuotas, Hard)
	ruleP1  = rule("P1", "pricingPlan is empty or one of CloudFront's flat-rate plans", "", srcPlans, Hard)
	ruleP2  = rule("P2", "with a plan there is a web ACL, which no other distribution has", "ValidationException, InvalidArgument", srcPlans, Hard)
	ruleP3  = rule("P3", "with a plan, no origin access identity reads the models", "ValidationException", srcPlans, Hard)
	ruleP4  = rule("P4", "behaviors and rules of the web ACL are as few as the plan wants", "ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Quota)
	ruleP5  = rule("P5", "the plan includes what the distribution and its web ACL need", "ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Hard)
	ruleP6  = rule("P6", "with a plan, all aliases are names of one apex domain", "", srcPlans, Hard)
	ruleP7  = rule("P7", "the guide says that the plan includes what is used", "ValidationException, WAFFeatureNotIncludedInPricingPlanException", srcPlans, Warning)
	ruleE1  = rule("E1", "an expectation names a request and what the edge must do with it", "", srcUs, Hard)
	ruleE2  = rule("E2", "the edge does what is expected, and where something is, every route is reached", "", srcUs, Hard, Warning)
	ruleE3  = rule("E3", "an expectation has no host, or one of domain.aliases; "+names.PlaceholderHost+" stands for the name that CloudFront gives", "another's distribution gets the request", srcUs, Hard)
	ruleU1  = rule("U1", "what is set has an effect", "", srcUs, Warning)
	ruleQ1  = rule("Q1", "quotas are at least AWS's defaults", "", srcQuotas, Hard)
)
