#!/usr/bin/env bash
# Prints as Markdown which requests two syntheses treat differently, cut to a size; all of it is in the log.
# Arguments: BASE_DIR HEAD_DIR MAX_BYTES. A comparison that fails keeps no plan back.
set -euo pipefail

base=$1 head=$2 max=$3

tables=$(mktemp)
trap 'rm -f "$tables"' EXIT

echo "### Requests"
echo
if [[ ! -d $base/stacks ]]; then
	echo "There is nothing to compare with."
elif go run . compare "$base" "$head" --markdown >"$tables"; then
	cat "$tables" >&2
	# Whole lines, so that no row is cut in two.
	LC_ALL=C awk -v max="$max" '
		{ size += length($0) + 1; if (size > max) { print "\n... cut, the rest is in the log of the run"; exit } print }' "$tables"
else
	echo "The comparison failed; the log of the run says why."
fi
echo
