package serve

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
)

// TestHTTP2Attacks sends what only HTTP/2 can, which no client would: nobody becomes a caller by it.
func TestHTTP2Attacks(t *testing.T) {
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) { o.Store = known("alice") })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.edge.Run(ctx, listener) }()
	t.Cleanup(func() {
		interrupt()
		require.NoError(t, soon(t, ended))
	})

	const key = "Bearer key-alice"
	for _, r := range []struct {
		name   string
		fields []string // names and values in turn, after the usual pseudo-headers
		want   string
	}{
		{"a key", []string{"authorization", key}, `200 api for "alice"`},
		{"no key", nil, "401"},
		{"two keys", []string{"authorization", key, "authorization", key}, "401"},
		{"a name in capitals", []string{"Authorization", key}, "PROTOCOL_ERROR"},
		{"a caller as a pseudo-header", []string{":x-caller", "alice"}, "PROTOCOL_ERROR"},
		{"a key as a pseudo-header", []string{":authorization", key}, "PROTOCOL_ERROR"},
		{"a second authority", []string{":authority", "other.example.com", "authorization", key}, "PROTOCOL_ERROR"},
		{"a pseudo-header behind a header", []string{"authorization", key, ":path", "/models/a"}, "PROTOCOL_ERROR"},
		{"a line in a value", []string{"x-note", "a\r\nauthorization: " + key}, "PROTOCOL_ERROR"},
		{"a colon in a name", []string{"authorization: " + key + "\r\nx", "1"}, "PROTOCOL_ERROR"},
		{"a name that it says itself", []string{"x-caller", "root", "authorization", key}, `200 api for "alice"`},
		{"a key in crumbs of a cookie", []string{"cookie", "authorization=" + key, "cookie", "x-caller=alice"}, "401"},
	} {
		got := overHTTP2(t, listener.Addr().String(), r.fields)
		require.True(t, strings.HasPrefix(got, r.want), "%s: %s", r.name, got)
	}
	require.Equal(t, 2, s.times(), "of all these, two reach the backend")
}

// overHTTP2 sends a POST with these fields as they are, and returns the status and the body, or the error of the
// stream.
func overHTTP2(t *testing.T, address string, fields []string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	_, err = conn.Write([]byte(http2.ClientPreface))
	require.NoError(t, err)

	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	all := append([]string{":method", "POST", ":scheme", "http", ":authority", "api.example.com", ":path", "/v1/chat"}, fields...)
	for i := 0; i < len(all); i += 2 {
		require.NoError(t, encoder.WriteField(hpack.HeaderField{Name: all[i], Value: all[i+1]}))
	}
	framer := http2.NewFramer(conn, conn)
	framer.AllowIllegalWrites = true
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	require.NoError(t, framer.WriteSettings())
	require.NoError(t, framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}))

	var answer string
	for {
		frame, err := framer.ReadFrame()
		require.NoError(t, err)
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			answer += frame.PseudoValue("status") + " "
		case *http2.DataFrame:
			answer += string(frame.Data())
		case *http2.RSTStreamFrame:
			return fmt.Sprint(frame.ErrCode)
		case *http2.GoAwayFrame:
			return fmt.Sprint(frame.ErrCode)
		}
		if frame.Header().StreamID == 1 && frame.Header().Flags.Has(http2.FlagDataEndStream) {
			return answer
		}
	}
}
