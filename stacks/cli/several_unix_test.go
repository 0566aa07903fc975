//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// configured writes the configuration of an environment prod with some fields.
func configured(t *testing.T, fields string) (file string) {
	t.Helper()
	environment := object{"region": "us-east-1"}
	require.NoError(t, json.Unmarshal([]byte("{"+fields+"}"), &environment), fields)
	text, err := json.Marshal(object{"context": object{"accelerator": object{
		"name": "ml-api", "state": object{"bucket": "acme-state", "region": "us-east-1"}, "environments": object{"prod": environment}}}})
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "cdktf.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

// serving runs serve until the test ends. It returns its address and what it says at its start.
func serving(t *testing.T, args ...string) (address, said string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], append([]string{"serve", "prod", "--listen", "localhost:0"}, args...)...)
	cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said, address = begin(stdout)
	require.NotEmpty(t, address, &stderr)
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
		require.NoError(t, cmd.Wait(), &stderr)
	})
	return address, said
}

// naming has a server that says its name and the path that it is asked for, and lets that be kept.
func naming(t *testing.T, who string) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		fmt.Fprintf(w, "%s %s %s", who, r.URL.Path, r.Header.Get("X-Forwarded-Prefix"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// got is what a request of alice is answered: what the cache did, and the body.
func got(t *testing.T, address, method, path, key string) string {
	t.Helper()
	r, err := http.NewRequest(method, address+path, nil)
	require.NoError(t, err)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	result, _, _ := strings.Cut(answer.Header.Get("X-Cache"), " ")
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", answer.StatusCode, result, text))
}

// TestReadmeSeveral pastes the configuration of the README and runs its commands, with servers that say who they are.
func TestReadmeSeveral(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file := configured(t, readmeBlock(t, "../docs/routes-and-caches.md", "json", `"buckets": {"adapters"`))
	code, _, stderr := run("check", "-c", file)
	require.Zero(t, code, stderr)
	commands := regexp.MustCompile(`(?m)^go run \. (.*)$`).FindAllStringSubmatch(readmeBlock(t, "../docs/routes-and-caches.md", "sh", "--backend litellm"), -1)
	require.Len(t, commands, 2)
	code, stdout, stderr := run(append(strings.Fields(commands[0][1]), "-c", file)...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "\npath    /llm/v1/chat/completions → /v1/chat/completions: /llm is stripped\n")

	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.safetensors"), []byte("weights"), 0o600))
	args := strings.Fields(strings.NewReplacer("localhost:8000", naming(t, "api"), "localhost:8001", naming(t, "embeddings"),
		"localhost:8002", naming(t, "litellm"), "./adapters", folder).Replace(commands[1][1]))
	address, said := serving(t, append(args[2:], "-c", file)...)
	require.Contains(t, said, "\nno folder stands for models: name one with --models\n")
	require.NotContains(t, said, "no server")
	for request, want := range map[string]string{
		"POST /v1/chat/completions":   "200 Miss api /v1/chat/completions",
		"POST /v1/images/generations": "200 Miss api /v1/images/generations",
		"POST /v1/embeddings":         "200 Miss embeddings /v1/embeddings",
		"GET /llm/v1/models":          "200 Miss litellm /v1/models /llm",
		"GET /llm":                    "200 Miss api /llm",
		"GET /adapters/a.safetensors": "200 Miss weights",
	} {
		method, path, _ := strings.Cut(request, " ")
		require.Equal(t, want, got(t, address, method, path, "sk-alice"), request)
	}
	require.Equal(t, "200 Miss api /health", got(t, address, http.MethodGet, "/health", ""))
	require.Contains(t, got(t, address, http.MethodGet, "/%6clm/x", "sk-alice"), "400 ")
	require.Contains(t, got(t, address, http.MethodPost, "/v1/embeddings", ""), "401 ")
}

// TestStrippedAnswers are shared by routes that strip to one path of one backend, and not by those of two.
func TestStrippedAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	const cached = `"methods": "read", "cache": {"keyHeaders": []}`
	file := configured(t, `"api": {"domainName": "chat.example.com"},
		"backends": {"llm": {"domainName": "llm.example.com"}, "old": {"domainName": "old.example.com"}},
		"routes": [{"path": "/llm/v1/*", "origin": "llm", "strip": "/llm", `+cached+`}, {"path": "/gpt/v1/*", "origin": "llm", "strip": "/gpt", `+cached+`},
			{"path": "/llm/v0/*", "origin": "llm", "strip": "/llm", `+cached+`}, {"path": "/old/v0/*", "origin": "old", "strip": "/old", `+cached+`}]`)
	address, said := serving(t, "-c", file, "--backend", "llm="+naming(t, "llm"), "--backend", "old="+naming(t, "old"))
	require.Contains(t, said, "\nno server stands for api: name one with --api\n")
	for _, r := range []struct{ path, want string }{
		{"/llm/v1/models", "200 Miss llm /v1/models /llm"},
		{"/gpt/v1/models", "200 Hit llm /v1/models /llm"},
		{"/llm/v0/models", "200 Miss llm /v0/models /llm"},
		{"/old/v0/models", "200 Miss old /v0/models /old"},
		{"/old/v0/models", "200 Hit old /v0/models /old"},
		{"/llm/v0/models", "200 Hit llm /v0/models /llm"},
	} {
		require.Equal(t, r.want, got(t, address, http.MethodGet, r.path, ""), r.path)
	}
}
