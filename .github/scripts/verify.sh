#!/usr/bin/env bash
# Holds a deployed environment to what is expected of it, and shows in the job's summary what was seen. Exits 1 if something is
# broken. Arguments: CONFIG STACK_DIR ENVIRONMENT, the stack as it was applied; of the environment GITHUB_STEP_SUMMARY and, for
# what is expected of callers, VERIFY_KEYS: a line NAME=KEY for each, which the program reads itself.
set -euo pipefail

config=$1 stack=$2 environment=$3

expected=$(jq --arg name "$environment" '.context.accelerator.environments[$name].expect // [] | length' "$config")
if ((expected == 0)); then
	printf '### Verification\n\n`%s` expects nothing; there is nothing to verify.\n\n' "$environment" >>"$GITHUB_STEP_SUMMARY"
	exit 0
fi
url=$(terraform -chdir="$stack" output -raw api_url)
# Callers' own name, at the address of the distribution: the DNS may lead there later, or still elsewhere.
domain=$(terraform -chdir="$stack" output -raw cloudfront_distribution_domain)

code=0
table=$(go run . verify "$environment" --config "$config" --url "$url" --connect-to "$domain" --markdown) || code=$?
printf '%s\n' "$table"
{
	printf '### Verification of %s\n\n' "$url"
	[[ -z $table ]] || printf '%s\n\n' "$table"
	((code == 0)) || printf 'Everything was applied, and nothing is rolled back. The log of the run has more.\n\n'
} >>"$GITHUB_STEP_SUMMARY"
if ((code != 0)); then
	echo "the deployed environment isn't as expected; everything was applied, and nothing is rolled back" >&2
	exit 1
fi
