package stacks

import (
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/gluecatalogtable"

	"ml-api-accelerator/stacks/internal/shared/names"
	accesslogs "ml-api-accelerator/stacks/internal/traffic/logs"
)

type logTableProps struct {
	Database      string
	Folder        string // of the logs, without / at its end
	RetentionDays int
}

// newLogTable makes the table of the access logs, as the Athena User Guide does in Create a table for CloudFront logs in Athena
// using partition projection with Parquet. Athena finds the columns of Parquet by name, in any order (Handle schema updates).
func newLogTable(scope constructs.Construct, id string, props logTableProps) {
	const parquet = "org.apache.hadoop.hive.ql.io.parquet."
	rename(gluecatalogtable.NewGlueCatalogTable(scope, jsii.String(id+"-table"), &gluecatalogtable.GlueCatalogTableConfig{
		DatabaseName:  jsii.String(props.Database),
		Name:          jsii.String(names.LogTable),
		Description:   jsii.String("A line for every request"),
		TableType:     jsii.String("EXTERNAL_TABLE"),
		Parameters:    stringMap(logTableParameters(props)),
		PartitionKeys: []*gluecatalogtable.GlueCatalogTablePartitionKeys{{Name: jsii.String(names.LogHour), Type: jsii.String("string")}},
		StorageDescriptor: &gluecatalogtable.GlueCatalogTableStorageDescriptor{
			Location:     jsii.String(props.Folder + "/"),
			InputFormat:  jsii.String(parquet + "MapredParquetInputFormat"),
			OutputFormat: jsii.String(parquet + "MapredParquetOutputFormat"),
			SerDeInfo:    &gluecatalogtable.GlueCatalogTableStorageDescriptorSerDeInfo{SerializationLibrary: jsii.String(parquet + "serde.ParquetHiveSerDe")},
			Columns:      logColumns(),
		},
	}), id)
}

// logTableParameters have Athena work out itself which hours there are and where each is. An hour is a folder of CloudFront's, in UTC
// like Athena's clock (Athena User Guide, Supported types for partition projection).
func logTableParameters(props logTableProps) map[string]string {
	hour := "projection." + names.LogHour + "."
	// S3 deletes a file at the midnight after its days are over (Amazon S3 User Guide, Lifecycle configuration elements), and a file can
	// come up to a day after its hour (CloudFront Developer Guide, Standard logging reference).
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

func logColumns() []*gluecatalogtable.GlueCatalogTableStorageDescriptorColumns {
	var columns []*gluecatalogtable.GlueCatalogTableStorageDescriptorColumns
	for _, field := range accesslogs.Delivered() {
		columns = append(columns, &gluecatalogtable.GlueCatalogTableStorageDescriptorColumns{
			Name: jsii.String(accesslogs.Column(field)), Type: jsii.String("string"),
		})
	}
	return columns
}
