//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestServeInterrupted ends in order in the middle of a download, and leaves no file.
func TestServeInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a synthesis")
	}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 1<<20))
			time.Sleep(10 * time.Millisecond)
		}
	}))
	defer origin.Close()
	temporary := t.TempDir()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve", "private", "-c", "../testdata/everything.json", "--api", origin.URL, "--listen", "localhost:0")
	cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+temporary)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	address := ""
	for lines := bufio.NewScanner(stdout); address == "" && lines.Scan(); {
		address, _ = strings.CutPrefix(lines.Text(), "listening on ")
		if address == lines.Text() {
			address = ""
		}
	}
	require.NotEmpty(t, address, &stderr)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	answer, err := http.Get(address + "/")
	require.NoError(t, err)
	defer answer.Body.Close()
	_, err = io.CopyN(io.Discard, answer.Body, 4<<20)
	require.NoError(t, err)

	begun := time.Now()
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	_, err = io.Copy(io.Discard, answer.Body)
	require.Error(t, err, "it is cut off")
	require.NoError(t, cmd.Wait())
	require.Less(t, time.Since(begun), time.Minute)
	for line := range strings.Lines(stderr.String()) {
		require.Regexp(t, "^Node.js", line, "beside what it may say about the version")
	}
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestServeCallers has a caller send the key that the start shows, and one that was given, which it doesn't show.
func TestServeCallers(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a synthesis")
	}
	server := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name+" for "+r.Header.Get("X-Caller"))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	const (
		made    = "callers need a key; for this run there is one, of the caller local: Authorization: "
		missing = "no server stands for api-canary: name one with --canary\n"
	)
	for _, r := range []struct {
		name           string
		args           []string
		header, answer string
		says, omits    string
	}{
		{"a key that is made", []string{"--canary-percent", "0"}, "", "api for local", made, "hunter2"},
		{"without a canary", []string{"--canary-percent", "0", "--key", "alice=hunter2"}, "Bearer hunter2", "api for alice", missing, made},
		{"the canary", []string{"--canary", server("canary"), "--canary-percent", "100", "--key", "alice=hunter2"}, "Bearer hunter2", "canary for alice", "listening", missing},
	} {
		t.Run(r.name, func(t *testing.T) {
			var stderr bytes.Buffer
			args := append([]string{"serve", "prod", "-c", "testdata/callers.json", "--listen", "localhost:0", "--api", server("api")}, r.args...)
			cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
			cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+t.TempDir())
			cmd.Stderr = &stderr
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			said, address := begin(stdout)
			require.NotEmpty(t, address, &stderr)
			require.Contains(t, said, r.says)
			require.NotContains(t, said, r.omits)
			require.NotContains(t, said, "hunter2")
			if _, key, shown := strings.Cut(said, made); shown {
				r.header, _, _ = strings.Cut(key, "\n")
			}
			require.Equal(t, r.answer, posted(t, address, r.header))
			require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
			require.NoError(t, cmd.Wait(), &stderr)
		})
	}
}

// begin reads what a server says at its start, up to where it listens.
func begin(stdout io.Reader) (said, address string) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		said += lines.Text() + "\n"
		if address, found := strings.CutPrefix(lines.Text(), "listening on "); found {
			return said, address
		}
	}
	return said, ""
}

func posted(t *testing.T, address, authorization string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, address+"/v1/chat", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", authorization)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

// TestReadmeServe runs the three commands that the README gives, at ports that are free.
func TestReadmeServe(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles, and starts Node.js")
	}
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	commands := regexp.MustCompile(`(?m)^(go|curl) .*(\n .*)*`).FindAllString(readmeBlock(t, readme, "sh", "examplebackend"), -1)
	require.Len(t, commands, 3)
	backend, edge, caller := commands[0], commands[1], commands[2]
	require.Equal(t, strings.Join(commands, "\n")+"\n", readmeBlock(t, readme, "sh", "examplebackend"), "there is another line")
	requireDefault(t, backend+" -h", "localhost:8000")
	requireDefault(t, edge+" -h", "localhost:8080")

	apiPort, edgePort := freePort(t), freePort(t)
	background(t, backend+" --listen localhost:"+apiPort, apiPort)
	background(t, moved(t, moved(t, edge, "8000", apiPort), "8081", freePort(t))+" --listen localhost:"+edgePort+" -c stacks/testdata/example.json", edgePort)

	curl := shell(t, moved(t, caller, "8080", edgePort)+" -sSD /dev/stderr --max-time 30")
	var head, events bytes.Buffer
	curl.Stderr = &head
	stdout, err := curl.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, curl.Start())
	first := make([]byte, 1)
	_, err = io.ReadFull(stdout, first)
	require.NoError(t, err, &head)
	began := time.Now()
	_, err = io.Copy(&events, stdout)
	require.NoError(t, err)
	require.NoError(t, curl.Wait(), &head)
	require.Greater(t, time.Since(began), 300*time.Millisecond, "the words come one by one")
	require.Contains(t, head.String(), "\r\nX-Cache: Miss from cloudfront\r\n", "the answer came by the edge")
	require.Equal(t, "hello from the edge", words(t, string(first)+events.String()))
}

// requireDefault holds that a command listens where the next one looks for it.
func requireDefault(t *testing.T, help, address string) {
	t.Helper()
	text, err := shell(t, help).CombinedOutput()
	if !strings.Contains(string(text), "Usage of") { // flag's own help ends with an error
		require.NoError(t, err, "%s", text)
	}
	require.Regexp(t, `-listen (string|ADDRESS)\s[^\n]*(\n[^\n]*)?\(default "`+address+`"\)`, string(text))
}

// moved is a command with another port, which must be in it once.
func moved(t *testing.T, command, from, to string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(command, "localhost:"+from), command)
	return strings.Replace(command, "localhost:"+from, "localhost:"+to, 1)
}

// shell is a command typed where the README is.
func shell(t *testing.T, command string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = "../.."
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// background runs a command until the test ends as Ctrl-C ends it, and waits until it listens.
func background(t *testing.T, command, port string) {
	t.Helper()
	cmd := shell(t, command)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // go run tells that it was interrupted
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // it may have ended
		select {
		case <-ended:
		case <-time.After(time.Minute):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-ended
			t.Errorf("isn't ended by an interrupt: %s", command)
		}
		if t.Failed() {
			t.Logf("%s\n%s", command, &output)
		}
	})
	require.Eventually(t, func() bool {
		select {
		case <-ended:
			return true
		default:
		}
		answer, err := http.Get("http://localhost:" + port + "/v1/models")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, 3*time.Minute, 100*time.Millisecond, command)
	select {
	case <-ended:
		require.Fail(t, "ended", "%s\n%s", command, &output)
	default:
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	defer listener.Close()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}

// words joins the text of a stream.
func words(t *testing.T, events string) string {
	t.Helper()
	events, complete := strings.CutSuffix(events, "data: [DONE]\n\n")
	require.True(t, complete, events)
	var text strings.Builder
	for event := range strings.SplitSeq(strings.TrimSpace(events), "\n\n") {
		var part struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(event, "data: ")), &part), event)
		for _, choice := range part.Choices {
			text.WriteString(choice.Delta.Content)
		}
	}
	return text.String()
}
