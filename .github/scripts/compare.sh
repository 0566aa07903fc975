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
	if (($(wc -c <"$tables") <= max)); then
		cat "$tables"
	else
		head -c "$((max + 1))" "$tables" | sed '$d' # not half a row
		printf '\n... cut, the rest is in the log of the run\n'
	fi
else
	echo "The comparison failed; the log of the run says why."
fi
echo
