#!/usr/bin/env bash
# Plans a stack again, with the roles that deploy, and applies that plan if it changes what the plan that was shown changes; refuses it if not.
# Arguments: STACK_DIR OUT DIGEST, the digest that plan.sh made of the plan that was shown.
set -euo pipefail

stack=$1 out=$2 shown=$3

code=0
"$(dirname "$0")/plan.sh" "$stack" "$out" || code=$?
if ((code == 1)); then
	exit 1
fi
if [[ $(<"$out/digest") != "$shown" ]]; then
	echo "not applied: this plan isn't the one that was shown; run all jobs again and look at the new one" >&2
	exit 1
fi
out=$(cd "$out" && pwd)
TF_IN_AUTOMATION=1 terraform -chdir="$stack" apply -input=false -no-color "$out/plan.tfplan"
