package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/athenanamedquery"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/athenaworkgroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/gluecatalogdatabase"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// bytesPerQuery is what a query may read: Athena bills what it reads, and cancels a query that would read more (Athena User
// Guide, Configure per-query and per-workgroup data usage controls).
const bytesPerQuery = 100_000_000_000

type logQueriesProps struct {
	config.Logging
	Bucket string // of the logs; empty: there is none
	Stack  string
}

// newLogQueries makes what Athena needs to query the access logs, and returns the name of the workgroup in which it does.
func newLogQueries(scope constructs.Construct, id string, props logQueriesProps) string {
	if props.Bucket == "" || !props.Queries {
		return ""
	}
	database := *rename(gluecatalogdatabase.NewGlueCatalogDatabase(scope, jsii.String(id+"-database"), &gluecatalogdatabase.GlueCatalogDatabaseConfig{
		Name:        jsii.String(names.LogDatabase(props.Stack)),
		Description: jsii.String("Access logs of " + props.Stack),
	}), id).Name()
	newLogTable(scope, id, logTableProps{
		Database:      database,
		Folder:        "s3://" + props.Bucket + "/" + names.DeliveredLogs(props.Prefix),
		RetentionDays: props.RetentionDays,
	})
	workgroup := *newLogWorkgroup(scope, id, props).Name()
	table := names.LogDatabase(props.Stack) + "." + names.LogTable
	for _, q := range questions.All() {
		rename(athenanamedquery.NewAthenaNamedQuery(scope, jsii.String(id+"-query-"+q.Name), &athenanamedquery.AthenaNamedQueryConfig{
			Name:        jsii.String(q.Name),
			Description: jsii.String(q.Title),
			Database:    jsii.String(database),
			Workgroup:   jsii.String(workgroup),
			Query:       jsii.String(q.SQL(table, questions.Range{})),
		}), q.Name)
	}
	return workgroup
}

// newLogWorkgroup makes the workgroup of the queries. Whoever queries can't raise its limit, nor have results written elsewhere.
func newLogWorkgroup(scope constructs.Construct, id string, props logQueriesProps) athenaworkgroup.AthenaWorkgroup {
	return rename(athenaworkgroup.NewAthenaWorkgroup(scope, jsii.String(id+"-workgroup"), &athenaworkgroup.AthenaWorkgroupConfig{
		Name:        jsii.String(names.LogQueries(props.Stack)),
		Description: jsii.String("Queries of the access logs of " + props.Stack),
		Configuration: &athenaworkgroup.AthenaWorkgroupConfiguration{
			EnforceWorkgroupConfiguration: true,
			BytesScannedCutoffPerQuery:    jsii.Number(bytesPerQuery),
			ResultConfiguration: &athenaworkgroup.AthenaWorkgroupConfigurationResultConfiguration{
				OutputLocation: jsii.String("s3://" + props.Bucket + "/" + names.QueryResults),
				EncryptionConfiguration: &athenaworkgroup.AthenaWorkgroupConfigurationResultConfigurationEncryptionConfiguration{
					EncryptionOption: jsii.String("SSE_S3"),
				},
			},
		},
		// Athena keeps a history of the queries, and refuses to delete a workgroup that isn't empty (Athena API Reference, DeleteWorkGroup).
		ForceDestroy: true,
	}), id)
}
