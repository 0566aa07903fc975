// Package accesslog writes exchanges in the format of CloudFront's standard access log (CloudFront Developer Guide,
// Standard logging reference), of version 1 and with the callers of version 2. Like CloudFront's, it has the query,
// signatures included, and cookies if wanted; never Authorization.
package accesslog

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// Location is the name of this machine as an edge location: three letters and a number, then the group of servers.
const Location = "LOC1-C1"

// Log is an access log, safe for concurrent use.
type Log struct {
	domain string

	mu    sync.Mutex
	to    io.Writer
	begun bool
	line  line // reused
}

// New makes the log of a distribution with a domain name.
func New(to io.Writer, domain string) *Log {
	return &Log{to: to, domain: domain}
}

// header names the fields of version 1, and the one of version 2 that names callers.
var header = strings.TrimSuffix(logs.Header, "\n") + " " + logs.CallerField + "\n"

// Write logs an exchange that has ended, with one call of the writer. Two header lines come before the first.
func (l *Log) Write(e *exchange.Exchange) error {
	if e.End.IsZero() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun {
		if _, err := io.WriteString(l.to, header); err != nil {
			return err
		}
		l.begun = true
	}
	l.line = l.line[:0]
	l.format(e)
	_, err := l.to.Write(l.line)
	return err
}

// format appends the fields in their order.
func (l *Log) format(e *exchange.Exchange) {
	end, result := e.End.UTC(), ended(e)
	f := &l.line
	f.date(end)
	f.clock(end)
	f.text(Location)
	f.number(headerBytes(e) + e.BodyBytes)
	f.address(e.Caller.Addr())
	f.text(e.Method)
	f.text(l.domain)
	f.text(e.URL.EscapedPath())
	f.status(e.Status)
	f.text(e.Header.Get("Referer"))
	f.text(e.Header.Get("User-Agent"))
	f.text(e.URL.RawQuery)
	if e.LogsCookies {
		f.texts(e.Header["Cookie"], "; ") // HTTP/2 has a header for each
	} else {
		f.text("")
	}
	f.text(string(result))
	f.text(e.ID)
	f.text(e.Host)
	f.text(protocol(e))
	f.number(e.RequestBytes)
	f.seconds(e.End.Sub(e.Begin))
	f.texts(e.Header["X-Forwarded-For"], ", ")
	f.text(tlsVersion(e.TLS))
	f.text(tlsCipher(e.TLS))
	f.text(string(e.Result))
	f.text(e.Protocol)
	f.text("") // field-level encryption
	f.text("")
	f.number(int64(e.Caller.Port()))
	f.seconds(untilAnswered(e))
	f.text(detailed(e, result))
	f.text(e.AnswerHeader.Get("Content-Type"))
	f.text(e.AnswerHeader.Get("Content-Length"))
	start, last := contentRange(e.AnswerHeader.Get("Content-Range"))
	f.text(start)
	f.text(last)
	f.written(e.Decision.Function)
	l.line[len(l.line)-1] = '\n'
}

// line is a line of fields, each with a tab after it.
type line []byte

const hexDigits = "0123456789ABCDEF"

// encoded are the bytes that are percent-encoded (CloudFront Developer Guide, Configure standard logging (legacy),
// Standard log file format). A % is one of them, so what the caller has encoded is encoded twice.
var encoded = func() (set [256]bool) {
	for c := range set {
		set[c] = c <= ' ' || c >= 0x7f
	}
	for _, c := range []byte("<>\"#%{}|\\^~[]`'") {
		set[c] = true
	}
	return set
}()

// text appends a value, or - if it is empty.
func (l *line) text(value string) {
	if value == "" {
		*l = append(*l, '-')
	}
	l.encode(value)
	l.end()
}

// texts appends several values as one.
func (l *line) texts(values []string, separator string) {
	if len(values) == 0 {
		l.text("")
		return
	}
	for i, value := range values {
		if i > 0 {
			l.encode(separator)
		}
		l.encode(value)
	}
	l.end()
}

// written appends what a function wrote into the log, URL-encoded. The guide doesn't say which characters stay as they
// are (General helper methods).
func (l *line) written(run *edge.Run) {
	if run == nil || run.LogData == "" {
		l.text("")
		return
	}
	*l = append(*l, strings.ReplaceAll(url.QueryEscape(run.LogData), "+", "%20")...)
	l.end()
}

func (l *line) encode(value string) {
	from := 0
	for i := range len(value) {
		if c := value[i]; encoded[c] {
			*l = append(append(*l, value[from:i]...), '%', hexDigits[c>>4], hexDigits[c&15])
			from = i + 1
		}
	}
	*l = append(*l, value[from:]...)
}

func (l *line) end() { *l = append(*l, '\t') }

func (l *line) number(n int64) {
	*l = strconv.AppendInt(*l, n, 10)
	l.end()
}

// padded appends a number with at least so many digits.
func (l *line) padded(n int64, digits int) {
	for limit := int64(10); digits > 1; digits-- {
		if n < limit {
			*l = append(*l, '0')
		}
		limit *= 10
	}
	*l = strconv.AppendInt(*l, n, 10)
}

// status appends a status, 000 if the caller left before there was one.
func (l *line) status(status int) {
	l.padded(int64(status), 3)
	l.end()
}

// seconds appends a duration in seconds, to the millisecond.
func (l *line) seconds(d time.Duration) {
	ms := max(d.Milliseconds(), 0)
	*l = append(strconv.AppendInt(*l, ms/1000, 10), '.')
	l.padded(ms%1000, 3)
	l.end()
}

func (l *line) date(t time.Time) {
	*l = t.AppendFormat(*l, time.DateOnly)
	l.end()
}

func (l *line) clock(t time.Time) {
	*l = t.AppendFormat(*l, time.TimeOnly)
	l.end()
}

func (l *line) address(a netip.Addr) {
	if !a.IsValid() {
		l.text("")
		return
	}
	*l = a.Unmap().WithZone("").AppendTo(*l)
	l.end()
}

// ended returns the result after the last byte: an error if the caller left before.
func ended(e *exchange.Exchange) exchange.Result {
	if e.Status == 0 || incomplete(e) {
		return exchange.Error
	}
	return e.Result
}

// incomplete reports whether less was sent than Content-Length says.
func incomplete(e *exchange.Exchange) bool {
	if e.Method == http.MethodHead || e.Status == http.StatusNotModified {
		return false
	}
	announced, err := strconv.ParseInt(e.AnswerHeader.Get("Content-Length"), 10, 64)
	return err == nil && e.BodyBytes < announced
}

// detailed returns the result, or the kind of error.
func detailed(e *exchange.Exchange, result exchange.Result) string {
	switch {
	case result != exchange.Error:
		return string(result)
	case e.Status == 0 || incomplete(e):
		return "ClientCommError"
	case e.Decision.Answer != nil && e.Decision.Answer.Reason == "method":
		if e.Method == http.MethodGet {
			return "InvalidRequest" // GET with a body
		}
		return "InvalidRequestMethod"
	case e.Decision.Answer != nil && e.Decision.Answer.Reason == "country":
		return "ClientGeoBlocked"
	case len(e.Sent) > 0 && e.Sent[len(e.Sent)-1].Status == 0:
		if e.Status == http.StatusGatewayTimeout {
			return "OriginCommError"
		}
		return "OriginConnectError"
	}
	return string(exchange.Error)
}

// protocol returns the protocol that the request counts as. Without TLS it may still count as HTTPS.
func protocol(e *exchange.Exchange) string {
	plain := strings.HasPrefix(e.Decision.Request.URL, "http://")
	switch {
	case e.Status == http.StatusSwitchingProtocols && plain:
		return "ws"
	case e.Status == http.StatusSwitchingProtocols:
		return "wss"
	case plain:
		return "http"
	case strings.HasPrefix(e.Header.Get("Content-Type"), "application/grpc"):
		return "grpcs"
	}
	return "https"
}

// untilAnswered returns how long the first byte of the answer took, or the whole exchange if there was no answer.
func untilAnswered(e *exchange.Exchange) time.Duration {
	if e.Answered.IsZero() {
		return e.End.Sub(e.Begin)
	}
	return e.Answered.Sub(e.Begin)
}

// headerBytes returns the length of the answer's headers, as HTTP/1.1 would write them.
func headerBytes(e *exchange.Exchange) int64 {
	if e.Status == 0 {
		return 0
	}
	const first, separator, newline = len("HTTP/1.1 200 "), len(": "), len("\r\n")
	n := first + len(http.StatusText(e.Status)) + newline
	for name, values := range e.AnswerHeader {
		for _, value := range values {
			n += len(name) + separator + len(value) + newline
		}
	}
	return int64(n + newline)
}

// contentRange returns the first and the last byte of a part, from the answer's header.
func contentRange(header string) (start, last string) {
	part, isBytes := strings.CutPrefix(header, "bytes ")
	part, _, _ = strings.Cut(part, "/")
	if !isBytes || part == "*" {
		return "", ""
	}
	start, last, _ = strings.Cut(part, "-")
	return start, last
}

// ciphers has OpenSSL's names (CloudFront Developer Guide, Supported protocols and ciphers between viewers and
// CloudFront, OpenSSL, s2n, and RFC cipher names). Those of TLS 1.3 are the same in Go.
var ciphers = map[uint16]string{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:       "ECDHE-ECDSA-AES128-GCM-SHA256",
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256:       "ECDHE-ECDSA-AES128-SHA256",
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA:          "ECDHE-ECDSA-AES128-SHA",
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:       "ECDHE-ECDSA-AES256-GCM-SHA384",
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA:          "ECDHE-ECDSA-AES256-SHA",
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:         "ECDHE-RSA-AES128-GCM-SHA256",
	tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256:         "ECDHE-RSA-AES128-SHA256",
	tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA:            "ECDHE-RSA-AES128-SHA",
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384:         "ECDHE-RSA-AES256-GCM-SHA384",
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256:   "ECDHE-RSA-CHACHA20-POLY1305",
	tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA:            "ECDHE-RSA-AES256-SHA",
}

// tlsVersions are the names of OpenSSL.
var tlsVersions = map[uint16]string{
	tls.VersionTLS13: "TLSv1.3", tls.VersionTLS12: "TLSv1.2", tls.VersionTLS11: "TLSv1.1", tls.VersionTLS10: "TLSv1",
}

func tlsVersion(state *tls.ConnectionState) string {
	if state == nil {
		return ""
	}
	return tlsVersions[state.Version]
}

func tlsCipher(state *tls.ConnectionState) string {
	if state == nil {
		return ""
	}
	if name, found := ciphers[state.CipherSuite]; found {
		return name
	}
	return tls.CipherSuiteName(state.CipherSuite)
}
