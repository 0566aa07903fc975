package athena_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/live/athena"
	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

const region = "eu-west-1"

var query = athena.Query{
	Region: region, Account: awstest.AccountID, WorkGroup: "example-dev-logs", Database: "example_dev",
	SQL: "SELECT status, count(*) FROM access_logs GROUP BY 1",
}

// aws is a stand-in of AWS with a workgroup and a table, to which the environment leads.
func aws(t *testing.T) *awstest.Server {
	t.Helper()
	s := awstest.StartAthena(t)
	s.Setenv(t)
	s.Athena().SetWorkGroup(region, query.WorkGroup, queries.WorkGroup{Location: "s3://example-dev-logs-1/athena-results/", Enforced: true})
	s.Athena().AddTable(region, query.Database, "access_logs")
	return s
}

func ask(ctx context.Context) (athena.Answer, error) {
	return athena.Ask(ctx, query, func(string) {})
}

// columns are named so, and some of them with "number" behind.
func columns(names ...string) []questions.Column {
	var list []questions.Column
	for _, name := range names {
		name, number := strings.CutSuffix(name, " number")
		list = append(list, questions.Column{Name: name, Number: number})
	}
	return list
}

// TestAsk has a NULL, a value that is empty, and a row that begins like the names of the columns.
func TestAsk(t *testing.T) {
	s := aws(t)
	s.Athena().Next(queries.Plan{
		Scanned: 12_345_678,
		Columns: []string{"path varchar", "requests bigint", "share decimal"},
		Rows:    [][]string{{"/v1/a", "7", "12.50"}, {"", queries.Null, "0.10"}, {"path", "requests", "1"}},
	})
	var states []string
	got, err := athena.Ask(t.Context(), query, func(state string) { states = append(states, state) })
	require.NoError(t, err)
	require.Equal(t, athena.Answer{Scanned: 12_345_678, Answer: questions.Answer{
		Columns: columns("path", "requests number", "share number"),
		Rows:    [][]string{{"/v1/a", "7", "12.50"}, {"", "-", "0.10"}, {"path", "requests", "1"}},
	}}, got)
	require.Equal(t, []string{"QUEUED", "RUNNING"}, states)
	asked := s.Athena().Queries()
	require.Len(t, asked, 1)
	require.Equal(t, []string{query.SQL, query.Database, query.WorkGroup}, []string{asked[0].SQL, asked[0].Database, asked[0].WorkGroup})
	for _, call := range s.Calls() {
		require.Equal(t, region, call.Region, call.Name())
	}
	require.Empty(t, s.CallsTo("athena:StopQueryExecution"))
}

// TestPages reads more than one, of which only the first begins with the names of the columns.
func TestPages(t *testing.T) {
	s := aws(t)
	plan := queries.Plan{States: []string{"SUCCEEDED"}, Columns: []string{"n varchar"}}
	for i := range 2500 {
		plan.Rows = append(plan.Rows, []string{fmt.Sprint(i)})
	}
	plan.Rows[999][0] = "n" // the first row of the second page
	s.Athena().Next(plan)
	got, err := ask(t.Context())
	require.NoError(t, err)
	require.Equal(t, plan.Rows, got.Rows)
	require.Len(t, s.CallsTo("athena:GetQueryResults"), 3)
}

func TestNothingFound(t *testing.T) {
	s := aws(t)
	s.Athena().Next(queries.Plan{States: []string{"SUCCEEDED"}, Columns: []string{"n bigint"}})
	got, err := ask(t.Context())
	require.NoError(t, err)
	require.Empty(t, got.Rows)
	require.Equal(t, columns("n number"), got.Columns)
}

// TestThrottling has calls refused once (Athena User Guide, Service Quotas).
func TestThrottling(t *testing.T) {
	s := aws(t)
	s.RefuseNext("athena:StartQueryExecution", http.StatusBadRequest, "TooManyRequestsException", "You have exceeded the limit for the number of queries you can run concurrently.")
	s.RefuseNext("athena:GetQueryExecution", http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
	_, err := ask(t.Context())
	require.NoError(t, err)
	require.Len(t, s.Athena().Queries(), 1)
}

// TestLostAnswer has a query started and its answer not come: the next attempt starts no other.
func TestLostAnswer(t *testing.T) {
	s := aws(t)
	unlimited := query
	unlimited.Account = "" // the first request is the one that starts the query
	t.Setenv("AWS_ENDPOINT_URL_ATHENA", awstest.LoseFirstAnswer(t, os.Getenv("AWS_ENDPOINT_URL")).URL)
	_, err := athena.Ask(t.Context(), unlimited, func(string) {})
	require.NoError(t, err)
	require.Len(t, s.CallsTo("athena:StartQueryExecution"), 2)
	require.Len(t, s.Athena().Queries(), 1)
}

// TestInterrupted stops the query, whether it waits or runs.
func TestInterrupted(t *testing.T) {
	for _, states := range [][]string{{"QUEUED"}, {"QUEUED", "RUNNING"}} {
		s := aws(t)
		s.Athena().Next(queries.Plan{States: states})
		ctx, interrupt := context.WithCancel(t.Context())
		_, err := athena.Ask(ctx, query, func(state string) {
			if state == states[len(states)-1] {
				interrupt()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, s.CallsTo("athena:StopQueryExecution"), 1)
		require.Equal(t, "CANCELLED", s.Athena().Queries()[0].State)
	}
}

// TestInterruptedStart doesn't hear the answer that has the id of the query.
func TestInterruptedStart(t *testing.T) {
	s := aws(t)
	ctx, interrupt := context.WithCancel(t.Context())
	t.Setenv("AWS_ENDPOINT_URL_ATHENA", awstest.HoldFirstAnswer(t, os.Getenv("AWS_ENDPOINT_URL"), interrupt).URL)
	_, err := ask(ctx)
	require.ErrorIs(t, err, context.Canceled)
	asked := s.Athena().Queries()
	require.Len(t, asked, 1)
	require.Equal(t, "CANCELLED", asked[0].State)
}

func TestTimeout(t *testing.T) {
	s := aws(t)
	s.Athena().Next(queries.Plan{States: []string{"RUNNING"}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
	defer cancel()
	_, err := ask(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, "CANCELLED", s.Athena().Queries()[0].State)
}

// TestNotStopped tells how to stop a query by hand.
func TestNotStopped(t *testing.T) {
	s := aws(t)
	s.Athena().Next(queries.Plan{States: []string{"RUNNING"}})
	s.RefuseNext("athena:StopQueryExecution", http.StatusBadRequest, "AccessDeniedException", "You are not authorized to perform: athena:StopQueryExecution on the resource.")
	ctx, interrupt := context.WithCancel(t.Context())
	_, err := athena.Ask(ctx, query, func(string) { interrupt() })
	require.ErrorIs(t, err, context.Canceled)
	var goesOn *athena.StopError
	require.ErrorAs(t, err, &goesOn)
	require.Equal(t, "the query goes on, since it couldn't be stopped (You are not authorized to perform: athena:StopQueryExecution "+
		"on the resource.): aws athena stop-query-execution --region eu-west-1 --query-execution-id "+s.Athena().Queries()[0].ID, goesOn.Error())
}

// TestUnknownState stops a query of which the state can't be seen any more.
func TestUnknownState(t *testing.T) {
	s := aws(t)
	s.RefuseNext("athena:GetQueryExecution", http.StatusBadRequest, "AccessDeniedException", "no")
	_, err := ask(t.Context())
	var access *awsclient.AccessError
	require.ErrorAs(t, err, &access)
	require.Len(t, s.CallsTo("athena:StopQueryExecution"), 1)
}

// TestOnlyTheseCalls are what the policy allows.
func TestOnlyTheseCalls(t *testing.T) {
	s := aws(t)
	s.Athena().Next(queries.Plan{States: []string{"RUNNING"}})
	ctx, interrupt := context.WithCancel(t.Context())
	_, err := athena.Ask(ctx, query, func(string) { interrupt() })
	require.Error(t, err)
	_, err = ask(t.Context())
	require.NoError(t, err)
	var calls []string
	for _, call := range s.Calls() {
		calls = append(calls, call.Name())
	}
	slices.Sort(calls)
	require.Equal(t, []string{"athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution", "sts:GetCallerIdentity"},
		slices.Compact(calls))
}

func TestNotDeployed(t *testing.T) {
	s := aws(t)
	for want, q := range map[error]athena.Query{
		athena.ErrNoWorkGroup: {Region: "us-east-1", WorkGroup: query.WorkGroup, Database: query.Database, SQL: query.SQL},
		athena.ErrNoTable:     {Region: region, WorkGroup: query.WorkGroup, Database: query.Database, SQL: "SELECT 1 FROM others"},
	} {
		_, err := athena.Ask(t.Context(), q, func(string) {})
		require.Equal(t, want, err)
	}
	missing := query
	missing.Database = "other"
	_, err := athena.Ask(t.Context(), missing, func(string) {})
	require.Equal(t, athena.ErrNoTable, err)
	s.Athena().SetWorkGroup(region, query.WorkGroup, queries.WorkGroup{Disabled: true})
	_, err = ask(t.Context())
	require.EqualError(t, err, "Athena: InvalidRequestException: WorkGroup example-dev-logs is disabled.")
}

// TestFailed has queries that begin, and fail.
func TestFailed(t *testing.T) {
	const denied = "User: arn:aws:iam::111122223333:user/a is not authorized to perform: glue:GetTable on resource: arn:aws:glue:eu-west-1:111122223333:catalog"
	for reason, c := range map[string]struct {
		state string
		kind  int
		want  error
	}{
		"Bytes scanned limit was exceeded": {"CANCELLED", 0, &athena.LimitError{Scanned: 42}},
		denied:                             {"FAILED", 1000, &awsclient.AccessError{Message: denied}},
		"Access denied when writing output to url: s3://a/b.csv . Please ensure you are allowed to access the S3 bucket.": {"FAILED", 401,
			&awsclient.AccessError{Message: "Access denied when writing output to url: s3://a/b.csv . Please ensure you are allowed to access the S3 bucket."}},
		"COLUMN_NOT_FOUND: line 1:8: Column 'none'": {"FAILED", 1006, &athena.ColumnError{Reason: "COLUMN_NOT_FOUND: line 1:8: Column 'none'"}},
		"Permission denied on S3 path: s3://a/b":    {"FAILED", 1501, &awsclient.AccessError{Message: "Permission denied on S3 path: s3://a/b"}},
	} {
		s := aws(t)
		s.Athena().Next(queries.Plan{States: []string{"RUNNING", c.state}, Reason: reason, ErrorType: c.kind, Scanned: 42})
		_, err := ask(t.Context())
		require.Equal(t, c.want, err)
		require.Empty(t, s.CallsTo("athena:StopQueryExecution"))
	}
	for want, plan := range map[string]queries.Plan{
		"the query was cancelled: Query cancelled by user":            {States: []string{"CANCELLED"}, Reason: "Query cancelled by user"},
		"the query failed: HIVE_BAD_DATA: a":                          {States: []string{"FAILED"}, Reason: "HIVE_BAD_DATA: a\nmore", ErrorType: 1001},
		"the query has the state FAILED, without a reason":            {States: []string{"FAILED"}},
		"the query failed: COLUMN_NOT_FOUND: line 1:8: Column 'none'": {States: []string{"FAILED"}, Reason: "COLUMN_NOT_FOUND: line 1:8: Column 'none'", ErrorType: 1006},
	} {
		aws(t).Athena().Next(plan)
		_, err := ask(t.Context())
		require.EqualError(t, err, want)
	}
}

// TestRefused has requests that nothing comes of.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		code, message string
		want          error
	}{
		{"AccessDeniedException", "You are not authorized to perform: athena:StartQueryExecution on the resource.", // grafana/athena-datasource#156: status 400
			&awsclient.AccessError{Message: "You are not authorized to perform: athena:StartQueryExecution on the resource."}},
		{"InvalidRequestException", "Unable to verify/create output bucket example-dev-logs-1", &awsclient.AccessError{Message: "Unable to verify/create output bucket example-dev-logs-1"}},
		{"InvalidRequestException", "WorkGroup is not found.", athena.ErrNoWorkGroup},
		{"InvalidRequestException", "INVALID_INPUT. WorkGroup example-dev-logs is not found.", athena.ErrNoWorkGroup},
	} {
		s := aws(t)
		s.RefuseNext("athena:StartQueryExecution", http.StatusBadRequest, c.code, c.message)
		_, err := ask(t.Context())
		require.Equal(t, c.want, err)
	}
	s := aws(t)
	s.RefuseNext("athena:StartQueryExecution", http.StatusBadRequest, "InvalidSignatureException", "It does not match\nThe Canonical String was TOKEN")
	_, err := ask(t.Context())
	require.EqualError(t, err, "Athena: InvalidSignatureException: It does not match")
}

func TestWrongAccount(t *testing.T) {
	s := aws(t)
	other := query
	other.Account = "999999999999"
	_, err := athena.Ask(t.Context(), other, func(string) {})
	require.Equal(t, &awsclient.AccountError{Got: "111122223333", Want: "999999999999"}, err)
	require.Empty(t, s.Athena().Queries())
	s.RefuseNext("sts:GetCallerIdentity", http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
	_, err = athena.Ask(t.Context(), other, func(string) {})
	require.EqualError(t, err, "STS: ExpiredToken: The security token included in the request is expired")
}

func TestNoCredentials(t *testing.T) {
	aws(t)
	for _, key := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(key, "")
	}
	_, err := ask(t.Context())
	require.EqualError(t, err, "AWS credentials: there are none; set AWS_PROFILE, or sign in (aws sso login)")
}

func TestUnreachable(t *testing.T) {
	aws(t)
	t.Setenv("AWS_ENDPOINT_URL_ATHENA", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	_, err := ask(t.Context())
	require.ErrorContains(t, err, "127.0.0.1:1: can't be reached: ")
	require.NotContains(t, strings.TrimSpace(err.Error()), "\n")
}
