package echo

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHandler(t *testing.T) {
	const chat, embed = "POST /v1/chat/completions", "POST /v1/embeddings"
	for _, r := range []struct {
		name, request, body string
		status              int
		want                string // in the answer
	}{
		{"models", "GET /v1/models", "", 200, `"id":"echo","object":"model"`},
		{"model", "GET /v1/models/echo", "", 200, `{"id":"echo","object":"model"`},
		{"another model", "GET /v1/models/gpt", "", 404, `"code":"model_not_found"`},
		{"below a path", "POST /api/v2/v1/chat/completions", `{"model": "echo", "messages": [{"content": "a  b"}]}`, 200, `"content":"a b"`},
		{"the last message", chat, `{"model": "echo", "messages": [{"content": "a"}, {"content": "b"}]}`, 200, `"content":"b"`},
		{"parts", chat, `{"model": "echo", "messages": [{"content": [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]}]}`, 200, `"content":"a b"`},
		{"cut", chat, `{"model": "echo", "max_tokens": 1, "messages": [{"content": "a b"}]}`, 200, `"content":"a","role":"assistant"},"finish_reason":"length"`},
		{"cut by the newer name", chat, `{"model": "echo", "max_completion_tokens": 1, "messages": [{"content": "a b"}]}`, 200, `"completion_tokens":1`},
		{"chat with another model", chat, `{"model": "gpt", "messages": [{"content": "a"}]}`, 404, "The model `gpt` does not exist; there is `echo`"},
		{"no message", chat, `{"model": "echo"}`, 400, `"type":"invalid_request_error"`},
		{"a number for a message", chat, `{"model": "echo", "messages": [{"content": 1}]}`, 400, `cannot unmarshal number`},
		{"no JSON", chat, `model=echo`, 400, `The body must be the JSON of a request`},
		{"too long", chat, `{"model": "` + strings.Repeat("x", 1<<20) + `"}`, 400, `request body too large`},
		{"embedding", embed, `{"model": "echo", "input": "a", "dimensions": 2}`, 200, `"embedding":[1,0]`},
		{"embeddings", embed, `{"model": "echo", "input": ["a", "A"], "dimensions": 1, "encoding_format": "base64"}`, 200, `"index":1,"embedding":"AACAPw=="`},
		{"nothing to embed", embed, `{"model": "echo", "input": []}`, 400, `There must be an input`},
		{"preflight", "OPTIONS /v1/chat/completions", "", 204, ""},
		{"another path", "GET /v1/chat", "", 404, "Unknown request URL: GET /v1/chat"},
		{"another method", "GET /v1/chat/completions", "", 404, "Unknown request URL: GET /v1/chat/completions"},
		{"the root", "GET /", "", 404, "Unknown request URL: GET /"},
	} {
		t.Run(r.name, func(t *testing.T) {
			answer := ask(r.request, r.body)
			require.Equal(t, r.status, answer.Code, answer.Body)
			require.Contains(t, answer.Body.String(), r.want)
			if r.want != "" {
				require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
			}
		})
	}
}

func TestStream(t *testing.T) {
	answer := ask("POST /v1/chat/completions", `{"model": "echo", "stream": true, "stream_options": {"include_usage": true}, "messages": [{"content": "a b"}]}`)
	require.Equal(t, http.StatusOK, answer.Code)
	require.Equal(t, "text/event-stream", answer.Header().Get("Content-Type"))
	require.True(t, answer.Flushed)
	const head = `data: {"id":"chatcmpl-echo","object":"chat.completion.chunk","created":1767225600,"model":"echo","choices":`
	require.Equal(t, strings.Join([]string{
		head + `[{"index":0,"delta":{"content":"a","role":"assistant"},"finish_reason":null}]}`,
		head + `[{"index":0,"delta":{"content":" b"},"finish_reason":null}]}`,
		head + `[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
		head + `[],"usage":{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4}}`,
		"data: [DONE]", "",
	}, "\n\n"), answer.Body.String())
}

func ask(request, body string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(request, " ")
	answer := httptest.NewRecorder()
	Handler(func(context.Context) {}).ServeHTTP(answer, httptest.NewRequest(method, path, strings.NewReader(body)))
	return answer
}
