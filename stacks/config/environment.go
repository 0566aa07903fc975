package config

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Environment is one independent copy of the system, a stack of its own.
type Environment struct {
	Region          string
	Account         Account
	Tags            map[string]string
	API             API
	Backends        map[string]Backend
	Routes          []Route
	Models          Models
	Buckets         map[string]Bucket
	Web             *Web // nil: there is no page
	Domain          Domain
	Distribution    Distribution
	CORS            *CORS
	ResponseHeaders ResponseHeaders
	Logging         Logging
	Firewall        Firewall
	Monitoring      Monitoring
	Quotas          Quotas
	Expect          []Expectation
	Overrides       map[string]map[string]any // arguments by the address of their resource, as in Terraform's JSON
}

// Declare implements [declare.Section].
func (e *Environment) Declare(f *declare.Fields) {
	regionField(f, "region", &e.Region, "AWS region of the buckets.").Required()
	declare.Object(f, "account", &e.Account, "AWS account that this environment must be deployed to.")
	f.TextsByName("tags", &e.Tags,
		"Tags of every resource, in addition to ml-api-accelerator:stack, which has the name of the stack.").
		NamesMatch(ruleTags, tagKey, aTagKey).
		Values.Matches(ruleTags, tagValue, aTagValue)
	declare.Object(f, "api", &e.API, "Backend that answers inference requests.").Required()
	declare.ObjectsByName(f, "backends", &e.Backends, "a backend",
		"Further backends by name, to which routes lead. Each has the fields of api but keys, canary and cache.").
		NamesMatch(ruleOriginNames, originName, anOriginName)
	declare.Objects(f, "routes", &e.Routes,
		"Paths that are treated differently from the rest of the API. The first match wins.")
	declare.Object(f, "models", &e.Models, "Private bucket of models, and how it is served.")
	declare.ObjectsByName(f, "buckets", &e.Buckets, "a bucket", "Further private buckets by name, each served below its path. Each has the fields of models.").
		NamesMatch(ruleOriginNames, originName, anOriginName)
	declare.Optional(f, "web", &e.Web,
		"A page beside the API, such as a chat or your documentation: files in a private bucket of its own. It has the fields of "+
			"models, too.")
	declare.Object(f, "domain", &e.Domain,
		"Your own name for the API; by default callers use the name that CloudFront assigns.")
	declare.Object(f, "distribution", &e.Distribution, "Settings of the CloudFront distribution as a whole.")
	declare.Optional(f, "cors", &e.CORS, "Web pages that may call the API; without this, none from another origin.")
	declare.Object(f, "responseHeaders", &e.ResponseHeaders,
		"What CloudFront adds to every answer and takes from it, beside cors and Strict-Transport-Security.")
	declare.Object(f, "logging", &e.Logging, "Access logs of the distribution.")
	declare.Object(f, "firewall", &e.Firewall, "Web application firewall in front of the distribution.")
	declare.Object(f, "monitoring", &e.Monitoring, "Alarms, dashboard and metrics.")
	declare.Object(f, "quotas", &e.Quotas, "AWS quotas that were raised for this account. The defaults are AWS's.")
	declare.Objects(f, "expect", &e.Expect,
		"What the deployed edge must do with certain requests, checked at every synthesis.")
	f.FreeByName(overrides, &e.Overrides,
		"What this configuration can't say: arguments of Terraform's resources by address, such as "+
			distributionAddress+", merged into the JSON of the stack at the end.").
		NamesMatch(ruleOverrideNames, overridable, "name a resource as TYPE.NAME, or a data source as data.TYPE.NAME")
}

// Complete sets the defaults of routes, which depend on where they lead and on what all have, and those of caches, which
// depend on the keys of the API.
func (e *Environment) Complete(written map[string]any) {
	routes, _ := written["routes"].([]any)
	if e.API.Cache != nil {
		e.API.Cache.completeHeaders(e.API.keyHeaders(false))
	}
	if e.Web != nil && e.Web.ResponseHeaders != nil {
		object, _ := written["web"].(map[string]any)
		headers, _ := object["responseHeaders"].(map[string]any)
		e.Web.ResponseHeaders = e.Web.ResponseHeaders.over(e.ResponseHeaders, headers)
	}
	for i, route := range e.Routes {
		toBucket := e.isBucket(route.Origin)
		e.Routes[i].complete(toBucket)
		if route.Cache != nil && !toBucket {
			route.Cache.completeHeaders(e.API.keyHeaders(route.Public))
		}
		if own := route.ResponseHeaders; own != nil {
			object, _ := routes[i].(map[string]any)
			headers, _ := object["responseHeaders"].(map[string]any)
			e.Routes[i].ResponseHeaders = own.over(e.headersOf(route.Origin), headers)
		}
	}
}

// Backend returns a backend by its name, with the place of its section.
func (e Environment) Backend(name string) (Backend, declare.Path) {
	if name == OriginAPI {
		return e.API.Backend, declare.Path{"api"}
	}
	return e.Backends[name], declare.Path{"backends", name}
}

// BackendNames returns the names of the backends, the API's first and the others sorted.
func (e Environment) BackendNames() []string {
	return append([]string{OriginAPI}, slices.Sorted(maps.Keys(e.Backends))...)
}

// Bucket returns a bucket by its name, with the place of its section.
func (e Environment) Bucket(name string) (Bucket, declare.Path) {
	switch {
	case name == OriginModels:
		return e.Models.Bucket, declare.Path{"models"}
	case name == OriginWeb && e.Web != nil:
		return e.Web.Bucket, declare.Path{"web"}
	}
	return e.Buckets[name], declare.Path{"buckets", name}
}

// BucketNames returns the names of the buckets, that of the models first, the others sorted, and that of the page last.
func (e Environment) BucketNames() []string {
	list := append([]string{OriginModels}, slices.Sorted(maps.Keys(e.Buckets))...)
	if e.Web != nil {
		list = append(list, OriginWeb)
	}
	return list
}

// NamedBackend is a backend with what the environment makes of it.
type NamedBackend struct {
	Name string
	Backend
	Origins    []BackendOrigin   // none: no route leads to it
	AllHeaders map[string]string // fixed ones, with those that publicHost adds
	Canary     *Canary           // nil: there is none
}

// NamedBackends returns the backends in the order of BackendNames.
func (e Environment) NamedBackends() []NamedBackend {
	var list []NamedBackend
	for _, name := range e.BackendNames() {
		b, _ := e.Backend(name)
		named := NamedBackend{Name: name, Backend: b, Origins: e.OriginsOf(name), AllHeaders: e.backendHeaders(name)}
		if e.hasCanary(name) {
			named.Canary = e.API.Canary
		}
		list = append(list, named)
	}
	return list
}

// NamedBucket is a bucket with its name.
type NamedBucket struct {
	Name string
	Bucket
}

// NamedBuckets returns the buckets in the order of BucketNames.
func (e Environment) NamedBuckets() []NamedBucket {
	var list []NamedBucket
	for _, name := range e.BucketNames() {
		b, _ := e.Bucket(name)
		list = append(list, NamedBucket{name, b})
	}
	return list
}

// BucketRegions returns the regions but the environment's in which there is a bucket: a replica, one that was, or one that
// is only read.
func (e Environment) BucketRegions() []string {
	var regions []string
	for _, name := range e.BucketNames() {
		b, _ := e.Bucket(name)
		for _, region := range []string{b.ReplicaRegion, b.RetiredReplicaRegion, b.BucketRegion} {
			if region != "" && region != e.Region && !slices.Contains(regions, region) {
				regions = append(regions, region)
			}
		}
	}
	return regions
}

func (e Environment) isBucket(name string) bool { return slices.Contains(e.BucketNames(), name) }

// tellsHost reports whether a function tells a backend the name that a caller used: where there is only one, it is
// always the same header, which the origin adds.
func (e Environment) tellsHost(backend Backend) bool {
	return backend.PublicHost == PublicHostHeader && e.publicHost() == ""
}

// publicHost is the only name that callers are meant to use; empty: there are several, or AWS chooses it.
func (e Environment) publicHost() string {
	if len(e.Domain.Aliases) != 1 || strings.HasPrefix(e.Domain.Aliases[0], "*") {
		return ""
	}
	return e.Domain.Aliases[0]
}

// backendHeaders are the headers that CloudFront adds to what it sends to a backend, but for that of its secret.
func (e Environment) backendHeaders(name string) map[string]string {
	backend, _ := e.Backend(name)
	headers := maps.Clone(backend.Headers)
	if backend.PublicHost != PublicHostHeader {
		return headers
	}
	if headers == nil {
		headers = map[string]string{}
	}
	headers[ForwardedProtoHeader] = "https" // callers of HTTP are redirected
	if host := e.publicHost(); host != "" {
		headers[ForwardedHostHeader] = host
	}
	return headers
}

// invalidates reports whether the edge forgets objects of a bucket that change.
func (e Environment) invalidates() bool {
	return slices.ContainsFunc(e.NamedBuckets(), func(b NamedBucket) bool { return b.InvalidateOnChange })
}

func (e Environment) hasHealthChecks() bool {
	return slices.ContainsFunc(e.BackendNames(), func(name string) bool {
		backend, _ := e.Backend(name)
		return len(backend.Regions) > 0
	})
}

// check checks each section, and then what sections have to do with each other. The prefix begins all names in AWS.
func (e Environment) check(r *declare.Report, at declare.Path, name, prefix string) {
	account, api := e.Account.ID, at.Field("api")
	e.Account.check(r, at.Field("account"))
	checkTags(r, at.Field("tags"), e.Tags, e.hasHealthChecks())
	e.API.check(r, api, e.Region, account, e.Quotas)
	for _, name := range e.BackendNames()[1:] {
		e.Backends[name].check(r, at.Field("backends").Field(name), e.Region, account, e.Quotas)
	}
	for i, route := range e.Routes {
		route.check(r, at.Field("routes").Index(i), e.isBucket(route.Origin))
	}
	for _, of := range e.BucketNames() {
		bucket, where := e.Bucket(of)
		if of != OriginWeb || !e.Web.IsDefault() {
			checkBucketPath(r, at.Join(where).Field("path"), bucket.Path)
		}
		bucket.check(r, at.Join(where), name, e.Region, account, e.Quotas)
	}
	e.checkWeb(r, at)
	e.Domain.check(r, at.Field("domain"), account, e.Quotas)
	e.Distribution.check(r, at.Field("distribution"))
	if e.CORS != nil {
		e.CORS.check(r, at.Field("cors"))
	}
	e.ResponseHeaders.check(r, at.Field("responseHeaders"))
	e.Logging.check(r, at.Field("logging"), name, e.Region)
	e.Firewall.check(r, at.Field("firewall"), account)
	e.Monitoring.check(r, at.Field("monitoring"))
	e.Monitoring.checkTopics(r, at.Field("monitoring").Field("topicArns"), e.Region, e.invalidates())
	e.Monitoring.checkSlack(r, at.Field("monitoring"), e.Region, e.invalidates(), account)
	for i, expectation := range e.Expect {
		expectation.check(r, at.Field("expect").Index(i), e.Domain.Aliases)
		e.checkExpectation(r, at.Field("expect").Index(i), expectation)
	}
	checkOverrides(r, at.Field(overrides), e.Overrides)

	e.checkHostedZones(r, at)
	e.checkNamesTaken(r, at)
	e.checkBackends(r, at)
	e.checkCredentials(r, at)
	e.checkCache(r, api.Field("cache"), Route{Origin: OriginAPI, Cache: e.API.Cache})
	for i, route := range e.Routes {
		e.checkRoute(r, at.Field("routes").Index(i), route)
		e.checkPOSTs(r, at.Field("routes").Index(i).Field("cache"), i)
		e.checkCache(r, at.Field("routes").Index(i).Field("cache"), route)
	}
	e.Domain.checkTLS(r, at.Field("distribution").Field("minimumTLSVersion"), e.Distribution.MinimumTLSVersion)
	e.checkKeys(r, at)
	e.checkFunction(r, at)
	e.checkBehaviors(r, at, prefix)
	e.checkErrorCache(r, at)
	e.checkAddresses(r, at)
}

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
	e.checkBackendsApart(r, at)
	overQuota(r, ruleOriginCount, at, e.origins(), e.Quotas.Origins, " origins", "origins")
}

// checkBackendsApart refuses what two backends would each make, where AWS has one: they can't share it either, since it
// goes with the backend that made it.
func (e Environment) checkBackendsApart(r *declare.Report, at declare.Path) {
	made := map[string]declare.Path{}
	once := func(what string, where declare.Path, format string) {
		if earlier, twice := made[what]; twice {
			r.Must(ruleBackendsApart, at.Join(where), format, earlier)
			return
		}
		made[what] = where
	}
	for _, name := range e.BackendNames() {
		b, where := e.Backend(name)
		if len(e.OriginsOf(name)) == 0 {
			continue // nothing is made of it
		}
		if u := b.FunctionURL; u != nil {
			once("function "+u.FunctionARN+":"+u.Qualifier, where.Field("functionUrl"),
				"has the function of %s, and a function has one URL: lead the route there, or name an alias (qualifier)")
		}
		if b.OriginAlias != "" {
			once("record "+strings.ToLower(b.OriginAlias), where.Field("originAlias"),
				"is the name of %s as well, which has its own records")
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
			once(from+group+":"+strconv.Itoa(port), reached.Field("securityGroupId"),
				"is that of %s as well, with the same port: leave it out here, one rule lets CloudFront in for both")
		}
	}
}

// checkRoute checks a route against the rest of the environment.
func (e Environment) checkRoute(r *declare.Report, at declare.Path, route Route) {
	origins := append(e.BackendNames(), e.BucketNames()...)
	if !slices.Contains(origins, route.Origin) {
		hint := declare.Suggestion(route.Origin, origins)
		if hint == "" {
			hint = "; there are " + declare.Listed(origins, "and") + ", so add it to backends or buckets"
			if route.Origin == OriginWeb {
				hint = "; there is no page (web)"
			}
		}
		r.Must(ruleRouteChoices, at.Field("origin"), "must be api, models, or a name in backends or buckets, got %q%s",
			route.Origin, hint)
		return
	}
	toBucket := e.isBucket(route.Origin)
	bucket, bucketAt := e.Bucket(route.Origin)
	signers, signersAt := e.Models.Signers, declare.Path{"models"}
	if toBucket {
		signers, signersAt = bucket.Signers, bucketAt
	}
	if route.Signed && len(signers) == 0 {
		r.Must(ruleSigners, at.Field("signed"), "needs %s.signers: there is no key to check a signature with", signersAt)
	}
	if !route.Signed && toBucket && route.Origin != OriginWeb && len(signers) > 0 {
		r.Warn(ruleModelsSigned, at.Field("signed"),
			"is false: everyone can read what is below %q, although %s.signers is set", route.Path, signersAt)
	}
	if route.Public && (e.API.Keys == nil || toBucket) {
		r.Must(rulePublic, at.Field("public"), "must be absent: only api.keys asks for a key, on routes to backends")
	}
	if toBucket {
		return
	}
	// viewerrequest takes a path with a slash at its end for the one without.
	if folder, wild := strings.CutSuffix(route.Path, "/*"); route.Public && wild && e.API.Keys != nil &&
		!slices.ContainsFunc(e.Routes, func(r Route) bool { return r.Public && covers(r.Path, folder) }) {
		r.Warn(rulePublic, at.Field("path"),
			"is public without %[1]s: %[1]s/ is answered 400, since a backend may read it as %[1]s, which needs a key; "+
				"write %[1]s*, or make %[1]s public as well", folder)
	}
	backend, backendAt := e.Backend(route.Origin)
	if route.Failover && backend.Failover.DomainName == "" {
		r.Must(ruleFailover, at.Field("failover"), "needs %s.failover", backendAt)
	}
	overQuota(r, ruleReadTimeout, at.Field("readTimeoutSeconds"), route.ReadTimeoutSeconds,
		e.Quotas.OriginReadTimeoutSeconds, "", "originReadTimeoutSeconds")
	if !route.GRPC {
		return
	}
	if version := e.Distribution.HTTPVersion; version == "http1.1" || version == "http3" {
		r.Must(ruleGRPC, at.Field("grpc"), "needs distribution.httpVersion http2 or http2and3, got %q", version)
	}
	if backend.Path != "" {
		r.Must(ruleGRPC, at.Field("grpc"), "must be false with %s.path: CloudFront puts it before the names of gRPC's "+
			"methods as well, which no server then knows", backendAt)
	}
	if route.Strip != "" {
		r.Must(ruleGRPC, at.Field("strip"), "must be absent with grpc, whose paths are the names of methods")
	}
	if backend.VPCOrigin.Given() {
		r.Must(ruleVPCOrigin, at.Field("grpc"), "must be false with %s.vpcOrigin: VPC origins don't speak gRPC", backendAt)
	}
	if backend.FunctionURL != nil {
		r.Warn(ruleFunctionURL, at.Field("grpc"),
			"is true with %s.functionUrl: a function answers HTTP requests one by one, and probably can't speak gRPC", backendAt)
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

// posted are the paths to which nearly all callers of an inference API send POST, below what may stand before them.
var (
	posted = []string{"chat/completions", "responses", "embeddings", "messages", "completions"}
	bases  = []string{"/v1/", "/", "/openai/v1/", "/anthropic/v1/", "/api/v1/", "/api/"}
)

// checkPOSTs warns of a cache that such requests pass as well, if no earlier route takes them: it never has a hit for
// them, and takes from them what isn't in its key or forwardHeaders.
func (e Environment) checkPOSTs(r *declare.Report, at declare.Path, i int) {
	route := e.Routes[i]
	if route.Cache == nil || e.isBucket(route.Origin) || route.Methods != MethodsAll || route.GRPC ||
		takesPOSTOnly(route.Path) {
		return
	}
	taken := func(path string) bool {
		return slices.ContainsFunc(e.Routes[:i], func(earlier Route) bool { return covers(earlier.Path, path) })
	}
	for _, base := range bases {
		for _, path := range posted {
			path = base + path
			if !covers(route.Path, path) || taken(path) {
				continue
			}
			lost := "only the headers in keyHeaders and forwardHeaders"
			if route.Cache.Cookies.Is("none") {
				lost = "no cookies, and " + lost
			}
			r.Warn(rulePostNotCached, at, "applies to POST %s as well, which is never cached: the backend then gets %s; "+
				`cache a narrower path, such as /v1/models*, with "methods": "read"`, path, lost)
			return
		}
	}
}

// Account pins an environment to an AWS account.
type Account struct {
	ID                     string
	RoleARN                string
	PlanRoleARN            string
	PermissionsBoundaryARN string
}

// Declare implements [declare.Section].
func (a *Account) Declare(f *declare.Fields) {
	f.Text("id", &a.ID, "Account id. Any other account is refused.").
		Matches(ruleARN, accountID, "have 12 digits").
		Explain(accountMeant)
	f.Confidential("roleArn", &a.RoleARN, "IAM role that Terraform assumes to deploy.")
	f.Confidential("planRoleArn", &a.PlanRoleARN, "IAM role that the GitHub workflows assume to plan. It only reads.")
	f.Confidential("permissionsBoundaryArn", &a.PermissionsBoundaryARN,
		"IAM policy that limits every role created here, whoever writes the role's own policies.")
}

func (a Account) check(r *declare.Report, at declare.Path) {
	if a.RoleARN != "" {
		checkARN(r, ruleARN, at.Field("roleArn"), a.RoleARN, roleARN, a.ID)
	}
	if a.PlanRoleARN != "" {
		checkARN(r, ruleARN, at.Field("planRoleArn"), a.PlanRoleARN, roleARN, a.ID)
	}
	if a.PermissionsBoundaryARN != "" {
		checkARN(r, ruleARN, at.Field("permissionsBoundaryArn"), a.PermissionsBoundaryARN, policyARN, a.ID)
	}
}

// Tags of the user's that a resource can have beside the one that says its stack: AWS takes 50 (Tagging AWS Resources
// User Guide, Tag naming limits). A health check takes 10 (Route 53 API Reference, ChangeTagsForResource), of which one
// is its name.
const (
	mostTags            = 50 - 1
	mostHealthCheckTags = 10 - 2
)

func checkTags(r *declare.Report, at declare.Path, given map[string]string, healthChecks bool) {
	overQuota(r, ruleTags, at, len(given), mostTags, " tags besides "+names.StackTag, "")
	if healthChecks && len(given) > mostHealthCheckTags {
		r.Must(ruleTags, at,
			"must have at most %d tags with regions of a backend: a Route 53 health check takes 10 "+
				"tags, two of which are its name and its stack, got %d", mostHealthCheckTags, len(given))
	}
	keys := slices.Sorted(maps.Keys(given))
	for _, i := range repeated(keys, strings.ToLower) {
		r.Must(ruleTags, at.Field(keys[i]),
			"must not differ from another tag only in upper and lower case, which IAM refuses")
	}
	for _, key := range keys {
		if key == "__proto__" {
			r.Must(ruleTags, at.Field(key), "must not be used as a name: cdktf loses a tag of this name")
		}
		// Policies don't tell tags apart by case (IAM User Guide, AWS global condition context keys, aws:ResourceTag).
		if strings.EqualFold(key, names.StackTag) {
			r.Must(ruleTags, at.Field(key),
				"must not be used as a name: every resource has a tag %s with its stack", names.StackTag)
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.Must(ruleTags, at.Field(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
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

// checkKeys checks CORS and the firewall against API keys. The firewall sees a request before the edge knows its
// caller.
func (e Environment) checkKeys(r *declare.Report, at declare.Path) {
	keys, w := e.API.Keys, e.Firewall
	if keys == nil {
		return
	}
	e.checkPages(r, at.Field("cors").Field("allowHeaders"))
	headers := inQuotes(keys.Headers(), "or")
	limitBy := at.Field("firewall").Field("limitBy")
	limited := len(w.Limits) > 0 || w.RequestsPer5Minutes != declare.Unset[Firewall]().RequestsPer5Minutes
	switch {
	case setByEdge(w.LimitBy):
		r.Must(ruleLimitByCaller, limitBy, "must not be %q: the firewall sees requests before the edge does, with what "+
			"callers write there; use the header of the key, %s", w.LimitBy, headers)
	case !w.Enabled || w.WebACLARN != "":
	case w.LimitBy == LimitByIP && limited:
		r.Warn(ruleLimitsByKey, limitBy,
			`is "ip": callers behind one address share these limits, and a caller with many `+
				`addresses evades them; count by the header of api.keys, %s`, headers)
	case w.LimitBy == LimitByIP:
	case !containsFold(keys.Headers(), w.LimitBy):
		r.Warn(ruleLimitsByKey, limitBy,
			"is %q, but callers send their keys in %s (api.keys.header): requests without the first are counted by IP "+
				"address, and whoever makes up values evades the limit", w.LimitBy, headers)
	case len(keys.Headers()) > 1:
		others := slices.DeleteFunc(slices.Clone(keys.Headers()),
			func(h string) bool { return strings.EqualFold(h, w.LimitBy) })
		r.Warn(ruleLimitsByKey, limitBy, "counts by %q alone: callers who send their keys in %s are counted by IP address, "+
			"and those behind one address share the limit", w.LimitBy, inQuotes(others, "or"))
	}
}

// checkPages warns of headers of the key that a page's browser doesn't send.
func (e Environment) checkPages(r *declare.Report, at declare.Path) {
	if e.CORS == nil || slices.Contains(e.CORS.AllowHeaders, "*") {
		return
	}
	for _, name := range e.API.Keys.Headers() {
		switch {
		case containsFold(e.CORS.AllowHeaders, name), declare.LooksSecret(name):
		case len(e.API.Keys.Headers()) == 1:
			r.Warn(ruleCORSAPIKey, at,
				"lacks %q of api.keys: browsers won't send a key, and every request from a page is answered 401", name)
		default:
			r.Warn(ruleCORSAPIKey, at,
				"lacks %q of api.keys: browsers won't send a key there, and a page that tries is refused", name)
		}
	}
}

// inQuotes are names as a message has them.
func inQuotes(names []string, last string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, strconv.Quote(name))
	}
	return declare.Listed(quoted, last)
}

// checkExpectation checks that there are the callers and the canary of which something is expected.
func (e Environment) checkExpectation(r *declare.Report, at declare.Path, expected Expectation) {
	if expected.Caller != "" && e.API.Keys == nil {
		r.Must(ruleExpectedCallers, at.Field("caller"), "needs api.keys: without them the edge knows no callers")
	}
	if expected.Canary && e.API.Canary == nil {
		r.Must(ruleExpectedCallers, at.Field("canary"), "needs api.canary")
	}
	origins := append(e.BackendNames(), e.BucketNames()...)
	switch {
	case expected.Origin == OriginCanary && e.API.Canary == nil:
		r.Must(ruleExpectedCallers, at.Field("origin"), "needs api.canary")
	case expected.Origin != "" && expected.Origin != OriginCanary && !slices.Contains(origins, expected.Origin):
		r.Must(ruleExpectation, at.Field("origin"),
			"must be api, api-canary, models, or a name in backends or buckets, got %q%s", expected.Origin,
			declare.Suggestion(expected.Origin, origins))
	}
}
