#!/usr/bin/env bash
# Draws every environment whose diagram changed: OUT/<stack>.md.
# Arguments: BASE_DIR HEAD_DIR OUT.
set -euo pipefail

scripts=$(dirname "$0") base=$1 head=$2 out=$3

# draw prints nothing for a stack that there isn't, or that this program can't read.
draw() {
	[[ ! -f $1 ]] || go run . diagram --stack "$1"
}

mkdir -p "$out"
changed=$("$scripts/changed-stacks.sh" "$base" "$head")
while read -r stack; do
	before=$(draw "$base/stacks/$stack/cdk.tf.json" || true)
	after=$(draw "$head/stacks/$stack/cdk.tf.json" || true)
	if [[ -n $after && $after != "$before" ]]; then
		printf '<details><summary>Diagram</summary>\n\n```mermaid\n%s\n```\n\n</details>\n\n' "$after" >"$out/$stack.md"
	fi
done <<<"$changed"
