package edge_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// bearer is a request's header with a key.
func bearer(key string) map[string]string { return map[string]string{"Authorization": "Bearer " + key} }

// TestFunction has what the API's function does to requests, and what of it reaches the key and the origin.
func TestFunction(t *testing.T) {
	d := edgetest.Callers(t)
	refused := &edge.Answer{Status: 401, Reason: "key"}
	for _, r := range []struct {
		name    string
		request edge.Request
		answer  *edge.Answer
		caller  string
		canary  bool
		// Where it goes, and whether that fails over.
		origin, failover string
		// Its headers at the origin, and those in the key. Origin-wide ones aside.
		sent, key map[string]string
	}{
		{name: "no key", request: edge.Request{Method: "POST", URL: "/v1/chat"}, answer: refused},
		{name: "an unknown key", request: edge.Request{Method: "POST", URL: "/v1/chat", Headers: bearer("x")}, answer: refused},
		{name: "an unknown key on a route with a cache", request: edge.Request{URL: "/shared/a", Headers: bearer("x")}, answer: refused},
		{name: "a key under another scheme", request: edge.Request{URL: "/v1/chat", Headers: map[string]string{"Authorization": "Basic a2V5"}, Caller: "alice"}, answer: refused},
		{
			name:    "two keys",
			request: edge.Request{URL: "/v1/chat", Headers: bearer("a, Bearer b"), Values: http.Header{"Authorization": {"Bearer a", "Bearer b"}}, Caller: "alice"}, answer: refused,
		},
		{
			name:    "a name instead of a key",
			request: edge.Request{URL: "/v1/chat", Headers: map[string]string{"X-Caller": "alice"}}, answer: refused,
		},

		{
			name: "a caller", request: edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice"}, caller: "alice", origin: "api",
			sent: map[string]string{"X-Caller": "alice"}, key: map[string]string{},
		},
		{
			name:    "a caller's own key, in whatever case and with spaces",
			request: edge.Request{Method: "POST", URL: "/v1/chat", Headers: map[string]string{"authorization": "bEARER   k"}, Caller: "alice"}, caller: "alice", origin: "api",
			sent: map[string]string{"X-Caller": "alice"}, key: map[string]string{},
		},
		{
			name:    "a caller who says to be another, and in the canary",
			request: edge.Request{Method: "POST", URL: "/v1/chat", Headers: map[string]string{"x-caller": "root", "X-Canary": "1", "X_Caller": "root"}, Caller: "alice"}, caller: "alice", origin: "api",
			sent: map[string]string{"X-Caller": "alice"}, key: map[string]string{},
		},
		{
			name: "in the canary", request: edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice", Canary: true}, caller: "alice", canary: true, origin: "api-canary",
			sent: map[string]string{"X-Caller": "alice", "X-Canary": "1"}, key: map[string]string{},
		},
		{
			name: "cached, who calls is part of the key", request: edge.Request{URL: "/v1/models", Caller: "alice"}, caller: "alice", origin: "api", failover: "api-failover",
			sent: map[string]string{"X-Caller": "alice", "X-Canary": ""}, key: map[string]string{"X-Caller": "alice", "X-Canary": ""},
		},
		{
			name: "cached, in the canary", request: edge.Request{URL: "/v1/models", Caller: "alice", Canary: true}, caller: "alice", canary: true,
			origin: "api-canary", failover: "api-failover",
			sent: map[string]string{"X-Caller": "alice", "X-Canary": "1"}, key: map[string]string{"X-Caller": "alice", "X-Canary": "1"},
		},
		{
			name: "one answer for all callers", request: edge.Request{URL: "/shared/a", Caller: "alice"}, caller: "alice", origin: "api",
			sent: map[string]string{"X-Canary": ""}, key: map[string]string{"X-Canary": ""},
		},
		{
			name: "of each version", request: edge.Request{URL: "/shared/a", Caller: "bob", Canary: true}, caller: "bob", canary: true, origin: "api-canary",
			sent: map[string]string{"X-Canary": "1"}, key: map[string]string{"X-Canary": "1"},
		},
		{
			name: "a preflight", request: edge.Request{Method: "OPTIONS", URL: "/v1/chat", Canary: true, Headers: map[string]string{
				"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST", "X-Caller": "root",
			}},
			origin: "api", sent: map[string]string{"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}, key: map[string]string{},
		},
	} {
		got := d.Decide(r.request)
		require.Equal(t, r.answer, withoutResponse(got.Answer), r.name)
		require.Equal(t, r.caller, got.Function.Caller, r.name)
		require.Equal(t, r.canary, got.Function.Canary, r.name)
		if r.answer != nil {
			require.Nil(t, got.Origin, r.name)
			require.Nil(t, got.Cache, r.name)
			continue
		}
		failover := ""
		if got.Origin.Failover != nil {
			failover = got.Origin.Failover.ID
			require.Equal(t, []int{500, 502, 503}, got.Origin.Failover.On, r.name)
			require.Equal(t, got.Origin.Headers, got.Origin.Failover.Request.Headers, r.name)
		}
		require.Equal(t, r.origin+" "+r.failover, got.Origin.ID+" "+failover, r.name)
		require.Equal(t, got.Origin.ID, got.Behavior.Origin.ID, r.name)
		require.Equal(t, r.sent, asShown(got.Origin.Headers), r.name)
		require.Equal(t, r.key, asShown(got.Cache.Key.Headers), r.name)
	}
}

func withoutResponse(a *edge.Answer) *edge.Answer {
	if a == nil {
		return nil
	}
	cause, _, _ := strings.Cut(a.Cause, " at handler ") // and where in the code
	return &edge.Answer{Status: a.Status, Reason: a.Reason, Location: a.Location, Cause: cause}
}

// TestFunctionComesAfter has what CloudFront answers before it asks the function.
func TestFunctionComesAfter(t *testing.T) {
	d := edgetest.Callers(t)
	for reason, r := range map[string]edge.Request{
		"host":     {URL: "https://www.example.com/", Caller: "alice"},
		"redirect": {URL: "http://api.example.com/v1/chat"},
		"method":   {Method: "POST", URL: "/v1/models"},
	} {
		got := d.Decide(r)
		require.Equal(t, reason, got.Answer.Reason)
		require.Nil(t, got.Function, reason)
	}
	require.Nil(t, d.Decide(edge.Request{URL: "/models/a"}).Function, "a route without one")
}

// TestFunctionAnswers holds that its answer has its own headers, and those of the route's policy.
func TestFunctionAnswers(t *testing.T) {
	d := edgetest.Callers(t)
	got := d.Decide(edge.Request{URL: "/v1/chat", Headers: map[string]string{"Origin": "https://app.example.com"}})
	require.JSONEq(t, `{"error": {"message": "Send an API key in the header Authorization: Bearer KEY.", "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}}`,
		got.Answer.Response.Body)
	require.Equal(t, map[string]string{
		"Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Origin": "https://app.example.com", "Cache-Control": "no-store",
		"Content-Type": "application/json", "Vary": "Origin", "Www-Authenticate": "Bearer", "X-Content-Type-Options": "nosniff",
	}, got.Response.Headers)
	header := http.Header{"Vary": {"Origin"}}
	got.Response.Apply(header)
	require.Equal(t, "Origin", header.Get("Vary"), "what a function says isn't filtered like an origin's")
	require.Equal(t, edge.Via, header.Get("Via"))
	got = d.Decide(edge.Request{URL: "/v1/chat", Caller: "alice"})
	require.Equal(t, map[string]string{"X-Content-Type-Options": "nosniff"}, got.Response.Headers)
}

// down is a store that can't be reached.
type down struct{}

func (down) Get(string) (string, bool, error) { return "", false, errors.New("down") }

func TestStore(t *testing.T) {
	d := edgetest.Callers(t)
	require.Equal(t, &edge.Answer{Status: 503, Reason: "key"}, withoutResponse(d.Decide(edge.Request{URL: "/v1/chat", Headers: bearer("k"), Store: down{}}).Answer))
	store := function.Map{"8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a": `{"name":"carol","created":0}`}
	got := d.Decide(edge.Request{URL: "/v1/chat", Headers: bearer("k"), Store: store})
	require.Nil(t, got.Answer)
	require.Equal(t, "carol", got.Function.Caller)
	require.Equal(t, "key", d.Decide(edge.Request{URL: "/v1/chat", Headers: bearer("other"), Store: store}).Answer.Reason)
}

// FuzzCallers holds that nobody reaches an origin without a known key, and that who calls is the function's to say.
func FuzzCallers(f *testing.F) {
	d := edgetest.Callers(f)
	store := function.Map{"8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a": `{"name":"carol","created":0}`}
	for _, key := range []string{"Bearer k", "bearer  k", "Bearer k ", "Bearer k, Bearer k", "k", "", "Bearer K", "Basic k"} {
		f.Add("POST", "/v1/chat", "Authorization", key, "X-Caller", "root")
		f.Add("GET", "/shared/a?b", "authorization", key, "x_caller", "root")
		f.Add("OPTIONS", "/v1/models", "AUTHORIZATION", key, "X-CANARY", "1")
	}
	f.Fuzz(func(t *testing.T, method, url, name, value, otherName, otherValue string) {
		got := d.Decide(edge.Request{Method: method, URL: url, Headers: map[string]string{name: value, otherName: otherValue}, Store: store})
		if got.Function == nil || got.Origin == nil {
			return
		}
		caller, known := got.Origin.Headers["X-Caller"], got.Function.Caller == "carol"
		if !known && method != "OPTIONS" {
			t.Fatalf("reaches %s without a key", got.Origin.URL)
		}
		if caller.Text != "" && caller.Text != "carol" || got.Origin.Headers["X_caller"].Text != "" || got.Origin.Headers["X-Canary"] == edge.Plain("1") != got.Function.Canary {
			t.Fatalf("the caller says who it is: %v", got.Origin.Headers)
		}
		if _, passed := got.Origin.Headers["Authorization"]; passed {
			t.Fatalf("the key is passed on: %v", got.Origin.Headers)
		}
	})
}

// asShown are values as people read them.
func asShown(values map[string]edge.Value) map[string]string {
	m := map[string]string{}
	for name, value := range values {
		m[name] = value.String()
	}
	return m
}

// TestForwardedKey holds that a key that is made up is never shown, neither where it comes from nor where it goes.
func TestForwardedKey(t *testing.T) {
	for header, shown := range map[string]string{"authorization": "Bearer (key of alice)", "x-api-key": "(key of alice)"} {
		d := edgetest.Callers(t, func(o *viewerrequest.Options) { o.KeyHeaders, o.ForwardKey = []string{header}, true })
		got := d.Decide(edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice"})
		name := http.CanonicalHeaderKey(header)
		require.Equal(t, shown, got.Request.Headers[name])
		require.Equal(t, edge.Value{Kind: edge.CallerKey, Text: shown}, got.Origin.Headers[name])
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.NotContains(t, string(text), "key-of-alice")
		own := d.Decide(edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice", Headers: map[string]string{name: strings.TrimSuffix(shown, "(key of alice)") + "mine"}})
		require.Equal(t, edge.Plain(strings.TrimSuffix(shown, "(key of alice)")+"mine"), own.Origin.Headers[name])
	}
}

// TestStrip has a path without its prefix in the key and at the origin, and says what it was.
func TestStrip(t *testing.T) {
	d := edgetest.Callers(t, func(o *viewerrequest.Options) { o.Strip, o.Canary, o.ForwardHost = "/v1", nil, true })
	for _, c := range []struct{ method, url, from, key, origin string }{
		{"POST", "/v1/chat?a=1", "/v1/chat", "/chat", "https://inference.example.com/chat?a=1"},
		{"GET", "/v1/models", "/v1/models", "/models", "https://inference.example.com/models"},
		{"GET", "/v1", "/v1", "/", "https://inference.example.com/"},
		{"GET", "/v1x/a", "", "/v1x/a", "https://inference.example.com/v1x/a"},
	} {
		got := d.Decide(edge.Request{Method: c.method, URL: c.url, Caller: "alice", Headers: map[string]string{"X-Forwarded-Prefix": "/forged"}})
		require.Nil(t, got.Answer, c.url)
		require.Equal(t, c.from, string(got.Function.From), c.url)
		require.Equal(t, c.from != "", got.Function.Strip != "", c.url)
		require.Equal(t, c.key, got.Cache.Key.Path, c.url)
		require.Equal(t, c.origin, got.Origin.URL, c.url)
		if c.method == http.MethodPost { // a route that passes all headers on
			require.Equal(t, edge.Plain("/v1"), got.Origin.Headers["X-Forwarded-Prefix"])
			require.Equal(t, edge.Plain("api.example.com"), got.Origin.Headers["X-Forwarded-Host"])
		}
	}
	refused := d.Decide(edge.Request{URL: "//v1/models", Caller: "alice"})
	require.Equal(t, &edge.Answer{Status: 400, Reason: "function"}, withoutResponse(refused.Answer))
	require.Empty(t, refused.Function.From)

	f := d.Route("/").Function
	for _, path := range []string{"/v1", "/v1/", "/v1/a", "/v1/..", "/v1//a", "/v1x", "/v1;a", "//v1/a", "/a/../v1/b", "/%761/a"} {
		rest, refused := f.Rewritten(path)
		got := d.Decide(edge.Request{URL: path, Caller: "alice"})
		require.Equal(t, refused, got.Answer != nil, path)
		if !refused {
			require.Equal(t, got.Cache.Key.Path, rest)
		}
	}
}

// TestPage has the file of a page in the key and at the origin, and none where the function leads on itself.
func TestPage(t *testing.T) {
	for name, o := range map[string]viewerrequest.Options{
		"a single-page app":           {Page: &viewerrequest.Page{Index: "/ui/index.html"}},
		"a single-page app, stripped": {Page: &viewerrequest.Page{Index: "/index.html"}, Strip: "/ui"},
		"folders":                     {Page: &viewerrequest.Page{}},
		"folders, stripped":           {Page: &viewerrequest.Page{}, Strip: "/ui"},
	} {
		d := edgetest.Callers(t, func(all *viewerrequest.Options) { *all = o })
		f := d.Route("/").Function
		require.Equal(t, o.Page, f.Page)
		answers := 0
		for _, path := range []string{"/", "/ui", "/ui/", "/ui/a", "/ui/a/", "/ui/a.js", "/ui/v1.2/a", "//ui/a", "/%75i/b"} {
			now, answered := f.Rewritten(path)
			got := d.Decide(edge.Request{URL: path})
			require.Equal(t, answered, got.Answer != nil, "%s: %s", name, path)
			if answered {
				answers++
				continue
			}
			require.Equal(t, now, got.Cache.Key.Path, "%s: %s", name, path)
			require.Equal(t, "https://inference.example.com"+now, got.Origin.URL, "%s: %s", name, path)
			require.Equal(t, now != path, got.Function.From != "", "%s: %s", name, path)
		}
		require.Equal(t, o.Strip != "" || o.Page.Index == "", answers > 0, name)
	}
}

// TestPublicFunction lets everyone in, and keeps their keys from the cache and the origin all the same.
func TestPublicFunction(t *testing.T) {
	for _, forward := range []bool{false, true} {
		d := edgetest.Callers(t, func(o *viewerrequest.Options) {
			o.Public, o.ForwardKey, o.Canary = true, forward, nil
			o.Routes = []viewerrequest.Route{{Path: "*", Public: true}}
		})
		require.False(t, d.ChecksKeys())
		got := d.Decide(edge.Request{Method: "POST", URL: "/v1/chat", Headers: bearer("x"), Caller: "alice"})
		require.Nil(t, got.Answer)
		require.True(t, got.Function.Function.Public)
		require.Empty(t, got.Function.Caller)
		require.Equal(t, forward, got.Origin.Headers["Authorization"] == edge.Plain("Bearer x"))

		b := d.Route("/shared/a") // whose key gets what the function takes away
		b.CachePolicy.Headers.Names = []string{"Authorization"}
		for _, headers := range []map[string]string{nil, bearer("x")} {
			got = d.Decide(edge.Request{URL: "/shared/a", Headers: headers})
			require.Equal(t, !forward, got.Shared.Others)
		}
	}
}

// TestSeveralKeyHeaders has a key in any of them, and one that is made up in the first.
func TestSeveralKeyHeaders(t *testing.T) {
	for _, forward := range []bool{false, true} {
		d := edgetest.Callers(t, func(o *viewerrequest.Options) {
			o.KeyHeaders, o.ForwardKey = []string{"x-api-key", "authorization"}, forward
		})
		require.Equal(t, []string{"Authorization", "X-Api-Key"}, d.KeyHeaders())
		made := d.Decide(edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice"})
		require.Equal(t, "alice", made.Function.Caller)
		require.Equal(t, map[string]string{"X-Api-Key": "(key of alice)"}, made.Request.Headers)
		require.Equal(t, forward, made.Origin.Headers["X-Api-Key"] == edge.Value{Kind: edge.CallerKey, Text: "(key of alice)"})

		own := d.Decide(edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice", Headers: bearer("mine")})
		require.Equal(t, "alice", own.Function.Caller)
		require.Equal(t, bearer("mine"), own.Request.Headers)
		require.Equal(t, forward, own.Origin.Headers["Authorization"] == edge.Plain("Bearer mine"))

		differ := d.Decide(edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice", Headers: map[string]string{"Authorization": "Bearer a", "X-Api-Key": "b"}})
		require.Equal(t, &edge.Answer{Status: 401, Reason: "key"}, withoutResponse(differ.Answer))
	}
}

// TestOtherFunctions has functions that the stack could have instead.
func TestOtherFunctions(t *testing.T) {
	for _, r := range []struct {
		name, code string
		answer     *edge.Answer
		url        string // that the origin is asked for
	}{
		{
			name: "changes the URL", code: `function handler(event) { event.request.uri = '/models/b'; event.request.querystring = 'c=1'; return event.request; }`,
			url: "https://inference.example.com/models/b?c=1",
		},
		{
			name: "answers", code: `function handler() { return {statusCode: 302, headers: {location: {value: '/b'}}}; }`,
			answer: &edge.Answer{Status: 302, Reason: "function"},
		},
		{
			name: "chooses a bucket", code: "import cf from 'cloudfront';\nfunction handler(event) { cf.selectRequestOriginById('models'); return event.request; }",
			url: "https://(bucket ml-api-models)/a?b",
		},
		{
			name: "answers another way than a refusal", code: `const KEY_HEADER = 'a'; function handler() { return {statusCode: 302}; }`,
			answer: &edge.Answer{Status: 302, Reason: "function"},
		},
		{
			name: "chooses nobody", code: "import cf from 'cloudfront';\nfunction handler(event) { cf.selectRequestOriginById('nobody'); return event.request; }",
			answer: &edge.Answer{Status: 502, Reason: "function", Cause: "chose nobody, which is no origin of the distribution"},
		},
		{
			name: "throws", code: `function handler() { throw new Error('broken'); }`,
			answer: &edge.Answer{Status: 503, Reason: "function", Cause: "Error: broken"},
		},
		{
			name: "changes what it may not", code: `function handler(event) { event.request.headers['host'] = {value: 'x'}; return event.request; }`,
			answer: &edge.Answer{Status: 502, Reason: "function", Cause: "header host: is read-only"},
		},
	} {
		got := edgetest.CallersRunning(t, r.code, "function handler(event) { return event.request; }").Decide(edge.Request{URL: "/a?b"})
		require.Equal(t, r.answer, withoutResponse(got.Answer), r.name)
		require.Equal(t, "*", got.Route, r.name)
		if r.answer == nil {
			require.Equal(t, r.url, got.Origin.URL, r.name)
		}
	}
}

// pass lets every request through.
const pass = "function handler(event) { return event.request; }"

// TestFunctionAndTheRest holds that what a function doesn't see stays, and that cookies it changes are those of key and
// origin.
func TestFunctionAndTheRest(t *testing.T) {
	d := edgetest.CallersRunning(t, `function handler(event) {
		const request = event.request;
		request.cookies['a'] = {value: request.cookies['a'].multiValue.length + ''};
		request.headers['seen'] = {value: request.headers.host.value + ' ' + request.headers.accept.multiValue.length};
		return request;
	}`, pass)
	got := d.Decide(edge.Request{
		URL: "/a", Headers: map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Cookie": "a=1; b=2; a=3", "Accept": "a, b, c", "X-Caller": "alice"},
		Values: http.Header{"Accept": {"a", "b, c"}},
	})
	require.Nil(t, got.Answer)
	require.Equal(t, edge.Plain("websocket"), got.Origin.Sets["Upgrade"])
	require.Equal(t, map[string]string{"a": "2", "b": "2"}, got.Origin.Cookies)
	cookie, sent := got.Header("cookie")
	require.True(t, sent)
	require.Equal(t, "a=2; b=2", cookie)
	require.Equal(t, edge.Plain("api.example.com 2"), got.Origin.Headers["Seen"])
	require.Equal(t, edge.Plain("a, b, c"), got.Origin.Headers["Accept"])
	require.Empty(t, got.Function.Caller, "a function that checks no keys knows nobody")
}

// TestChosenOrigin holds that a chosen origin takes the place of the group, and that a bucket's errors are kept as a
// bucket's.
func TestChosenOrigin(t *testing.T) {
	const choose = "import cf from 'cloudfront';\nfunction handler(event) { cf.selectRequestOriginById('models'); return event.request; }"
	before, after := edgetest.CallersRunning(t, pass, pass).Decide(edge.Request{URL: "/v1/models"}), edgetest.CallersRunning(t, pass, choose).Decide(edge.Request{URL: "/v1/models"})
	require.Equal(t, "api-failover", before.Origin.Failover.ID)
	require.Nil(t, after.Origin.Failover)
	require.Equal(t, 0, before.Response.ErrorSeconds[404])
	require.Equal(t, 1, after.Response.ErrorSeconds[404])
}

// TestNoStore has a function look into a store that isn't its.
func TestNoStore(t *testing.T) {
	d := edgetest.Callers(t)
	for _, b := range d.Behaviors {
		if b.Function != nil {
			b.Function.KeyValueStores = nil
		}
	}
	require.Equal(t, "function", d.Decide(edge.Request{URL: "/v1/chat", Caller: "alice"}).Answer.Reason)
}

// TestRequestStays holds that what is asked isn't changed where it came from.
func TestRequestStays(t *testing.T) {
	r := edge.Request{URL: "/v1/chat", Caller: "alice", Headers: map[string]string{"X-Caller": "root"}, Values: http.Header{"X-Caller": {"root"}}}
	edgetest.Callers(t).Decide(r)
	require.Equal(t, map[string]string{"X-Caller": "root"}, r.Headers)
	require.Equal(t, http.Header{"X-Caller": {"root"}}, r.Values)
}
