#!/usr/bin/env bash
# Initializes a stack with the providers that the lock file pins: one whose checksum isn't there isn't installed.
# Arguments: STACK_DIR; of the environment TERRAFORM_LOCK_FILE, by default ../terraform.lock.hcl.
set -euo pipefail

stack=$1

cp "${TERRAFORM_LOCK_FILE:-$(dirname "$0")/../terraform.lock.hcl}" "$stack/.terraform.lock.hcl"
TF_IN_AUTOMATION=1 terraform -chdir="$stack" init -input=false -no-color -lockfile=readonly
