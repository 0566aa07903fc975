package config

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/config/declare"
)

// Backend is a server that answers requests: how CloudFront reaches it, and what it sends.
type Backend struct {
	DomainName               string
	Regions                  []Region
	OriginAlias              string
	VPCOrigin                VPCOrigin
	LoadBalancer             *LoadBalancer
	FunctionURL              *FunctionURL
	Path                     string
	HTTPSPort                int
	ReadTimeoutSeconds       int
	KeepaliveTimeoutSeconds  int
	ConnectionAttempts       int
	ConnectionTimeoutSeconds int
	ShieldRegion             string
	Headers                  map[string]string
	VerifySecret             string
	Credential               *Credential
	PublicHost               string
	ViewerHeaders            []string
	Failover                 Failover
}

// The ways in which a backend is told the name that callers use.
const (
	PublicHostHeader = "header"
	PublicHostSent   = "host"
)

// The headers in which the edge tells a backend how its callers see it.
const (
	ForwardedHostHeader  = "X-Forwarded-Host"
	ForwardedProtoHeader = "X-Forwarded-Proto"
	PrefixHeader         = "X-Forwarded-Prefix" // what was stripped of a path
)

// Declare implements [declare.Section].
func (b *Backend) Declare(f *declare.Fields) {
	f.Text("domainName", &b.DomainName,
		"DNS name of the backend. CloudFront connects by HTTPS, so the backend needs a certificate for this name.").
		Length(ruleOriginDomain, 1, mostDomain)
	declare.Objects(f, "regions", &b.Regions,
		"Backends in several regions instead of one: every request, POST included, goes to the nearest healthy backend.")
	f.Text("originAlias", &b.OriginAlias,
		"With regions: the name CloudFront connects to, created in "+
			"domain.hostedZoneId. Every backend needs a certificate for it.").
		Length(ruleOriginDomain, 1, mostDomain)
	declare.Object(f, "vpcOrigin", &b.VPCOrigin,
		"Private load balancer or instance instead, reached inside its VPC. WebSockets work, gRPC doesn't.")
	declare.Optional(f, "loadBalancer", &b.LoadBalancer,
		"Public load balancer instead; it gets a name, and a certificate for that name.")
	declare.Optional(f, "functionUrl", &b.FunctionURL,
		"Lambda function instead, which gets a function URL that streams its answers. Unless access is "+
			`"control", the output api_function_step has a command to run once.`)
	f.Text("path", &b.Path,
		`Prefix of every request path sent to the backend: with "/api", /v1 becomes /api/v1. It is no access control: `+
			`without keys or a canary, /../admin reaches the backend as /api/../admin.`).
		Length(ruleOriginPath, 0, 255).
		Matches(ruleOriginPath, regexp.MustCompile(`^/(.*[^/])$`), `begin with "/" and not end with it`)
	f.Integer("httpsPort", &b.HTTPSPort, "Port of the backend.").Default(443).Port(ruleOriginPort, []int{80, 443}, 1024,
		65535)
	f.Integer("readTimeoutSeconds", &b.ReadTimeoutSeconds,
		"Seconds CloudFront waits for the answer to begin, and between two packets of a streamed answer.").
		Default(60).AtLeast(ruleReadTimeout, 1)
	f.Integer("keepaliveTimeoutSeconds", &b.KeepaliveTimeoutSeconds,
		"Seconds an idle connection to the backend stays open.").
		Default(30).AtLeast(ruleKeepaliveTimeout, 1)
	f.Integer("connectionAttempts", &b.ConnectionAttempts,
		"How many times CloudFront tries to connect.").Default(2).Between(ruleConnection, 1, 3)
	f.Integer("connectionTimeoutSeconds",
		&b.ConnectionTimeoutSeconds, "Seconds CloudFront waits for a connection.").Default(5).Between(ruleConnection, 1, 10)
	regionField(f, "shieldRegion", &b.ShieldRegion,
		"Region of Origin Shield, one more cache in front of the backend; "+
			"choose the region nearest to it. gRPC bypasses it.")
	f.ConfidentialByName("headers", &b.Headers,
		"Fixed headers sent to the backend. Put nothing secret here: they appear in the synthesized JSON.").
		NamesMatch(ruleOriginHeaders, headerNameSized, aHeaderNameSized).
		Values.Length(ruleOriginHeaders, 0, 1783)
	f.Confidential("verifySecret", &b.VerifySecret,
		"Name or ARN of a Secrets Manager secret that CloudFront sends as "+
			"X-Origin-Verify, so that the backend can refuse everyone else.")
	declare.Optional(f, "credential", &b.Credential,
		"Key that the backend expects, such as a model provider's. Callers never see it: they send their own "+
			"(api.keys), and CloudFront sends this one in its place.")
	f.Text("publicHost", &b.PublicHost,
		`Tell the backend the name that callers use: in X-Forwarded-Host ("header"), or as Host ("host"), for which it `+
			`then needs a certificate. By default it gets its own name.`).
		OneOf(ruleRouteChoices, PublicHostHeader, PublicHostSent)
	f.Texts("viewerHeaders", &b.ViewerHeaders,
		"Headers that CloudFront makes, such as CloudFront-Viewer-Country, for routes without a cache. "+
			`Without publicHost "host", these are the only headers of callers that the backend gets.`).
		Items.Matches(ruleViewerHeaders, headerName, aHeaderName)
	declare.Object(f, "failover", &b.Failover, "Second backend, used by routes with failover when the first one fails.")
}

// VerifyHeader is the header that proves to the backend that a request came through CloudFront.
const VerifyHeader = "X-Origin-Verify"

const placeholderDomain = "your-backend-endpoint.amazonaws.com"

func (b Backend) check(r *declare.Report, at declare.Path, region, account string, quotas Quotas) {
	b.checkKind(r, at, region, account)
	overQuota(r, ruleReadTimeout, at.Field("readTimeoutSeconds"), b.ReadTimeoutSeconds, quotas.OriginReadTimeoutSeconds,
		"",
		"originReadTimeoutSeconds")
	overQuota(r, ruleKeepaliveTimeout, at.Field("keepaliveTimeoutSeconds"), b.KeepaliveTimeoutSeconds,
		quotas.OriginKeepaliveTimeoutSeconds, "",
		"originKeepaliveTimeoutSeconds")
	if s := b.KeepaliveTimeoutSeconds; s > keepaliveOfAPI && s <= keepaliveQuota &&
		quotas.OriginKeepaliveTimeoutSeconds == keepaliveQuota {
		r.Warn(ruleKeepaliveTimeout, at.Field("keepaliveTimeoutSeconds"),
			"is within the %d of AWS's quotas page, but over the %d of its API Reference, got %d: "+
				"if AWS refuses it, request a higher quota",
			keepaliveQuota, keepaliveOfAPI, s)
	}
	if b.HTTPSPort == 80 && !b.VPCOrigin.Plain() {
		r.Warn(ruleOriginPort, at.Field("httpsPort"),
			"is 80, where nearly every server speaks plain HTTP: CloudFront speaks "+
				"only TLS to it, and every call would be answered 502")
	}
	b.checkHeaders(r, at.Field("headers"), quotas.OriginCustomHeaders)
	b.checkShield(r, at.Field("shieldRegion"))
	checkSecretName(r, ruleVerifySecret, at.Field("verifySecret"), b.VerifySecret, region, account)
	if b.VerifySecret != "" && len(b.Regions) > 0 {
		r.Warn(ruleOriginRegions, at.Field("verifySecret"),
			"isn't sent by Route 53's health checkers: the backend must answer "+
				"regions[].healthPath without it, or all regions count as unhealthy")
	}
}

// checkSecretName checks what names a secret in Secrets Manager.
func checkSecretName(r *declare.Report, rule *declare.Rule, at declare.Path, name, region, account string) {
	if name != "" && !secretName.MatchString(name) {
		checkARN(r, rule, at, name, secretARN.in(region), account)
	}
	if declare.LooksSecret(name) && secretName.MatchString(name) {
		class, is := Warning, "looks like the secret itself"
		if declare.HasSecret(name) {
			class, is = Hard, "must not be the secret itself"
		}
		r.Add(class, ruleNoKeyInHeaders, at,
			"%s, which everyone who reads this file would have: give the secret's name or ARN in Secrets Manager", is)
	}
}

// checkKind holds a backend to be of one kind, and that one to its rules.
func (b Backend) checkKind(r *declare.Report, at declare.Path, region, account string) {
	var kinds []string
	if b.DomainName != "" {
		kinds = append(kinds, "domainName")
		checkOriginDomain(r, at.Field("domainName"), b.DomainName)
	}
	if len(b.Regions) > 0 {
		kinds = append(kinds, "regions")
		b.checkRegions(r, at)
	} else if b.OriginAlias != "" {
		r.Must(ruleOriginRegions, at.Field("originAlias"), "needs regions")
	}
	if b.VPCOrigin.Given() {
		kinds = append(kinds, "vpcOrigin")
		b.checkVPCOrigin(r, at.Field("vpcOrigin"), region, account)
	}
	if b.LoadBalancer != nil {
		kinds = append(kinds, "loadBalancer")
		b.LoadBalancer.check(r, at.Field("loadBalancer"), region, account)
	}
	if b.FunctionURL != nil {
		kinds = append(kinds, "functionUrl")
		b.checkFunctionURL(r, at, region, account)
	}
	if len(kinds) != 1 {
		r.Must(ruleOneBackend, at,
			"must have exactly one of domainName, regions, vpcOrigin, loadBalancer and functionUrl, got %s",
			cmp.Or(declare.Listed(kinds, "and"), "none"))
	}
	b.checkFailover(r, at.Field("failover"))
}

// checkNames checks that CloudFront can connect by TLS to the names of backends, unless it sends them the name that
// callers use (CloudFront Developer Guide, Requirements for using SSL/TLS certificates with CloudFront; HTTP 502 status
// code).
func (b Backend) checkNames(r *declare.Report, at declare.Path, hostSent bool) {
	checkName(r, at.Field("domainName"), b.DomainName,
		"; loadBalancer gives a public one a name with a certificate, and vpcOrigin reaches a private one, also by HTTP",
		hostSent)
	checkName(r, at.Field("originAlias"), b.OriginAlias, "", hostSent)
	checkName(r, at.Field("failover").Field("domainName"), b.Failover.DomainName, "", hostSent)
	for i, region := range b.Regions { // certificates have the name of originAlias
		checkReached(r, at.Field("regions").Index(i).Field("domainName"), region.DomainName)
	}
	private := at.Field("vpcOrigin").Field("domainName") // is never looked up
	if !hostSent && !b.VPCOrigin.Plain() &&
		checkCertified(r, private, b.VPCOrigin.DomainName, `; with protocol "http" none is needed`) &&
		isDomain(b.VPCOrigin.DomainName) &&
		privateName(b.VPCOrigin.DomainName) {
		r.Warn(ruleBackendName, private,
			"isn't a public DNS name, %q: CloudFront trusts only public authorities, and they issue no certificate for it",
			b.VPCOrigin.DomainName)
	}
}

// checkName checks a name that CloudFront looks up and connects to by TLS. hint says what else there is for a private
// load balancer.
func checkName(r *declare.Report, at declare.Path, name, hint string, hostSent bool) {
	if hostSent || checkCertified(r, at, name, hint) {
		checkReached(r, at, name)
	}
}

func (b Backend) checkShield(r *declare.Report, at declare.Path) {
	if b.ShieldRegion != "" && !slices.Contains(shieldRegions, b.ShieldRegion) {
		r.Warn(ruleOriginShield, at,
			"wasn't a region of Origin Shield when this list was made: %s", strings.Join(shieldRegions, ", "))
	}
	if b.ShieldRegion != "" && len(b.Regions) > 0 {
		r.Warn(ruleOriginShield, at,
			"sends every request through %s first, so that callers elsewhere don't benefit from regions", b.ShieldRegion)
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

func (b Backend) checkRegions(r *declare.Report, at declare.Path) {
	if len(b.Regions) < 2 {
		r.Must(ruleOriginRegions, at.Field("regions"), "must have at least 2 regions, got %d", len(b.Regions))
	}
	if b.OriginAlias == "" {
		r.Must(ruleOriginRegions, at.Field("originAlias"), "is required with regions")
	}
	checkOriginDomain(r, at.Field("originAlias"), b.OriginAlias)
	names, backends := make([]string, len(b.Regions)), make([]string, len(b.Regions))
	for i, region := range b.Regions {
		names[i], backends[i] = region.Region, region.DomainName
		where := at.Field("regions").Index(i)
		checkOriginDomain(r, where.Field("domainName"), region.DomainName)
		if b.OriginAlias != "" && strings.EqualFold(region.DomainName, b.OriginAlias) {
			r.Must(ruleHostedZone, where.Field("domainName"),
				"must differ from originAlias, which leads to it, got %q for both", region.DomainName)
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
	Protocol        string
	HTTPPort        int
	SecurityGroupID string
}

const plainHTTP = "http"

// Given reports whether there is one.
func (v VPCOrigin) Given() bool { return v != VPCOrigin{} && v != declare.Unset[VPCOrigin]() }

// Plain reports whether CloudFront speaks HTTP to it, without TLS.
func (v VPCOrigin) Plain() bool { return v.Protocol == plainHTTP }

// Declare implements [declare.Section].
func (v *VPCOrigin) Declare(f *declare.Fields) {
	f.Confidential("loadBalancerArn", &v.LoadBalancerARN,
		"ARN of the application load balancer, network load balancer or instance.")
	f.Text("domainName", &v.DomainName,
		`Name on the backend's certificate. With "http" it is only sent as the Host, by default the load balancer's own.`).
		Length(ruleOriginDomain, 1, mostDomain)
	f.Text("protocol", &v.Protocol, "How CloudFront speaks to the backend. The way to it is private in either case.").
		Default("https").OneOf(ruleVPCOrigin, "https", plainHTTP)
	f.Integer("httpPort", &v.HTTPPort, `Port of the backend with protocol "http".`).Default(httpPort).
		Port(ruleOriginPort, []int{80, 443}, 1024, 65535)
	f.Text("securityGroupId", &v.SecurityGroupID,
		"Security group of the backend, to let CloudFront in, from the group that AWS makes in the VPC.").
		Matches(ruleVPCOrigin, securityGroupID, aSecurityGroupID).
		Explain(groupMeant)
}

const httpPort = 80

func (b Backend) checkVPCOrigin(r *declare.Report, at declare.Path, region, account string) {
	v, shape := b.VPCOrigin, loadBalancerARN
	instance := strings.HasPrefix(v.LoadBalancerARN, "arn:aws:ec2:") || instanceID.MatchString(v.LoadBalancerARN)
	if instance {
		shape = instanceARN
	}
	lookedUp := "" // what Terraform looks up in the environment's region
	switch {
	case v.SecurityGroupID != "":
		lookedUp = "with securityGroupId, which is"
	case v.DomainName == "" && v.Plain() && !instance:
		lookedUp = "without domainName, for which the load balancer is"
	}
	switch {
	case v.DomainName != "":
		checkOriginDomain(r, at.Field("domainName"), v.DomainName)
	case !v.Plain():
		r.Must(ruleOriginDomain, at.Field("domainName"), `is required with protocol "https": it is the name on the backend's certificate`)
	case instance:
		r.Must(ruleOriginDomain, at.Field("domainName"), "is required with an instance, such as its private DNS name")
	}
	checkARN(r, ruleVPCOrigin, at.Field("loadBalancerArn"), v.LoadBalancerARN, shape, account)
	if got, err := arn.Parse(v.LoadBalancerARN); lookedUp != "" && err == nil && got.Region != region {
		r.Must(ruleVPCOrigin, at.Field("loadBalancerArn"), "must be in %s %s looked up there, got %q", region, lookedUp,
			got.Region)
	}
	if b.HTTPSPort != declare.Unset[Backend]().HTTPSPort && v.Plain() {
		r.Warn(ruleHasEffect, at.Parent().Field("httpsPort"), `has no effect: vpcOrigin.protocol is "http", whose port is httpPort`)
	}
	if v.HTTPPort != httpPort && !v.Plain() {
		r.Warn(ruleHasEffect, at.Field("httpPort"), `has no effect: protocol is "https", whose port is httpsPort`)
	}
}

// Failover is the second backend.
type Failover struct {
	DomainName string
	Credential *SecretCredential
}

// Declare implements [declare.Section].
func (second *Failover) Declare(f *declare.Fields) {
	f.Text("domainName", &second.DomainName, "DNS name of the backend.").Required().Length(ruleOriginDomain, 1, mostDomain)
	declare.Optional(f, "credential", &second.Credential,
		"Key that this backend expects. Without this it gets none: that of the first is never sent here.")
}

func (b Backend) checkFailover(r *declare.Report, at declare.Path) {
	if b.Failover.DomainName == "" {
		return
	}
	domain := at.Field("domainName")
	checkOriginDomain(r, domain, b.Failover.DomainName)
	if strings.EqualFold(b.Failover.DomainName, b.DomainName) || strings.EqualFold(b.Failover.DomainName, b.OriginAlias) ||
		strings.EqualFold(b.Failover.DomainName, b.loadBalancerName()) {
		r.Must(ruleFailover, domain, "must differ from the first backend's, got %q for both", b.Failover.DomainName)
	}
	if b.VPCOrigin.Given() {
		r.Warn(ruleVPCOrigin, at,
			"probably works with vpcOrigin, but AWS documents failover from a VPC origin only where a function asks for it, as "+
				"it does for the canary: try it before you rely on it")
	}
}

// backends returns the names of all backends but the canary.
func (b Backend) backends() []string {
	backends := []string{b.DomainName, b.OriginAlias, b.Failover.DomainName, b.loadBalancerName()}
	for _, region := range b.Regions {
		backends = append(backends, region.DomainName)
	}
	return backends
}

// mostHeaderCharacters is what the names and values of all custom headers may have together
// (CloudFront Developer Guide, Quotas on headers).
const mostHeaderCharacters = 10_240

func (b Backend) checkHeaders(r *declare.Report, at declare.Path, most int) {
	names := slices.Sorted(maps.Keys(b.Headers))
	count, total := len(names), 0
	if b.VerifySecret != "" {
		count++
	}
	if b.Credential != nil && !b.Credential.Store {
		count++
	}
	overQuota(r, ruleOriginHeaders, at, count, most, " headers, including those of verifySecret and credential",
		"originCustomHeaders")
	for _, name := range names {
		value := b.Headers[name]
		total += len(name) + len(value)
		switch {
		case denied(originHeaderDenied, name):
			r.Must(ruleOriginHeaderNames, at.Field(name), "must not be sent to the origin: CloudFront refuses this header")
		case b.VerifySecret != "" && readAs(name, VerifyHeader):
			r.Must(ruleOriginHeaderNames, at.Field(name), "must not be set with verifySecret, which sets it")
		default:
			b.checkSecret(r, at.Field(name), name, value)
			checkASCII(r, ruleOriginHeaders, at.Field(name), value)
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
func (b Backend) checkSecret(r *declare.Report, at declare.Path, name, value string) {
	if carriesSecret.MatchString(name) || declare.LooksSecret(value) {
		r.Must(ruleNoKeyInHeaders, at,
			"must not have a key or a token: it would stand in pull requests and in the synthesized JSON; name a secret in "+
				"credential, which is sent in any header, or in verifySecret, which is sent as %s", VerifyHeader)
	}
}
