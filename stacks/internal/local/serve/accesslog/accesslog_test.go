package accesslog

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// answered is the exchange of the first line of the guide's example (CloudFront Developer Guide, Standard logging
// reference), changed as a row wants it.
func answered(change func(*exchange.Exchange)) *exchange.Exchange {
	end := time.Date(2019, 12, 4, 21, 2, 31, 0, time.UTC)
	e := &exchange.Exchange{
		ID: "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==", Begin: end.Add(-time.Millisecond), Answered: end, End: end,
		Method: "GET", Host: "d111111abcdef8.cloudfront.net", Protocol: "HTTP/2.0", URL: &url.URL{Path: "/index.html"}, RequestBytes: 23,
		Header: http.Header{"User-Agent": {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.108 Safari/537.36"}},
		Caller: netip.MustParseAddrPort("192.0.2.100:11040"),
		TLS:    &tls.ConnectionState{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
		Result: exchange.Hit, Status: 200, BodyBytes: 78,
		AnswerHeader: http.Header{"Content-Type": {"text/html"}, "Content-Length": {"78"}},
	}
	e.Decision.Request.URL = "https://d111111abcdef8.cloudfront.net/index.html"
	if change != nil {
		change(e)
	}
	return e
}

// logged is the line of an exchange.
func logged(t *testing.T, cookies bool, e *exchange.Exchange) string {
	t.Helper()
	var to bytes.Buffer
	e.LogsCookies = cookies
	require.NoError(t, New(&to, "d111111abcdef8.cloudfront.net").Write(e))
	line, found := strings.CutPrefix(to.String(), header)
	require.True(t, found, to.String())
	return line
}

// parsed reads a line as the guide says how: fields by their names, of which codes are decoded.
func parsed(t *testing.T, line string) map[string]string {
	t.Helper()
	names := strings.Fields(strings.TrimPrefix(strings.Split(header, "\n")[1], "#Fields: "))
	line, ended := strings.CutSuffix(line, "\n")
	require.True(t, ended)
	values := strings.Split(line, "\t")
	require.Len(t, names, 34)
	require.Len(t, values, 34)
	fields := map[string]string{}
	for i, name := range names {
		value, err := url.PathUnescape(values[i])
		require.NoError(t, err)
		fields[name] = value
	}
	return fields
}

// TestExample writes the guide's own line, but for the place and for how many bytes of headers there are.
func TestExample(t *testing.T) {
	want := "2019-12-04\t21:02:31\tLOC1-C1\t142\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\t" +
		"Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/78.0.3904.108%20Safari/537.36" +
		"\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\td111111abcdef8.cloudfront.net\thttps\t23\t0.001\t-\tTLSv1.2\t" +
		"ECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-\t-\n"
	headers := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 78\r\n\r\n"
	require.Len(t, headers, 142-78)
	if diff := cmp.Diff(want, logged(t, false, answered(nil))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFields(t *testing.T) {
	type fields map[string]string
	answer := func(reason string) func(*exchange.Exchange) {
		return func(e *exchange.Exchange) {
			e.Result, e.Status, e.BodyBytes = exchange.Error, 403, 78
			e.Decision.Answer = &edge.Answer{Status: 403, Reason: reason}
		}
	}
	sent := func(status int, sent ...exchange.Sent) func(*exchange.Exchange) {
		return func(e *exchange.Exchange) { e.Result, e.Status, e.Sent = exchange.Error, status, sent }
	}
	results := func(result, response, detailed string) fields {
		return fields{"x-edge-result-type": result, "x-edge-response-result-type": response, "x-edge-detailed-result-type": detailed}
	}
	for _, r := range []struct {
		name    string
		cookies bool
		change  func(*exchange.Exchange)
		want    fields
	}{
		{"another zone", false, func(e *exchange.Exchange) {
			e.End = time.Date(2030, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600))
		}, fields{"date": "2029-12-31", "time": "23:30:00"}},
		{"what a caller encoded is encoded once more", false, func(e *exchange.Exchange) {
			e.URL, _ = url.Parse("/a%2Fb%20c?q=a%2Cb&x=[1]")
		}, fields{"cs-uri-stem": "/a%2Fb%20c", "cs-uri-query": "q=a%2Cb&x=[1]"}},
		{"a signature stays in the query", false, func(e *exchange.Exchange) {
			e.URL, _ = url.Parse("/a?Expires=1&Signature=s~_&Key-Pair-Id=K")
		}, fields{"cs-uri-query": "Expires=1&Signature=s~_&Key-Pair-Id=K"}},
		{"no tab or newline gets in", false, func(e *exchange.Exchange) {
			e.Header = http.Header{"User-Agent": {"a\tb\nc\x7f\xff"}, "Referer": {"https://example.com/\u00e9"}}
		}, fields{"cs(User-Agent)": "a\tb\nc\x7f\xff", "cs(Referer)": "https://example.com/\u00e9"}},
		{"cookies aren't logged", false, func(e *exchange.Exchange) { e.Header = http.Header{"Cookie": {"a=1"}} },
			fields{"cs(Cookie)": "-"}},
		{"cookies are logged", true, func(e *exchange.Exchange) { e.Header = http.Header{"Cookie": {"a=1; b=2", "c=3"}} },
			fields{"cs(Cookie)": "a=1; b=2; c=3"}},
		{"no cookies", true, nil, fields{"cs(Cookie)": "-"}},
		{"behind proxies", false, func(e *exchange.Exchange) {
			e.Header = http.Header{"X-Forwarded-For": {"198.51.100.1, 198.51.100.2", "198.51.100.3"}}
		}, fields{"x-forwarded-for": "198.51.100.1, 198.51.100.2, 198.51.100.3"}},
		{"an address of IPv6", false, func(e *exchange.Exchange) { e.Caller = netip.MustParseAddrPort("[2001:db8::1%eth0]:1") },
			fields{"c-ip": "2001:db8::1", "c-port": "1"}},
		{"an address of IPv4 in one of IPv6", false, func(e *exchange.Exchange) { e.Caller = netip.MustParseAddrPort("[::ffff:192.0.2.1]:1") },
			fields{"c-ip": "192.0.2.1"}},
		{"no address", false, func(e *exchange.Exchange) { e.Caller = netip.AddrPort{} }, fields{"c-ip": "-", "c-port": "0"}},
		{"times", false, func(e *exchange.Exchange) {
			e.Begin, e.Answered = e.End.Add(-61082*time.Millisecond), e.End.Add(-60999*time.Millisecond)
		}, fields{"time-taken": "61.082", "time-to-first-byte": "0.083"}},
		{"a clock that was set back", false, func(e *exchange.Exchange) { e.Begin = e.End.Add(time.Second) },
			fields{"time-taken": "0.000"}},

		{"a caller", false, func(e *exchange.Exchange) {
			e.Decision.Function = &edge.Run{LogData: "caller=alice@example.com&canary=1"}
		}, fields{"viewer-request-log-data": "caller=alice@example.com&canary=1"}},
		{"a function that writes what it likes", false, func(e *exchange.Exchange) {
			e.Decision.Function = &edge.Run{LogData: "a b\t+%41\n"}
		}, fields{"viewer-request-log-data": "a b\t+%41\n"}},
		{"a function that writes nothing", false, func(e *exchange.Exchange) { e.Decision.Function = &edge.Run{} },
			fields{"viewer-request-log-data": "-"}},

		{"https on a plain listener", false, func(e *exchange.Exchange) { e.TLS = nil },
			fields{"cs-protocol": "https", "ssl-protocol": "-", "ssl-cipher": "-"}},
		{"http", false, func(e *exchange.Exchange) { e.TLS, e.Decision.Request.URL = nil, "http://example.com/" },
			fields{"cs-protocol": "http", "ssl-protocol": "-", "ssl-cipher": "-"}},
		{"a function's answer", false, func(e *exchange.Exchange) {
			e.Result, e.Status = exchange.FunctionAnswer, 401
			e.Decision.Answer = &edge.Answer{Status: 401, Reason: "key"}
		}, fields{
			"sc-status": "401", "x-edge-result-type": "FunctionGeneratedResponse", "x-edge-response-result-type": "FunctionGeneratedResponse",
			"x-edge-detailed-result-type": "FunctionGeneratedResponse",
		}},
		{"a function that fails", false, func(e *exchange.Exchange) { e.Result, e.Status = exchange.FunctionFailed(503), 503 },
			results("FunctionExecutionError", "FunctionExecutionError", "FunctionExecutionError")},
		{"a function that does what it may not", false, func(e *exchange.Exchange) { e.Result, e.Status = exchange.FunctionFailed(502), 502 },
			results("FunctionValidationError", "FunctionValidationError", "FunctionValidationError")},
		{"gRPC", false, func(e *exchange.Exchange) { e.Header = http.Header{"Content-Type": {"application/grpc+proto"}} },
			fields{"cs-protocol": "grpcs"}},
		{"a WebSocket", false, func(e *exchange.Exchange) { e.Status = 101 }, fields{"cs-protocol": "wss", "sc-status": "101"}},
		{"a WebSocket by HTTP", false, func(e *exchange.Exchange) { e.Status, e.Decision.Request.URL = 101, "http://example.com/" },
			fields{"cs-protocol": "ws"}},
		{"TLS 1.3", false, func(e *exchange.Exchange) {
			e.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_CHACHA20_POLY1305_SHA256}
		}, fields{"ssl-protocol": "TLSv1.3", "ssl-cipher": "TLS_CHACHA20_POLY1305_SHA256"}},

		{"a part", false, func(e *exchange.Exchange) { e.AnswerHeader = http.Header{"Content-Range": {"bytes 10-19/78"}} },
			fields{"sc-range-start": "10", "sc-range-end": "19", "sc-content-type": "-", "sc-content-len": "-"}},
		{"no part", false, func(e *exchange.Exchange) { e.AnswerHeader = http.Header{"Content-Range": {"bytes */78"}} },
			fields{"sc-range-start": "-", "sc-range-end": "-"}},
		{"a type with a space", false, func(e *exchange.Exchange) {
			e.AnswerHeader = http.Header{"Content-Type": {"text/html; charset=utf-8"}}
		}, fields{"sc-content-type": "text/html; charset=utf-8"}},

		{"a redirect", false, func(e *exchange.Exchange) { e.Result, e.Status = exchange.Redirect, 301 }, results("Redirect", "Redirect", "Redirect")},
		{"gone before the end", false, func(e *exchange.Exchange) { e.BodyBytes = 77 }, results("Error", "Hit", "ClientCommError")},
		{"HEAD ends before its length", false, func(e *exchange.Exchange) { e.Method, e.BodyBytes = "HEAD", 0 }, results("Hit", "Hit", "Hit")},
		{"304 ends before its length", false, func(e *exchange.Exchange) { e.Status, e.BodyBytes = 304, 0 }, results("Hit", "Hit", "Hit")},
		{"gone before the answer", false, func(e *exchange.Exchange) {
			e.Status, e.Answered, e.AnswerHeader, e.Result, e.BodyBytes = 0, time.Time{}, nil, "", 0
		}, fields{"sc-status": "000", "sc-bytes": "0", "time-to-first-byte": "0.001", "x-edge-result-type": "Error",
			"x-edge-response-result-type": "-", "x-edge-detailed-result-type": "ClientCommError"}},
		{"a country", false, answer("country"), results("Error", "Error", "ClientGeoBlocked")},
		{"a method", false, func(e *exchange.Exchange) { answer("method")(e); e.Method = "POST" }, results("Error", "Error", "InvalidRequestMethod")},
		{"GET with a body", false, answer("method"), results("Error", "Error", "InvalidRequest")},
		{"a signature", false, answer("signature"), results("Error", "Error", "Error")},
		{"refused by the origin's machine", false, sent(502, exchange.Sent{Status: 503}, exchange.Sent{Error: "connection refused"}),
			results("Error", "Error", "OriginConnectError")},
		{"too slow an origin", false, sent(504, exchange.Sent{Error: "timeout"}), results("Error", "Error", "OriginCommError")},
		{"an error that the origin answers", false, sent(502, exchange.Sent{Error: "timeout"}, exchange.Sent{Status: 502}),
			results("Error", "Error", "Error")},
		{"an error from the cache", false, sent(404), results("Error", "Error", "Error")},
	} {
		t.Run(r.name, func(t *testing.T) {
			got := parsed(t, logged(t, r.cookies, answered(r.change)))
			for name, want := range r.want {
				require.Equal(t, want, got[name], name)
			}
		})
	}
}

// TestEncoding has the characters of the guide's table, and those beside the ranges (Standard log file format).
func TestEncoding(t *testing.T) {
	var l line
	l.text("<>\"#%{}|\\^~[]`' \x00\x1f!\x7f\x80\xff")
	require.Equal(t, "%3C%3E%22%23%25%7B%7D%7C%5C%5E%7E%5B%5D%60%27%20%00%1F!%7F%80%FF\t", string(l))
	l = nil
	l.text("AZaz09-._:/?@!$&()*+,;=")
	require.Equal(t, "AZaz09-._:/?@!$&()*+,;=\t", string(l))
}

func TestCiphersAreKnown(t *testing.T) {
	for _, suite := range tls.CipherSuites() {
		require.NotContains(t, tlsCipher(&tls.ConnectionState{CipherSuite: suite.ID}), "_WITH_")
	}
}

func TestOnlyWhatHasEnded(t *testing.T) {
	var to bytes.Buffer
	require.NoError(t, New(&to, "").Write(answered(func(e *exchange.Exchange) { e.End = time.Time{} })))
	require.Empty(t, to.String())
}

func TestAuthorizationIsNotLogged(t *testing.T) {
	line := logged(t, true, answered(func(e *exchange.Exchange) {
		e.Header = http.Header{"Authorization": {"Bearer very-secret"}, "X-Api-Key": {"very-secret"}}
	}))
	require.NotContains(t, line, "very-secret")
}

// writes counts the calls of a writer, which fails at first.
type writes struct {
	to              bytes.Buffer
	failures, calls int
}

func (w *writes) Write(p []byte) (int, error) {
	if w.calls++; w.calls <= w.failures {
		return 0, errors.New("no space left on device")
	}
	return w.to.Write(p)
}

func TestOneCallALine(t *testing.T) {
	to := &writes{failures: 1}
	l := New(to, "d111111abcdef8.cloudfront.net")
	require.EqualError(t, l.Write(answered(nil)), "no space left on device")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { _ = l.Write(answered(nil)) })
	}
	all.Wait()
	require.Equal(t, 1+1+50, to.calls)
	require.Equal(t, header+strings.Repeat(logged(t, false, answered(nil)), 50), to.to.String())
}

func TestALineAllocatesNothing(t *testing.T) {
	l, e := New(io.Discard, "d111111abcdef8.cloudfront.net"), answered(nil)
	e.LogsCookies = true
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = l.Write(e) }))
}

func BenchmarkWrite(b *testing.B) {
	l, e := New(io.Discard, "d111111abcdef8.cloudfront.net"), answered(nil)
	b.ReportAllocs()
	for b.Loop() {
		_ = l.Write(e)
	}
}
