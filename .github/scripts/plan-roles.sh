#!/usr/bin/env bash
# Edits a synthesized stack so that it is planned with the plan roles of the configuration, or with the credentials at hand,
# and never with a role that may deploy.
# Arguments: CONFIG STACK_DIR.
set -euo pipefail

config=$1 file=$2/cdk.tf.json

# Not an override file: it can replace a provider's role but not take it out, and replaces the backend as a whole
# (Terraform Language, Override Files).
edited=$(jq --slurpfile config "$config" '
	def assume($role; $block): del(.assume_role) | if $role == "" then . else .assume_role = $block end;
	$config[0].context.accelerator as $a
	| (.terraform.backend.s3.key // "" | rtrimstr(".tfstate") | split("/")[-1] // "") as $environment
	| ($a.state.planRoleArn // "") as $state
	| ($a.environments[$environment].account.planRoleArn // "") as $account
	| ($a.environments[$environment].domain.hostedZonePlanRoleArn // "") as $zones
	| if .terraform.backend.s3 then .terraform.backend.s3 |= assume($state; {role_arn: $state}) else . end
	| if .provider.aws then .provider.aws |= map(
		([$account, if .alias == "zones" then $zones else "" end] | map(select(. != "") | {role_arn: .})) as $roles
		| assume($roles[0] // ""; $roles)) else . end
' "$file")
printf '%s\n' "$edited" >"$file"
