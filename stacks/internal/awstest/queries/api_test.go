package queries_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/queries"
)

const (
	region = "eu-west-1"
	signed = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/" + region + "/athena/aws4_request, " +
		"SignedHeaders=host;x-amz-date;x-amz-target, Signature=0000000000000000000000000000000000000000000000000000000000000000"
	token = "0123456789abcdef0123456789abcdef"
)

// ready has a workgroup and a table.
func ready() *queries.API {
	api := queries.New()
	api.SetWorkGroup(region, "logs", queries.WorkGroup{Location: "s3://results/of/", Enforced: true})
	api.SetWorkGroup(region, "loose", queries.WorkGroup{Location: "s3://results/of/"})
	api.SetWorkGroup(region, "off", queries.WorkGroup{Location: "s3://results/of/", Disabled: true})
	api.SetWorkGroup(region, "nowhere", queries.WorkGroup{})
	api.AddTable(region, "example", "access_logs")
	return api
}

// answer is what the API answers: a refusal has code and message.
type answer struct {
	QueryExecutionID string `json:"QueryExecutionId"`
	QueryExecution   struct {
		Status struct {
			State, StateChangeReason string
			AthenaError              struct{ ErrorType int }
		}
		ResultConfiguration struct{ OutputLocation string }
	}
	ResultSet struct {
		Rows []struct {
			Data []struct{ VarCharValue *string }
		}
		ResultSetMetadata struct{ ColumnInfo []struct{ Name, Type string } }
	}
	NextToken string
	Code      string `json:"__type"`
	Message   string `json:"message"`
}

func call(t *testing.T, api *queries.API, action, body, authorization string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AmazonAthena."+action)
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	var a answer
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a), w.Body)
	return a
}

// begin starts a query.
func begin(t *testing.T, api *queries.API, plan queries.Plan) (id string) {
	t.Helper()
	api.Next(plan)
	a := call(t, api, "StartQueryExecution", start("logs", "SELECT 1 FROM access_logs", fmt.Sprintf("%032d", len(api.Queries()))), signed)
	require.Empty(t, a.Message)
	return a.QueryExecutionID
}

func start(workgroup, sql, token string) string {
	return `{"WorkGroup": "` + workgroup + `", "QueryString": "` + sql + `", "ClientRequestToken": "` + token + `", "QueryExecutionContext": {"Database": "example"}}`
}

func of(id string) string { return `{"QueryExecutionId": "` + id + `"}` }

func TestStartRefuses(t *testing.T) {
	const sql = "SELECT 1 FROM access_logs"
	for want, body := range map[string]string{
		"WorkGroup is not found.":       start("none", sql, token),
		"WorkGroup off is disabled.":    start("off", sql, token),
		"No output location provided. ": start("nowhere", sql, token),
		"Value at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 32": start("logs", sql, token[1:]),
		"Value at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 128":   start("logs", sql, strings.Repeat("a", 129)),
		"clientRequestToken is null or empty": `{"WorkGroup": "logs", "QueryString": "SELECT 1"}`,
		"Value at 'queryString' failed to satisfy constraint: Member must have length greater than or equal to 1":   start("logs", "", token),
		"Value at 'queryString' failed to satisfy constraint: Member must have length less than or equal to 262144": start("logs", strings.Repeat("a", 262145), token),
	} {
		api := ready()
		a := call(t, api, "StartQueryExecution", body, signed)
		require.Equal(t, "InvalidRequestException", a.Code, want)
		require.Contains(t, a.Message, want)
		require.Empty(t, api.Queries())
	}
	elsewhere := strings.Replace(signed, region, "us-east-1", 1)
	require.Equal(t, "WorkGroup is not found.", call(t, ready(), "StartQueryExecution", start("logs", sql, token), elsewhere).Message)
	require.Equal(t, "SerializationException", call(t, ready(), "StartQueryExecution", "{", signed).Code)
	require.Equal(t, "UnknownOperationException", func() string {
		api := ready()
		return call(t, api, "DeleteWorkGroup", of(begin(t, api, queries.Plan{})), signed).Code
	}())
}

// TestToken starts one query for all requests of a token.
func TestToken(t *testing.T) {
	api := ready()
	first := call(t, api, "StartQueryExecution", start("logs", "SELECT 1 FROM access_logs", token), signed)
	again := call(t, api, "StartQueryExecution", start("logs", "SELECT 1 FROM access_logs", token), signed)
	require.Equal(t, first, again)
	require.Len(t, api.Queries(), 1)
	other := call(t, api, "StartQueryExecution", start("logs", "SELECT 2 FROM access_logs", token), signed)
	require.Equal(t, "Idempotent parameters do not match", other.Message)
}

func TestResultLocation(t *testing.T) {
	for _, workgroup := range []string{"logs", "loose"} {
		api := ready()
		body := strings.Replace(start(workgroup, "SELECT 1 FROM access_logs", token), "{", `{"ResultConfiguration": {"OutputLocation": "s3://mine/"}, `, 1)
		id := call(t, api, "StartQueryExecution", body, signed).QueryExecutionID
		want := map[string]string{"logs": "s3://results/of/", "loose": "s3://mine/"}[workgroup] + id + ".csv"
		require.Equal(t, want, call(t, api, "GetQueryExecution", of(id), signed).QueryExecution.ResultConfiguration.OutputLocation)
	}
}

// TestStates has results only at the end.
func TestStates(t *testing.T) {
	api := ready()
	id := begin(t, api, queries.Plan{Columns: []string{"a varchar", "n bigint"}, Rows: [][]string{{"x", queries.Null}}})
	for _, state := range []string{"QUEUED", "QUEUED", "RUNNING"} {
		require.Equal(t, "Query has not yet finished. Current state: "+state, call(t, api, "GetQueryResults", of(id), signed).Message)
		require.Contains(t, "QUEUED RUNNING SUCCEEDED", call(t, api, "GetQueryExecution", of(id), signed).QueryExecution.Status.State)
	}
	a := call(t, api, "GetQueryResults", of(id), signed)
	require.Len(t, a.ResultSet.Rows, 2)
	require.Equal(t, "a", *a.ResultSet.Rows[0].Data[0].VarCharValue)
	require.Equal(t, "x", *a.ResultSet.Rows[1].Data[0].VarCharValue)
	require.Nil(t, a.ResultSet.Rows[1].Data[1].VarCharValue)
	require.Equal(t, "bigint", a.ResultSet.ResultSetMetadata.ColumnInfo[1].Type)
	require.Empty(t, call(t, api, "StopQueryExecution", of(id), signed).Message)
	require.Equal(t, "SUCCEEDED", call(t, api, "GetQueryExecution", of(id), signed).QueryExecution.Status.State)
	require.Equal(t, "QueryExecution none was not found", call(t, api, "GetQueryExecution", of("none"), signed).Message)
}

func TestStop(t *testing.T) {
	api := ready()
	id := begin(t, api, queries.Plan{})
	call(t, api, "StopQueryExecution", of(id), signed)
	status := call(t, api, "GetQueryExecution", of(id), signed).QueryExecution.Status
	require.Equal(t, "CANCELLED", status.State)
	require.Equal(t, "Query cancelled by user", status.StateChangeReason)
	require.Equal(t, "Could not find results", call(t, api, "GetQueryResults", of(id), signed).Message)
}

// TestMissing has queries fail that read what isn't there.
func TestMissing(t *testing.T) {
	for want, body := range map[string]string{
		"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.example.other' does not exist":  start("logs", "SELECT 1 FROM other", token),
		"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.example.others' does not exist": start("logs", "SELECT 1 FROM example.others", token),
		"SCHEMA_NOT_FOUND: line 1:15: Schema 'none' does not exist":                        strings.Replace(start("logs", "SELECT 1 FROM access_logs", token), "example", "none", 1),
		"SCHEMA_NOT_FOUND: line 1:15: Schema 'default' does not exist":                     strings.Replace(start("logs", "SELECT 1 FROM access_logs", token), "example", "", 1),
	} {
		api := ready()
		id := call(t, api, "StartQueryExecution", body, signed).QueryExecutionID
		for range 3 {
			call(t, api, "GetQueryExecution", of(id), signed)
		}
		status := call(t, api, "GetQueryExecution", of(id), signed).QueryExecution.Status
		require.Equal(t, "FAILED", status.State)
		require.Equal(t, want, status.StateChangeReason)
		require.Equal(t, 1301, status.AthenaError.ErrorType)
		require.Equal(t, "Query did not finish successfully. Final query state: FAILED", call(t, api, "GetQueryResults", of(id), signed).Message)
	}
}

// TestPages has 1,000 rows in one, of which the first is the names.
func TestPages(t *testing.T) {
	api := ready()
	plan := queries.Plan{States: []string{"SUCCEEDED"}, Columns: []string{"n bigint"}}
	for i := range 1500 {
		plan.Rows = append(plan.Rows, []string{fmt.Sprint(i)})
	}
	id := begin(t, api, plan)
	call(t, api, "GetQueryExecution", of(id), signed)
	first := call(t, api, "GetQueryResults", of(id), signed)
	require.Len(t, first.ResultSet.Rows, 1000)
	second := call(t, api, "GetQueryResults", `{"QueryExecutionId": "`+id+`", "NextToken": "`+first.NextToken+`"}`, signed)
	require.Len(t, second.ResultSet.Rows, 501)
	require.Empty(t, second.NextToken)
	for _, wrong := range []string{`"MaxResults": 0`, `"MaxResults": 1001`, `"NextToken": "x"`} {
		require.Equal(t, "InvalidRequestException", call(t, api, "GetQueryResults", `{"QueryExecutionId": "`+id+`", `+wrong+`}`, signed).Code, wrong)
	}
}

func TestRequestsAreSigned(t *testing.T) {
	for name, authorization := range map[string]string{
		"none":          "",
		"other service": strings.Replace(signed, "/athena/", "/glue/", 1),
		"host aside":    strings.Replace(signed, "host;", "", 1),
		"target aside":  strings.Replace(signed, ";x-amz-target", "", 1),
	} {
		require.Equal(t, "IncompleteSignature", call(t, ready(), "GetQueryExecution", of("a"), authorization).Code, name)
	}
}
