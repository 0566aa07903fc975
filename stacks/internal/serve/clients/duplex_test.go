package clients

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnswerBeforeRequestEnds has a backend answer while the caller is still sending.
func TestAnswerBeforeRequestEnds(t *testing.T) {
	front := start(t, served{environment: "prod", api: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := http.NewResponseController(w)
		if err := answer.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "begins, ") // the test reads it
		_ = answer.Flush()
		rest, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(rest)
	})})
	body, send := io.Pipe()
	request, err := http.NewRequestWithContext(timely(t), http.MethodPost, "http://"+front+"/v1/audio", body)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	first := make([]byte, len("begins, "))
	_, err = io.ReadFull(answer.Body, first)
	require.NoError(t, err)
	_, err = io.WriteString(send, "and ends")
	require.NoError(t, err)
	require.NoError(t, send.Close())
	rest, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "begins, and ends", string(first)+string(rest))
}
