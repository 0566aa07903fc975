# Prints what a plan changes in origins that Terraform hides because of one secret, in Terraform's form and without the secret.
# Input: a plan as "terraform show -json" prints it.
include "public_headers";

# The strings of a value that are marked as sensitive.
def marked($marks): . as $value
	| if $marks == true then .. | strings
	elif ($marks | type) == "object" then $marks | keys[] as $k | $value[$k]? | marked($marks[$k])
	elif ($marks | type) == "array" then range($marks | length) as $i | $value[$i]? | marked($marks[$i])
	else empty end;

# All secrets in the plan. Origins are left out: they are marked as a whole.
def secrets:
	def of($value; $marks): ($marks | objects | del(.origin)) as $m | $value | marked($m);
	[(.. | objects | of(.values?; .sensitive_values?)),
		(.resource_changes[]?.change | of(.before; .before_sensitive), of(.after; .after_sensitive)),
		(.. | objects | select(.sensitive? == true) | .value? | .. | strings)]
	| map(select(. != "")) | unique;

def field($secrets): {
	raw: .,
	shown: (if any(.. | scalars | tostring; . as $text | any($secrets[]; . as $s | $text | contains($s)))
		then "(sensitive)" else tojson end)
};

# The fields of an origin by name, those of a block like custom_origin_config.https_port. Empty ones are left out.
def fields($secrets; $public; $unknown):
	def at($k): try .[$k] catch null;
	def walk($name; $unknown): . as $value
		| if $unknown == true then {($name): {shown: "(known after apply)"}}
		elif type == "object" or ($unknown | type) == "object" then
			reduce ((. // {}) + (($unknown | objects) // {}) | keys[]) as $k ({};
				. + ($value | at($k) | walk([$name | strings, $k] | join("."); $unknown | at($k))))
		elif type == "array" and any(.[]; type == "object") then
			reduce range(length) as $i ({}; . + ($value[$i] | walk($name; $unknown | at($i))))
		elif . == null or . == "" or . == [] then {}
		else {($name): field($secrets)} end;
	(del(.custom_header, .origin_id) | walk(null; $unknown | del(.custom_header)))
	+ (reduce .custom_header[]? as $h ({}; . + {"custom_header.\($h.name)": ($h.value | field($secrets)
		| if $public | index($h.name | ascii_downcase) then . else .shown = "(sensitive)" end)}));

# One line for each field that differs.
def difference($before; $after):
	($before // {}) + ($after // {}) | keys[] as $k
	| ($before // {})[$k] as $old | ($after // {})[$k] as $new
	| select($old != $new)
	| if $old == null then "      + \($k) = \($new.shown)"
	elif $new == null then "      - \($k) = \($old.shown)"
	else "      ~ \($k) = \($old.shown) -> \($new.shown)" end;

secrets as $secrets | public_headers as $public
| .resource_changes[]? | select(.type == "aws_cloudfront_distribution") | .address as $address | .change
| select([.before_sensitive.origin?, .after_sensitive.origin?] | any(..; . == true))
| ([.before.origin[]? | {key: .origin_id, value: fields($secrets; $public; {})}] | from_entries) as $before
| (.after_unknown.origin? // []) as $unknown
| ([.after.origin // [] | to_entries[] | {
	key: .value.origin_id,
	value: (.key as $i | .value | fields($secrets; $public; try ($unknown[$i] // {}) catch {}))
}] | from_entries) as $after
| [
	($before + $after | keys[]) as $id
	| [difference($before[$id]; $after[$id])] | select(length > 0)
	| "  \(if $before[$id] == null then "+" elif $after[$id] == null then "-" else "~" end) origin \($id | tojson)", .[]
]
| select(length > 0)
| "# \($address): its origins, which Terraform hides because of a secret", .[], ""
