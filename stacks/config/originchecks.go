package config

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// originName is what backends and buckets are called.
var originName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

const anOriginName = "be named with 1 to 32 of a-z, 0-9 and -, beginning with a letter"

// Names that the program has for what it makes itself, in Terraform and as ids of origins.
var (
	takenNames = []string{
		"alias", "api", "aws", "backends", "buckets", "default", "edge", "home", "invalidation", "logs", "models",
		"replication", "security", "state", "validation", "web",
	}
	takenBeginnings = []string{
		"alerts", "canary-credential", "email-", "failed-invalidations", "failover-credential", "forward-", "invalidation-",
		"origin-credential", "origin-verify", "rate-limit", "replica",
		"replication-", "route-", "security-", "signer-",
	}
	takenEnding = regexp.MustCompile(`-(canary|failover|replica|with-failover|with-replica|\d+s)$|-replica-`)
)

// checkNamesTaken holds the names of backends and buckets to be of nothing else.
func (e Environment) checkNamesTaken(r *declare.Report, at declare.Path) {
	check := func(name string, at declare.Path) {
		taken := slices.Contains(takenNames, name) || takenEnding.MatchString(name) ||
			slices.ContainsFunc(takenBeginnings, func(begin string) bool { return strings.HasPrefix(name, begin) })
		if taken {
			r.Must(ruleOriginNames, at, "must not be named %q: the program uses that name itself", name)
		}
	}
	for _, name := range e.BackendNames()[1:] {
		check(name, at.Field("backends").Field(name))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Buckets)) {
		check(name, at.Field("buckets").Field(name))
		if _, twice := e.Backends[name]; twice {
			r.Must(ruleOriginNames, at.Field("buckets").Field(name), "must not have the name of a backend, %q", name)
		}
	}
}

// checkBackends checks the backends against routes and the domain.
func (e Environment) checkBackends(r *declare.Report, at declare.Path) {
	e.API.checkNames(r, at.Field("api"), e.sendsHost(OriginAPI))
	for _, name := range e.BackendNames() {
		backend, where := e.Backend(name)
		where = at.Join(where)
		if name != OriginAPI {
			backend.checkNames(r, where, e.sendsHost(name))
			if len(e.OriginsOf(name)) == 0 {
				r.Warn(ruleHasEffect, where, "has no effect: no route leads to it, so nothing is made of it")
			}
		}
		e.checkLoadBalancerName(r, where.Field("loadBalancer"), backend)
		if len(backend.Regions) > 0 && e.Domain.isApex(backend.OriginAlias) {
			r.Must(ruleOriginRegions, where.Field("originAlias"), "must be a name below your domain, such as origin.%[1]s: its records "+
				"are CNAMEs, which Route 53 refuses for a domain itself, got %[2]q", strings.ToLower(backend.OriginAlias), backend.OriginAlias)
		}
		e.API.checkSigned(r, where.Field("functionUrl").Field("access"), backend)
		e.checkFixedHeaders(r, where.Field("headers"), backend, e.hasCanary(name))
		e.checkViewerHeaders(r, where.Field("viewerHeaders"), name, backend)
		switch {
		case len(backend.Regions) == 0, e.Domain.InRoute53():
		case e.Domain.DNS == DNSManual:
			r.Must(ruleOriginRegions, where.Field("regions"), `must be absent with domain.dns "manual": only Route 53 chooses the `+
				"nearest healthy backend; use domainName, with a name that does so where your DNS is")
		default:
			r.Must(ruleOriginRegions, where.Field("regions"), "needs domain.hostedZoneId, where its records are created")
		}
		failsOver := slices.ContainsFunc(e.Routes, func(route Route) bool {
			return route.Failover && (route.Origin == name || e.isBucket(route.Origin)) // a mistake of its own
		})
		if backend.Failover.DomainName != "" && !failsOver {
			r.Warn(ruleHasEffect, where.Field("failover"), "has no effect: no route has failover")
		}
	}
	overQuota(r, ruleOriginCount, at, e.origins(), e.Quotas.Origins, " origins", "origins")
}

// checkBackendsApart refuses what two backends would each make, where AWS has one: they can't share it either, since it
// goes with the backend that made it.
func (c Config) checkBackendsApart(r *declare.Report) {
	made := map[string]declare.Path{}
	for _, environment := range c.EnvironmentNames() {
		c.Environments[environment].checkMade(r, declare.Path{environments, environment}, made)
	}
}

// checkMade adds what the backends make to what others do.
func (e Environment) checkMade(r *declare.Report, at declare.Path, made map[string]declare.Path) {
	once := func(what string, placeholder bool, where declare.Path, is, here, elsewhere string) {
		where = at.Join(where)
		switch earlier, twice := made[what]; {
		case !twice:
			made[what] = where
		case placeholder && !earlier.Within(at): // which has to change anyway
		case earlier.Within(at):
			r.Must(ruleBackendsApart, where, is+here, earlier[len(at):])
		default:
			r.Must(ruleBackendsApart, where, is+elsewhere, earlier)
		}
	}
	for _, name := range e.BackendNames() {
		b, where := e.Backend(name)
		if len(e.OriginsOf(name)) == 0 {
			continue // nothing is made of it
		}
		if u := b.FunctionURL; u != nil {
			once("function "+u.FunctionARN+":"+u.Qualifier, exampleFunction(u.FunctionARN), where.Field("functionUrl"),
				"has the function of %s, and a function has one URL",
				": lead the route there, or name an alias (qualifier)", ": name an alias of its own (qualifier)")
		}
		if b.OriginAlias != "" { // for several environments, checkOriginNames says so
			once("record "+at.String()+" "+strings.ToLower(b.OriginAlias), false, where.Field("originAlias"),
				"is the name of %s as well", ", which has its own records", "")
		}
		group, port := b.VPCOrigin.SecurityGroupID, b.HTTPSPort
		reached, from := where.Field("vpcOrigin"), "group "
		if b.VPCOrigin.Plain() {
			port = b.VPCOrigin.HTTPPort
		}
		if l := b.LoadBalancer; l != nil {
			group, reached, from = l.SecurityGroupID, where.Field("loadBalancer"), "list "
		}
		if group != "" {
			once(from+group+":"+strconv.Itoa(port), exampleSecurityGroup(group), reached.Field("securityGroupId"),
				"is that of %s as well, with the same port", ": leave it out here, one rule lets CloudFront in for both",
				": AWS refuses a second rule that says the same, and destroying one environment would remove it for the other; give "+
					"one of them another group, or leave it out in one")
		}
	}
}

// checkViewerHeaders holds the headers that a backend is to get on routes without a cache to what a policy can say.
func (e Environment) checkViewerHeaders(r *declare.Report, at declare.Path, name string, backend Backend) {
	for i, header := range backend.ViewerHeaders {
		switch {
		case denied(forwardDenied, header), strings.EqualFold(header, "Authorization"):
			r.Must(ruleViewerHeaders, at.Index(i), "must not be in a list of forwarded headers: CloudFront refuses %q", header)
		case strings.EqualFold(header, "Host"):
			r.Must(ruleViewerHeaders, at.Index(i), `must not be "Host": set publicHost to "host"`)
		case e.API.tellsCallers(header), backend.sendsStored(header):
			r.Must(ruleViewerHeaders, at.Index(i), "must not be %q, which the edge forwards or removes itself", header)
		case backend.PublicHost == PublicHostSent && !denied([]string{"cloudfront-*"}, header):
			r.Warn(ruleHasEffect, at.Index(i), "has no effect: with publicHost \"host\" all headers of callers are forwarded anyway")
		case denied(ofViewerCertificates, header):
			r.Warn(ruleViewerHeaders, at.Index(i), neverSet, header)
		case unknownMade(header):
			r.Warn(ruleViewerHeaders, at.Index(i), notMade, header, declare.Suggestion(header, cloudfront.RequestHeaders))
		}
	}
	for _, i := range repeated(backend.ViewerHeaders, strings.ToLower) {
		r.Must(ruleViewerHeaders, at.Index(i), "must not repeat %q", backend.ViewerHeaders[i])
	}
	if len(backend.ViewerHeaders) == 0 {
		return
	}
	if backend.PublicHost == PublicHostSent {
		overQuota(r, ruleViewerHeaders, at, len(backend.ViewerHeaders), e.Quotas.OriginRequestPolicyHeaders, " headers",
			"originRequestPolicyHeaders")
		return
	}
	most := 0
	for _, b := range e.Behaviors() {
		if b.Origin == name && b.Cache == nil {
			most = max(most, len(b.Forwards.Headers))
		}
	}
	overQuota(r, ruleViewerHeaders, at, most, e.Quotas.OriginRequestPolicyHeaders,
		" headers with Content-Type and those of the edge and of cors", "originRequestPolicyHeaders")
	r.Warn(ruleViewerHeaders, at,
		`is all that the backend gets of callers' headers on routes without a cache, with Content-Type and the edge's own: `+
			`never Authorization, no Accept or User-Agent unless listed, and no WebSocket opens; with publicHost "host", `+
			`these are sent beside all others`)
}

// checkFixedHeaders checks the fixed headers of a backend: these replace what a request has (CloudFront Developer Guide,
// Add custom headers to origin requests), and so what the edge says of its caller.
func (e Environment) checkFixedHeaders(r *declare.Report, at declare.Path, backend Backend, canary bool) {
	strips := slices.ContainsFunc(e.Behaviors(), func(b Behavior) bool { return b.Strip != "" })
	for _, name := range slices.Sorted(maps.Keys(backend.Headers)) {
		if e.API.Keys != nil && readAs(name, CallerHeader) {
			r.Must(ruleEdgeHeaders, at.Field(name), "must not be set with api.keys, which sets it")
		}
		if canary && readAs(name, CanaryHeader) {
			r.Must(ruleEdgeHeaders, at.Field(name), "must not be set with api.canary, which sets it")
		}
		if backend.PublicHost == PublicHostHeader && (readAs(name, ForwardedHostHeader) || readAs(name, ForwardedProtoHeader)) {
			r.Must(ruleEdgeHeaders, at.Field(name), "must not be set with publicHost, which sets it")
		}
		if strips && readAs(name, PrefixHeader) {
			r.Must(ruleEdgeHeaders, at.Field(name), "must not be set with strip, which sets it")
		}
	}
}
