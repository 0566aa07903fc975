package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// API is the backend that runs the models, as CloudFront reaches it.
type API struct {
	DomainName               string
	Regions                  []Region
	OriginAlias              string
	VPCOrigin                VPCOrigin
	Path                     string
	HTTPSPort                int
	ReadTimeoutSeconds       int
	KeepaliveTimeoutSeconds  int
	ConnectionAttempts       int
	ConnectionTimeoutSeconds int
	ShieldRegion             string
	Headers                  map[string]string
	VerifySecret             string
	Failover                 Failover
	Keys                     *Keys
	Canary                   *Canary
	Cache                    *Cache
}

func (a *API) declare(f *fields) {
	f.text("domainName", &a.DomainName, "DNS name of the backend; CloudFront speaks TLS 1.2 to it, so it needs a certificate for this name.").
		length(ruleOriginDomain, domainLength)
	objects(f, "regions", &a.Regions, "Backends in several regions instead: each caller's requests, including POST, go to the nearest healthy one.")
	f.text("originAlias", &a.OriginAlias, "With regions: name that CloudFront connects to, made in domain.hostedZoneId; each backend needs a certificate for it.").
		length(ruleOriginDomain, domainLength)
	object(f, "vpcOrigin", &a.VPCOrigin, "Private load balancer or instance instead, reached inside its VPC, with WebSockets but without gRPC.")
	f.text("path", &a.Path, `Put before every request path on the way to the backend: /v1 becomes /api/v1 with "/api". No fence: CloudFront sends /../admin as /api/../admin, unless there are keys or a canary, with which the edge answers 400.`).
		length(ruleOriginPath, Range{0, 255}).
		matches(ruleOriginPath, regexp.MustCompile(`^/(.*[^/])$`), `begin with "/" and not end with it`)
	f.integer("httpsPort", &a.HTTPSPort, "Port of the backend.").standard(443).port(ruleOriginPort, []int{80, 443}, Range{1024, 65535})
	f.integer("readTimeoutSeconds", &a.ReadTimeoutSeconds, "Seconds to wait for an answer, and between two packets of a streamed one.").
		standard(60).atLeast(ruleReadTimeout, 1)
	f.integer("keepaliveTimeoutSeconds", &a.KeepaliveTimeoutSeconds, "Seconds an idle connection to the backend stays open.").
		standard(30).atLeast(ruleKeepaliveTimeout, 1)
	f.integer("connectionAttempts", &a.ConnectionAttempts, "Times CloudFront tries to connect.").standard(2).between(ruleConnection, Range{1, 3})
	f.integer("connectionTimeoutSeconds", &a.ConnectionTimeoutSeconds, "Seconds to wait for a connection.").standard(5).between(ruleConnection, Range{1, 10})
	f.text("shieldRegion", &a.ShieldRegion, "Region of Origin Shield, one more cache before the backend, which gRPC goes around; best the one nearest to it.").
		named(ruleRegion, regions, aRegion)
	f.confidentialByName("headers", &a.Headers, "Fixed headers sent to the backend; nothing secret, they stand in the synthesized JSON.").
		namesMatch(ruleOriginHeaders, headerNameSized, aHeaderNameSized).
		Values.length(ruleOriginHeaders, Range{0, 1783})
	f.confidential("verifySecret", &a.VerifySecret, "Name or ARN of a Secrets Manager secret that is sent as X-Origin-Verify, so that the backend can refuse others.")
	object(f, "failover", &a.Failover, "Second backend, asked by the routes with failover when the first fails.")
	optional(f, "keys", &a.Keys, "API keys, checked at the edge; absent: the backend checks its callers itself. The command key makes them.").
		instead = "it lists neither callers nor their keys; write {}, deploy, and make keys with the command key add"
	optional(f, "canary", &a.Canary, "New version of the backend for a share of the callers; each of them gets the same version every time.")
	optional(f, "cache", &a.Cache, "Cache of the default route; absent: nothing is cached. It also decides which cookies and headers of a POST reach the backend, so rather cache on routes that only read.")
}

// VerifyHeader is the header that proves to the backend that a request came through CloudFront.
const VerifyHeader = "X-Origin-Verify"

const placeholderDomain = "your-backend-endpoint.amazonaws.com"

func (a API) check(r *report, at path, env Environment) {
	a.checkBackend(r, at, env)
	r.overQuota(ruleReadTimeout, at.field("readTimeoutSeconds"), a.ReadTimeoutSeconds, env.Quotas.OriginReadTimeoutSeconds, "", "originReadTimeoutSeconds")
	r.overQuota(ruleKeepaliveTimeout, at.field("keepaliveTimeoutSeconds"), a.KeepaliveTimeoutSeconds, env.Quotas.OriginKeepaliveTimeoutSeconds, "", "originKeepaliveTimeoutSeconds")
	if s := a.KeepaliveTimeoutSeconds; s > keepaliveOfAPI && s <= keepaliveQuota && env.Quotas.OriginKeepaliveTimeoutSeconds == keepaliveQuota {
		r.warn(ruleKeepaliveTimeout, at.field("keepaliveTimeoutSeconds"), "is within the %d of AWS's list of quotas, but over the %d of its API Reference, got %d: if AWS refuses it, ask for a higher quota",
			keepaliveQuota, keepaliveOfAPI, s)
	}
	if a.HTTPSPort == 80 {
		r.warn(ruleOriginPort, at.field("httpsPort"), "is 80, where nearly every server speaks plain HTTP: CloudFront speaks only TLS to it, and every call would be answered 502")
	}
	a.checkHeaders(r, at.field("headers"), env.Quotas.OriginCustomHeaders)
	a.checkShield(r, at.field("shieldRegion"))
	if a.VerifySecret != "" && !secretName.MatchString(a.VerifySecret) {
		checkARN(r, ruleVerifySecret, at.field("verifySecret"), a.VerifySecret, secretARN.in(env.Region), env.Account.ID)
	}
	if looksSecret(a.VerifySecret) && secretName.MatchString(a.VerifySecret) {
		r.warn(ruleNoKeyInHeaders, at.field("verifySecret"), "looks like a secret itself, which would stand in the synthesized JSON: give the name or the ARN under which Secrets Manager has it")
	}
	if a.VerifySecret != "" && len(a.Regions) > 0 {
		r.warn(ruleOriginRegions, at.field("verifySecret"), "isn't sent by Route 53's health checkers: the backend must answer api.regions[].healthPath without it, or all count as unhealthy")
	}
	if a.Keys != nil {
		a.Keys.check(r, at.field("keys"), a)
	}
	if a.Canary != nil {
		a.Canary.check(r, at.field("canary"), a)
	}
	if a.Cache != nil {
		a.Cache.check(r, at.field("cache"), OriginAPI, env)
		a.Cache.checkDefault(r, at.field("cache"))
	}
}

// checkBackend holds the API to have one kind of backend, and that one to its rules.
func (a API) checkBackend(r *report, at path, env Environment) {
	kinds := 0
	if a.DomainName != "" {
		kinds++
		checkOriginDomain(r, at.field("domainName"), a.DomainName)
	}
	if len(a.Regions) > 0 {
		kinds++
		a.checkRegions(r, at, env)
	} else if a.OriginAlias != "" {
		r.must(ruleOriginRegions, at.field("originAlias"), "needs api.regions")
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		kinds++
		a.checkVPCOrigin(r, at.field("vpcOrigin"), env)
	}
	if kinds != 1 {
		r.must(ruleOneBackend, at, "must have exactly one of domainName, regions and vpcOrigin, got %d", kinds)
	}
	a.checkFailover(r, at.field("failover"), env)
	a.checkNames(r, at, env)
}

// checkNames holds the names of backends to be such as CloudFront can connect to by TLS (CloudFront Developer Guide,
// Requirements for using SSL/TLS certificates with CloudFront; HTTP 502 status code).
func (a API) checkNames(r *report, at path, env Environment) {
	hostSent := env.sendsHost()
	for _, backend := range []struct {
		at         path
		name, hint string
	}{
		{at.field("domainName"), a.DomainName, "; a private load balancer is reached through api.vpcOrigin"},
		{at.field("originAlias"), a.OriginAlias, ""},
		{at.field("failover").field("domainName"), a.Failover.DomainName, ""},
		{at.field("canary").field("domainName"), a.canaryName(), ""},
	} {
		if hostSent || checkCertified(r, backend.at, backend.name, backend.hint) {
			checkReached(r, backend.at, backend.name)
		}
	}
	for i, region := range a.Regions { // certificates have the name of originAlias
		checkReached(r, at.field("regions").index(i).field("domainName"), region.DomainName)
	}
	private := at.field("vpcOrigin").field("domainName") // is never looked up
	if !hostSent && checkCertified(r, private, a.VPCOrigin.DomainName, "") && isDomain(a.VPCOrigin.DomainName) && privateName(a.VPCOrigin.DomainName) {
		r.warn(ruleBackendName, private, "is no name of the public DNS, %q: CloudFront trusts public authorities only, and these issue no certificate for it", a.VPCOrigin.DomainName)
	}
}

func (a API) checkShield(r *report, at path) {
	if a.ShieldRegion != "" && !slices.Contains(shieldRegions, a.ShieldRegion) {
		r.warn(ruleOriginShield, at, "was no region of Origin Shield when this list was made: %s", strings.Join(shieldRegions, ", "))
	}
	if a.ShieldRegion != "" && len(a.Regions) > 0 {
		r.warn(ruleOriginShield, at, "sends every request through %s first, so that api.regions brings callers elsewhere nothing", a.ShieldRegion)
	}
}

// Region is a backend in one region.
type Region struct {
	Region     string
	DomainName string
	HealthPath string
}

func (region *Region) declare(f *fields) {
	f.text("region", &region.Region, "AWS region that callers' latency is measured to.").required().named(ruleRegion, regions, aRegion)
	f.text("domainName", &region.DomainName, "DNS name of the backend.").required().length(ruleOriginDomain, domainLength)
	f.text("healthPath", &region.HealthPath, "Path that answers 2xx or 3xx over HTTPS while the backend is healthy.").required().
		length(ruleOriginRegions, Range{1, 255}).
		matches(ruleOriginRegions, regexp.MustCompile(`^/|^$`), beginsWithASlash)
}

func (a API) checkRegions(r *report, at path, env Environment) {
	if len(a.Regions) < 2 {
		r.must(ruleOriginRegions, at.field("regions"), "must have at least 2 regions, got %d", len(a.Regions))
	}
	if a.OriginAlias == "" {
		r.must(ruleOriginRegions, at.field("originAlias"), "is required with api.regions")
	}
	checkOriginDomain(r, at.field("originAlias"), a.OriginAlias)
	if env.Domain.HostedZoneID == "" {
		r.must(ruleOriginRegions, at.field("regions"), "needs domain.hostedZoneId, where the records are made")
	}
	names, backends := make([]string, len(a.Regions)), make([]string, len(a.Regions))
	for i, region := range a.Regions {
		names[i], backends[i] = region.Region, region.DomainName
		where := at.field("regions").index(i)
		checkOriginDomain(r, where.field("domainName"), region.DomainName)
		if a.OriginAlias != "" && strings.EqualFold(region.DomainName, a.OriginAlias) {
			r.must(ruleHostedZone, where.field("domainName"), "must differ from api.originAlias, which leads to it, got %q for both", region.DomainName)
		}
	}
	for _, i := range repeated(backends, strings.ToLower) {
		r.warn(ruleOriginRegions, at.field("regions").index(i).field("domainName"), "is the backend of an earlier region as well: callers of both reach the same one, got %q", backends[i])
	}
	for _, i := range repeated(names, exactly) {
		r.must(ruleOriginRegions, at.field("regions").index(i).field("region"), "must not repeat %q", names[i])
	}
}

// VPCOrigin is a backend in a private subnet.
type VPCOrigin struct {
	LoadBalancerARN string
	DomainName      string
}

func (v *VPCOrigin) declare(f *fields) {
	f.confidential("loadBalancerArn", &v.LoadBalancerARN, "ARN of the application or network load balancer, or of the instance.")
	f.text("domainName", &v.DomainName, "Name on the backend's certificate.").length(ruleOriginDomain, domainLength)
}

func (a API) checkVPCOrigin(r *report, at path, env Environment) {
	if a.VPCOrigin.DomainName == "" {
		r.must(ruleOriginDomain, at.field("domainName"), "is required with loadBalancerArn")
	}
	checkOriginDomain(r, at.field("domainName"), a.VPCOrigin.DomainName)
	shape := loadBalancerARN
	if strings.HasPrefix(a.VPCOrigin.LoadBalancerARN, "arn:aws:ec2:") {
		shape = instanceARN
	}
	checkARN(r, ruleVPCOrigin, at.field("loadBalancerArn"), a.VPCOrigin.LoadBalancerARN, shape, env.Account.ID)
}

// Failover is the second backend.
type Failover struct {
	DomainName string
}

func (second *Failover) declare(f *fields) {
	f.text("domainName", &second.DomainName, "DNS name of the backend.").length(ruleOriginDomain, domainLength)
}

func (a API) checkFailover(r *report, at path, env Environment) {
	if a.Failover.DomainName == "" {
		return
	}
	domain := at.field("domainName")
	checkOriginDomain(r, domain, a.Failover.DomainName)
	if strings.EqualFold(a.Failover.DomainName, a.DomainName) || strings.EqualFold(a.Failover.DomainName, a.OriginAlias) {
		r.must(ruleFailover, domain, "must differ from the API's, got %q for both", a.Failover.DomainName)
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		r.warn(ruleVPCOrigin, at, "goes with api.vpcOrigin as far as we know, but AWS documents no failover from a VPC origin: try it before you rely on it")
	}
	if !slices.ContainsFunc(env.Routes, func(route Route) bool { return route.Failover }) {
		r.warn(ruleHasEffect, at, "has no effect: no route has failover")
	}
}

// OriginCanary is where the requests of the canary's share of callers go.
const OriginCanary = names.OriginCanary

// Canary is a new version of the backend that a share of the callers gets.
type Canary struct {
	DomainName string
	Percent    int
}

func (c *Canary) declare(f *fields) {
	f.text("domainName", &c.DomainName, "DNS name of the new version; like the backend's, with the same path, port and headers.").required().
		length(ruleOriginDomain, domainLength)
	f.integer("percent", &c.Percent, "Share of the callers that get it, in percent, until the command canary sets another. Where api.keys are deployed already, begin with 0: the function changes before the distribution has the new origin.").required().
		between(ruleCanary, Range{0, 100})
}

// CanaryFailsOver tells whether a route asks api.failover when the canary fails.
func (e Environment) CanaryFailsOver() bool {
	return e.API.Canary != nil && slices.ContainsFunc(e.Behaviors(), Behavior.FailsOverFromAPI)
}

func (a API) canaryName() string {
	if a.Canary == nil {
		return ""
	}
	return a.Canary.DomainName
}

func (c Canary) check(r *report, at path, api API) {
	domain := at.field("domainName")
	checkOriginDomain(r, domain, c.DomainName)
	others := []string{api.DomainName, api.OriginAlias, api.Failover.DomainName}
	for _, region := range api.Regions {
		others = append(others, region.DomainName)
	}
	if slices.ContainsFunc(others, func(other string) bool { return strings.EqualFold(c.DomainName, other) }) {
		r.must(ruleCanary, domain, "must differ from the API's, its regions' and its failover's, got %q", c.DomainName)
	}
}

// The headers in which the edge tells the backend what it knows of a caller. Those of callers themselves are taken away.
const (
	CallerHeader = callers.CallerHeader // the caller's name
	CanaryHeader = callers.CanaryHeader // 1 if the request goes to the canary
)

// Keys has the edge let only callers in whose API key it knows.
type Keys struct {
	Header  string
	Forward bool
}

func (k *Keys) declare(f *fields) {
	f.text("header", &k.Header, "Header that has the key: a bearer token in Authorization, the bare key in any other.").
		standard("Authorization").matches(ruleAPIKeyHeader, shortHeader, "be the name of a header, of 1 to 64 letters, digits, - and _")
	f.boolean("forward", &k.Forward, "Pass the key on to the backend; by default it is taken away, and x-caller has the caller's name.")
}

// untouchable are headers that functions don't see, or can't take away; lower-case, * ends a prefix (CloudFront Developer
// Guide, Restrictions on all edge functions; CloudFront Functions event structure on Cookie).
var untouchable = slices.Concat(cloudfront.HiddenHeaders, cloudfront.ReadOnlyHeaders, []string{"cookie"})

func (k Keys) check(r *report, at path, api API) {
	header := at.field("header")
	switch {
	case denied(untouchable, k.Header):
		r.must(ruleAPIKeyHeader, header, "must be a header that a function can read and take away, got %q", k.Header)
	case denied(tellNoCallers, k.Header), denied([]string{"access-control-*"}, k.Header):
		r.must(ruleAPIKeyHeader, header, "must be a header that has nothing but a key, got %q", k.Header)
	case setByEdge(k.Header), readAs(k.Header, VerifyHeader), api.hasHeader(k.Header):
		r.must(ruleAPIKeyHeader, header, "must not be a header that CloudFront sets itself, got %q", k.Header)
	}
}

// readAs reports whether backends may take one header for another. CGI's successors read - as _ (RFC 3875, 4.1.18), and some of
// them any other sign.
func readAs(header, other string) bool {
	letters := func(name string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return '_'
		}, name)
	}
	return strings.EqualFold(letters(header), letters(other))
}

// setByEdge tells whether a header is one in which the edge tells the backend of a caller.
func setByEdge(header string) bool {
	return readAs(header, CallerHeader) || readAs(header, CanaryHeader)
}

// HasStore tells whether there is a key value store, for the keys of callers and the canary's share.
func (a API) HasStore() bool { return a.Keys != nil || a.Canary != nil }

// KeyHeader is the header that has the keys of callers, in lower case; empty: the edge knows none.
func (a API) KeyHeader() string {
	if a.Keys == nil {
		return ""
	}
	return strings.ToLower(a.Keys.Header)
}

// hasHeader tells whether a header is one of the fixed ones.
func (a API) hasHeader(name string) bool {
	for header := range a.Headers {
		if strings.EqualFold(header, name) {
			return true
		}
	}
	return false
}

// takenAway is the header of the key, unless the backend gets it.
func (a API) takenAway() string {
	if a.Keys == nil || a.Keys.Forward {
		return ""
	}
	return a.Keys.Header
}

// keyHeaders are the headers that tell callers apart in a cached route's key where the configuration names none.
func (a API) keyHeaders() []string {
	if a.Keys == nil {
		return []string{"Authorization"}
	}
	headers := []string{CallerHeader, "Authorization"}
	if !containsFold(headers, a.Keys.Header) {
		headers = append(headers, a.Keys.Header)
	}
	return slices.DeleteFunc(headers, func(h string) bool { return strings.EqualFold(h, a.takenAway()) })
}

// checkCallers holds the rest of an environment to its keys and its canary.
func (e Environment) checkCallers(r *report, at path) {
	e.checkFixedHeaders(r, at.field("api").field("headers"))
	if e.API.Keys != nil && e.CORS != nil && !containsFold(e.CORS.AllowHeaders, e.API.Keys.Header) && !slices.Contains(e.CORS.AllowHeaders, "*") {
		r.warn(ruleCORSAPIKey, at.field("cors").field("allowHeaders"), "lacks %q of api.keys: browsers won't send a key, and every request from a page is answered 401", e.API.Keys.Header)
	}
	if e.API.Keys != nil && setByEdge(e.Firewall.LimitBy) {
		r.must(ruleLimitByCaller, at.field("firewall").field("limitBy"), "must not be %q: the firewall sees requests before the edge does, with what callers write there; use the header of the key, %q",
			e.Firewall.LimitBy, e.API.Keys.Header)
	}
	e.checkCounted(r, at.field("firewall"))
	e.checkFunction(r, at)
	for i, expectation := range e.Expect {
		expectation.checkCaller(r, at.field("expect").index(i), e.API)
	}
}

// ViewerRequest is what the function does that runs before each request to the API, where there are keys or a canary.
func (e Environment) ViewerRequest() viewerrequest.Options {
	options := viewerrequest.Options{KeyHeader: e.API.KeyHeader(), OriginPath: e.API.Path != ""}
	if e.API.Keys != nil {
		options.ForwardKey = e.API.Keys.Forward
	}
	if e.API.Canary != nil {
		options.Canary = &viewerrequest.Canary{Origin: OriginCanary, Percent: e.API.Canary.Percent}
	}
	if e.CORS != nil {
		options.CORS = &viewerrequest.CORS{AllowOrigins: e.CORS.AllowOrigins, AllowCredentials: e.CORS.AllowCredentials}
	}
	for _, route := range e.Routes {
		if route.Origin == OriginAPI {
			options.Routes = append(options.Routes, viewerrequest.Route{Path: route.Path, Signed: route.Signed, Reads: route.Methods == MethodsRead})
		}
	}
	return options
}

// failoverCode is more than the function grows where the canary fails over, in bytes.
const failoverCode = 300

func (e Environment) checkFunction(r *report, at path) {
	if !e.API.HasStore() {
		return
	}
	size := len(viewerrequest.Code(e.ViewerRequest()))
	if e.CanaryFailsOver() {
		size += failoverCode
	}
	if size > cloudfront.MaxFunctionBytes {
		r.must(ruleFunctionSize, at.field("api"), "must make a function of at most %d bytes: have fewer or shorter cors.allowOrigins, and fewer routes to the API up to the last that is signed or only reads", cloudfront.MaxFunctionBytes)
	}
}

// checkFixedHeaders: those of api.headers replace what a request has (CloudFront Developer Guide, Add custom headers to
// origin requests), and so what the edge says of its caller.
func (e Environment) checkFixedHeaders(r *report, at path) {
	for _, name := range slices.Sorted(maps.Keys(e.API.Headers)) {
		if e.API.Keys != nil && readAs(name, CallerHeader) {
			r.must(ruleEdgeHeaders, at.key(name), "must not be set with api.keys, which sets it")
		}
		if e.API.Canary != nil && readAs(name, CanaryHeader) {
			r.must(ruleEdgeHeaders, at.key(name), "must not be set with api.canary, which sets it")
		}
	}
}

func (e Expectation) checkCaller(r *report, at path, api API) {
	if e.Caller != "" && api.Keys == nil {
		r.must(ruleExpectedCallers, at.field("caller"), "needs api.keys: without them the edge knows no callers")
	}
	if e.Canary && api.Canary == nil {
		r.must(ruleExpectedCallers, at.field("canary"), "needs api.canary")
	}
	if e.Origin == OriginCanary && api.Canary == nil {
		r.must(ruleExpectedCallers, at.field("origin"), "needs api.canary")
	}
}

// checkKeyHeader holds one header of a cache's key to what the edge does with the headers of callers.
func (a API) checkKeyHeader(r *report, at path, name, origin string) {
	known := a.Keys != nil && origin == OriginAPI
	switch {
	case readAs(name, CanaryHeader):
		r.must(ruleCallerInKey, at, "must not be %q, which is part of the key by itself where there is a canary", name)
	case readAs(name, CallerHeader) && (!known || !strings.EqualFold(name, CallerHeader)):
		r.must(ruleCallerInKey, at, "must not be %q: only api.keys sets it, on routes to the API", name)
	case known && strings.EqualFold(name, a.takenAway()):
		r.must(ruleCallerInKey, at, "must not be %q, which api.keys takes away: %s tells callers apart", name, CallerHeader)
	}
}

// checkShared warns of a cache whose key hasn't what tells callers apart. Where the edge lets only known callers in, no headers at
// all say so on purpose.
func (a API) checkShared(r *report, at path, c Cache) {
	apart, differ := "Authorization", "Authorization"
	if a.Keys != nil {
		apart, differ = CallerHeader, "their API key"
	}
	others := slices.DeleteFunc(slices.Clone(c.KeyHeaders), func(h string) bool { return denied(tellNoCallers, h) || strings.Contains(h, "*") })
	if c.Cookies == "all" {
		others = append(others, "Cookie")
	}
	switch {
	case containsFold(c.KeyHeaders, apart), a.Keys != nil && len(c.KeyHeaders) == 0:
	case a.Keys != nil && a.Keys.Forward && containsFold(c.KeyHeaders, a.Keys.Header):
	case len(others) > 0:
		r.warn(ruleCallersApart, at, "has no %s: callers who differ only in %s get the same cached answer, which is fine if %s tells all of them apart", apart, differ, listed(others, "or"))
	default:
		r.warn(ruleCallersApart, at, "has no %s: every caller gets the same cached answer", apart)
	}
}

// tellsCallers tells whether a header says of a request whose it is, or has the key.
func (a API) tellsCallers(header string) bool {
	return setByEdge(header) || a.Keys != nil && strings.EqualFold(header, a.Keys.Header)
}

// checkForwarded refuses such a header where it would be forwarded beside the key.
func (a API) checkForwarded(r *report, at path, name string) {
	switch {
	case readAs(name, CanaryHeader):
		r.must(ruleCallerNotForwarded, at, "must not be %q, which is forwarded by itself where there is a canary", name)
	case readAs(name, CallerHeader):
		r.must(ruleCallerNotForwarded, at, "must not be %q: put it in keyHeaders, or one caller gets what is meant for another", name)
	case a.takenAway() != "":
		r.must(ruleCallerNotForwarded, at, "must not be %q, which api.keys takes away", name)
	default:
		r.must(ruleCallerNotForwarded, at, "must not be %q, which has the key: put it in keyHeaders, or one caller gets what is meant for another", name)
	}
}

// checkCounted warns of limits that don't count by the keys that the edge knows: the firewall sees them before the edge does.
func (e Environment) checkCounted(r *report, at path) {
	keys, w := e.API.Keys, e.Firewall
	limited := len(w.Limits) > 0 || w.RequestsPer5Minutes != unset[Firewall]().RequestsPer5Minutes
	switch {
	case keys == nil || !w.Enabled || w.WebACLARN != "" || setByEdge(w.LimitBy):
	case w.LimitBy == LimitByIP && limited:
		r.warn(ruleLimitsByKey, at.field("limitBy"), `is "ip", so that callers behind one address share these limits, and one with many addresses has each of them many times; count by the header of api.keys, %q`, keys.Header)
	case w.LimitBy != LimitByIP && !strings.EqualFold(w.LimitBy, keys.Header):
		r.warn(ruleLimitsByKey, at.field("limitBy"), "is %q, but callers send their keys in %q (api.keys.header): requests without the one are counted by IP address, and whoever makes up values isn't counted", w.LimitBy, keys.Header)
	}
}

// originHeaderDenied are headers that a distribution can't add to origin requests; lower-case, * ends a prefix.
var originHeaderDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since",
	"if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding",
	"upgrade", "via", "x-real-ip", "x-amz-*", "x-edge-*",
}

// forwardDenied are headers that a policy can't name; lower-case, * ends a prefix (CloudFront Developer Guide, Request and
// response behavior for custom origins, HTTP request headers and CloudFront behavior).
var forwardDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization",
	"proxy-connection", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "x-amz-cf-id", "x-edge-*", "x-forwarded-proto",
	"x-real-ip",
}

// originRequestOnly are headers of CloudFront's own that an origin request policy takes and a cache policy doesn't, in lower
// case (CloudFront Developer Guide, Add CloudFront request headers; Viewer mTLS headers for cache policies and forwarded to origin).
var originRequestOnly = []string{
	"client-cert", "client-cert-chain", "cloudfront-viewer-address", "cloudfront-viewer-asn", "cloudfront-viewer-cert-pem",
	"cloudfront-viewer-cert-validity", "cloudfront-viewer-ja3-fingerprint", "cloudfront-viewer-ja4-fingerprint", "cloudfront-viewer-tls",
}

// ofViewerCertificates are headers that CloudFront sets where callers show a certificate, which a distribution made here doesn't
// ask for; lower-case, * ends a prefix.
var ofViewerCertificates = []string{"client-cert", "client-cert-chain", "cloudfront-viewer-cert-*"}

// denied tells whether a header stands in a list like those above.
func denied(list []string, header string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc(list, func(d string) bool {
		prefix, wild := strings.CutSuffix(d, "*")
		return d == header || wild && strings.HasPrefix(header, prefix)
	})
}

// mostHeaderCharacters is what the names and values of all custom headers may have together
// (CloudFront Developer Guide, Quotas on headers).
const mostHeaderCharacters = 10_240

func (a API) checkHeaders(r *report, at path, most int) {
	names := slices.Sorted(maps.Keys(a.Headers))
	count, total := len(names), 0
	if a.VerifySecret != "" {
		count++
	}
	r.overQuota(ruleOriginHeaders, at, count, most, " headers with that of verifySecret", "originCustomHeaders")
	for _, name := range names {
		value := a.Headers[name]
		total += len(name) + len(value)
		switch {
		case denied(originHeaderDenied, name):
			r.must(ruleOriginHeaderNames, at.key(name), "must not be sent to the origin: CloudFront refuses this header")
		case a.VerifySecret != "" && readAs(name, VerifyHeader):
			r.must(ruleOriginHeaderNames, at.key(name), "must not be set with api.verifySecret, which sets it")
		default:
			a.checkSecret(r, at.key(name), name, value)
		}
	}
	if total > mostHeaderCharacters {
		r.must(ruleOriginHeaders, at, "must have at most %d characters in all names and values together, got %d", mostHeaderCharacters, total)
	}
	for _, i := range repeated(names, strings.ToLower) {
		r.must(ruleOriginHeaders, at.key(names[i]), "must not repeat a header in another case")
	}
}
