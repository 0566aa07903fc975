package serve

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
)

// interim is an answer before the answer, such as 103 Early Hints, which a proxy passes on (RFC 9110, 15.2).
type interim struct {
	status int
	header http.Header
}

// withInterim has the answers before the answer noted.
func (f *flight) withInterim(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(status int, header textproto.MIMEHeader) error {
			select {
			case f.interim <- interim{status, http.Header(header)}:
			default: // nobody has to get all of them
			}
			return nil
		},
	})
}

// passOn sends a caller an answer before the answer.
func (c *call) passOn(i interim) {
	maps.Copy(c.w.Header(), i.header)
	c.w.WriteHeader(i.status)
	clear(c.w.Header())
}
