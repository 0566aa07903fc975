#!/usr/bin/env bash
# Prints as Markdown what a change does to the traffic of the environments of which it changes the cache, cut to a size; all of it is in
# the log. Nothing, if it changes none. What can't be replayed keeps no plan back.
# Arguments: BASE_DIR HEAD_DIR CONFIG DAY MAX_BYTES MAX_SECONDS; of the environment LOGS_ROLES, see replay-environment.sh.
set -euo pipefail

scripts=$(dirname "$0") base=$1 head=$2 config=$3 day=$4 max=$5 seconds=$6

changed=$("$scripts/cache-changed.sh" "$base" "$head")
[[ -n $changed ]] || exit 0
text=$(mktemp)
trap 'rm -f "$text"' EXIT
printf '### Replay\n\n' >"$text"
while read -r stack; do
	code=0
	left=$((seconds - SECONDS))
	# Without a time there is no limit.
	replayed=$(timeout -k 10 "$((left > 1 ? left : 1))" "$scripts/replay-environment.sh" "$base" "$head" "$config" "$stack" "$day") || code=$?
	case $code in
	0) ;;
	124) replayed="Not replayed: it took too long." ;;
	*) replayed="Not replayed: it failed; the log of the run says why." ;;
	esac
	printf '**%s**\n\n%s\n\n' "$stack" "$replayed" >>"$text"
done <<<"$changed"
cat "$text" >&2
# Whole lines, so that no row is cut in two.
LC_ALL=C awk -v max="$max" '
	{ size += length($0) + 1; if (size > max) { print "\n... cut, the rest is in the log of the run\n"; exit } print }' "$text"
