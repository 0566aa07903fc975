package config

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// Tags of the user's that a resource can have beside the one that says its stack: AWS takes 50 (Tagging AWS Resources
// User Guide, Tag naming limits). A health check takes 10 (Route 53 API Reference, ChangeTagsForResource), of which one
// is its name.
const (
	mostTags            = 50 - 1
	mostHealthCheckTags = 10 - 2
)

func checkTags(r *report, at path, given map[string]string, healthChecks bool) {
	r.overQuota(ruleN6, at, len(given), mostTags, " tags beside the one that says the stack", "")
	if healthChecks && len(given) > mostHealthCheckTags {
		r.must(ruleN6, at, "must be at most %d with api.regions: a health check of Route 53 takes 10, of which one is its name and one says the stack, got %d", mostHealthCheckTags, len(given))
	}
	keys := slices.Sorted(maps.Keys(given))
	for _, i := range repeated(keys, strings.ToLower) {
		r.must(ruleN6, at.key(keys[i]), "must not repeat a tag in another case, which IAM refuses")
	}
	for _, key := range keys {
		if key == "__proto__" {
			r.must(ruleN6, at.key(key), "must not be used as a name: cdktf loses a tag of this name")
		}
		// Policies don't tell tags apart by case (IAM User Guide, AWS global condition context keys, aws:ResourceTag).
		if strings.EqualFold(key, names.StackTag) {
			r.must(ruleN6, at.key(key), "must not be used as a name: every resource has a tag %s that says its stack", names.StackTag)
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.must(ruleN6, at.key(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
}
