package inspect

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// answered is an exchange whose answer has just begun.
func answered(t *testing.T, d *edge.Distribution, id, method, target string, header http.Header, result exchange.Result) *exchange.Exchange {
	t.Helper()
	u, err := url.Parse(target)
	require.NoError(t, err)
	now, headers := time.Now(), map[string]string{}
	for name := range header {
		headers[name] = header.Get(name)
	}
	return &exchange.Exchange{
		ID: id, Begin: now.Add(-12 * time.Millisecond), Answered: now, Method: method, Host: "localhost:8080", Protocol: "HTTP/1.1",
		URL: u, Header: header, RequestBytes: 321, Caller: netip.MustParseAddrPort("127.0.0.1:50001"),
		TLS:      &tls.ConnectionState{Version: tls.VersionTLS13},
		Decision: d.Decide(edge.Request{Method: method, URL: target, Headers: headers, Trusted: true}),
		Result:   result, Status: http.StatusOK, AnswerHeader: http.Header{"Content-Type": {"application/json"}, "X-Cache": {result.XCache()}},
	}
}

// missed is one that was got from the origin, and kept.
func missed(t *testing.T, d *edge.Distribution, id, target string, header http.Header) *exchange.Exchange {
	t.Helper()
	e := answered(t, d, id, http.MethodGet, target, header, exchange.Miss)
	sent := http.Header{"X-Amz-Cf-Id": {id}}
	for name := range header {
		sent[name] = header[name]
	}
	e.Sent = []exchange.Sent{{Origin: "api", Method: http.MethodGet, URL: "http://localhost:8000" + target, Header: sent, Status: http.StatusOK, Took: 11 * time.Millisecond}}
	e.Stored, e.Why, e.Lifetime = true, "the origin says nothing, the policy 60 s", freshness.Lifetime{Fresh: 60, StaleIfError: 240}
	return e
}

func ended(e *exchange.Exchange) *exchange.Exchange {
	e.End, e.BodyBytes = e.Answered.Add(30*time.Millisecond), 2345
	return e
}
