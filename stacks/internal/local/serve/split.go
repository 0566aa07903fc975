package serve

import (
	"bufio"
	"context"
	"errors"
	"net"
	"time"
)

// half is a listener for one kind of the connections that another one takes.
type half struct {
	net.Listener

	taken chan net.Conn
	open  context.Context // ends with the listener
}

// Accept waits for the next connection of its kind.
func (h half) Accept() (net.Conn, error) {
	select {
	case c := <-h.taken:
		return c, nil
	case <-h.open.Done():
		return nil, net.ErrClosed
	}
}

// split parts connections that begin with TLS from those that don't. Both halves end with the listener.
func split(listener net.Listener) (plain, secure half) {
	open, end := context.WithCancel(context.Background())
	plain, secure = half{listener, make(chan net.Conn), open}, half{listener, make(chan net.Conn), open}
	go func() {
		defer end()
		for {
			c, err := listener.Accept()
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				time.Sleep(10 * time.Millisecond) // too many files are open, for now
			default:
				go part(c, plain, secure)
			}
		}
	}()
	return plain, secure
}

// handshake is the first byte of a TLS connection (RFC 8446, 5.1).
const handshake = 22

// part gives a connection to one of the halves. One that says nothing for long is closed.
func part(c net.Conn, plain, secure half) {
	reader := bufio.NewReader(c)
	_ = c.SetReadDeadline(time.Now().Add(patience))
	stop := context.AfterFunc(plain.open, func() { c.Close() })
	first, err := reader.Peek(1)
	stop()
	_ = c.SetReadDeadline(time.Time{})
	if err != nil {
		c.Close()
		return
	}
	to := plain
	if first[0] == handshake {
		to = secure
	}
	select {
	case to.taken <- peeked{c, reader}:
	case <-to.open.Done():
		c.Close()
	}
}

// peeked is a connection of which the beginning has been read.
type peeked struct {
	net.Conn

	reader *bufio.Reader
}

func (c peeked) Read(p []byte) (int, error) { return c.reader.Read(p) }
