package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/replay"
)

// logged is the log of AWS's guide, of which three requests are by HTTP.
const logged = "../internal/traffic/logs/testdata/example.log"

// modelsLog writes a log of two requests for a list of models.
func modelsLog(t *testing.T, folder string) {
	t.Helper()
	line := "2026-01-31\t10:00:00\tFRA56-P1\t100\t192.0.2.1\tGET\td111111abcdef8.cloudfront.net\t/v1/models\t200\t-\tcurl/8\t-\t-\tMiss\tid==\t" +
		"api.example.com\thttps\t9\t0.1\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tMiss\tHTTP/2.0\t-\t-\t1\t0.1\tMiss\tapplication/json\t9\t-\t-\n"
	file := filepath.Join(folder, "E2EXAMPLE.2026-01-31-10.abc")
	require.NoError(t, os.WriteFile(file, []byte(logs.Header+line+line+"foreign\n"), 0o600))
}

func TestReplay(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	code, stdout, stderr := run("replay", "prod", logged, "-c", explained)
	require.Zero(t, code, stderr)
	require.True(t, strings.HasPrefix(stdout, `6 requests in 1 file, 2019-12-04 21:02:31 to 2019-12-13 22:37:02 UTC

route            requests  refused  logged hits  simulated hits  expected  to the origin  expected  sent    from the origin
/v1/embeddings*  0         0        -            -               -         0              0         0 B     0 B
/v1/models*      0         0        -            -               -         0              0         0 B     0 B
/models/*        0         0        -            -               -         0              0         0 B     0 B
*                6         3        100 %        0 %             0 %       3              3         3.9 KB  1.2 KB
total            6         3        100 %        0 %             0 %       3              3         3.9 KB  1.2 KB
`), stdout)

	// The list of models was cached only if the origin said so, before.
	dir := t.TempDir()
	modelsLog(t, dir)
	before := synthesized(t, edited(t, "environments.prod.routes", []any{
		map[string]any{"path": "/v1/embeddings*", "cache": map[string]any{}},
		map[string]any{"path": "/v1/models*", "methods": "read", "failover": true, "cache": map[string]any{"defaultTTLSeconds": 0, "maxTTLSeconds": 300}},
	}))
	code, stdout, stderr = run("replay", "prod", filepath.Join(dir, "*"), "-c", explained, "--before", before, "--json")
	require.Zero(t, code, stderr)
	var got replay.Result
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	require.Equal(t, "prod", got.Environment)
	require.Equal(t, replay.Count{
		Requests: 2, Cacheable: 2, Hits: replay.Bounds{Low: 0, Expected: 1, High: 1}, OriginRequests: replay.Bounds{Low: 1, Expected: 1, High: 2},
		Bytes: 200, OriginBytes: replay.Bounds{Low: 100, Expected: 100, High: 200},
	}, got.Now.Total)
	require.Equal(t, replay.Count{
		Requests: 2, Cacheable: 2, Hits: replay.Bounds{Low: 0, Expected: 0, High: 1}, OriginRequests: replay.Bounds{Low: 1, Expected: 2, High: 2},
		Bytes: 200, OriginBytes: replay.Bounds{Low: 100, Expected: 200, High: 200},
	}, got.Before.Total)
	require.Equal(t, "/v1/models*", got.Now.Routes[1].Path)
	require.Equal(t, got.Now.Total, got.Now.Routes[1].Count)
	require.Equal(t, []logs.Problem{{File: filepath.Join(dir, "E2EXAMPLE.2026-01-31-10.abc"), Problem: "not in CloudFront's format", Lines: 1}}, got.Unread)

	usage := filepath.Join(t.TempDir(), "usage.yml")
	for range 2 { // it may be written again
		code, _, stderr = run("replay", "prod", filepath.Join(dir, "*"), "-c", explained, "--infracost", usage)
		require.Zero(t, code, stderr)
		require.NotContains(t, stderr, "warning")
	}
	text, err := os.ReadFile(usage)
	require.NoError(t, err)
	require.Contains(t, string(text), "    monthly_https_requests:\n      europe: 5256000\n")
	log, err := os.ReadFile(filepath.Join(dir, "E2EXAMPLE.2026-01-31-10.abc"))
	require.NoError(t, err)
	own := filepath.Join(t.TempDir(), "own")
	require.NoError(t, os.WriteFile(own, []byte(strings.Replace(string(log), "FRA56-P1", "LOC1-C1", 1)), 0o600))
	code, _, stderr = run("replay", "prod", own, "-c", explained, "--infracost", usage)
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "warning: "+usage+" has no requests from edge locations of which the region isn't known: LOC (1)\n")

	code, stdout, stderr = run("replay", "prod", filepath.Join(dir, "*"), "-c", explained, "--before", before)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "to the origin before  now  expected  change")
	require.Contains(t, stdout, "-50 %")
}

// TestReplayRefuses says in one line what is wrong.
func TestReplayRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	dir := t.TempDir()
	none, other := filepath.Join(dir, "*.gz"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, []byte("{}\n"), 0o600))
	before := synthesized(t, explained)
	for _, r := range []struct {
		args []string
		want string
	}{
		{nil, "replay takes an environment and its logs: replay prod logs"},
		{[]string{"prod"}, "replay takes an environment and its logs: replay prod logs"},
		{[]string{"prod", none}, none + ": no file matches"},
		{[]string{"prod", logged, "--infracost", other}, "--infracost " + other + ": is there already, and not from replay; name another file"},
		{[]string{"prdo", logged}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
		{[]string{"prod", other}, "none of the logs could be read\n  " + other + ": is no access log of CloudFront"},
		{[]string{"prod", logged, "--before", other + "x"}, "--before " + other + "x: not found"},
		{[]string{"open", logged, "--before", before, "-c", keyed}, "--before " + before + `: has no environment "open"; there are dev, prod`},
	} {
		code, stdout, stderr := run(append([]string{"replay", "-c", explained}, r.args...)...)
		require.NotZero(t, code)
		require.Empty(t, stdout)
		require.True(t, strings.HasSuffix(stderr, r.want+"\n"), "%s", stderr)
	}
}
