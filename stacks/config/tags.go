package config

import (
	"maps"
	"slices"
	"strings"
)

func checkTags(r *report, at path, given map[string]string) {
	r.overQuota(ruleN6, at, len(given), mostTags, " tags", "")
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.must(ruleN6, at.key(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
}
