package freshness

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
