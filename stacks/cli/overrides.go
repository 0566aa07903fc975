package cli

import (
	"maps"
	"slices"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
)

// lostProtections warns of lists of the distribution that an override replaces, where an item leaves out what protects
// the one that the configuration makes. What an override sets is config's to judge.
func lostProtections(environment string, overrides map[string]any, made, overridden *edge.Distribution) (all []config.Problem) {
	const behaviors, origins = "ordered_cache_behavior", "origin"
	lost := func(list, message string) {
		all = append(all, config.Unprotected(environment, message, "aws_cloudfront_distribution.edge", list))
	}
	if _, replaced := overrides[behaviors].([]any); replaced {
		for _, b := range made.Behaviors {
			i := slices.IndexFunc(overridden.Behaviors, func(other edge.Behavior) bool { return other.Path == b.Path })
			switch {
			case i < 0:
				lost(behaviors, "replaces the list, which has nothing for "+b.Path+" now: another route answers its requests")
			case len(b.Keys) > 0 && len(overridden.Behaviors[i].Keys) == 0:
				lost(behaviors, "replaces the list, in which "+b.Path+" has no trusted_key_groups now: it needs no signature")
			case b.Function != nil && overridden.Behaviors[i].Function == nil:
				lost(behaviors, "replaces the list, in which "+b.Path+" has no function_association now: what the function checks, "+
					"such as api.keys, isn't checked")
			}
		}
	}
	if _, replaced := overrides[origins].([]any); replaced {
		for _, id := range slices.Sorted(maps.Keys(made.Origins)) {
			former, now := made.Origins[id], overridden.Origins[id]
			if now != nil && former.SignedBy != "" && now.SignedBy == "" {
				lost(origins, "replaces the list, in which "+id+" has no s3_origin_config and no origin_access_control_id now: the "+
					"bucket or the function refuses CloudFront unless it is open to everyone")
			}
			if now != nil && len(now.CustomHeaders) < len(former.CustomHeaders) {
				lost(origins, "replaces the list, in which "+id+" has fewer custom_header now: a backend that checks X-Origin-Verify "+
					"or a key refuses CloudFront")
			}
		}
	}
	return all
}
