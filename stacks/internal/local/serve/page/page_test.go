package page

import (
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/signed"
)

const id = "qZye4osXZxupOb06RAuK9UXOZIGwGOd2m4evBPg2h1VbQuiga1F97A=="

func TestRefusal(t *testing.T) {
	for _, r := range []struct {
		name        string
		answer      edge.Answer
		method      string
		contentType string
		want        []string
		not         string
	}{
		{"a redirect", edge.Answer{Status: 301, Reason: "redirect"}, "POST", "text/html",
			[]string{"<title>301 Moved Permanently</title>", "<hr><center>CloudFront</center>"}, id},
		{"a redirect that keeps the method", edge.Answer{Status: 307, Reason: "redirect"}, "POST", "text/html", []string{"<h1>307 Temporary Redirect</h1>"}, "301"},
		{"HTTPS only", edge.Answer{Status: 403, Reason: "redirect"}, "POST", "text/html", []string{"<h1>403 Forbidden</h1>"}, "301"},
		{"a method", edge.Answer{Status: 403, Reason: "method"}, "POST", "text/html",
			[]string{"<H1>403 ERROR</H1>", "not configured to allow the HTTP request method", "Request ID: " + id}, "Bad request"},
		{"GET with a body", edge.Answer{Status: 403, Reason: "method"}, "GET", "text/html", []string{"\nBad request.\n"}, "cachable"},
		{"a country", edge.Answer{Status: 403, Reason: "country"}, "POST", "text/html",
			[]string{"<H1>403 ERROR</H1>", "\nThe Amazon CloudFront distribution is configured to block access from your country.\n", "Request ID: " + id}, "Bad request"},
		{"a host", edge.Answer{Status: 403, Reason: "host"}, "POST", "text/html", []string{"<H1>403 ERROR</H1>", "\nBad request.\n", "Request ID: " + id}, "method"},
		{"a signature", edge.Answer{Status: 403, Reason: "signature"}, "POST", "text/xml", []string{"<Code>AccessDenied</Code>"}, "HTML"},
	} {
		t.Run(r.name, func(t *testing.T) {
			contentType, body := Refusal(edge.Decision{Request: edge.Request{Method: r.method}, Answer: &r.answer, Signature: signed.Invalid}, id)
			require.Equal(t, r.contentType, contentType)
			for _, want := range r.want {
				require.Contains(t, string(body), want)
			}
			require.NotContains(t, string(body), r.not)
		})
	}
}

func TestAFunctionAnswersItself(t *testing.T) {
	contentType, body := Refusal(edge.Decision{Answer: &edge.Answer{Status: 403, Reason: "key"}}, id)
	require.Empty(t, contentType)
	require.Empty(t, body)
}

func TestSignatures(t *testing.T) {
	for _, r := range []struct {
		signature     signed.Signature
		code, message string
	}{
		{signed.Missing, "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"},
		{signed.Invalid, "AccessDenied", "Access denied"},
		{signed.Expired, "AccessDenied", "Access denied"},
	} {
		t.Run(string(r.signature), func(t *testing.T) {
			_, body := Refusal(edge.Decision{Answer: &edge.Answer{Status: 403, Reason: "signature"}, Signature: r.signature}, id)
			var got struct {
				XMLName       xml.Name `xml:"Error"`
				Code, Message string
			}
			require.NoError(t, xml.Unmarshal(body, &got))
			require.Equal(t, r.code, got.Code)
			require.Equal(t, r.message, got.Message)
		})
	}
}

func TestFailure(t *testing.T) {
	for _, r := range []struct {
		status int
		want   string
	}{
		{502, "\nCloudFront wasn't able to connect to the origin.\nWe can't"},
		{504, "\nCloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin closed the connection.\nWe can't"},
		{500, "<HR noshade size=\"1px\">\nWe can't"},
	} {
		_, body := Failure(r.status, id)
		require.Contains(t, string(body), r.want)
	}
}

// TestFunctionFailure has the pages of functions that fail; one that answers has no page.
func TestFunctionFailure(t *testing.T) {
	for status, want := range map[int]string{
		502: "\nThe CloudFront function tried to add, delete, or change a read-only header.\nWe can't",
		503: "\nThe CloudFront function associated with the CloudFront distribution is invalid or could not run.\nWe can't",
	} {
		_, body := Refusal(edge.Decision{Answer: &edge.Answer{Status: status, Reason: "function"}}, id)
		require.Contains(t, string(body), want)
	}
	for _, reason := range []string{"function", "key"} {
		_, body := Refusal(edge.Decision{Answer: &edge.Answer{Status: 401, Reason: reason, Response: &function.Response{}}}, id)
		require.Empty(t, body)
	}
}

// TestLengths has the Content-Length of CloudFront's own pages.
func TestLengths(t *testing.T) {
	_, blocked := explained(403, "Request blocked.", id)
	require.Len(t, blocked, 919)
	require.Len(t, short(301), 167)
}

func TestEscapes(t *testing.T) {
	_, body := Failure(502, `<script>"&`)
	require.Contains(t, string(body), "Request ID: &lt;script&gt;&#34;&amp;\n")
}
