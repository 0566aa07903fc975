#!/usr/bin/env bash
# Prints the stacks of environments, new ones too, of which the cache is told something else, one per line.
# Arguments: BASE_DIR HEAD_DIR, two folders that were synthesized into.
set -euo pipefail

scripts=$(dirname "$0") base=$1 head=$2

# What replay goes by: not the origins, the answers' headers or what is forwarded, which change no key and no lifetime.
told() {
	[[ ! -f $1 ]] || jq -S '
		def behavior: {path_pattern, cache_policy_id, allowed_methods, cached_methods, viewer_protocol_policy, trusted_key_groups};
		.resource
		| [.aws_cloudfront_distribution[]? | {
			default_root_object, custom_error_response,
			default: (.default_cache_behavior | behavior), ordered: [.ordered_cache_behavior[]? | behavior]}],
		(.aws_cloudfront_cache_policy // {}
			| map_values({min_ttl, default_ttl, max_ttl, parameters_in_cache_key_and_forwarded_to_origin}))
	' "$1"
}

changed=$("$scripts/changed-stacks.sh" "$base" "$head")
while read -r stack; do
	[[ -f $head/stacks/$stack/cdk.tf.json ]] || continue
	before=$(told "$base/stacks/$stack/cdk.tf.json")
	after=$(told "$head/stacks/$stack/cdk.tf.json")
	[[ $before == "$after" ]] || echo "$stack"
done <<<"$changed"
