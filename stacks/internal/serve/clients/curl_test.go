package clients

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCurl asks with the program that everyone has.
func TestCurl(t *testing.T) {
	curl := program(t, "curl")
	models := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(models, "models"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(models, "models", "x"), []byte("0123456789"), 0o644))
	list := `{"data": "` + strings.Repeat("model ", 1000) + `"}`
	front := start(t, served{environment: "dev", models: models, api: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(list)) // curl reads it
	})})

	for _, r := range []struct {
		name    string
		args    string
		head    []string // lines of the answer's head
		not     string   // what no line of it starts with
		body    string
		twoFold bool // and the same from the cache
	}{
		{"range", "-r 2-5 /models/x", []string{"HTTP/1.1 206 Partial Content", "Content-Range: bytes 2-5/10", "Content-Length: 4"}, "", "2345", true},
		{"last bytes", "-r -3 /models/x", []string{"HTTP/1.1 206 Partial Content", "Content-Range: bytes 7-9/10"}, "", "789", true},
		{"range beyond", "-r 20- /models/x", []string{"HTTP/1.1 416 Requested Range Not Satisfiable", "Content-Range: bytes */10"}, "", "", false},
		{"HEAD", "-I /models/x", []string{"HTTP/1.1 200 OK", "Content-Length: 10", "Accept-Ranges: bytes"}, "", "", true},
		{"whole", "/models/x", []string{"HTTP/1.1 200 OK", "Content-Length: 10"}, "", "0123456789", true},
		{"compressed", "--compressed /v1/models", []string{"HTTP/1.1 200 OK", "Vary: Accept-Encoding"}, "", list, true},
		{"not compressed", "/v1/models", []string{"HTTP/1.1 200 OK"}, "Content-Encoding:", list, true},
		{"HTTP/2", "--http2-prior-knowledge /models/x", []string{"HTTP/2 200", "content-length: 10"}, "", "0123456789", true},
	} {
		t.Run(r.name, func(t *testing.T) {
			for _, cache := range []string{"", "Hit from cloudfront"} {
				args := strings.Fields(r.args)
				args[len(args)-1] = "http://" + front + args[len(args)-1]
				head := filepath.Join(t.TempDir(), "head")
				var stderr bytes.Buffer
				cmd := exec.CommandContext(t.Context(), curl, append([]string{"-sS", "--max-time", "20", "-D", head, "-H", "Accept: */*"}, args...)...)
				cmd.Stderr = &stderr
				body, err := cmd.Output()
				require.NoError(t, err, &stderr)
				text, err := os.ReadFile(head)
				require.NoError(t, err)
				lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(string(text)), " \r\n", "\r\n"), "\r\n")
				require.Subset(t, lines, r.head)
				if r.not != "" {
					require.NotContains(t, "\n"+strings.Join(lines, "\n"), "\n"+r.not)
				}
				if r.name == "compressed" {
					require.Regexp(t, "(?m)^Content-Encoding: (br|gzip)$", strings.Join(lines, "\n"))
				}
				if !strings.Contains(r.args, "-I") && r.name != "range beyond" {
					require.Equal(t, r.body, string(body))
				}
				if cache != "" && r.twoFold {
					require.Contains(t, strings.ToLower(strings.Join(lines, "\n")), "x-cache: "+strings.ToLower(cache))
				}
			}
		})
	}
}
