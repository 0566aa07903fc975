#!/usr/bin/env bash
# Prints as Markdown what a change does to the traffic of an environment, by its access logs of a day, or why that isn't known.
# Arguments: BASE_DIR HEAD_DIR CONFIG STACK DAY; of the environment LOGS_ROLES, a line ENVIRONMENT=ROLE_ARN for each.
set -euo pipefail

scripts=$(dirname "$0") base=$1 head=$2 config=$3 stack=$4 day=$5

unknown() {
	echo "Not replayed: $1."
	exit 0
}

deployed=$base/stacks/$stack/cdk.tf.json
[[ -f $deployed ]] || unknown "there is no such environment to compare with"
environment=$("$scripts/environments.sh" "$head" | jq -r --arg stack "$stack" '.[] | select(.stack == $stack) | .environment')
role=
while IFS='=' read -r name arn; do
	[[ $name != "$environment" ]] || role=$arn
done <<<"${LOGS_ROLES:-}"
[[ -n $role ]] || unknown "\`AWS_LOGS_ROLES\` has no role for it"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$scripts/plan-roles.sh" "$config" "$head/stacks/$stack"
"$scripts/init.sh" "$head/stacks/$stack" >&2 || unknown "its state can't be read"
output() { terraform -chdir="$head/stacks/$stack" output -no-color -raw "$1"; }
bucket=$(output logs_bucket) && distribution=$(output distribution_id) || unknown "nothing that has logs is deployed"

code=0
"$scripts/fetch-logs.sh" "$deployed" "$bucket" "$distribution" "$role" "$day" "$out" || code=$?
case $code in
0) ;;
3) unknown "there are no logs of $day" ;;
*) unknown "its logs can't be fetched; the log of the run says why" ;;
esac

# Only logs in Parquet need what reads them, which is much.
tags=()
[[ $(<"$out/version") == 1 ]] || tags=(-tags parquet)
go build "${tags[@]}" -o "$out/program" . || unknown "the program can't be built; the log of the run says why"
# What it says of a file may be from the file, and the log of a run may be public.
"$out/program" replay "$environment" "$out/files/*" --config "$config" --before "$base" --markdown >"$out/table.md" 2>/dev/null ||
	unknown "it failed; try \`go run . replay\` yourself"
printf 'By the logs of %s: %s.\n\n' "$day" "$(<"$out/bound")"
cat "$out/table.md"
