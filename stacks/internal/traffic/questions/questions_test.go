package questions

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// post is an answer of a backend in Frankfurt, after a second.
func post(status int, change ...func(*logs.Line)) logs.Line {
	l := logs.Line{
		Status: status, Bytes: 100, IP: "192.0.2.1", Method: "POST", Protocol: "https", Path: "/v1/chat", UserAgent: "curl", Location: "FRA56-P1",
		Result: "Miss", Detail: "Miss", Country: "DE", Pattern: "*", FromOrigin: logs.Yes, TimeToFirstByte: 1000, OriginFirstByte: 900,
	}
	for _, c := range change {
		c(&l)
	}
	return l
}

func at(location string) func(*logs.Line) { return func(l *logs.Line) { l.Location = location } }
func protocol(p string) func(*logs.Line)  { return func(l *logs.Line) { l.Protocol = p } }
func after(ms int32) func(*logs.Line)     { return func(l *logs.Line) { l.TimeToFirstByte = ms } }
func get(path string) func(*logs.Line)    { return func(l *logs.Line) { l.Method, l.Path = "GET", path } }
func result(r string) func(*logs.Line)    { return func(l *logs.Line) { l.Result = r } }
func by(caller string, canary logs.Truth) func(*logs.Line) {
	return func(l *logs.Line) { l.Caller, l.Canary = caller, canary }
}
func byEdge(l *logs.Line) { l.FromOrigin, l.OriginFirstByte = logs.No, logs.Untimed }
func version1(l *logs.Line) {
	l.Pattern, l.Country, l.FromOrigin, l.OriginFirstByte = "", "", logs.Untold, logs.Untimed
}

func byCallerOf(t *testing.T, q Question) Question {
	t.Helper()
	by, can := q.ByCaller()
	require.True(t, can)
	return by
}

func TestAnswers(t *testing.T) {
	times := func(n int, l logs.Line) []logs.Line {
		var lines []logs.Line
		for range n {
			lines = append(lines, l)
		}
		return lines
	}
	for _, r := range []struct {
		question Question
		name     string
		lines    [][]logs.Line
		want     [][]string
	}{
		{serverErrors, "the share is of what the route has there", [][]logs.Line{
			times(1, post(502)), times(3, post(200, at("FRA56-P9"))), times(2, post(504, at("IAD89-C1"))), times(9, post(200, at("IAD89-C1"), get("/models/a"), pattern("/models/*"))),
		}, [][]string{{"*", "504", "Miss", "IAD", "2", "100.00"}, {"*", "502", "Miss", "FRA", "1", "25.00"}}},
		{serverErrors, "whoever left is no error, but a request", [][]logs.Line{times(1, post(500)), times(1, post(0))},
			[][]string{{"*", "500", "Miss", "FRA", "1", "50.00"}}},
		{slowest, "neither sockets, redirects nor refusals", [][]logs.Line{
			times(1, post(101, protocol("wss"), after(90000))), times(1, post(301, result("Redirect"), after(0))), times(100, post(429, after(1))), times(1, post(200)),
		}, [][]string{{"POST", "/v1/chat", "1", "0", "1000", "1000", "1000", "900"}}},
		{slowest, "whoever left waited for nobody knows how long", [][]logs.Line{times(2, post(0, after(60000))), times(1, post(504, after(2000)))},
			[][]string{{"POST", "/v1/chat", "1", "2", "2000", "2000", "2000", "900"}}},
		{slowest, "GET and POST apart, the rare last", [][]logs.Line{
			times(19, post(200, get("/a"))), times(1, post(200, get("/a"), after(5000))), times(1, post(200, after(9000), byEdge)),
		}, [][]string{{"GET", "/a", "20", "0", "1000", "1000", "5000", "900"}, {"POST", "/v1/chat", "1", "0", "9000", "9000", "9000", "-"}}},
		{hitRate, "errors and POST don't count", [][]logs.Line{
			times(2, post(200, get("/v1/models"), result("Hit"), version1)), times(1, post(200, get("/v1/models"), result("RefreshHit"), version1)), times(5, post(200, result("Miss"))),
			times(4, post(404, get("/v1/models"), result("Error"))),
		}, [][]string{{"/v1/models*", "3", "2", "66.67"}}},
		{hitRate, "a download that is broken off is still a hit", [][]logs.Line{
			times(3, post(200, get("/models/a"), pattern("/models/*"), result("Error"), func(l *logs.Line) { l.Response, l.Detail = "Hit", "ClientCommError" })),
			times(1, post(200, get("/models/a"), pattern("/models/*"), result("Error"), func(l *logs.Line) { l.Response = "Miss" })),
		}, [][]string{{"/models/*", "4", "3", "75.00"}}},
		{refused, "by the edge and by the origin", [][]logs.Line{times(2, post(401, byEdge)), times(1, post(403)), times(1, post(403, version1)), times(7, post(404))},
			[][]string{{"192.0.2.1", "*", "401", "edge", "Miss", "2"}, {"192.0.2.1", "*", "403", "-", "Miss", "1"}, {"192.0.2.1", "*", "403", "origin", "Miss", "1"}}},
		{limited, "with spaces", [][]logs.Line{times(2, post(429, byEdge, func(l *logs.Line) { l.UserAgent = "a%20b%2520" })), times(7, post(503))},
			[][]string{{"192.0.2.1", "DE", "a b%2520", "*", "edge", "2"}}},
		{countries, "requests before bytes", [][]logs.Line{
			times(2, post(200)), times(1, post(200, func(l *logs.Line) { l.Bytes, l.Country = 50e9, "US" })), times(1, post(200, version1)),
		}, [][]string{{"DE", "2", "200"}, {"US", "1", "50000000000"}, {"-", "1", "100"}}},
		{eachCaller, "each version, and who has no name", [][]logs.Line{
			times(3, post(200, by("alice", logs.No))), times(1, post(502, by("alice", logs.No), after(3000))), times(1, post(403, by("alice", logs.No), after(1))), times(2, post(200, by("alice", logs.Yes), after(500))),
			times(2, post(401, byEdge)), times(1, post(403, byEdge)),
		}, [][]string{
			{"alice", "stable", "5", "1", "20.00", "1", "500", "-", "1000", "3000"}, {"(none)", "-", "3", "0", "0.00", "3", "300", "-", "-", "-"},
			{"alice", "canary", "2", "0", "0.00", "0", "200", "-", "500", "500"},
		}},
		{eachCaller, "a canary without keys", [][]logs.Line{times(2, post(200, by("", logs.No))), times(1, post(500, by("", logs.Yes)))},
			[][]string{{"(none)", "stable", "2", "0", "0.00", "0", "200", "-", "1000", "1000"}, {"(none)", "canary", "1", "1", "100.00", "0", "100", "-", "1000", "1000"}}},
		{eachCaller, "hits as in hit-rate, and times as in slowest", [][]logs.Line{
			times(1, post(200, by("alice", logs.No), get("/v1/models"), result("Hit"), after(1))), times(2, post(200, by("alice", logs.No), get("/v1/models"))),
			times(1, post(404, by("alice", logs.No), get("/v1/models"), result("Hit"))), times(1, post(0, by("alice", logs.No), after(90000))), times(1, post(101, by("alice", logs.No), protocol("wss"), after(90000))),
		}, [][]string{{"alice", "stable", "6", "0", "0.00", "0", "600", "33.33", "1000", "1000"}}},
		{byCallerOf(t, serverErrors), "the share is of what the caller asks there", [][]logs.Line{
			times(1, post(502, by("alice", logs.No))), times(3, post(200, by("alice", logs.Yes), at("IAD89-C1"))), times(1, post(502)), times(4, post(200, by("bob", logs.No))),
		}, [][]string{{"*", "502", "Miss", "(none)", "1", "100.00"}, {"*", "502", "Miss", "alice", "1", "25.00"}}},
		{byCallerOf(t, refused), "whatever their addresses", [][]logs.Line{times(2, post(401, byEdge)), times(1, post(403, by("alice", logs.No))), times(7, post(200, by("alice", logs.No)))},
			[][]string{{"(none)", "*", "401", "edge", "Miss", "2"}, {"alice", "*", "403", "origin", "Miss", "1"}}},
		{byCallerOf(t, limited), "by the backend, which knows them, and by the firewall, which doesn't", [][]logs.Line{times(2, post(429, by("alice", logs.Yes))), times(1, post(429, by("alice", logs.No))), times(1, post(429, byEdge))},
			[][]string{{"alice", "*", "origin", "3"}, {"(none)", "*", "edge", "1"}}},
		{limited, "nothing", [][]logs.Line{times(3, post(200))}, [][]string{}},
	} {
		asking := r.question.Ask(edgetest.Distribution(t))
		for _, lines := range r.lines {
			asking.Add(lines)
		}
		require.Equal(t, r.want, asking.Answer().Rows, "%s: %s", r.question.Name, r.name)
	}
}

// TestManyPaths keeps what many ask for, however many paths there are beside it.
func TestManyPaths(t *testing.T) {
	asking := slowest.Ask(edgetest.Distribution(t))
	ask := func(path string) { asking.Add([]logs.Line{post(200, get(path))}) }
	for i := range 3 * maxGroups {
		ask("/" + strconv.Itoa(i))
		if i%1000 == 0 {
			ask("/v1/models")
		}
	}
	require.Equal(t, []string{"GET", "/v1/models", "150", "0", "1000", "1000", "1000", "900"}, asking.Answer().Rows[0])
	counter := asking.counter.(slowestCounter)
	require.True(t, counter.incomplete())
	require.LessOrEqual(t, len(counter.counts), 2*maxGroups)
}

// TestFewerColumns answers all that a log has, and names all that it hasn't.
func TestFewerColumns(t *testing.T) {
	const before2019 = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query " +
		"cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher " +
		"x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields\n" +
		"2026-01-31\t08:00:00\tFRA56-P1\t500\t192.0.2.10\tGET\ta\t/v1/chat\t403\t-\tcurl/8\t-\t-\tMiss\tid==\ta\thttps\t100\t0.1\t-\tTLSv1.3\tx\tMiss\tHTTP/1.1\t-\t-\n"
	const chosen = "#Fields: date time c-ip cs-method sc-status cache-behavior-path-pattern\n2026-01-31\t08:00:00\t192.0.2.10\tGET\t403\t*\n"
	for _, r := range []struct {
		question    Question
		log, refuse string
		lacking     []string
	}{
		{refused, before2019, "", []string{"x-edge-detailed-result-type"}},
		{serverErrors, before2019, "", []string{"x-edge-detailed-result-type"}},
		{hitRate, before2019, "", nil},
		{limited, before2019, "", nil},
		{countries, before2019, "", []string{"c-country"}},
		{eachCaller, before2019, "", []string{"time-to-first-byte", "viewer-request-log-data"}},
		{byCallerOf(t, refused), before2019, "", []string{"viewer-request-log-data", "x-edge-detailed-result-type"}},
		{eachCaller, chosen, "has no columns sc-bytes, x-edge-response-result-type, which are needed", nil},
		{slowest, before2019, "has no column time-to-first-byte, which is needed", nil},
		{refused, chosen, "", []string{"x-edge-detailed-result-type"}},
		{serverErrors, chosen, "", []string{"x-edge-detailed-result-type", "x-edge-location"}},
		{hitRate, chosen, "has no column x-edge-response-result-type, which is needed", nil},
		{slowest, chosen, "has no columns cs-uri-stem, time-to-first-byte, which are needed", nil},
		{countries, chosen, "has no column sc-bytes, which is needed", nil},
	} {
		path := filepath.Join(t.TempDir(), "log")
		require.NoError(t, os.WriteFile(path, []byte(r.log), 0o600))
		files, err := logs.Find([]string{path})
		require.NoError(t, err)
		result, err := Run(t.Context(), Job{Files: files, Question: r.question, Distribution: edgetest.Distribution(t), Tell: func(logs.Progress) {}})
		if r.refuse != "" {
			require.EqualError(t, err, "none of the logs could be read\n  "+path+": "+r.refuse)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, r.lacking, result.Lacking, r.question.Name)
		switch r.question.Name {
		case "callers":
			require.Equal(t, [][]string{{"(none)", "-", "1", "0", "0.00", "1", "500", "-", "-", "-"}}, result.Answer.Rows)
		case "refused":
			require.Equal(t, [][]string{{"192.0.2.10", "*", "403", "-", "-", "1"}}, result.Answer.Rows)
		}
	}
}

func pattern(p string) func(*logs.Line) { return func(l *logs.Line) { l.Pattern = p } }

func TestFind(t *testing.T) {
	for _, q := range All() {
		found, err := Find(q.Name)
		require.NoError(t, err)
		require.Equal(t, q.Title, found.Title)
	}
	require.Equal(t, []string{"errors", "refused", "limited"}, NamedByCaller())
	_, can := eachCaller.ByCaller()
	require.False(t, can)
	_, err := Find("error")
	require.EqualError(t, err, `query "error": not found (did you mean errors?); there are errors, slowest, hit-rate, callers, refused, limited, countries`)
}
