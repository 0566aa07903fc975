package edge

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDecisionJSON holds the JSON that people's scripts read.
func TestDecisionJSON(t *testing.T) {
	request := Request{Method: "GET", URL: "https://api.example.com/v1/models?limit=5", Headers: map[string]string{
		"Origin": "https://app.example.com", "Accept-Encoding": "gzip, deflate, br",
	}}
	for _, r := range []struct {
		request Request
		want    string
	}{
		{request, `{
  "request": {
    "method": "GET",
    "url": "https://api.example.com/v1/models?limit=5",
    "headers": {
      "Accept-Encoding": "gzip, deflate, br",
      "Origin": "https://app.example.com"
    }
  },
  "tried": [
    {
      "route": "/v1/embeddings*",
      "matches": false
    },
    {
      "route": "/v1/models*",
      "matches": true
    }
  ],
  "route": "/v1/models*",
  "answer": null,
  "signature": "none",
  "function": null,
  "cache": {
    "lookup": true,
    "store": true,
    "minTTLSeconds": 0,
    "defaultTTLSeconds": 60,
    "maxTTLSeconds": 300,
    "key": {
      "path": "/v1/models",
      "query": "limit=5",
      "headers": {
        "Authorization": null
      },
      "cookies": {},
      "encodings": [
        "br",
        "gzip"
      ]
    }
  },
  "shared": {
    "others": false,
    "same": [
      "Authorization"
    ]
  },
  "origin": {
    "id": "api",
    "url": "https://inference.example.com/v1/models?limit=5",
    "host": "inference.example.com",
    "headers": {
      "Authorization": null,
      "X-Origin-Verify": "(secret ml-api/prod/origin-verify)"
    },
    "cookies": {},
    "failover": {
      "id": "api-failover",
      "on": [
        500,
        502,
        503,
        504
      ]
    },
    "readTimeoutSeconds": 120,
    "connectionAttempts": 2,
    "connectionTimeoutSeconds": 5
  },
  "response": {
    "headers": {
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Allow-Origin": "https://app.example.com",
      "Access-Control-Expose-Headers": "X-Request-Id",
      "Content-Security-Policy": "default-src 'none'",
      "Referrer-Policy": "same-origin",
      "Server-Timing": "(on 50% of the answers)",
      "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
      "X-Content-Type-Options": "nosniff",
      "X-Edge": "cloudfront",
      "X-Frame-Options": "DENY",
      "X-XSS-Protection": "1; report=https://example.com/xss"
    },
    "errorSeconds": {
      "403": 0,
      "404": 0,
      "414": 10,
      "500": 10,
      "501": 10,
      "502": 7,
      "503": 10,
      "504": 10
    }
  },
  "allowedIPs": null
}`},
		{Request{URL: "https://other.example.com/"}, `{
  "request": {
    "method": "GET",
    "url": "https://other.example.com/",
    "headers": {}
  },
  "tried": [],
  "route": null,
  "answer": {
    "status": 403,
    "reason": "host",
    "location": null
  },
  "signature": "none",
  "function": null,
  "cache": null,
  "shared": {
    "others": false,
    "same": []
  },
  "origin": null,
  "response": {
    "headers": {},
    "errorSeconds": {}
  },
  "allowedIPs": null
}`},
	} {
		text, err := json.MarshalIndent(parsed(t).Decide(r.request), "", "  ")
		require.NoError(t, err)
		require.Equal(t, r.want, string(text))
	}
}

// TestAnswer has what CloudFront answers itself, each with its page in the CloudFront Developer Guide.
func TestAnswer(t *testing.T) {
	d := parsed(t)
	for _, r := range []struct {
		name    string
		request Request
		want    *Answer
	}{
		{"an alias", Request{URL: "https://api.example.com/"}, nil},
		{"in capitals, with a port", Request{URL: "https://API.example.com:443/"}, nil},
		// Use wildcards in alternate domain names.
		{"below a wildcard", Request{URL: "https://eu.ml.example.com/"}, nil},
		{"deeper below a wildcard", Request{URL: "https://a.eu.ml.example.com/"}, nil},
		{"the name of a wildcard", Request{URL: "https://ml.example.com/"}, &Answer{Status: 403, Reason: "host"}},
		{"its own name", Request{URL: "https://d111111abcdef8.cloudfront.net/"}, nil},
		{"the name that AWS chooses", Request{URL: "https://d3pp1n2wd5f8cv.cloudfront.net/"}, nil},
		// HTTP 403 status code (Permission Denied), Alternate CNAME is incorrectly configured.
		{"another name", Request{URL: "https://www.example.com/"}, &Answer{Status: 403, Reason: "host"}},
		{"another name in the header", Request{URL: "/", Headers: map[string]string{"host": "www.example.com"}}, &Answer{Status: 403, Reason: "host"}},

		// Require HTTPS for communication between viewers and CloudFront.
		{"GET by HTTP", Request{URL: "http://api.example.com/a?b"}, &Answer{Status: 301, Reason: "redirect", Location: "https://api.example.com/a?b"}},
		{"HEAD by HTTP", Request{Method: "HEAD", URL: "http://api.example.com/"}, &Answer{Status: 301, Reason: "redirect", Location: "https://api.example.com/"}},
		{"POST by HTTP", Request{Method: "POST", URL: "http://api.example.com/a"}, &Answer{Status: 307, Reason: "redirect", Location: "https://api.example.com/a"}},
		{"OPTIONS by HTTP", Request{Method: "OPTIONS", URL: "http://api.example.com/a"}, &Answer{Status: 307, Reason: "redirect", Location: "https://api.example.com/a"}},
		{"by HTTP where only HTTPS is let in", Request{URL: "http://api.example.com/private/a"}, &Answer{Status: 403, Reason: "redirect"}},
		{"by HTTP where both are let in", Request{URL: "http://api.example.com/open/a"}, nil},

		// HTTP 403 status code (Invalid method).
		{"POST to what is only read", Request{Method: "POST", URL: "/v1/models"}, &Answer{Status: 403, Reason: "method"}},
		{"OPTIONS to what is only read", Request{Method: "OPTIONS", URL: "/v1/models"}, nil},
		{"a method that CloudFront doesn't know", Request{Method: "PROPFIND", URL: "/"}, &Answer{Status: 403, Reason: "method"}},
		// Request and response behavior for custom origins, GET requests that include a body.
		{"GET with a body", Request{URL: "/v1/chat", Body: true}, &Answer{Status: 403, Reason: "method"}},
		{"POST with a body", Request{Method: "POST", URL: "/v1/chat", Body: true}, nil},

		// HTTP 403 status code (Permission Denied), Signed URL or signed cookie configuration returns a 403 error.
		{"no signature where one is needed", Request{URL: "/models/signed/a"}, &Answer{Status: 403, Reason: "signature"}},
	} {
		decision := d.Decide(r.request)
		require.Equal(t, r.want, decision.Answer, r.name)
		require.Equal(t, r.want != nil, decision.Cache == nil, r.name)
		require.Equal(t, r.want != nil, decision.Origin == nil, r.name)
	}
}

func TestCompression(t *testing.T) {
	d := parsed(t)
	accepts := headers("Accept-Encoding", "gzip, deflate, br")
	header := http.Header{"Content-Type": {"application/json"}, "Content-Length": {"5000"}}
	for _, r := range []struct {
		name    string
		request Request
		want    string
	}{
		{"both", Request{URL: "/v1/models", Headers: accepts}, "br"},
		{"one", Request{URL: "/v1/models", Headers: headers("Accept-Encoding", "gzip")}, "gzip"},
		{"HEAD", Request{Method: "HEAD", URL: "/v1/models", Headers: accepts}, "br"},
		{"a caller who takes none", Request{URL: "/v1/models"}, ""},
		{"a route without a cache", Request{URL: "/v1/chat", Headers: accepts}, ""},
		{"what isn't kept", Request{Method: "OPTIONS", URL: "/v1/models", Headers: accepts}, ""},
		{"what CloudFront answers itself", Request{Method: "POST", URL: "/v1/models", Headers: accepts}, ""},
		{"another host", Request{URL: "https://other.example.com", Headers: accepts}, ""},
	} {
		require.Equal(t, r.want, d.Decide(r.request).Compression(200, header), r.name)
	}
	d.Behaviors[1].Compress = false
	require.Empty(t, d.Decide(Request{URL: "/v1/models", Headers: accepts}).Compression(200, header), "a behavior that doesn't compress")
}

func TestRoute(t *testing.T) {
	d := parsed(t)
	for _, r := range []struct{ url, route, originURL string }{
		// Specify a default root object.
		{"/", "*", "https://inference.example.com/index.html"},
		{"/?a=1", "*", "https://inference.example.com/index.html?a=1"},
		{"/install/", "*", "https://inference.example.com/install/"},
		{"", "*", "https://inference.example.com/index.html"},
		{"https://api.example.com?a=1", "*", "https://inference.example.com/index.html?a=1"},
		{"/v1/chat#part", "*", "https://inference.example.com/v1/chat"},
		{"/v1/embeddings/large", "/v1/embeddings*", "https://inference.example.com/v1/embeddings/large"},
		// Path normalization: the raw path goes to the origin.
		{"/v1/../v1//models/a%7Eb", "/v1/models*", "https://inference.example.com/v1/../v1//models/a%7Eb"},
		{"/private/a", "/private/*", "https://internal.example.com:8443/private/a"},
		{"/open/a", "/open/*", "https://open.example.com:8443/api/open/a"},
		{"http://api.example.com/open/a", "/open/*", "http://open.example.com:8080/api/open/a"},
		{"/models/a%20b.gguf", "/models/*", "https://(bucket test-models)/models/a%20b.gguf"},
		{"/V1/models", "*", "https://inference.example.com/V1/models"},
	} {
		decision := d.Decide(Request{URL: r.url})
		require.Equal(t, r.route, decision.Route, r.url)
		require.Equal(t, r.originURL, decision.Origin.URL, r.url)
		last := decision.Tried[len(decision.Tried)-1]
		require.Equal(t, Tried{r.route, true}, last, r.url)
	}
	decision := d.Decide(Request{Method: "POST", URL: "/"})
	require.Equal(t, "https://inference.example.com/index.html", decision.Origin.URL, "the root object is for all methods")
}

func TestDecideIsPure(t *testing.T) {
	d := parsed(t)
	request := Request{URL: "/v1/models", Headers: map[string]string{"origin": "a", "Origin": "b", "ORIGIN": "c"}}
	first := d.Decide(request)
	require.Equal(t, Plain("c, b, a"), d.Decide(Request{URL: "/v1/chat", Headers: request.Headers}).Origin.Headers["Origin"])
	first.Response.ErrorSeconds[404] = 99
	first.Response.Headers["X"] = "y"
	for range 20 {
		again := d.Decide(request)
		require.Equal(t, 0, again.Response.ErrorSeconds[404])
		require.NotContains(t, again.Response.Headers, "X")
		require.Equal(t, first.Origin, again.Origin)
	}
}
