package questions

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/local/serve/servetest"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
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
	require.Equal(t, []string{"(none)", "-", "14", "3", "21.43", "3"}, answers["callers"].Rows[0][:6])
	gone := 0
	for _, row := range answers["slowest"].Rows {
		n, err := strconv.Atoi(row[3])
		require.NoError(t, err)
		gone += n
	}
	require.Equal(t, 1, gone)
}

// TestCallersOfServe names callers and never their keys.
func TestCallersOfServe(t *testing.T) {
	const marker = "sk-marker-3f6c"
	store := function.Map{callers.CanaryEntry: "0"}
	var keys []string
	for _, name := range []string{"alice", "bob@example.com"} {
		key := marker + name
		keys = append(keys, key, callers.Hash(key))
		store[callers.Hash(key)] = callers.Key{Hash: callers.Hash(key), Name: name}.Value()
	}
	api := func(w http.ResponseWriter, r *http.Request) {
		status, err := strconv.Atoi(filepath.Base(r.URL.Path))
		require.NoError(t, err)
		w.WriteHeader(status)
	}
	d := edgetest.Callers(t, func(o *viewerrequest.Options) { o.LogCaller = true })
	path := servetest.Log(t, d, http.HandlerFunc(api), func(url string) {
		send := func(key string, statuses ...string) {
			for _, status := range statuses {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/"+status, strings.NewReader(marker))
				require.NoError(t, err)
				if key != "" {
					r.Header.Set("Authorization", "Bearer "+key)
				}
				answer, err := http.DefaultClient.Do(r)
				require.NoError(t, err)
				answer.Body.Close()
			}
		}
		send(keys[0], "200", "200", "503", "429", "403")
		send(keys[2], "500")
		store[callers.CanaryEntry] = "100"
		send(keys[0], "500", "200")
		send(marker+"mallory", "200", "200")
		send("", "200")
	}, func(o *serve.Options) { o.Store, o.Canary = store, o.API })

	answers := requireSame(t, path, asking{"the last day", Range{}, Range{}})
	var counts [][]string
	for _, row := range answers["callers"].Rows {
		counts = append(counts, row[:6])
	}
	require.Equal(t, [][]string{
		{"alice", "stable", "5", "1", "20.00", "1"}, {"(none)", "-", "3", "0", "0.00", "3"},
		{"alice", "canary", "2", "1", "50.00", "0"}, {"bob@example.com", "stable", "1", "1", "100.00", "0"},
	}, counts)
	require.Equal(t, [][]string{{"*", "500", "Error", "alice", "1", "14.29"}, {"*", "500", "Error", "bob@example.com", "1", "100.00"}, {"*", "503", "Error", "alice", "1", "14.29"}},
		answers["errors --by caller"].Rows)
	require.Equal(t, [][]string{{"(none)", "*", "401", "-", "FunctionGeneratedResponse", "3"}, {"alice", "*", "403", "-", "Error", "1"}}, answers["refused --by caller"].Rows)
	require.Equal(t, [][]string{{"alice", "*", "-", "1"}}, answers["limited --by caller"].Rows)

	told := map[string]string{}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	told["the log"] = string(text)
	require.Contains(t, told["the log"], "\tcaller%3Dalice%26canary%3D1\n")
	for name, answer := range answers {
		text, err := json.Marshal(answer)
		require.NoError(t, err)
		told[name] = Text(answer) + string(text)
	}
	for what, text := range told {
		for _, key := range append(keys, marker) {
			require.NotContains(t, text, key, what)
		}
	}
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
