package echo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

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
