//go:build unix

package cli_test

import (
	"bytes"
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

// TestCredentialsStayHidden has serve send credentials to backends, which get them, and look for them in all that a
// person or a file is shown: the inspector's pages, the log, what callers are answered, and both outputs.
func TestCredentialsStayHidden(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a synthesis")
	}
	marker := map[string]string{} // by name; none has a part in common with others
	for i, name := range []string{"api", "api-canary", "api-failover", "embeddings", "images"} {
		marker[name] = strings.Repeat(string(rune('P'+i)), 1200) + "=="
	}
	var got []string
	server := func(name string, status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, header := range []string{"Authorization", "X-Api-Key", "X-Key"} {
				if value := r.Header.Get(header); value != "" {
					for of, secret := range marker {
						value = strings.ReplaceAll(value, secret, "that of "+of)
					}
					got = append(got, fmt.Sprintf("%s %s: %s", name, header, value))
				}
			}
			w.WriteHeader(status)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	dir := t.TempDir()
	file, log := filepath.Join(dir, "credentials"), filepath.Join(dir, "log")
	var lines []string
	for name, value := range marker {
		if name != "api" {
			lines = append(lines, name+"="+value)
		}
	}
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve", "dev", "-c", credentials, "--listen", "localhost:0", "--inspect", "0",
		"--log", log, "--api-key", "alice=sk-alice-0123456789", "--credential", "@"+file, "--credential", marker["api"], "--canary-percent", "0",
		"--api", server("api", 500), "--failover", server("api-failover", 200), "--canary", server("api-canary", 200),
		"--backend", "embeddings="+server("embeddings", 200), "--backend", "images="+server("images", 200), "--backend", "plain=localhost:1")
	cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said, address := begin(stdout)
	require.NotEmpty(t, address, &stderr)
	found := regexp.MustCompile(`^(\S+); look at (\S+)`).FindStringSubmatch(address)
	require.NotNil(t, found, address)
	require.NotContains(t, said, "isn't known")

	var shown strings.Builder
	requests := []string{
		"POST /v1/chat", "GET /v1/models", "POST /v1/embeddings", "POST /images/x", "GET /plain/x", "POST /plain/x", "OPTIONS /v1/chat", "GET /a/../b",
	}
	for _, request := range requests {
		method, path, _ := strings.Cut(request, " ")
		r, err := http.NewRequest(method, found[1]+path, nil)
		require.NoError(t, err)
		r.Header.Set("Origin", "https://app.example.com")
		if method == "OPTIONS" {
			r.Header.Set("Access-Control-Request-Method", "POST")
		} else {
			r.Header.Set("Authorization", "Bearer sk-alice-0123456789")
		}
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Write(&shown))
		answer.Body.Close()
	}
	for n := range requests {
		answer, err := http.Get(fmt.Sprintf("%s/exchanges/%d", found[2], n+1))
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, http.StatusOK, answer.StatusCode, "%s", text)
		shown.Write(text)
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	rest, err := io.ReadAll(stdout)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait())
	logged, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Contains(t, string(logged), "/v1/embeddings")

	require.Equal(t, []string{
		"api Authorization: Bearer that of api", "api Authorization: Bearer that of api",
		"api-failover Authorization: Bearer that of api-failover", "embeddings X-Api-Key: that of embeddings",
		"images X-Key: Key that of images", "api Authorization: Bearer that of api",
	}, got)
	require.Contains(t, shown.String(), "Bearer (credential from the key value store)")
	require.Contains(t, shown.String(), "Key (secret example/images)")
	all := said + string(rest) + stderr.String() + shown.String() + string(logged)
	for name, value := range marker {
		require.NotContains(t, all, value[:3], name)
	}
}

// TestServeLacksCredentials says at its start what isn't known, and takes no wrong name, nor part of it into a message.
func TestServeLacksCredentials(t *testing.T) {
	const secret = "hunter2"
	names := "must be NAME=VALUE, and NAME one of api, api-canary, api-failover, embeddings, images\n"
	for _, c := range []struct{ flag, want string }{
		{"embedings=" + secret, "--credential: " + names},
		{secret + "=" + secret, "--credential: " + names},
		{"plain=" + secret, "--credential: " + names},
		{"api=", "--credential: the credential: is empty\n"},
		{"Bearer " + secret, "--credential: the credential: must come without \"Bearer\", which the edge puts before it\n"},
		{"images=Key " + secret, "--credential: the credential: must come without \"Key\", which the edge puts before it\n"},
		{"api-failover=" + secret, "--credential: the secret example/second has another value already\n"},
	} {
		code, _, stderr := run("serve", "dev", "-c", credentials, "--listen", "127.0.0.1:0", "--secret", "example/second=x", "--credential", c.flag)
		require.Equal(t, 2, code)
		require.Equal(t, c.want, withoutNode(stderr))
		require.NotContains(t, stderr, secret)
	}
	code, _, stderr := run("serve", "bare", "-c", credentials, "--listen", "127.0.0.1:0", "--credential", secret)
	require.Equal(t, 2, code)
	require.Equal(t, "--credential: no backend has a credential\n", withoutNode(stderr))
}

// withoutNode takes away what Node.js says of its version.
func withoutNode(text string) string {
	return regexp.MustCompile(`(?m)^Node\.js.*\n`).ReplaceAllString(text, "")
}
