package function

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFailures(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"const a = 1;", "has no function handler"},
		{"const handler = 1;", "has no function handler"},
		{"throw new Error('a'); function handler(event) { return event.request; }", "Error: a"},
		{"function handler(event) { throw new Error('a'); }", "Error: a"},
		{"async function handler(event) { throw new Error('a'); }", "Error: a"},
		{"function handler(event) { return event.b.c; }", "TypeError: Cannot read property 'c' of undefined"},
		{"function handler(event) { a = 1; return event.request; }", "ReferenceError: a is not defined"},
		{"async function handler(event) { await new Promise(function () {}); }", "waits for what never comes"},
		{"function handler(event) { return Object.defineProperty({}, 'statusCode', {get: function () { throw new Error('a'); }}); }", "Error: a"},
		{"function handler(event) { return handler(event); }", "calls itself without end"},
		{"const kvs = cf.kvs(); function handler(event) { return event.request; }", "cf is not defined"},
		{"import cf from 'cloudfront';\nconst kvs = cf.kvs(); function handler(event) { return event.request; }", "kvs: no key value store is associated with the function"},
	} {
		_, err := compiled(t, c.code).Run(example(), nil)
		require.ErrorContains(t, err, c.want, c.code)
		require.Equal(t, 503, statusOf(t, err), c.code)
	}
}

func TestEndless(t *testing.T) {
	for _, code := range []string{
		"for (;;) {} function handler(event) { return event.request; }",
		"function handler(event) { for (;;) {} }",
		"async function wait() { for (;;) { await null; } } async function handler(event) { await wait(); }",
		"function handler(event) { return Object.defineProperty({}, 'statusCode', {get: function () { for (;;) {} }}); }",
		"async function handler(event) { try { for (;;) {} } catch (e) { return event.request; } }",
	} {
		program := compiled(t, code)
		program.limit = 50 * time.Millisecond
		_, err := program.Run(example(), nil)
		require.ErrorContains(t, err, "it ran for more than 50ms", code)
		require.Equal(t, 503, statusOf(t, err), code)
	}
}

// A run ends with its caller, and one that ended in time is none of a later end's business.
func TestCallerLeaves(t *testing.T) {
	program := compiled(t, "function handler(event) { while (event.request.uri === '/endless') {} return event.request; }")
	program.limit = time.Hour
	ctx, leave := context.WithCancel(t.Context())
	_, err := program.Run(Event{Method: "GET", URI: "/", Context: ctx}, nil)
	require.NoError(t, err)
	time.AfterFunc(time.Millisecond, leave)
	_, err = program.Run(Event{Method: "GET", URI: "/endless", Context: ctx}, nil)
	require.ErrorContains(t, err, "its caller left")
	_, err = program.Run(Event{Method: "GET", URI: "/"}, nil)
	require.NoError(t, err)
}

// One run that never ends costs no other one.
func TestEndlessOnce(t *testing.T) {
	program := compiled(t, "function handler(event) { while (event.request.uri === '/endless') {} return event.request; }")
	for _, uri := range []string{"/endless", "/", "/endless", "/"} {
		program.limit = time.Minute
		if uri == "/endless" {
			program.limit = 20 * time.Millisecond
		}
		_, err := program.Run(Event{Method: "GET", URI: uri}, nil)
		require.Equal(t, uri == "/endless", err != nil, uri)
	}
	// Nor does one that ends just when its time is up.
	for i := range 2000 {
		program.limit = time.Duration(i%100) * time.Microsecond
		_, _ = program.Run(Event{Method: "GET", URI: "/"}, nil)
		program.limit = time.Minute
		_, err := program.Run(Event{Method: "GET", URI: "/"}, nil)
		require.NoError(t, err)
	}
}

func TestRestricted(t *testing.T) {
	for _, code := range []string{
		"eval('1')", "(0, eval)('1')", "Function('return 1')", "new Function('return 1')", "(function () {}).constructor('return 1')",
		"handler.constructor('return 1')", "(() => 1).constructor('return 1')", "globalThis.a = 1", "globalThis.Function('return 1')",
		"setTimeout(handler)", "setImmediate(handler)", "clearTimeout(1)", "fetch('a')", "require('fs')", "process.env", "XMLHttpRequest",
		"require('querystring')", "cf.updateRequestOrigin({})", "cf.kvs().meta()",
	} {
		require.Equal(t, "refused", answered(t, "try { const a = "+code+"; await a; } catch (error) { return {statusCode: 200, body: 'refused'}; } "+
			"return {statusCode: 200, body: 'done'};", example(), Map{}), code)
	}
}

func TestTime(t *testing.T) {
	body := `const begin = Date.now(); for (let i = 0; i < 100000; i++) {} return {statusCode: 200, body: [begin, Date.now(), new Date().toISOString()].join()};`
	require.Equal(t, "1764000000000,1764000000000,2025-11-24T16:00:00.000Z", answered(t, body, example(), nil))

	random := compiled(t, "function handler(event) { return {statusCode: 200, body: [Math.random(), Math.random()].join()}; }")
	drawn := func(e Event) string {
		result, err := random.Run(e, nil)
		require.NoError(t, err)
		return result.Response.Body
	}
	later := example()
	later.Time = later.Time.Add(time.Second)
	require.Equal(t, drawn(example()), drawn(example()))
	require.NotEqual(t, drawn(example()), drawn(later))
}

func TestLog(t *testing.T) {
	program := compiled(t, "function handler(event) { console.log('a' + 1, 'b'); console.log({}); return event.request; }")
	for range 2 {
		result, err := program.Run(example(), nil)
		require.NoError(t, err)
		require.Equal(t, []string{"a1", "[object Object]"}, result.Log)
	}
}

// A run leaves nothing to the next, whether it ends well or not.
func TestRunsAreApart(t *testing.T) {
	program := compiled(t, `import cf from 'cloudfront';
let runs = 0;
const seen = [];
async function handler(event) {
  runs++;
  seen.push(event.request.uri);
  cf.selectRequestOriginById('a');
  const fail = await cf.kvs().exists('fail');
  if (fail) { throw new Error('a'); }
  return { statusCode: 200, body: runs + seen.join() };
}`)
	for i, store := range []Map{nil, {"fail": ""}, nil, nil} {
		e := example()
		e.URI = fmt.Sprint("/", i)
		result, err := program.Run(e, store)
		if store != nil {
			require.Error(t, err)
			require.Equal(t, Result{}, result)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("1/", i), result.Response.Body)
	}
}

func TestConcurrentRuns(t *testing.T) {
	program := compiled(t, `import cf from 'cloudfront';
async function handler(event) {
  const value = await cf.kvs().get('key');
  event.request.headers['x-value'] = { value: value };
  return event.request;
}`)
	var group sync.WaitGroup
	failures := make(chan string, 1000)
	for i := range 8 {
		group.Go(func() {
			for j := range 100 {
				value := fmt.Sprint(i, "-", j)
				result, err := program.Run(Event{Method: "GET", URI: "/"}, Map{"key": value})
				if err != nil || result.Headers["x-value"][0] != value {
					failures <- fmt.Sprint(value, result, err)
				}
			}
		})
	}
	group.Wait()
	close(failures)
	require.Empty(t, failures)
}

func BenchmarkRun(b *testing.B) {
	program, event := compiled(b, "function handler(event) { return event.request; }"), example()
	for b.Loop() {
		if _, err := program.Run(event, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// AWS's example of an event, which is of a viewer response; a viewer request's has the same request, and no response.
func TestEvent(t *testing.T) {
	text, err := os.ReadFile("testdata/event.json")
	require.NoError(t, err)
	var want, got map[string]any
	require.NoError(t, json.Unmarshal(text, &want))
	delete(want, "response")
	context := want["context"].(map[string]any)
	context["eventType"] = "viewer-request"
	delete(context, "requestId")

	e := Event{
		Method: "GET", URI: "/media/index.mpd", Query: "ID=42&Exp=1619740800&TTL=1440&NoValue=&querymv=val1&querymv=val2,val3",
		IP: "198.51.100.11", Domain: "d111111abcdef8.cloudfront.net", ID: "EDFDVBD6EXAMPLE",
		Headers: map[string][]string{
			"host": {"video.example.com"}, "user-agent": {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:83.0) Gecko/20100101 Firefox/83.0"},
			"accept": {"application/json", "application/xml", "text/html"}, "accept-language": {"en-GB,en;q=0.5"},
			"accept-encoding": {"gzip, deflate, br"}, "origin": {"https://website.example.com"},
			"referer": {"https://website.example.com/videos/12345678?action=play"}, "cloudfront-viewer-country": {"GB"},
		},
		Cookies: map[string][]string{
			"Cookie1": {"value1"}, "Cookie2": {"value2"}, "cookie_consent": {"true"}, "cookiemv": {"value3", "value4"},
		},
	}
	require.NoError(t, json.Unmarshal([]byte(answered(t, "return {statusCode: 200, body: JSON.stringify(event)};", e, nil)), &got))
	require.Equal(t, want, got)

	result, err := handled(t, "return request;", e, nil)
	require.NoError(t, err)
	require.Equal(t, Result{URI: e.URI, Query: e.Query, Headers: e.Headers, Cookies: e.Cookies}, result)
}

func TestNamesOfJavaScript(t *testing.T) {
	e := example()
	e.Query = "__proto__=1&constructor=2"
	e.Headers = map[string][]string{"__proto__": {"1"}, "constructor": {"2"}, "host": {"a"}}
	e.Cookies = map[string][]string{"__proto__": {"1"}}
	names := answered(t, "return {statusCode: 200, body: Object.keys(request.headers).join()};", e, nil)
	require.Equal(t, "__proto__,constructor,host", names)
	result, err := handled(t, "return request;", e, nil)
	require.NoError(t, err)
	require.Equal(t, Result{URI: e.URI, Query: e.Query, Headers: e.Headers, Cookies: e.Cookies}, result)
}

// What isn't UTF-8 is shown as ISO-8859-1, and goes on as it came unless the function changes it.
func TestEncoding(t *testing.T) {
	e := example()
	e.URI, e.Query = "/\xe9", "q=\xe9"
	e.Headers = map[string][]string{"x-one": {"\xe9"}, "x-two": {"\xe9", "é"}}
	e.Cookies = map[string][]string{"s": {"\xe9"}}
	require.Equal(t, "/é é é é", answered(t, `const r = request; return {statusCode: 200,
		body: [r.uri, r.querystring.q.value, r.headers['x-one'].value, r.cookies.s.value].join(' ')};`, e, nil))
	result, err := handled(t, "return request;", e, nil)
	require.NoError(t, err)
	require.Equal(t, Result{URI: e.URI, Query: e.Query, Headers: e.Headers, Cookies: e.Cookies}, result)

	result, err = handled(t, "request.headers['x-one'].value += '!'; request.querystring.p = {value: '1'}; return request;", e, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"é!"}, result.Headers["x-one"])
	require.Equal(t, "q=é&p=1", result.Query)
}

// Functions don't see the disallowed headers, nor the cookies among the headers; these headers go on.
func TestHiddenHeaders(t *testing.T) {
	e := example()
	e.Headers = map[string][]string{"connection": {"close"}, "x-edge-a": {"1"}, "x-amz-cf-b": {"2"}, "x-forwarded-proto": {"https"},
		"client-cert": {":a:"}, "cookie": {"s=1"}, "x-edgeless": {"3"}}
	require.Equal(t, "x-edgeless", answered(t, "return {statusCode: 200, body: Object.keys(request.headers).join()};", e, nil))
	result, err := handled(t, "delete request.headers['x-edgeless']; return request;", e, nil)
	require.NoError(t, err)
	require.Equal(t, map[string][]string{"connection": {"close"}, "x-edge-a": {"1"}, "x-amz-cf-b": {"2"}, "x-forwarded-proto": {"https"},
		"client-cert": {":a:"}}, result.Headers)
}

// TestManyParameters costs their number, not its square.
func TestManyParameters(t *testing.T) {
	e := example()
	var query strings.Builder
	for i := range 200_000 {
		query.WriteString("&" + strconv.Itoa(i))
	}
	e.Query = query.String()
	program := compiled(t, "function handler(event) { return event.request; }")
	program.limit = time.Hour
	ended := make(chan error, 1)
	go func() {
		_, err := program.Run(e, nil)
		ended <- err
	}()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("it takes a minute")
	}
}

func TestChanges(t *testing.T) {
	headers := func(changed map[string][]string) func(*Result) { return func(r *Result) { r.Headers = changed } }
	host := []string{"api.example.com"}
	for _, c := range []struct {
		body string
		want func(*Result)
	}{
		{"", func(*Result) {}},
		// CloudFront Functions event structure, Duplicate query strings, headers, and cookies: the two rules.
		{"request.headers.accept.value = 'c';", headers(map[string][]string{"host": host, "accept": {"c", "b"}, "x-one": {"1"}})},
		{"request.headers.accept.value = 'c'; request.headers.accept.multiValue[1].value = 'd';",
			headers(map[string][]string{"host": host, "accept": {"a", "d"}, "x-one": {"1"}})},
		{"request.headers.accept.multiValue = [{value: 'e'}];", headers(map[string][]string{"host": host, "accept": {"e"}, "x-one": {"1"}})},
		{"request.headers.accept.multiValue.push({value: 'e'});", headers(map[string][]string{"host": host, "accept": {"a", "b", "e"}, "x-one": {"1"}})},
		{"request.headers.accept = {value: 'c'};", headers(map[string][]string{"host": host, "accept": {"c"}, "x-one": {"1"}})},
		{"request.headers['x-one'].multiValue = [{value: '1'}, {value: '2'}];",
			headers(map[string][]string{"host": host, "accept": {"a", "b"}, "x-one": {"1", "2"}})},
		{"request.headers['x-two'] = {value: '2'}; delete request.headers['x-one'];",
			headers(map[string][]string{"host": host, "accept": {"a", "b"}, "x-two": {"2"}})},
		{"request.headers = {host: request.headers.host};", headers(map[string][]string{"host": host})},
		{"request.headers.accept.multiValue = [];", headers(map[string][]string{"host": host, "x-one": {"1"}})},
		{"request.uri = '/index.html';", func(r *Result) { r.URI = "/index.html" }},
		{"request.querystring.a.value = '9';", func(r *Result) { r.Query = "a=9&a=3&b=2" }},
		{"delete request.querystring.a; request.querystring.c = {value: ''};", func(r *Result) { r.Query = "b=2&c=" }},
		{"request.querystring = 'ID=42&NoValue=&ID=43';", func(r *Result) { r.Query = "ID=42&NoValue=&ID=43" }},
		{"request.querystring = {};", func(r *Result) { r.Query = "" }},
		{"request.cookies.s.value = '2'; request.cookies.t = {value: '3'};",
			func(r *Result) { r.Cookies = map[string][]string{"s": {"2"}, "t": {"3"}} }},
	} {
		e := example()
		want := Result{URI: e.URI, Query: e.Query, Headers: e.Headers, Cookies: e.Cookies}
		c.want(&want)
		result, err := handled(t, c.body+" return request;", e, nil)
		require.NoError(t, err, c.body)
		require.Equal(t, want, result, c.body)
	}
}

func TestInvalid(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"return undefined;", "returned undefined: must be a request or a response"},
		{"return null;", "returned null: must be a request or a response"},
		{"return 'a';", "returned a: must be a request or a response"},
		{"return event;", "method: must stay GET, is <nil>"},
		{"request.method = 'POST'; return request;", "method: must stay GET, is POST"},
		{"request.uri = 'a'; return request;", "uri: must begin with a slash, is a"},
		{"delete request.uri; return request;", "uri: must begin with a slash, is undefined"},
		{"request.uri = '/' + 'a'.repeat(8191 - 12); return request;", "uri: must have fewer than 8192 characters with its query string"},
		{"request.querystring = 'a b'; return request;", "querystring: must have no spaces, control characters or #"},
		{"request.querystring = 'a#b'; return request;", "querystring: must have no spaces, control characters or #"},
		{"request.querystring.a = '1'; return request;", `querystring["a"] must be an object with a value`},
		{"request.headers['x-a'] = 'a'; return request;", `headers["x-a"] must be an object with a value`},
		{"request.headers['x-a'] = {}; return request;", `headers["x-a"] must have a value`},
		{"request.headers['x-a'] = {value: 1}; return request;", `headers["x-a"] must have a text as its value, has 1`},
		{"request.headers['x-a'] = {value: undefined}; return request;", `headers["x-a"] must have a text as its value, has undefined`},
		{"request.headers['x-a'] = {multiValue: 'a'}; return request;", `headers["x-a"] must have an array in multiValue`},
		{"request.headers['x-a'] = {multiValue: ['a']}; return request;", `headers["x-a"] must have objects with a value in multiValue`},
		{"request.headers['X-A'] = {value: 'a'}; return request;", `header "X-A": must be a name in lower case`},
		{"request.headers['x a'] = {value: 'a'}; return request;", `header "x a": must be a name in lower case`},
		{"request.headers[''] = {value: 'a'}; return request;", `header "": must be a name in lower case`},
		{"request.headers['x-a'] = {value: 'a\\r\\nb: c'}; return request;", `header x-a: must not have control characters`},
		{"request.headers.connection = {value: 'close'}; return request;", "header connection: a function can't add it"},
		{"request.headers['x-edge-a'] = {value: 'a'}; return request;", "header x-edge-a: a function can't add it"},
		{"request.headers['x-amz-cf-a'] = {value: 'a'}; return request;", "header x-amz-cf-a: a function can't add it"},
		{"request.headers.cookie = {value: 'a=b'}; return request;", "header cookie: cookies are in the object cookies"},
		{"request.headers.host.value = 'b'; return request;", "header host: is read-only"},
		{"delete request.headers.host; return request;", "header host: is read-only"},
		{"request.headers.via = {value: 'a'}; return request;", "header via: is read-only"},
		{"request.headers['content-length'] = {value: '1'}; return request;", "header content-length: is read-only"},
		{"request.headers['cdn-loop'] = {value: 'a'}; return request;", "header cdn-loop: is read-only"},
		{"request.headers['transfer-encoding'] = {value: 'chunked'}; return request;", "header transfer-encoding: is read-only"},
		{"delete request.headers; return request;", "headers must be an object"},
		{"delete request.cookies; return request;", "cookies must be an object"},
		{"return {statusCode: '401'};", "statusCode: must be a number from 200 to 599, is 401"},
		{"return {statusCode: 101};", "statusCode: must be a number from 200 to 599, is 101"},
		{"return {statusCode: 600};", "statusCode: must be a number from 200 to 599, is 600"},
		{"return {statusCode: 200.5};", "statusCode: must be a number from 200 to 599, is 200.5"},
		{"return {statusCode: 200, headers: {a: 'b'}};", `headers["a"] must be an object with a value`},
		{"return {statusCode: 200, headers: {'x-cache': {value: 'b'}}};", "header x-cache: a function can't add it"},
		{"return {statusCode: 200, headers: {'content-length': {value: '1'}}};", "header content-length: is read-only"},
		{"return {statusCode: 200, body: {encoding: 'hex', data: ''}};", "body: must have the encoding text or base64"},
		{"return {statusCode: 200, body: {encoding: 'base64', data: '*'}};", "body: illegal base64 data at input byte 0"},
		{"return {statusCode: 200, cookies: {}};", "cookies: this model doesn't know those of a response"},
	} {
		result, err := handled(t, c.body, example(), nil)
		require.Equal(t, Result{}, result, c.body)
		require.Equal(t, &Error{Function: "f", Status: 502, Message: c.want}, err, c.body)
		require.EqualError(t, err, "function f: "+c.want+" (CloudFront answers 502)")
	}
	// What came in is nobody's mistake.
	e := example()
	e.URI, e.Headers["x-control"] = "/"+string(make([]byte, 9000)), []string{"a"}
	_, err := handled(t, "return request;", e, nil)
	require.NoError(t, err)
}

func TestResponse(t *testing.T) {
	for _, c := range []struct {
		body string
		want Response
	}{
		{"return {statusCode: 204};", Response{Status: 204, Headers: map[string][]string{}}},
		{"return {statusCode: 401, statusDescription: 'Unauthorized', headers: {a: {value: 'b'}, c: {multiValue: [{value: 'd'}, {value: 'e'}]}}, body: 'é'};",
			Response{Status: 401, Headers: map[string][]string{"a": {"b"}, "c": {"d", "e"}}, Body: "é"}},
		{"return {statusCode: 200, body: {encoding: 'text', data: 'a'}};", Response{Status: 200, Headers: map[string][]string{}, Body: "a"}},
		{"return {statusCode: 200, body: {encoding: 'base64', data: 'AAE='}};", Response{Status: 200, Headers: map[string][]string{}, Body: "\x00\x01"}},
		// A response has no origin.
		{"cf.selectRequestOriginById('a'); return {statusCode: 200};", Response{Status: 200, Headers: map[string][]string{}}},
	} {
		result, err := handled(t, c.body, example(), nil)
		require.NoError(t, err, c.body)
		require.Equal(t, Result{Response: &c.want}, result, c.body)
	}
}
