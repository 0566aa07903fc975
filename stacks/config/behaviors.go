package config

import (
	"slices"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// Behavior is one cache behavior of the distribution, as the configuration adds up to it.
type Behavior struct {
	// Path pattern; empty for the default behavior.
	Path string
	// Origin the requests are meant for: OriginAPI or OriginModels.
	Origin string
	// Whether a second origin is asked when that one fails.
	Failover bool
	Methods  string
	// What is cached; nil: nothing, or what suits large files if Files is set.
	Cache *Cache
	// Headers forwarded to the API beside those of the cache's key; nil where all are, or where S3 gets what it needs.
	Forwards []string
	Files    bool
	GRPC     bool
	Signed   bool

	at path // where the configuration describes it
}

// FailsOverFromAPI tells whether api.failover is asked when the API, or its canary, fails.
func (b Behavior) FailsOverFromAPI() bool { return b.Origin == OriginAPI && b.Failover }

// Behaviors returns the cache behaviors in the order CloudFront tries them, the default one first.
func (e Environment) Behaviors() []Behavior {
	list := []Behavior{{Origin: OriginAPI, Methods: MethodsAll, Cache: e.cached(OriginAPI, e.API.Cache), Forwards: e.forwards(OriginAPI, e.API.Cache), at: path{"api"}}}
	for i, r := range e.Routes {
		list = append(list, Behavior{
			Path: r.Path, Origin: r.Origin, Failover: e.failsOver(r.Origin, r.Failover), Methods: r.Methods, Cache: e.cached(r.Origin, r.Cache),
			Forwards: e.forwards(r.Origin, r.Cache), GRPC: r.GRPC, Signed: r.Signed, at: path{"routes", i},
		})
	}
	return append(list, Behavior{
		Path: e.Models.Path, Origin: OriginModels, Failover: e.failsOver(OriginModels, false), Methods: MethodsRead, Files: true,
		Signed: len(e.Models.Signers) > 0, at: path{"models"},
	})
}

// cached is what a behavior caches; nil: nothing.
func (e Environment) cached(origin string, c *Cache) *Cache {
	if c == nil || origin == OriginModels {
		return c
	}
	keyed := e.keyed(*c)
	return &keyed
}

// keyed keeps what the canary answers apart from what the rest of the API does.
func (e Environment) keyed(c Cache) Cache {
	if e.API.Canary != nil {
		c.KeyHeaders = append(slices.Clone(c.KeyHeaders), CanaryHeader)
	}
	return c
}

// sendsHost reports whether the API gets the name that callers use in each request: CloudFront then takes a certificate for
// that as well (CloudFront Developer Guide, HTTP 502 status code).
func (e Environment) sendsHost() bool {
	return !slices.ContainsFunc(e.Behaviors(), func(b Behavior) bool {
		return b.Origin == OriginAPI && (b.Cache == nil || !containsFold(b.Cache.KeyHeaders, "Host") && !containsFold(b.Forwards, "Host"))
	})
}

func (e Environment) forwards(origin string, c *Cache) []string {
	if c == nil || origin == OriginModels {
		return nil
	}
	return e.forwardedHeaders(*c)
}

// failsOver tells whether the requests for an origin may go to a second one: those for the models whenever there is a replica.
func (e Environment) failsOver(origin string, failover bool) bool {
	if origin == OriginModels {
		return e.Models.ReplicaRegion != ""
	}
	return failover
}

func (e Environment) checkBehaviors(r *report, at path, stack string) {
	list := e.Behaviors()
	r.overQuota(ruleR4, at.field("routes"), len(list), e.Quotas.Behaviors, " behaviors with those of api and models", "behaviors")
	if e.Quotas.Origins != unset[Quotas]().Origins {
		r.warn(ruleU1, at.field("quotas").field("origins"), "has no effect: an environment has at most five origins")
	}
	comparePaths(r, at, list[1:])
	seen := map[string]Behavior{}
	for _, b := range list {
		if b.Cache == nil {
			continue
		}
		where := at.join(b.at).field("path")
		policy := names.CachePolicy(stack, b.Path)
		if first, taken := seen[policy]; taken && normal(first.Path) != normal(b.Path) {
			r.must(ruleR14, where, "must not make the same cache policy name %q as %s", policy, first.at)
		}
		seen[policy] = b
		if n := len(policy); n > policyNameLength {
			r.must(ruleR13, where, "must make a cache policy name of at most %d characters, got %d", policyNameLength, n)
		}
	}
}

// comparePaths compares every path pattern with those before it.
func comparePaths(r *report, at path, list []Behavior) {
	for i, later := range list {
		where := at.join(later.at).field("path")
		for _, earlier := range list[:i] {
			if normal(earlier.Path) == normal(later.Path) {
				r.must(ruleR2, where, "must not repeat %q of %s", earlier.Path, earlier.at)
				break
			}
			if covers(earlier.Path, later.Path) {
				r.warn(ruleR3, where, "is never reached: %q of %s matches all that %q does", earlier.Path, earlier.at, later.Path)
				break
			}
		}
	}
}

// policyNameLength is the most characters of a cache policy's name (CloudFront API Reference, CachePolicyConfig).
const policyNameLength = 128
