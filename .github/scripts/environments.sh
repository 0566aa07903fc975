#!/usr/bin/env bash
# Prints, as a JSON array for a matrix, the environments that were synthesized, each with its stack.
# Arguments: SYNTHESIZED_DIR [ENVIRONMENT]; with ENVIRONMENT that one alone, which must exist.
set -euo pipefail

dir=$1 only=${2-}

# Only environments keep their state in S3, at <name>/<environment>.tfstate.
found=$(find "$dir/stacks" -mindepth 2 -maxdepth 2 -name cdk.tf.json -print0 | sort -z |
	xargs -0 -r jq -c 'select(.terraform.backend.s3) | {
		environment: (.terraform.backend.s3.key | rtrimstr(".tfstate") | split("/")[-1]),
		stack: .["//"].metadata.stackName
	}' | jq -cs .)
if [[ -n $only ]]; then
	known=$(jq -r 'map(.environment) | join(", ")' <<<"$found")
	found=$(jq -c --arg only "$only" 'map(select(.environment == $only))' <<<"$found")
	if [[ $found == "[]" ]]; then
		echo "environment: must be one of $known, got \"$only\"" >&2
		exit 1
	fi
fi
echo "$found"
