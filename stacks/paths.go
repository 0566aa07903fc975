package stacks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config"
)

// servedBelow is the part of a path pattern before its first wildcard, with a leading /.
func servedBelow(pattern string) string {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		pattern = pattern[:i]
	}
	return "/" + strings.TrimPrefix(pattern, "/")
}

// servedPrefixes are the beginnings of the keys that behaviors serve from the models' bucket.
func servedPrefixes(behaviors []config.Behavior) []string {
	var prefixes []string
	for _, b := range behaviors {
		if b.Origin == config.OriginModels {
			prefixes = append(prefixes, strings.TrimPrefix(servedBelow(b.Path), "/"))
		}
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}

// queryStringsTell returns a condition in JSONata: whether query strings are part of the cache key of the behavior that serves the
// object $key. As for a path, the first behavior counts whose pattern matches.
func queryStringsTell(behaviors []config.Behavior) string {
	condition := "false"
	for _, b := range slices.Backward(behaviors) {
		tells := b.Origin == config.OriginModels && b.Cache != nil && b.Cache.QueryStrings == "all"
		if b.Path != "" && (tells || condition != "false") {
			condition = fmt.Sprintf("($contains($key, /^%s$/) ? %t : %s)", keyPattern(b.Path), tells, condition)
		}
	}
	return condition
}

// keyPattern is a path pattern as a regular expression of JSONata for the keys of objects, which don't begin with /.
func keyPattern(pattern string) string {
	return strings.NewReplacer(`\*`, ".*", `\?`, ".", "/", `\/`).Replace(regexp.QuoteMeta(strings.TrimPrefix(pattern, "/")))
}
