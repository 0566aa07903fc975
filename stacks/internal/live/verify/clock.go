package verify

import (
	"context"
	"net/http/httptrace"
	"sync"
	"time"
)

// clock notes when a request was under way. It is told by the goroutines of the connection.
type clock struct {
	mutex                 sync.Mutex
	connected, sent, came time.Time
}

func (c *clock) watch(ctx context.Context) context.Context {
	note := func(when *time.Time) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		*when = time.Now()
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { note(&c.connected) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { note(&c.sent) },
		GotFirstResponseByte: func() { note(&c.came) },
	})
}

// isConnected tells whether there was a connection at all.
func (c *clock) isConnected() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return !c.connected.IsZero()
}

// answer is when the first byte came, and how many milliseconds that took; an answer may come before all of the request is
// written.
func (c *clock) answer() (came time.Time, milliseconds float64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	from := c.sent
	if from.IsZero() || from.After(c.came) {
		from = c.connected
	}
	return c.came, float64(c.came.Sub(from).Microseconds()) / 1000
}
