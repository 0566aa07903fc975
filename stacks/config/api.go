package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/callers"
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

// Declare implements [declare.Section].
func (a *API) Declare(f *declare.Fields) {
	f.Text("domainName", &a.DomainName,
		"DNS name of the backend. CloudFront connects by HTTPS, so the backend needs a certificate for this name.").
		Length(ruleOriginDomain, 1, mostDomain)
	declare.Objects(f, "regions", &a.Regions,
		"Backends in several regions instead of one: every request, POST included, goes to the nearest healthy backend.")
	f.Text("originAlias", &a.OriginAlias,
		"With regions: the name CloudFront connects to, created in "+
			"domain.hostedZoneId. Every backend needs a certificate for it.").
		Length(ruleOriginDomain, 1, mostDomain)
	declare.Object(f, "vpcOrigin", &a.VPCOrigin,
		"Private load balancer or instance instead, reached inside its VPC. WebSockets work, gRPC doesn't.")
	f.Text("path", &a.Path,
		`Prefix of every request path sent to the backend: with "/api", /v1 becomes /api/v1. It is no access control: `+
			`without keys or a canary, /../admin reaches the backend as /api/../admin.`).
		Length(ruleOriginPath, 0, 255).
		Matches(ruleOriginPath, regexp.MustCompile(`^/(.*[^/])$`), `begin with "/" and not end with it`)
	f.Integer("httpsPort", &a.HTTPSPort, "Port of the backend.").Default(443).Port(ruleOriginPort, []int{80, 443}, 1024,
		65535)
	f.Integer("readTimeoutSeconds", &a.ReadTimeoutSeconds,
		"Seconds CloudFront waits for the answer to begin, and between two packets of a streamed answer.").
		Default(60).AtLeast(ruleReadTimeout, 1)
	f.Integer("keepaliveTimeoutSeconds", &a.KeepaliveTimeoutSeconds,
		"Seconds an idle connection to the backend stays open.").
		Default(30).AtLeast(ruleKeepaliveTimeout, 1)
	f.Integer("connectionAttempts", &a.ConnectionAttempts,
		"How many times CloudFront tries to connect.").Default(2).Between(ruleConnection, 1, 3)
	f.Integer("connectionTimeoutSeconds",
		&a.ConnectionTimeoutSeconds, "Seconds CloudFront waits for a connection.").Default(5).Between(ruleConnection, 1, 10)
	regionField(f, "shieldRegion", &a.ShieldRegion,
		"Region of Origin Shield, one more cache in front of the backend; "+
			"choose the region nearest to it. gRPC bypasses it.")
	f.ConfidentialByName("headers", &a.Headers,
		"Fixed headers sent to the backend. Put nothing secret here: they appear in the synthesized JSON.").
		NamesMatch(ruleOriginHeaders, headerNameSized, aHeaderNameSized).
		Values.Length(ruleOriginHeaders, 0, 1783)
	f.Confidential("verifySecret", &a.VerifySecret,
		"Name or ARN of a Secrets Manager secret that CloudFront sends as "+
			"X-Origin-Verify, so that the backend can refuse everyone else.")
	declare.Object(f, "failover", &a.Failover, "Second backend, used by routes with failover when the first one fails.")
	declare.Optional(f, "keys", &a.Keys,
		"API keys, checked at the edge; create them with the command key. "+
			"Without this, the backend checks its callers itself.").
		Instead("callers and their keys aren't listed here; write {}, deploy, and then run go run . key add ENV NAME")
	declare.Optional(f, "canary", &a.Canary,
		"New version of the backend for a share of the callers. A caller always gets the same version.")
	declare.Optional(f, "cache", &a.Cache,
		"Cache of the default route; without it nothing is cached. It also limits which cookies and headers of a POST "+
			"reach the backend, so prefer a cache on routes that only read.")
}

// VerifyHeader is the header that proves to the backend that a request came through CloudFront.
const VerifyHeader = "X-Origin-Verify"

const placeholderDomain = "your-backend-endpoint.amazonaws.com"

func (a API) check(r *declare.Report, at declare.Path, region, account string, quotas Quotas) {
	a.checkBackend(r, at, account)
	overQuota(r, ruleReadTimeout, at.Field("readTimeoutSeconds"), a.ReadTimeoutSeconds, quotas.OriginReadTimeoutSeconds,
		"",
		"originReadTimeoutSeconds")
	overQuota(r, ruleKeepaliveTimeout, at.Field("keepaliveTimeoutSeconds"), a.KeepaliveTimeoutSeconds,
		quotas.OriginKeepaliveTimeoutSeconds, "",
		"originKeepaliveTimeoutSeconds")
	if s := a.KeepaliveTimeoutSeconds; s > keepaliveOfAPI && s <= keepaliveQuota &&
		quotas.OriginKeepaliveTimeoutSeconds == keepaliveQuota {
		r.Warn(ruleKeepaliveTimeout, at.Field("keepaliveTimeoutSeconds"),
			"is within the %d of AWS's quotas page, but over the %d of its API Reference, got %d: "+
				"if AWS refuses it, request a higher quota",
			keepaliveQuota, keepaliveOfAPI, s)
	}
	if a.HTTPSPort == 80 {
		r.Warn(ruleOriginPort, at.Field("httpsPort"),
			"is 80, where nearly every server speaks plain HTTP: CloudFront speaks "+
				"only TLS to it, and every call would be answered 502")
	}
	a.checkHeaders(r, at.Field("headers"), quotas.OriginCustomHeaders)
	a.checkShield(r, at.Field("shieldRegion"))
	if a.VerifySecret != "" && !secretName.MatchString(a.VerifySecret) {
		checkARN(r, ruleVerifySecret, at.Field("verifySecret"), a.VerifySecret, secretARN.in(region), account)
	}
	if declare.LooksSecret(a.VerifySecret) && secretName.MatchString(a.VerifySecret) {
		class, is := Warning, "looks like the secret itself"
		if declare.HasSecret(a.VerifySecret) {
			class, is = Hard, "must not be the secret itself"
		}
		r.Add(class, ruleNoKeyInHeaders, at.Field("verifySecret"),
			"%s, which everyone who reads this file would have: give the secret's name or ARN in Secrets Manager", is)
	}
	if a.VerifySecret != "" && len(a.Regions) > 0 {
		r.Warn(ruleOriginRegions, at.Field("verifySecret"),
			"isn't sent by Route 53's health checkers: the backend must answer "+
				"api.regions[].healthPath without it, or all regions count as unhealthy")
	}
	if a.Keys != nil {
		a.Keys.check(r, at.Field("keys"), a.Headers)
	}
	if a.Canary != nil {
		a.Canary.check(r, at.Field("canary"), a.backends())
	}
	if a.Cache != nil {
		a.Cache.check(r, at.Field("cache"), OriginAPI)
		a.Cache.checkDefault(r, at.Field("cache"))
	}
}

// checkBackend holds the API to have one kind of backend, and that one to its rules.
func (a API) checkBackend(r *declare.Report, at declare.Path, account string) {
	kinds := 0
	if a.DomainName != "" {
		kinds++
		checkOriginDomain(r, at.Field("domainName"), a.DomainName)
	}
	if len(a.Regions) > 0 {
		kinds++
		a.checkRegions(r, at)
	} else if a.OriginAlias != "" {
		r.Must(ruleOriginRegions, at.Field("originAlias"), "needs api.regions")
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		kinds++
		a.checkVPCOrigin(r, at.Field("vpcOrigin"), account)
	}
	if kinds != 1 {
		r.Must(ruleOneBackend, at, "must have exactly one of domainName, regions and vpcOrigin, got %d", kinds)
	}
	a.checkFailover(r, at.Field("failover"))
}

// checkNames checks that CloudFront can connect by TLS to the names of backends, unless it sends them the name that
// callers use (CloudFront Developer Guide, Requirements for using SSL/TLS certificates with CloudFront; HTTP 502 status
// code).
func (a API) checkNames(r *declare.Report, at declare.Path, hostSent bool) {
	for _, backend := range []struct {
		at         declare.Path
		name, hint string
	}{
		{at.Field("domainName"), a.DomainName, "; a private load balancer is reached through api.vpcOrigin"},
		{at.Field("originAlias"), a.OriginAlias, ""},
		{at.Field("failover").Field("domainName"), a.Failover.DomainName, ""},
		{at.Field("canary").Field("domainName"), a.canaryName(), ""},
	} {
		if hostSent || checkCertified(r, backend.at, backend.name, backend.hint) {
			checkReached(r, backend.at, backend.name)
		}
	}
	for i, region := range a.Regions { // certificates have the name of originAlias
		checkReached(r, at.Field("regions").Index(i).Field("domainName"), region.DomainName)
	}
	private := at.Field("vpcOrigin").Field("domainName") // is never looked up
	if !hostSent && checkCertified(r, private, a.VPCOrigin.DomainName, "") && isDomain(a.VPCOrigin.DomainName) &&
		privateName(a.VPCOrigin.DomainName) {
		r.Warn(ruleBackendName, private,
			"isn't a public DNS name, %q: CloudFront trusts only public authorities, and they issue no certificate for it",
			a.VPCOrigin.DomainName)
	}
}

func (a API) checkShield(r *declare.Report, at declare.Path) {
	if a.ShieldRegion != "" && !slices.Contains(shieldRegions, a.ShieldRegion) {
		r.Warn(ruleOriginShield, at,
			"wasn't a region of Origin Shield when this list was made: %s", strings.Join(shieldRegions, ", "))
	}
	if a.ShieldRegion != "" && len(a.Regions) > 0 {
		r.Warn(ruleOriginShield, at,
			"sends every request through %s first, so that callers elsewhere don't benefit from api.regions", a.ShieldRegion)
	}
}

// Region is a backend in one region.
type Region struct {
	Region     string
	DomainName string
	HealthPath string
}

// Declare implements [declare.Section].
func (region *Region) Declare(f *declare.Fields) {
	regionField(f, "region", &region.Region, "AWS region to which callers' latency is measured.").Required()
	f.Text("domainName", &region.DomainName, "DNS name of the backend.").Required().Length(ruleOriginDomain, 1, mostDomain)
	f.Text("healthPath", &region.HealthPath,
		"Path that answers 2xx or 3xx over HTTPS while the backend is healthy.").Required().
		Length(ruleOriginRegions, 1, 255).
		Matches(ruleOriginRegions, regexp.MustCompile(`^/|^$`), beginsWithASlash)
}

func (a API) checkRegions(r *declare.Report, at declare.Path) {
	if len(a.Regions) < 2 {
		r.Must(ruleOriginRegions, at.Field("regions"), "must have at least 2 regions, got %d", len(a.Regions))
	}
	if a.OriginAlias == "" {
		r.Must(ruleOriginRegions, at.Field("originAlias"), "is required with api.regions")
	}
	checkOriginDomain(r, at.Field("originAlias"), a.OriginAlias)
	names, backends := make([]string, len(a.Regions)), make([]string, len(a.Regions))
	for i, region := range a.Regions {
		names[i], backends[i] = region.Region, region.DomainName
		where := at.Field("regions").Index(i)
		checkOriginDomain(r, where.Field("domainName"), region.DomainName)
		if a.OriginAlias != "" && strings.EqualFold(region.DomainName, a.OriginAlias) {
			r.Must(ruleHostedZone, where.Field("domainName"),
				"must differ from api.originAlias, which leads to it, got %q for both", region.DomainName)
		}
	}
	for _, i := range repeated(backends, strings.ToLower) {
		r.Warn(ruleOriginRegions, at.Field("regions").Index(i).Field("domainName"),
			"is the backend of an earlier region as well: both regions reach the same one, got %q", backends[i])
	}
	for _, i := range repeated(names, exactly) {
		r.Must(ruleOriginRegions, at.Field("regions").Index(i).Field("region"), "must not repeat %q", names[i])
	}
}

// VPCOrigin is a backend in a private subnet.
type VPCOrigin struct {
	LoadBalancerARN string
	DomainName      string
}

// Declare implements [declare.Section].
func (v *VPCOrigin) Declare(f *declare.Fields) {
	f.Confidential("loadBalancerArn", &v.LoadBalancerARN,
		"ARN of the application load balancer, network load balancer or instance.")
	f.Text("domainName", &v.DomainName, "Name on the backend's certificate.").Length(ruleOriginDomain, 1, mostDomain)
}

func (a API) checkVPCOrigin(r *declare.Report, at declare.Path, account string) {
	if a.VPCOrigin.DomainName == "" {
		r.Must(ruleOriginDomain, at.Field("domainName"), "is required with loadBalancerArn")
	}
	checkOriginDomain(r, at.Field("domainName"), a.VPCOrigin.DomainName)
	shape := loadBalancerARN
	if strings.HasPrefix(a.VPCOrigin.LoadBalancerARN, "arn:aws:ec2:") {
		shape = instanceARN
	}
	checkARN(r, ruleVPCOrigin, at.Field("loadBalancerArn"), a.VPCOrigin.LoadBalancerARN, shape, account)
}

// Failover is the second backend.
type Failover struct {
	DomainName string
}

// Declare implements [declare.Section].
func (second *Failover) Declare(f *declare.Fields) {
	f.Text("domainName", &second.DomainName, "DNS name of the backend.").Length(ruleOriginDomain, 1, mostDomain)
}

func (a API) checkFailover(r *declare.Report, at declare.Path) {
	if a.Failover.DomainName == "" {
		return
	}
	domain := at.Field("domainName")
	checkOriginDomain(r, domain, a.Failover.DomainName)
	if strings.EqualFold(a.Failover.DomainName, a.DomainName) || strings.EqualFold(a.Failover.DomainName, a.OriginAlias) {
		r.Must(ruleFailover, domain, "must differ from the API's, got %q for both", a.Failover.DomainName)
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		r.Warn(ruleVPCOrigin, at,
			"probably works with api.vpcOrigin, but AWS documents no failover from a VPC origin: try it before you rely on it")
	}
}

// Canary is a new version of the backend that a share of the callers gets.
type Canary struct {
	DomainName string
	Percent    int
}

// Declare implements [declare.Section].
func (c *Canary) Declare(f *declare.Fields) {
	f.Text("domainName", &c.DomainName,
		"DNS name of the new version. It gets the same path, port and headers as the backend.").Required().
		Length(ruleOriginDomain, 1, mostDomain)
	f.Integer("percent", &c.Percent,
		"Percentage of callers that get it, until the command canary sets another. If api.keys are already deployed, "+
			"start with 0: the function is updated before the distribution knows the new origin.").Required().
		Between(ruleCanary, 0, 100)
}

// backends returns the names of all backends but the canary.
func (a API) backends() []string {
	backends := []string{a.DomainName, a.OriginAlias, a.Failover.DomainName}
	for _, region := range a.Regions {
		backends = append(backends, region.DomainName)
	}
	return backends
}

func (a API) canaryName() string {
	if a.Canary == nil {
		return ""
	}
	return a.Canary.DomainName
}

func (c Canary) check(r *declare.Report, at declare.Path, backends []string) {
	domain := at.Field("domainName")
	checkOriginDomain(r, domain, c.DomainName)
	if containsFold(backends, c.DomainName) {
		r.Must(ruleCanary, domain, "must differ from the API's, its regions' and its failover's, got %q", c.DomainName)
	}
}

// The headers in which the edge tells the backend what it knows of a caller. Those of callers themselves are taken
// away.
const (
	CallerHeader = callers.CallerHeader // the caller's name
	CanaryHeader = callers.CanaryHeader // 1 if the request goes to the canary
)

// Keys has the edge let only callers in whose API key it knows.
type Keys struct {
	Header  string
	Forward bool
}

// Declare implements [declare.Section].
func (k *Keys) Declare(f *declare.Fields) {
	f.Text("header", &k.Header,
		"Header with the API key: as a bearer token in Authorization, as it is in any other header.").
		Default("Authorization").Matches(ruleAPIKeyHeader, shortHeader,
		"be the name of a header, of 1 to 64 letters, digits, - and _")
	f.Boolean("forward", &k.Forward,
		"Forward the API key to the backend. By default it is removed, and x-caller has the caller's name.")
}

func (k Keys) check(r *declare.Report, at declare.Path, fixed map[string]string) {
	header := at.Field("header")
	switch {
	case denied(untouchable, k.Header):
		r.Must(ruleAPIKeyHeader, header, "must be a header that a function can read and remove, got %q", k.Header)
	case denied(tellNoCallers, k.Header), denied([]string{"access-control-*"}, k.Header):
		r.Must(ruleAPIKeyHeader, header, "must be a header that has nothing but an API key, got %q", k.Header)
	case carriesSecret.MatchString(k.Header) && containsFold(slices.Collect(maps.Keys(fixed)), k.Header):
		// api.headers must not have it anyway
	case setByEdge(k.Header), readAs(k.Header, VerifyHeader), containsFold(slices.Collect(maps.Keys(fixed)), k.Header):
		r.Must(ruleAPIKeyHeader, header, "must not be a header that CloudFront sets itself, got %q", k.Header)
	}
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

// checkKeyHeader holds one header of a cache's key to what the edge does with the headers of callers.
func (a API) checkKeyHeader(r *declare.Report, at declare.Path, name, origin string) {
	known := a.Keys != nil && origin == OriginAPI
	switch {
	case readAs(name, CanaryHeader):
		r.Must(ruleCallerInKey, at, "must not be %q, which is part of the cache key automatically if there is a canary", name)
	case readAs(name, CallerHeader) && (!known || !strings.EqualFold(name, CallerHeader)):
		r.Must(ruleCallerInKey, at, "must not be %q: only api.keys sets it, on routes to the API", name)
	case known && strings.EqualFold(name, a.takenAway()):
		r.Must(ruleCallerInKey, at, "must not be %q, which api.keys removes: %s tells callers apart", name, CallerHeader)
	}
}

// checkShared warns of a cache whose key hasn't what tells callers apart. Where the edge lets only known callers in, no
// headers at all say so on purpose.
func (a API) checkShared(r *declare.Report, at declare.Path, c Cache) {
	apart, differ := "Authorization", "Authorization"
	if a.Keys != nil {
		apart, differ = CallerHeader, "their API key"
	}
	others := slices.DeleteFunc(slices.Clone(c.KeyHeaders), func(h string) bool {
		return denied(tellNoCallers, h) ||
			strings.Contains(h, "*")
	})
	if c.Cookies == "all" {
		others = append(others, "Cookie")
	}
	switch {
	case containsFold(c.KeyHeaders, apart), containsFold(c.ForwardHeaders, apart), // which has a message of its own
		a.Keys != nil && len(c.KeyHeaders) == 0:
	case a.Keys != nil && a.Keys.Forward && containsFold(c.KeyHeaders, a.Keys.Header):
	case len(others) > 0:
		r.Warn(ruleCallersApart, at,
			"has no %s: callers who differ only in %s get the same cached answer, which is fine if %s tells all of them apart",
			apart, differ, declare.Listed(others, "or"))
	default:
		r.Warn(ruleCallersApart, at,
			"has no %s: every caller gets the same cached answer; add it, unless that is meant", apart)
	}
}

// tellsCallers tells whether a header says of a request whose it is, or has the key.
func (a API) tellsCallers(header string) bool {
	return setByEdge(header) || a.Keys != nil && strings.EqualFold(header, a.Keys.Header)
}

// checkForwarded refuses such a header where it would be forwarded beside the key.
func (a API) checkForwarded(r *declare.Report, at declare.Path, name string) {
	switch {
	case readAs(name, CanaryHeader):
		r.Must(ruleCallerNotForwarded, at, "must not be %q, which is forwarded automatically if there is a canary", name)
	case readAs(name, CallerHeader):
		r.Must(ruleCallerNotForwarded, at, "must not be %q: put it in keyHeaders, or one caller gets another's answer", name)
	case a.takenAway() != "":
		r.Must(ruleCallerNotForwarded, at, "must not be %q, which api.keys removes", name)
	default:
		r.Must(ruleCallerNotForwarded, at,
			"must not be %q, which has the API key: put it in keyHeaders, or one caller gets another's answer", name)
	}
}

// mostHeaderCharacters is what the names and values of all custom headers may have together
// (CloudFront Developer Guide, Quotas on headers).
const mostHeaderCharacters = 10_240

func (a API) checkHeaders(r *declare.Report, at declare.Path, most int) {
	names := slices.Sorted(maps.Keys(a.Headers))
	count, total := len(names), 0
	if a.VerifySecret != "" {
		count++
	}
	overQuota(r, ruleOriginHeaders, at, count, most, " headers, including that of verifySecret", "originCustomHeaders")
	for _, name := range names {
		value := a.Headers[name]
		total += len(name) + len(value)
		switch {
		case denied(originHeaderDenied, name):
			r.Must(ruleOriginHeaderNames, at.Field(name), "must not be sent to the origin: CloudFront refuses this header")
		case a.VerifySecret != "" && readAs(name, VerifyHeader):
			r.Must(ruleOriginHeaderNames, at.Field(name), "must not be set with api.verifySecret, which sets it")
		default:
			a.checkSecret(r, at.Field(name), name, value)
		}
	}
	if total > mostHeaderCharacters {
		r.Must(ruleOriginHeaders, at,
			"must have at most %d characters in all names and values together, got %d", mostHeaderCharacters, total)
	}
	for _, i := range repeated(names, strings.ToLower) {
		r.Must(ruleOriginHeaders, at.Field(names[i]), "must not differ from another header only in upper and lower case")
	}
}

// checkSecret refuses a header with what must not stand in the configuration, in the synthesized JSON and in the state.
func (a API) checkSecret(r *declare.Report, at declare.Path, name, value string) {
	if carriesSecret.MatchString(name) || declare.LooksSecret(value) {
		r.Must(ruleNoKeyInHeaders, at,
			"must not have a key or a token: it would stand in pull requests and in the synthesized JSON; name a secret in "+
				"api.verifySecret, which is sent as %s, or let the backend read it from Secrets Manager", VerifyHeader)
	}
}
