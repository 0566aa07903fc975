package text_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/text"
)

func TestText(t *testing.T) {
	d := edgetest.Distribution(t)
	for _, r := range []struct {
		request edge.Request
		want    string
	}{
		{edge.Request{URL: "/v1/models?limit=5", Headers: map[string]string{"Authorization": "Bearer x", "Accept-Encoding": "gzip"}}, `goes to api as https://inference.example.com/v1/models?limit=5, cached for 60 s, or from 0 to 300 s as the origin says
route   /v1/models*
        not /v1/embeddings*
key     /v1/models?limit=5
        Authorization: Bearer x
        compressed as gzip
origin  api as inference.example.com
        Authorization: Bearer x
        X-Origin-Verify: (secret ml-api/prod/origin-verify)
        CloudFront's own Accept-Encoding, Connection, User-Agent, Via, X-Amz-Cf-Id, X-Forwarded-For
        waits 120 s for an answer, tries to connect 2 times for 5 s
        fails over to api-failover as standby.example.com on 500, 502, 503, 504
answer  Content-Security-Policy: default-src 'none'
        Referrer-Policy: same-origin
        Server-Timing: (on 50% of the answers)
        Strict-Transport-Security: max-age=31536000; includeSubDomains; preload
        X-Content-Type-Options: nosniff
        X-Edge: cloudfront
        X-Frame-Options: DENY
        X-XSS-Protection: 1; report=https://example.com/xss
        errors are cached: 403, 404 for 0 s; 502 for 7 s; 414, 500, 501, 503, 504 for 10 s
`},
		{edge.Request{Method: "POST", URL: "/open/a", Headers: map[string]string{"Cookie": "b=1; a=2"}}, `goes to open as https://open.example.com:8443/api/open/a, not cached: no cache on this route
route   /open/*
        not /v1/embeddings*, /v1/models*, /preflight/*, /block/*, /viewer/*, /inference.GRPCInferenceService/*, /private/*
key     /open/a
origin  open as open.example.com
        X-Edge: cloudfront
        CloudFront's own Connection, Via, X-Amz-Cf-Id, X-Forwarded-For
        cookies a, b
        waits 30 s for an answer, tries to connect 3 times for 10 s
answer  errors aren't cached
`},
		{edge.Request{URL: "https://www.example.com/"}, "is answered with 403 Forbidden: the host is none of the distribution's\n"},
	} {
		require.Equal(t, r.want, text.Of(d.Decide(r.request)))
	}
	for _, r := range []struct {
		request edge.Request
		want    string
	}{
		{edge.Request{URL: "http://api.example.com/a"}, "is answered with 301 Moved Permanently: to https://api.example.com/a"},
		{edge.Request{URL: "http://api.example.com/private/a"}, "is answered with 403 Forbidden: only HTTPS is let in"},
		{edge.Request{Method: "POST", URL: "/models/a"}, "is answered with 403 Forbidden: POST isn't let in here"},
		{edge.Request{URL: "/models/signed/a"}, "is answered with 403 Forbidden: the signature is missing"},
		{edge.Request{Method: "POST", URL: "/v1/embeddings"}, "goes to api as https://inference.example.com/v1/embeddings, not cached: POST is none of the cached methods"},
		{edge.Request{URL: "/v1/embeddings", Headers: map[string]string{"Upgrade": "websocket"}}, "goes to api as https://inference.example.com/v1/embeddings, not cached: a WebSocket"},
		{edge.Request{URL: "/v1/embeddings"}, "goes to api as https://inference.example.com/v1/embeddings, cached for 10 s, or from 1 to 100 s as the origin says"},
	} {
		require.Equal(t, r.want, text.Verdict(d.Decide(r.request)))
	}
}
