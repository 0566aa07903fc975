package iampolicy

import "ml-api-accelerator/stacks/internal/shared/names"

// LogQueries is whose access logs are asked: those of a stack in a Region, below a prefix in their bucket. No account is any.
type LogQueries struct{ Account, Region, Stack, Prefix string }

// NewForLogs returns what asking Athena about access logs takes: its calls to Glue and S3 are made with the caller's permissions
// (Athena User Guide, Control access to Amazon S3 from Athena).
func NewForLogs(q LogQueries) Policy {
	if q.Account == "" {
		q.Account = "*"
	}
	in := func(service string) string { return "arn:aws:" + service + ":" + q.Region + ":" + q.Account + ":" }
	database := names.LogDatabase(q.Stack)
	bucket := "arn:aws:s3:::" + names.BucketPrefix(q.Stack, "logs") + "*"
	results := bucket + "/" + names.QueryResults + "*"
	return Policy{Version: version, Statement: []Statement{
		// Athena User Guide, Example workgroup policies; Athena's other reading calls are the console's.
		allow("Queries", []string{in("athena") + "workgroup/" + names.LogQueries(q.Stack)},
			"athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution"),
		// All that a table is in is named, too (Athena User Guide, Configure access to databases and tables in the AWS Glue Data Catalog).
		// Partition projection has Athena avoid GetPartitions, its guide says; the examples for tables with partitions have it.
		allow("Table", []string{in("glue") + "catalog", in("glue") + "database/" + database, in("glue") + "table/" + database + "/" + names.LogTable},
			"glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"),
		// Athena User Guide, Allow access to Athena Federated Query: Example policies, which says what each is for.
		allow("Bucket", []string{bucket}, "s3:GetBucketLocation", "s3:ListBucket"),
		allow("Logs", []string{bucket + "/" + names.DeliveredLogs(q.Prefix) + "/*"}, "s3:GetObject"),
		allow("Results", []string{results}, "s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
	}}
}

func allow(sid string, resources []string, actions ...string) Statement {
	return Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}
