package stacks_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

var (
	plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	lastDays  = regexp.MustCompile(`^NOW-(\d+)DAYS,NOW$`)
)

// TestAthenaFindsTheLogs holds the tables to what Athena looks at no sooner than in a query (Athena User Guide, Set up
// partition projection and Supported types for partition projection).
func TestAthenaFindsTheLogs(t *testing.T) {
	found := false
	for stackName, stack := range allStacks(t) {
		for id, table := range stack.Resource["aws_glue_catalog_table"] {
			found = true
			parameters := table["parameters"].(object)
			location := at(table, "storage_descriptor", "location").(string)
			require.True(t, strings.HasSuffix(location, "/"), stackName)
			require.Equal(t, location+"$${hour}/", parameters["storage.location.template"], stackName)
			require.Equal(t, "true", parameters["projection.enabled"])

			seen := map[string]bool{}
			for _, column := range append(items(at(table, "storage_descriptor", "columns")), items(table["partition_keys"])...) {
				name := column["name"].(string)
				require.Regexp(t, plainName, name, stackName)
				require.False(t, seen[name], "%s: %s twice", stackName, name)
				seen[name] = true
				require.Equal(t, "string", column["type"], "%s: all that CloudFront writes is text", stackName)
			}
			require.Equal(t, []any{object{"name": "hour", "type": "string"}}, table["partition_keys"])
			require.Equal(t, []string{"projection.enabled", "projection.hour.format", "projection.hour.interval", "projection.hour.interval.unit",
				"projection.hour.range", "projection.hour.type"}, slices.DeleteFunc(slices.Sorted(maps.Keys(parameters)),
				func(key string) bool { return !strings.HasPrefix(key, "projection.") }), stackName)

			days := lastDays.FindStringSubmatch(parameters["projection.hour.range"].(string))
			require.NotNil(t, days, stackName)
			back, err := strconv.Atoi(days[1])
			require.NoError(t, err)
			rules := items(stack.Resource["aws_s3_bucket_lifecycle_configuration"][id]["rule"])
			expire := slices.IndexFunc(rules, func(rule object) bool { return rule["id"] == "expire" })
			require.Equal(t, at(rules[expire], "expiration", 0, "days").(float64)+2, float64(back), stackName)
			require.Regexp(t, plainName, stack.Resource["aws_glue_catalog_database"][id]["name"], stackName)
		}
	}
	require.True(t, found)
}

// TestResultsAreNoLogs holds that queries read none of their own results, which lie in the same bucket and so are as
// private as the logs.
func TestResultsAreNoLogs(t *testing.T) {
	for name, stack := range allStacks(t) {
		for id, workgroup := range stack.Resource["aws_athena_workgroup"] {
			results := at(workgroup, "configuration", "result_configuration", "output_location").(string)
			logs := at(stack.Resource["aws_glue_catalog_table"][id], "storage_descriptor", "location").(string)
			require.True(t, strings.HasPrefix(results, "s3://${aws_s3_bucket.logs.id}/"), name)
			require.False(t, strings.HasPrefix(results, logs), name)
		}
	}
}

// TestNoQueriesUnlessAskedFor holds that Athena costs and grants nothing where nobody asked for queries, or there is
// nothing to query.
func TestNoQueriesUnlessAskedFor(t *testing.T) {
	c := load(t, everything)
	for name, change := range map[string]func(*config.Logging){
		"no queries": func(l *config.Logging) { l.Queries = false },
		"no logs":    func(l *config.Logging) { l.Enabled = false },
	} {
		full := c.Environments["full"]
		change(&full.Logging)
		c := c
		c.Environments = map[string]config.Environment{"full": full}
		stack := parse(t, synthesizeConfig(t, c)["everything-full"])
		for _, kind := range []string{"aws_athena_workgroup", "aws_athena_named_query", "aws_glue_catalog_database", "aws_glue_catalog_table"} {
			require.Empty(t, stack.Resource[kind], name)
		}
		require.NotContains(t, stack.Output, "logs_workgroup", name)
	}
}
