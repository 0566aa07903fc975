package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

func expectRows() []row {
	expects := func(text string) string { return `{"expect": [` + text + `]}` }
	const (
		domain = `{"domain": {"hostedZoneId": "Z1", "aliases": ["api.example.com", "*.ml.example.com"]}}`
	)
	asks := func(url string) string { return merged(domain, expects(`{"request": "GET `+url+`", "route": "*"}`)) }
	host := func(name, host string) string {
		return merged(domain, expects(`{"request": "GET /", "route": "*", "headers": {"`+name+`": "`+host+`"}}`))
	}
	foreign := func(at string) []config.Problem {
		return is(hard("E3", "expect[0]."+at))
	}
	return inDev(
		row{"E3 an alias", asks("https://api.example.com"), nil},
		row{"E3 an alias in other letters, with a port", asks("https://API.example.com:443/a"), nil},
		row{"E3 a name below a wildcard", asks("https://a.b.ml.example.com?c"), nil},
		row{"E3 the name that stands for CloudFront's", asks("https://d111111abcdef8.cloudfront.net/"), nil},
		row{"E3 an alias in Host", host("host", "api.example.com"), nil},
		row{"E3 another's name at CloudFront", asks("https://d222222abcdef8.cloudfront.net/"), foreign("request")},
		row{"E3 in other letters, with a port", asks("https://D2.CloudFront.NET:443"), foreign("request")},
		row{"E3 with a dot at its end", asks("https://d2.cloudfront.net./"), foreign("request")},
		row{"E3 behind an alias as a user", asks("https://api.example.com@d2.cloudfront.net/"), foreign("request")},
		row{"E3 another's name at CloudFront in Host", host("HOST", "d2.cloudfront.net"), foreign("headers.HOST")},
		row{"E3 another's name in Host, with a port", host("Host", "www.example.com:8443"), foreign("headers.Host")},
		row{"E3 another's name", asks("https://www.example.com/"), foreign("request")},
		row{"E3 a wildcard's own name", asks("https://ml.example.com/"), foreign("request")},
		row{"E3 without aliases", expects(`{"request": "GET https://api.example.com/", "route": "*"}`), foreign("request")},
		row{"E3 an alias that is written wrong is one problem", `{"domain": {"hostedZoneId": "Z1", "aliases": "api.example.com"},
			"expect": [{"request": "GET https://api.example.com/", "route": "*"}]}`,
			is(hard("S3", "domain.aliases"))},
		row{"E3 a domain that is a text is one problem", `{"domain": "api.example.com", "expect": [{"request": "GET https://api.example.com/", "route": "*"}]}`,
			is(hard("S3", "domain"))},
		row{"expectations of every kind", expects(`
			{"request": "POST /v1/chat", "headers": {"Origin": "https://app.example.com"}, "route": "*", "origin": "api", "cached": false,
				"forwards": ["Authorization"], "adds": {"Access-Control-Allow-Origin": "https://app.example.com"}},
			{"request": "GET http://d111111abcdef8.cloudfront.net/models/a?b=c", "status": 301},
			{"request": "GET /", "origin": "models", "status": 0, "cached": true, "shared": true}`), nil},
		row{"an expectation of no request", expects(`{"status": 403}`), is(hard("S4", "expect[0].request"))},
		row{"a request without a method", expects(`{"request": "/v1/chat", "status": 403}`), is(hard("E1", "expect[0].request"))},
		row{"a method in small letters", expects(`{"request": "get /v1/chat", "status": 403}`), is(hard("E1", "expect[0].request"))},
		row{"a request without a path", expects(`{"request": "GET v1", "status": 403}`), is(hard("E1", "expect[0].request"))},
		row{"a request of another protocol", expects(`{"request": "GET ftp://a/b", "status": 403}`), is(hard("E1", "expect[0].request"))},
		row{"a request without a host", expects(`{"request": "GET https:///b", "status": 403}`), is(hard("E1", "expect[0].request"))},
		row{"a request with a space in its path", expects(`{"request": "GET /a b", "status": 403}`), is(hard("E1", "expect[0].request"))},
		row{"a request whose URL is malformed", expects(`{"request": "GET /a%zz", "status": 403}`),
			is(hard("E1", "expect[0].request"))},
		row{"a header that is none", expects(`{"request": "GET /", "headers": {"a b": "c"}, "status": 403}`),
			is(hard("E1", `expect[0].headers["a b"]`))},
		row{"an address", expects(`{"request": "GET /", "from": "2001:db8::7", "status": 403}`), is(warning("U1", "expect[0].from"))},
		row{"a private address", expects(`{"request": "GET /", "from": "10.1.2.3", "status": 403}`), is(warning("E1", "expect[0].from"))},
		row{"an address of this machine", expects(`{"request": "GET /", "from": "::1", "status": 403}`), is(warning("E1", "expect[0].from"))},
		row{"a private address as IPv6 has it", expects(`{"request": "GET /", "from": "::ffff:192.168.1.2", "status": 403}`), is(warning("E1", "expect[0].from"))},
		row{"an address that is a range", expects(`{"request": "GET /", "from": "192.0.2.0/24", "status": 403}`), is(hard("E1", "expect[0].from"))},
		row{"an address that is none", expects(`{"request": "GET /", "from": "192.0.2", "status": 403}`), is(hard("E1", "expect[0].from"))},
		row{"an origin that is none", expects(`{"request": "GET /", "origin": "s3"}`), is(hard("E1", "expect[0].origin"))},
		row{"a status that is none", expects(`{"request": "GET /", "status": 600}`), is(hard("E1", "expect[0].status"))},
		row{"a forwarded header that is none", expects(`{"request": "GET /", "forwards": ["A:"]}`),
			is(hard("E1", "expect[0].forwards[0]"))},
		row{"an added header that is none", expects(`{"request": "GET /", "adds": {"A:": "b"}}`), is(hard("E1", `expect[0].adds["A:"]`))},
		row{"an expectation of nothing", expects(`{"request": "GET /", "status": 0, "adds": {}}`),
			is(hard("E1", "expect[0]"))},
	)
}

// TestUnmet is found after loading, and has a place in the file all the same.
func TestUnmet(t *testing.T) {
	problems := []config.Problem{
		config.Unmet(config.Hard, "prod", "expected 60, is 5", 1, "adds", "Access-Control-Max-Age"),
		config.Unmet(config.Warning, "prod", "reach nothing"),
	}
	require.NoError(t, config.Locate("testdata/expect.json", problems))
	require.Empty(t, cmp.Diff([]config.Problem{
		{Path: "environments.prod.expect[1].adds.Access-Control-Max-Age", Rule: "E2", Class: config.Hard, Message: "expected 60, is 5", Line: 10, Column: 40},
		{Path: "environments.prod.expect", Rule: "E2", Class: config.Warning, Message: "reach nothing", Line: 8, Column: 8},
	}, problems))
	require.ErrorContains(t, config.Locate("testdata/none.json", nil), "not found")
}
