package questions

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/servetest"
)

// TestWhatServeLogs is of the last 24 hours, as saved queries are.
func TestWhatServeLogs(t *testing.T) {
	answers := requireSame(t, servedLog(t), asking{"the last day", Range{}, Range{}})
	require.Equal(t, [][]string{{"*", "503", "Error", "LOC", "2", "25.00"}, {"*", "500", "Error", "LOC", "1", "12.50"}}, answers["errors"].Rows)
	require.Equal(t, [][]string{{"/v1/models*", "3", "2", "66.67"}, {"/models/*", "2", "1", "50.00"}}, answers["hit-rate"].Rows)
	require.Equal(t, [][]string{
		{"127.0.0.1", "*", "401", "-", "Error", "2"},
		{"127.0.0.1", "models/signed/*", "403", "-", "Error", "1"},
	}, answers["refused"].Rows)
	require.Equal(t, [][]string{{"127.0.0.1", "-", "test client", "*", "-", "2"}}, answers["limited"].Rows)
	require.Equal(t, "14", answers["countries"].Rows[0][1])
	gone := 0
	for _, row := range answers["slowest"].Rows {
		n, err := strconv.Atoi(row[3])
		require.NoError(t, err)
		gone += n
	}
	require.Equal(t, 1, gone)
}

// servedLog is the log of a backend that answers with the status in the path, and never where it is asked for 000.
func servedLog(t *testing.T) (path string) {
	t.Helper()
	waiting := make(chan struct{}, 1)
	api := func(w http.ResponseWriter, r *http.Request) {
		status, err := strconv.Atoi(filepath.Base(r.URL.Path))
		switch {
		case err != nil:
			_, _ = io.WriteString(w, "answer") // the test sees it
		case status == 0:
			waiting <- struct{}{}
			<-r.Context().Done()
		default:
			w.WriteHeader(status)
		}
	}
	d := edgetest.Distribution(t)
	d.Errors = nil // serve has no pages for errors
	return servetest.Log(t, d, http.HandlerFunc(api), func(url string) {
		for _, request := range strings.Fields(`GET/v1/models GET/v1/models GET/v1/models POST/v1/chat/503 POST/v1/chat/503 POST/v1/chat/500 POST/v1/chat/401 POST/v1/chat/401
		POST/v1/chat/429 POST/v1/chat/429 GET/models/a.gguf GET/models/a.gguf GET/models/signed/a POST/v1/chat/000`) {
			method, path, _ := strings.Cut(request, "/")
			ctx, leave := context.WithTimeout(t.Context(), time.Minute)
			if strings.HasSuffix(path, "/000") {
				go func() { <-waiting; leave() }()
			}
			r, err := http.NewRequestWithContext(ctx, method, url+"/"+path, http.NoBody)
			require.NoError(t, err)
			r.Header.Set("User-Agent", "test client")
			answer, err := http.DefaultClient.Do(r)
			if ctx.Err() == nil {
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, answer.Body)
				require.NoError(t, err)
				answer.Body.Close()
			}
			leave()
		}
	})
}
