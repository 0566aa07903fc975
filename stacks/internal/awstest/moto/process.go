// Package moto runs moto, the server that answers for AWS, and makes calls to it.
package moto

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// watchdog runs moto in a process group of its own that ends when moto ends or
// when standard input is closed, so that a killed test leaves nothing behind.
const watchdog = `(moto_server "$@" </dev/null; kill -9 0) & cat >/dev/null; kill -9 0`

// Missing tells what moto needs and this machine lacks; it is empty when Start can work.
func Missing() string {
	for _, program := range []string{"sh", "moto_server"} {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is not installed"
		}
	}
	return ""
}

// Start starts a moto of an account on a free loopback port, waits until it answers, and ends it with the test.
func Start(t testing.TB, account string) *Server {
	t.Helper()
	var err error
	for range 3 { // another process may take the port in between
		var base *url.URL
		if base, err = try(t, account); err == nil {
			return newServer(base)
		}
	}
	t.Fatalf("moto does not start: %v", err)
	return nil
}

func try(t testing.TB, account string) (*url.URL, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	var output bytes.Buffer
	cmd := exec.Command("sh", "-c", watchdog, "sh", "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_ACM_VALIDATION_WAIT=0", "MOTO_ACCOUNT_ID="+account)
	inOwnGroup(cmd)
	cmd.Stdout, cmd.Stderr = &output, &output
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop := func() {
		_ = stdin.Close()
		killGroup(cmd)
	}

	base := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", port)}
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(output.String()))
		case <-time.After(50 * time.Millisecond):
		}
		response, err := http.Post(base.String()+"/moto-api/reset", "", nil)
		if err != nil {
			continue
		}
		_ = response.Body.Close()
		t.Cleanup(func() {
			stop()
			<-ended
		})
		return base, nil
	}
	stop()
	<-ended
	return nil, fmt.Errorf("no answer in time: %s", strings.TrimSpace(output.String()))
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}
