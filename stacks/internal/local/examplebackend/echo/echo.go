// Package echo serves enough of OpenAI's API for its clients to work, without a model: the answer is the prompt.
package echo

import (
	"context"
	"encoding/json"
	"fmt"
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

// Handler answers requests for /v1/…, with any prefix, since the edge adds api.path. It calls pause before each word of
// a stream.
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
