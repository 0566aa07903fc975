package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest/queries"
)

// TestLogsPolicy allows what the command was seen to do, and writes results alone.
func TestLogsPolicy(t *testing.T) {
	s := deployedLogs(t)
	code, _, stderr := run("logs", "dev", "errors", "-c", queried)
	require.Zero(t, code, stderr)
	undo := cli.SetAskTimeout(300 * time.Millisecond)
	s.Athena().Next(queries.Plan{States: []string{"RUNNING"}})
	code, _, _ = run("logs", "dev", "errors", "-c", queried)
	undo()
	require.Equal(t, 1, code)
	var done []string
	for _, call := range s.Calls() {
		if call.Name() != "sts:GetCallerIdentity" { // takes no permission (STS API Reference)
			done = append(done, call.Name())
		}
	}
	slices.Sort(done)

	code, stdout, stderr := run("policy", "dev", "--logs", "-c", queried)
	require.Zero(t, code, stderr)
	require.Equal(t, "warning: it is for all buckets whose name begins with example-dev-logs-: once example-dev is deployed, put its output logs_bucket in their place\n", stderr)
	var policy struct {
		Statement []struct {
			Sid              string
			Action, Resource []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &policy))
	require.Equal(t, slices.Compact(done), policy.Statement[0].Action)
	resources, writes := map[string][]string{}, []string{}
	for _, statement := range policy.Statement {
		resources[statement.Sid] = statement.Resource
		for _, action := range statement.Action {
			_, verb, _ := strings.Cut(action, ":")
			if !strings.HasPrefix(verb, "Get") && !strings.HasPrefix(verb, "List") {
				writes = append(writes, statement.Sid+" "+action)
			}
		}
	}
	require.Equal(t, []string{"Queries athena:StartQueryExecution", "Queries athena:StopQueryExecution", "Results s3:AbortMultipartUpload", "Results s3:PutObject"}, writes)
	require.Equal(t, map[string][]string{
		"Queries": {"arn:aws:athena:eu-west-1:111122223333:workgroup/example-dev-logs"},
		"Table": {"arn:aws:glue:eu-west-1:111122223333:catalog", "arn:aws:glue:eu-west-1:111122223333:database/example_dev",
			"arn:aws:glue:eu-west-1:111122223333:table/example_dev/access_logs"},
		"Bucket":  {"arn:aws:s3:::example-dev-logs-*"},
		"Logs":    {"arn:aws:s3:::example-dev-logs-*/parquet/cf-logs/*"},
		"Results": {"arn:aws:s3:::example-dev-logs-*/athena-results/*"},
	}, resources)

	for want, args := range map[string][]string{
		"environments.plain.logging.queries: isn't on":                   {"plain", "--logs"},
		`environment "state": not found`:                                 {"state", "--logs"},
		"if any flags in the group [plan keys logs] are set none of the": {"dev", "--keys", "--logs"},
	} {
		code, _, stderr := run(append([]string{"policy", "-c", queried}, args...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, want)
	}
}
