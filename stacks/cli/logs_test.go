package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// refusedLog writes a log with a request of a minute ago and one of a day and an hour ago, and a line that is none.
func refusedLog(t *testing.T) (path string) {
	t.Helper()
	line := "\tFRA56-P1\t100\t192.0.2.1\tPOST\td111111abcdef8.cloudfront.net\t/v1/chat\t403\t-\tcurl/8\t-\t-\tError\tid==\t" +
		"api.example.com\thttps\t9\t0.1\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tError\tHTTP/2.0\t-\t-\t1\t0.1\tClientGeoBlocked\tapplication/json\t9\t-\t-\n"
	ago := func(d time.Duration) string { return time.Now().UTC().Add(-d).Format("2006-01-02\t15:04:05") }
	path = filepath.Join(t.TempDir(), "access.log")
	require.NoError(t, os.WriteFile(path, []byte(logs.Header+ago(time.Minute)+line+ago(25*time.Hour)+line+"foreign\n"), 0o600))
	return path
}

func TestLogsOfFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	code, stdout, stderr := run("logs", "prod", "errors", logged, "-c", explained)
	require.Zero(t, code, stderr)
	require.Equal(t, `6 requests in 1 file, 2019-12-04 21:02:31 to 2019-12-13 22:37:02 UTC

route  status  detail          location  requests  share percent
*      502     OriginDnsError  SEA              3         100.00

OriginDnsError: the name of the origin isn't found in the public DNS. Try dig HOST; is api.domainName still the placeholder, or a private name (which takes api.vpcOrigin)?
`, stdout)

	path := refusedLog(t)
	unread := "not counted:\n  " + path + ": 1 line not in CloudFront's format\n"
	for since, want := range map[string]string{"": "2", "2d": "2", "30m": "1", "24h": "1"} {
		args := []string{"logs", "prod", "refused", path, "--json", "-c", explained}
		if since != "" {
			args = append(args, "--since", since)
		}
		code, stdout, stderr = run(args...)
		require.Zero(t, code, stderr)
		require.JSONEq(t, `[{"ip": "192.0.2.1", "route": "*", "status": 403, "answeredBy": null, "detail": "ClientGeoBlocked", "requests": `+want+`}]`, stdout, since)
		require.True(t, strings.HasSuffix(stderr, unread), stderr)
	}
	code, stdout, stderr = run("logs", "prod", "limited", "--files", logged, path, "--since", "5s", "-c", explained)
	require.Zero(t, code, stderr)
	require.Regexp(t, `^none of that time, of 8 requests in 2 files, 2019-12-04 21:02:31 to [^\n]* UTC\n\nnone\n$`, stdout)
}

// TestLogsOfCallers has who is named first, and says why nobody is.
func TestLogsOfCallers(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	text, err := os.ReadFile(refusedLog(t))
	require.NoError(t, err)
	named := strings.Replace(string(text), "sc-range-end\n", "sc-range-end viewer-request-log-data\n", 1)
	named = strings.ReplaceAll(named, "application/json\t9\t-\t-\n", "application/json\t9\t-\t-\tcaller%3Dalice%26canary%3D1\n")
	path := filepath.Join(t.TempDir(), "named.log")
	require.NoError(t, os.WriteFile(path, []byte(named), 0o600))
	const lacking = "warning: some of the logs have no viewer-request-log-data: there they count as empty\n"

	code, stdout, stderr := run("logs", "prod", "callers", path, logged, "-c", explained)
	require.Zero(t, code, stderr)
	_, table, _ := strings.Cut(stdout, "\n\n")
	require.Equal(t, `caller  version  requests  errors  error percent  refused  bytes  hit percent  p50 ms  p95 ms
(none)  -               6       3          50.00        0  3,876       100.00       1     107
alice   canary          2       0           0.00        2    200            -       -       -
`, table)
	require.Contains(t, stderr, lacking)
	code, stdout, stderr = run("logs", "prod", "refused", "--by", "caller", "--json", path, "-c", explained)
	require.Zero(t, code, stderr)
	require.JSONEq(t, `[{"caller": "alice", "route": "*", "status": 403, "answeredBy": null, "detail": "ClientGeoBlocked", "requests": 2}]`, stdout)
	require.NotContains(t, stderr, "warning: ")

	for config, why := range map[string]string{
		explained:               "environments.prod.api.keys: isn't set, so no caller has a name",
		"testdata/callers.json": "environments.prod.logging.version: must be 2 for the edge to write the names of callers into the log",
	} {
		code, stdout, stderr = run("logs", "prod", "callers", "--json", logged, "-c", config)
		require.Zero(t, code, stderr)
		require.JSONEq(t, `[{"caller": null, "version": null, "requests": 6, "errors": 3, "errorPercent": 50, "refused": 0, "bytes": 3876, "hitPercent": 100,
			"p50Milliseconds": 1, "p95Milliseconds": 107}]`, stdout)
		require.Contains(t, stderr, lacking+"warning: "+why+"\n")
	}
}

func TestLogsLists(t *testing.T) {
	code, stdout, stderr := run("logs", "prod", "-c", explained)
	require.Zero(t, code, stderr)
	require.Len(t, regexp.MustCompile(`(?m)^[a-z-]+ +[A-Z].+$`).FindAllString(stdout, -1), 7)
	require.Contains(t, stdout, "errors     Errors (5xx) by route, ")
	_, help, _ := run("logs", "--help")
	require.Contains(t, help, "  errors     Errors (5xx) by route, ")
	code, stdout, _ = run("logs", "prod", "--json", "-c", explained)
	require.Zero(t, code)
	var list []struct{ Query, Title string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	require.Len(t, list, 7)
	require.Equal(t, "errors", list[0].Query)

	_, stdout, _ = run("__completeNoDesc", "logs", "prod", "-c", explained, "")
	require.Equal(t, "errors\nslowest\nhit-rate\ncallers\nrefused\nlimited\ncountries\n:4\n", stdout)
	_, stdout, _ = run("__completeNoDesc", "logs", "prod", "errors", "-c", explained, "--by", "")
	require.Equal(t, "caller\n:4\n", stdout)
	_, stdout, _ = run("__completeNoDesc", "logs", "-c", explained, "")
	require.Equal(t, "dev\nprod\n:4\n", stdout)
}

// TestLogsRefuses says in one line what is wrong.
func TestLogsRefuses(t *testing.T) {
	dir := t.TempDir()
	none, other := filepath.Join(dir, "*.gz"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, []byte("{}\n"), 0o600))
	const names = "there are errors, slowest, hit-rate, callers, refused, limited, countries"
	for _, r := range []struct {
		args []string
		want string
	}{
		{nil, "logs takes an environment, a query and perhaps logs: logs prod errors logs"},
		{[]string{"prdo"}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
		{[]string{"prdo", "errors", "--files", logged}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
		{[]string{"prod", "slow"}, `query "slow": not found; ` + names},
		{[]string{"prod", "hitrate"}, `query "hitrate": not found (did you mean hit-rate?); ` + names},
		{[]string{"prod", "--files", logged}, "--files needs a query; " + names},
		{[]string{"prod", "--since", "1h"}, "--since needs a query; " + names},
		{[]string{"prod", "--by", "caller"}, "--by needs a query; " + names},
		{[]string{"prod", "errors", "--by", "ip"}, `--by: must be caller, got "ip"`},
		{[]string{"prod", "errors", "--by", ""}, `--by: must be caller, got ""`},
		{[]string{"prod", "slowest", "--by", "caller"}, "--by caller is for errors, refused, limited, not for slowest"},
		{[]string{"prod", "errors", none}, none + ": no file matches"},
		{[]string{"prod", "errors", ""}, "LOGS must name files, got an empty word; without any, logs asks Athena"},
		{[]string{"prod", "errors", "--files", logged, "--since", ""}, `--since: must be such as 2026-01-31T12:00:00Z, 2026-01-31 (UTC), or 30m, 12h or 7d ago, got ""`},
		{[]string{"prod", "errors", "--files", logged, "--since", "1"}, `--since: must be such as 2026-01-31T12:00:00Z, 2026-01-31 (UTC), or 30m, 12h or 7d ago, got "1"`},
		{[]string{"prod", "errors", "--files", logged, "--since", "-1h"}, `--since: must be such as 2026-01-31T12:00:00Z, 2026-01-31 (UTC), or 30m, 12h or 7d ago, got "-1h"`},
		{[]string{"prod", "errors", "--files", logged, "--since", "3651d"}, `--since: must be at most 3650d, got "3651d"`},
		{[]string{"prod", "errors", "--files", logged, "--since", "99999999999999d"}, `--since: must be at most 3650d, got "99999999999999d"`},
	} {
		code, stdout, stderr := run(append(append([]string{"logs"}, r.args...), "-c", explained)...)
		want := 2
		if strings.HasSuffix(r.want, "no file matches") {
			want = 1
		}
		require.Equal(t, want, code, r.args)
		require.Empty(t, stdout)
		require.Equal(t, r.want+"\n", stderr, r.args)
	}
	if !testing.Short() {
		code, stdout, stderr := run("logs", "prod", "errors", "--files", other, "-c", explained)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.True(t, strings.HasSuffix(stderr, "none of the logs could be read\n  "+other+": is no access log of CloudFront\n"), stderr)
	}
}

// TestLogsAreHarmless: what callers sent is no command for a terminal, in a table or as JSON.
func TestLogsAreHarmless(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	line := "2026-01-31\t10:00:00\tFRA\u009b\t1\t\u202e\u009b31m\tGET\ta\t/%1B[2J\u009b\t403\t-\t\U000e0041\t-\t-\tError\tx\ta\thttps\t1\t0.1\t-\t-\t-\tError\tHTTP/2.0\t-\t-\t1\t0.1\tAccessDenied\t-\t-\t-\t-\n"
	log := filepath.Join(t.TempDir(), "a.log")
	require.NoError(t, os.WriteFile(log, []byte(logs.Header+line), 0o600))
	code, stdout, stderr := run("logs", "prod", "refused", "-c", explained, "--files", log)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, `\u202e\u009b31m`)
	require.NotContains(t, stdout, "\u009b")
	code, stdout, stderr = run("logs", "prod", "refused", "-c", explained, "--files", log, "--json")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, `"\u202e\u009b31m"`)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	require.Equal(t, "\u202e\u009b31m", rows[0]["ip"])
}

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
	began := time.Now().UTC()
	code, stdout, stderr := run("logs", "dev", "errors", "--since", "3h", "-c", queried)
	ended := time.Now().UTC()
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
	folder := func(then time.Time) string { return `"hour" >= '` + then.Add(-4*time.Hour).Format("2006/01/02/15") } // with the hour before
	require.True(t, strings.Contains(asked[0].SQL, folder(began)) || strings.Contains(asked[0].SQL, folder(ended)), asked[0].SQL)
}

func TestLogsSayWhatAthenaLacks(t *testing.T) {
	s := deployedLogs(t)
	for want, environment := range map[string]string{
		`environment "prod": not found; there are dev, elsewhere, fresh, half, plain, silent`:                                                                    "prod",
		`environments.plain.logging.queries: isn't on, so Athena knows no logs; set it, with "version": 2, and deploy, or name files: logs plain errors logs`:    "plain",
		"environments.silent.logging.enabled: isn't on, so there are no logs; set it, and deploy, or name files: logs silent errors logs":                        "silent",
		"fresh: has no workgroup example-fresh-logs in Athena in eu-west-1, in the account of your AWS credentials; deploy it first: cdktf deploy example-fresh": "fresh",
		"half: has no table example_half.access_logs in Athena in eu-west-1, in the account of your AWS credentials; deploy it first: cdktf deploy example-half": "half",
		"environments.elsewhere.account.id: is 999999999999, but your AWS credentials are those of account 111122223333":                                         "elsewhere",
	} {
		code, stdout, stderr := run("logs", environment, "errors", "-c", queried)
		require.NotZero(t, code)
		require.Empty(t, stdout)
		require.Equal(t, want+"\n", stderr)
	}
	s.Athena().Next(queries.Plan{States: []string{"RUNNING", "CANCELLED"}, Reason: "Bytes scanned limit was exceeded", Scanned: 100_000_000_000})
	code, _, stderr := run("logs", "dev", "errors", "-c", queried)
	require.Equal(t, 1, code)
	require.Equal(t, "the query was cancelled after it had read 100 GB, the most that one may read; ask about less time, such as --since 1h\n", stderr)

	s.Athena().Next(queries.Plan{States: []string{"FAILED"}, Reason: "COLUMN_NOT_FOUND: line 9:1: Column 'viewer_request_log_data' cannot be resolved", ErrorType: 1006})
	code, _, stderr = run("logs", "dev", "errors", "--by", "caller", "-c", queried)
	require.Equal(t, 1, code)
	require.Equal(t, "dev: the query failed: COLUMN_NOT_FOUND: line 9:1: Column 'viewer_request_log_data' cannot be resolved; "+
		"if the table is of an earlier version of this project, deploy it again: cdktf deploy example-dev\n", stderr)
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
	require.Equal(t, "warning: the query goes on, since it couldn't be stopped (no): "+
		"aws athena stop-query-execution --region eu-west-1 --query-execution-id "+s.Athena().Queries()[1].ID+"\n"+givenUp, stderr)
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
