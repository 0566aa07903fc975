#!/usr/bin/env bash
# Makes BODY the one comment with the plan on a pull request; an empty BODY takes the plan out of a comment, but makes none.
# Arguments: PULL_REQUEST COMMIT BODY; of the environment GITHUB_REPOSITORY and what gh needs.
set -euo pipefail

pull=$1 commit=$2 body=$3
marker="<!-- terraform-plan -->"
repo="repos/$GITHUB_REPOSITORY"

if [[ ! -f $body ]]; then
	echo "$body: not found; the comment stays as it is" >&2
	exit 1
fi

# Only a comment of the workflows themselves: anyone can write the marker.
id=$(gh api --paginate "$repo/issues/$pull/comments?per_page=100" |
	jq -r --arg marker "$marker" '.[]
		| select(.user.login == "github-actions[bot]" and (.body // "" | startswith($marker))) | .id' | sed -n 1p)
if [[ ! -s $body && -z $id ]]; then
	exit 0
fi
text=$(mktemp)
trap 'rm -f "$text"' EXIT
{
	printf '%s\n## Terraform plan of %s\n\n' "$marker" "$commit"
	if [[ -s $body ]]; then
		cat "$body"
	else
		echo "No environment changes."
	fi
} >"$text"
if [[ -n $id ]]; then
	gh api --silent -X PATCH "$repo/issues/comments/$id" -F body=@"$text"
else
	gh api --silent -X POST "$repo/issues/$pull/comments" -F body=@"$text"
fi
