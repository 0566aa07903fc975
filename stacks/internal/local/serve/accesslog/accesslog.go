// Package accesslog writes exchanges as lines of CloudFront's standard access log (CloudFront Developer Guide, Standard logging
// reference). Of a caller's credentials it has what CloudFront's has: the query, signatures included, and, if they are wanted,
// cookies; never Authorization.
package accesslog

import (
	"io"
	"sync"

	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// Location is this machine, as if it were an edge location: three letters and a number, and which group of servers.
const Location = "LOC1-C1"

// Log is an access log; several may write to it at a time.
type Log struct {
	domain  string
	cookies bool

	mu    sync.Mutex
	to    io.Writer
	begun bool
	line  line // kept, so that a line allocates nothing
}

// New makes the log of a distribution with a domain name of its own. Cookies are logged if its logging includes them.
func New(to io.Writer, domain string, cookies bool) *Log {
	return &Log{to: to, domain: domain, cookies: cookies}
}

// Write logs an exchange that has ended, with one call of the writer; before the first come the two lines that say what the
// fields are.
func (l *Log) Write(e *exchange.Exchange) error {
	if e.End.IsZero() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun {
		if _, err := io.WriteString(l.to, logs.Header); err != nil {
			return err
		}
		l.begun = true
	}
	l.line = l.line[:0]
	l.format(e)
	_, err := l.to.Write(l.line)
	return err
}

// format is the fields in their order.
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
	if l.cookies {
		f.texts(e.Header["Cookie"], "; ") // by HTTP/2 they come one by one
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
	f.text("") // there is no field-level encryption
	f.text("")
	f.number(int64(e.Caller.Port()))
	f.seconds(untilAnswered(e))
	f.text(detailed(e, result))
	f.text(e.AnswerHeader.Get("Content-Type"))
	f.text(e.AnswerHeader.Get("Content-Length"))
	start, last := contentRange(e.AnswerHeader.Get("Content-Range"))
	f.text(start)
	f.text(last)
	l.line[len(l.line)-1] = '\n'
}
