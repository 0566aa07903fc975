package questions

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/logs"
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
func byEdge(l *logs.Line)                 { l.FromOrigin, l.OriginFirstByte = logs.No, logs.Untimed }
func version1(l *logs.Line) {
	l.Pattern, l.Country, l.FromOrigin, l.OriginFirstByte = "", "", logs.Untold, logs.Untimed
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
		{refused, "by the edge and by the origin", [][]logs.Line{times(2, post(401, byEdge)), times(1, post(403)), times(1, post(403, version1)), times(7, post(404))},
			[][]string{{"192.0.2.1", "*", "401", "edge", "Miss", "2"}, {"192.0.2.1", "*", "403", "-", "Miss", "1"}, {"192.0.2.1", "*", "403", "origin", "Miss", "1"}}},
		{limited, "with spaces", [][]logs.Line{times(2, post(429, byEdge, func(l *logs.Line) { l.UserAgent = "a%20b%2520" })), times(7, post(503))},
			[][]string{{"192.0.2.1", "DE", "a b%2520", "*", "edge", "2"}}},
		{countries, "requests before bytes", [][]logs.Line{
			times(2, post(200)), times(1, post(200, func(l *logs.Line) { l.Bytes, l.Country = 50e9, "US" })), times(1, post(200, version1)),
		}, [][]string{{"DE", "2", "200"}, {"US", "1", "50000000000"}, {"-", "1", "100"}}},
		{limited, "nothing", [][]logs.Line{times(3, post(200))}, [][]string{}},
	} {
		asking := r.question.Ask(edgetest.Distribution(t))
		for _, lines := range r.lines {
			asking.Add(lines)
		}
		require.Equal(t, r.want, asking.Answer().Rows, "%s: %s", r.question.Name, r.name)
	}
}

func pattern(p string) func(*logs.Line) { return func(l *logs.Line) { l.Pattern = p } }

func TestFind(t *testing.T) {
	for _, q := range All() {
		found, err := Find(q.Name)
		require.NoError(t, err)
		require.Equal(t, q.Title, found.Title)
	}
	_, err := Find("error")
	require.EqualError(t, err, `query "error": not found (did you mean errors?); there are errors, slowest, hit-rate, refused, limited, countries`)
}
