package stacks

import (
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/athenanamedquery"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/athenaworkgroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/gluecatalogdatabase"
	gluetable "github.com/cdktf/cdktf-provider-aws-go/aws/v19/gluecatalogtable"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
	accesslogs "ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// bytesPerQuery is what a query may read: Athena bills what it reads, and cancels a query that would read more (Athena
// User Guide, Configure per-query and per-workgroup data usage controls).
const bytesPerQuery = 100_000_000_000

type logQueriesProps struct {
	config.Logging
	Bucket string // of the logs; empty: there is none
	Stack  string
}

// newLogQueries makes what Athena needs to query the access logs, and returns the name of the workgroup in which it
// does.
func newLogQueries(scope constructs.Construct, id string, props logQueriesProps) string {
	if props.Bucket == "" || !props.Queries {
		return ""
	}
	database := *rename(gluecatalogdatabase.NewGlueCatalogDatabase(scope, jsii.String(id+"-database"),
		&gluecatalogdatabase.GlueCatalogDatabaseConfig{
			Name:        jsii.String(names.LogDatabase(props.Stack)),
			Description: jsii.String("Access logs of " + props.Stack),
		}), id).Name()
	newLogTable(scope, id, logTableProps{
		Database:      database,
		Folder:        "s3://" + props.Bucket + "/" + names.DeliveredLogs(props.Prefix),
		RetentionDays: props.RetentionDays,
	})
	workgroup := newLogWorkgroup(scope, id, logWorkgroupProps{Bucket: props.Bucket, Stack: props.Stack})
	table := names.LogDatabase(props.Stack) + "." + names.LogTable
	for _, q := range questions.All() {
		rename(athenanamedquery.NewAthenaNamedQuery(scope, jsii.String(id+"-query-"+q.Name),
			&athenanamedquery.AthenaNamedQueryConfig{
				Name:        jsii.String(q.Name),
				Description: jsii.String(q.Title),
				Database:    jsii.String(database),
				Workgroup:   jsii.String(workgroup),
				Query:       jsii.String(q.SQL(table, questions.Range{})),
			}), q.Name)
	}
	return workgroup
}

type logWorkgroupProps struct {
	Bucket string // of the results
	Stack  string
}

type resultEncryption = athenaworkgroup.AthenaWorkgroupConfigurationResultConfigurationEncryptionConfiguration

// newLogWorkgroup makes the workgroup of the queries, and returns its name. Whoever queries can neither raise its limit
// nor have results written elsewhere.
func newLogWorkgroup(scope constructs.Construct, id string, props logWorkgroupProps) string {
	group := rename(athenaworkgroup.NewAthenaWorkgroup(scope, jsii.String(id+"-workgroup"),
		&athenaworkgroup.AthenaWorkgroupConfig{
			Name:        jsii.String(names.LogQueries(props.Stack)),
			Description: jsii.String("Queries of the access logs of " + props.Stack),
			Configuration: &athenaworkgroup.AthenaWorkgroupConfiguration{
				EnforceWorkgroupConfiguration: true,
				BytesScannedCutoffPerQuery:    jsii.Number(bytesPerQuery),
				ResultConfiguration: &athenaworkgroup.AthenaWorkgroupConfigurationResultConfiguration{
					OutputLocation:          jsii.String("s3://" + props.Bucket + "/" + names.QueryResults),
					EncryptionConfiguration: &resultEncryption{EncryptionOption: jsii.String("SSE_S3")},
				},
			},
			// Athena keeps a history of the queries, and refuses to delete a workgroup that isn't empty (Athena API
			// Reference, DeleteWorkGroup).
			ForceDestroy: true,
		}), id)
	return *group.Name()
}

type logTableProps struct {
	Database      string
	Folder        string // of the logs, without / at its end
	RetentionDays int
}

// newLogTable makes the table of the access logs, with the SerDe and formats of the Athena User Guide, Create a table for
// CloudFront logs in Athena using manual partitioning with JSON. Names of columns that differ from those in the JSON are
// mapped, which is exact where upper and lower case count (OpenX JSON SerDe, Optional properties).
func newLogTable(scope constructs.Construct, id string, props logTableProps) {
	rename(gluetable.NewGlueCatalogTable(scope, jsii.String(id+"-table"), &gluetable.GlueCatalogTableConfig{
		DatabaseName: jsii.String(props.Database),
		Name:         jsii.String(names.LogTable),
		Description:  jsii.String("A line for every request"),
		TableType:    jsii.String("EXTERNAL_TABLE"),
		Parameters:   stringMap(logTableParameters(props)),
		PartitionKeys: []*gluetable.GlueCatalogTablePartitionKeys{
			{Name: jsii.String(names.LogHour), Type: jsii.String("string")},
		},
		StorageDescriptor: &gluetable.GlueCatalogTableStorageDescriptor{
			Location:     jsii.String(props.Folder + "/"),
			InputFormat:  jsii.String("org.apache.hadoop.mapred.TextInputFormat"),
			OutputFormat: jsii.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
			SerDeInfo: &gluetable.GlueCatalogTableStorageDescriptorSerDeInfo{
				SerializationLibrary: jsii.String("org.openx.data.jsonserde.JsonSerDe"),
				Parameters:           stringMap(mappedColumns()),
			},
			Columns: logColumns(),
		},
	}), id)
}

// logTableParameters have Athena work out itself which hours there are and where each is. An hour is a folder of
// CloudFront's, in UTC like Athena's clock (Athena User Guide, Supported types for partition projection).
func logTableParameters(props logTableProps) map[string]string {
	hour := "projection." + names.LogHour + "."
	// S3 deletes a file at the midnight after its days are over (Amazon S3 User Guide, Lifecycle configuration
	// elements), and a file can come up to a day after its hour (CloudFront Developer Guide, Standard logging
	// reference).
	days := props.RetentionDays + 2
	return map[string]string{
		"EXTERNAL":                  "TRUE",
		"projection.enabled":        "true",
		hour + "type":               "date",
		hour + "format":             "yyyy/MM/dd/HH",
		hour + "range":              fmt.Sprintf("NOW-%dDAYS,NOW", days),
		hour + "interval":           "1",
		hour + "interval.unit":      "HOURS",
		"storage.location.template": props.Folder + "/$${" + names.LogHour + "}/", // $$ is Terraform's way to write $
	}
}

func mappedColumns() map[string]string {
	properties := map[string]string{"case.insensitive": "false"}
	for _, field := range accesslogs.Delivered() {
		if column := accesslogs.Column(field); column != field {
			properties["mapping."+column] = field
		}
	}
	return properties
}

func logColumns() []*gluetable.GlueCatalogTableStorageDescriptorColumns {
	var columns []*gluetable.GlueCatalogTableStorageDescriptorColumns
	for _, field := range accesslogs.Delivered() {
		columns = append(columns, &gluetable.GlueCatalogTableStorageDescriptorColumns{
			Name: jsii.String(accesslogs.Column(field)), Type: jsii.String("string"),
		})
	}
	return columns
}
