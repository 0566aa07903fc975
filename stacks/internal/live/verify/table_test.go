package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/verify"
)

func answered(status int, xCache string, milliseconds float64) *verify.Answer {
	return &verify.Answer{Status: status, XCache: xCache, Milliseconds: milliseconds}
}

func seen() []verify.Result {
	unmet := func(class config.Class, message string, steps ...any) []config.Problem {
		return []config.Problem{config.Unmet(class, "prod", message, steps...)}
	}
	return []verify.Result{
		{Request: verify.Requested{Method: "GET", URL: "/v1/models"}, Verdict: verify.OK, First: answered(200, "Miss from cloudfront", 212.4), Second: answered(200, "RefreshHit from cloudfront", 0.3),
			Direct: answered(401, "", 180), Unseen: []string{"route"}},
		{Request: verify.Requested{Method: "GET", URL: "/a|b"}, Verdict: verify.Broken, First: answered(200, "Miss from cloudfront", 12), Direct: &verify.Answer{Error: "connection refused"},
			Broken: unmet(config.Hard, "expected 403, got 200 OK", 1, "status")},
		{Request: verify.Requested{Method: "POST", URL: "/v1/chat"}, Verdict: verify.Skipped, Skipped: unmet(config.Warning, "not sent", 2), Unseen: []string{"forwards", "origin"}},
	}
}

func TestText(t *testing.T) {
	require.Equal(t, `verdict  request         status  first byte                     directly
OK       GET /v1/models  200     miss 212 ms, refreshhit <1 ms  401 in 180 ms
BROKEN   GET /a|b        200     miss 12 ms                     connection refused
SKIPPED  POST /v1/chat
environments.prod.expect[2]: not sent
1 ok, 1 broken, 1 skipped; route, origin and forwards can't be seen from outside (3 not judged)
`, verify.Text(seen(), func(v verify.Verdict) string { return strings.ToUpper(string(v)) }))
	require.Equal(t, `verdict  request        status  first byte
skipped  POST /v1/chat
environments.prod.expect[2]: not sent
0 ok, 0 broken, 1 skipped; route, origin and forwards can't be seen from outside (2 not judged)
`, verify.Text(seen()[2:], func(v verify.Verdict) string { return string(v) }))
}

func TestMarkdown(t *testing.T) {
	require.Equal(t, "| verdict | request | status | first byte | directly |\n|---|---|---|---|---|\n"+
		"| ok | `GET /v1/models` | 200 | `miss 212 ms, refreshhit <1 ms` | 401 in 180 ms |\n"+
		"| **broken** | `GET /a\\|b` | 200 | miss 12 ms | connection refused |\n"+
		"| skipped | `POST /v1/chat` |  |  |  |\n"+
		"\n- `environments.prod.expect[1].status: expected 403, got 200 OK`\n- `environments.prod.expect[2]: not sent`\n"+
		"\n1 ok, 1 broken, 1 skipped; route, origin and forwards can't be seen from outside (3 not judged)\n", verify.Markdown(seen()))
}

// TestDirectlyWithoutSecrets says what a backend's answer means to who hasn't what only CloudFront sends.
func TestDirectlyWithoutSecrets(t *testing.T) {
	for _, r := range []struct {
		first, direct int
		lacked        []string
		want          string
	}{
		{200, 403, []string{"X-Origin-Verify"}, "403 in 3 ms, as it should without X-Origin-Verify"},
		{200, 401, []string{"Authorization", "X-Origin-Verify"}, "401 in 3 ms, as it should without Authorization and X-Origin-Verify"},
		{200, 403, nil, "403 in 3 ms"},
		{200, 200, []string{"X-Origin-Verify"}, "3 ms, even without X-Origin-Verify"},
		{304, 200, []string{"X-Origin-Verify"}, "200 in 3 ms, even without X-Origin-Verify"},
		{200, 200, nil, "3 ms"},
		{403, 403, []string{"X-Origin-Verify"}, "3 ms"},
		{200, 500, []string{"X-Origin-Verify"}, "500 in 3 ms"},
	} {
		direct := answered(r.direct, "", 3)
		direct.Lacked = r.lacked
		text := verify.Text([]verify.Result{{Verdict: verify.OK, First: answered(r.first, "Miss from cloudfront", 12), Direct: direct}}, func(v verify.Verdict) string { return string(v) })
		require.Contains(t, text, "miss 12 ms  "+r.want+"\n")
	}
}

// TestJSON has the names that people's scripts read.
func TestJSON(t *testing.T) {
	results := run(t, live(t, says("HTTP/1.1 200 OK\r\nX-Cache: Miss from cloudfront\r\nContent-Length: 0\r\n\r\n")), frame)
	require.Positive(t, results[0].First.Milliseconds)
	results[0].First.Milliseconds = 12.5
	text, err := json.Marshal(results)
	require.NoError(t, err)
	require.Equal(t, `[{"request":{"method":"GET","url":"/v1/chat"},"verdict":"broken",`+
		`"first":{"status":200,"xCache":"Miss from cloudfront","firstByteMilliseconds":12.5,"error":null},"second":null,"direct":null,`+
		`"broken":[{"path":"environments.prod.expect[0].adds.X-Frame-Options","rule":"E2","class":"hard","message":"expected DENY, got none: run cdktf diff to see whether this configuration is deployed","line":0,"column":0}],`+
		`"skipped":[],"unseen":[]}]`, string(text))
}
