#!/usr/bin/env bash
# Plans a stack with the plan roles, without locking its state, and shows the plan: OUT/plan.md, the job's summary, and its
# outputs code and digest. Exits 1 when the plan failed.
# Arguments: CONFIG STACK_DIR OUT MAX_BYTES; of the environment GITHUB_STEP_SUMMARY and GITHUB_OUTPUT.
set -euo pipefail

scripts=$(dirname "$0") config=$1 stack=$2 out=$3 max=$4

"$scripts/plan-roles.sh" "$config" "$stack"
code=0
"$scripts/plan.sh" "$stack" "$out" -lock=false || code=$?
"$scripts/render.sh" "$(basename "$stack")" "$code" "$out/plan.txt" "$max" >"$out/plan.md"
cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"
if ((code == 1)); then
	exit 1
fi
{
	echo "code=$code"
	echo "digest=$(<"$out/digest")"
} >>"$GITHUB_OUTPUT"
