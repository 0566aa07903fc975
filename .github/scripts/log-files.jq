# Chooses which log files of a day to replay: whole hours from midnight on, as many as fit; of the first, if that alone is too much,
# as many files as fit. Input: what list-objects-v2 prints, in an array. Arguments: $prefix that was listed, $day, $suffix of the files'
# own names, and $files and $bytes, the most that is taken.

def bytes: map(.bytes) | add // 0;
def fits: length <= $files and bytes <= $bytes;
def clock: (100 + . | tostring[1:]) + ":00";

# The CLI prints nothing of an empty list.
.[0] // {}
| (.NextToken != null) as $cut
| [.Contents[]? | .Size as $bytes | .Key as $key
	# 2026-01-31-10.abc.gz in version 1, 2026/01/31/10/abc.parquet in version 2.
	| ($key | ltrimstr($prefix) | capture("^(?<hour>[0-9]{2})[./][^/]+$")) + {key: $key, bytes: $bytes}]
| group_by(.hour)
# Not all of the last hour was listed.
| (if $cut and length > 1 then .[:-1] else . end) as $hours
| ([range($hours | length) as $i | $hours[:$i + 1] | add | select(fits)] | last // []) as $whole
| (if $whole == [] then
		reduce ($hours[0] // [])[] as $file ([]; if . + [$file] | fits then . + [$file] else . end)
	else $whole end) as $taken
| {
	files: [$taken | to_entries[] | {
		key: .value.key,
		# A name that tells replay the hour, whatever the bucket calls it.
		name: "log.\($day)-\(.value.hour).\(.key)\($suffix)"}],
	bound: (if $taken == [] then ""
		elif $whole == [] then "a part of the requests from \($taken[0].hour | tonumber | clock) to "
			+ "\($taken[0].hour | tonumber + 1 | clock) UTC: more would be too much, and so there are fewer hits than with all of them"
		elif $cut or ($whole | length) < ($hours | add | length) then "the requests from \($taken[0].hour | tonumber | clock) to "
			+ "\($taken[-1].hour | tonumber + 1 | clock) UTC: more would be too much"
		else "all requests" end)
}
