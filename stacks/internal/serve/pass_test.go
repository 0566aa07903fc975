package serve

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBodyIsReadToItsEnd and no further: once the answer has begun, the server closes the body, and a read beyond its end fails.
func TestBodyIsReadToItsEnd(t *testing.T) {
	s := serveFor(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a broken one shows in the answer
	}, nil, passedRoute())
	r := httptest.NewRequest(http.MethodPost, "/v1/chat", io.MultiReader(strings.NewReader("prompt"), closedBody{}))
	r.ContentLength = int64(len("prompt"))
	answer := httptest.NewRecorder()
	s.edge.ServeHTTP(answer, r)
	require.Equal(t, http.StatusOK, answer.Code)
}

// closedBody is what a handler reads from a body after the server has closed it.
type closedBody struct{}

func (closedBody) Read([]byte) (int, error) { return 0, errors.New("read beyond the end") }
