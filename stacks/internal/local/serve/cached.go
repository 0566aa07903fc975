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

// fromCache answers with what is kept, or asks the origin and keeps what it answers.
func (c *call) fromCache() {
	e := c.find()
	if e.answer != nil {
		defer e.answer.Body.Leave()
	}
	switch a := e.answer; {
	case a == nil:
		c.fetch(e)
	case fresh(a, c.Begin):
		c.Why = "it was kept"
		c.respond(a, exchange.Hit)
	case c.Begin.Before(a.FailedUntil) && servesOnError(a, c.Begin):
		c.Why = "the origin has failed"
		c.respond(a, exchange.Hit)
	case servesMeanwhile(a, c.Begin):
		c.Why = "it was kept, and is being renewed"
		c.renewMeanwhile(e)
		c.respond(a, exchange.Hit)
	default:
		c.fetch(e)
	}
}

// renewMeanwhile has the origin asked for a new answer without waiting for it.
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

// fetch answers with what the origin answers now.
func (c *call) fetch(e entry) {
	f, joined := c.s.board(c, e)
	if f == nil {
		c.fromCache()
		return
	}
	err := f.wait(c, joined)
	if err == nil && joined && (!c.Begin.Before(f.sharedUntil) || f.answer.Body.Lost()) {
		// "CloudFront pauses before forwarding additional requests", but what isn't for all each has to ask for.
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
		// An origin that doesn't know ranges sends all of it, and the caller gets that (How CloudFront processes partial requests for an
		// object).
		c.whole = true
	}
	c.respond(f.answer, result)
	switch b := f.answer.Body; {
	case c.Stored && b.Lost():
		c.Stored, c.Why = false, errTooLong.Error()
	case c.Stored && !b.Complete():
		c.Stored, c.Why = false, "it broke off"
	}
}

// respond sends an answer, or the part of it that the caller asks for.
func (c *call) respond(a *store.Answer, result exchange.Result) {
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
			header["Content-Type"] = nil // or Go guesses one
		}
		if r.Header.Get("If-Match") != "" || r.Header.Get("If-Unmodified-Since") != "" {
			header.Del("Content-Length") // which would stay in a 412, without a body
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

// asking is the request with the parts that it asks for, as CloudFront reads them, in a form that Go's code can't take for another one. A
// part that was kept is answered as it is.
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
		list = []string{fmt.Sprintf("%d-", length)} // there is nothing of it
	}
	r.Header.Set("Range", "bytes="+strings.Join(list, ","))
	if condition != "" {
		r.Header.Set("If-Range", condition)
	}
	return r
}

// conditional tells whether a caller may want something else than the whole answer.
func conditional(header http.Header) bool {
	for _, name := range []string{"Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"} {
		if len(header[name]) > 0 {
			return true
		}
	}
	return false
}

// keyOf is a cache key as a text: two requests have the same one if they can have the same answer.
func keyOf(k edge.Key) string {
	var b strings.Builder
	b.Grow(len(k.Path) + len(k.Query) + 64)
	part := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(text)
			b.WriteByte(0) // is in no URL and no header
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

// entry is where a request's answer is kept or may be.
type entry struct {
	// The key of the whole answer, which serves every request, and the key of one that only serves a request like this one: a HEAD,
	// or one for the same range under the same condition.
	whole, own string
	// What was found, and under which of them; nil: nothing was.
	answer *store.Answer
	found  string
}

// find looks for an answer. Whoever finds one leaves its body afterwards.
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
		e.answer = c.s.store.Get(e.found)
		if e.answer == nil {
			continue
		}
		if e.found != part || part == e.own || meets(e.answer.Header, condition) {
			return e
		}
		e.answer.Body.Leave() // it is a part of another version
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

// changed tells whether another answer would be found now.
func (e entry) changed(s *store.Store) bool {
	if e.found == e.own && e.own != e.whole && !s.Has(e.whole, nil) {
		return true
	}
	return !s.Has(e.found, e.answer)
}

// flight is the key of those who can share what the origin is asked for. If there is a whole answer to renew, nobody asks for a range.
func (e entry) flight(method string) string {
	if e.answer != nil && e.found == e.whole && method != http.MethodHead {
		return e.whole
	}
	return e.own
}
