// Package echo serves enough of OpenAI's API for its clients to work, without a model: the answer is the prompt.
package echo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
)

// Model is the name of the only model.
const Model = "echo"

// created is when the model was created, in Unix seconds.
const created = 1767225600

type model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

// Handler answers /v1/…, after any prefix, since the edge adds api.path. It calls pause before each streamed word.
func Handler(pause func(context.Context)) http.Handler {
	only := model{ID: Model, Object: "model", Created: created, OwnedBy: "nobody"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusOK, map[string]any{"object": "list", "data": []model{only}})
	})
	mux.HandleFunc("GET /v1/models/{model}", func(w http.ResponseWriter, r *http.Request) {
		if knows(w, r.PathValue("model")) {
			send(w, http.StatusOK, only)
		}
	})
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { chat(w, r, pause) })
	mux.HandleFunc("POST /v1/embeddings", embeddings)
	mux.HandleFunc("OPTIONS /v1/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent) // the edge adds the CORS headers
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "unknown_url", fmt.Sprintf("Unknown request URL: %s %s", r.Method, r.URL.Path))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before := max(strings.LastIndex(r.URL.Path, "/v1/"), 0)
		http.StripPrefix(r.URL.Path[:before], mux).ServeHTTP(w, r)
	})
}

// knows reports whether a model is the only one, and answers with an error if not.
func knows(w http.ResponseWriter, name string) bool {
	if name != Model {
		refuse(w, http.StatusNotFound, "model_not_found",
			fmt.Sprintf("The model `%s` does not exist; there is `%s`", name, Model))
	}
	return name == Model
}

// receive reads the body of a request, or answers with an error.
func receive(w http.ResponseWriter, r *http.Request, into any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(into)
	if err != nil {
		refuse(w, http.StatusBadRequest, "", "The body must be the JSON of a request: "+err.Error())
	}
	return err == nil
}

// refuse answers with an error as OpenAI writes it.
func refuse(w http.ResponseWriter, status int, code, message string) {
	problem := map[string]any{"message": message, "type": "invalid_request_error", "param": nil, "code": nil}
	if code != "" {
		problem["code"] = code
	}
	send(w, status, map[string]any{"error": problem})
}

func send(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the caller may have left
}

type chatRequest struct {
	Model         string
	Messages      []struct{ Content content }
	Stream        bool
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           *int `json:"max_tokens"`
	MaxCompletionTokens *int `json:"max_completion_tokens"`
}

// content is the text of a message, which may come in parts.
type content string

func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*c = content(text)
		return nil
	}
	var parts []struct{ Text string }
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	for _, part := range parts {
		*c += content(part.Text)
	}
	return nil
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

type choice struct {
	Index        int               `json:"index"`
	Message      map[string]string `json:"message,omitempty"`
	Delta        map[string]string `json:"delta,omitzero"`
	FinishReason *string           `json:"finish_reason"`
}

type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

// chat repeats the last message.
func chat(w http.ResponseWriter, r *http.Request, pause func(context.Context)) {
	var request chatRequest
	if !receive(w, r, &request) || !knows(w, request.Model) {
		return
	}
	if len(request.Messages) == 0 {
		refuse(w, http.StatusBadRequest, "", "There must be at least one message")
		return
	}
	reason := "stop"
	words := strings.Fields(string(request.Messages[len(request.Messages)-1].Content))
	used := usage{Prompt: len(words)}
	for _, most := range []*int{request.MaxTokens, request.MaxCompletionTokens} {
		if most != nil && *most >= 0 && *most < len(words) {
			words, reason = words[:*most], "length"
		}
	}
	used.Completion, used.Total = len(words), used.Prompt+len(words)
	answer := completion{ID: "chatcmpl-echo", Created: created, Model: Model}
	if request.Stream {
		stream(w, r, answer, words, reason, pause)
		if request.StreamOptions.IncludeUsage {
			answer.Choices, answer.Usage = []choice{}, &used
			event(w, answer)
		}
		fmt.Fprint(w, "data: [DONE]\n\n")
		return
	}
	answer.Object, answer.Usage = "chat.completion", &used
	message := map[string]string{"role": "assistant", "content": strings.Join(words, " ")}
	answer.Choices = []choice{{Message: message, FinishReason: &reason}}
	send(w, http.StatusOK, answer)
}

// stream sends an answer word by word.
func stream(
	w http.ResponseWriter, r *http.Request, answer completion, words []string, reason string,
	pause func(context.Context),
) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	for i, word := range words {
		pause(r.Context())
		delta := map[string]string{"content": word}
		if i == 0 {
			delta["role"] = "assistant"
		} else {
			delta["content"] = " " + word
		}
		answer.Choices = []choice{{Delta: delta}}
		event(w, answer)
	}
	answer.Choices = []choice{{Delta: map[string]string{}, FinishReason: &reason}}
	event(w, answer)
}

// event sends one part of a stream at once.
func event(w http.ResponseWriter, part completion) {
	part.Object = "chat.completion.chunk"
	text, _ := json.Marshal(part) // it can't fail
	fmt.Fprintf(w, "data: %s\n\n", text)
	_ = http.NewResponseController(w).Flush() // the caller may have left
}

type embeddingsRequest struct {
	Model          string
	Input          inputs
	EncodingFormat string `json:"encoding_format"`
	Dimensions     int
}

// inputs are one or more texts.
type inputs []string

func (i *inputs) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*i = inputs{text}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(i))
}

type embedding struct {
	Object    string `json:"object"`
	Index     int    `json:"index"`
	Embedding any    `json:"embedding"`
}

// embeddings answers with a vector for each text.
func embeddings(w http.ResponseWriter, r *http.Request) {
	request := embeddingsRequest{Dimensions: 16}
	if !receive(w, r, &request) || !knows(w, request.Model) {
		return
	}
	if len(request.Input) == 0 || request.Dimensions < 1 || request.Dimensions > 4096 {
		refuse(w, http.StatusBadRequest, "", "There must be an input, and from 1 to 4096 dimensions")
		return
	}
	words, data := 0, make([]embedding, len(request.Input))
	for i, text := range request.Input {
		words += len(strings.Fields(text))
		data[i] = embedding{Object: "embedding", Index: i, Embedding: vector(text, request.Dimensions)}
		if request.EncodingFormat == "base64" {
			data[i].Embedding = inBase64(vector(text, request.Dimensions))
		}
	}
	send(w, http.StatusOK, map[string]any{
		"object": "list", "model": Model, "data": data,
		"usage": map[string]int{"prompt_tokens": words, "total_tokens": words},
	})
}

// vector counts words by their hash, so that texts with words in common are near each other, and has length 1.
func vector(text string, dimensions int) []float32 {
	counts := make([]float32, dimensions)
	for _, word := range strings.Fields(strings.ToLower(text)) {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(word)) // never fails
		counts[hash.Sum32()%uint32(dimensions)]++
	}
	var sum float64
	for _, n := range counts {
		sum += float64(n) * float64(n)
	}
	if sum > 0 {
		for i := range counts {
			counts[i] /= float32(math.Sqrt(sum))
		}
	}
	return counts
}

func inBase64(vector []float32) string {
	var data bytes.Buffer
	_ = binary.Write(&data, binary.LittleEndian, vector) // a buffer takes all
	return base64.StdEncoding.EncodeToString(data.Bytes())
}
