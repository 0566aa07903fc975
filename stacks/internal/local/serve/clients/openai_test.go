package clients

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/local/examplebackend/echo"
)

// TestOpenAI has the client read the first word of a stream before the backend sends the second.
func TestOpenAI(t *testing.T) {
	node := program(t, "node")
	_, err := os.Stat("testdata/node_modules/openai")
	skipUnlessCI(t, err)
	for _, environment := range []string{"dev", "prod"} {
		t.Run(environment, func(t *testing.T) {
			released := make(chan struct{}, 1)
			release := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { released <- struct{}{} }))
			t.Cleanup(release.Close)
			var words, lists atomic.Int32
			left := make(chan struct{})
			backend := echo.Handler(func(ctx context.Context) {
				switch words.Add(1) {
				case 2:
					requireBefore(t, released, "the second word is sent, the first arrives")
				case 6:
					requireBefore(t, ctx.Done(), "the second word is sent, the backend learns that the caller has left")
					close(left)
				}
			})
			front := start(t, served{environment: environment, api: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					lists.Add(1)
				}
				if r.Header.Get("Authorization") != "Bearer sk-test" {
					t.Errorf("%s %s reached the backend with Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
				}
				backend.ServeHTTP(w, r)
			})})

			var stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), node, "openai.mjs", "http://"+front+"/v1", release.URL)
			cmd.Dir, cmd.Stderr = "testdata", &stderr
			stdout, err := cmd.Output()
			require.NoError(t, err, "%s%s", stdout, &stderr)
			require.JSONEq(t, `{
				"models": [{"ids": ["echo"], "cache": "Miss from cloudfront"}, {"ids": ["echo"], "cache": "Hit from cloudfront"}],
				"chat": {"text": "hello from the edge", "tokens": 8},
				"stream": {"words": ["hello", " from", " the", " edge"], "tokens": 8},
				"embeddings": ["1.000", "1.000"],
				"error": {"kind": "NotFoundError", "status": 404, "code": "model_not_found",
					"message": "The model `+"`gpt` does not exist; there is `echo`"+`"}
			}`, string(stdout))
			require.EqualValues(t, 1, lists.Load(), "the second list came from the cache")
			requireBefore(t, left, "the test ends, the backend learns that the caller has left")
		})
	}
}

// TestOpenAIWithKey has the client understand why it is refused, and read the first word of a stream before the backend
// sends the second if it isn't.
func TestOpenAIWithKey(t *testing.T) {
	node := program(t, "node")
	_, err := os.Stat("testdata/node_modules/openai")
	skipUnlessCI(t, err)
	released := make(chan struct{}, 1)
	release := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { released <- struct{}{} }))
	t.Cleanup(release.Close)
	var words, calls atomic.Int32
	backend := echo.Handler(func(context.Context) {
		if words.Add(1) == 2 {
			requireBefore(t, released, "the second word is sent, the first arrives")
		}
	})
	front := start(t, served{callers: true, api: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.Header.Get("X-Caller") != "tester" {
			t.Errorf("the backend is told of the caller %q", r.Header.Get("X-Caller"))
		}
		backend.ServeHTTP(w, r)
	})})

	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), node, "openaikey.mjs", "http://"+front+"/v1", release.URL)
	cmd.Dir, cmd.Stderr = "testdata", &stderr
	stdout, err := cmd.Output()
	require.NoError(t, err, "%s%s", stdout, &stderr)
	require.JSONEq(t, `{
		"refused": [
			{"kind": "AuthenticationError", "status": 401, "code": "invalid_api_key", "type": "invalid_request_error", "message": "401 This API key is unknown."},
			{"kind": "AuthenticationError", "status": 401, "code": "invalid_api_key", "type": "invalid_request_error",
				"message": "401 Send an API key in the header Authorization: Bearer KEY."}
		],
		"words": ["hello", " from", " the", " edge"]
	}`, string(stdout))
	require.EqualValues(t, 1, calls.Load(), "what is refused never reaches the backend")
}

// requireBefore waits for what must come before something else. It may run on any goroutine.
func requireBefore(t *testing.T, event <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-event:
	case <-time.After(time.Minute):
		t.Errorf("before %s: didn't happen", what)
	}
}
