package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/local/examplebackend/echo"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// provider is a host of models to which an environment leads that the command example prints.
type provider struct {
	example string
	clients []string // those of testdata/provider.mjs
	// The only path that callers use, and the header with the provider's key.
	path, header, value string
	store               function.Map // that has the key, if no secret has
	secrets             map[string]string
	speaks              func(pause func(context.Context)) http.Handler
}

// Keys that AWS signs are presigned URLs in base64, and longer than an entry of the store if they are of a role.
var signed = strings.Repeat("aHR0", 500)

// The paths and headers are those of the providers' own pages: Amazon Bedrock User Guide, Chat Completions API, and API
// keys; SageMaker AI Developer Guide, Invoke endpoints with OpenAI-compatible APIs; Claude API, Versions.
var providers = []provider{
	{
		example: "bedrock", clients: []string{"openai"}, path: "/openai/v1/chat/completions",
		header: "Authorization", value: "Bearer bedrock-api-key-" + signed, store: inStore("bedrock-api-key-" + signed), speaks: echo.Handler,
	},
	{
		example: "sagemaker", clients: []string{"openai"}, path: "/endpoints/your-endpoint/openai/v1/chat/completions",
		header: "Authorization", value: "Bearer sagemaker-api-key-" + signed, store: inStore("sagemaker-api-key-" + signed), speaks: echo.Handler,
	},
	{
		example: "openai-compatible", clients: []string{"openai"}, path: "/v1/chat/completions",
		header: "Authorization", value: "Bearer sk-provider", secrets: map[string]string{"ml-api/prod/provider": "sk-provider"}, speaks: echo.Handler,
	},
	{
		example: "anthropic", clients: []string{"anthropic", "anthropic before 1.0"}, path: "/v1/messages",
		header: "X-Api-Key", value: "sk-ant-provider", secrets: map[string]string{"ml-api/prod/anthropic": "sk-ant-provider"}, speaks: messagesHandler,
	},
}

// inStore has a credential of the API's, in as many entries as it takes.
func inStore(credential string) function.Map {
	const most = 900
	store, entry := function.Map{}, callers.CredentialEntry("api")
	for i := 0; ; i++ {
		if len(credential) <= most {
			store[entry] = credential
			return store
		}
		next := fmt.Sprint(callers.CredentialEntry("api"), "-", i)
		store[entry] = credential[:most] + "\n" + next
		credential, entry = credential[most:], next
	}
}

// TestProviders has clients call each provider with a caller's key: the provider sees its own key, and no other; words
// come one by one; who isn't known, and a page that only asks whether it may call, never get there.
func TestProviders(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	node := program(t, "node")
	_, err := os.Stat("testdata/node_modules/@anthropic-ai/sdk")
	skipUnlessCI(t, err)
	for _, p := range providers {
		d := p.synthesize(t)
		for _, client := range p.clients {
			t.Run(p.example+" by "+client, func(t *testing.T) {
				released := make(chan struct{}, 1)
				release := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { released <- struct{}{} }))
				t.Cleanup(release.Close)
				var words, calls atomic.Int32
				backend := p.speaks(func(context.Context) {
					if words.Add(1) == 2 {
						requireBefore(t, released, "the second word is sent, the first arrives")
					}
				})
				store := function.Map{callers.Hash("sk-alice"): callers.Key{Hash: callers.Hash("sk-alice"), Name: "alice"}.Value()}
				maps.Copy(store, p.store)
				front := start(t, served{
					synthesized: d, store: store, secrets: p.secrets,
					api: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						calls.Add(1)
						if p.knows(t, r) {
							backend.ServeHTTP(w, r)
							return
						}
						http.Error(w, `{"error": {"message": "who are you?"}}`, http.StatusForbidden)
					}),
				})

				var stderr bytes.Buffer
				cmd := exec.CommandContext(t.Context(), node, "provider.mjs", client, "http://"+front, release.URL)
				cmd.Dir, cmd.Stderr = "testdata", &stderr
				stdout, err := cmd.Output()
				require.NoError(t, err, "%s%s", stdout, &stderr)
				require.JSONEq(t, `{
					"refused": {"kind": "AuthenticationError", "status": 401},
					"whole": "hello from the edge",
					"words": ["hello", " from", " the", " edge"]
				}`, string(stdout))
				require.EqualValues(t, 2, calls.Load(), "a wrong key never reaches the provider")

				p.requirePreflight(t, front)
				require.EqualValues(t, 2, calls.Load(), "a preflight never reaches the provider")
			})
		}
	}
}

// synthesize returns the distribution of the example as it is printed, but for a page that may call it.
func (p provider) synthesize(t *testing.T) *edge.Distribution {
	t.Helper()
	text, err := os.ReadFile("../../../../cli/examples/" + p.example + ".json")
	require.NoError(t, err)
	page := `{"cors": {"allowOrigins": ["https://app.example.com"],
		"allowHeaders": ["Authorization", "x-api-key", "anthropic-version", "Content-Type"]},`
	folder := t.TempDir()
	file := filepath.Join(folder, "cdktf.json")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `{"context": {"accelerator": {"name": "ml-api",
		"state": {"bucket": "acme-state", "region": "us-east-1"}, "environments": {"prod": %s}}}}`,
		strings.Replace(string(text), "{", page, 1)), 0o600))
	var stdout, stderr bytes.Buffer
	require.Zero(t, cli.Run([]string{"synth", "-c", file, "-o", folder}, &stdout, &stderr), &stderr)
	stack, err := os.ReadFile(filepath.Join(folder, "stacks", "ml-api-prod", "cdk.tf.json"))
	require.NoError(t, err)
	d, err := edge.Parse(stack)
	require.NoError(t, err)
	return d
}

// knows reports whether a request is one that the provider answers. It may run on any goroutine.
func (p provider) knows(t *testing.T, r *http.Request) bool {
	t.Helper()
	known := true
	refuse := func(why string, values ...any) {
		known = false
		t.Errorf("%s %s reached the provider "+why, append([]any{r.Method, r.URL}, values...)...)
	}
	if r.Method != http.MethodPost || r.URL.Path != p.path {
		refuse("there")
	}
	for _, name := range []string{"Authorization", "X-Api-Key"} {
		sent := strings.Join(r.Header.Values(name), " and ")
		if name == p.header && sent != p.value || name != p.header && sent != "" {
			refuse("with %s %q", name, sent)
		}
	}
	if r.Header.Get("X-Caller") != "alice" {
		refuse("for the caller %q", r.Header.Get("X-Caller"))
	}
	for name, values := range r.Header {
		if strings.Contains(strings.Join(values, ""), "sk-alice") {
			refuse("with the caller's key in %s", name)
		}
	}
	return known
}

// requirePreflight asks as a browser does before it lets a page call, and once more as no browser does.
func (p provider) requirePreflight(t *testing.T, front string) {
	t.Helper()
	ask := func(headers map[string]string) *http.Response {
		path := p.path[strings.LastIndex(p.path, "/v1/"):]
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, "http://"+front+path, nil)
		require.NoError(t, err)
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer
	}
	answer := ask(map[string]string{
		"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST",
		"Access-Control-Request-Headers": strings.ToLower(p.header) + ",content-type",
	})
	require.Equal(t, http.StatusNoContent, answer.StatusCode)
	require.Equal(t, "https://app.example.com", answer.Header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, strings.ToLower(answer.Header.Get("Access-Control-Allow-Headers")), strings.ToLower(p.header))
	for name, values := range answer.Header {
		require.NotContains(t, strings.Join(values, ""), p.value, name)
	}
	require.Equal(t, http.StatusUnauthorized, ask(map[string]string{"Origin": "https://app.example.com"}).StatusCode)
}

// messagesHandler speaks as much of Anthropic's Messages API as its client needs (Claude API, Streaming messages), and
// repeats the prompt. It calls pause before each streamed word.
func messagesHandler(pause func(context.Context)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Messages []struct{ Content string }
			Stream   bool
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.Messages) != 1 || r.Header.Get("anthropic-version") == "" {
			http.Error(w, `{"type": "error", "error": {"type": "invalid_request_error", "message": "what?"}}`, http.StatusBadRequest)
			return
		}
		message := map[string]any{
			"id": "msg_echo", "type": "message", "role": "assistant", "model": "echo", "stop_reason": "end_turn", "stop_sequence": nil,
			"content": []map[string]any{{"type": "text", "text": asked.Messages[0].Content}}, "usage": map[string]int{"input_tokens": 4, "output_tokens": 4},
		}
		if !asked.Stream {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(message) // the client reads it
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		send := func(kind string, event map[string]any) {
			event["type"] = kind
			text, _ := json.Marshal(event) // it can't fail
			_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, text)
			_ = http.NewResponseController(w).Flush()
		}
		message["content"], message["stop_reason"] = []any{}, nil
		send("message_start", map[string]any{"message": message})
		send("content_block_start", map[string]any{"index": 0, "content_block": map[string]string{"type": "text", "text": ""}})
		for i, word := range strings.Fields(asked.Messages[0].Content) {
			pause(r.Context())
			if i > 0 {
				word = " " + word
			}
			send("content_block_delta", map[string]any{"index": 0, "delta": map[string]string{"type": "text_delta", "text": word}})
		}
		send("content_block_stop", map[string]any{"index": 0})
		send("message_delta", map[string]any{"delta": map[string]any{"stop_reason": "end_turn", "stop_sequence": nil}, "usage": map[string]int{"output_tokens": 4}})
		send("message_stop", map[string]any{})
	})
}
