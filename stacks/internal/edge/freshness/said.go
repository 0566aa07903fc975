package freshness

import (
	"net/http"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/cachecontrol"
)

// said is what the origin says of an answer.
type said struct {
	cacheControl cachecontrol.Directives
	age          int
	variesOnAll  bool
	// For how many seconds after it comes the answer is fresh, by Cache-Control or by Expires.
	seconds                 int
	byCacheControl, isTimed bool
}

func read(answer Answer) said {
	says := said{cacheControl: cachecontrol.Parse(answer.Header), age: age(answer), variesOnAll: variesOnAll(answer.Header)}
	says.seconds, says.byCacheControl = says.cacheControl.Seconds("s-maxage", "max-age")
	says.isTimed = says.byCacheControl
	if !says.isTimed {
		says.seconds, says.isTimed = expires(answer)
	}
	says.seconds -= says.age
	return says
}

// hides tells whether the answer is for nobody else.
func (s said) hides() bool { return s.cacheControl.Has("no-store") || s.cacheControl.Has("private") }

// forbids tells whether the answer isn't to be served again unasked. no-cache="Set-Cookie" keeps only that header out (Cache
// content based on cookies).
func (s said) forbids() bool {
	return s.hides() || s.cacheControl.Has("no-cache") && len(s.cacheControl.Fields("no-cache")) == 0
}

// keepsApart tells whether each caller gets an answer of its own if the answer isn't kept (Request and response behavior for
// custom origins, Request collapsing: the directives that prevent it).
func (s said) keepsApart() bool {
	seconds, _ := s.cacheControl.Seconds("s-maxage", "max-age")
	return s.forbids() || s.byCacheControl && seconds == 0
}

// variesOnAll tells whether an answer is different for each request (Request and response behavior for custom origins, Content
// negotiation).
func variesOnAll(header http.Header) bool {
	return slices.ContainsFunc(header.Values("Vary"), func(line string) bool {
		return slices.ContainsFunc(strings.Split(line, ","), func(name string) bool { return strings.TrimSpace(name) == "*" })
	})
}
