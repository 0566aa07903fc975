package freshness

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const year = 365 * 24 * 60 * 60 // seconds

// TestFreshness has a row for each row and column of the table in the CloudFront Developer Guide, Manage how long
// content stays in the cache (expiration), and for each note below it.
func TestFreshness(t *testing.T) {
	zero, some := Bounds{0, 100, 1000, 10}, Bounds{50, 100, 1000, 10}
	for _, r := range []struct {
		name, cacheControl, expires string
		bounds                      Bounds
		want                        [3]int // fresh, then stale while it is fetched again, then stale if the origin fails
	}{
		{"max-age, minimum 0: the lesser of it and the maximum", "max-age=60", "", zero, [3]int{60, 0, 940}},
		{"max-age, minimum 0: the lesser of it and the maximum, over it", "max-age=6000", "", zero, [3]int{1000, 0, 0}},
		{"max-age between minimum and maximum", "max-age=60", "", some, [3]int{60, 0, 940}},
		{"max-age under the minimum", "max-age=40", "", some, [3]int{50, 0, 950}},
		{"max-age over the maximum", "max-age=2000", "", some, [3]int{1000, 0, 0}},

		{"nothing, minimum 0: the default", "", "", zero, [3]int{100, 0, 900}},
		{"nothing: the greater of minimum and default", "", "", some, [3]int{100, 0, 900}},
		{"nothing: the greater of minimum and default, the minimum", "", "", Bounds{200, 100, 1000, 10}, [3]int{200, 0, 800}},
		{"no max-age", "public", "", zero, [3]int{100, 0, 900}},

		{"s-maxage, minimum 0: the lesser of it and the maximum", "max-age=60, s-maxage=70", "", zero, [3]int{70, 0, 930}},
		{"s-maxage, minimum 0, over the maximum", "max-age=60, s-maxage=7000", "", zero, [3]int{1000, 0, 0}},
		{"s-maxage between", "s-maxage=70, max-age=60", "", some, [3]int{70, 0, 930}},
		{"s-maxage under the minimum", "s-maxage=7, max-age=60", "", some, [3]int{50, 0, 950}},
		{"s-maxage over the maximum", "s-maxage=7000, max-age=60", "", some, [3]int{1000, 0, 0}},

		{"Expires, minimum 0", "", in(60), zero, [3]int{60, 0, 940}},
		{"Expires, minimum 0, after the maximum", "", in(6000), zero, [3]int{1000, 0, 0}},
		{"Expires between", "", in(60), some, [3]int{60, 0, 940}},
		{"Expires before the minimum", "", in(6), some, [3]int{50, 0, 950}},
		{"Expires after the maximum", "", in(6000), some, [3]int{1000, 0, 0}},
		{"Expires in the past", "", in(-60), zero, [3]int{0, 0, 1000}},
		{"Expires that is no date", "", "0", zero, [3]int{0, 0, 1000}},
		{"max-age is preferred to Expires", "max-age=60", in(600), zero, [3]int{60, 0, 940}},

		{"no-cache, minimum 0", "no-cache", "", zero, [3]int{0, 0, 1000}},
		{"no-store, minimum 0", "no-store", "", zero, [3]int{0, 0, 1000}},
		{"private, minimum 0", "private, max-age=60", "", zero, [3]int{0, 0, 1000}},
		{"no-cache: the minimum", "No-Cache", "", some, [3]int{50, 0, 950}},
		{"no-store: the minimum", "no-store", "", some, [3]int{50, 0, 950}},
		{"private: the minimum", "private", "", some, [3]int{50, 0, 950}},
		{"no-cache that isn't to be served if the origin fails", "no-cache, stale-if-error=0", "", zero, [3]int{}},
		{"no-cache of one header", `max-age=60, no-cache="Set-Cookie"`, "", zero, [3]int{60, 0, 940}},

		{"must-understand", "no-store, must-understand, max-age=60", "", zero, [3]int{0, 0, 1000}},

		// Serve stale (expired) content.
		{"stale-while-revalidate", "max-age=3600, stale-while-revalidate=600", "", Bounds{0, 0, year, 10}, [3]int{3600, 600, year - 3600}},
		{"stale-if-error", "max-age=3600, stale-if-error=86400", "", Bounds{0, 0, year, 10}, [3]int{3600, 0, 86400}},
		{"both", "max-age=3600, stale-while-revalidate=600, stale-if-error=86400", "", Bounds{0, 0, year, 10}, [3]int{3600, 600, 86400}},
		{"must-revalidate doesn't prevent it", "max-age=60, must-revalidate", "", zero, [3]int{60, 0, 940}},
		{"nor does proxy-revalidate", "max-age=60, proxy-revalidate", "", zero, [3]int{60, 0, 940}},
		{"what the origin is always asked for isn't served meanwhile", "no-cache, stale-while-revalidate=600", "", zero, [3]int{0, 0, 1000}},
		{"not longer than the maximum", "max-age=900, stale-while-revalidate=600, stale-if-error=600", "", zero, [3]int{900, 100, 100}},

		{"all bounds 0", "max-age=3600", "", Bounds{0, 0, 0, 10}, [3]int{}},
		// RFC 9111, 4.2.1.
		{"a max-age that is no number", "max-age=x", in(60), zero, [3]int{0, 0, 1000}},
		{"a max-age that is no number: the minimum", "max-age=x", "", some, [3]int{50, 0, 950}},
		{"a directive twice", "max-age=60, max-age=70", "", zero, [3]int{60, 0, 940}},
		{"more than a hundred years", "max-age=99999999999", "", Bounds{0, 0, 200 * year, 10}, [3]int{100 * year, 0, 100 * year}},
	} {
		header := http.Header{}
		if r.cacheControl != "" {
			header.Set("Cache-Control", r.cacheControl)
		}
		if r.expires != "" {
			header.Set("Expires", r.expires)
		}
		life := Of(Answer{200, header, came}, r.bounds)
		require.Equal(t, r.want, [3]int{life.Fresh, life.StaleWhileRevalidate, life.StaleIfError}, r.name)
	}
}

// TestFreshnessByStatus has what differs for answers that are no errors.
func TestFreshnessByStatus(t *testing.T) {
	for _, r := range []struct {
		name   string
		status int
		header http.Header
		want   int
	}{
		{"an answer", 200, nil, 100},
		{"a part of one (How CloudFront processes partial requests for an object)", 206, nil, 100},
		{"nothing", 204, nil, 100},
		{"a redirect (How CloudFront processes HTTP 3xx status codes from your origin)", 301, nil, 100},
		{"one that says nothing", 307, nil, 0},
		{"one that says when it expires", 308, http.Header{"Expires": {"Fri, 01 Jan 2038 01:01:01 GMT"}}, 0},
		{"one with Cache-Control", 307, http.Header{"Cache-Control": {"max-age=60"}}, 60},
		{"one with another directive", 308, http.Header{"Cache-Control": {"public"}}, 100},
		{"not modified", 304, http.Header{"Cache-Control": {"max-age=60"}}, 0},
		{"another protocol", 101, http.Header{"Cache-Control": {"max-age=60"}}, 0},
	} {
		require.Equal(t, r.want, Of(Answer{Status: r.status, Header: r.header}, Bounds{0, 100, 1000, 10}).Fresh, r.name)
	}
	require.Equal(t, Lifetime{}, Of(Answer{Status: 304}, Bounds{0, 100, 1000, 10}))
}

// TestIgnoredHeaders has headers that say nothing to CloudFront.
func TestIgnoredHeaders(t *testing.T) {
	for _, header := range []http.Header{
		{"Pragma": {"no-cache"}}, // RFC 9111, 5.4: it means nothing in answers
		{"Cdn-Cache-Control": {"no-store"}},
		{"Surrogate-Control": {"no-store"}},
		{"Set-Cookie": {"a=1"}},
		{"Vary": {"Accept, Cookie"}},
	} {
		require.Equal(t, 100, Of(Answer{Status: 200, Header: header}, Bounds{0, 100, 1000, 10}).Fresh, header)
	}
}

// TestVaryOnAll has what Request and response behavior for custom origins, Content negotiation, says of Vary: *.
func TestVaryOnAll(t *testing.T) {
	for _, lines := range [][]string{{"*"}, {"*, *"}, {"*", "*"}, {", *"}, {"", "*"}, {"*, Foo"}, {"Foo, *"}} {
		header := http.Header{"Vary": lines, "Cache-Control": {"max-age=60, stale-while-revalidate=60"}}
		require.Equal(t, Lifetime{StaleIfError: 1000, Shared: true, Unconditional: true}, Of(Answer{Status: 200, Header: header}, Bounds{0, 100, 1000, 10}), lines)
		require.Equal(t, Lifetime{Fresh: 60, StaleWhileRevalidate: 60, StaleIfError: 940, Shared: true},
			Of(Answer{Status: 200, Header: header}, Bounds{50, 100, 1000, 10}), lines)
	}
}

// TestShared has the directives that prevent that requests are collapsed into one (Request and response behavior for
// custom origins, Request collapsing).
func TestShared(t *testing.T) {
	for _, r := range []struct {
		cacheControl          string
		shared, unconditional bool
	}{
		{"", true, false},
		{"max-age=60", true, false},
		{"public", true, false},
		{"private", false, true},
		{"no-store", false, true},
		{"no-cache", false, false},
		{`no-cache="Set-Cookie"`, true, false},
		{"max-age=0", false, false},
		{"s-maxage=0, max-age=60", false, false},
		{"s-maxage=60, max-age=0", true, false},
		{"max-age=x", false, false},
	} {
		header := http.Header{"Cache-Control": {r.cacheControl}}
		life := Of(Answer{Status: 200, Header: header}, Bounds{0, 100, 1000, 10})
		require.Equal(t, r.shared, life.Shared, r.cacheControl)
		require.Equal(t, r.unconditional, life.Unconditional, r.cacheControl)
		require.Equal(t, r.shared, Of(Answer{Status: 401, Header: header}, Bounds{0, 100, 1000, 10}).Shared, r.cacheControl)

		life = Of(Answer{Status: 200, Header: header}, Bounds{50, 100, 1000, 10})
		require.True(t, life.Shared, "a minimum TTL collapses all: %s", r.cacheControl)
		require.False(t, life.Unconditional, r.cacheControl)
		require.False(t, Of(Answer{Status: 200, Header: header}, Bounds{}).Shared, "not with CachingDisabled: %s", r.cacheControl)
	}
	require.True(t, Of(Answer{Status: 200}, Bounds{MaxTTL: 1000}).Shared, "nothing is said, and the default TTL is 0")
}

func TestKept(t *testing.T) {
	for _, r := range []struct {
		status       int
		cacheControl string
		want         bool
	}{
		{200, "max-age=60", true},
		{200, "max-age=0, stale-while-revalidate=60, stale-if-error=0", true},
		{200, "no-store", true}, // for when the origin fails
		{200, "no-store, stale-if-error=0", false},
		{404, "", true},
		{404, "no-store", false},
		{401, "", false},
	} {
		life := Of(Answer{Status: r.status, Header: http.Header{"Cache-Control": {r.cacheControl}}}, Bounds{0, 100, 1000, 10})
		require.Equal(t, r.want, life.Kept(), "%d %s", r.status, r.cacheControl)
	}
	require.False(t, Lifetime{Age: 60, Shared: true}.Kept())
}

func TestOmitted(t *testing.T) {
	require.Equal(t, []string{"Set-Cookie", "X"}, Omitted(http.Header{"Cache-Control": {`no-cache="Set-Cookie, X"`}}))
	require.Empty(t, Omitted(http.Header{"Cache-Control": {"no-cache"}}))
}

// TestFreshnessOfErrors has what the guide says in How CloudFront processes HTTP 4xx and 5xx status codes from your
// origin, and in Control how long CloudFront caches errors.
func TestFreshnessOfErrors(t *testing.T) {
	bounds := Bounds{50, 100, 1000, 10}
	for _, r := range []struct {
		name, cacheControl string
		statuses           []int
		want               int
	}{
		{"as long as configured, 10 by default", "", []int{404, 414, 500, 501, 502, 503, 504}, 10},
		{"or as the origin says, if that is longer", "max-age=60", []int{404, 500, 504}, 60},
		{"but not if that is shorter", "max-age=6", []int{404, 500}, 10},
		{"nor longer than the maximum", "s-maxage=6000", []int{404, 500}, 1000},
		{"only if the origin says so", "", []int{400, 403, 405, 412, 415}, 0},
		{"as the origin says", "max-age=60", []int{400, 403, 405, 412, 415}, 60},
		{"or as configured", "max-age=6", []int{400, 403}, 10},
		{"other statuses aren't kept", "max-age=60", []int{401, 402, 406, 410, 416, 422, 429, 505}, 0},
		{"the origin can forbid it", "no-store", []int{404, 414, 501}, 0},
		{"the origin can forbid it", "private", []int{404, 414, 501}, 0},
		{"but not for these", "no-cache", []int{500, 502, 503, 504}, 10},
	} {
		for _, status := range r.statuses {
			answer := Answer{Status: status, Header: http.Header{}}
			if r.cacheControl != "" {
				answer.Header.Set("Cache-Control", r.cacheControl)
			}
			life := Of(answer, bounds)
			require.Equal(t, [3]int{r.want}, [3]int{life.Fresh, life.StaleWhileRevalidate, life.StaleIfError}, "%s: %d", r.name, status)
		}
	}
	soon := http.Header{"Expires": {in(60)}}
	require.Equal(t, 60, Of(Answer{404, soon, came}, bounds).Fresh, "or until Expires")
	require.Zero(t, Of(Answer{403, soon, came}, bounds).Fresh, "which isn't enough for those that are kept only if the origin says so")
	require.Equal(t, Lifetime{}, Of(Answer{Status: 500}, Bounds{ErrorMinTTL: 10}), "with CachingDisabled no error is kept")
}

var came = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

func in(seconds int) string {
	return came.Add(time.Duration(seconds) * time.Second).Format(http.TimeFormat)
}

// TestAge has how old an answer is when it comes, and what that leaves of what the origin says (RFC 9111, 4.2).
func TestAge(t *testing.T) {
	bounds := Bounds{0, 100, 10000, 10}
	for _, r := range []struct {
		name       string
		header     http.Header
		bounds     Bounds
		age, fresh int
	}{
		{"nothing says it", http.Header{"Cache-Control": {"max-age=3600"}}, bounds, 0, 3600},
		{"Age", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"600"}}, bounds, 600, 3000},
		{"an old Date", http.Header{"Cache-Control": {"max-age=3600"}, "Date": {in(-600)}}, bounds, 600, 3000},
		{"the older one", http.Header{"Cache-Control": {"max-age=3600"}, "Date": {in(-600)}, "Age": {"700"}}, bounds, 700, 2900},
		{"a Date in the future", http.Header{"Cache-Control": {"max-age=3600"}, "Date": {in(600)}}, bounds, 0, 3600},
		{"a Date that is none", http.Header{"Cache-Control": {"max-age=3600"}, "Date": {"yesterday"}}, bounds, 0, 3600},
		{"older than max-age", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"7200"}}, bounds, 7200, 0},
		{"older than s-maxage", http.Header{"Cache-Control": {"max-age=3600, s-maxage=60"}, "Age": {"90"}}, bounds, 90, 0},

		{"Expires counts from Date", http.Header{"Expires": {in(3600)}, "Date": {in(0)}}, bounds, 0, 3600},
		{"by the origin's clock, if that is fast", http.Header{"Expires": {in(4200)}, "Date": {in(600)}}, bounds, 0, 3600},
		{"and from its age, if Date is old", http.Header{"Expires": {in(3000)}, "Date": {in(-600)}}, bounds, 600, 3000},
		{"less its Age", http.Header{"Expires": {in(3600)}, "Date": {in(0)}, "Age": {"30"}}, bounds, 30, 3570},
		{"without Date from when it came", http.Header{"Expires": {in(60)}}, bounds, 0, 60},
		{"the first Expires", http.Header{"Expires": {in(60), in(3600)}}, bounds, 0, 60},
		{"an empty Expires", http.Header{"Expires": {""}}, bounds, 0, 0},

		{"the default TTL doesn't count from there", http.Header{"Age": {"600"}}, bounds, 600, 100},
		{"nor does the minimum TTL", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"7200"}}, Bounds{50, 100, 1000, 10}, 7200, 50},
		{"nor the maximum TTL", http.Header{"Cache-Control": {"max-age=7200"}, "Age": {"3600"}}, Bounds{0, 100, 1000, 10}, 3600, 1000},

		// RFC 9111, 5.1.
		{"no number", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"abc"}}, bounds, 0, 3600},
		{"a negative number", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"-7200"}}, bounds, 0, 3600},
		{"a fraction", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"7200.0"}}, bounds, 0, 3600},
		{"with a parameter", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"7200;foo=bar"}}, bounds, 0, 3600},
		{"2^31", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"2147483648"}}, bounds, 2147483648, 0},
		{"too large", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"99999999999999999999"}}, bounds, 100 * year, 0},
		{"a list: the first", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"7200, 0"}}, bounds, 7200, 0},
		{"a list: the first, which is 0", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"0, 7200"}}, bounds, 0, 3600},
		{"two lines: the first", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"7200", "0"}}, bounds, 7200, 0},
		{"two lines: the first, which is 0", http.Header{"Cache-Control": {"max-age=3600"}, "Age": {"0", "7200"}}, bounds, 0, 3600},
	} {
		life := Of(Answer{200, r.header, came}, r.bounds)
		require.Equal(t, r.age, life.Age, r.name)
		require.Equal(t, r.fresh, life.Fresh, r.name)
	}
	old := Of(Answer{404, http.Header{"Cache-Control": {"max-age=60"}, "Age": {"20"}}, came}, bounds)
	require.Equal(t, []int{20, 40}, []int{old.Age, old.Fresh}, "an error")
}

// TestParseDate has the forms of RFC 9110, 5.6.7, and what only looks like them.
func TestParseDate(t *testing.T) {
	for text, valid := range map[string]bool{
		"Thu, 18 Aug 2050 02:01:18 GMT":      true,
		"Thursday, 18-Aug-50 02:01:18 GMT":   true,
		"Thu Aug 18 02:01:18 2050":           true,
		"THU, 18 AUG 2050 02:01:18 gMT":      true,
		"Mon, 18 Aug 2050 02:01:18 GMT":      true, // it was a Thursday
		"Thu, 18 Aug 2050 02:01:18 UTC":      false,
		"Thu, 18 Aug 2050 02:01:18 AEST":     false,
		"Thu, 18 Aug 50 02:01:18 GMT":        false,
		"Thu 18 Aug 2050 02:01:18 GMT":       false,
		"Thu, 18  Aug  2050 02:01:18 GMT":    false,
		"Thu, 18-Aug-2050 02:01:18 GMT":      false,
		"Thu, 18 Aug 2050 02.01.18 GMT":      false,
		"Thu, 18 Aug 2050 2:01:18 GMT":       false,
		"Thursday, 18-Aug-50 02:01:18 EST":   false,
		"Thu, 32 Aug 2050 02:01:18 GMT":      false,
		"Thu, 18 Aug 2050 02:01:18 GMT, now": false,
		"0":                                  false,
		"":                                   false,
	} {
		date, ok := parseDate(text)
		require.Equal(t, valid, ok, text)
		if valid {
			require.Equal(t, "2050-08-18T02:01:18Z", date.UTC().Format(time.RFC3339), text)
		}
	}
	date, _ := parseDate("Thu Aug  8 02:01:18 2050")
	require.Equal(t, 8, date.Day())
}
