package serve

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/local/serve/store"
)

// cacheName is how the cache calls itself in Cache-Status. CloudFront doesn't write that header.
const cacheName = "serve"

// Why a request goes to the origin (RFC 9211, 2.2).
const (
	forwardMiss   = "miss"   // nothing is kept for it
	forwardStale  = "stale"  // what is kept isn't fresh
	forwardBypass = "bypass" // the route has no cache
	forwardMethod = "method" // answers to the method are never kept
)

// hit says that the answer was in the cache, and how many seconds it is fresh for, or since when it isn't.
func (c *call) hit(a *store.Answer) string {
	fresh := a.Came.Add(seconds(a.Life.Fresh)).Sub(c.Begin) / time.Second
	return fmt.Sprintf("hit; ttl=%d", fresh)
}

// forwarded says why a request went to the origin, and what came of it. A request that another one's answer serves is
// collapsed.
func (c *call) forwarded(why string, collapsed bool) string {
	status := "fwd=" + why
	if last := len(c.Sent) - 1; last >= 0 && c.Sent[last].Status > 0 {
		status += fmt.Sprintf("; fwd-status=%d", c.Sent[last].Status)
	}
	if c.Stored {
		status += fmt.Sprintf("; stored; ttl=%d", c.Lifetime.Fresh)
	}
	if collapsed {
		status += "; collapsed"
	}
	return status
}

// addCacheStatus adds what this cache did behind what the caches before it say.
func (c *call) addCacheStatus(header http.Header, status string) {
	if detail := c.Why; detail != "" && isPlain(detail) {
		status += `; detail="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(detail) + `"`
	}
	header["Cache-Status"] = append(slices.Clip(header["Cache-Status"]), cacheName+"; "+status) // an answer that is kept has the rest
}

// isPlain reports whether a text can be a string in a structured header (RFC 8941, 3.3.3).
func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r > 0x7e })
}
