package verify_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/live/verify"
)

func at(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	return u
}

// api is the server of the API.
func api(t *testing.T, text string) map[string]*url.URL {
	t.Helper()
	return map[string]*url.URL{"api": at(t, text)}
}

// TestUnreachable ends with one line, whatever is expected.
func TestUnreachable(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = quiet
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	for _, r := range []struct {
		options verify.Options
		want    string
	}{
		{verify.Options{URL: at(t, "https://nowhere.invalid")}, "https://nowhere.invalid can't be reached: nowhere.invalid isn't in the DNS; --connect-to takes the name that CloudFront gave the distribution"},
		{verify.Options{URL: at(t, "https://api.example.com"), ConnectTo: "nowhere.invalid"},
			"https://api.example.com at nowhere.invalid can't be reached: nowhere.invalid isn't in the DNS; --connect-to takes the name that CloudFront gave the distribution"},
		{verify.Options{URL: at(t, "http://"+closed.Addr().String())}, "http://" + closed.Addr().String() + " can't be reached: connection refused"},
		{verify.Options{URL: at(t, secure.URL)}, secure.URL + " can't be reached: the certificate isn't valid (--insecure takes any, such as that of serve --tls): x509: certificate signed by unknown authority"},
		{verify.Options{URL: at(t, "https://api.example.org"), ConnectTo: secure.Listener.Addr().String(), TLS: trusting(secure)},
			"https://api.example.org at " + secure.Listener.Addr().String() + " can't be reached: the certificate isn't valid (--insecure takes any, such as that of serve --tls): x509: certificate is valid for "},
		{verify.Options{URL: at(t, "https://"+silent.Addr().String())}, "https://" + silent.Addr().String() + " can't be reached: no answer within 1s (--timeout)"},
	} {
		r.options.Timeout = time.Second
		results, err := verify.Run(t.Context(), "prod", expectations(t, moved+","+reach), edgetest.Distribution(t), r.options, func(string) {})
		require.Empty(t, results)
		require.ErrorContains(t, err, r.want)
		require.NotContains(t, err.Error(), "\n")
	}
}

func trusting(server *httptest.Server) *tls.Config {
	return server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
}

// TestSent has what the edge and the API's server receive.
func TestSent(t *testing.T) {
	var got []string
	record := func(w http.ResponseWriter, r *http.Request) {
		scheme := "http"
		if r.TLS != nil {
			scheme = "https " + r.TLS.ServerName
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %d %s %s", scheme, r.Method, r.Host, r.RequestURI, r.ContentLength,
			r.Header.Get("Authorization"), r.Header.Get("Accept-Encoding"))))
		w.Header().Set("X-Cache", "Miss from cloudfront")
	}
	for _, r := range []struct {
		expectation string
		want        []string
	}{
		{reach, []string{"https api.example.com GET api.example.com /v1/chat 0 Bearer a", "http GET ORIGIN /v1/chat 0 Bearer a"}},
		{`{"request": "GET /v1/models?limit=5", "headers": {"authorization": "Bearer b"}, "cached": false}`, []string{
			"https api.example.com GET api.example.com /v1/models?limit=5 0 Bearer b", "https api.example.com GET api.example.com /v1/models?limit=5 0 Bearer b",
			"http GET ORIGIN /v1/models?limit=5 0 Bearer b"}},
		{`{"request": "GET https://www.api.example.com/v1/chat", "route": "*"}`, nil},
		{moved, []string{"http GET api.example.com /v1/models?a=b 0"}},
		{writes, []string{"https api.example.com POST api.example.com /v1/chat 0 Bearer a", "http POST ORIGIN /v1/chat 0 Bearer a"}},
		{`{"request": "GET /models/a", "origin": "models", "headers": {"Range": "bytes=0-0"}}`, []string{
			"https api.example.com GET api.example.com /models/a 0 Bearer a", "https api.example.com GET api.example.com /models/a 0 Bearer a"}},
		// What must be refused has no rights: it would be done if it isn't refused.
		{method, []string{"https api.example.com DELETE api.example.com /v1/models 0"}},
	} {
		got = nil
		o := live(t, http.HandlerFunc(record))
		server := httptest.NewServer(http.HandlerFunc(record))
		defer server.Close()
		o.Origins, o.SendWrites, o.Headers = api(t, server.URL), true, map[string]string{"authorization": "Bearer a"}
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == server.Listener.Addr().String() {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
			return dial(ctx, network, address)
		}
		run(t, o, r.expectation)
		for i := range got {
			got[i] = strings.ReplaceAll(got[i], server.Listener.Addr().String(), "ORIGIN")
		}
		require.Equal(t, r.want, got, r.expectation)
	}
}

// TestConnectTo sends every host to one address.
func TestConnectTo(t *testing.T) {
	var hosts []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts = append(hosts, r.TLS.ServerName+" "+r.Host)
		w.Header().Set("X-Cache", "Miss from cloudfront")
	}))
	defer server.Close()
	results := run(t, verify.Options{URL: at(t, "https://api.example.com"), ConnectTo: server.Listener.Addr().String(), TLS: trusting(server), Timeout: time.Minute},
		reach+`, {"request": "GET https://api.example.com/v1/chat", "origin": "api"}`)
	require.Equal(t, []string{"api.example.com api.example.com", "api.example.com api.example.com"}, hosts)
	require.Equal(t, verify.OK, results[0].Verdict)
	hosts = nil
	// The distribution by its own name, of which the test's certificate knows nothing.
	u := at(t, server.URL)
	run(t, verify.Options{URL: u, TLS: trusting(server), Timeout: time.Minute}, reach+`, {"request": "GET https://api.example.com/v1/chat", "origin": "api"}`)
	require.Equal(t, []string{" " + u.Host, "api.example.com api.example.com"}, hosts)
}

func TestCheckURL(t *testing.T) {
	for text, good := range map[string]bool{
		"https://api.example.com": true, "https://api.example.com/": true, "http://localhost:8080": true, "https://[::1]:8443": true,
		"api.example.com": false, "https://": false, "ftp://a": false, "https://a/v1": false, "https://a?b": false, "https://a#b": false, "https://a@b": false, "https://:443": false,
	} {
		require.Equal(t, good, verify.CheckURL(at(t, text)) == nil, text)
	}
}
