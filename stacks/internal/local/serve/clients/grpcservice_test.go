package clients

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	_ "google.golang.org/grpc/encoding/gzip" // a server that takes compressed messages
)

// service has the name of the inference protocol's, so that the route for gRPC leads to it, and messages that need no
// compiler: it repeats texts.
const service = "/inference.GRPCInferenceService/"

var description = grpc.ServiceDesc{
	ServiceName: "inference.GRPCInferenceService",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "ModelInfer", Handler: infer}},
	Streams: []grpc.StreamDesc{
		{StreamName: "ModelTokens", ServerStreams: true, Handler: tokens},
		{StreamName: "ModelStreamInfer", ServerStreams: true, ClientStreams: true, Handler: talk},
	},
}

// inferenceServer listens without TLS.
func inferenceServer(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	server.RegisterService(&description, nil)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// infer repeats a text and the caller's metadata, or does what the text asks for.
func infer(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) { //nolint:revive // gRPC's order
	var in wrapperspb.StringValue
	if err := decode(&in); err != nil {
		return nil, err
	}
	sent, _ := metadata.FromIncomingContext(ctx)
	back := metadata.MD{"x-request-id": sent["x-request-id"], "trace-bin": sent["trace-bin"]}
	if err := errors.Join(grpc.SetHeader(ctx, back), grpc.SetTrailer(ctx, metadata.Pairs("x-tokens", "3"))); err != nil {
		return nil, err
	}
	switch in.Value {
	case "fail":
		detailed, err := status.New(codes.ResourceExhausted, "no capacity, not even for ü").WithDetails(wrapperspb.String("retry later"))
		if err != nil {
			return nil, err
		}
		return nil, detailed.Err()
	case "how long":
		until, limited := ctx.Deadline()
		if !limited {
			return nil, status.Error(codes.Internal, "the deadline didn't arrive")
		}
		return wrapperspb.String(time.Until(until).String()), nil
	case "wait":
		close(callerCame)
		<-ctx.Done()
		close(callerLeft)
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	return wrapperspb.String("echo: " + in.Value), nil
}

// tokens sends one word, and the second when it is told that the first has arrived.
func tokens(_ any, stream grpc.ServerStream) error {
	var in wrapperspb.StringValue
	if err := errors.Join(stream.RecvMsg(&in), stream.SendMsg(wrapperspb.String("first"))); err != nil {
		return err
	}
	select {
	case <-firstArrived:
		return stream.SendMsg(wrapperspb.String("second"))
	case <-stream.Context().Done():
		return stream.Context().Err()
	}
}

// firstArrived is closed by the test, the others for it.
var firstArrived, callerCame, callerLeft chan struct{}

// talk answers each text before it reads the next.
func talk(_ any, stream grpc.ServerStream) error {
	for {
		var in wrapperspb.StringValue
		switch err := stream.RecvMsg(&in); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := stream.SendMsg(wrapperspb.String("echo: " + in.Value)); err != nil {
			return err
		}
	}
}
