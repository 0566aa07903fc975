package freshness

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFreshness has a row for each row and column of the table in the CloudFront Developer Guide, Manage how long content
// stays in the cache (expiration), and for each note below it.
func TestFreshness(t *testing.T) {
	came := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	in := func(seconds int) string {
		return came.Add(time.Duration(seconds) * time.Second).Format(http.TimeFormat)
	}
	zero, some := Bounds{0, 100, 1000, 10}, Bounds{50, 100, 1000, 10}
	for _, r := range []struct {
		name, cacheControl, expires string
		bounds                      Bounds
		want                        Lifetime
	}{
		{"max-age, minimum 0: the lesser of it and the maximum", "max-age=60", "", zero, Lifetime{60, 0, 940}},
		{"max-age, minimum 0: the lesser of it and the maximum, over it", "max-age=6000", "", zero, Lifetime{1000, 0, 0}},
		{"max-age between minimum and maximum", "max-age=60", "", some, Lifetime{60, 0, 940}},
		{"max-age under the minimum", "max-age=40", "", some, Lifetime{50, 0, 950}},
		{"max-age over the maximum", "max-age=2000", "", some, Lifetime{1000, 0, 0}},

		{"nothing, minimum 0: the default", "", "", zero, Lifetime{100, 0, 900}},
		{"nothing: the greater of minimum and default", "", "", some, Lifetime{100, 0, 900}},
		{"nothing: the greater of minimum and default, the minimum", "", "", Bounds{200, 100, 1000, 10}, Lifetime{200, 0, 800}},
		{"no max-age", "public", "", zero, Lifetime{100, 0, 900}},

		{"s-maxage, minimum 0: the lesser of it and the maximum", "max-age=60, s-maxage=70", "", zero, Lifetime{70, 0, 930}},
		{"s-maxage, minimum 0, over the maximum", "max-age=60, s-maxage=7000", "", zero, Lifetime{1000, 0, 0}},
		{"s-maxage between", "s-maxage=70, max-age=60", "", some, Lifetime{70, 0, 930}},
		{"s-maxage under the minimum", "s-maxage=7, max-age=60", "", some, Lifetime{50, 0, 950}},
		{"s-maxage over the maximum", "s-maxage=7000, max-age=60", "", some, Lifetime{1000, 0, 0}},

		{"Expires, minimum 0", "", in(60), zero, Lifetime{60, 0, 940}},
		{"Expires, minimum 0, after the maximum", "", in(6000), zero, Lifetime{1000, 0, 0}},
		{"Expires between", "", in(60), some, Lifetime{60, 0, 940}},
		{"Expires before the minimum", "", in(6), some, Lifetime{50, 0, 950}},
		{"Expires after the maximum", "", in(6000), some, Lifetime{1000, 0, 0}},
		{"Expires in the past", "", in(-60), zero, Lifetime{0, 0, 1000}},
		{"Expires that is no date", "", "0", zero, Lifetime{0, 0, 1000}},
		{"max-age is preferred to Expires", "max-age=60", in(600), zero, Lifetime{60, 0, 940}},

		{"no-cache, minimum 0", "no-cache", "", zero, Lifetime{0, 0, 1000}},
		{"no-store, minimum 0", "no-store", "", zero, Lifetime{0, 0, 1000}},
		{"private, minimum 0", "private, max-age=60", "", zero, Lifetime{0, 0, 1000}},
		{"no-cache: the minimum", "No-Cache", "", some, Lifetime{50, 0, 950}},
		{"no-store: the minimum", "no-store", "", some, Lifetime{50, 0, 950}},
		{"private: the minimum", "private", "", some, Lifetime{50, 0, 950}},
		{"no-cache that isn't to be served if the origin fails", "no-cache, stale-if-error=0", "", zero, Lifetime{}},
		{"no-cache of one header", `max-age=60, no-cache="Set-Cookie"`, "", zero, Lifetime{60, 0, 940}},

		// Serve stale (expired) content.
		{"stale-while-revalidate", "max-age=3600, stale-while-revalidate=600", "", Bounds{0, 0, year, 10}, Lifetime{3600, 600, year - 3600}},
		{"stale-if-error", "max-age=3600, stale-if-error=86400", "", Bounds{0, 0, year, 10}, Lifetime{3600, 0, 86400}},
		{"both", "max-age=3600, stale-while-revalidate=600, stale-if-error=86400", "", Bounds{0, 0, year, 10}, Lifetime{3600, 600, 86400}},
		{"not longer than the maximum", "max-age=900, stale-while-revalidate=600, stale-if-error=600", "", zero, Lifetime{900, 100, 100}},

		{"all bounds 0", "max-age=3600", "", Bounds{0, 0, 0, 10}, Lifetime{}},
		{"a value that is none", "max-age=x", "", zero, Lifetime{100, 0, 900}},
		{"more than a hundred years", "max-age=99999999999", "", Bounds{0, 0, 200 * year, 10}, Lifetime{100 * year, 0, 100 * year}},
	} {
		header := http.Header{}
		if r.cacheControl != "" {
			header.Set("Cache-Control", r.cacheControl)
		}
		if r.expires != "" {
			header.Set("Expires", r.expires)
		}
		require.Equal(t, r.want, Of(Answer{200, header, came}, r.bounds), r.name)
	}
	// Request and response behavior for custom origins, Content negotiation.
	require.Equal(t, Lifetime{0, 0, 1000}, Of(Answer{Status: 200, Header: http.Header{"Vary": {"*"}}}, zero))
	// How CloudFront processes HTTP 3xx status codes from your origin.
	for _, status := range []int{307, 308} {
		require.Equal(t, Lifetime{}, Of(Answer{Status: status}, zero))
		require.Equal(t, 60, Of(Answer{Status: status, Header: http.Header{"Cache-Control": {"max-age=60"}}}, zero).Fresh)
	}
	require.Equal(t, 100, Of(Answer{Status: 301}, zero).Fresh)
}

// TestFreshnessOfErrors has what the guide says in How CloudFront processes HTTP 4xx and 5xx status codes from your origin,
// and in Control how long CloudFront caches errors.
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
			require.Equal(t, Lifetime{Fresh: r.want}, Of(answer, bounds), "%s: %d", r.name, status)
		}
	}
	require.Equal(t, Lifetime{}, Of(Answer{Status: 500}, Bounds{ErrorMinTTL: 10}), "with CachingDisabled no error is kept")
}
