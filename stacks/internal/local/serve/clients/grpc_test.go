package clients

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// TestGRPC calls an inference server through the route that lets gRPC through.
func TestGRPC(t *testing.T) {
	for name, withTLS := range map[string]bool{"without TLS": false, "with TLS": true} {
		t.Run(name, func(t *testing.T) {
			front := start(t, served{environment: "prod", grpc: inferenceServer(t), tls: withTLS})
			client := dial(t, front, withTLS)
			for name, call := range map[string]func(*testing.T, *grpc.ClientConn){
				"unary": unary, "compressed": compressed, "large": large, "server streams": serverStreams, "both stream": bothStream,
				"error": failing, "deadline": deadline, "cancelled": cancelled, "unknown method": unknownMethod,
			} {
				t.Run(name, func(t *testing.T) { call(t, client) })
			}
		})
	}
}

// TestGRPCWithKey calls it through the function that knows the caller; whom it doesn't know it refuses, with a status
// of HTTP.
func TestGRPCWithKey(t *testing.T) {
	client := dial(t, start(t, served{callers: true, grpc: inferenceServer(t)}), false, grpc.WithPerRPCCredentials(bearer("sk-test")))
	for name, call := range map[string]func(*testing.T, *grpc.ClientConn){
		"unary": unary, "compressed": compressed, "server streams": serverStreams, "both stream": bothStream, "error": failing, "cancelled": cancelled,
	} {
		t.Run(name, func(t *testing.T) { call(t, client) })
	}
	unknown := dial(t, start(t, served{callers: true, grpc: inferenceServer(t)}), false)
	err := unknown.Invoke(timely(t), service+"ModelInfer", wrapperspb.String("x"), new(wrapperspb.StringValue))
	require.Equal(t, codes.Unauthenticated, status.Code(err), err)
}

// bearer is a key that goes with each call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

// TestGRPCWithoutServer is told by CloudFront's 502, which gRPC's clients read as: try again.
func TestGRPCWithoutServer(t *testing.T) {
	listener, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	client := dial(t, start(t, served{environment: "prod", grpc: listener.Addr().String()}), false)
	err = client.Invoke(timely(t), service+"ModelInfer", wrapperspb.String("x"), new(wrapperspb.StringValue))
	require.Equal(t, codes.Unavailable, status.Code(err), err)
	require.ErrorContains(t, err, "502")
}

func dial(t *testing.T, address string, withTLS bool, more ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	trust := insecure.NewCredentials()
	if withTLS {
		trust = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}) // nobody trusts a certificate that is made at the start
	}
	client, err := grpc.NewClient("passthrough:///"+address, append(more, grpc.WithTransportCredentials(trust))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

// timely ends a test that hangs.
func timely(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func unary(t *testing.T, client *grpc.ClientConn) {
	ctx := metadata.AppendToOutgoingContext(timely(t), "x-request-id", "a", "x-request-id", "b", "trace-bin", "\x00\xff")
	var header, trailer metadata.MD
	var out wrapperspb.StringValue
	require.NoError(t, client.Invoke(ctx, service+"ModelInfer", wrapperspb.String("hello"), &out, grpc.Header(&header), grpc.Trailer(&trailer)))
	require.Equal(t, "echo: hello", out.Value)
	require.Equal(t, []string{"\x00\xff"}, header["trace-bin"])
	require.Equal(t, "a,b", strings.ReplaceAll(strings.Join(header["x-request-id"], ","), " ", ""))
	require.Equal(t, []string{"3"}, trailer["x-tokens"])
	require.Equal(t, []string{"Miss from cloudfront"}, header["x-cache"])
}

func compressed(t *testing.T, client *grpc.ClientConn) {
	var out wrapperspb.StringValue
	require.NoError(t, client.Invoke(timely(t), service+"ModelInfer", wrapperspb.String("hello"), &out, grpc.UseCompressor(gzip.Name)))
	require.Equal(t, "echo: hello", out.Value)
}

func large(t *testing.T, client *grpc.ClientConn) {
	text := strings.Repeat("x", 3<<20)
	var out wrapperspb.StringValue
	require.NoError(t, client.Invoke(timely(t), service+"ModelInfer", wrapperspb.String(text), &out))
	require.Equal(t, "echo: "+text, out.Value)
}

// serverStreams reads the first message before the server has sent the second.
func serverStreams(t *testing.T, client *grpc.ClientConn) {
	firstArrived = make(chan struct{})
	stream, err := client.NewStream(timely(t), &grpc.StreamDesc{ServerStreams: true}, service+"ModelTokens")
	require.NoError(t, err)
	require.NoError(t, stream.SendMsg(wrapperspb.String("hello")))
	require.NoError(t, stream.CloseSend())
	requireMessage(t, stream, "first")
	close(firstArrived)
	requireMessage(t, stream, "second")
	require.ErrorIs(t, stream.RecvMsg(new(wrapperspb.StringValue)), io.EOF)
}

// bothStream sends the next message only when the last is answered.
func bothStream(t *testing.T, client *grpc.ClientConn) {
	stream, err := client.NewStream(timely(t), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, service+"ModelStreamInfer")
	require.NoError(t, err)
	for _, text := range []string{"a", "b", "c"} {
		require.NoError(t, stream.SendMsg(wrapperspb.String(text)))
		requireMessage(t, stream, "echo: "+text)
	}
	require.NoError(t, stream.CloseSend())
	require.ErrorIs(t, stream.RecvMsg(new(wrapperspb.StringValue)), io.EOF)
}

func requireMessage(t *testing.T, stream grpc.ClientStream, want string) {
	t.Helper()
	var out wrapperspb.StringValue
	require.NoError(t, stream.RecvMsg(&out))
	require.Equal(t, want, out.Value)
}

// failing gets the status as the server made it, with its details and trailers.
func failing(t *testing.T, client *grpc.ClientConn) {
	var trailer metadata.MD
	err := client.Invoke(timely(t), service+"ModelInfer", wrapperspb.String("fail"), new(wrapperspb.StringValue), grpc.Trailer(&trailer))
	got := status.Convert(err)
	require.Equal(t, codes.ResourceExhausted, got.Code(), got)
	require.Equal(t, "no capacity, not even for ü", got.Message())
	require.Len(t, got.Details(), 1)
	require.True(t, proto.Equal(wrapperspb.String("retry later"), got.Details()[0].(proto.Message)))
	require.Equal(t, []string{"3"}, trailer["x-tokens"])
}

func deadline(t *testing.T, client *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out wrapperspb.StringValue
	require.NoError(t, client.Invoke(ctx, service+"ModelInfer", wrapperspb.String("how long"), &out))
	left, err := time.ParseDuration(out.Value)
	require.NoError(t, err)
	require.InDelta(t, time.Minute, left, float64(10*time.Second), "the server knows how long the caller waits")
}

// cancelled ends the call at the server too.
func cancelled(t *testing.T, client *grpc.ClientConn) {
	ctx, cancel := context.WithCancel(t.Context())
	callerCame, callerLeft = make(chan struct{}), make(chan struct{})
	go func() {
		<-callerCame
		cancel()
	}()
	err := client.Invoke(ctx, service+"ModelInfer", wrapperspb.String("wait"), new(wrapperspb.StringValue))
	require.Equal(t, codes.Canceled, status.Code(err), err)
	requireBefore(t, callerLeft, "the test ends, the server learns that the caller has left")
}

// unknownMethod is answered with nothing but the headers that end the answer. Often, since it is a matter of which
// goroutine comes first whether they do.
func unknownMethod(t *testing.T, client *grpc.ClientConn) {
	for range 500 {
		err := client.Invoke(timely(t), service+"ModelTrain", wrapperspb.String("x"), new(wrapperspb.StringValue))
		require.Equal(t, codes.Unimplemented, status.Code(err), err)
	}
}
