// Package provider keeps processes of the AWS provider from one command of Terraform to the next. Left to itself
// Terraform starts several for each: a process a provider configuration and phase, of which each takes a second of
// processor time, and more until Terraform has read the schemas of 1,500 types.
//
// Terraform attaches to a relay instead (Terraform, Plugin Development: Debugging). It passes every call on, unread but
// for two: it answers those for the schema with what stacks need of it, and sees to it that each configuration has a
// process of its own, since a process has one configuration.
package provider

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"ml-api-accelerator/stacks/internal/awstest/watched"
)

const (
	service = "/tfplugin5.Provider/"
	source  = "hashicorp/aws" // in Terraform's registry, or in OpenTofu's
)

// Pool has processes with one environment, which leads them all to the same AWS.
type Pool struct {
	program string
	env     []string
	schema  schema

	mu   sync.Mutex // guards what follows
	all  []*process
	idle []*process
}

// New returns a pool, without a process yet, that ends with the test.
func New(t testing.TB, program string, env []string) *Pool {
	p := &Pool{program: program, env: env}
	t.Cleanup(func() {
		for _, process := range p.all {
			process.end()
		}
	})
	return p
}

// take returns a process that nobody uses.
func (p *Pool) take() (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return p.start()
	}
	process := p.idle[0]
	p.idle = p.idle[1:]
	return process, nil
}

// any returns a process for what doesn't depend on a configuration.
func (p *Pool) any() (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) > 0 {
		return p.all[0], nil
	}
	process, err := p.start()
	if err == nil {
		p.idle = append(p.idle, process)
	}
	return process, err
}

func (p *Pool) start() (*process, error) {
	process, err := start(p.program, p.env)
	if err == nil {
		p.all = append(p.all, process)
	}
	return process, err
}

// process is a running provider.
type process struct {
	*grpc.ClientConn
	end func()
}

func start(program string, env []string) (*process, error) {
	output, written := io.Pipe()
	cmd := watched.Command(program, "-debug")
	cmd.Env, cmd.Stdout = env, written
	ended, end, err := watched.Start(cmd)
	if err != nil {
		return nil, err
	}
	go func() {
		<-ended
		_ = written.Close()
	}()
	at, err := announced(output)
	if err != nil {
		_ = output.Close()
		end()
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	go func() { _, _ = io.Copy(io.Discard, output) }()
	connection, err := grpc.NewClient(at.Network+":"+at.String, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(unread{}), grpc.MaxCallRecvMsgSize(largest),
			grpc.MaxCallSendMsgSize(largest)))
	if err != nil {
		end()
		return nil, err
	}
	return &process{ClientConn: connection, end: func() {
		_ = connection.Close()
		end()
		_ = os.Remove(at.String)
	}}, nil
}

// announced reads where a provider listens off what it says for whoever debugs it.
func announced(output io.Reader) (tfexec.ReattachConfigAddr, error) {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		_, text, found := strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS='")
		if !found {
			continue
		}
		var info tfexec.ReattachInfo
		err := json.Unmarshal([]byte(strings.TrimSuffix(text, "'")), &info)
		return info["registry.terraform.io/"+source].Addr, err
	}
	return tfexec.ReattachConfigAddr{}, errors.Join(errors.New("ended before it listened"), lines.Err())
}

// Attach returns what one command of Terraform needs to find the pool. After the command the caller detaches it.
// Schemas have the types that the stack names, and those of earlier ones.
func (p *Pool) Attach(stack []byte) (info tfexec.ReattachInfo, detach func(), err error) {
	p.schema.need(stack)
	dir, err := os.MkdirTemp("", "relay-")
	if err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	c := &command{pool: p, configured: map[string]configured{}}
	server := grpc.NewServer(grpc.UnknownServiceHandler(c.relay), grpc.ForceServerCodec(unread{}), grpc.StatsHandler(c),
		grpc.MaxRecvMsgSize(largest), grpc.MaxSendMsgSize(largest))
	go func() { _ = server.Serve(listener) }()
	detach = func() {
		server.Stop()
		c.release()
		_ = os.RemoveAll(dir)
	}
	return tfexec.ReattachInfo{source: {
		Protocol: "grpc", ProtocolVersion: 5, Pid: os.Getpid(), Test: true,
		Addr: tfexec.ReattachConfigAddr{Network: "unix", String: listener.Addr().String()},
	}}, detach, nil
}

// command is one command of Terraform.
type command struct {
	pool *Pool

	mu         sync.Mutex
	configured map[string]configured // by configuration
}

// configured is a process, and what it has answered.
type configured struct {
	*process
	answer []byte
}

// session is a connection of Terraform, which takes it for a process: it has one for each provider configuration and
// phase.
type session struct{ process atomic.Pointer[process] }

type sessionKey struct{}

// TagConn is part of stats.Handler.
func (*command) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, sessionKey{}, &session{})
}

// TagRPC is part of stats.Handler.
func (*command) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleConn is part of stats.Handler.
func (*command) HandleConn(context.Context, stats.ConnStats) {}

// HandleRPC is part of stats.Handler.
func (*command) HandleRPC(context.Context, stats.RPCStats) {}

func (c *command) relay(_ any, stream grpc.ServerStream) error {
	ctx := stream.Context()
	method, _ := grpc.MethodFromServerStream(stream)
	call, ofProvider := strings.CutPrefix(method, service)
	if !ofProvider { // of go-plugin, which goes without
		return status.Error(codes.Unimplemented, method)
	}
	var request, answer []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	session := ctx.Value(sessionKey{}).(*session)
	var err error
	switch call {
	case "Configure":
		answer, err = c.configure(ctx, session, request)
	case "GetSchema":
		answer, err = c.pool.schema.get(func() ([]byte, error) { return c.pass(ctx, session, method, request) })
	default:
		answer, err = c.pass(ctx, session, method, request)
	}
	if err != nil {
		return err
	}
	return stream.SendMsg(answer)
}

func (c *command) pass(ctx context.Context, s *session, method string, request []byte) (answer []byte, err error) {
	process := s.process.Load()
	if process == nil {
		if process, err = c.pool.any(); err != nil {
			return nil, err
		}
	}
	err = process.Invoke(ctx, method, request, &answer)
	return answer, err
}

// configure gives a session the process with its configuration, which is configured once a command.
func (c *command) configure(ctx context.Context, s *session, request []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	configuration := string(request)
	done, found := c.configured[configuration]
	if !found {
		var err error
		if done.process, err = c.pool.take(); err != nil {
			return nil, err
		}
		c.configured[configuration] = done // to be released, whatever comes
		if err := done.Invoke(ctx, service+"Configure", request, &done.answer); err != nil {
			return nil, err
		}
		c.configured[configuration] = done
	}
	s.process.Store(done.process)
	return done.answer, nil
}

func (c *command) release() {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	for _, done := range c.configured {
		c.pool.idle = append(c.pool.idle, done.process)
	}
}

// largest is more than any message has; the schema has 10 MB.
const largest = 256 << 20

// unread is the encoding of messages that are passed on.
type unread struct{}

func (unread) Name() string { return "proto" }

func (unread) Marshal(message any) ([]byte, error) { return message.([]byte), nil }

func (unread) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = data
	return nil
}
