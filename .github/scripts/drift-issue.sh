#!/usr/bin/env bash
# Keeps one open issue for an environment that isn't as configured, and closes it when it is again.
# Arguments: ENVIRONMENT CODE BODY; CODE as plan.sh exits, 0 or 2; of the environment GITHUB_REPOSITORY and what gh needs.
set -euo pipefail

environment=$1 code=$2 body=$3
marker="<!-- terraform-drift:$environment -->"
repo="repos/$GITHUB_REPOSITORY"

# The plain list, for a search lags behind. Only issues of the workflows themselves: anyone can write the marker.
numbers=$(gh api --paginate "$repo/issues?state=open&per_page=100" |
	jq -r --arg marker "$marker" '.[] | select(.pull_request | not)
		| select(.user.login == "github-actions[bot]" and (.body // "" | startswith($marker))) | .number' | sort -n)
text=$(mktemp)
trap 'rm -f "$text"' EXIT
case $code in
0)
	for number in $numbers; do
		gh api --silent -X POST "$repo/issues/$number/comments" -f body="The drift is gone."
		gh api --silent -X PATCH "$repo/issues/$number" -f state=closed -f state_reason=completed
	done
	;;
2)
	{
		echo "$marker"
		echo "\`$environment\` isn't what the main branch says: something was changed outside Terraform, or not deployed yet."
		echo "This issue is updated daily and closes when a plan has no changes."
		echo
		cat "$body"
	} >"$text"
	number=$(sed -n 1p <<<"$numbers")
	if [[ -n $number ]]; then
		gh api --silent -X PATCH "$repo/issues/$number" -F body=@"$text"
	else
		gh api --silent -X POST "$repo/issues" -f title="Drift in $environment" -F body=@"$text"
	fi
	;;
*)
	echo "CODE: must be 0 or 2, got \"$code\"" >&2
	exit 1
	;;
esac
