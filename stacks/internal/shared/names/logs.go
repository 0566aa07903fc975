package names

import (
	"path"
	"strings"
)

// LogDelivery is the name of the source, and of the destination, of a stack's access logs in CloudWatch's log delivery.
func LogDelivery(stack string) string { return stack + "-access-logs" }

// DeliveryFolder is where in the bucket of the logs version 2 writes, whatever the prefix: the prefix can then change without another
// destination or another policy of the bucket.
const DeliveryFolder = "parquet"

// DeliveredLogs is the folder below which access logs of version 2 are, apart from those of version 1, in the same bucket.
func DeliveredLogs(prefix string) string { return path.Join(DeliveryFolder, prefix) }

// HourOfLogs is the rest of the path of a log, below DeliveryFolder, as CloudWatch's log delivery fills it in.
func HourOfLogs(prefix string) string { return path.Join(prefix, "{yyyy}/{MM}/{dd}/{HH}") }

// LogQueries is the name of the workgroup in Athena that queries a stack's access logs.
func LogQueries(stack string) string { return stack + "-logs" }

// The table of the access logs in the database of a stack, its partition, and where the results of queries go in the bucket of the logs.
// No query has to escape them (Athena User Guide, Escape reserved keywords in queries).
const (
	LogTable     = "access_logs"
	LogHour      = "hour"
	QueryResults = "athena-results/"
)

// LogDatabase is the name of the database of a stack's access logs. With a hyphen it would need quotes in every query, and other ones in
// other statements (Athena User Guide, SHOW COLUMNS and DROP DATABASE).
func LogDatabase(stack string) string { return strings.ReplaceAll(stack, "-", "_") }
