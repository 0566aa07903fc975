package freshness

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge/cachecontrol"
)

// age is how many seconds ago the origin made an answer when it came: the more of what Date and Age say (RFC 9111, 4.2.3). Of a
// list the first item counts, and what is no number doesn't (RFC 9111, 5.1).
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

// dates are the three forms of a date (RFC 9110, 5.6.7). A layout alone would take spaces and digits in other numbers than these.
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
