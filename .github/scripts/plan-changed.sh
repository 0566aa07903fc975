#!/usr/bin/env bash
# Plans every environment whose synthesized JSON changed and writes the plans to BODY as Markdown, below REQUESTS; exits 1 if
# one failed. Arguments: BASE_DIR HEAD_DIR CONFIG REQUESTS BODY DIAGRAMS; BODY is empty when no environment changed. DIAGRAMS
# is what diagrams.sh drew.
set -euo pipefail

scripts=$(dirname "$0") base=$1 head=$2 config=$3 requests=$4 body=$5 diagrams=$6

rm -f "$body"
changed=$("$scripts/changed-stacks.sh" "$base" "$head")
if [[ -z $changed ]]; then
	: >"$body"
	exit 0
fi
mapfile -t stacks <<<"$changed"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# GitHub takes 65,536 characters, headings and fences among them.
share=$(((60000 - $(wc -c <"$requests")) / ${#stacks[@]}))
failed=0
cp "$requests" "$body"
for stack in "${stacks[@]}"; do
	if [[ ! -f $head/stacks/$stack/cdk.tf.json ]]; then
		printf '### %s\n\nNot configured any more. Nothing is destroyed: what exists stays until it is destroyed by hand.\n\n' "$stack" >>"$body"
		continue
	fi
	"$scripts/plan-roles.sh" "$config" "$head/stacks/$stack"
	code=0
	# A reader of the state can't lock it.
	"$scripts/plan.sh" "$head/stacks/$stack" "$out/$stack" -lock=false || code=$?
	diagram=$diagrams/$stack.md size=0
	[[ ! -f $diagram ]] || size=$(wc -c <"$diagram")
	if ((size > share / 2)); then
		echo "$stack: the diagram is too long for the comment" >&2
		diagram=/dev/null size=0
	fi
	"$scripts/render.sh" "$stack" "$code" "$out/$stack/plan.txt" $((share - size - 500)) >>"$body"
	[[ ! -f $diagram ]] || cat "$diagram" >>"$body"
	if ((code == 1)); then
		failed=1
	fi
done
exit "$failed"
