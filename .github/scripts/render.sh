#!/usr/bin/env bash
# Prints a plan as Markdown: a line with its summary, and the text folded below it, cut to a size.
# Arguments: TITLE CODE TEXT_FILE MAX_BYTES; CODE as plan.sh exits.
set -euo pipefail

title=$1 code=$2 text=$3 max=$4

case $code in
0) summary="No changes." ;;
2) summary=$(grep -m1 -E '^(Plan: |Changes to Outputs:)' "$text" || echo "Changes.") ;;
*) summary="The plan failed." ;;
esac
summary=${summary%:}

# Longer than any in the text, so that the text can't end it.
fence=$(grep -oE '`{3,}' "$text" | LC_ALL=C sort -r | sed -n 1p || true)
fence="\`\`\`${fence}"

echo "### $title"
echo
echo "$summary"
echo
echo "<details><summary>Terraform</summary>"
echo
echo "$fence"
# Whole lines, so that no character is cut in two.
LC_ALL=C awk -v max="$max" '
	{ size += length($0) + 1; if (size > max) { print "... cut, the rest is in the log of the run"; exit } print }' "$text"
echo "$fence"
echo
echo "</details>"
echo
