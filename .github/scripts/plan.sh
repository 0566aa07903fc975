#!/usr/bin/env bash
# Plans a stack: OUT/plan.tfplan, OUT/plan.txt to read, OUT/digest of the changes. Exits 0: nothing to do, 2: changes, 1: error.
# Arguments: STACK_DIR OUT [OPTION of terraform plan]...; of the environment what init.sh takes.
set -euo pipefail

scripts=$(dirname "$0") stack=$1 out=$2
shift 2
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out"/plan.tfplan "$out"/plan.txt "$out"/digest
export TF_IN_AUTOMATION=1

# show prints what others may have written, such as a description that somebody changed on AWS: no line of it is a command to GitHub's
# runner (GitHub Docs, Workflow commands for GitHub Actions, Stopping and starting workflow commands).
show() {
	local token=
	if [[ ${GITHUB_ACTIONS:-} == true ]]; then
		token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
		echo "::stop-commands::$token"
	fi
	cat
	[[ -z $token ]] || echo "::$token::"
}

# Until there is a plan, plan.txt holds what Terraform said.
{
	"$scripts/init.sh" "$stack" &&
		terraform -chdir="$stack" plan -input=false -no-color -detailed-exitcode -out="$out/plan.tfplan" "$@"
} >"$out/plan.txt" 2>&1 && code=0 || code=$?
show <"$out/plan.txt"
if ((code != 0 && code != 2)); then
	exit 1
fi
# Not in a file: it has secrets.
json=$(terraform -chdir="$stack" show -json "$out/plan.tfplan")
# First, since a long plan is cut at its end.
origins=$(printf '%s' "$json" | go run . plan-changes --digest "$out/digest")
{
	[[ -z $origins ]] || printf '%s\n\n' "$origins"
	terraform -chdir="$stack" show -no-color "$out/plan.tfplan"
} >"$out/plan.txt"
[[ -z $origins ]] || show <<<"$origins"
[[ $(<"$out/digest") != nothing ]] || code=0 # Terraform counts what checks read as changes
exit "$code"
