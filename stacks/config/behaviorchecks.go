package config

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

func (e Environment) checkBehaviors(r *declare.Report, at declare.Path, stack string) {
	list := e.Behaviors()
	overQuota(r, ruleBehaviorCount, at.Field("routes"), len(list), e.Quotas.Behaviors,
		" behaviors, including those of api, models, buckets and web", "behaviors")
	comparePaths(r, at, list[1:])
	seen := map[string]Behavior{}
	for _, b := range list {
		if b.Cache == nil {
			continue
		}
		where := at.Join(b.pathAt())
		policy := names.CachePolicy(stack, b.Path)
		if first, taken := seen[policy]; taken && normal(first.Path) != normal(b.Path) {
			r.Must(ruleCachePolicyNames, where,
				"must not make the same cache policy name, %q, as %s: change one of the two paths", policy, first.at)
		}
		seen[policy] = b
		if n := len(policy); n > policyNameLength {
			r.Must(ruleCachePolicyCount, where,
				"must make a cache policy name of at most %d characters, got %d: shorten the path", policyNameLength, n)
		}
	}
}

// comparePaths compares every path pattern with those before it.
func comparePaths(r *declare.Report, at declare.Path, list []Behavior) {
	for i, later := range list {
		where := at.Join(later.pathAt())
		for _, earlier := range list[:i] {
			if normal(earlier.Path) == "*" {
				continue // refused already
			}
			if normal(earlier.Path) == normal(later.Path) && later.Origin == OriginModels && later.Files {
				// models.path may not be written
				r.Must(rulePathPatternOnce, at.Join(earlier.pathAt()), "must not repeat models.path, %q", later.Path)
				break
			}
			if normal(earlier.Path) == normal(later.Path) {
				r.Must(rulePathPatternOnce, where, "must not repeat %q of %s", earlier.Path, earlier.at)
				break
			}
			if covers(earlier.Path, later.Path) {
				r.Warn(ruleRouteReached, where,
					"is never reached: %q of %s matches all that %q does", earlier.Path, earlier.at, later.Path)
				break
			}
		}
	}
}

// policyNameLength is the most characters of a cache policy's name (CloudFront API Reference, CachePolicyConfig).
const policyNameLength = 128

// longErrorCache is how many seconds a backend that has mended itself may seem to be down without a question.
const longErrorCache = 300

// checkErrorCache warns of errors that are kept for long, and where one caller can make an error that is kept for all
// others, with a header that reaches the API without being in the key. The function of the edge takes most of them away
// from GET and HEAD.
func (e Environment) checkErrorCache(r *declare.Report, at declare.Path) {
	seconds, field := e.Distribution.ErrorCacheSeconds, at.Field("distribution").Field("errorCacheSeconds")
	if seconds == 0 {
		return
	}
	cached := slices.DeleteFunc(e.Behaviors(), func(b Behavior) bool { return b.Cache == nil })
	if seconds > longErrorCache && len(cached) > 0 {
		r.Warn(ruleErrorCache, field, "is %d: one 502 that lasts a second is then what everyone gets from %s for that long, although "+
			"the backend answers again; CloudFront's own default is 10", seconds, cached[0].described())
	}
	for _, b := range cached {
		headers := slices.DeleteFunc(slices.Clone(b.Forwards.Headers),
			func(h string) bool { return setByFunction(h) || e.ViewerFunction(b).ID != "" && notOfGET(h) })
		if len(headers) > 0 {
			r.Warn(ruleErrorsApart, field,
				`caches for everyone an error that one caller causes with a header that %s forwards `+
					`outside the cache key: %s; remove it (on a route that only reads, "forwardHeaders": []), or put it in keyHeaders`,
				b.at.Field("cache"), strings.Join(headers, ", "))
			return
		}
	}
}
