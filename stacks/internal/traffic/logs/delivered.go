package logs

import "strings"

// Delivered are the fields that are asked for in logs of version 2: those of version 1, then where callers are, which route they took,
// and how long the origin took (CloudFront Developer Guide, Configure standard logging (v2), Access log fields).
func Delivered() []string {
	return append(strings.Fields(names), "c-country", "cache-behavior-path-pattern", "origin-fbl", "origin-lbl")
}

// Column is the name of a field in a Parquet file and in Athena: cs_user_agent for cs(User-Agent) (Athena User Guide, Create a table for
// CloudFront logs in Athena using partition projection with Parquet).
func Column(field string) string {
	return strings.NewReplacer("-", "_", "(", "_", ")", "").Replace(strings.ToLower(field))
}
