#!/usr/bin/env bash
# Fetches a day's access logs of a distribution, or as much of them as is quickly replayed, to OUT/files, and writes to OUT/bound
# which those are, and to OUT/version that of the logs. Exits 3 if there are none.
# Arguments: STACK_FILE as it is deployed, BUCKET DISTRIBUTION_ID ROLE_ARN DAY OUT. The role is assumed with the credentials at hand.
set -euo pipefail

scripts=$(dirname "$0") stack=$1 bucket=$2 distribution=$3 role=$4 day=$5 out=$6
max_files=500 max_bytes=200000000

mkdir -p "$out/files"
# While both versions are delivered, the one that has been for long. CloudFront ends a prefix with a slash (CloudFront Developer
# Guide, Configure standard logging (legacy), File name format); version 2 has the delivery's path in the destination's folder.
jq --arg id "$distribution" --arg day "$day" '
	.resource
	| [.aws_cloudfront_distribution[]?.logging_config | objects] as $one
	| [.aws_cloudwatch_log_delivery_destination[]? | .. | objects | .destination_resource_arn // empty] as $two
	| [.aws_cloudwatch_log_delivery[]? | .. | objects | .suffix_path // empty] as $path
	| if $one != [] then {
		version: 1, suffix: ".gz",
		prefix: ($one[0].prefix // "" | if . == "" or endswith("/") then . else . + "/" end + "\($id).\($day)-")}
	elif $two != [] then {
		version: 2, suffix: ".parquet",
		prefix: (($day | split("-")) as $date
			| ($two[0] | sub("^[^}]*}/"; "")) + "/" + $path[0]
			| reduce (["{yyyy}", $date[0]], ["{MM}", $date[1]], ["{dd}", $date[2]]) as [$name, $value] (.; split($name) | join($value))
			| split("{HH}")[0])}
	else {} end' "$stack" >"$out/place.json"
jq -e .version "$out/place.json" >"$out/version" || exit 3
prefix=$(jq -r .prefix "$out/place.json")

# With --profile, the CLI takes the credentials at hand to assume the role, and for nothing else (AWS CLI User Guide, Using an IAM
# role in the AWS CLI).
cat >"$out/config" <<CONFIG
[profile logs]
role_arn = $role
role_session_name = replay
credential_source = Environment
region = $(jq -r '[.provider.aws[] | select(.alias == null) | .region][0]' "$stack")
CONFIG
# In HOME it keeps those of the role, for all calls.
export HOME=$out AWS_CONFIG_FILE=$out/config AWS_PAGER=""

# The files of the day, of however many others there are.
aws --profile logs --output json s3api list-objects-v2 --bucket="$bucket" --prefix="$prefix" --max-items=10000 >"$out/listed.json"
jq -s --arg prefix "$prefix" --arg day "$day" --argjson files "$max_files" --argjson bytes "$max_bytes" \
	--arg suffix "$(jq -r .suffix "$out/place.json")" -f "$scripts/log-files.jq" "$out/listed.json" >"$out/taken.json"
jq -e '.files != []' "$out/taken.json" >/dev/null || exit 3
jq -r .bound "$out/taken.json" >"$out/bound"
# shellcheck disable=SC2016 # It is for the other shell.
jq -j '.files[] | .key, "\u0000", .name, "\u0000"' "$out/taken.json" | xargs -0 -r -n 2 -P 8 bash -c \
	'aws --profile logs s3api get-object --bucket="$1" --key="$3" "$2/files/$4" >/dev/null' get "$bucket" "$out"
