package replay

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// get is a GET by one caller at a second, of 100 bytes.
func get(second int64, path string, change ...func(*logs.Line)) logs.Line {
	l := logs.Line{
		Time: 1_800_000_000 + second, Status: 200, Bytes: 100, IP: "192.0.2.1", Method: "GET", Host: "api.example.com", Protocol: "https", Path: path,
		UserAgent: "curl", Result: "Miss", Detail: "Miss",
	}
	for _, c := range change {
		c(&l)
	}
	return l
}

// What differs from that.
func by(ip string) func(*logs.Line)      { return func(l *logs.Line) { l.IP = ip } }
func method(m string) func(*logs.Line)   { return func(l *logs.Line) { l.Method = m } }
func query(q string) func(*logs.Line)    { return func(l *logs.Line) { l.Query = q } }
func cookie(c string) func(*logs.Line)   { return func(l *logs.Line) { l.Cookie = c } }
func from(ip string) func(*logs.Line)    { return func(l *logs.Line) { l.IP = ip } }
func status(s int) func(*logs.Line)      { return func(l *logs.Line) { l.Status = s } }
func protocol(p string) func(*logs.Line) { return func(l *logs.Line) { l.Protocol = p } }
func result(result, detail string) func(*logs.Line) {
	return func(l *logs.Line) { l.Result, l.Detail = result, detail }
}
func part(start, end string) func(*logs.Line) {
	return func(l *logs.Line) { l.Status, l.RangeStart, l.RangeEnd = 206, start, end }
}

// only is the count of the only route that got requests.
func only(t *testing.T, d *edge.Distribution, lines []logs.Line) Route {
	t.Helper()
	r := New(d)
	r.Add(lines)
	report, err := r.Report()
	require.NoError(t, err)
	var got []Route
	for _, route := range report.Routes {
		if route.Requests > 0 {
			got = append(got, route)
		}
	}
	require.Len(t, got, 1)
	require.Equal(t, len(lines), report.Total.Requests)
	return got[0]
}

// TestSimulation has routes of which the cache policies are: /v1/models* 0, 60 and 300 s, with Authorization, the query
// and encodings; /models/* 1 s, a day and a year, the path alone; /v1/embeddings* 1, 10 and 100 s, with headers,
// cookies and encodings.
func TestSimulation(t *testing.T) {
	d := edgetest.Distribution(t)
	type counts struct {
		hits, origin      Bounds
		cacheable, logged int
		refused           int
	}
	same := func(n int64) Bounds { return Bounds{n, n, n} }
	for _, r := range []struct {
		name  string
		lines []logs.Line
		want  counts
	}{
		{"the same again", []logs.Line{get(0, "/models/a"), get(0, "/models/a", by("192.0.2.2")), get(0, "/models/b")},
			counts{hits: same(1), origin: same(2), cacheable: 3}},
		{"after the minimum TTL", []logs.Line{get(0, "/models/a"), get(1, "/models/a")},
			counts{hits: Bounds{0, 1, 1}, origin: Bounds{1, 1, 2}, cacheable: 2}},
		{"after the default TTL", []logs.Line{get(0, "/models/a"), get(86400, "/models/a")},
			counts{hits: Bounds{0, 0, 1}, origin: Bounds{1, 2, 2}, cacheable: 2}},
		{"after the maximum TTL", []logs.Line{get(0, "/models/a"), get(31536000, "/models/a")},
			counts{hits: same(0), origin: same(2), cacheable: 2}},
		{"an answer that is kept only if said", []logs.Line{get(0, "/models/a", status(307)), get(0, "/models/a", status(307))},
			counts{hits: Bounds{0, 0, 1}, origin: Bounds{1, 2, 2}, cacheable: 2}},
		{"what the log says", []logs.Line{
			get(0, "/models/a", result("Hit", "Hit")), get(0, "/models/a", result("RefreshHit", "RefreshHit")),
			get(0, "/models/a", result("Error", "Error"), status(404)),
		}, counts{hits: same(1), origin: same(1), cacheable: 2, logged: 1}},

		{"a header that isn't logged", []logs.Line{get(0, "/v1/models"), get(1, "/v1/models"), get(1, "/v1/models", by("192.0.2.2"))},
			counts{hits: Bounds{0, 1, 2}, origin: Bounds{1, 2, 3}, cacheable: 3}},
		{"another query", []logs.Line{get(0, "/v1/models", query("a=1")), get(1, "/v1/models", query("a=2"))},
			counts{hits: same(0), origin: same(2), cacheable: 2}},
		{"a query that isn't in the key", []logs.Line{get(0, "/models/a", query("a=1")), get(0, "/models/a", query("a=2"))},
			counts{hits: same(1), origin: same(1), cacheable: 2}},
		{"cookies", []logs.Line{
			get(0, "/v1/embeddings", cookie("a=1; b=2")), get(0, "/v1/embeddings", cookie("b=2; a=1")), get(0, "/v1/embeddings", cookie("a=2")),
		}, counts{hits: same(1), origin: same(2), cacheable: 3}},

		{"HEAD by GET", []logs.Line{get(0, "/models/a"), get(0, "/models/a", method("HEAD"))}, counts{hits: same(1), origin: same(1), cacheable: 2}},
		{"GET not by HEAD", []logs.Line{get(0, "/models/a", method("HEAD")), get(0, "/models/a", method("HEAD")), get(0, "/models/a")},
			counts{hits: same(1), origin: same(2), cacheable: 3}},
		{"POST", []logs.Line{get(0, "/v1/embeddings", method("POST")), get(0, "/v1/embeddings", method("POST"))},
			counts{hits: same(0), origin: same(2)}},
		{"OPTIONS", []logs.Line{get(0, "/v1/models", method("OPTIONS")), get(0, "/v1/models", method("OPTIONS"))},
			counts{hits: same(0), origin: same(2)}},
		{"OPTIONS that are kept", []logs.Line{get(0, "/preflight/a"), get(1, "/preflight/a", method("OPTIONS")), get(1, "/preflight/a", method("OPTIONS"))},
			counts{hits: same(0), origin: Bounds{2, 2, 3}, cacheable: 1}},
		{"not cached at all", []logs.Line{get(0, "/v1/chat"), get(0, "/v1/chat")}, counts{hits: same(0), origin: same(2), cacheable: 2}},
		{"a WebSocket", []logs.Line{get(0, "/v1/models", protocol("wss"), status(101)), get(0, "/v1/models", protocol("wss"), status(101))},
			counts{hits: same(0), origin: same(2)}},

		{"a part by all", []logs.Line{get(0, "/models/a"), get(0, "/models/a", part("0", "9"))}, counts{hits: same(1), origin: same(1), cacheable: 2}},
		{"parts of which the log doesn't say which", []logs.Line{get(0, "/models/a", part("", "")), get(1, "/models/a", part("", ""))},
			counts{hits: Bounds{0, 0, 1}, origin: Bounds{1, 2, 2}, cacheable: 2}},
		{"another part", []logs.Line{get(0, "/models/a", part("0", "9")), get(0, "/models/a", part("0", "9")), get(0, "/models/a", part("10", "19")), get(0, "/models/a")},
			counts{hits: Bounds{1, 1, 3}, origin: Bounds{1, 3, 3}, cacheable: 4}},
		{"not modified", []logs.Line{get(0, "/models/a", status(304)), get(0, "/models/a")}, counts{hits: same(1), origin: same(1), cacheable: 2}},
		{"the caller had gone", []logs.Line{get(0, "/models/a", status(0)), get(0, "/models/a")}, counts{hits: same(0), origin: same(2), cacheable: 1}},

		// It is configured to be kept for 0 s on the API, at least; a bucket's is for 1 s.
		{"an error", []logs.Line{get(0, "/v1/models", status(404)), get(1, "/v1/models", status(404))},
			counts{hits: same(0), origin: Bounds{1, 2, 2}}},
		{"an error for some seconds", []logs.Line{get(0, "/v1/models", status(502)), get(6, "/v1/models", status(502)), get(7, "/v1/models", status(502))},
			counts{hits: same(0), origin: Bounds{1, 2, 2}}},
		{"an error that is kept only if said", []logs.Line{get(0, "/v1/models", status(403)), get(1, "/v1/models", status(403))},
			counts{hits: same(0), origin: Bounds{1, 2, 2}}},
		{"an error that isn't kept", []logs.Line{get(0, "/v1/models", status(429)), get(1, "/v1/models", status(429))},
			counts{hits: same(0), origin: same(2)}},

		{"a redirect", []logs.Line{get(0, "/v1/models", protocol("http"), status(301), result("Redirect", "Redirect"))}, counts{hits: same(0), refused: 1}},
		{"a redirect that is none now", []logs.Line{get(0, "/open/a", protocol("http"), status(301), result("Redirect", "Redirect"))},
			counts{hits: same(0), origin: same(1)}},
		{"a method that isn't allowed", []logs.Line{get(0, "/models/a", method("POST")), get(0, "/models/a", method("TRACE"))}, counts{refused: 2}},
		{"the firewall", []logs.Line{get(0, "/models/a", status(403), result("Error", "InvalidRequestBlocked"))}, counts{refused: 1}},
		{"an address that is blocked now", []logs.Line{get(0, "/models/a", from("198.51.100.1")), get(1, "/models/a", from("198.51.100.7"))},
			counts{hits: same(0), origin: same(1), refused: 1, cacheable: 2}},
		{"addresses that don't get in now", []logs.Line{get(0, "/admin", from("203.0.113.1")), get(1, "/admin", from("192.0.2.1")), get(2, "/Admin", from("::1"))},
			counts{hits: same(0), origin: same(1), refused: 2, cacheable: 3}},
		{"a quota", []logs.Line{get(0, "/models/a", status(503), result("LimitExceeded", "LimitExceeded"))}, counts{refused: 1}},

		{"a signature", []logs.Line{
			get(0, "/models/signed/a", query("Expires=1&Signature=s&Key-Pair-Id=k")), get(0, "/models/signed/a", query("Expires=2&Signature=t&Key-Pair-Id=k")),
		}, counts{hits: Bounds{0, 1, 1}, origin: Bounds{1, 1, 2}, cacheable: 2}},
		{"a signature in cookies", []logs.Line{get(0, "/models/signed/a", cookie("CloudFront-Signature=s"))}, counts{origin: same(1), cacheable: 1}},
		{"no signature", []logs.Line{get(0, "/models/signed/a", query("part=1"))}, counts{refused: 1, cacheable: 1}},
		{"a wrong signature", []logs.Line{get(0, "/models/signed/a", query("Expires=1&Signature=s&Key-Pair-Id=k"), status(403))}, counts{refused: 1}},

		{"lines in another order", []logs.Line{get(20, "/models/a"), get(0, "/models/a"), get(19, "/models/a")},
			counts{hits: Bounds{0, 2, 2}, origin: Bounds{1, 1, 3}, cacheable: 3}},
		{"the first of which is kept", []logs.Line{get(20, "/models/a"), get(0, "/models/a"), get(86410, "/models/a")},
			counts{hits: Bounds{0, 1, 2}, origin: Bounds{1, 2, 3}, cacheable: 3}},
	} {
		t.Run(r.name, func(t *testing.T) {
			got := only(t, d, r.lines)
			if diff := cmp.Diff(r.want, counts{got.Hits, got.OriginRequests, got.Cacheable, got.LoggedHits, got.Refused}, cmp.AllowUnexported(counts{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			require.EqualValues(t, 100*len(r.lines), got.Bytes)
		})
	}
}

// TestOriginBytes are none in high for what is only renewed.
func TestOriginBytes(t *testing.T) {
	got := only(t, edgetest.Distribution(t), []logs.Line{get(0, "/v1/models"), get(1, "/v1/models"), get(300, "/v1/models")})
	require.Equal(t, Bounds{100, 200, 300}, got.OriginBytes)
	require.Equal(t, Bounds{2, 2, 3}, got.OriginRequests)
}

// TestCallers are told apart by what the function finds out, and refused if they were.
func TestCallers(t *testing.T) {
	d := edgetest.Callers(t)
	two := func(path string) []logs.Line {
		return []logs.Line{get(0, path), get(0, path, by("192.0.2.2")), get(0, path, status(401)), get(1, path, status(401))}
	}
	got := only(t, d, two("/v1/models"))
	require.Equal(t, Count{
		Requests: 4, Refused: 2, Cacheable: 2, Hits: Bounds{0, 0, 1}, OriginRequests: Bounds{1, 2, 2}, Bytes: 400, OriginBytes: Bounds{100, 200, 200},
	}, got.Count)
	got = only(t, d, two("/shared/a")) // whose key has only who gets the canary
	require.Equal(t, Bounds{0, 1, 1}, got.Hits)
	require.Equal(t, 2, got.Refused)
	got = only(t, edgetest.WithoutCallers(t), two("/v1/models"))
	require.Zero(t, got.Refused)
}

// TestCookiesThatAreNotLogged tell callers apart, but not in high.
func TestCookiesThatAreNotLogged(t *testing.T) {
	d := edgetest.Distribution(t)
	policy := &d.Route("/block/a").CachePolicy
	policy.Gzip, policy.DefaultTTL = false, 10
	require.True(t, policy.Cookies.Has("b"))
	for value, want := range map[string]Bounds{"": {0, 0, 1}, "a=1": {0, 1, 1}} {
		got := only(t, d, []logs.Line{get(0, "/block/a", cookie(value)), get(0, "/block/a", cookie(value), by("192.0.2.2"))})
		require.Equal(t, want, got.Hits, value)
	}
}

// TestRedirectIsNotKept where the new distribution wouldn't redirect.
func TestRedirectIsNotKept(t *testing.T) {
	d := edgetest.Distribution(t)
	d.Route("/models/a").ViewerProtocol = "allow-all"
	redirect := get(0, "/models/a", protocol("http"), status(301), result("Redirect", "Redirect"))
	require.Equal(t, Bounds{2, 2, 2}, only(t, d, []logs.Line{redirect, redirect}).OriginRequests)
}

// TestFunctionThatChangesPaths would need to run for each request.
func TestFunctionThatChangesPaths(t *testing.T) {
	code := "function handler(event) { event.request.uri = '/b'; return event.request; }"
	r := New(edgetest.CallersRunning(t, code, code))
	r.Add([]logs.Line{get(0, "/v1/models")})
	_, err := r.Report()
	require.ErrorContains(t, err, "changes /v1/models to /b: replay simulates only functions that leave paths alone, or strip them")
}

// TestStrippedPaths are one answer in the cache, if what is left of them is.
func TestStrippedPaths(t *testing.T) {
	strip := func(prefix string) *edge.Distribution {
		d := edgetest.Callers(t, func(o *viewerrequest.Options) {
			o.KeyHeaders, o.Canary, o.Strip, o.ForwardHost = nil, nil, prefix, true
		})
		policy := &d.Route("/v1/models").CachePolicy
		policy.Gzip, policy.Brotli, policy.Headers.Names = false, false, []string{"X-Forwarded-Host", "X-Forwarded-Prefix"}
		return d
	}
	lines := []logs.Line{get(0, "/v1/models"), get(1, "/v1/models", by("192.0.2.2")), get(2, "/v1/models/"), get(3, "//v1/models")}
	got := only(t, strip("/v1/models"), lines)
	require.EqualValues(t, 1, got.Refused, "the one that doesn't begin so")
	require.Equal(t, Bounds{0, 2, 2}, got.Hits)
	require.Equal(t, Bounds{0, 1, 1}, only(t, strip("/v1"), lines).Hits)
}

// TestDefaultRootObject is what / asks for.
func TestDefaultRootObject(t *testing.T) {
	d := edgetest.Distribution(t)
	require.Equal(t, "index.html", d.DefaultRootObject)
	d.Behaviors[0].Path = "/index.html"
	require.Equal(t, "/index.html", only(t, d, []logs.Line{get(0, "/"), get(0, "/index.html")}).Path)
}

// TestBoundsAreInOrder whatever comes, in order or not.
func TestBoundsAreInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	ordered := func(b Bounds) bool { return b.Low <= b.Expected && b.Expected <= b.High }
	for _, d := range []*edge.Distribution{edgetest.Distribution(t), edgetest.Callers(t, func(*viewerrequest.Options) {})} {
		for range 200 {
			r := New(d)
			for range 200 {
				r.Add([]logs.Line{get(random.Int64N(400), pick("/v1/models", "/models/a", "/models/b", "/v1/embeddings", "/preflight/a", "/shared/a"),
					by(pick("192.0.2.1", "192.0.2.2")), query(pick("", "a=1")), method(pick("GET", "GET", "HEAD", "OPTIONS", "POST")))})
			}
			report, err := r.Report()
			require.NoError(t, err)
			for _, route := range report.Routes {
				require.True(t, ordered(route.Hits) && ordered(route.OriginRequests) && ordered(route.OriginBytes), "%+v", route)
				require.LessOrEqual(t, route.Hits.High, int64(route.Cacheable))
			}
		}
	}
}

// TestForgotten is what has expired, of which otherwise there would be one for each caller.
func TestForgotten(t *testing.T) {
	r := New(edgetest.Distribution(t))
	for i := range int64(4 * firstLimit) {
		r.Add([]logs.Line{get(i, "/v1/embeddings", by(strconv.FormatInt(i, 10)))})
	}
	require.Less(t, len(r.caches[low].entries), firstLimit+outOfOrder)
	require.Len(t, r.caches[high].entries, 1)
}
