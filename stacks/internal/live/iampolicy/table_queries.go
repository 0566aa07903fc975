package iampolicy

// queries is the part of the table on Athena, and on the AWS Glue Data Catalog, in which its tables are.
var queries = map[string][]access{
	"aws_athena_workgroup": {{sid: "LogQueries", arn: "arn:aws:athena:{region}:{account}:workgroup/{name}",
		create: "athena:CreateWorkGroup athena:TagResource",
		read:   "athena:GetWorkGroup athena:ListTagsForResource",
		update: "athena:UpdateWorkGroup athena:UntagResource",
		delete: "athena:DeleteWorkGroup"}},
	"aws_athena_named_query": {{sid: "LogQueries",
		create: "athena:CreateNamedQuery",
		read:   "athena:GetNamedQuery",
		delete: "athena:DeleteNamedQuery"}},

	// What is done to a database is also asked of the catalog, and its deletion of what may be in it (Athena User Guide, Configure access
	// to databases and tables in the AWS Glue Data Catalog).
	"aws_glue_catalog_database": {{sid: "LogTables",
		arn: "arn:aws:glue:{region}:{account}:catalog arn:aws:glue:{region}:{account}:database/{name} " +
			"arn:aws:glue:{region}:{account}:table/{name}/* arn:aws:glue:{region}:{account}:userDefinedFunction/{name}/*",
		create: "glue:CreateDatabase glue:TagResource",
		read:   "glue:GetDatabase glue:GetTags",
		update: "glue:UpdateDatabase glue:UntagResource",
		delete: "glue:DeleteDatabase"}},
	"aws_glue_catalog_table": {{sid: "LogTables",
		create: "glue:CreateTable",
		read:   "glue:GetPartitionIndexes glue:GetTable",
		update: "glue:UpdateTable",
		delete: "glue:DeleteTable"}},
}
