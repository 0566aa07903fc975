// Package freshness says how long CloudFront keeps an answer and may serve it stale.
package freshness

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge/cachecontrol"
)

// Answer is what matters of an origin's answer for how long it is kept.
type Answer struct {
	Status int
	Header http.Header
	// When it came.
	Time time.Time
}

// Bounds are the limits within which the origin decides, in seconds.
type Bounds struct {
	MinTTL, DefaultTTL, MaxTTL int
	// How long an error with the answer's status is kept at least.
	ErrorMinTTL int
}

// Lifetime is how long an answer is kept, in seconds.
type Lifetime struct {
	// How long it is served without asking the origin.
	Fresh int
	// How long after that it is served while the origin is asked again.
	StaleWhileRevalidate int
	// How long after that it is served if the origin can't be reached or answers with 5xx.
	StaleIfError int
	// How old it was when it came; what a hit says in Age counts from there.
	Age int
	// Whether those who asked for the same while it was fetched get it too, instead of asking the origin themselves.
	Shared bool
	// Whether the origin is asked again as if nothing were kept, without If-None-Match and If-Modified-Since.
	Unconditional bool
}

// Kept reports whether an answer is kept at all, be it only for when the origin fails.
func (l Lifetime) Kept() bool { return l.Fresh > 0 || l.StaleWhileRevalidate > 0 || l.StaleIfError > 0 }

// Of tells how long an answer is kept (Manage how long content stays in the cache; Control how long CloudFront caches
// errors). The TTLs of a cache policy count from when the answer comes, whatever its age.
func Of(answer Answer, bounds Bounds) Lifetime {
	if bounds.MaxTTL == 0 {
		return Lifetime{} // caching is off (Understand cache policies)
	}
	says := read(answer)
	life := Lifetime{Age: says.age}
	switch status := answer.Status; status {
	case http.StatusSwitchingProtocols, http.StatusNotModified:
		return Lifetime{} // the second changes what is kept (RFC 9111, 4.3.4)
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		// Without Cache-Control they aren't kept (How CloudFront processes HTTP 3xx status codes from your origin).
		if len(says.cacheControl) > 0 {
			life = says.lifetime(bounds)
		}
	default:
		if status < 400 {
			life = says.lifetime(bounds)
		} else {
			life.Fresh = says.errorFreshness(status, bounds)
		}
	}
	life.Shared = life.Fresh > 0 || !says.keepsApart()
	return life
}

// lifetime is how long an answer is kept that is no error.
func (s said) lifetime(bounds Bounds) Lifetime {
	life := Lifetime{Age: s.age, Fresh: max(bounds.MinTTL, bounds.DefaultTTL)}
	variesOnAll := bounds.MinTTL == 0 && s.variesOnAll
	asksAlways := variesOnAll || s.forbids()
	switch {
	case asksAlways:
		life.Fresh = bounds.MinTTL // if that is 0 it is kept only for when the origin fails
	case s.isTimed:
		life.Fresh = max(bounds.MinTTL, min(s.seconds, bounds.MaxTTL))
	}
	life.Unconditional = variesOnAll || life.Fresh == 0 && s.hides()
	// Only stale-if-error keeps CloudFront from serving it when the origin fails (Manage how long content stays in the
	// cache, the warning). After the maximum TTL nothing is left to serve (Serve stale content).
	left := max(bounds.MaxTTL-life.Fresh, 0)
	life.StaleIfError = left
	if seconds, found := s.cacheControl.Seconds("stale-if-error"); found {
		life.StaleIfError = min(seconds, left)
	}
	if seconds, found := s.cacheControl.Seconds("stale-while-revalidate"); found && !asksAlways {
		life.StaleWhileRevalidate = min(seconds, left)
	}
	return life
}

// Omitted are the headers of an answer that aren't kept with it (Cache content based on cookies, Disable caching of
// Set-Cookie headers).
func Omitted(header http.Header) []string { return cachecontrol.Parse(header).Fields("no-cache") }

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
	says := said{cacheControl: cachecontrol.Parse(answer.Header), age: age(answer),
		variesOnAll: variesOnAll(answer.Header)}
	says.seconds, says.byCacheControl = says.cacheControl.Seconds("s-maxage", "max-age")
	says.isTimed = says.byCacheControl
	if !says.isTimed {
		says.seconds, says.isTimed = expires(answer)
	}
	says.seconds -= says.age
	return says
}

// hides reports whether the answer is for nobody else.
func (s said) hides() bool { return s.cacheControl.Has("no-store") || s.cacheControl.Has("private") }

// forbids reports whether the answer isn't to be served again unasked. no-cache="Set-Cookie" keeps only that header out
// (Cache content based on cookies).
func (s said) forbids() bool {
	return s.hides() || s.cacheControl.Has("no-cache") && len(s.cacheControl.Fields("no-cache")) == 0
}

// keepsApart reports whether each caller gets an answer of its own if the answer isn't kept (Request and response
// behavior for custom origins, Request collapsing: the directives that prevent it).
func (s said) keepsApart() bool {
	seconds, _ := s.cacheControl.Seconds("s-maxage", "max-age")
	return s.forbids() || s.byCacheControl && seconds == 0
}

// variesOnAll reports whether an answer is different for each request (Request and response behavior for custom
// origins, Content negotiation).
func variesOnAll(header http.Header) bool {
	return slices.ContainsFunc(header.Values("Vary"), func(line string) bool {
		return slices.ContainsFunc(strings.Split(line, ","),
			func(name string) bool { return strings.TrimSpace(name) == "*" })
	})
}

// age is how many seconds ago the origin made an answer when it came: the more of what Date and Age say (RFC 9111,
// 4.2.3). Of a list the first item counts, and what is no number doesn't (RFC 9111, 5.1).
func age(answer Answer) int {
	first, _, _ := strings.Cut(answer.Header.Get("Age"), ",")
	said, _ := cachecontrol.Number(strings.Trim(first, " \t"))
	return max(said, seconds(answer.Time.Sub(made(answer))))
}

// expires is how many seconds after an answer was made its Expires is (RFC 9111, 4.2.1).
func expires(answer Answer) (fresh int, found bool) {
	lines := answer.Header.Values("Expires")
	if len(lines) == 0 {
		return 0, false
	}
	date, valid := parseDate(lines[0])
	if !valid {
		return 0, true // in the past (RFC 9111, 5.3)
	}
	return seconds(date.Sub(made(answer))), true
}

// made is when an answer was made: when it came, if it doesn't say (RFC 9110, 6.6.1).
func made(answer Answer) time.Time {
	if date, valid := parseDate(answer.Header.Get("Date")); valid {
		return date
	}
	return answer.Time
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// dates are the three forms of a date (RFC 9110, 5.6.7). A layout alone would take spaces and digits in other numbers
// than these.
var dates = []struct {
	shape  *regexp.Regexp
	layout string
}{
	{regexp.MustCompile(`^[A-Z]{3}, \d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d GMT$`), http.TimeFormat},
	{regexp.MustCompile(`^[A-Z]+, \d\d-[A-Z]{3}-\d\d \d\d:\d\d:\d\d GMT$`), "Monday, 02-Jan-06 15:04:05 GMT"},
	{regexp.MustCompile(`^[A-Z]{3} [A-Z]{3} [\d ]\d \d\d:\d\d:\d\d \d{4}$`), time.ANSIC},
}

// parseDate reads a date in any case.
func parseDate(text string) (date time.Time, valid bool) {
	text = strings.ToUpper(text)
	for _, form := range dates {
		if form.shape.MatchString(text) {
			date, err := time.Parse(form.layout, text)
			return date, err == nil
		}
	}
	return time.Time{}, false
}

// The errors that CloudFront keeps, and those that it keeps only if the origin says how long (CloudFront Developer
// Guide, How CloudFront processes HTTP 4xx and 5xx status codes from your origin).
var (
	KeptErrors     = []int{404, 414, 500, 501, 502, 503, 504}
	keptIfSaid     = []int{400, 403, 405, 412, 415}
	keptUnlessSaid = []int{404, 410, 414, 501} // Control how long CloudFront caches errors
)

// DefaultErrorTTL is how many seconds they are kept at least where nothing is said (Control how long CloudFront caches
// errors).
const DefaultErrorTTL = 10

func (s said) errorFreshness(status int, bounds Bounds) int {
	switch {
	case slices.Contains(keptIfSaid, status) && !s.byCacheControl:
		return 0
	case !slices.Contains(KeptErrors, status) && !slices.Contains(keptIfSaid, status):
		return 0
	case s.forbids() && slices.Contains(keptUnlessSaid, status):
		return 0
	}
	return max(bounds.ErrorMinTTL, min(s.seconds, bounds.MaxTTL))
}
