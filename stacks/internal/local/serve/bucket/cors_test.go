package bucket

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPreflight(t *testing.T) {
	pages := &CORS{AllowOrigins: []string{"https://app.example.com", "https://*.example.org"}, AllowHeaders: []string{"Authorization", "X-Amz-*"},
		ExposeHeaders: []string{"ETag"}, MaxAgeSeconds: 600}
	from := func(origin, method string, headers ...string) []string {
		return append([]string{"Origin", origin, "Access-Control-Request-Method", method}, headers...)
	}
	const asks = "Access-Control-Request-Headers"
	for _, r := range []struct {
		name    string
		cors    *CORS
		headers []string
		status  int
		text    string
	}{
		{"allowed", pages, from("https://app.example.com", "GET"), 200, ""},
		{"allowed by a pattern", pages, from("https://a.example.org", "HEAD"), 200, ""},
		{"allowed headers", pages, from("https://app.example.com", "GET", asks, "authorization, X-Amz-Date"), 200, ""},
		{"no configuration", nil, from("https://app.example.com", "GET"), 403, "CORSResponse: CORS is not enabled for this bucket."},
		{"another page", pages, from("https://app.example.net", "GET"), 403, "CORSResponse: This CORS request is not allowed."},
		{"another method", pages, from("https://app.example.com", "PUT"), 403, "CORSResponse: This CORS request is not allowed."},
		{"another header", pages, from("https://app.example.com", "GET", asks, "authorization,x-other"), 403, "CORSResponse: This CORS request is not allowed."},
		{"no page", pages, []string{"Access-Control-Request-Method", "GET"}, 400, "Insufficient information."},
		{"no method", pages, []string{"Origin", "https://app.example.com"}, 400, "Insufficient information."},
	} {
		t.Run(r.name, func(t *testing.T) {
			answer, text := ask(t, open(t, folder(t), r.cors), "OPTIONS", "/models/missing", r.headers...)
			require.Equal(t, r.status, answer.StatusCode)
			require.Contains(t, text, r.text)
			require.Equal(t, r.status == 200, answer.Header.Get("Access-Control-Allow-Origin") != "")
		})
	}
}

func TestPreflightHeaders(t *testing.T) {
	cors := &CORS{AllowOrigins: []string{"https://app.example.com"}, AllowHeaders: []string{"*"}, ExposeHeaders: []string{"ETag", "X-A"}, MaxAgeSeconds: 600}
	answer, _ := ask(t, open(t, folder(t), cors), "OPTIONS", "/", "Origin", "https://app.example.com", "Access-Control-Request-Method", "GET",
		"Access-Control-Request-Headers", "Authorization,range")
	require.Equal(t, http.Header{
		"Access-Control-Allow-Origin": {"https://app.example.com"}, "Access-Control-Allow-Methods": {"GET, HEAD"},
		"Access-Control-Allow-Headers": {"authorization, range"}, "Access-Control-Expose-Headers": {"ETag, X-A"},
		"Access-Control-Max-Age": {"600"}, "Content-Length": {"0"}, "Server": {"AmazonS3"}, "Vary": {vary},
	}, answer.Header)
}

func TestAnswersToPages(t *testing.T) {
	for _, r := range []struct {
		name         string
		cors         *CORS
		path, origin string
		status       int
		want         string
	}{
		{"from a page", &CORS{AllowOrigins: []string{"https://app.example.com"}}, "/models/llama.gguf", "https://app.example.com", 200, "https://app.example.com"},
		{"from any page", &CORS{AllowOrigins: []string{"*"}}, "/models/llama.gguf", "https://app.example.com", 200, "*"},
		{"errors", &CORS{AllowOrigins: []string{"*"}}, "/models/x", "https://app.example.com", 403, "*"},
		{"from another page", &CORS{AllowOrigins: []string{"https://app.example.com"}}, "/models/llama.gguf", "https://app.example.net", 200, ""},
		{"from no page", &CORS{AllowOrigins: []string{"*"}}, "/models/llama.gguf", "", 200, ""},
		{"no configuration", nil, "/models/llama.gguf", "https://app.example.com", 200, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			answer, _ := ask(t, open(t, folder(t), r.cors), "GET", r.path, "Origin", r.origin)
			require.Equal(t, r.status, answer.StatusCode)
			require.Equal(t, r.want, answer.Header.Get("Access-Control-Allow-Origin"))
			require.Equal(t, r.want != "", answer.Header.Get("Vary") != "")
		})
	}
}
