package echo

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
)

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
