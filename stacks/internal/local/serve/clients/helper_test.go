// Package clients calls the edge on this machine with the clients that people use.
package clients

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// served is an environment of stacks/testdata/example.json, and how it differs for a test.
type served struct {
	environment string
	api         http.Handler
	grpc        string // the address of the API, if it isn't a handler
	models      string // a folder
	signer      *rsa.PublicKey
	tls         bool
	callers     bool // the API with keys and a canary instead, which knows the key sk-test
	// A distribution instead, with what its functions and its origins know.
	synthesized *edge.Distribution
	store       function.Map
	secrets     map[string]string
}

// start serves it at an address of its own, as the command does.
func start(t *testing.T, s served) (address string) {
	t.Helper()
	store := testKey
	if s.store != nil {
		store = s.store
	}
	server, err := serve.New(s.distribution(t), serve.Options{
		API: s.origin(t), Models: s.models, TLS: s.tls, MemoryBytes: 8 << 20, DiskBytes: 8 << 20, Store: store,
		Secrets: s.secrets,
	})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- server.Run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
		require.NoError(t, server.Close())
	})
	return fmt.Sprint("localhost:", listener.Addr().(*net.TCPAddr).Port)
}

// testKey is the key sk-test, of a caller, where callers are known.
var testKey = function.Map{
	callers.Hash("sk-test"): callers.Key{Hash: callers.Hash("sk-test"), Name: "tester"}.Value(), callers.CanaryEntry: "0",
}

// distribution is that of the environment's snapshot.
func (s served) distribution(t *testing.T) *edge.Distribution {
	t.Helper()
	if s.synthesized != nil {
		return s.synthesized
	}
	if s.callers {
		return edgetest.Callers(t, func(o *viewerrequest.Options) { o.ForwardKey = true })
	}
	snapshot, err := os.ReadFile("../../../../testdata/example-" + s.environment + ".tf.json")
	require.NoError(t, err)
	text := string(snapshot)
	if s.signer != nil {
		text = withSigner(t, text, s.signer)
	}
	d, err := edge.Parse([]byte(text))
	require.NoError(t, err)
	return d
}

// withSigner puts a key in the place of the only one of a stack.
func withSigner(t *testing.T, stack string, key *rsa.PublicKey) string {
	t.Helper()
	var parsed struct {
		Resource struct {
			Keys map[string]struct {
				Key string `json:"encoded_key"`
			} `json:"aws_cloudfront_public_key"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stack), &parsed))
	require.Len(t, parsed.Resource.Keys, 1)
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	for _, old := range parsed.Resource.Keys {
		stack = strings.Replace(stack, quoted(t, old.Key), quoted(t, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))), 1)
	}
	return stack
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	json, err := json.Marshal(text)
	require.NoError(t, err)
	return string(json)
}

// origin is where the API listens.
func (s served) origin(t *testing.T) *url.URL {
	t.Helper()
	if s.grpc != "" {
		return &url.URL{Scheme: "http", Host: s.grpc}
	}
	if s.api == nil {
		s.api = http.NotFoundHandler()
	}
	back := httptest.NewServer(s.api)
	t.Cleanup(back.Close)
	u, err := url.Parse(back.URL)
	require.NoError(t, err)
	return u
}

// modelsFolder stands for a bucket with one model, models/x.
func modelsFolder(t *testing.T, content string) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "models"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "models", "x"), []byte(content), 0o600))
	return folder
}

// program is where a program is; without it a test skips, but not where CI runs.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	skipUnlessCI(t, err)
	return path
}

func skipUnlessCI(t *testing.T, err error) {
	t.Helper()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
}
