package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/shared/names"
)

const queried = "testdata/queries.json"

// deployedLogs has dev's logs, and a workgroup without a table.
func deployedLogs(t *testing.T) *awstest.Server {
	t.Helper()
	s := awstest.StartAthena(t)
	s.Setenv(t)
	for _, stack := range []string{"example-dev", "example-half"} {
		s.Athena().SetWorkGroup("eu-west-1", names.LogQueries(stack), queries.WorkGroup{Location: "s3://" + stack + "-logs-1/" + names.QueryResults, Enforced: true})
	}
	s.Athena().AddTable("eu-west-1", names.LogDatabase("example-dev"), names.LogTable)
	return s
}

// TestLogsAskAthena asks about the time since then, and tells how much that took.
func TestLogsAskAthena(t *testing.T) {
	s := deployedLogs(t)
	s.Athena().Next(queries.Plan{Scanned: 12_345_678, Columns: []string{"status varchar", "requests bigint"}, Rows: [][]string{{"502", "1234"}}})
	code, stdout, stderr := run("logs", "dev", "errors", "--since", "3h", "-c", queried)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "502")
	require.Equal(t, "scanned 12.3 MB\n", stderr)
	asked := s.Athena().Queries()
	require.Len(t, asked, 1)
	code, stdout, stderr = run("logs", "dev", "errors", "-c", queried)
	require.Zero(t, code, stderr)
	require.Equal(t, "none\n", stdout)
	require.Equal(t, "scanned 0 B\nwarning: there are no logs of that time yet: CloudFront delivers most within an hour, some up to a day late\n", stderr)
	require.Equal(t, []string{"example_dev", "example-dev-logs"}, []string{asked[0].Database, asked[0].WorkGroup})
	require.Contains(t, asked[0].SQL, "access_logs")
	for _, hours := range []time.Duration{3, 4} { // with the hour before
		if strings.Contains(asked[0].SQL, time.Now().UTC().Add(-hours*time.Hour).Format("2006/01/02/15")) {
			return
		}
	}
	require.Fail(t, "isn't about the last three hours", asked[0].SQL)
}

func TestLogsSayWhatAthenaLacks(t *testing.T) {
	s := deployedLogs(t)
	for want, environment := range map[string]string{
		`environment "prod": not found; there are dev, elsewhere, fresh, half, plain, silent`:                                                                    "prod",
		`environments.plain.logging.queries: isn't on, so Athena knows no logs; set it, with "version": 2, and deploy, or ask files with --files`:                "plain",
		"environments.silent.logging.enabled: isn't on, so there are no logs; set it, and deploy, or ask files with --files":                                     "silent",
		"fresh: has no workgroup example-fresh-logs in Athena in eu-west-1, in the account of your AWS credentials; deploy it first: cdktf deploy example-fresh": "fresh",
		"half: has no table example_half.access_logs in Athena in eu-west-1, in the account of your AWS credentials; deploy it first: cdktf deploy example-half": "half",
		"environments.elsewhere.account.id: is 999999999999, but your AWS credentials are those of account 111122223333":                                         "elsewhere",
	} {
		code, stdout, stderr := run("logs", environment, "errors", "-c", queried)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, want+"\n", stderr)
	}
	s.Athena().Next(queries.Plan{States: []string{"RUNNING", "CANCELLED"}, Reason: "Bytes scanned limit was exceeded", Scanned: 100_000_000_000})
	code, _, stderr := run("logs", "dev", "errors", "-c", queried)
	require.Equal(t, 1, code)
	require.Equal(t, "the query was cancelled after it had read 100 GB, the most that one may read; ask about less time, such as --since 1h\n", stderr)
}

// TestLogsAccessDenied tells what to do about it, wherever it was: at Athena, or at what Athena reads.
func TestLogsAccessDenied(t *testing.T) {
	for _, message := range []string{
		"You are not authorized to perform: athena:StartQueryExecution on the resource.",
		"User: arn:aws:iam::111122223333:user/a is not authorized to perform: glue:GetTable",
	} {
		s := deployedLogs(t)
		if strings.Contains(message, "glue") {
			s.Athena().Next(queries.Plan{States: []string{"FAILED"}, Reason: message, ErrorType: 1500})
		} else {
			s.RefuseNext("athena:StartQueryExecution", http.StatusBadRequest, "AccessDeniedException", message)
		}
		code, _, stderr := run("logs", "dev", "errors", "-c", queried)
		require.Equal(t, 1, code)
		require.Equal(t, "AWS denies access: "+message+"\n  policy dev --logs prints the IAM policy that asking Athena needs\n", stderr)
	}
}

// TestLogsGiveUp stops the query, or tells how to.
func TestLogsGiveUp(t *testing.T) {
	defer cli.SetAskTimeout(300 * time.Millisecond)()
	s := deployedLogs(t)
	s.Athena().Next(queries.Plan{States: []string{"RUNNING"}})
	code, _, stderr := run("logs", "dev", "errors", "-c", queried)
	require.Equal(t, 1, code)
	const givenUp = "the query isn't done after 300ms, and is given up; ask about less time, such as --since 1h\n"
	require.Equal(t, givenUp, stderr)
	require.Equal(t, "CANCELLED", s.Athena().Queries()[0].State)

	s.Athena().Next(queries.Plan{States: []string{"RUNNING"}})
	s.RefuseNext("athena:StopQueryExecution", http.StatusBadRequest, "AccessDeniedException", "no")
	_, _, stderr = run("logs", "dev", "errors", "-c", queried)
	require.Equal(t, "warning: the query couldn't be stopped, and goes on: aws athena stop-query-execution --region eu-west-1 --query-execution-id "+
		s.Athena().Queries()[1].ID+" (no)\n"+givenUp, stderr)
}

// TestLogsWithoutNetwork don't wait for an AWS that is silent.
func TestLogsWithoutNetwork(t *testing.T) {
	deployedLogs(t)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
		<-r.Context().Done()
	}))
	defer silent.Close()
	defer cli.SetAskTimeout(50 * time.Millisecond)()
	t.Setenv("AWS_ENDPOINT_URL", silent.URL)
	code, _, stderr := run("logs", "dev", "errors", "-c", queried)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "the query isn't done after 50ms")
}

// TestQueriesAreTheDeployedOnes holds the names that are asked to those that the stack has.
func TestQueriesAreTheDeployedOnes(t *testing.T) {
	text, err := os.ReadFile("../testdata/everything-full.tf.json")
	require.NoError(t, err)
	var stack struct {
		Resource struct {
			WorkGroup map[string]struct{ Name string } `json:"aws_athena_workgroup"`
			Database  map[string]struct{ Name string } `json:"aws_glue_catalog_database"`
			Table     map[string]struct{ Name string } `json:"aws_glue_catalog_table"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &stack))
	require.Equal(t, names.LogQueries("everything-full"), stack.Resource.WorkGroup["logs"].Name)
	require.Equal(t, names.LogDatabase("everything-full"), stack.Resource.Database["logs"].Name)
	require.Equal(t, names.LogTable, stack.Resource.Table["logs"].Name)
}
