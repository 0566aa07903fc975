package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// socketVariable makes this program a provider that listens there.
const socketVariable = "PROVIDER_TEST_SOCKETS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(socketVariable); dir != "" {
		panic(provide(filepath.Join(dir, fmt.Sprint(os.Getpid()))))
	}
	os.Exit(m.Run())
}

// provide answers every call with the number of its configurations so far, and the last.
func provide(socket string) error {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	at := tfexec.ReattachConfigAddr{Network: "unix", String: socket}
	announcement, err := json.Marshal(tfexec.ReattachInfo{"registry.terraform.io/" + source: {Addr: at}})
	if err != nil {
		return err
	}
	fmt.Printf("Provider started.\n\n\tTF_REATTACH_PROVIDERS='%s'\n", announcement)
	count, configuration := 0, ""
	answer := func(_ any, stream grpc.ServerStream) error {
		var request []byte
		if err := stream.RecvMsg(&request); err != nil {
			return err
		}
		switch method, _ := grpc.MethodFromServerStream(stream); method {
		case service + "Configure":
			count, configuration = count+1, string(request)
		case service + "GetSchema":
			return stream.SendMsg(response("aws_a", "aws_b"))
		}
		return stream.SendMsg(fmt.Append(nil, count, configuration))
	}
	return grpc.NewServer(grpc.ForceServerCodec(unread{}), grpc.UnknownServiceHandler(answer)).Serve(listener)
}

// response is a GetProviderSchema.Response with resources and data sources of some types.
func response(types ...string) (text []byte) {
	text = protowire.AppendBytes(protowire.AppendTag(text, 1, protowire.BytesType), []byte("provider"))
	for _, field := range []protowire.Number{2, 3} {
		for _, name := range types {
			entry := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), []byte(name))
			entry = protowire.AppendBytes(protowire.AppendTag(entry, 2, protowire.BytesType), []byte("schema of "+name))
			text = protowire.AppendBytes(protowire.AppendTag(text, field, protowire.BytesType), entry)
		}
	}
	return text
}

func newPool(t *testing.T) *Pool {
	t.Helper()
	dir, err := os.MkdirTemp("", "") // a socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return New(t, os.Args[0], append(os.Environ(), socketVariable+"="+dir))
}

// attach is a command of Terraform.
func attach(t *testing.T, p *Pool, stack string) (at string, detach func()) {
	t.Helper()
	info, detach, err := p.Attach([]byte(stack))
	require.NoError(t, err)
	return "unix:" + info[source].Addr.String, detach
}

// connect takes the relay for a process.
func connect(t *testing.T, at string) (call func(method, request string) string) {
	t.Helper()
	connection, err := grpc.NewClient(at, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(unread{})))
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return func(method, request string) string {
		var answer []byte
		require.NoError(t, connection.Invoke(context.Background(), service+method, []byte(request), &answer))
		return string(answer)
	}
}

func TestEachConfigurationHasAProcess(t *testing.T) {
	p := newPool(t)
	at, detach := attach(t, p, "")
	one, two := connect(t, at), connect(t, at)
	require.Equal(t, "0", one("ValidateResourceTypeConfig", "?"))
	require.Equal(t, "1a", one("Configure", "a"))
	require.Equal(t, "1b", two("Configure", "b"))
	require.Equal(t, "1a", one("ReadResource", "?"))
	require.Equal(t, "1b", two("ReadResource", "?"))

	nextPhase := connect(t, at)
	require.Equal(t, "1a", nextPhase("Configure", "a"), "once a command")
	require.Equal(t, "1a", nextPhase("ApplyResourceChange", "?"))
	detach()

	at, detach = attach(t, p, "")
	three := connect(t, at)
	require.Equal(t, "2b", three("Configure", "b"), "another command is configured anew")
	other, detachOther := attach(t, p, "")
	beside := connect(t, other)
	require.Equal(t, "2c", beside("Configure", "c"))
	require.Equal(t, "2b", three("ReadResource", "?"))
	detach()
	detachOther()
	require.Len(t, p.all, 2, "processes are kept")
}

func TestSchemaHasWhatStacksName(t *testing.T) {
	p := newPool(t)
	at, detach := attach(t, p, `{"resource": {"aws_a": {}}}`)
	require.Equal(t, string(response("aws_a")), connect(t, at)("GetSchema", ""))
	detach()
	at, detach = attach(t, p, `{"data": {"aws_b": {}}}`)
	require.Equal(t, string(response("aws_a", "aws_b")), connect(t, at)("GetSchema", ""), "aws_a is still in the state")
	detach()
}

func TestRelayIsOfTheProviderAlone(t *testing.T) {
	at, detach := attach(t, newPool(t), "")
	defer detach()
	connection, err := grpc.NewClient(at, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { _ = connection.Close() }()
	const shutdown = "/plugin.GRPCController/Shutdown"
	err = connection.Invoke(t.Context(), shutdown, []byte{}, new([]byte), grpc.ForceCodec(unread{}))
	require.Equal(t, codes.Unimplemented, status.Code(err))
}

func TestProgramThatEnds(t *testing.T) {
	_, err := start(os.Args[0], []string{socketVariable + "=" + strings.Repeat("x", 1000)})
	require.ErrorContains(t, err, "ended before it listened")
}
