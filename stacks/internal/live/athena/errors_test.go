package athena_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/live/athena"
	"ml-api-accelerator/stacks/internal/live/awsclient"
)

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
		"Permission denied on S3 path: s3://a/b": {"FAILED", 1501, &awsclient.AccessError{Message: "Permission denied on S3 path: s3://a/b"}},
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
