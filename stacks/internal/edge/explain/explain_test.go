package explain_test

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/shared/optional"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

func TestRequest(t *testing.T) {
	for _, r := range []struct {
		method, url string
		headers     []string
		want        map[string]string
	}{
		{"GET", "/", nil, map[string]string{}},
		{"POST", "https://api.example.com/v1/chat?a=b%20c", []string{"Origin: https://app.example.com"}, map[string]string{"Origin": "https://app.example.com"}},
		{"HEAD", "http://[::1]:80/a", []string{"x-a:1", "X-B:", "X-A:  2 "}, map[string]string{"x-a": "1, 2", "X-B": ""}},
		{"DELETE", "/a//b?c=d:e", []string{"cookie: a=1", "Cookie: b=2"}, map[string]string{"cookie": "a=1; b=2"}},
	} {
		request, err := explain.Request(r.method, r.url, r.headers)
		require.NoError(t, err, r.url)
		require.Equal(t, edge.Request{Method: r.method, URL: r.url, Headers: r.want, Values: request.Values}, request)
	}
}

// TestTwoKeys: what is given twice isn't one value for a function that checks it.
func TestTwoKeys(t *testing.T) {
	d := edgetest.Callers(t)
	for _, r := range []struct {
		headers []string
		want    bool // whether it is let in
	}{
		{[]string{"authorization: Bearer k"}, true},
		{[]string{"Authorization: Bearer k", "authorization: Bearer k"}, false},
	} {
		request, err := explain.Request("POST", "/v1/chat", r.headers)
		require.NoError(t, err)
		request, err = explain.As(d, request, "alice", false)
		require.NoError(t, err)
		require.Equal(t, r.want, d.Decide(request).Answer == nil, "%v", r.headers)
	}
}

func TestAs(t *testing.T) {
	request, err := explain.As(edgetest.Callers(t), edge.Request{URL: "/"}, "alice@example.com", true)
	require.NoError(t, err)
	require.Equal(t, edge.Request{URL: "/", Caller: "alice@example.com", Canary: true}, request)
	noKeys := edgetest.Callers(t, func(o *viewerrequest.Options) { o.KeyHeaders = nil })
	for _, r := range []struct {
		d      *edge.Distribution
		caller string
		canary bool
		want   string
	}{
		{noKeys, "alice", false, "--caller needs api.keys: without them the edge knows no callers"},
		{edgetest.Distribution(t), "", true, "--in-canary needs api.canary"},
		{edgetest.Callers(t), "a b", false, `--caller: name "a b": must be 1 to 64 letters, digits and . _ @ -, beginning with a letter or a digit`},
	} {
		_, err := explain.As(r.d, edge.Request{}, r.caller, r.canary)
		require.EqualError(t, err, r.want)
	}
	_, err = explain.As(noKeys, edge.Request{}, "", true)
	require.NoError(t, err)
}

func TestRequestRefuses(t *testing.T) {
	const form = "must begin with https://, http:// and a host, or with / for a path at the first alias"
	for _, r := range []struct {
		method, url, header, want string
	}{
		{"FETCH", "/", "A: b", `method "FETCH": not found; there are GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE`},
		{"get", "/", "A: b", `method "get": not found (did you mean GET?); there are GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE`},
		{"GET", "v1/chat", "A: b", `URL "v1/chat": ` + form},
		{"GET", "", "A: b", `URL "": ` + form},
		{"GET", "api.example.com/v1", "A: b", `URL "api.example.com/v1": ` + form},
		{"GET", "//v1/x", "A: b", `URL "//v1/x": is read as the host v1: for a path that begins with //, write the whole URL, https://HOST//v1/x`},
		{"GET", "https://api.example.com:8443/v1", "A: b", `URL "https://api.example.com:8443/v1": must have port 443, at which CloudFront takes https, or none, got 8443`},
		{"GET", "http://api.example.com:443/v1", "A: b", `URL "http://api.example.com:443/v1": must have port 80, at which CloudFront takes http, or none, got 443`},
		{"GET", "ftp://api.example.com/v1", "A: b", `URL "ftp://api.example.com/v1": ` + form},
		{"GET", "https:///v1", "A: b", `URL "https:///v1": ` + form},
		{"GET", "https://:443/v1", "A: b", `URL "https://:443/v1": ` + form},
		{"GET", "http://[::1/", "A: b", `URL "http://[::1/": missing ']' in host`},
		{"GET", "/a%zz", "A: b", `URL "/a%zz": invalid URL escape "%zz"`},
		{"GET", "/a\nb", "A: b", `URL "/a\nb": net/url: invalid control character in URL`},
		{"GET", "/", "A b", `header "A b": must be like "Name: value"`},
		{"GET", "/", ": b", `header ": b": must be like "Name: value"`},
		{"GET", "/", "A B: c", `header "A B: c": must be like "Name: value"`},
	} {
		_, err := explain.Request(r.method, r.url, []string{r.header})
		require.EqualError(t, err, r.want)
	}
}

// TestEncodings: what a person leaves out is shown with all that the key can have.
func TestEncodings(t *testing.T) {
	for _, r := range []struct {
		url     string
		headers map[string]string
		want    []string
	}{
		{"/v1/models", nil, []string{"br", "gzip"}},
		{"/v1/models", map[string]string{"accept-encoding": "gzip"}, []string{"gzip"}},
		{"/v1/models", map[string]string{"Accept-Encoding": ""}, []string{}},
		{"/block/a", nil, []string{"gzip"}},
		{"/v1/chat", nil, []string{}},
	} {
		d := explain.Decide(edgetest.Distribution(t), edge.Request{URL: r.url, Headers: r.headers})
		require.Equal(t, r.want, d.Cache.Key.Encodings, r.url)
		require.Len(t, d.Request.Headers, len(r.headers))
	}
	require.Nil(t, explain.Decide(edgetest.Distribution(t), edge.Request{Method: "POST", URL: "/v1/models"}).Cache)
}

func TestRoutes(t *testing.T) {
	routes := explain.Routes(edgetest.Distribution(t))
	require.Equal(t, `path                               methods           origin                       cached                            signed
/v1/embeddings*                    all               api                          GET HEAD 10 s (1 to 100)          no
/v1/models*                        GET HEAD OPTIONS  api, then api-failover       GET HEAD 60 s (0 to 300)          no
/preflight/*                       all               api                          GET HEAD OPTIONS 60 s (0 to 300)  no
/block/*                           all               api                          GET HEAD 0 s (0 to 60)            no
/viewer/*                          all               api                          no                                no
/inference.GRPCInferenceService/*  all               api                          no                                no
/private/*                         all               private                      no                                no
/open/*                            all               open                         no                                no
models/signed/*                    GET HEAD OPTIONS  models                       GET HEAD 60 s (0 to 300)          yes
/models/*                          GET HEAD OPTIONS  models, then models-replica  GET HEAD 86400 s (1 to 31536000)  no
*                                  all               api                          no                                no
`, explain.Table(routes))
	text, err := json.Marshal(routes[8:10])
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"route": "models/signed/*", "methods": ["GET", "HEAD", "OPTIONS"], "origin": "models", "canary": null, "failover": null,
			"cachedMethods": ["GET", "HEAD"], "minTTLSeconds": 0, "defaultTTLSeconds": 60, "maxTTLSeconds": 300, "signed": true, "apiKey": false, "public": false, "strip": null, "index": null, "allowedIPs": null},
		{"route": "/models/*", "methods": ["GET", "HEAD", "OPTIONS"], "origin": "models", "canary": null, "failover": "models-replica",
			"cachedMethods": ["GET", "HEAD"], "minTTLSeconds": 1, "defaultTTLSeconds": 86400, "maxTTLSeconds": 31536000, "signed": false, "apiKey": false, "public": false, "strip": null, "index": null, "allowedIPs": null}
	]`, string(text))
}

// TestRoutesWithAddresses says from where routes let people in.
func TestRoutesWithAddresses(t *testing.T) {
	d := edgetest.Distribution(t)
	office := []netip.Prefix{netip.MustParsePrefix("8.8.8.0/24")}
	d.Addresses = &webacl.ACL{Rules: []webacl.Rule{
		{Name: "allowed-private", Blocks: true, Outside: office, Path: &webacl.Path{Expression: regexp.MustCompile("^/private/")}}}}
	d.GeoType, d.GeoLocations = "blacklist", []string{"GB", "US"}
	lines := strings.Split(explain.Table(explain.Routes(d)), "\n")
	require.Regexp(t, `signed +from$`, lines[0])
	require.Regexp(t, `^/private/\* .* only 8\.8\.8\.0/24$`, lines[7])
	require.Regexp(t, `^/open/\* .* anywhere$`, lines[8])
	require.Equal(t, "countries: not from GB, US (distribution.geoRestriction)\n", explain.Countries(d))
	d.GeoType = "none"
	require.Empty(t, explain.Countries(d))
}

// TestRoutesWithKeys says which routes need a key, and who gets the canary.
func TestRoutesWithKeys(t *testing.T) {
	require.Equal(t, `path                               methods           origin                                cached                            signed  API key
/v1/models*                        GET HEAD OPTIONS  api or api-canary, then api-failover  GET HEAD 60 s (0 to 300)          no      yes
/shared/*                          GET HEAD OPTIONS  api or api-canary                     GET HEAD 60 s (0 to 300)          no      yes
/models/*                          GET HEAD OPTIONS  models                                GET HEAD 86400 s (1 to 31536000)  no      no
/inference.GRPCInferenceService/*  all               api or api-canary                     no                                no      yes
*                                  all               api or api-canary                     no                                no      yes
`, explain.Table(explain.Routes(edgetest.Callers(t))))

	// With several headers it is the same; what is stripped is said, and public routes need none.
	routes := explain.Routes(edgetest.Callers(t, func(o *viewerrequest.Options) { o.KeyHeaders, o.Strip = []string{"authorization", "x-api-key"}, "/v1" }))
	require.True(t, routes[0].APIKey)
	require.Equal(t, optional.Text("/v1"), routes[0].Strip)
	require.Contains(t, explain.Table(routes), "api or api-canary, then api-failover, strips /v1 ")
	public := explain.Routes(edgetest.Callers(t, func(o *viewerrequest.Options) { o.Public = true }))
	require.False(t, public[0].APIKey)
	require.True(t, public[0].Public)
	mixed := []explain.Route{explain.Routes(edgetest.Callers(t))[0], public[0]}
	require.Regexp(t, `(?m) yes\n/v1/models\*.* no, public$`, explain.Table(mixed))
}
