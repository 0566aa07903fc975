# Prints what a plan changes, without its secrets: a digest of it is public, and one that has a weak secret in it confirms a guess.
# Input: a plan as "terraform show -json" prints it.
include "public_headers";

def hide_marked($marks):
	if $marks == true then (if . == null then . else "(sensitive)" end)
	elif ($marks | type) == "object" and type == "object" then
		reduce ($marks | keys[]) as $k (.; if has($k) then .[$k] |= hide_marked($marks[$k]) else . end)
	elif ($marks | type) == "array" and type == "array" then
		reduce range([length, ($marks | length)] | min) as $i (.; .[$i] |= hide_marked($marks[$i]))
	else . end;

# Terraform marks all origins because of one header.
def hide($marks; $public):
	if type == "object" and has("origin") then
		(.origin[]?.custom_header[]? |= (if (.name | tostring | ascii_downcase) as $name | $public | index($name) then .
			else .value = "(sensitive)" end))
		| hide_marked($marks | if type == "object" then del(.origin) else . end)
	else hide_marked($marks) end;

def without_secrets($public):
	.before_sensitive as $before | .after_sensitive as $after
	| .before |= hide($before; $public) | .after |= hide($after; $public);

public_headers as $public
| {
	# Not what stays: its status, or the time, may differ between equal plans. The roles that planned aren't part of it.
	resources: [.resource_changes[]?
		| select(.change.actions != ["no-op"] or .change.importing or .previous_address)
		| .change |= without_secrets($public)],
	outputs: (.output_changes // null | if . then map_values(without_secrets($public)) else . end)
}
