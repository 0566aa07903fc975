//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkSynth is the whole program: with all stacks made, all kept, and one of a hundred changed.
func BenchmarkSynth(b *testing.B) {
	synth := func(b *testing.B, args ...string) {
		cmd := exec.Command(os.Args[0], append(args, "-o", filepath.Join(b.TempDir(), "out"))...)
		cmd.Env = append(os.Environ(), runVariable+"=1")
		output, err := cmd.CombinedOutput()
		require.NoError(b, err, "%s", output)
	}
	b.Run("fresh", func(b *testing.B) {
		for b.Loop() {
			synth(b, "--fresh", "-c", example)
		}
	})
	b.Run("kept", func(b *testing.B) {
		synth(b, "-c", example)
		for b.Loop() {
			synth(b, "-c", example)
		}
	})
	for _, changed := range []int{0, 1} {
		b.Run(fmt.Sprintf("%d of 100 changed", changed), func(b *testing.B) {
			file, n := filepath.Join(b.TempDir(), "cdktf.json"), 0
			writeMany(b, file, 100, 0)
			synth(b, "-c", file)
			for b.Loop() {
				n += changed
				writeMany(b, file, 100, n)
				synth(b, "-c", file)
			}
		})
	}
}

// writeMany writes a configuration of many environments like dev, of which one has a tag.
func writeMany(b *testing.B, file string, environments, tag int) {
	b.Helper()
	text, err := os.ReadFile(example)
	require.NoError(b, err)
	var document struct {
		Context struct {
			Accelerator map[string]any `json:"accelerator"`
		} `json:"context"`
	}
	require.NoError(b, json.Unmarshal(text, &document))
	section := document.Context.Accelerator
	dev := section["environments"].(map[string]any)["dev"].(map[string]any)
	many := map[string]any{}
	for i := range environments {
		many[fmt.Sprintf("dev%d", i)] = dev
	}
	tagged := maps.Clone(dev)
	tagged["tags"] = map[string]string{"run": fmt.Sprint(os.Getpid(), ".", tag)}
	many["dev0"] = tagged
	section["environments"] = many
	text, err = json.Marshal(document)
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(file, text, 0o600))
}

// BenchmarkFirstByte waits for the first byte of streams, from an origin and from serve in front of it, in turns. To repeat it:
//
//	go test ./stacks/cli -run '^$' -bench FirstByte -benchtime 2000x
func BenchmarkFirstByte(b *testing.B) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "max-age=300") // but nothing is kept of a POST
		fmt.Fprint(w, "data: first\n\n")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(5 * time.Millisecond) // long enough to see who waits for the end
		fmt.Fprint(w, "data: last\n\n")
	}))
	defer origin.Close()
	edge := startServe(b, origin.URL)
	for _, request := range []string{"POST /v1/chat/completions", "GET /v1/models/events"} {
		b.Run(request, func(b *testing.B) {
			method, path, _ := strings.Cut(request, " ")
			var direct, served []time.Duration
			for b.Loop() {
				url := fmt.Sprintf("%s?%p=%d", path, b, len(direct)) // each is a new one to the cache
				direct = append(direct, firstByte(b, method, origin.URL+url))
				served = append(served, firstByte(b, method, edge+url))
			}
			b.ReportMetric(0, "ns/op")
			for _, percent := range []int{50, 99} {
				without, with := percentile(direct, percent), percentile(served, percent)
				b.ReportMetric(without, fmt.Sprintf("ms-direct-p%d", percent))
				b.ReportMetric(with, fmt.Sprintf("ms-served-p%d", percent))
				b.ReportMetric(with-without, fmt.Sprintf("ms-later-p%d", percent))
			}
		})
	}
}

func firstByte(b *testing.B, method, url string) time.Duration {
	b.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(`{"stream": true}`)
	}
	r, err := http.NewRequest(method, url, body)
	require.NoError(b, err)
	begun := time.Now()
	answer, err := http.DefaultClient.Do(r)
	require.NoError(b, err)
	defer answer.Body.Close()
	_, err = io.ReadFull(answer.Body, make([]byte, 1))
	took := time.Since(begun)
	require.NoError(b, err)
	_, err = io.Copy(io.Discard, answer.Body) // so that the connection is used again
	require.NoError(b, err, url)
	return took
}

// percentile is in milliseconds.
func percentile(times []time.Duration, percent int) float64 {
	return slices.Sorted(slices.Values(times))[(len(times)-1)*percent/100].Seconds() * 1000
}

// BenchmarkNginx drives cached answers out of serve and out of nginx with proxy_cache, in turns, each as a process of its own. An
// iteration is a round of both. To repeat it, with Debian's nginx-light and wrk:
//
//	go test ./stacks/cli -run '^$' -bench Nginx -benchtime 7x
func BenchmarkNginx(b *testing.B) {
	for _, program := range []string{"nginx", "wrk"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skip(err)
		}
	}
	sizes := map[string]int{"1KB": 1 << 10, "10KB": 10 << 10, "1MB": 1 << 20}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "max-age=300")
		size := sizes[filepath.Base(r.URL.Path)]
		w.Header().Set("Content-Length", strconv.Itoa(size))
		_, _ = w.Write(bytes.Repeat([]byte("x"), size))
	}))
	defer origin.Close()
	for _, log := range []string{"without log", "with log"} {
		b.Run(log, func(b *testing.B) {
			logs := b.TempDir()
			var flags []string
			access := "off"
			if log == "with log" {
				flags = []string{"--log", filepath.Join(logs, "serve.log")}
				access = filepath.Join(logs, "nginx.log")
			}
			edge, other := startServe(b, origin.URL, flags...), startNginx(b, origin.Listener.Addr().String(), access)
			for _, size := range []string{"1KB", "10KB", "1MB"} {
				b.Run(size, func(b *testing.B) { compareRates(b, edge+"/v1/models/"+size, other+"/v1/models/"+size) })
			}
		})
	}
}

// compareRates reports the medians of all rounds. Who begins alternates.
func compareRates(b *testing.B, edge, nginx string) {
	for _, url := range []string{edge, nginx} {
		requireCached(b, url)
	}
	var rates, others, ratios []float64
	for b.Loop() {
		var of [2]float64
		for i := range of {
			who := (i + len(ratios)) % 2
			of[who] = requestsPerSecond(b, []string{edge, nginx}[who])
		}
		rates, others, ratios = append(rates, of[0]), append(others, of[1]), append(ratios, of[0]/of[1])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(rates), "serve/s")
	b.ReportMetric(median(others), "nginx/s")
	b.ReportMetric(median(ratios), "serve/nginx")
}

// requireCached asks twice, and takes the second answer for a kept one only if it says so.
func requireCached(b *testing.B, url string) {
	b.Helper()
	for _, want := range []string{"", "hit"} {
		answer, err := http.Get(url)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, answer.Body)
		require.NoError(b, err)
		answer.Body.Close()
		require.Equal(b, http.StatusOK, answer.StatusCode)
		require.Contains(b, strings.ToLower(answer.Header.Get("X-Cache")), want)
	}
}

var rate = regexp.MustCompile(`Requests/sec: +([0-9.]+)`)

func requestsPerSecond(b *testing.B, url string) float64 {
	b.Helper()
	output, err := exec.Command("wrk", "-t1", "-c32", "-d2s", url).CombinedOutput()
	require.NoError(b, err, "%s", output)
	require.NotRegexp(b, "Socket errors|Non-2xx", string(output))
	found := rate.FindSubmatch(output)
	require.NotNil(b, found, "%s", output)
	n, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(b, err)
	return n
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// startServe runs the whole program until the benchmark ends.
func startServe(b *testing.B, origin string, flags ...string) (url string) {
	b.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"serve", "prod", "-c", example, "--api", origin, "--listen", "127.0.0.1:0"}, flags...)...)
	cmd.Env = append(os.Environ(), runVariable+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	start(b, cmd)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, listens := strings.CutPrefix(lines.Text(), "listening on "); listens {
			return address
		}
	}
	require.Fail(b, "serve ended")
	return ""
}

func start(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	cmd.Stderr = os.Stderr
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
}

// nginxConfig is what Debian's has, and a cache as nginx's guide sets one up, for a cache that keeps its connections to the origin.
// Its user only counts where root starts it, whose folders another user couldn't read.
const nginxConfig = `
daemon off;
user root;
worker_processes auto;
pid %[1]s/pid;
events { worker_connections 1024; }
http {
	sendfile on;
	tcp_nopush on;
	access_log %[2]s;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	proxy_cache_path %[1]s/cache keys_zone=edge:10m max_size=1g;
	upstream origin {
		server %[3]s;
		keepalive 32;
	}
	server {
		listen %[4]s;
		location / {
			proxy_pass http://origin;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_cache edge;
			add_header X-Cache $upstream_cache_status;
		}
	}
}
`

func startNginx(b *testing.B, origin, access string) (url string) {
	b.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	address := free.Addr().String()
	free.Close()
	dir := b.TempDir()
	file := filepath.Join(dir, "nginx.conf")
	require.NoError(b, os.WriteFile(file, fmt.Appendf(nil, nginxConfig, dir, access, origin, address), 0o600))
	start(b, exec.Command("nginx", "-c", file, "-e", "stderr"))
	answers := func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	require.Eventually(b, answers, time.Minute, 10*time.Millisecond)
	return "http://" + address
}
