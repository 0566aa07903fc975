package awstest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// LoseFirstAnswer returns a server that passes everything on to the one at a URL, and loses the answer to the first POST. There must
// be one before the test ends.
func LoseFirstAnswer(t *testing.T, to string) *httptest.Server {
	t.Helper()
	return withFirstAnswer(t, to, func(*http.Request) error { return errors.New("lost") })
}

// HoldFirstAnswer returns a server that passes everything on to the one at a URL. When the answer to the first POST is there, it calls
// meanwhile, and gives the answer to nobody. There must be one before the test ends.
func HoldFirstAnswer(t *testing.T, to string, meanwhile func()) *httptest.Server {
	t.Helper()
	return withFirstAnswer(t, to, func(r *http.Request) error {
		meanwhile()
		<-r.Context().Done()
		return r.Context().Err()
	})
}

func withFirstAnswer(t *testing.T, to string, do func(*http.Request) error) *httptest.Server {
	t.Helper()
	at, err := url.Parse(to)
	require.NoError(t, err)
	done := false
	proxy := httputil.NewSingleHostReverseProxy(at)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Method == http.MethodPost && !done {
			done = true
			return do(r.Request)
		}
		return nil
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		require.True(t, done)
	})
	return server
}
