#!/usr/bin/env bash
# Fails unless somebody has to approve what is deployed to an environment of GitHub's, or UNATTENDED=true says that nobody does.
# Without reviewers GitHub runs the job at once, and in private repositories only GitHub Enterprise has them (GitHub Docs,
# REST API endpoints for deployment environments, About deployment environments).
# Arguments: ENVIRONMENT; of the environment GITHUB_REPOSITORY, UNATTENDED and what gh needs.
set -euo pipefail

environment=$1

reviewers=$(gh api "repos/$GITHUB_REPOSITORY/environments/$environment" |
	jq '[.protection_rules[]? | select(.type == "required_reviewers") | .reviewers[]?] | length')
if [[ $reviewers == 0 && ${UNATTENDED:-} != true ]]; then
	echo "::error::nobody has to approve deploys to $environment: give GitHub's environment reviewers," \
		"or set its variable UNATTENDED to true to deploy without approval"
	exit 1
fi
