package function

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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
