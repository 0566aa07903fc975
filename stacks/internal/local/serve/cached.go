package serve

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/ranges"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/store"
)

// entry is where the answer to a request is in the cache, or would be.
type entry struct {
	// The key of the whole answer, which serves every request, and the key of an answer for requests like this one
	// alone: HEAD, or for the same range under the same condition.
	whole, own string
	answer     *store.Answer // nil: none was found
	found      string        // the key under which it was
}

// find looks for an answer. The caller leaves its body afterwards.
func (c *call) find() entry {
	base := keyOf(c.Decision.Cache.Key)
	e := entry{whole: base, own: base}
	header, condition := c.Decision.Range()
	if c.Method == http.MethodHead {
		e.own += "HEAD"
	} else if header != "" {
		e.own += "range " + header
	}
	part := e.own
	if condition != "" {
		e.own += "\x00if " + condition
	}
	for _, e.found = range []string{e.whole, part, e.own} {
		e.answer = c.s.store.Get(e.found, c.usable)
		if e.answer == nil {
			continue
		}
		if e.found != part || part == e.own || meets(e.answer.Header, condition) {
			return e
		}
		e.answer.Body.Leave() // this part is of another version
		e.answer = nil
	}
	return e
}

// meets reports whether an answer is of the version that If-Range names (RFC 9110, 13.1.5).
func meets(header http.Header, condition string) bool {
	if strings.HasPrefix(condition, `"`) {
		return header.Get("Etag") == condition
	}
	date, err := http.ParseTime(condition)
	modified, none := http.ParseTime(header.Get("Last-Modified"))
	return err == nil && none == nil && date.Equal(modified)
}

// changed reports whether find would find another answer now.
func (e entry) changed(s *store.Store) bool {
	if e.found == e.own && e.own != e.whole && !s.Has(e.whole, nil) {
		return true
	}
	return !s.Has(e.found, e.answer)
}

// flight returns the key of the flight that this request can join: for a range, too, while a whole answer is renewed.
func (e entry) flight(method string) string {
	if e.answer != nil && e.found == e.whole && method != http.MethodHead {
		return e.whole
	}
	return e.own
}

// keyOf returns a cache key as text: the same for all requests that can have the same answer.
func keyOf(k edge.Key) string {
	var b strings.Builder
	b.Grow(len(k.Path) + len(k.Query) + 64)
	part := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(text)
			b.WriteByte(0) // no URL and no header has one
		}
	}
	part(k.Method, k.Path, k.Query)
	part(k.Encodings...)
	part("")
	for _, name := range slices.Sorted(maps.Keys(k.Headers)) {
		value := k.Headers[name]
		part(name, string('0'+rune(value.Kind)), value.Text)
	}
	part("")
	for _, name := range slices.Sorted(maps.Keys(k.Cookies)) {
		part(name, k.Cookies[name])
	}
	return b.String()
}

// fromCache answers from the cache, or asks the origin and keeps its answer.
func (c *call) fromCache() {
	e := c.find()
	if e.answer != nil {
		defer e.answer.Body.Leave()
	}
	switch a := e.answer; {
	case a == nil:
		c.fetch(e)
	case fresh(a, c.Begin):
		c.Why = "it was in the cache, and is fresh"
		c.respond(a, exchange.Hit, c.hit(a))
	case c.Begin.Before(a.FailedUntil) && servesOnError(a, c.Begin):
		c.Why = "it was in the cache, and the origin has just failed"
		c.respond(a, exchange.Hit, c.hit(a))
	case servesMeanwhile(a, c.Begin):
		c.Why = "it was in the cache, and is being renewed"
		c.renewMeanwhile(e)
		c.respond(a, exchange.Hit, c.hit(a))
	default:
		c.fetch(e)
	}
}

// renewMeanwhile asks the origin for a new answer without waiting for it.
func (c *call) renewMeanwhile(e entry) {
	f, joined := c.s.board(c, e)
	if f == nil {
		return
	}
	if joined {
		f.leave(c.r.Context())
		return
	}
	c.s.working.Go(func() {
		<-f.known
		f.leave(context.Background())
	})
}

// fetch answers with the origin's answer.
func (c *call) fetch(e entry) {
	f, joined := c.s.board(c, e)
	if f == nil {
		c.fromCache()
		return
	}
	err := f.wait(c, joined)
	if err == nil && joined && (!c.Begin.Before(f.sharedUntil) || f.answer.Body.Lost()) {
		// "CloudFront pauses before forwarding additional requests", but what isn't shared each caller has to ask for.
		f.leave(c.r.Context())
		f, joined = c.s.alone(c, e), false
		err = f.wait(c, joined)
	}
	defer func() { f.leave(c.r.Context()) }()
	if err != nil {
		c.left(err)
		panic(http.ErrAbortHandler)
	}
	result := f.result
	if joined {
		result = exchange.Hit
		c.Why = "another request was being answered"
	} else {
		c.Sent, c.Why, c.Stored, c.Lifetime = f.sent, f.why, f.keeps, f.answer.Life
	}
	if result == exchange.Miss && e.flight(c.Method) == e.own {
		// An origin without ranges sends the whole, and so does CloudFront (How CloudFront processes partial requests for
		// an object).
		c.whole = true
	}
	why := forwardMiss
	if e.answer != nil {
		why = forwardStale
	}
	c.respond(f.answer, result, c.forwarded(why, joined))
	switch b := f.answer.Body; {
	case c.Stored && b.Lost():
		c.Stored, c.Why = false, errTooLong.Error()
	case c.Stored && !b.Complete():
		c.Stored, c.Why = false, "the origin broke off"
	}
}

// respond sends an answer, or the range of it that the caller asks for, with what the cache did as Cache-Status.
func (c *call) respond(a *store.Answer, result exchange.Result, status string) {
	if c.Result = result; a.Status >= 400 {
		c.Result = exchange.Error
	}
	header := c.w.Header()
	maps.Copy(header, a.Header)
	if len(c.Sent) == 0 {
		for _, name := range a.Omitted {
			header.Del(name)
		}
		header.Set("Age", strconv.Itoa(int(c.Begin.Sub(a.Came)/time.Second)+a.Life.Age))
	}
	c.addCacheStatus(header, status)
	c.finish(header)
	complete := a.Body.Complete()
	c.w.stream = !complete
	length, err := strconv.ParseInt(a.Header.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
		if complete && c.Method != http.MethodHead {
			length = a.Body.Size()
		}
	}
	body := a.Body.NewReader(c.r.Context(), length)
	defer body.Close()
	r := c.asking(a, length)
	c.w.part = a.Status == http.StatusPartialContent
	switch {
	case c.Method == http.MethodHead && (a.Status != http.StatusOK || !conditional(r.Header)):
		c.w.WriteHeader(a.Status)
		return
	case (a.Status == http.StatusOK || c.w.part) && conditional(r.Header) && length >= 0:
		modified, _ := http.ParseTime(a.Header.Get("Last-Modified"))
		if _, typed := header["Content-Type"]; !typed {
			header["Content-Type"] = nil // otherwise Go guesses one
		}
		if r.Header.Get("If-Match") != "" || r.Header.Get("If-Unmodified-Since") != "" {
			header.Del("Content-Length") // it would stay in a 412, which has no body
		}
		http.ServeContent(c.w, r, "", modified, body)
	default:
		if err != nil && length >= 0 {
			header.Set("Content-Length", strconv.FormatInt(length, 10))
		}
		c.w.WriteHeader(a.Status)
		if !complete {
			c.w.flush()
		}
		if _, err := body.WriteTo(c.w); err != nil {
			c.Why = err.Error()
			panic(http.ErrAbortHandler) // the caller must not take a part for the whole
		}
	}
}

// asking returns the request with its ranges as CloudFront reads them, in a form that net/http reads in the same way. A
// part from the cache is sent as it is.
func (c *call) asking(a *store.Answer, length int64) *http.Request {
	if len(c.r.Header["Range"]) == 0 {
		return c.r
	}
	r := c.r.Clone(c.r.Context())
	r.Header.Del("Range")
	header, condition := c.Decision.Range()
	parsed, asks := ranges.Parse(header)
	if !asks || c.whole || a.Status != http.StatusOK {
		return r
	}
	parts, asks := parsed.Of(length)
	if !asks || length < 0 {
		return r
	}
	list := make([]string, len(parts))
	for i, part := range parts {
		list[i] = fmt.Sprintf("%d-%d", part.First, part.Last)
	}
	if len(list) == 0 {
		list = []string{fmt.Sprintf("%d-", length)} // a range that can't be satisfied
	}
	r.Header.Set("Range", "bytes="+strings.Join(list, ","))
	if condition != "" {
		r.Header.Set("If-Range", condition)
	}
	return r
}

// conditional reports whether the caller may get anything but the whole answer.
func conditional(header http.Header) bool {
	for _, name := range []string{"Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"} {
		if len(header[name]) > 0 {
			return true
		}
	}
	return false
}
