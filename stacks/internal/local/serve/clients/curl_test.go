package clients

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// list is long enough to be compressed.
var list = `{"data": "` + strings.Repeat("model ", 1000) + `"}`

// TestCurl asks with the program that everyone has; what is cached, twice.
func TestCurl(t *testing.T) {
	front := start(t, served{environment: "dev", models: modelsFolder(t, "0123456789"), api: http.HandlerFunc(listOrCount)})
	missHit := []string{"miss", "hit"}
	for _, r := range []struct {
		name, args string
		head       []string // lines of the answer's head, in lower case
		without    string
		body       string
		caches     []string // what X-Cache says, in order
	}{
		{"range", "-r 2-5 /models/x", []string{"http/1.1 206 partial content", "content-range: bytes 2-5/10", "content-length: 4"}, "", "2345", missHit},
		{"last bytes", "-r -3 /models/x", []string{"http/1.1 206 partial content", "content-range: bytes 7-9/10"}, "", "789", missHit},
		{"HEAD", "-I /models/x", []string{"http/1.1 200 ok", "content-length: 10", "accept-ranges: bytes"}, "", "", missHit},
		{"whole", "/models/x", []string{"http/1.1 200 ok", "content-length: 10"}, "", "0123456789", missHit},
		{"HTTP/2", "--http2-prior-knowledge /models/x", []string{"http/2 200", "content-length: 10"}, "", "0123456789", []string{"hit", "hit"}},
		{"not compressed", "/v1/models", []string{"http/1.1 200 ok"}, "content-encoding", list, missHit},
		{"upload", "--data-binary @upload /v1/files", []string{"http/1.1 200 ok"}, "", "3000000", []string{"miss", "miss"}},
		{"chunked upload", "-H Transfer-Encoding:chunked --data-binary @upload /v1/files", []string{"http/1.1 200 ok"}, "", "3000000", []string{"miss", "miss"}},
		{"uploaded by HTTP/2", "--http2-prior-knowledge --data-binary @upload /v1/files", []string{"http/2 200"}, "", "3000000", []string{"miss", "miss"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			for _, cache := range r.caches {
				head, body := curl(t, front, strings.Fields(r.args))
				require.Subset(t, head, append(r.head, "x-cache: "+cache+" from cloudfront"))
				if r.without != "" {
					require.NotContains(t, strings.Join(head, "\n"), "\n"+r.without+":")
				}
				if !strings.Contains(r.args, "-I") {
					require.Equal(t, r.body, body)
				}
			}
		})
	}
	t.Run("range beyond the end", func(t *testing.T) {
		head, _ := curl(t, front, []string{"-r", "20-", "/models/x"})
		require.Subset(t, head, []string{"http/1.1 416 requested range not satisfiable", "content-range: bytes */10"})
	})
	t.Run("compressed", func(t *testing.T) {
		for range 2 {
			head, body := curl(t, front, []string{"--compressed", "/v1/models"})
			require.Regexp(t, "\ncontent-encoding: (br|gzip)\n", strings.Join(head, "\n"))
			require.Equal(t, list, body)
		}
	})
}

// TestCurlTLS is redirected to HTTPS at the same port.
func TestCurlTLS(t *testing.T) {
	front := start(t, served{environment: "dev", tls: true, api: http.HandlerFunc(listOrCount)})
	head, _ := curl(t, front, []string{"/v1/models"})
	require.Subset(t, head, []string{"http/1.1 301 moved permanently", "location: https://" + front + "/v1/models", "x-cache: redirect from cloudfront"})
	head, body := curl(t, front, []string{"-kL", "/v1/models"})
	require.Contains(t, strings.Join(head, "\n"), "http/2 200")
	require.Equal(t, list, body)
}

// listOrCount answers GET with the list, and POST with how many bytes came.
func listOrCount(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	answer := list
	if r.Method == http.MethodPost {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer = strconv.FormatInt(n, 10)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer))) // without it, CloudFront doesn't compress
	_, _ = io.WriteString(w, answer)                            // curl reads it
}

// curl asks for the path that is the last argument. The lines of the head come without their case.
func curl(t *testing.T, front string, args []string) (head []string, body string) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "upload"), make([]byte, 3_000_000), 0o600))
	last := len(args) - 1
	args = append([]string{"-sS", "--max-time", "20", "-D", "head"}, append(args[:last:last], "http://"+front+args[last])...)
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program(t, "curl"), args...)
	cmd.Dir, cmd.Stderr = folder, &stderr
	out, err := cmd.Output()
	require.NoError(t, err, &stderr)
	text, err := os.ReadFile(filepath.Join(folder, "head"))
	require.NoError(t, err)
	for line := range strings.Lines(strings.ToLower(string(text))) {
		head = append(head, strings.TrimSpace(line))
	}
	return head, string(out)
}
