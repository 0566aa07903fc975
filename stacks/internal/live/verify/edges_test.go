package verify_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/live/verify"
)

// answering gives every request one answer, through CloudFront.
func answering(xCache string, headers ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Cache", xCache+" from cloudfront")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
	})
}

// TestOtherPolicies has what depends on the response headers policy: whether it overrides, and what it hides.
func TestOtherPolicies(t *testing.T) {
	for _, r := range []struct {
		name, from, to string
		expectation    string
		does           http.Handler
		want           []string
	}{
		{"the origin's own, which counts", "", "", `{"request": "GET /v1/chat", "adds": {"referrer-policy": "same-origin"}}`, answering("Miss", "Referrer-Policy", "origin"),
			[]string{"skipped", ".adds.referrer-policy: got origin from the origin, whose own headers win here"}},
		{"neither the origin's nor CloudFront's", "", "", `{"request": "GET /v1/chat", "adds": {"referrer-policy": "same-origin"}}`, answering("Miss"),
			[]string{"broken", ".adds.referrer-policy: expected same-origin, got none: run cdktf diff to see whether this configuration is deployed"}},
		{"CORS of the origin, which keeps out the policy's", `"origin_override": true`, `"origin_override": false`, cors, answering("Miss", "Access-Control-Max-Age", "5"),
			[]string{"skipped", ".adds.Access-Control-Allow-Origin: got none from the origin, whose own headers win here"}},
		{"no CORS at all", `"origin_override": true`, `"origin_override": false`, cors, answering("Miss"),
			[]string{"broken", ".adds.Access-Control-Allow-Origin: expected https://app.example.com, got none: run cdktf diff to see whether this configuration is deployed"}},
		{"CORS of the origin, which doesn't count", "", "", cors, answering("Miss", "Access-Control-Max-Age", "5"),
			[]string{"broken", ".adds.Access-Control-Allow-Origin: expected https://app.example.com, got none: run cdktf diff to see whether this configuration is deployed"}},
		{"a Cache-Control that isn't the origin's", `"header": "X-Edge"`, `"header": "Cache-Control"`, kept, answering("Miss", "Cache-Control", "cloudfront"),
			[]string{"skipped", ".cached: the Cache-Control that CloudFront adds hides the origin's"}},
		{"one thing judged, another not", "", "", `{"request": "GET /v1/models", "cached": true, "adds": {"X-Edge": "cloudfront"}}`,
			answering("Miss", "Cache-Control", "private", "X-Edge", "cloudfront"),
			[]string{"ok", ".cached: the cache keeps this answer for only 0 s (Cache-Control: private)"}},
	} {
		text, err := os.ReadFile("../../edge/edgetest/edge.tf.json")
		require.NoError(t, err)
		if r.from != "" {
			require.Contains(t, string(text), r.from)
		}
		d, err := edge.Parse([]byte(strings.ReplaceAll(string(text), r.from, r.to)))
		require.NoError(t, err)
		results, err := verify.Run(t.Context(), "prod", expectations(t, r.expectation), d, live(t, r.does), func(string) {})
		require.NoError(t, err)
		require.Equal(t, r.want, gist(results[0]), r.name)
	}
}

// TestWritesAreSentOnce and may not come from the cache either.
func TestWritesAreSentOnce(t *testing.T) {
	o := live(t, answering("Hit"))
	o.SendWrites = true
	require.Equal(t, []string{"broken", ".cached: expected false, got Hit from cloudfront: run cdktf diff to see whether this configuration is deployed"}, gist(run(t, o, writes)[0]))
}

// TestStreams aren't waited for.
func TestStreams(t *testing.T) {
	stream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Cache", "Miss from cloudfront")
		fmt.Fprint(w, "data: a\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	o := live(t, stream)
	o.Timeout = 300 * time.Millisecond
	begun := time.Now()
	require.Equal(t, []string{"ok"}, gist(run(t, o, never)[0]))
	require.Equal(t, []string{"ok"}, gist(run(t, o, reach)[0]))
	require.Equal(t, []string{"skipped", ".cached: only 1 MiB, or 5s, of the answer were read, so CloudFront may not keep it"}, gist(run(t, o, kept)[0]))
	require.Less(t, time.Since(begun), time.Minute)
}

// TestPartlyUnreachable is the fault of one expectation: of another port, or once the distribution has answered.
func TestPartlyUnreachable(t *testing.T) {
	o := live(t, answering("Miss"))
	dial, dialled := o.Dial, 0
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dialled++; address == "api.example.com:80" || dialled > 2 {
			return nil, fmt.Errorf("no way to %s", address)
		}
		return dial(ctx, network, address)
	}
	closing := strings.Replace(reach, `"origin"`, `"headers": {"Connection": "close"}, "origin"`, 1)
	results := run(t, o, strings.Join([]string{moved, closing, reach}, ","))
	require.Equal(t, []string{"broken", ".request: no way to api.example.com:80"}, gist(results[0]))
	require.Equal(t, verify.OK, results[1].Verdict)
	require.Equal(t, "no way to api.example.com:443", results[2].Broken[0].Message)
}
