package stacks

import (
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

// queryStringsTell says whether some cache of models tells requests apart by their query strings.
func queryStringsTell(behaviors []config.Behavior) bool {
	return slices.ContainsFunc(behaviors, func(b config.Behavior) bool {
		return b.Origin == config.OriginModels && b.Cache != nil && b.Cache.QueryStrings == "all"
	})
}
