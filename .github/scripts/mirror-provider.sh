#!/usr/bin/env bash
# Makes a mirror of the locked AWS provider, DIR/mirror, and the CLI configuration DIR/terraformrc that has Terraform use it.
# Arguments: DIR; of the environment TERRAFORM_LOCK_FILE, by default ../terraform.lock.hcl.
set -euo pipefail

scripts=$(cd "$(dirname "$0")" && pwd) dir=$1

mkdir -p "$dir/config"
dir=$(cd "$dir" && pwd)
lock=${TERRAFORM_LOCK_FILE:-$scripts/../terraform.lock.hcl}
version=$(sed -n 's/^ *version *= *"\(.*\)"/\1/p' "$lock")
printf '{"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "%s"}}}}\n' "$version" >"$dir/config/main.tf.json"
cp "$lock" "$dir/config/.terraform.lock.hcl"
terraform -chdir="$dir/config" providers mirror -platform=linux_amd64 "$dir/mirror"
printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$dir/mirror" >"$dir/terraformrc"
# Compares the checksums, once.
TF_CLI_CONFIG_FILE=$dir/terraformrc terraform -chdir="$dir/config" init -input=false -lockfile=readonly
