package serve

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCacheStatus says why an answer came from the cache or not (RFC 9211).
func TestCacheStatus(t *testing.T) {
	s := serveFor(t, counted("Cache-Control: max-age=60, stale-while-revalidate=10", `ETag: "v1"`, "Cache-Status: origin; hit"), nil, cachedRoute())
	const because = `; detail="Cache-Control: max-age=60, stale-while-revalidate=10"`
	for _, r := range []struct {
		after         time.Duration
		request, want string
	}{
		{0, "GET /a", "serve; fwd=miss; fwd-status=200; stored; ttl=60" + because},
		{20 * time.Second, "GET /a", `serve; hit; ttl=NN; detail="it was in the cache, and is fresh"`},
		{80 * time.Second, "GET /a", `serve; fwd=stale; fwd-status=304; stored; ttl=60; detail="the origin says it is still current (304)"`},
		{65 * time.Second, "GET /a", `serve; hit; ttl=-N; detail="it was in the cache, and is being renewed"`},
		{0, "POST /a", `serve; fwd=method; fwd-status=200; detail="POST is never cached"`},
	} {
		s.wait(r.after)
		answer, _ := s.do(r.request)
		require.Len(t, answer.Header.Values("Cache-Status"), 2)
		require.Equal(t, "origin; hit", answer.Header.Values("Cache-Status")[0])
		// The clock goes on between the requests.
		pattern := strings.NewReplacer("NN", `(3\d|40)`, "-N", `-\d`).Replace(regexp.QuoteMeta(r.want))
		require.Regexp(t, "^"+pattern+"$", answer.Header.Values("Cache-Status")[1], r.request)
	}
	s = serveFor(t, counted("Cache-Control: no-store"), nil, cachedRoute())
	answer, _ := s.do("GET /a")
	require.Equal(t, `serve; fwd=miss; fwd-status=200; stored; ttl=0; detail="Cache-Control: no-store"`, answer.Header.Get("Cache-Status"))
	s = serveFor(t, counted("Cache-Control: max-age=60"), nil, passedRoute())
	answer, _ = s.do("GET /a")
	require.Equal(t, `serve; fwd=bypass; fwd-status=200; detail="this route has no cache"`, answer.Header.Get("Cache-Status"))
}
