#!/usr/bin/env bash
# Plans a stack without locking its state and shows the plan: OUT/plan.md, the job's summary, and its outputs code and digest.
# Arguments: STACK_DIR OUT MAX_BYTES; of the environment GITHUB_STEP_SUMMARY and GITHUB_OUTPUT. Exits 1 when the plan failed.
set -euo pipefail

scripts=$(dirname "$0") stack=$1 out=$2 max=$3

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
