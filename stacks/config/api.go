package config

import (
	"regexp"
	"slices"
	"strings"
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
		length(ruleO2, domainLength)
	objects(f, "regions", &a.Regions, "Backends in several regions instead: each caller's requests, including POST, go to the nearest healthy one.")
	f.text("originAlias", &a.OriginAlias, "With regions: name that CloudFront connects to, made in domain.hostedZoneId; each backend needs a certificate for it.").
		length(ruleO2, domainLength)
	object(f, "vpcOrigin", &a.VPCOrigin, "Private load balancer or instance instead, reached inside its VPC, with WebSockets but without gRPC.")
	f.text("path", &a.Path, `Put before every request path on the way to the backend: /v1 becomes /api/v1 with "/api". No fence: CloudFront sends /../admin as /api/../admin, unless there are keys or a canary, with which the edge answers 400.`).
		length(ruleO4, Range{0, 255}).
		matches(ruleO4, regexp.MustCompile(`^/(.*[^/])$`), `begin with "/" and not end with it`)
	f.integer("httpsPort", &a.HTTPSPort, "Port of the backend.").standard(443).port(ruleO5, []int{80, 443}, Range{1024, 65535})
	f.integer("readTimeoutSeconds", &a.ReadTimeoutSeconds, "Seconds to wait for an answer, and between two packets of a streamed one.").
		standard(60).atLeast(ruleO7, 1)
	f.integer("keepaliveTimeoutSeconds", &a.KeepaliveTimeoutSeconds, "Seconds an idle connection to the backend stays open.").
		standard(30).atLeast(ruleO8, 1)
	f.integer("connectionAttempts", &a.ConnectionAttempts, "Times CloudFront tries to connect.").standard(2).between(ruleO6, Range{1, 3})
	f.integer("connectionTimeoutSeconds", &a.ConnectionTimeoutSeconds, "Seconds to wait for a connection.").standard(5).between(ruleO6, Range{1, 10})
	f.text("shieldRegion", &a.ShieldRegion, "Region of Origin Shield, one more cache before the backend, which gRPC goes around; best the one nearest to it.").
		named(ruleN2, regions, aRegion)
	f.confidentialByName("headers", &a.Headers, "Fixed headers sent to the backend; nothing secret, they stand in the synthesized JSON.").
		namesMatch(ruleO9, headerNameSized, aHeaderNameSized).
		Values.length(ruleO9, Range{0, 1783})
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
	r.overQuota(ruleO7, at.field("readTimeoutSeconds"), a.ReadTimeoutSeconds, env.Quotas.OriginReadTimeoutSeconds, "", "originReadTimeoutSeconds")
	r.overQuota(ruleO8, at.field("keepaliveTimeoutSeconds"), a.KeepaliveTimeoutSeconds, env.Quotas.OriginKeepaliveTimeoutSeconds, "", "originKeepaliveTimeoutSeconds")
	if s := a.KeepaliveTimeoutSeconds; s > keepaliveOfAPI && s <= keepaliveQuota && env.Quotas.OriginKeepaliveTimeoutSeconds == keepaliveQuota {
		r.warn(ruleO8, at.field("keepaliveTimeoutSeconds"), "is within the %d of AWS's list of quotas, but over the %d of its API Reference, got %d: if AWS refuses it, ask for a higher quota",
			keepaliveQuota, keepaliveOfAPI, s)
	}
	if a.HTTPSPort == 80 {
		r.warn(ruleO5, at.field("httpsPort"), "is 80, where nearly every server speaks plain HTTP: CloudFront speaks only TLS to it, and every call would be answered 502")
	}
	a.checkHeaders(r, at.field("headers"), env.Quotas.OriginCustomHeaders)
	a.checkShield(r, at.field("shieldRegion"))
	if a.VerifySecret != "" && !secretName.MatchString(a.VerifySecret) {
		checkARN(r, ruleO16, at.field("verifySecret"), a.VerifySecret, secretARN.in(env.Region), env.Account.ID)
	}
	if looksSecret(a.VerifySecret) && secretName.MatchString(a.VerifySecret) {
		r.warn(ruleO18, at.field("verifySecret"), "looks like a secret itself, which would stand in the synthesized JSON: give the name or the ARN under which Secrets Manager has it")
	}
	if a.VerifySecret != "" && len(a.Regions) > 0 {
		r.warn(ruleO13, at.field("verifySecret"), "isn't sent by Route 53's health checkers: the backend must answer api.regions[].healthPath without it, or all count as unhealthy")
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
		r.must(ruleO13, at.field("originAlias"), "needs api.regions")
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		kinds++
		a.checkVPCOrigin(r, at.field("vpcOrigin"), env)
	}
	if kinds != 1 {
		r.must(ruleO1, at, "must have exactly one of domainName, regions and vpcOrigin, got %d", kinds)
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
		r.warn(ruleO17, private, "is no name of the public DNS, %q: CloudFront trusts public authorities only, and these issue no certificate for it", a.VPCOrigin.DomainName)
	}
}

func (a API) checkShield(r *report, at path) {
	if a.ShieldRegion != "" && !slices.Contains(shieldRegions, a.ShieldRegion) {
		r.warn(ruleO12, at, "was no region of Origin Shield when this list was made: %s", strings.Join(shieldRegions, ", "))
	}
	if a.ShieldRegion != "" && len(a.Regions) > 0 {
		r.warn(ruleO12, at, "sends every request through %s first, so that api.regions brings callers elsewhere nothing", a.ShieldRegion)
	}
}
