package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/explain"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// said is what a command has written since somebody last looked.
type said struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(p)
}

// since returns what is new, without what is true of this machine.
func (s *said) since() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	defer s.text.Reset()
	return regexp.MustCompile(`(?m)^Node.js .*\n`).ReplaceAllString(s.text.String(), "")
}

// edgeRunning is serve while its configuration changes.
type edgeRunning struct {
	*testing.T

	file, address, began string
	stderr               said
}

// serving runs serve for the environment prod of a configuration until the test ends.
func serving(t *testing.T, environments string, args ...string) *edgeRunning {
	t.Helper()
	s := &edgeRunning{T: t, file: filepath.Join(t.TempDir(), "cdktf.json")}
	s.write(environments)
	ctx, end := context.WithCancel(t.Context())
	out, in := io.Pipe()
	root := newRoot()
	root.SetOut(in)
	root.SetErr(&s.stderr)
	ended := make(chan error, 1)
	go func() {
		defer func() { _ = in.Close() }()
		ended <- execute(ctx, root, append([]string{"serve", "prod", "-c", s.file, "--listen", "localhost:0"}, args...))
	}()
	lines := bufio.NewScanner(out)
	for s.address == "" && lines.Scan() {
		s.began += lines.Text() + "\n"
		s.address, _ = strings.CutPrefix(lines.Text(), "listening on ")
		if s.address == lines.Text() {
			s.address = ""
		}
	}
	if s.address == "" {
		require.FailNow(t, "it doesn't serve", "%v\n%s", <-ended, s.stderr.since())
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		end()
		assert.NoError(t, <-ended)
	})
	s.stderr.since()
	return s
}

// write saves the file with other environments.
func (s *edgeRunning) write(environments string) {
	s.Helper()
	require.NoError(s, os.WriteFile(s.file, fmt.Appendf(nil, `{"context": {"accelerator": {"name": "ml-api",
		"state": {"bucket": "acme-state", "region": "us-east-1"}, "environments": {%s}}}}`, environments), 0o600))
}

// gets is what GET is answered: the status, what the cache did, and the body.
func (s *edgeRunning) gets(path string, headers ...string) string {
	s.Helper()
	r, err := http.NewRequest(http.MethodGet, s.address+path, nil)
	require.NoError(s, err)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(s, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(s, err)
	result, _, _ := strings.Cut(answer.Header.Get("X-Cache"), " ")
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", answer.StatusCode, result, text))
}

// checks is what check says of the file.
func (s *edgeRunning) checks() string {
	root := newRoot()
	var stderr said
	root.SetOut(io.Discard)
	root.SetErr(&stderr)
	err := execute(s.Context(), root, []string{"check", "-c", s.file})
	require.Error(s, err)
	return painted(&stderr, err) + "\n"
}

// backend says what it is asked for, and lets that be kept.
func backend(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		fmt.Fprintf(w, "api %s %s", r.URL.Path, strings.Join(r.Header["Cloudfront-Viewer-Country"], ""))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// prod is an environment with two routes with a cache, and more fields.
func prod(maxTTL int, fields string) string {
	return fmt.Sprintf(`"prod": {"region": "us-east-1", "api": {"domainName": "chat.example.com"}, "routes": [
		{"path": "/a/*", "methods": "read", "cache": {"maxTTLSeconds": %d, "keyHeaders": []}},
		{"path": "/b/*", "methods": "read", "cache": {"maxTTLSeconds": 500, "keyHeaders": []}}]%s}`, maxTTL, fields)
}

// TestServeChanges takes on what changes at the next request, tells it, and keeps the rest of the cache.
func TestServeChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	log := filepath.Join(t.TempDir(), "access.log")
	s := serving(t, prod(100, ""), "--api", backend(t), "--log", log)
	require.Contains(t, s.began, "GET HEAD 100 s (0 to 100)")
	for _, path := range []string{"/a/x", "/b/x"} {
		require.Equal(t, "200 Miss api "+path, s.gets(path))
		require.Equal(t, "200 Hit api "+path, s.gets(path))
	}
	for _, same := range []string{
		prod(100, "") + "\n",
		prod(100, "") + `, "dev": {"region": "us-east-1", "api": {"domainName": "dev.example.com"}}`,
		strings.Replace(prod(100, ""), `"region"`, `"tags": {"team": "chat"}, "region"`, 1),
	} {
		s.write(same)
		require.Equal(t, "200 Hit api /a/x", s.gets("/a/x"))
		require.Empty(t, s.stderr.since(), "nobody notices")
	}

	s.write(prod(99, ""))
	require.Equal(t, "200 Miss api /a/x", s.gets("/a/x"))
	require.Equal(t, "200 Hit api /a/x", s.gets("/a/x"))
	require.Equal(t, "200 Hit api /b/x", s.gets("/b/x"))
	require.Equal(t, s.file+` has changed
prod
  GET /a/*
    - caching: cached for 100 s, or from 0 to 100 s as the origin says
    + caching: cached for 99 s, or from 0 to 99 s as the origin says
cached answers for /a/* are dropped here; CloudFront would serve them until they expire
`, s.stderr.since())

	s.write(prod(99, `, "responseHeaders": {"frameOptions": "SAMEORIGIN"}`))
	require.Equal(t, "200 Hit api /a/x", s.gets("/a/x"))
	require.Contains(t, s.stderr.since(), "X-Frame-Options in the answer: SAMEORIGIN")

	s.write(strings.Replace(prod(99, `, "backends": {"llm": {"domainName": "llm.example.com"}}`), `"/a/*"`, `"/a/*", "origin": "llm"`, 1))
	require.Contains(t, s.gets("/a/x"), "502 ")
	require.Equal(t, "200 Hit api /b/x", s.gets("/b/x"))
	told := s.stderr.since()
	require.Contains(t, told, "no server stands for llm: name one with --backend llm=URL\nflags are only read at the start: restart serve with them\n")
	require.NotContains(t, told, "models", "it was told")

	s.write(prod(99, `, "firewall": {"enabled": true, "requestsPer5Minutes": 10}`))
	require.Equal(t, "200 Miss api /a/x", s.gets("/a/x"))
	require.Contains(t, s.stderr.since(), "\nlimits in 5 minutes for each IP address: 10; ")

	require.Eventually(t, func() bool { // the last line is written once its answer has ended
		text, err := os.ReadFile(log)
		require.NoError(t, err)
		return strings.Count(string(text), "\n") == 2+14 && strings.Count(string(text), "#") == 2
	}, time.Minute, time.Millisecond)
}

// TestServeMistakes tells what is wrong once, as check does, and serves what there was before.
func TestServeMistakes(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	s := serving(t, prod(100, ""), "--api", backend(t))
	require.Equal(t, "200 Miss api /a/x", s.gets("/a/x"))
	const still = "still serving the last good version of prod\n"
	for what, r := range map[string]struct {
		change func()
		want   string // empty: what check says
	}{
		"no JSON":        {func() { s.write(prod(100, "") + "{") }, ""},
		"a wrong field":  {func() { s.write(prod(-1, "")) }, ""},
		"a rule":         {func() { s.write(prod(100, `, "domain": {"aliases": ["a.example.com", "a.example.com"]}`)) }, ""},
		"no file":        {func() { require.NoError(s, os.Remove(s.file)) }, ""},
		"no environment": {func() { s.write(strings.Replace(prod(100, ""), "prod", "dev", 1)) }, "environment \"prod\": not found; there are dev\n"},
		"an override": {
			func() { s.write(prod(100, `, "overrides": {"aws_cloudfront_distribution.other": {"comment": "x"}}`)) }, "",
		},
	} {
		r.change()
		if r.want == "" {
			r.want = s.checks()
			require.Greater(t, len(r.want), 20)
		}
		require.Equal(t, "200 Hit api /a/x", s.gets("/a/x"), what)
		require.Equal(t, "200 Hit api /a/x", s.gets("/a/x"), what)
		require.Equal(t, r.want+still, s.stderr.since(), what)
		s.write(prod(100, ""))
		require.Equal(t, "200 Hit api /a/x", s.gets("/a/x"), what)
		require.Equal(t, s.file+" is valid again: nothing changes for prod\n", s.stderr.since(), what)
	}
	s.write("")
	require.Equal(t, "200 Hit api /a/x", s.gets("/a/x"))
	s.stderr.since()
	s.write(prod(99, ""))
	require.Equal(t, "200 Miss api /a/x", s.gets("/a/x"))
	require.Contains(t, s.stderr.since(), s.file+" is valid again\nprod\n  GET /a/*\n")
}

// TestServeChangesAmidAStream lets it end as it began.
func TestServeChangesAmidAStream(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	goOn := make(chan struct{})
	end := sync.OnceFunc(func() { close(goOn) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s begins, ", r.URL.Path)
		_ = http.NewResponseController(w).Flush()
		if r.URL.Path == "/stream" {
			<-goOn
		}
		fmt.Fprint(w, "ends")
	}))
	t.Cleanup(server.Close)
	s := serving(t, prod(100, ""), "--api", server.URL)
	t.Cleanup(end)
	answer, err := http.Get(s.address + "/stream")
	require.NoError(t, err)
	defer answer.Body.Close()
	body := bufio.NewReader(answer.Body)
	_, err = body.ReadString(',')
	require.NoError(t, err)
	s.write(strings.Replace(prod(100, ""), `"chat.example.com"`, `"chat.example.com", "path": "/v2"`, 1))
	require.Equal(t, "200 Miss /v2/other begins, ends", s.gets("/other"))
	end()
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Equal(t, " ends", string(rest))
}

// TestServeChangesCallers keeps the keys that were typed, or the one that was made.
func TestServeChangesCallers(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	const keys = `"chat.example.com", "keys": {}`
	with := strings.Replace(prod(100, ""), `"chat.example.com"`, keys, 1)
	s := serving(t, prod(100, ""), "--api", backend(t))
	require.Equal(t, "200 Miss api /", s.gets("/"))
	s.write(with)
	require.Contains(t, s.gets("/"), "401 ")
	told := regexp.MustCompile(`callers need a key; for this run there is one, of the caller local: (Authorization: Bearer \S+)\n`)
	header := told.FindStringSubmatch(s.stderr.since())
	require.Len(t, header, 2)
	require.Equal(t, "200 Miss api /", s.gets("/", header[1]))
	s.write(prod(100, ""))
	require.Equal(t, "200 Miss api /", s.gets("/"))
	s.write(with)
	require.Equal(t, "200 Miss api /", s.gets("/", header[1]), "it is the same key")

	s = serving(t, with, "--api", backend(t), "--api-key", "alice=sk-alice")
	for _, version := range []string{prod(100, ""), with} {
		s.write(version)
		require.Equal(t, "200 Miss api /", s.gets("/", "Authorization: Bearer sk-alice"))
	}
	require.NotContains(t, s.stderr.since(), "sk-alice")
}

// TestServeCountry has all callers come from one.
func TestServeCountry(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	restricted := func(kind, list string) string {
		text, err := json.Marshal(strings.Fields(list))
		require.NoError(t, err)
		return strings.Replace(prod(100, fmt.Sprintf(`, "distribution": {"geoRestriction": {"type": %q, "locations": %s}}`, kind, text)),
			`"chat.example.com"`, `"chat.example.com", "viewerHeaders": ["CloudFront-Viewer-Country"]`, 1)
	}
	s := serving(t, restricted("whitelist", "DE FR"), "--api", backend(t), "--country", "us")
	require.Contains(t, s.began, "\ncallers from US are answered 403: distribution.geoRestriction lets in only DE, FR\n")
	require.Contains(t, s.gets("/"), "403 Error <!DOCTYPE")
	s.write(restricted("blacklist", "DE FR"))
	require.Equal(t, "200 Miss api / US", s.gets("/"))
	require.Contains(t, s.stderr.since(), "    - countries: whitelist DE, FR\n    + countries: blacklist DE, FR\n")
	s.write(restricted("blacklist", "DE US"))
	require.Contains(t, s.gets("/"), "403 ")
	require.Contains(t, s.stderr.since(), "\ncallers from US are answered 403: distribution.geoRestriction lets in all countries but DE, US\n")

	s = serving(t, restricted("whitelist", "DE FR"), "--api", backend(t))
	require.Contains(t, s.began, "\ndistribution.geoRestriction lets in only DE, FR, and callers whose country isn't known, as here; "+
		"--country CODE makes them come from one\n")
	require.Equal(t, "200 Miss api /", s.gets("/"))
}

// TestNews is short, however much changes.
func TestNews(t *testing.T) {
	version := func(d *edge.Distribution, told, lacks string) edgeVersion {
		return edgeVersion{environment: environment{name: "prod"}, distribution: d, told: []string{told}, lacks: []string{lacks}}
	}
	with, without := edgetest.Callers(t), edgetest.WithoutCallers(t)
	require.Equal(t, "b\nd\nflags are only read at the start: restart serve with them\n",
		news(version(with, "a", "c"), version(with, "b", "d"), nil))
	require.Equal(t, explain.Table(explain.Routes(with))+"cached answers for /a, * are dropped here; CloudFront would serve them until they expire\n",
		news(version(without, "a", "c"), version(with, "a", "c"), []string{"/a", "*"}))
}
