package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	code, stdout, stderr := run("logs", "prod", "errors", "--files", logged, "-c", explained)
	require.Zero(t, code, stderr)
	require.Equal(t, `6 requests in 1 file, 2019-12-04 21:02:31 to 2019-12-13 22:37:02 UTC

route  status  detail          location  requests  share percent
*      502     OriginDnsError  SEA              3         100.00
`, stdout)

	path := refusedLog(t)
	unread := "not counted:\n  " + path + ": 1 lines that are none of CloudFront's\n"
	for since, want := range map[string]string{"": "2", "2d": "2", "30m": "1", "24h": "1"} {
		args := []string{"logs", "prod", "refused", "--files", path, "--json", "-c", explained}
		if since != "" {
			args = append(args, "--since", since)
		}
		code, stdout, stderr = run(args...)
		require.Zero(t, code, stderr)
		require.JSONEq(t, `[{"ip": "192.0.2.1", "route": "*", "status": "403", "answered_by": null, "detail": "ClientGeoBlocked", "requests": `+want+`}]`, stdout, since)
		require.True(t, strings.HasSuffix(stderr, unread), stderr)
	}
	code, stdout, stderr = run("logs", "prod", "limited", "--files", logged, "--files", path, "--since", "5s", "-c", explained)
	require.Zero(t, code, stderr)
	require.Regexp(t, `^none of that time, of 8 requests in 2 files, 2019-12-04 21:02:31 to [^\n]* UTC\n\nnone\n$`, stdout)
}

func TestLogsLists(t *testing.T) {
	code, stdout, stderr := run("logs", "prod", "-c", explained)
	require.Zero(t, code, stderr)
	require.Len(t, regexp.MustCompile(`(?m)^[a-z-]+ +[A-Z].+$`).FindAllString(stdout, -1), 6)
	require.Contains(t, stdout, "errors     Errors (5xx) by route, ")
	_, help, _ := run("logs", "--help")
	require.Contains(t, help, "  errors     Errors (5xx) by route, ")
	code, stdout, _ = run("logs", "prod", "--json", "-c", explained)
	require.Zero(t, code)
	var list []struct{ Query, Title string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	require.Len(t, list, 6)
	require.Equal(t, "errors", list[0].Query)

	_, stdout, _ = run("__completeNoDesc", "logs", "prod", "-c", explained, "")
	require.Equal(t, "errors\nslowest\nhit-rate\nrefused\nlimited\ncountries\n:4\n", stdout)
	_, stdout, _ = run("__completeNoDesc", "logs", "-c", explained, "")
	require.Equal(t, "dev\nprod\n:4\n", stdout)
}

// TestLogsRefuses says in one line what is wrong.
func TestLogsRefuses(t *testing.T) {
	dir := t.TempDir()
	none, other := filepath.Join(dir, "*.gz"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, []byte("{}\n"), 0o600))
	const names = "there are errors, slowest, hit-rate, refused, limited, countries"
	for _, r := range []struct {
		args []string
		want string
	}{
		{nil, "logs takes an environment and a query: logs prod errors"},
		{[]string{"prod", "errors", "x"}, "logs takes an environment and a query: logs prod errors"},
		{[]string{"prod", "errors", "--files", logged, "x y"}, "--files takes one file, folder or pattern: put the pattern in quotes, or say --files 'x y' as well"},
		{[]string{"prdo"}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
		{[]string{"prdo", "errors", "--files", logged}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
		{[]string{"prod", "slow"}, `query "slow": not found; ` + names},
		{[]string{"prod", "hitrate"}, `query "hitrate": not found (did you mean hit-rate?); ` + names},
		{[]string{"prod", "--files", logged}, "--files needs a query; " + names},
		{[]string{"prod", "--since", "1h"}, "--since needs a query; " + names},
		{[]string{"prod", "errors", "--files", none}, "--files " + none + ": no file matches"},
		{[]string{"prod", "errors", "--files", ""}, "--files : no file matches"},
		{[]string{"prod", "errors", "--files", logged, "--since", ""}, `--since: must be such as 30m, 12h or 7d, got ""`},
		{[]string{"prod", "errors", "--files", logged, "--since", "1"}, `--since: must be such as 30m, 12h or 7d, got "1"`},
		{[]string{"prod", "errors", "--files", logged, "--since", "-1h"}, `--since: must be such as 30m, 12h or 7d, got "-1h"`},
		{[]string{"prod", "errors", "--files", logged, "--since", "3651d"}, `--since: must be such as 30m, 12h or 7d, got "3651d"`},
		{[]string{"prod", "errors", "--files", logged, "--since", "99999999999999d"}, `--since: must be such as 30m, 12h or 7d, got "99999999999999d"`},
	} {
		code, stdout, stderr := run(append(append([]string{"logs"}, r.args...), "-c", explained)...)
		require.Equal(t, 1, code, r.args)
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
