//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// runVariable has the test binary run the command line instead of the tests.
const runVariable = "CLI_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// TestInterrupted leaves nothing behind, whether the signal reaches the Node.js process too, as Ctrl-C in a
// terminal does, or not.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a synthesis to be under way")
	}
	synth := []string{"synth", "--fresh"}
	for name, c := range map[string]struct {
		command []string
		signal  syscall.Signal
		group   int
	}{
		"Ctrl-C":         {synth, syscall.SIGINT, -1},
		"SIGTERM to all": {synth, syscall.SIGTERM, -1},
		"SIGTERM to one": {synth, syscall.SIGTERM, 1},
		"check":          {[]string{"check"}, syscall.SIGINT, -1},
		"check --json":   {[]string{"check", "--json"}, syscall.SIGINT, -1},
	} {
		t.Run(name, func(t *testing.T) {
			temporary, out := t.TempDir(), t.TempDir()
			var stdout, stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), os.Args[0], append(c.command, "-c", "../testdata/everything.json")...)
			cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+temporary, "CDKTF_OUTDIR="+out, "XDG_CACHE_HOME="+t.TempDir())
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			require.NoError(t, cmd.Start())
			underWay := func() bool {
				kernels, err := filepath.Glob(filepath.Join(temporary, "*", "jsii-kernel-*", "node_modules", "@cdktf"))
				return err == nil && len(kernels) == 1
			}
			require.Eventually(t, underWay, time.Minute, 5*time.Millisecond)
			require.NoError(t, syscall.Kill(c.group*cmd.Process.Pid, c.signal))

			var exit *exec.ExitError
			require.True(t, errors.As(cmd.Wait(), &exit))
			require.Equal(t, 130, exit.ExitCode())
			require.Regexp(t, "(?m)^interrupted$", &stderr)
			require.NotRegexp(t, "bug|exited", &stderr)
			require.Empty(t, stdout.String())
			for _, dir := range []string{out, temporary} {
				left, err := os.ReadDir(dir)
				require.NoError(t, err)
				require.Empty(t, left)
			}
		})
	}
}

// TestVerifyInterrupted ends while it waits for an answer.
func TestVerifyInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "verify", "prod", "-c", explained, "--url", server.URL)
	cmd.Env = append(os.Environ(), runVariable+"=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	<-asked
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 130, exit.ExitCode())
	require.Empty(t, stdout.String())
	require.Equal(t, "interrupted", lastLine(stderr.String()))
}

// TestKeyInterrupted ends while it waits for an answer of AWS.
func TestKeyInterrupted(t *testing.T) {
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	deployedStores(t)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "key", "add", "dev", "alice", "-c", keyed)
	cmd.Env = append(os.Environ(), runVariable+"=1", "AWS_ENDPOINT_URL="+server.URL)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	<-asked
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 130, exit.ExitCode())
	require.Empty(t, stdout.String(), "no key that the edge doesn't know")
	require.Equal(t, "interrupted\n", stderr.String())
}

// TestStdinInterrupted ends while it waits for what somebody types.
func TestStdinInterrupted(t *testing.T) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	defer writer.Close()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "verify", "prod", "-c", explained, "--url", "https://a", "-H", "@-")
	cmd.Env = append(os.Environ(), runVariable+"=1")
	cmd.Stdin, cmd.Stderr = reader, &stderr
	require.NoError(t, cmd.Start())
	_, err = writer.WriteString(strings.Repeat("x", 1<<20)) // more than a pipe holds: when it returns, somebody reads
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 130, exit.ExitCode())
	require.Equal(t, "interrupted\n", stderr.String())
}

// TestKeyOutlivesItsReader: whoever would have read the key is gone before it is printed.
func TestKeyOutlivesItsReader(t *testing.T) {
	s := deployedStores(t, devsStore)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	defer writer.Close()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "key", "add", "dev", "alice", "-c", keyed)
	cmd.Env = append(os.Environ(), runVariable+"=1")
	cmd.Stdout, cmd.Stderr = writer, &stderr
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Run(), &exit))
	require.Equal(t, 1, exit.ExitCode(), exit)
	require.Regexp(t, `^the key couldn't be printed, and is lost: key remove dev alice --id [0-9a-f]{8} \(.*broken pipe\)\n$`, stderr.String())
	require.Len(t, s.Pairs(devsStore), 1)
}

// TestLogsInterrupted stops the query.
func TestLogsInterrupted(t *testing.T) {
	s := deployedLogs(t)
	s.Athena().Next(queries.Plan{States: []string{"QUEUED", "RUNNING"}})
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "logs", "dev", "errors", "-c", queried)
	cmd.Env = append(os.Environ(), runVariable+"=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	running := func() bool {
		asked := s.Athena().Queries()
		return len(asked) == 1 && asked[0].State == "RUNNING"
	}
	require.Eventually(t, running, time.Minute, 5*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 130, exit.ExitCode(), &stderr)
	require.Empty(t, stdout.String())
	require.Equal(t, "interrupted\n", stderr.String())
	require.Equal(t, "CANCELLED", s.Athena().Queries()[0].State)
}

// TestReplayInterrupted ends while it waits for more of a log.
func TestReplayInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	pipe := filepath.Join(t.TempDir(), "log")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "replay", "prod", pipe, "-c", explained)
	cmd.Env = append(os.Environ(), runVariable+"=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	log, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until it is read
	require.NoError(t, err)
	defer log.Close()
	_, err = log.WriteString(logs.Header)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 130, exit.ExitCode())
	require.Empty(t, stdout.String())
	require.Equal(t, "interrupted", lastLine(stderr.String()))
}

// TestNodeThatFails shows what Node.js wrote, says so in the last line, and leaves what was written before.
func TestNodeThatFails(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o700))
		return path
	}
	broken := write("node", "#!/bin/sh\n[ \"$1\" = --version ] && echo v22.1.0 && exit\necho 'Illegal instruction' >&2\nexit 132\n")
	killed := write("killed.js", "setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300)")
	exhausted := write("exhausted.js", "setTimeout(() => { const all = []; for (;;) all.push(new Array(1e6).fill(Math.random())) }, 300)")
	written := write("cdk.tf.json", "before")
	for variable, want := range map[string]string{
		"JSII_NODE=" + broken:                                         "Illegal instruction",
		"NODE_OPTIONS=--require=" + killed:                            "",
		"NODE_OPTIONS=--require=" + dir + "/none.js":                  "Cannot find module '" + dir + "/none.js'",
		"NODE_OPTIONS=--max-old-space-size=50 --require=" + exhausted: "JavaScript heap out of memory",
	} {
		out := t.TempDir()
		file := filepath.Join(out, "stacks", "everything-full", "cdk.tf.json")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.Link(written, file))
		var stdout, stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), os.Args[0], "--fresh", "-c", "../testdata/everything.json", "-o", out)
		cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+t.TempDir(), variable)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		require.Error(t, cmd.Run())
		require.Equal(t, 1, cmd.ProcessState.ExitCode())
		require.Empty(t, stdout.String())
		require.Contains(t, stderr.String(), want)
		require.Regexp(t, "^\\S*node: Node.js ended before it had made all stacks; what it wrote is above", lastLine(stderr.String()))
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, "before", string(text))
	}
}
