package function

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
