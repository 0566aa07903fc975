package stacks_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

const queriesConfig = `{"context": {"accelerator": {
	"name": "demo",
	"state": {"bucket": "demo-state", "region": "us-east-1"},
	"environments": {"dev": {
		"region": "eu-west-1",
		"api": {"domainName": "backend.example.com"},
		"models": {"forceDestroy": true},
		"logging": {"version": 2, "queries": true, "retentionDays": 30, "forceDestroy": true}
	}}
}}}`

// TestLongDeployQueries makes the queries of the access logs, changes them, takes them out and makes them again.
func TestLongDeployQueries(t *testing.T) {
	aws := needAWS(t)
	c, _, err := config.Parse("cdktf.json", []byte(queriesConfig))
	require.NoError(t, err)
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	e := c.Environments["dev"]
	synth := func(change func(*config.Logging)) []byte {
		change(&e.Logging)
		c.Environments["dev"] = e
		return synthesizeConfig(t, c)["demo-dev"]
	}
	first := synth(func(*config.Logging) {})
	week := synth(func(l *config.Logging) { l.RetentionDays = 7 })
	without := synth(func(l *config.Logging) { l.Queries = false })
	sideBySide(t)

	dev := newDeployment(t, aws, first, patience(t, first))
	step(t, "Glue has the table, and Athena the workgroup with the queries, in the environment's region", func(t *testing.T) {
		dev.apply(t)
		dev.requireQueries(t, "demo-dev", "eu-west-1", "parquet/cf-logs/", 32)
		dev.requireNoChanges(t)
	})
	step(t, "the table knows as many hours as there are files", func(t *testing.T) {
		dev.change(t, week, patience(t, week))
		require.Equal(t, map[string]string{"aws_glue_catalog_table.logs": "update"}, dev.plan(t).changes)
		dev.apply(t, withoutRefresh)
		dev.requireQueries(t, "demo-dev", "eu-west-1", "parquet/cf-logs/", 9)
		dev.requireNoChanges(t)
	})
	step(t, "queries that have run don't keep the workgroup", func(t *testing.T) {
		aws.Query(t, "eu-west-1", "demo-dev-logs", "SELECT 1")
		dev.deploy(t, without)
		require.Zero(t, aws.Workgroup(t, "eu-west-1", "demo-dev-logs"))
		require.Empty(t, aws.Databases(t, "eu-west-1"))
		require.NotContains(t, dev.state(t).Outputs, "logs_workgroup")
	})
	step(t, "they are made again, and destroyed with the environment", func(t *testing.T) {
		dev.deploy(t, first)
		dev.requireQueries(t, "demo-dev", "eu-west-1", "parquet/cf-logs/", 32)
		dev.destroy(t)
		require.Zero(t, aws.Workgroup(t, "eu-west-1", "demo-dev-logs"))
		require.Empty(t, aws.Databases(t, "eu-west-1"))
		require.Equal(t, []string{"demo-state"}, aws.Buckets(t))
	})
}

// requireQueries holds what Glue and Athena have to the folder in which the access logs are, and the days that the table looks back.
func (d deployment) requireQueries(t *testing.T, stack, region, folder string, days int) {
	t.Helper()
	outputs := d.state(t).Outputs
	bucket, _ := outputs["logs_bucket"].Value.(string)
	place := "s3://" + bucket + "/" + folder
	table := d.aws.Table(t, region, names.LogDatabase(stack), names.LogTable)
	require.Equal(t, "EXTERNAL_TABLE", table.TableType)
	require.Equal(t, place, table.StorageDescriptor.Location)
	require.Equal(t, []awstest.Column{{Name: "hour", Type: "string"}}, table.PartitionKeys)
	require.Equal(t, map[string]string{
		"EXTERNAL":                      "TRUE",
		"projection.enabled":            "true",
		"projection.hour.type":          "date",
		"projection.hour.format":        "yyyy/MM/dd/HH",
		"projection.hour.range":         fmt.Sprintf("NOW-%dDAYS,NOW", days),
		"projection.hour.interval":      "1",
		"projection.hour.interval.unit": "HOURS",
		"storage.location.template":     place + "${hour}/",
	}, table.Parameters)
	require.Len(t, table.StorageDescriptor.Columns, len(logs.Delivered()))
	require.Contains(t, table.StorageDescriptor.Columns, awstest.Column{Name: "cs_user_agent", Type: "string"})

	require.Equal(t, stack+"-logs", outputs["logs_workgroup"].Value)
	group := d.aws.Workgroup(t, region, stack+"-logs").Configuration
	require.True(t, group.EnforceWorkGroupConfiguration)
	require.Equal(t, 100_000_000_000, group.BytesScannedCutoffPerQuery)
	require.Equal(t, "s3://"+bucket+"/athena-results/", group.ResultConfiguration.OutputLocation)
	require.Equal(t, "SSE_S3", group.ResultConfiguration.EncryptionConfiguration.EncryptionOption)
	saved := map[string]string{}
	for _, q := range questions.All() {
		saved[q.Name] = q.SQL(names.LogDatabase(stack)+"."+names.LogTable, questions.Range{})
	}
	require.Equal(t, saved, d.aws.SavedQueries(t, region, stack+"-logs"))
}
