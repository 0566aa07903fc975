package config

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

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
	if route.Signed {
		e.checkBelow(r, at.Field("path"), route.Path, "is signed", func(other Behavior) bool { return other.Signers != "" })
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
	if s, _ := serviceOf(backend.DomainName); s.open {
		r.Warn(ruleGRPC, at.Field("grpc"), "is true, but %s.domainName is that of %s, which doesn't speak gRPC", backendAt, s.what)
	}
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
	if path := postedTo(route.Path, taken); path != "" {
		lost := "only the headers in keyHeaders and forwardHeaders"
		if route.Cache.Cookies.Is("none") {
			lost = "no cookies, and " + lost
		}
		r.Warn(rulePostNotCached, at, "applies to POST %s as well, which is never cached: the backend then gets %s; "+
			`cache a narrower path, such as /v1/models*, with "methods": "read"`, path, lost)
	}
}

// checkBucketPOSTs warns of a pattern that takes such requests to a bucket.
func (e Environment) checkBucketPOSTs(r *declare.Report, at declare.Path) {
	list := e.Behaviors()[1:]
	for i, b := range list {
		taken := func(path string) bool {
			return slices.ContainsFunc(list[:i], func(earlier Behavior) bool { return covers(earlier.Path, path) })
		}
		if path := postedTo(b.Path, taken); b.ToBucket && path != "" {
			r.Warn(rulePostNotCached, at.Join(b.pathAt()), "takes POST %s as well, which a bucket answers with 403, got %q: "+
				"choose a path that the API doesn't have, such as /files/*, or have a route take the API's paths", path, b.Path)
		}
	}
}

// postedTo returns a path of posted that a pattern covers and that isn't taken yet; empty: there is none.
func postedTo(pattern string, taken func(path string) bool) string {
	for _, base := range bases {
		for _, path := range posted {
			if path = base + path; covers(pattern, path) && !taken(path) {
				return path
			}
		}
	}
	return ""
}
