package replay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/servetest"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/replay"
)

// TestWhatServeLogs is simulated as serve did it, for an origin that says nothing of caching.
func TestWhatServeLogs(t *testing.T) {
	asked := 0
	api := func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path == "/v1/models/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, "answer") // the test sees it
	}
	d := edgetest.Distribution(t)
	delete(d.Errors, http.StatusForbidden) // serve has no pages for errors
	sent := 0
	path := servetest.Log(t, d, http.HandlerFunc(api), func(url string) {
		for _, request := range strings.Fields(`GET/v1/models GET/v1/models GET/v1/models?limit=5 GET/v1/models?limit=5 HEAD/v1/models GET/v1/models GET/v1/models%20b GET/v1/models%20b
		GET/v1/models/missing GET/v1/models/missing POST/v1/chat POST/v1/chat GET/v1/chat GET/v1/chat DELETE/models/a.gguf
		HEAD/models/a.gguf HEAD/models/a.gguf GET/models/a.gguf GET/models/a.gguf GET/models/signed/a`) {
			method, path, _ := strings.Cut(request, "/")
			r, err := http.NewRequestWithContext(t.Context(), method, url+"/"+path, http.NoBody)
			require.NoError(t, err)
			r.Header.Set("Accept-Encoding", "gzip") // which Go doesn't send with HEAD
			answer, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, answer.Body)
			require.NoError(t, err)
			answer.Body.Close()
			sent++
		}
	})

	list, err := logs.Find([]string{path})
	require.NoError(t, err)
	result, err := replay.Run(t.Context(), replay.Job{Files: list, Now: d, Tell: func(logs.Progress) {}})
	require.NoError(t, err)
	require.Empty(t, result.Unread)
	total := result.Now.Total
	require.Equal(t, sent, total.Requests)
	require.Equal(t, 2, total.Refused, "DELETE, and what has no signature")
	fromAPI := int64(0)
	for _, route := range result.Now.Routes {
		require.EqualValues(t, route.LoggedHits, route.Hits.Expected, route.Path)
		if !strings.HasPrefix(route.Path, "/models") {
			fromAPI += route.OriginRequests.Expected
		}
	}
	require.Equal(t, 7, total.LoggedHits)
	require.EqualValues(t, asked, fromAPI)
}
