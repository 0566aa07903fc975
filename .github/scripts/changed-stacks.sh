#!/usr/bin/env bash
# Prints the stacks of environments whose synthesized JSON changed, is new or is gone, one per line.
# Arguments: BASE_DIR HEAD_DIR, two folders that were synthesized into.
set -euo pipefail

scripts=$(dirname "$0") base=$1 head=$2

stacks() {
	# A base that couldn't be synthesized has none.
	[[ ! -d $1/stacks ]] || "$scripts/environments.sh" "$1" | jq -r '.[].stack'
}

normal() {
	[[ ! -f $1 ]] || jq -S . "$1"
}

names=$(stacks "$base" && stacks "$head")
while read -r stack; do
	before=$(normal "$base/stacks/$stack/cdk.tf.json")
	after=$(normal "$head/stacks/$stack/cdk.tf.json")
	[[ $before == "$after" ]] || echo "$stack"
done < <(sort -u <<<"$names")
