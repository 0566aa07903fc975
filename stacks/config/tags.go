package config

import (
	"maps"
	"slices"
	"strings"
)

// Tags that a resource can have (Tagging AWS Resources User Guide, Tag naming limits), and a health check
// (Route 53 API Reference, ChangeTagsForResource), of which one is its name.
const (
	mostTags            = 50
	mostHealthCheckTags = 10
)

func checkTags(r *report, at path, given map[string]string, healthChecks bool) {
	r.overQuota(ruleN6, at, len(given), mostTags, " tags", "")
	if healthChecks && len(given) >= mostHealthCheckTags {
		r.must(ruleN6, at, "must be at most %d with api.regions: a health check of Route 53 takes %d, of which one is its name, got %d", mostHealthCheckTags-1, mostHealthCheckTags, len(given))
	}
	keys := slices.Sorted(maps.Keys(given))
	for _, i := range repeated(keys, strings.ToLower) {
		r.must(ruleN6, at.key(keys[i]), "must not repeat a tag in another case, which IAM refuses")
	}
	for _, key := range keys {
		if key == "__proto__" {
			r.must(ruleN6, at.key(key), "must not be used as a name: cdktf loses a tag of this name")
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.must(ruleN6, at.key(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
}
