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
	at, err := url.Parse(to)
	require.NoError(t, err)
	lost := false
	proxy := httputil.NewSingleHostReverseProxy(at)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Method == http.MethodPost && !lost {
			lost = true
			return errors.New("lost")
		}
		return nil
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		require.True(t, lost)
	})
	return server
}
