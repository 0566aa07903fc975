#!/usr/bin/env bash
# Synthesizes the commit before HEAD, of a pull request's merge the base branch, and prints the folder.
# Arguments: WORKTREE, a folder to make. The printed folder has no stacks when that commit can't be synthesized.
set -euo pipefail

worktree=$1

git worktree add --quiet --detach "$worktree" HEAD^1 >&2
cd "$worktree"
if ! go run . >&2; then
	echo "the base can't be synthesized: every environment counts as new" >&2
	rm -rf cdktf.out
fi
mkdir -p cdktf.out
cd cdktf.out && pwd
